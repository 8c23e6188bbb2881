//! Building an edition: everything is read, checked and written beside the target, then renamed; or nothing is.

use super::content::{GRID_DEGREES, GRID_METRES};
use super::manifest::{FileSource, LayerManifest, Manifest, TextSources};
use super::{EditionError, EditionFiles, LayerEntry, LayerFile, TextFile, content, layers, text, under_meanings};
use crate::spatial::{
    DeclaredCrs, FeatureTable, FieldAliases, Limits, ReadOptions, Source, SpatialError, read_features, write_geojson,
};
use crate::{Findings, Place, TextTable};
use csv::StringRecord;
use geo::{Coord, CoordsIter, Geometry, MapCoords};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use zoning::crs::Crs;
use zoning::shape::{Consent, Shape, ShapeLimits, ShapeNote};

/// What a build did.
#[derive(Clone, PartialEq, Debug)]
pub struct BuildReport {
    /// Id of the edition.
    pub id: String,
    /// Where it lies.
    pub folder: PathBuf,
    /// Content hash.
    pub hash: String,
    /// Number of units.
    pub units: usize,
    /// Key, features and vertices of each layer.
    pub layers: Vec<(String, usize, usize)>,
    /// Number of files of clauses.
    pub rules: usize,
    /// Name and rows of each decision table.
    pub tables: Vec<(String, usize)>,
}

/// Builds the edition that a manifest describes. Nothing stands at `output` unless everything was good.
///
/// # Errors
/// When something cannot be read or written, or a source has an error; the findings say which.
pub fn build(
    manifest_path: &Path,
    output: &Path,
    aliases: &FieldAliases,
    findings: &mut Findings,
) -> Result<BuildReport, EditionError> {
    let refused = || EditionError::Refused { path: manifest_path.display().to_string() };
    let io = |path: &Path| {
        let path = path.display().to_string();
        move |source| EditionError::Io { path, source }
    };
    let label = manifest_path.display().to_string();
    findings.set_file(&label);
    if output.symlink_metadata().is_ok() {
        findings.report("output_exists", Place { value: &output.display().to_string(), ..Place::default() });
        return Err(refused());
    }
    let text = text::read(manifest_path).map_err(io(manifest_path))?.text;
    let manifest = Manifest::read(&text, &label, findings).ok_or_else(refused)?;
    findings.set_file(&label);
    let crs = match manifest.head.crs.parse::<Crs>() {
        Ok(crs) => crs,
        Err(fault) => {
            findings.report("crs_unknown", Place { line: None, field: "crs", value: &fault.to_string() });
            return Err(refused());
        }
    };
    let base = manifest_path.parent().unwrap_or(Path::new("")).to_owned();
    let mut builder = Builder { base, crs, aliases, findings: Findings::new() };
    let read = builder.read(&manifest);
    let bad = builder.findings.has_errors();
    // Each finding keeps its own file.
    findings.append(builder.findings);
    let mut files = read?;
    if bad {
        return Err(refused());
    }
    files.hash = content::hash(&files);
    files.head.content_hash = Some(files.hash.whole.clone());

    let parent = output.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(parent).map_err(io(parent))?;
    let temporary = tempfile::Builder::new().prefix(".edition-").tempdir_in(parent).map_err(io(parent))?;
    write(&files, temporary.path()).map_err(io(temporary.path()))?;
    let built = temporary.keep();
    if let Err(source) = std::fs::rename(&built, output) {
        // The half-made folder is ours; that it cannot be removed either is the smaller trouble.
        let _ = std::fs::remove_dir_all(&built);
        return Err(EditionError::Io { path: output.display().to_string(), source });
    }
    File::open(parent).and_then(|folder| folder.sync_all()).map_err(io(parent))?;
    let vertices = |table: &FeatureTable| {
        table.features.iter().filter_map(|feature| feature.shape.as_ref()).map(CoordsIter::coords_count).sum::<usize>()
    };
    Ok(BuildReport {
        id: files.head.id.clone(),
        folder: output.to_owned(),
        hash: files.hash.whole.clone(),
        units: files.units.as_ref().map_or(0, |units| units.features.len()),
        layers: files
            .layers
            .iter()
            .map(|layer| (layer.entry.key.clone(), layer.table.features.len(), vertices(&layer.table)))
            .collect(),
        rules: files.rules.len(),
        tables: files.tables.iter().map(|table| (table.name.clone(), data_rows(&table.text))).collect(),
    })
}

