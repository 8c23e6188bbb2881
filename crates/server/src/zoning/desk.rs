//! The zoning desk: every question of the zoning page, answered from the editions of a data folder.

use super::edition::Edition;
use super::industry::{self, Industry};
use super::tiles::{self, Drawn};
use super::view::View;
use crate::norm_files::Library;
use crate::office::today;
use exchange::{FeatureTable, Findings};
use geo::{BoundingRect, Geometry, MapCoords, Rect};
use norms::Day;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use zoning::crs::Crs;
use zoning::ground::{Coverage, Ground, Meeting};
use zoning::shape::{Consent, Shape, ShapeLimits, wkt};
use zoning::siting::{Choice, Detail, Wanted};
use zoning::{Facts, InForce, Judgements, Project, Surroundings, Trace};

/// Tiles that are kept.
const TILES_KEPT: usize = 8192;
/// Days whose rules are kept.
const LAWS_KEPT: usize = 16;
/// Hits of a search.
const HITS_MAX: usize = 20;
/// Rules that an answer lists beside those that decide.
const RULES_SHOWN_MAX: usize = 500;

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

type Answer<T> = Result<T, DeskError>;

/// All editions, ready for questions.
#[derive(Default)]
pub struct Desk {
    editions: Vec<&'static Open>,
    laws: Mutex<HashMap<(String, Day), Arc<InForce<'static>>>>,
    view: View,
    industries: Vec<Industry>,
    tiles: Mutex<HashMap<TileKey, Arc<Vec<u8>>>>,
}

type TileKey = (usize, String, u8, u32, u32);

struct Open {
    edition: Edition,
    drawn: BTreeMap<String, Vec<Drawn>>,
    /// The layers that a card shows: all.
    everything: Wanted,
}

/// A question about a site.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScreenQuestion {
    /// Id of the edition; the one in force on the day by default.
    #[serde(default)]
    pub edition: Option<String>,
    /// The day whose law is asked, today by default.
    #[serde(default)]
    pub as_of: Option<String>,
    /// Coordinate system of the geometry; without one the answer is that it is needed.
    #[serde(default)]
    pub crs: Option<String>,
    /// GeoJSON geometry, or `{"wkt": "…"}`.
    pub geometry: Value,
    /// Place of the outfall, in the same system.
    #[serde(default)]
    pub outfall: Option<Value>,
    /// What is known, by name.
    #[serde(default)]
    pub facts: serde_json::Map<String, Value>,
}

impl Desk {
    /// Opens every edition below a folder; none when the folder is not there.
    ///
    /// # Errors
    /// When an edition cannot be read.
    pub fn open(folder: &Path, view: View, library: &Library) -> anyhow::Result<Self> {
        let mut editions = Vec::new();
        if folder.is_dir() {
            let mut paths: Vec<_> =
                std::fs::read_dir(folder)?.filter_map(Result::ok).map(|entry| entry.path()).collect();
            paths.retain(|path| path.join("edition.toml").is_file());
            paths.sort();
            for path in paths {
                let mut findings = Findings::new();
                let edition = Edition::open(&path, library, &mut findings)?;
                tracing::info!(edition = edition.id(), findings = findings.total(), "edition opened");
                // Editions do not change while the program runs, and the rules of a day are kept beside them: both live
                // to its end.
                editions.push(&*Box::leak(Box::new(Open::new(edition))));
            }
        }
        editions.sort_by_key(|open| open.edition.term().from);
        Ok(Self { editions, view, industries: industry::all(library), ..Self::default() })
    }

    fn find(&self, id: &str) -> Answer<(usize, &'static Open)> {
        self.editions.iter().copied().enumerate().find(|(_, open)| open.edition.id() == id).ok_or(DeskError::NotFound)
    }

