//! The zoning desk: every question of the zoning page, answered from the editions of a data folder.

mod assessments;
mod map;
mod materials;
mod reading;
mod screening;

pub use map::Tile;
pub use reading::pasted;
pub use screening::{Judged, Known, ScreenQuestion};

use super::answers::{EditionComparison, EditionCounts, EditionItem, EditionList, Marked};
use super::edition::Edition;
use super::form;
use super::industry::{self, Industry};
use super::tiles::Drawn;
use super::view::{Sight, View};
use crate::norm_files::Library;
use crate::office::today;
use crate::registry::editions::{Standing, Standings, content_of};
use exchange::{FeatureTable, Findings};
use geo::{BoundingRect, MapCoords};
use norms::{Day, Term};
use records::EditionState;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use zoning::InForce;
use zoning::crs::Crs;
use zoning::ground::Ground;
use zoning::shape::{Shape, ShapeFault};
use zoning::siting::{Choice, Detail, Wanted};

/// Before the key of a layer: the ground over which it was surveyed.
const COVERAGE: &str = "coverage:";
/// Days whose rules are kept.
const LAWS_KEPT: usize = 16;
/// Hits of a search.
const HITS_MAX: usize = 20;

/// Why the desk has no answer.
#[derive(Debug)]
pub enum DeskError {
    /// There is no such edition, layer, unit or tile.
    NotFound,
    /// The question is wrong: field, and why in Chinese and English.
    Bad(&'static str, String, String),
    /// Something failed here.
    Failed(anyhow::Error),
}

impl DeskError {
    /// Everything that is wrong with one field, in Chinese and English.
    fn all(field: &'static str, words: impl Iterator<Item = (String, String)>) -> Self {
        let (zh, en): (Vec<_>, Vec<_>) = words.unzip();
        Self::Bad(field, zh.join("；"), en.join("; "))
    }
}

type Answer<T> = Result<T, DeskError>;

/// All editions, ready for questions.
#[derive(Default)]
pub struct Desk {
    folder: PathBuf,
    /// Those that are open, by the first day that they are made for.
    editions: RwLock<Vec<&'static Open>>,
    /// What the records say of them.
    standings: RwLock<Arc<Standings>>,
    /// How often that was news.
    news: AtomicU64,
    laws: Mutex<HashMap<LawKey, Arc<InForce<'static>>>>,
    view: View,
    industries: Vec<Industry>,
    tiles: Mutex<HashMap<TileKey, Arc<Tile>>>,
    /// What changed between two editions, by their ids.
    comparisons: Mutex<HashMap<(String, String), EditionComparison>>,
}

/// An edition, a day, and the day on which the edition ends.
type LawKey = (String, Day, Option<Day>);

/// An edition, a layer, and the place of the tile.
type TileKey = (String, String, u8, u32, u32);

struct Open {
    folder: PathBuf,
    edition: Edition,
    /// Units, layers, and under `coverage:KEY` the ground over which a layer was surveyed.
    drawn: BTreeMap<String, Arc<Vec<Drawn>>>,
    /// The layers that a card shows: all.
    everything: Wanted,
}

impl Desk {
    /// Opens every edition below a folder; none when the folder is not there.
    ///
    /// # Errors
    /// When an edition cannot be read.
    pub fn open(folder: &Path, view: View, library: &Library) -> anyhow::Result<Self> {
        let folder = folder.to_owned();
        let desk = Self { folder, view, industries: industry::all(library), ..Self::default() };
        desk.open_new(library)?;
        Ok(desk)
    }

    /// Opens the editions whose folders have come since.
    ///
    /// # Errors
    /// When an edition cannot be read.
    pub fn open_new(&self, library: &Library) -> anyhow::Result<()> {
        if !self.folder.is_dir() {
            return Ok(());
        }
        let entries = std::fs::read_dir(&self.folder)?.filter_map(Result::ok).map(|entry| entry.path());
        let known = self.list();
        let new = |path: &PathBuf| {
            path.join("edition.toml").is_file()
                && !path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'))
                && !known.iter().any(|open| open.folder == *path)
        };
        let mut paths: Vec<_> = entries.filter(new).collect();
        paths.sort();
        for path in paths {
            let mut findings = Findings::new();
            let edition = Edition::open(&path, library, &mut findings)?;
            tracing::info!(edition = edition.id(), findings = findings.total(), "edition opened");
            // Editions do not change while the program runs, and the rules of a day are kept beside them: both live
            // to its end.
            let open = &*Box::leak(Box::new(Open::new(path, edition)));
            let mut editions = self.editions.write().unwrap_or_else(PoisonError::into_inner);
            editions.push(open);
            editions.sort_by_key(|open| open.edition.term().from);
        }
        Ok(())
    }