fn data_rows(text: &str) -> usize {
    csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes()).records().filter(Result::is_ok).count()
}

struct Builder<'a> {
    base: PathBuf,
    crs: Crs,
    aliases: &'a FieldAliases,
    findings: Findings,
}

impl Builder<'_> {
    fn read(&mut self, manifest: &Manifest) -> Result<EditionFiles, EditionError> {
        let mut files = EditionFiles { head: manifest.head.clone(), ..EditionFiles::default() };
        files.head.crs = self.crs.name();
        files.head.area_crs = manifest.head.area_zone().map_or_else(String::new, |zone| Crs::Gauss(zone).name());
        files.units = self.spatial(manifest.units.as_ref())?;
        if manifest.units.is_none() {
            self.findings.report("edition_units_missing", Place::default());
        }
        files.outline = self.spatial(manifest.outline.as_ref())?;
        for layer in &manifest.layers {
            if let Some(layer) = self.layer(layer, files.outline.as_ref())? {
                files.layers.push(layer);
            }
        }
        files.layers.sort_by(|a, b| a.entry.key.cmp(&b.entry.key));
        files.rules = self.texts(&manifest.rules, &[".toml"])?;
        files.tables = self.texts(&manifest.tables, &[".csv", ".xlsx"])?;
        for (name, file) in &manifest.others {
            let path = self.base.join(file);
            self.findings.set_file(&path.display().to_string());
            match self.text(&path)? {
                Some(text) => {
                    files.others.insert((*name).to_owned(), TextFile { name: (*name).to_owned(), ..text });
                }
                None => self.findings.report("edition_file_missing", Place { value: file, ..Place::default() }),
            }
        }
        Ok(files)
    }

    fn layer(
        &mut self,
        layer: &LayerManifest,
        outline: Option<&FeatureTable>,
    ) -> Result<Option<LayerFile>, EditionError> {
        let source = FileSource {
            file: layer.file.clone(),
            layer: layer.layer.clone(),
            crs: layer.crs.clone(),
            repair: layer.repair,
        };
        let table = self.spatial(Some(&source))?;
        let coverage = match &layer.coverage {
            Some(source) if source.file == "outline" => {
                if outline.is_none() {
                    self.findings
                        .report("edition_file_missing", Place { line: None, field: "coverage", value: "outline" });
                }
                outline.cloned()
            }
            source => self.spatial(source.as_ref())?,
        };
        let file = match &layer.coverage {
            Some(source) if source.file == "outline" => Some("outline.geojson".to_owned()),
            Some(_) => Some(format!("coverage/{}.geojson", layers::stem_of(&layer.key))),
            None => None,
        };
        let entry = LayerEntry {
            key: layer.key.clone(),
            title_zh: layer.title_zh.clone(),
            title_en: layer.title_en.clone(),
            group: layer.group.clone(),
            style: layer.style.clone(),
            coverage: file,
            complete: layer.complete,
            accuracy_m: layer.accuracy_m,
            touch_counts: layer.touch_counts,
            source: layer.source.clone(),
            period: layer.period.clone(),
        };
        Ok(table.map(|table| LayerFile { entry, table, coverage }))
    }

    /// A source as it will stand in the edition: fields under their meanings, carried, on the grid, checked.
    fn spatial(&mut self, source: Option<&FileSource>) -> Result<Option<FeatureTable>, EditionError> {
        let Some(source) = source else { return Ok(None) };
        let path = self.base.join(&source.file);
        let options = ReadOptions { limits: Limits::own_data(), crs: source.crs.clone(), layer: source.layer.clone() };
        let table = match read_features(&Source::File(&path), &options, &mut self.findings) {
            Ok(table) => under_meanings(table, self.aliases),
            Err(SpatialError::Refused { .. }) => return Ok(None),
            Err(SpatialError::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {
                self.findings.set_file(&path.display().to_string());
                self.findings.report("edition_file_missing", Place::default());
                return Ok(None);
            }
            Err(SpatialError::Io { path, source }) => return Err(EditionError::Io { path, source }),
        };
        let table = self.known_fields(table);
        Ok(self.in_place(table, source.repair))
    }

    /// Without the fields whose meaning is not known: a format that cuts names would give them another one.
    fn known_fields(&mut self, mut table: FeatureTable) -> FeatureTable {
        let mut known = Vec::with_capacity(table.fields.len());
        for (place, field) in table.fields.iter().enumerate() {
            let twice = table.fields[..place].contains(field);
            known.push(!twice && self.aliases.meaning(field) == Some(field));
            if known[place] {
                continue;
            }
            let code = if twice { "field_twice" } else { "field_unknown" };
            self.findings.report(code, Place { line: None, field, value: "" });
        }
        let keep = |values: Vec<String>| -> Vec<String> {
            values.into_iter().zip(&known).filter(|(_, known)| **known).map(|(value, _)| value).collect()
        };
        table.fields = keep(std::mem::take(&mut table.fields));
        for feature in &mut table.features {
            feature.values = keep(std::mem::take(&mut feature.values));
        }
        table
    }

    fn in_place(&mut self, mut table: FeatureTable, repair: bool) -> Option<FeatureTable> {
        let from = match table.crs.known() {
            Ok(Some(crs)) => crs,
            Ok(None) => {
                self.findings.report("crs_missing", Place::default());
                return None;
            }
            Err(fault) => {
                let code = if fault.code() == "crs_datum_transform" { "datum_transform" } else { "crs_unknown" };
                self.findings.report(code, Place { value: &fault.to_string(), ..Place::default() });
                return None;
            }
        };
        if from != self.crs {
            let value = format!("{} → {}", from.name(), self.crs.name());
            self.findings.report("crs_carried", Place { value: &value, ..Place::default() });
        }
        let (to, grid) = (self.crs, if is_degrees(self.crs) { GRID_DEGREES } else { GRID_METRES });
        let consent = if repair { Consent::Repair } else { Consent::Refuse };
        for feature in &mut table.features {
            let Some(shape) = feature.shape.take() else { continue };
            let line = feature.line.or(Some(feature.number));
            let carried: Result<Geometry<f64>, zoning::crs::CrsFault> = shape.try_map_coords(|point| {
                // What is carried nowhere must be a place of its system too.
                if from == to {
                    from.to_geographic(point)?;
                }
                from.carry(&to, point).map(|point| on_grid(point, grid))
            });
            let carried = match carried {
                Ok(carried) => carried,
                Err(fault) => {
                    let place = Place { line, field: "", value: &fault.to_string() };
                    self.findings.report("crs_outside", place);
                    continue;
                }
            };
            match Shape::check(carried, ShapeLimits::MAP, consent) {
                Ok(checked) => {
                    if checked.notes.iter().any(|note| matches!(note, ShapeNote::Repaired { .. })) {
                        self.findings.report("shape_repaired", Place { line, ..Place::default() });
                    }
                    feature.shape = Some(checked.shape.geometry());
                }
                Err(faults) => {
                    for fault in faults.iter().take(10) {
                        let place = Place { line, field: fault.code(), value: &fault.to_string() };
                        self.findings.report("shape_invalid", place);
                    }
                }
            }
        }
        table.crs = self.crs.epsg().map_or_else(|| DeclaredCrs::Named(self.crs.name()), DeclaredCrs::Epsg);
        if let Some(code) = table.field("code") {
            table.features.sort_by(|a, b| a.values[code].cmp(&b.values[code]));
        }
        (1..).zip(&mut table.features).for_each(|(number, feature)| feature.number = number);
        Some(table)
    }

    fn texts(&mut self, sources: &TextSources, ends: &[&str]) -> Result<Vec<TextFile>, EditionError> {
        let mut texts: BTreeMap<String, TextFile> = BTreeMap::new();
        for source in &sources.0 {
            let path = self.base.join(source);
            let paths = if path.is_dir() {
                let names = super::list(&path).map_err(|source| io_error(&path, source))?;
                let fits = |name: &&String| ends.iter().any(|end| name.to_ascii_lowercase().ends_with(end));
                names.iter().filter(fits).map(|name| path.join(name)).collect()
            } else {
                vec![path]
            };
            for path in paths {
                self.findings.set_file(&path.display().to_string());
                match self.text(&path)? {
                    Some(text) if texts.contains_key(&text.name) => {
                        self.findings.report("edition_twice", Place { value: &text.name, ..Place::default() });
                    }
                    Some(text) => {
                        texts.insert(text.name.clone(), text);
                    }
                    None => self.findings.report("edition_file_missing", Place::default()),
                }
            }
        }
        Ok(texts.into_values().collect())
    }

    /// A text file, or a workbook as CSV; `None` when it does not exist.
    fn text(&mut self, path: &Path) -> Result<Option<TextFile>, EditionError> {
        if path.extension().is_some_and(|end| end.eq_ignore_ascii_case("xlsx")) {
            if !path.exists() {
                return Ok(None);
            }
            let text = sheet_as_csv(path, &mut self.findings).map_err(|source| io_error(path, source))?;
            let name = format!("{}.csv", path.file_stem().unwrap_or_default().to_string_lossy());
            return Ok(Some(TextFile { name, text }));
        }
        match text::read(path) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(io_error(path, source)),
        }
    }
}