    fn in_force(&self, day: Day) -> Option<&'static Open> {
        self.editions.iter().copied().rev().find(|open| open.edition.term().contains(day))
    }

    /// The rules of an edition on a day: weighing a hundred thousand citations takes longer than a verdict.
    fn law(&self, open: &'static Open, day: Day) -> Arc<InForce<'static>> {
        let place = (open.edition.id().to_owned(), day);
        if let Some(law) = self.laws.lock().unwrap_or_else(PoisonError::into_inner).get(&place) {
            return Arc::clone(law);
        }
        let law = Arc::new(open.edition.rules.on(day, open.edition.term()));
        let mut laws = self.laws.lock().unwrap_or_else(PoisonError::into_inner);
        if laws.len() >= LAWS_KEPT {
            laws.clear();
        }
        laws.insert(place, Arc::clone(&law));
        law
    }

    fn marked(&self, open: Option<&Open>, mut answer: Value) -> Value {
        let synthetic = open.map_or_else(
            || self.editions.iter().any(|open| open.edition.files.head.synthetic),
            |open| open.edition.files.head.synthetic,
        );
        answer["synthetic"] = synthetic.into();
        if synthetic {
            answer["notice_zh"] =
                "模拟数据：界线、单元、图层和准入条件由程序生成，不是真实管控成果，不得作为任何依据。".into();
            answer["notice_en"] =
                "Simulated data: borders, units, layers and conditions are made by a program and evidence of nothing."
                    .into();
        }
        answer
    }

    /// The editions.
    #[must_use]
    pub fn editions(&self) -> Value {
        let items: Vec<Value> = self.editions.iter().map(|open| open.summary()).collect();
        let current = self.in_force(today()).or(self.editions.last().copied()).map(|open| open.edition.id());
        self.marked(None, json!({ "current": current, "items": items, "cases": false }))
    }

    /// The layers of an edition in groups, units first.
    ///
    /// # Errors
    /// When there is no such edition.
    pub fn layers(&self, id: &str) -> Answer<Value> {
        let (_, open) = self.find(id)?;
        let mut groups = vec![json!({
            "id": "units", "name_zh": "管控单元", "name_en": "Control units",
            "layers": [{
                "key": "units", "title_zh": "管控单元", "title_en": "Control units", "kind": "area",
                "features": open.edition.units.len(), "complete": true, "accuracy_m": 0.0, "touch_counts": false,
                "source": "", "protected": false, "classes": self.view.classes, "style": { "fill": "#d9d9d9", "stroke": "#636363", "hatch": null, "confidence": self.view.confidence },
            }],
        })];
        let names: Vec<&str> = self.view.groups.iter().map(|group| group.id.as_str()).collect();
        let layers =
            || open.edition.files.layers.iter().filter(|layer| !self.view.protected.contains(&layer.entry.key));
        let mut all: Vec<&str> = layers().map(|layer| layer.entry.group.as_str()).collect();
        all.sort_by_key(|name| (names.iter().position(|known| known == name).unwrap_or(usize::MAX), *name));
        all.dedup();
        for name in all {
            let group = self.view.groups.iter().find(|group| group.id == name);
            let (fill, stroke) =
                group.map_or(("#d9d9d9", "#636363"), |group| (group.fill.as_str(), group.stroke.as_str()));
            let entries: Vec<Value> = layers()
                .filter(|layer| layer.entry.group == name)
                .map(|layer| {
                    let entry = &layer.entry;
                    json!({
                        "key": entry.key, "title_zh": entry.title_zh, "title_en": entry.title_en, "kind": kind(&layer.table),
                        "features": layer.table.features.len(), "complete": entry.complete, "accuracy_m": entry.accuracy_m,
                        "touch_counts": entry.touch_counts, "source": entry.source, "protected": false,
                        "style": { "fill": fill, "stroke": stroke, "hatch": null, "confidence": self.view.confidence },
                    })
                })
                .collect();
            groups.push(json!({
                "id": name, "name_zh": if name.is_empty() { "其他" } else { name },
                "name_en": group.map_or("Other", |group| group.name_en.as_str()), "layers": entries,
            }));
        }
        Ok(self.marked(Some(open), json!({ "groups": groups })))
    }

    /// A vector tile.
    ///
    /// # Errors
    /// When there is no such layer or tile.
    pub fn tile(&self, id: &str, key: &str, z: u8, x: u32, y: u32) -> Answer<Arc<Vec<u8>>> {
        let (number, open) = self.find(id)?;
        if self.view.protected.iter().any(|protected| protected == key) {
            return Err(DeskError::NotFound);
        }
        let features = open.drawn.get(key).ok_or(DeskError::NotFound)?;
        let place = (number, key.to_owned(), z, x, y);
        if let Some(kept) = self.tiles.lock().unwrap_or_else(PoisonError::into_inner).get(&place) {
            return Ok(Arc::clone(kept));
        }
        let made = Arc::new(tiles::tile(key, features, z, x, y).ok_or(DeskError::NotFound)?);
        let mut kept = self.tiles.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= TILES_KEPT {
            kept.clear();
        }
        kept.insert(place, Arc::clone(&made));
        Ok(made)
    }

    /// Units, features and layers by code, name or initials of their pinyin.
    ///
    /// # Errors
    /// When there is no such edition.
    pub fn search(&self, id: &str, text: &str) -> Answer<Value> {
        let (_, open) = self.find(id)?;
        let wanted = text.trim().to_lowercase();
        let mut items = Vec::new();
        if !wanted.is_empty() {
            for (key, features) in &open.drawn {
                if self.view.protected.contains(key) {
                    continue;
                }
                let kind = if key == "units" { "unit" } else { "feature" };
                let hits = features.iter().filter(|feature| industry::matches(&wanted, &feature.id, &feature.name));
                items.extend(hits.take(HITS_MAX).map(|feature| {
                    json!({ "kind": kind, "layer": key, "id": feature.id, "name": feature.name, "extent": feature.degrees() })
                }));
            }
            items.sort_by_key(|item| {
                (item["kind"] != "unit", item["name"].as_str().unwrap_or_default().chars().count())
            });
            items.truncate(HITS_MAX);
        }
        Ok(self.marked(Some(open), json!({ "items": items })))
    }

    /// The card of a unit.
    ///
    /// # Errors
    /// When there is no such unit.
    pub fn unit(&self, id: &str, code: &str) -> Answer<Value> {
        let (_, open) = self.find(id)?;
        let edition = &open.edition;
        let unit = edition.units.iter().find(|unit| unit.code == code).ok_or(DeskError::NotFound)?;
        let class = self.view.class(unit.class);
        let control = zoning::measure::area_control(&edition.zone, &unit.areas).ok();
        let drawn = open.drawn.get("units").and_then(|units| units.iter().find(|drawn| drawn.id == code));
        let table = edition.files.units.as_ref();
        let row = table.and_then(|table| {
            let column = table.field("code")?;
            table.features.iter().find(|feature| feature.values.get(column).is_some_and(|value| value == code))
        });
        let text = |name: &str| {
            let column = table.and_then(|table| table.field(name));
            column.and_then(|column| row?.values.get(column)).cloned().unwrap_or_default()
        };
        let dimensions: Vec<Value> = self
            .view
            .dimensions
            .iter()
            .map(|one| json!({ "id": one.id, "name_zh": one.name_zh, "name_en": one.name_en, "text": text(&one.id) }))
            .collect();
        Ok(self.marked(
            Some(open),
            json!({
                "code": unit.code, "name": unit.name, "class": unit.class.to_string(),
                "class_name_zh": class.map(|class| class.name_zh.as_str()), "class_name_en": class.map(|class| class.name_en.as_str()),
                "district": text("county_name"), "area_plane_m2": zoning::measure::plane_area(&unit.areas),
                "area_ellipsoid_m2": control.map(|control| control.ellipsoid_m2), "extent": drawn.map(Drawn::degrees),
                "dimensions": dimensions, "ledger": rows_of(edition, "ledger.csv", code), "status": rows_of(edition, "status.csv", code),
                "conditions": edition.rules.conditions_of(code).count(),
            }),
        ))
    }

    /// The table conditions of a unit, for one industry or all.
    ///
    /// # Errors
    /// When there is no such edition.
    pub fn conditions(&self, id: &str, code: &str, industry: Option<&str>, from: usize, limit: usize) -> Answer<Value> {
        let (_, open) = self.find(id)?;
        let rows = open.edition.rules.conditions_of(code).filter(|row| industry.is_none_or(|code| row.concerns(code)));
        let mut rows = rows.skip(from);
        let items: Vec<Value> = rows.by_ref().take(limit).map(|row| json!(row)).collect();
        let next = rows.next().map(|_| (from + limit).to_string());
        Ok(self.marked(Some(open), json!({ "items": items, "next": next })))
    }

    /// What lies at a place.
    ///
    /// # Errors
    /// When there is no such edition, or no such place.
    pub fn identify(&self, id: &str, lon: f64, lat: f64) -> Answer<Value> {
        let (_, open) = self.find(id)?;
        let shape = checked(Geometry::Point(geo::Point::new(lon, lat)))?;
        let ground = open.ground(&Crs::Cgcs2000, &shape, None, &open.everything)?;
        let layers: Vec<Value> = open
            .edition
            .files
            .layers
            .iter()
            .filter(|layer| !self.view.protected.contains(&layer.entry.key))
            .filter_map(|layer| {
                let finding = ground.layers.get(&layer.entry.key)?;
                let features: Vec<Value> = finding.features.iter().map(|hit| json!({ "id": hit.id, "name": hit.name })).collect();
                (finding.meeting >= Meeting::Boundary).then(|| {
                    json!({ "key": layer.entry.key, "title_zh": layer.entry.title_zh, "title_en": layer.entry.title_en, "features": features })
                })
            })
            .collect();
        let units: Vec<Value> = ground
            .units
            .iter()
            .map(|unit| json!({ "code": unit.code, "name": unit.name, "class": unit.class.to_string() }))
            .collect();
        Ok(self.marked(Some(open), json!({ "units": units, "layers": layers })))
    }

    /// The fact dictionary as a form.
    ///
    /// # Errors
    /// When there is no such edition.
    pub fn facts(&self, id: &str) -> Answer<Value> {
        let (_, open) = self.find(id)?;
        let mut groups: Vec<(String, Vec<Value>)> = Vec::new();
        for fact in open.edition.rules.dictionary().facts() {
            let described = super::form::fact(fact);
            match groups.iter_mut().find(|(name, _)| *name == fact.group) {
                Some((_, facts)) => facts.push(described),
                None => groups.push((fact.group.clone(), vec![described])),
            }
        }
        let groups: Vec<Value> = groups
            .into_iter()
            .map(|(name, facts)| json!({ "id": name, "name_zh": name, "name_en": name, "facts": facts }))
            .collect();
        Ok(self.marked(Some(open), json!({ "groups": groups })))
    }

    /// Industries by code, name or initials of their pinyin.
    #[must_use]
    pub fn industries(&self, text: &str) -> Value {
        let wanted = text.trim().to_lowercase();
        let hits = self.industries.iter().filter(|one| industry::matches(&wanted, &one.code, &one.name));
        let mut items: Vec<&Industry> = hits.take(500).collect();
        items.sort_by_key(|one| (std::cmp::Reverse(one.code.len()), one.name.chars().count()));
        items.truncate(HITS_MAX);
        json!({ "items": items, "synthetic": false })
    }

    /// A verdict with everything that a person needs to follow it; nothing is stored.
    ///
    /// # Errors
    /// When the question is wrong.
    pub fn screen(&self, question: &ScreenQuestion) -> Answer<Value> {
        self.answer(question, |open, _, answer| Ok(self.marked(Some(open), answer)))
    }

    /// The trace of one rule or of all.
    ///
    /// # Errors
    /// When the question is wrong.
    pub fn trace(&self, question: &ScreenQuestion, rule: Option<&str>) -> Answer<Value> {
        self.answer(question, |open, trace, _| {
            let rules: Vec<Value> = trace
                .rules
                .iter()
                .filter(|one| rule.is_none_or(|rule| one.id == rule))
                .map(|one| json!({ "id": one.id, "tree": super::form::explanation(one) }))
                .collect();
            Ok(self.marked(Some(open), json!({ "rules": rules })))
        })
    }

    fn answer(
        &self,
        question: &ScreenQuestion,
        done: impl FnOnce(&Open, &Trace, Value) -> Answer<Value>,
    ) -> Answer<Value> {
        let day = match question.as_of.as_deref() {
            None | Some("") => today(),
            Some(text) => text
                .parse()
                .map_err(|_| DeskError::Bad("as_of", format!("“{text}”不是日期"), format!("“{text}” is no date")))?,
        };
        let open = match &question.edition {
            Some(id) => self.find(id)?.1,
            None => self.in_force(day).or(self.editions.last().copied()).ok_or(DeskError::NotFound)?,
        };
        let edition = &open.edition;
        let dictionary = edition.rules.dictionary();
        let facts = Facts::from_json(dictionary, &question.facts).map_err(|errors| {
            let (zh, en): (Vec<_>, Vec<_>) = errors
                .iter()
                .map(|error| {
                    (format!("{}：{}", error.field, error.message_zh), format!("{}: {}", error.field, error.message_en))
                })
                .unzip();
            DeskError::Bad("facts", zh.join("；"), en.join("; "))
        })?;
        let shape = geometry(&question.geometry)?;
        let outfall = question.outfall.as_ref().map(geometry).transpose()?;
        let crs = match question.crs.as_deref() {
            None | Some("") => None,
            Some(text) => Some(text.parse::<Crs>().map_err(|fault| {
                DeskError::Bad(
                    "crs",
                    format!("{}，{}", fault.zh(), fault.action_zh()),
                    format!("{fault}, {}", fault.action_en()),
                )
            })?),
        };
        let ground = match &crs {
            Some(crs) => open.ground(crs, &shape, outfall.as_ref(), &open.everything)?,
            None => Ground::default(),
        };
        let plane = crs.as_ref().and_then(|crs| edition.on_plane(crs, &shape).ok());
        let law = self.law(open, day);
        let judgements = Judgements::default();
        let project = Project {
            facts: &facts,
            ground: &ground,
            judgements: &judgements,
            submitted: None,
            crs_declared: crs.is_some(),
        };
        let around = Surroundings { ledger: &edition.ledger, status: &edition.status };
        let trace = law.trace(project, around, edition.id());
        let tolerance = law.tolerance(project, around);
        let questions: Vec<Value> = law
            .questions(project, around)
            .into_iter()
            .map(|one| {
                let kind = super::form::question_kind(&one);
                json!({
                    "fact": one.fact.clone().unwrap_or_else(|| one.missing.clone()), "missing": one.missing, "kind": kind,
                    "question_zh": one.question_zh, "question_en": one.question_en, "who_zh": super::form::who(one.answer),
                    "evidence_zh": one.evidence, "rules": one.rules, "can_prohibit": one.can_prohibit,
                })
            })
            .collect();
        let mover = |metres: f64, bearing: f64| {
            let moved = super::form::moved(plane.as_ref()?, metres, bearing)?;
            Some(edition.map.ground(&moved, None, &edition.wanted))
        };
        let remedies = law.remedies(project, around, Some(&mover));
        let nearest: Vec<Value> = remedies
            .iter()
            .map(|remedy| {
                let (kind, zh, en) = super::form::change(&remedy.change, dictionary);
                json!({ "kind": kind, "text_zh": zh, "text_en": en, "verdict": remedy.verdict })
            })
            .collect();
        let words = self.view.verdict(trace.verdict);
        let answer = json!({
            "edition": { "id": edition.id(), "title_zh": edition.files.head.title_zh, "title_en": edition.files.head.title_en, "hash": edition.files.hash.whole },
            "as_of": day.to_string(), "engine": trace.engine,
            "verdict": trace.verdict, "best": trace.best, "worst": trace.worst,
            "verdict_zh": words.map(|words| words.name_zh.as_str()), "verdict_en": words.map(|words| words.name_en.as_str()),
            "sentence_zh": words.map(|words| words.sentence_zh.as_str()), "sentence_en": words.map(|words| words.sentence_en.as_str()),
            "tolerance": { "minus": tolerance.shrunk, "zero": tolerance.drawn, "plus": tolerance.grown, "survey_needed": tolerance.within_tolerance },
            "geometry": super::form::geometry(&shape, plane.as_ref(), crs.as_ref(), edition.zone),
            "units": ground.units.iter().map(|unit| self.piece(unit)).collect::<Vec<_>>(), "tiled": ground.tiled,
            "layers": self.layers_met(open, &ground), "rules": super::form::rules(&trace, RULES_SHOWN_MAX),
            "not_applicable": trace.rules.iter().filter(|rule| rule.outcome == "not_applicable").count() + trace.rows_not_applicable,
            "questions": questions, "missing": trace.missing, "unverified_basis": trace.unverified_basis,
            "nearest": nearest, "nearest_none": remedies.is_empty() && matches!(trace.verdict, zoning::Verdict::Prohibited | zoning::Verdict::RestrictedUnmet),
            "ledger_as_of": trace.ledger_as_of, "status_as_of": trace.status_as_of,
        });
        done(open, &trace, answer)
    }

    fn piece(&self, unit: &zoning::ground::UnitPiece) -> Value {
        let class = self.view.class(unit.class);
        json!({
            "code": unit.code, "name": unit.name, "class": unit.class.to_string(), "size": unit.size, "share": unit.share, "sliver": unit.sliver,
            "class_name_zh": class.map(|class| class.name_zh.as_str()), "class_name_en": class.map(|class| class.name_en.as_str()),
        })
    }

    /// Layers that the site meets, and those that rules ask and cannot be sure of or measure to.
    fn layers_met(&self, open: &Open, ground: &Ground) -> Vec<Value> {
        let used = open.edition.rules.layers_used();
        let distances = open.edition.rules.distance_layers();
        open.edition
            .files
            .layers
            .iter()
            .filter_map(|layer| {
                let key = layer.entry.key.as_str();
                let finding = ground.layers.get(key)?;
                let asked =
                    used.contains(key) && (finding.coverage != Coverage::Complete || distances.contains_key(key));
                if (finding.meeting == Meeting::Apart && !asked)
                    || self.view.protected.iter().any(|protected| protected == key)
                {
                    return None;
                }
                let mut value = json!(finding);
                value["key"] = key.into();
                value["title_zh"] = layer.entry.title_zh.as_str().into();
                value["title_en"] = layer.entry.title_en.as_str().into();
                Some(value)
            })
            .collect()
    }

    /// Reads an upload or pasted text: its shapes in CGCS2000 when the system is known, else the systems that would put
    /// them into the city. Nothing is stored.
    ///
    /// # Errors
    /// When the declared system is not known, or the file is refused; the findings say why.
    pub fn reading(&self, name: &str, content: &[u8], declared: Option<&str>) -> Answer<Value> {
        let mut findings = Findings::new();
        let options = exchange::ReadOptions { crs: declared.map(str::to_owned), ..exchange::ReadOptions::default() };
        let read = exchange::read_features(&exchange::Source::Bytes { name, content }, &options, &mut findings);
        let Ok(table) = read else {
            let (zh, en): (Vec<_>, Vec<_>) = findings
                .kept()
                .iter()
                .map(|one| {
                    (format!("{}，{}", one.message_zh, one.action_zh), format!("{}, {}", one.message_en, one.action_en))
                })
                .unzip();
            return Err(DeskError::Bad("body", zh.join("；"), en.join("; ")));
        };
        let crs = table.crs.known().map_err(|fault| {
            DeskError::Bad(
                "crs",
                format!("{}，{}", fault.zh(), fault.action_zh()),
                format!("{fault}, {}", fault.action_en()),
            )
        })?;
        let bounds = table
            .features
            .iter()
            .filter_map(|feature| feature.shape.as_ref()?.bounding_rect())
            .reduce(|a, b| Rect::new(low(a.min(), b.min()), high(a.max(), b.max())));
        let features: Vec<Value> = table
            .features
            .iter()
            .map(|feature| {
                let carried = crs.and_then(|crs| feature.shape.as_ref()?.try_map_coords(|c| crs.to_geographic(c)).ok());
                json!({
                    "geometry": carried.as_ref().map(super::form::geojson),
                    "label": feature.values.iter().find(|value| !value.is_empty()),
                    "vertices": feature.shape.as_ref().map_or(0, geo::CoordsIter::coords_count),
                })
            })
            .collect();
        let candidates = match (crs, bounds) {
            (None, Some(bounds)) => self.candidates(bounds),
            _ => Vec::new(),
        };
        let findings = findings.kept();
        Ok(self.marked(
            None,
            json!({
                "crs": { "declared": crs.map(|crs| crs.name()), "candidates": candidates },
                "features": features, "findings": findings,
            }),
        ))
    }

    /// Systems that would put coordinates into the city of the newest edition.
    fn candidates(&self, given: Rect<f64>) -> Vec<Value> {
        let units = self.editions.last().and_then(|open| open.drawn.get("units")).map_or(&[][..], Vec::as_slice);
        let frame = units
            .iter()
            .map(Drawn::degrees)
            .reduce(|a, b| [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])]);
        let Some([west, south, east, north]) = frame else { return Vec::new() };
        let bounds = |west, south, east, north| zoning::plane::Bounds {
            min: geo::Coord { x: west, y: south },
            max: geo::Coord { x: east, y: north },
        };
        let frame = zoning::crs::CityFrame::new(bounds(west, south, east, north));
        let given = bounds(given.min().x, given.min().y, given.max().x, given.max().y);
        let candidates = frame.candidates(&given);
        let plain = candidates.iter().filter(|candidate| !candidate.swapped);
        plain
            .map(|one| json!({ "crs": one.crs.name(), "name_zh": one.test_zh, "name_en": one.test_en, "inside_city": true }))
            .collect()
    }

    /// What changed between two editions.
    ///
    /// # Errors
    /// When there is no such edition.
    pub fn compare(&self, from: &str, to: &str) -> Answer<Value> {
        let (old, new) = (self.find(from)?.1, self.find(to)?.1);
        let changes = old.edition.rules.diff(&new.edition.rules);
        // Rows of tables change by the hundred thousand; a page counts them, `edition diff` writes them all.
        let clauses = |edition: &Edition| -> BTreeSet<String> {
            edition.rules.clauses().iter().map(|rule| rule.id.clone()).collect()
        };
        let (before, after) = (clauses(&old.edition), clauses(&new.edition));
        let (own, rows): (Vec<_>, Vec<_>) =
            changes.iter().partition(|change| before.contains(change.id()) || after.contains(change.id()));
        let lineage = super::edition::lineage_of(&old.edition, &new.edition);
        let diff = json!({
            "units": lineage.changes.iter().map(super::form::unit_change).collect::<Vec<_>>(),
            "clauses": own.into_iter().map(super::form::rule_change).collect::<Vec<_>>(),
            "conditions_changed": rows.len(),
            "layers": super::edition::layer_areas(&old.edition, &new.edition),
        });
        Ok(self.marked(Some(new), diff))
    }
}