    fn list(&self) -> Vec<&'static Open> {
        self.editions.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The editions that are open.
    #[must_use]
    pub fn opened(&self) -> Vec<&'static Edition> {
        self.list().into_iter().map(|open| &open.edition).collect()
    }

    /// The name of a unit in the newest edition that has it.
    #[must_use]
    pub fn unit_name(&self, code: &str) -> Option<String> {
        let named = |open: &'static Open| open.edition.units.iter().find(|unit| unit.code == code);
        self.list().into_iter().rev().find_map(named).map(|unit| unit.name.clone())
    }

    /// Hears what the records say of the editions; true when that is news.
    pub fn hear(&self, standings: Standings) -> bool {
        let mut heard = self.standings.write().unwrap_or_else(PoisonError::into_inner);
        let news = **heard != standings;
        if news {
            *heard = Arc::new(standings);
            self.news.fetch_add(1, Ordering::Relaxed);
        }
        news
    }

    /// A number that changes whenever the records say something else of the editions.
    #[must_use]
    pub fn news(&self) -> u64 {
        self.news.load(Ordering::Relaxed)
    }

    /// Whether the records know editions as published whose folders are not open.
    #[must_use]
    pub fn waits_for_folders(&self, standings: &Standings) -> bool {
        let open = self.list();
        let published = standings.iter().filter(|(_, standing)| standing.state == EditionState::Published);
        published.into_iter().any(|(id, _)| !open.iter().any(|open| open.edition.id() == id))
    }

    /// What the records say of an edition; nothing when its folder is not what was put on record.
    fn standing(&self, edition: &Edition) -> Option<Standing> {
        let standings = self.standings.read().unwrap_or_else(PoisonError::into_inner);
        let standing = standings.get(edition.id())?;
        let same = content_of(edition).is_ok_and(|content| content == standing.content);
        same.then(|| standing.clone())
    }