fn io_error(path: &Path, source: std::io::Error) -> EditionError {
    EditionError::Io { path: path.display().to_string(), source }
}

fn sheet_as_csv(path: &Path, findings: &mut Findings) -> std::io::Result<String> {
    let mut table = TextTable::open(path, findings).map_err(std::io::Error::other)?;
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(table.header())?;
    let mut cells = StringRecord::new();
    while table.next_row(&mut cells, findings).is_some() {
        writer.write_record(&cells)?;
    }
    let bytes = writer.into_inner().map_err(csv::IntoInnerError::into_error)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

const fn is_degrees(crs: Crs) -> bool {
    matches!(crs, Crs::Cgcs2000 | Crs::Wgs84 | Crs::Gcj02 | Crs::Bd09)
}

/// The nearest point of the grid, written with as few digits as it needs.
fn on_grid(point: Coord<f64>, grid: f64) -> Coord<f64> {
    let per_unit = (1.0 / grid).round();
    let snap = |value: f64| (value * per_unit).round() / per_unit + 0.0;
    Coord { x: snap(point.x), y: snap(point.y) }
}

fn write(files: &EditionFiles, folder: &Path) -> std::io::Result<()> {
    let text = |name: &str, text: &str| -> std::io::Result<()> {
        let path = folder.join(name);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        let mut file = File::create(path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    };
    let table = |name: &str, table: &FeatureTable| -> std::io::Result<()> {
        let path = folder.join(name);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        let mut out = BufWriter::new(File::create(path)?);
        write_geojson(table, &mut out)?;
        out.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()
    };
    if let Some(units) = &files.units {
        table("units.geojson", units)?;
    }
    if let Some(outline) = &files.outline {
        table("outline.geojson", outline)?;
    }
    let file_of = |layer: &LayerFile| format!("layers/{}.geojson", layers::stem_of(&layer.entry.key));
    for layer in &files.layers {
        table(&file_of(layer), &layer.table)?;
        if let (Some(name), Some(coverage)) = (&layer.entry.coverage, &layer.coverage)
            && name.starts_with("coverage/")
        {
            table(name, coverage)?;
        }
    }
    let listed = layers::write(files.layers.iter().map(|layer| (&layer.entry, file_of(layer))));
    text("layers.csv", &listed.map_err(std::io::Error::other)?)?;
    for (folder, parts) in [("rules", &files.rules), ("tables", &files.tables)] {
        for part in parts {
            text(&format!("{folder}/{}", part.name), &part.text)?;
        }
    }
    for (name, part) in &files.others {
        text(name, &part.text)?;
    }
    let mut head = files.head.write();
    head.push_str("\n# Content hash of each part.\n[parts]\n");
    for (name, part) in &files.hash.parts {
        head.push_str(&format!("{} = \"{part}\"\n", toml::Value::String(name.clone())));
    }
    text("edition.toml", &head)
}
