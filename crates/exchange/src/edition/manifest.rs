//! The manifest of a build: where each part of an edition comes from. Paths are relative to the manifest.

use super::head::{EditionHead, Loose};
use crate::{Findings, Place};
use serde::Deserialize;

/// Where a spatial part comes from.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(from = "RawSource")]
pub struct FileSource {
    /// File.
    pub file: String,
    /// Layer in it, when it holds several.
    pub layer: Option<String>,
    /// Coordinate system, when the file declares none.
    pub crs: Option<String>,
    /// Whether boundaries that cross themselves may be repaired.
    pub repair: bool,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum RawSource {
    File(String),
    Table {
        file: String,
        layer: Option<String>,
        crs: Option<String>,
        #[serde(default)]
        repair: bool,
    },
}

impl From<RawSource> for FileSource {
    fn from(raw: RawSource) -> Self {
        match raw {
            RawSource::File(file) => Self { file, layer: None, crs: None, repair: false },
            RawSource::Table { file, layer, crs, repair } => Self { file, layer, crs, repair },
        }
    }
}

/// A layer of the manifest.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LayerManifest {
    /// Key that rules name.
    pub key: String,
    /// File.
    pub file: String,
    /// Layer in it, when it holds several.
    pub layer: Option<String>,
    /// Coordinate system, when the file declares none.
    pub crs: Option<String>,
    /// Whether boundaries that cross themselves may be repaired.
    #[serde(default)]
    pub repair: bool,
    /// Where it was surveyed: a file, or the word `outline`.
    pub coverage: Option<FileSource>,
    /// Whether it shows everything there is where it was surveyed.
    #[serde(default)]
    pub complete: bool,
    /// Positional accuracy in metres.
    #[serde(default)]
    pub accuracy_m: f64,
    /// Whether a shared boundary counts as touching.
    #[serde(default)]
    pub touch_counts: bool,
    /// Who delivered it.
    #[serde(default)]
    pub source: String,
    /// For which period or day it stands.
    #[serde(default)]
    pub period: String,
    /// Name of its style.
    #[serde(default)]
    pub style: String,
    /// Title in Chinese.
    #[serde(default)]
    pub title_zh: String,
    /// Title in English.
    #[serde(default)]
    pub title_en: String,
    /// Group in the list of layers.
    #[serde(default)]
    pub group: String,
}

/// One or several files or folders.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(from = "RawSources")]
pub struct TextSources(pub Vec<String>);

#[derive(Deserialize)]
#[serde(untagged)]
enum RawSources {
    One(String),
    Several(Vec<String>),
}

impl From<RawSources> for TextSources {
    fn from(raw: RawSources) -> Self {
        match raw {
            RawSources::One(one) => Self(vec![one]),
            RawSources::Several(several) => Self(several),
        }
    }
}

/// Where every part of an edition comes from.
#[derive(Clone, PartialEq, Debug)]
pub struct Manifest {
    /// Id, city, coordinate system and term.
    pub head: EditionHead,
    /// Control units.
    pub units: Option<FileSource>,
    /// Outline of the city.
    pub outline: Option<FileSource>,
    /// Element layers.
    pub layers: Vec<LayerManifest>,
    /// Clauses: `.toml` files, or folders of them.
    pub rules: TextSources,
    /// Decision tables: `.csv` or `.xlsx` files, or folders of them.
    pub tables: TextSources,
    /// `facts.toml`, `ledger.csv`, `status.csv`, `judgements.csv`, `citations.csv`: name in the edition and file.
    pub others: Vec<(&'static str, String)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    id: String,
    #[serde(default)]
    city: Loose,
    crs: Loose,
    #[serde(default)]
    area_crs: Loose,
    from: Loose,
    to: Option<Loose>,
    #[serde(default)]
    title_zh: String,
    #[serde(default)]
    title_en: String,
    #[serde(default)]
    synthetic: bool,
    units: Option<FileSource>,
    outline: Option<FileSource>,
    #[serde(default)]
    rules: TextSources,
    #[serde(default)]
    tables: TextSources,
    facts: Option<String>,
    ledger: Option<String>,
    status: Option<String>,
    judgements: Option<String>,
    citations: Option<String>,
    #[serde(default, alias = "layers")]
    layer: Vec<LayerManifest>,
}

impl Manifest {
    /// Reads a manifest; `None` and findings with the line when it cannot be used.
    pub fn read(text: &str, file: &str, findings: &mut Findings) -> Option<Self> {
        findings.set_file(file);
        let raw: Raw = match toml::from_str(text) {
            Ok(raw) => raw,
            Err(error) => {
                let line = error.span().map(|span| text[..span.start].matches('\n').count() as u64 + 1);
                findings.report("toml_form", Place { line, field: "", value: error.message() });
                return None;
            }
        };
        let before = findings.total();
        let mut day = |field: &str, text: &Loose| {
            let day = text.0.parse().ok();
            if day.is_none() {
                findings.report("edition_day", Place { line: None, field, value: &text.0 });
            }
            day
        };
        let head = EditionHead {
            from: day("from", &raw.from),
            to: raw.to.as_ref().and_then(|to| day("to", to)),
            id: raw.id,
            city: raw.city.0,
            crs: raw.crs.0,
            area_crs: raw.area_crs.0,
            title_zh: raw.title_zh,
            title_en: raw.title_en,
            synthetic: raw.synthetic,
            content_hash: None,
        };
        head.check(findings);
        let mut keys = std::collections::BTreeSet::new();
        for layer in &raw.layer {
            if !super::layers::key_is_sound(&layer.key) {
                findings.report("layer_key", Place { line: None, field: "key", value: &layer.key });
            }
            if !keys.insert(layer.key.to_lowercase()) {
                findings.report("layer_twice", Place { line: None, field: "key", value: &layer.key });
            }
            if !(layer.accuracy_m.is_finite() && layer.accuracy_m >= 0.0) {
                let value = layer.accuracy_m.to_string();
                findings.report("value_form", Place { line: None, field: "accuracy_m", value: &value });
            }
        }
        if findings.total() > before {
            return None;
        }
        let named = [
            ("facts.toml", raw.facts),
            ("ledger.csv", raw.ledger),
            ("status.csv", raw.status),
            ("judgements.csv", raw.judgements),
            ("citations.csv", raw.citations),
        ];
        Some(Self {
            head,
            units: raw.units,
            outline: raw.outline,
            layers: raw.layer,
            rules: raw.rules,
            tables: raw.tables,
            others: named.into_iter().filter_map(|(name, file)| Some((name, file?))).collect(),
        })
    }
}