fn low(a: geo::Coord<f64>, b: geo::Coord<f64>) -> geo::Coord<f64> {
    geo::Coord { x: a.x.min(b.x), y: a.y.min(b.y) }
}

fn high(a: geo::Coord<f64>, b: geo::Coord<f64>) -> geo::Coord<f64> {
    geo::Coord { x: a.x.max(b.x), y: a.y.max(b.y) }
}

/// Pasted text as a table: well-known text, or a coordinate a line, of which three make an area and two a line.
#[must_use]
pub fn pasted(text: &str) -> String {
    let text = text.trim();
    let wkt = if text.starts_with(|c: char| c.is_ascii_alphabetic()) {
        text.to_owned()
    } else {
        let points: Vec<String> = text
            .lines()
            .map(|line| {
                line.replace(['，', ',', ';', '；', '\t'], " ").split_whitespace().collect::<Vec<_>>().join(" ")
            })
            .filter(|line| !line.is_empty())
            .collect();
        match points.as_slice() {
            [one] => format!("POINT({one})"),
            [_, _] => format!("LINESTRING({})", points.join(",")),
            [first, ..] if points.last() != Some(first) => format!("POLYGON(({},{first}))", points.join(",")),
            _ => format!("POLYGON(({}))", points.join(",")),
        }
    };
    format!("wkt\n\"{}\"\n", wkt.replace('"', ""))
}

