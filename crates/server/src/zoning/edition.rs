//! An edition made ready: its map on a plane, its rules, what its units have left and how they stand.

use super::answers::LayerChange;
use super::plane::plane_of;
use crate::norm_files::Library;
use anyhow::Context;
use exchange::edition::{EditionFiles, LayerFile};
use exchange::{FeatureTable, FieldAliases, Findings, Place};
use geo::MultiPolygon;
use norms::Term;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use zoning::crs::{Crs, Zone};
use zoning::lineage::{Lineage, LineageRules, lineage};
use zoning::shape::{Consent, Parts, Shape, ShapeLimits};
use zoning::siting::{Choice, Detail, EditionMap, FeatureSource, LayerSource, Tolerances, UnitSource, Wanted};
use zoning::{JudgementTable, Ledger, RuleFile, RuleFiles, RuleSet, Status};

/// An edition that can be asked.
#[derive(Debug)]
pub struct Edition {
    /// What the folder said.
    pub files: EditionFiles,
    /// Its plane.
    pub zone: Zone,
    /// Units with their ground on the plane, as drawn.
    pub units: Vec<UnitSource>,
    /// The city: its outline, or what its units cover together.
    pub city: MultiPolygon<f64>,
    /// Units and layers, indexed.
    pub map: EditionMap,
    /// Its clauses and tables.
    pub rules: RuleSet,
    /// What units have left.
    pub ledger: Ledger,
    /// How units stand.
    pub status: Status,
    /// What officials determined, by project.
    pub judgements: JudgementTable,
    /// The layers that rules ask, for bulk work.
    pub wanted: Wanted,
}

impl Edition {
    /// Opens a folder. What is wrong with a part is a finding; that part then has no answer.
    ///
    /// # Errors
    /// When the folder or a file in it cannot be read, or its coordinate system is not known.
    pub fn open(folder: &Path, library: &Library, findings: &mut Findings) -> anyhow::Result<Self> {
        let files = exchange::edition::read(folder, &aliases(library)?, findings)?;
        let (rules, found) = RuleSet::load(&rule_files(&files, library));
        found.into_iter().for_each(|finding| findings.add(finding));
        let zone = plane_of(&files)?;
        let units = units(&files, zone, findings);
        let city = city_outline(&files, zone, &units, findings);
        let layers = layers(&files, zone, &city, findings);
        let text =
            |name: &str| files.text(name).map(|file| RuleFile::new(name, file.text.as_str())).unwrap_or_default();
        let (ledger, found) = Ledger::load(&text("ledger.csv"));
        found.into_iter().for_each(|finding| findings.add(finding));
        let (status, found) = Status::load(&text("status.csv"), rules.dictionary());
        found.into_iter().for_each(|finding| findings.add(finding));
        let (judgements, found) = JudgementTable::load(&text("judgements.csv"));
        found.into_iter().for_each(|finding| findings.add(finding));
        let wanted = wanted(&rules);
        let map = EditionMap::new(Some(zone), units.clone(), layers, Tolerances::default());
        Ok(Self { files, zone, units, city, map, rules, ledger, status, judgements, wanted })
    }

    /// Id of the edition.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.files.head.id
    }

    /// When it is in force.
    #[must_use]
    pub const fn term(&self) -> Term {
        Term { from: self.files.head.from, to: self.files.head.to }
    }

    /// A shape of a declared system on the edition's plane.
    ///
    /// # Errors
    /// When a coordinate cannot be one of that system, or lies outside of the plane.
    pub fn on_plane(&self, crs: &Crs, shape: &Shape) -> Result<Shape, zoning::crs::CrsFault> {
        crs.carry_shape(&Crs::Gauss(self.zone), shape)
    }
}

/// Key of each park → the units it lies in; none when the folder holds no units.
///
/// # Errors
/// When the folder or a file in it cannot be read.
pub fn parks_of(folder: &Path, library: &Library) -> anyhow::Result<Option<BTreeMap<String, BTreeSet<String>>>> {
    if !folder.join("edition.toml").exists() {
        return Ok(None);
    }
    let edition = Edition::open(folder, library, &mut Findings::new())?;
    let units = |layer: &LayerFile| -> BTreeSet<String> {
        let shapes = on_plane(&layer.table, edition.zone, &layer.entry.key, &mut Findings::new());
        let pieces = shapes.iter().flat_map(|(_, shape)| edition.map.ground(shape, None, &Wanted::default()).units);
        pieces.map(|piece| piece.code).collect()
    };
    let parks = edition.files.layers.iter().filter_map(|layer| Some((layer.entry.key.strip_prefix("park:")?, layer)));
    let parks = parks.map(|(park, layer)| (park.to_owned(), units(layer))).collect();
    Ok((!edition.units.is_empty()).then_some(parks))
}