    /// An edition that somebody may see: what is not published is for those who signed in.
    fn find(&self, id: &str, sight: Sight) -> Answer<&'static Open> {
        let found = self.list().into_iter().find(|open| open.edition.id() == id).ok_or(DeskError::NotFound)?;
        if sight == Sight::Public && !self.is_published(found) {
            return Err(DeskError::NotFound);
        }
        Ok(found)
    }

    fn is_published(&self, open: &Open) -> bool {
        self.standing(&open.edition).is_some_and(|standing| standing.state == EditionState::Published)
    }

    /// Every edition that somebody may see, with its term and what marks its answers.
    pub(crate) fn shelf(&self, sight: Sight) -> Vec<(&'static Edition, Term, Marked)> {
        let seen = self.seen(sight).into_iter();
        seen.map(|open| (&open.edition, self.term(&open.edition), self.mark(Some(open)))).collect()
    }

    /// The editions that somebody may see.
    fn seen(&self, sight: Sight) -> Vec<&'static Open> {
        let all = self.list().into_iter();
        all.filter(|open| sight == Sight::Staff || self.is_published(open)).collect()
    }

    /// How the map and the paper name and colour things.
    #[must_use]
    pub const fn view(&self) -> &View {
        &self.view
    }

    fn in_force(&self, day: Day) -> Option<&'static Open> {
        let holds = |open: &&'static Open| self.standing(&open.edition).is_some_and(|standing| standing.in_force(day));
        self.list().into_iter().rev().find(holds)
    }

    /// The edition whose law a day has; on a day without one the newest that was published, whose answer is then that
    /// an edition is missing.
    fn asked(&self, day: Day) -> Answer<&'static Open> {
        let newest = || self.seen(Sight::Public).last().copied();
        self.in_force(day).or_else(newest).ok_or(DeskError::NotFound)
    }

    /// Whether an edition is in force on a day.
    #[must_use]
    pub fn is_in_force(&self, id: &str, day: Day) -> bool {
        self.in_force(day).is_some_and(|open| open.edition.id() == id)
    }

    /// The day on which an edition ends.
    #[must_use]
    pub fn ends(&self, id: &str) -> Option<Day> {
        let open = self.list().into_iter().find(|open| open.edition.id() == id)?;
        self.term(&open.edition).to
    }

    /// The days of an edition: those of the records once it is published, else those that it is made for.
    fn term(&self, edition: &Edition) -> Term {
        self.standing(edition).map_or(edition.term(), |standing| standing.term)
    }

    /// The rules of an edition on a day: weighing a hundred thousand citations takes longer than a verdict.
    fn law(&self, open: &'static Open, day: Day, term: Term) -> Arc<InForce<'static>> {
        let place = (open.edition.id().to_owned(), day, term.to);
        if let Some(law) = self.laws.lock().unwrap_or_else(PoisonError::into_inner).get(&place) {
            return Arc::clone(law);
        }
        let law = Arc::new(open.edition.rules.on(day, term));
        let mut laws = self.laws.lock().unwrap_or_else(PoisonError::into_inner);
        if laws.len() >= LAWS_KEPT {
            laws.clear();
        }
        laws.insert(place, Arc::clone(&law));
        law
    }

    /// Weighs today's law before somebody asks: it takes longer than a verdict.
    pub fn make_ready(&self) {
        let today = today();
        if let Some(open) = self.in_force(today) {
            let _ = self.law(open, today, self.term(&open.edition));
        }
    }

    /// The mark of an edition; of all together when none is named.
    fn mark(&self, open: Option<&Open>) -> Marked {
        let synthetic = |open: &Open| open.edition.files.head.synthetic;
        Marked::new(open.map_or_else(|| self.list().into_iter().any(synthetic), synthetic))
    }

    /// The editions that somebody may see.
    #[must_use]
    pub fn editions(&self, sight: Sight) -> EditionList {
        let seen = self.seen(sight);
        let current = self.in_force(today()).or(seen.last().copied()).map(|open| open.edition.id().to_owned());
        let items = seen.iter().map(|open| open.summary(self.standing(&open.edition).as_ref())).collect();
        EditionList { current, items, cases: true, marked: self.mark(None) }
    }

    /// What changed between two editions.
    ///
    /// # Errors
    /// When there is no such edition.
    pub fn compare(&self, from: &str, to: &str, sight: Sight) -> Answer<EditionComparison> {
        let (old, new) = (self.find(from, sight)?, self.find(to, sight)?);
        // Editions do not change: what is between two of them is worked out once.
        let place = (from.to_owned(), to.to_owned());
        let kept = || self.comparisons.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = kept().get(&place) {
            return Ok(self.told(known.clone(), (old, new), sight));
        }
        // Rows of tables change by the hundred thousand; a page counts them, `edition diff` writes them all.
        let (clauses, conditions_changed) = old.edition.rules.diff_clauses(&new.edition.rules);
        let lineage = super::edition::lineage_of(&old.edition, &new.edition);
        let comparison = EditionComparison {
            units: lineage.changes.iter().map(form::unit_change).collect(),
            clauses: clauses.iter().map(form::rule_change).collect(),
            conditions_changed,
            layers: super::edition::layer_areas(&old.edition, &new.edition),
            marked: self.mark(Some(new)),
        };
        kept().insert(place, comparison.clone());
        Ok(self.told(comparison, (old, new), sight))
    }

    /// A comparison as somebody may see it.
    fn told(&self, mut comparison: EditionComparison, (old, new): (&Open, &Open), sight: Sight) -> EditionComparison {
        comparison.layers.retain(|layer| self.view.shows(&layer.key, sight));
        for veil in [self.veil(old, sight), self.veil(new, sight)] {
            comparison.clauses.iter_mut().for_each(|clause| veil.clause(clause));
        }
        comparison
    }
}