fn rows_of(edition: &Edition, file: &str, code: &str) -> Vec<BTreeMap<String, String>> {
    let Some(text) = edition.files.text(file) else { return Vec::new() };
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.text.as_bytes());
    let rows = reader.deserialize::<BTreeMap<String, String>>().filter_map(Result::ok);
    rows.filter(|row| row.get("unit").is_some_and(|unit| unit == code)).collect()
}

fn kind(table: &FeatureTable) -> &'static str {
    match table.features.iter().find_map(|feature| feature.shape.as_ref()) {
        Some(Geometry::Point(_) | Geometry::MultiPoint(_)) => "point",
        Some(Geometry::LineString(_) | Geometry::MultiLineString(_) | Geometry::Line(_)) => "line",
        _ => "area",
    }
}

fn checked(geometry: Geometry<f64>) -> Answer<Shape> {
    let checked = Shape::check(geometry, ShapeLimits::UPLOAD, Consent::Refuse).map_err(|faults| {
        let zh =
            faults.iter().map(|fault| format!("{}，{}", fault.zh(), fault.action_zh())).collect::<Vec<_>>().join("；");
        let en = faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
        DeskError::Bad("geometry", zh, en)
    })?;
    Ok(checked.shape)
}

/// A shape from a GeoJSON geometry or `{"wkt": "…"}`.
fn geometry(value: &Value) -> Answer<Shape> {
    let bad = |zh: &str, en: &str| DeskError::Bad("geometry", zh.to_owned(), en.to_owned());
    if let Some(text) = value.get("wkt").and_then(Value::as_str) {
        let geometry = wkt::read(text, ShapeLimits::UPLOAD).map_err(|faults| {
            let first = faults.first();
            DeskError::Bad(
                "geometry",
                first.map(zoning::shape::ShapeFault::zh).unwrap_or_default(),
                first.map(ToString::to_string).unwrap_or_default(),
            )
        })?;
        return checked(geometry);
    }
    let text = json!({ "type": "Feature", "properties": {}, "geometry": value }).to_string();
    let mut findings = Findings::new();
    let source = exchange::Source::Bytes { name: "site.geojson", content: text.as_bytes() };
    let table = exchange::read_features(&source, &exchange::ReadOptions::default(), &mut findings)
        .map_err(|_| bad("不是 GeoJSON 几何图形", "it is no GeoJSON geometry"))?;
    let shape = table.features.into_iter().find_map(|feature| feature.shape);
    checked(shape.ok_or_else(|| bad("没有图形", "there is no shape"))?)
}