/// The rules of a folder alone, without its map: for `rules check` and `rules lint`.
///
/// The folder is an edition, or holds files of clauses (`.toml`) and tables (`.csv`) itself.
///
/// # Errors
/// When a file cannot be read.
pub fn rules_of(folder: &Path, library: &Library) -> anyhow::Result<RuleFiles> {
    let mut files = standing(library);
    let is_edition = ["rules", "tables", "edition.toml"].iter().any(|name| folder.join(name).exists());
    let places = if is_edition {
        vec![folder.join("rules"), folder.join("tables"), folder.to_owned()]
    } else {
        vec![folder.to_owned()]
    };
    for place in places.iter().filter(|place| place.is_dir()) {
        let mut paths: Vec<_> = std::fs::read_dir(place)
            .with_context(|| format!("{}: 无法读取 / cannot be read", place.display()))?
            .collect::<Result<Vec<_>, _>>()?
            .into_iter()
            .map(|entry| entry.path())
            .collect();
        paths.sort();
        for path in paths {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let end = path.extension().map(|end| end.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
            let list = match (name.as_str(), end.as_str()) {
                ("facts.toml", _) => &mut files.facts,
                ("citations.csv", _) => &mut files.citations,
                ("edition.toml" | "manifest.toml" | "status.toml", _) => continue,
                ("ledger.csv" | "status.csv" | "judgements.csv" | "layers.csv", _) => continue,
                (name, "toml") if name.ends_with(".examples.toml") => &mut files.examples,
                (_, "toml") if !(is_edition && place == folder) => &mut files.rules,
                (_, "csv") if !(is_edition && place == folder) => &mut files.tables,
                _ => continue,
            };
            let text =
                std::fs::read(&path).with_context(|| format!("{}: 无法读取 / cannot be read", path.display()))?;
            list.push(RuleFile::new(path.display().to_string(), String::from_utf8_lossy(&text).into_owned()));
        }
    }
    Ok(files)
}

/// The dictionary, instruments and words that every edition starts from.
fn standing(library: &Library) -> RuleFiles {
    let of = |path: &str| {
        let files = library.files.iter().filter(|file| file.path == path);
        files.map(|file| RuleFile::new(format!("norms/{path}"), file.text.as_str())).collect::<Vec<_>>()
    };
    RuleFiles {
        facts: of("zoning/facts.toml"),
        citations: of("zoning/instruments.csv"),
        words: of("zoning/words.toml"),
        ..RuleFiles::default()
    }
}

/// Field names and what they mean.
///
/// # Errors
/// When the table of aliases is wrong.
pub fn aliases(library: &Library) -> anyhow::Result<FieldAliases> {
    let file = library.files.iter().find(|file| file.path == "zoning/fields.csv");
    Ok(FieldAliases::read(file.map_or("", |file| file.text.as_str()))?)
}

fn rule_files(files: &EditionFiles, library: &Library) -> RuleFiles {
    let named = |folder: &'static str| {
        move |file: &exchange::edition::TextFile| RuleFile::new(format!("{folder}{}", file.name), file.text.as_str())
    };
    let mut all = standing(library);
    all.facts.extend(files.text("facts.toml").map(named("")));
    all.citations.extend(files.text("citations.csv").map(named("")));
    let (examples, rules): (Vec<_>, Vec<_>) =
        files.rules.iter().partition(|file| file.name.ends_with(".examples.toml"));
    all.rules = rules.into_iter().map(named("rules/")).collect();
    all.examples = examples.into_iter().map(named("rules/")).collect();
    all.tables = files.tables.iter().map(named("tables/")).collect();
    all
}

/// The layers that rules ask, each with the farthest distance that one asks of it.
fn wanted(rules: &RuleSet) -> Wanted {
    let distances = rules.distance_layers();
    // A distance that is compared with no constant can matter however far it is.
    let reach = |key: &str| distances.get(key).map_or(0.0, |limit| limit.unwrap_or(f64::INFINITY).max(0.0));
    let keys: BTreeMap<String, f64> = rules.layers_used().into_iter().map(|key| (key.to_owned(), reach(key))).collect();
    let outfall = rules.outfall_layers().into_iter().map(|key| (key.to_owned(), 0.0)).collect();
    Wanted { layers: Choice::Keys(keys), outfall: Choice::Keys(outfall), detail: Detail::Decision }
}