impl Open {
    fn new(folder: PathBuf, edition: Edition) -> Self {
        let mut drawn = BTreeMap::new();
        if let Some(units) = &edition.files.units {
            drawn.insert("units".to_owned(), Arc::new(draw(units, true)));
        }
        // Most layers were surveyed over the same ground.
        let mut grounds: BTreeMap<&str, Arc<Vec<Drawn>>> = BTreeMap::new();
        for layer in &edition.files.layers {
            drawn.insert(layer.entry.key.clone(), Arc::new(draw(&layer.table, false)));
            if let (Some(path), Some(table)) = (&layer.entry.coverage, &layer.coverage) {
                let ground = grounds.entry(path).or_insert_with(|| Arc::new(draw(table, false)));
                drawn.insert(format!("{COVERAGE}{}", layer.entry.key), Arc::clone(ground));
            }
        }
        let everything =
            Wanted { layers: Choice::All, outfall: edition.wanted.outfall.clone(), detail: Detail::Decision };
        Self { folder, edition, drawn, everything }
    }

    fn summary(&self, standing: Option<&Standing>) -> EditionItem {
        let head = &self.edition.files.head;
        let term = standing.map_or(self.edition.term(), |standing| standing.term);
        let day = |day: Option<Day>| day.map(|day| day.to_string());
        let clauses = self.edition.rules.clauses().len();
        EditionItem {
            id: head.id.clone(),
            title_zh: head.title_zh.clone(),
            title_en: head.title_en.clone(),
            from: day(term.from),
            to: day(term.to),
            hash: self.edition.files.hash.whole.clone(),
            state: standing.map_or("draft", |standing| standing.state.word()).to_owned(),
            synthetic: head.synthetic,
            counts: EditionCounts {
                units: self.edition.units.len(),
                layers: self.edition.files.layers.len(),
                clauses,
                conditions: self.edition.rules.len() - clauses,
                industries: self.edition.rules.industries().len(),
            },
        }
    }

    /// A shape on the edition's plane.
    fn on_plane(&self, crs: &Crs, shape: &Shape) -> Answer<Shape> {
        self.edition.on_plane(crs, shape).map_err(|fault| {
            DeskError::Bad(
                "geometry",
                format!("{}，{}", fault.zh(), fault.action_zh()),
                format!("{fault}, {}", fault.action_en()),
            )
        })
    }

    /// The ground that is asked about, on the edition's plane: a line with a width is its corridor.
    fn site(&self, crs: &Crs, shape: &Shape, corridor_m: Option<f64>) -> Answer<Shape> {
        let site = self.on_plane(crs, shape)?;
        let Some(width_m) = corridor_m else { return Ok(site) };
        site.corridor(width_m).map_err(|faults| {
            let words = |fault: &ShapeFault| {
                (format!("{}，{}", fault.zh(), fault.action_zh()), format!("{fault}, {}", fault.action_en()))
            };
            DeskError::all("corridor_m", faults.iter().map(words))
        })
    }

    /// The ground of a site; coverage of layers whose distance is asked reaches as far as rules ask.
    fn ground(&self, site: &Shape, outfall: Option<&Shape>, wanted: &Wanted) -> Ground {
        let mut ground = self.edition.map.ground(site, outfall, wanted);
        let asked = self.edition.map.ground(site, None, &self.edition.wanted);
        ground.layers.extend(asked.layers);
        ground
    }
}

/// The features of a table in longitude and latitude, ready to be drawn.
fn draw(table: &FeatureTable, units: bool) -> Vec<Drawn> {
    let Ok(Some(crs)) = table.crs.known() else { return Vec::new() };
    let (code, id, name, class) = (table.field("code"), table.field("id"), table.field("name"), table.field("class"));
    let draw = |feature: &exchange::Feature| {
        let text = |column: Option<usize>| {
            column.and_then(|column| feature.values.get(column)).filter(|text| !text.is_empty())
        };
        let shape = feature.shape.as_ref()?.try_map_coords(|c| crs.to_geographic(c)).ok()?;
        let named = text(code).or_else(|| text(id)).cloned().unwrap_or_else(|| feature.number.to_string());
        let class = if units { text(class).and_then(|class| class.parse().ok()) } else { None };
        shape.bounding_rect()?;
        Drawn::new(named, text(name).cloned().unwrap_or_default(), class, &shape)
    };
    table.features.iter().filter_map(draw).collect()
}