impl Open {
    fn new(edition: Edition) -> Self {
        let mut drawn = BTreeMap::new();
        if let Some(units) = &edition.files.units {
            drawn.insert("units".to_owned(), draw(units, true));
        }
        for layer in &edition.files.layers {
            drawn.insert(layer.entry.key.clone(), draw(&layer.table, false));
        }
        let everything =
            Wanted { layers: Choice::All, outfall: edition.wanted.outfall.clone(), detail: Detail::Decision };
        Self { edition, drawn, everything }
    }

    fn summary(&self) -> Value {
        let head = &self.edition.files.head;
        let day = |day: Option<Day>| day.map(|day| day.to_string());
        let clauses = self.edition.rules.clauses().len();
        json!({
            "id": head.id, "title_zh": head.title_zh, "title_en": head.title_en, "from": day(head.from), "to": day(head.to),
            "hash": self.edition.files.hash.whole, "state": "published", "synthetic": head.synthetic,
            "counts": {
                "units": self.edition.units.len(), "layers": self.edition.files.layers.len(), "clauses": clauses,
                "conditions": self.edition.rules.len() - clauses, "industries": self.edition.rules.industries().len(),
            },
        })
    }

    /// The ground of a site; coverage of layers whose distance is asked reaches as far as rules ask.
    fn ground(&self, crs: &Crs, shape: &Shape, outfall: Option<&Shape>, wanted: &Wanted) -> Answer<Ground> {
        let carry = |shape: &Shape| {
            self.edition.on_plane(crs, shape).map_err(|fault| {
                DeskError::Bad(
                    "geometry",
                    format!("{}，{}", fault.zh(), fault.action_zh()),
                    format!("{fault}, {}", fault.action_en()),
                )
            })
        };
        let (shape, outfall) = (carry(shape)?, outfall.map(carry).transpose()?);
        let mut ground = self.edition.map.ground(&shape, outfall.as_ref(), wanted);
        let asked = self.edition.map.ground(&shape, None, &self.edition.wanted);
        ground.layers.extend(asked.layers);
        Ok(ground)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pasted_coordinates_become_a_shape() {
        assert_eq!(pasted("118.1,24.5"), "wkt\n\"POINT(118.1 24.5)\"\n");
        assert_eq!(pasted("0 0\n1，0\n1,1\n"), "wkt\n\"POLYGON((0 0,1 0,1 1,0 0))\"\n");
        assert_eq!(pasted("POINT(1 2)"), "wkt\n\"POINT(1 2)\"\n");
    }

    #[test]
    fn an_undeclared_system_is_a_question() {
        let desk = Desk::default();
        let read = desk.reading("pasted.csv", pasted("118.1,24.5").as_bytes(), None).unwrap();
        assert!(read["crs"]["declared"].is_null() && read["features"][0]["geometry"].is_null());
        let read = desk.reading("pasted.csv", pasted("118.1,24.5").as_bytes(), Some("EPSG:4490")).unwrap();
        assert_eq!(read["features"][0]["geometry"]["coordinates"][0], 118.1);
        assert!(desk.reading("pasted.csv", b"a,b\n1,2\n", None).is_err());
    }
}