/// The shapes of a table on the plane, with the number of their row; a shape that is none is a finding.
fn on_plane(table: &FeatureTable, zone: Zone, file: &str, findings: &mut Findings) -> Vec<(usize, Shape)> {
    findings.set_file(file);
    let Ok(Some(crs)) = table.crs.known() else { return Vec::new() };
    let plane = Crs::Gauss(zone);
    let mut shapes = Vec::with_capacity(table.features.len());
    for (number, feature) in table.features.iter().enumerate() {
        let Some(geometry) = feature.shape.clone() else { continue };
        let line = feature.line.or(Some(feature.number));
        match Shape::check(geometry, ShapeLimits::MAP, Consent::Refuse) {
            Ok(checked) => match crs.carry_shape(&plane, &checked.shape) {
                Ok(shape) => shapes.push((number, shape)),
                Err(fault) => {
                    findings.report("coordinate_range", Place { line, field: "geometry", value: &fault.to_string() });
                }
            },
            Err(faults) => {
                for fault in faults {
                    findings.report(
                        "shape_invalid",
                        Place { line, field: "geometry", value: &format!("{} / {fault}", fault.zh()) },
                    );
                }
            }
        }
    }
    shapes
}

fn areas(shape: &Shape) -> Option<MultiPolygon<f64>> {
    match shape.parts() {
        Parts::Areas(areas) => Some(areas.clone()),
        _ => None,
    }
}

fn units(files: &EditionFiles, zone: Zone, findings: &mut Findings) -> Vec<UnitSource> {
    let Some(table) = &files.units else { return Vec::new() };
    let column = |name: &str| table.field(name);
    let (code, name, class) = (column("code"), column("name"), column("class"));
    let text = |row: usize, column: Option<usize>| {
        column.and_then(|column| table.features[row].values.get(column)).map_or("", String::as_str)
    };
    on_plane(table, zone, "units", findings)
        .into_iter()
        .filter_map(|(row, shape)| {
            let code = text(row, code).to_owned();
            let stated = text(row, class);
            let digit =
                stated.parse().ok().or_else(|| zoning::codes::Class::in_text(stated).map(zoning::codes::Class::digit));
            // The eighth digit of a national unit code is its class.
            let coded =
                code.as_bytes().get(8).filter(|_| code.starts_with("ZH") && code.len() == 13).map(|byte| byte - b'0');
            Some(UnitSource {
                class: digit.or(coded).unwrap_or(0),
                name: text(row, name).to_owned(),
                areas: areas(&shape)?,
                code,
            })
        })
        .collect()
}

/// Layers on the plane, on all processors. A layer that says it is complete, and not where, is complete for the city.
fn layers(files: &EditionFiles, zone: Zone, city: &MultiPolygon<f64>, findings: &mut Findings) -> Vec<LayerSource> {
    // Most layers were surveyed over the same ground: each coverage is checked and carried once.
    let mut coverages: BTreeMap<&str, MultiPolygon<f64>> = BTreeMap::new();
    for layer in &files.layers {
        if let (Some(path), Some(table)) = (&layer.entry.coverage, &layer.coverage) {
            coverages.entry(path).or_insert_with(|| {
                let shapes = on_plane(table, zone, path, findings);
                shapes.iter().filter_map(|(_, shape)| areas(shape)).flatten().collect()
            });
        }
    }
    let done: Vec<Mutex<Option<(LayerSource, Findings)>>> = files.layers.iter().map(|_| Mutex::new(None)).collect();
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(layer) = files.layers.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let mut found = Findings::new();
                    let source = layer_source(layer, zone, city, &coverages, &mut found);
                    let place = files.layers.iter().position(|other| other.entry.key == layer.entry.key);
                    if let Some(slot) = place.and_then(|place| done.get(place)) {
                        *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some((source, found));
                    }
                }
            });
        }
    });
    let ready = done.into_iter().filter_map(|slot| slot.into_inner().unwrap_or_else(PoisonError::into_inner));
    ready
        .map(|(layer, found)| {
            findings.append(found);
            layer
        })
        .collect()
}

fn layer_source(
    layer: &LayerFile,
    zone: Zone,
    city: &MultiPolygon<f64>,
    coverages: &BTreeMap<&str, MultiPolygon<f64>>,
    findings: &mut Findings,
) -> LayerSource {
    let entry = &layer.entry;
    let file = format!("layers/{}", entry.key);
    let table = &layer.table;
    let (code, id, name) = (table.field("code"), table.field("id"), table.field("name"));
    let text = |row: usize, column: Option<usize>| {
        let value = column.and_then(|column| table.features[row].values.get(column));
        value.filter(|value| !value.is_empty()).cloned()
    };
    let features = on_plane(table, zone, &file, findings)
        .into_iter()
        .map(|(row, shape)| FeatureSource {
            id: text(row, code).or_else(|| text(row, id)).unwrap_or_else(|| (row + 1).to_string()),
            name: text(row, name).unwrap_or_default(),
            shape,
        })
        .collect();
    let coverage = match &entry.coverage {
        Some(path) => coverages.get(path.as_str()).cloned(),
        None => (entry.complete && !city.0.is_empty()).then(|| city.clone()),
    };
    LayerSource {
        key: entry.key.clone(),
        accuracy_m: entry.accuracy_m,
        touch_counts: entry.touch_counts,
        complete: entry.complete,
        coverage,
        features,
    }
}

/// The city: its outline, or what its units cover together.
fn city_outline(files: &EditionFiles, zone: Zone, units: &[UnitSource], findings: &mut Findings) -> MultiPolygon<f64> {
    let drawn = files.outline.as_ref().map(|table| on_plane(table, zone, "outline", findings));
    match drawn.filter(|shapes| !shapes.is_empty()) {
        Some(shapes) => shapes.iter().filter_map(|(_, shape)| areas(shape)).flatten().collect(),
        None => geo::algorithm::bool_ops::unary_union(units.iter().map(|unit| &unit.areas)),
    }
}

/// What changed from one edition to another.
#[must_use]
pub fn diff(old: &Edition, new: &Edition) -> serde_json::Value {
    let lineage = lineage_of(old, new);
    let keys = |edition: &Edition| -> BTreeSet<String> {
        edition.files.layers.iter().map(|layer| layer.entry.key.clone()).collect()
    };
    let changed: Vec<&String> = old
        .files
        .hash
        .parts
        .iter()
        .filter(|(part, hash)| {
            part.starts_with("layer/") && new.files.hash.parts.get(*part).is_some_and(|other| other != *hash)
        })
        .map(|(part, _)| part)
        .collect();
    serde_json::json!({
        "from": { "id": old.id(), "hash": old.files.hash.whole },
        "to": { "id": new.id(), "hash": new.files.hash.whole },
        "units": lineage.changes,
        "matrix": lineage.matrix,
        "layers": {
            "added": keys(new).difference(&keys(old)).collect::<Vec<_>>(),
            "removed": keys(old).difference(&keys(new)).collect::<Vec<_>>(),
            "changed": changed,
        },
        "clauses": old.rules.diff(&new.rules),
        "synthetic": old.files.head.synthetic || new.files.head.synthetic,
    })
}

/// What became of the units.
#[must_use]
pub fn lineage_of(old: &Edition, new: &Edition) -> Lineage {
    fn ground(edition: &Edition) -> Vec<(&str, &MultiPolygon<f64>)> {
        edition.units.iter().map(|unit| (unit.code.as_str(), &unit.areas)).collect()
    }
    lineage(&ground(old), &ground(new), &LineageRules::default())
}

/// The area of each layer before and after, for those that changed; m² of the plane, overlaps of its own areas counted twice.
#[must_use]
pub fn layer_areas(old: &Edition, new: &Edition) -> Vec<LayerChange> {
    let area = |edition: &Edition, key: &str| {
        let layer = edition.files.layers.iter().find(|layer| layer.entry.key == key)?;
        let shapes = on_plane(&layer.table, edition.zone, key, &mut Findings::new());
        Some(
            shapes
                .iter()
                .filter_map(|(_, shape)| areas(shape))
                .map(|areas| zoning::measure::plane_area(&areas))
                .sum::<f64>(),
        )
    };
    let parts = |edition: &Edition| edition.files.hash.parts.clone();
    let (before, after) = (parts(old), parts(new));
    let keys: BTreeSet<&String> =
        before.keys().chain(after.keys()).filter(|part| before.get(*part) != after.get(*part)).collect();
    keys.into_iter()
        .filter_map(|part| part.strip_prefix("layer/"))
        .map(|key| LayerChange { key: key.to_owned(), from_area_m2: area(old, key), to_area_m2: area(new, key) })
        .collect()
}
