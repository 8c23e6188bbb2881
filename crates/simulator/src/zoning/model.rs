//! The declared parameters of the made-up map: `cities/<city>/demo/zoning.toml`.

use super::Error;
use super::fields::Base;
use serde::Deserialize;

/// Everything that the model file says.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// The seed as shipped.
    pub seed: u64,
    /// Sentence that marks the map as made up, in Chinese.
    pub notice_zh: String,
    /// The same in English.
    pub notice_en: String,
    /// West, south, east, north in degrees.
    pub extent: [f64; 4],
    /// Side of a cell in degrees.
    pub cell: f64,
    /// Side of a cell of the layers' own mesh, whose lines are not those of the units.
    pub layer_cell: f64,
    /// An edge of the units' mesh has 2^bends pieces.
    pub bends: u32,
    /// The same for the layers' own mesh.
    pub layer_bends: u32,
    /// The part of the schematic sea that is the city's.
    pub sea_limit: Vec<[f64; 2]>,
    /// Centres of built-up land.
    pub towns: Vec<Town>,
    /// Centres of industry.
    pub works: Vec<Town>,
    /// Units by district.
    pub units: Vec<UnitCounts>,
    /// What a unit's list says in the four dimensions, by class and ground.
    pub text: Vec<UnitText>,
    /// What the second edition does to the units.
    pub change: UnitChange,
    /// The two editions, older first.
    pub edition: Vec<EditionModel>,
    /// Coverage polygons.
    pub coverage: Vec<Coverage>,
    /// Element layers, single ones and families of one for each district.
    pub layer: Vec<LayerModel>,
    /// Decision tables.
    pub tables: TableModel,
    /// Headroom and states.
    pub ledger: LedgerModel,
}

/// A centre that pulls.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Town {
    /// Longitude, latitude.
    pub at: [f64; 2],
    /// Distance at which the pull has fallen to 1/e.
    pub reach_km: f64,
}

/// How many units a district has.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitCounts {
    /// Six digits of GB/T 2260.
    pub district: String,
    /// Units on land.
    pub land: usize,
    /// Units at sea.
    pub sea: usize,
    /// How many of them are 优先.
    pub priority: usize,
    /// How many of them are 重点; the rest is 一般.
    pub key: usize,
}

/// The four texts of one class of unit on land or sea.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitText {
    /// 1 优先, 2 重点, 3 一般.
    pub class: u8,
    /// Whether for units at sea.
    pub sea: bool,
    /// 空间布局约束.
    pub spatial: String,
    /// 污染物排放管控.
    pub emission: String,
    /// 环境风险防控.
    pub risk: String,
    /// 资源开发效率要求.
    pub resource: String,
}

/// What the second edition does to the units.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitChange {
    /// Units that become two.
    pub split: usize,
    /// Pairs that become one.
    pub merged: usize,
    /// Pairs whose border moves.
    pub moved: usize,
    /// Cells that change sides at most.
    pub moved_cells: usize,
}

/// One edition.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EditionModel {
    /// Its id.
    pub id: String,
    /// Title in Chinese.
    pub title_zh: String,
    /// Title in English.
    pub title_en: String,
    /// First day in force.
    pub from: toml::value::Datetime,
    /// Day after the last; none: open.
    pub to: Option<toml::value::Datetime>,
    /// Rule files of the city pack that belong to it.
    pub rules: Vec<String>,
    /// Shares of cell layers that differ from the layer's own entry.
    #[serde(default)]
    pub share: std::collections::BTreeMap<String, f64>,
    /// Coverage polygons that differ from the layer's own entry.
    #[serde(default)]
    pub coverage: std::collections::BTreeMap<String, String>,
}

/// A coverage polygon: the whole city, or without some districts or without the sea.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Coverage {
    /// Name of the file.
    pub key: String,
    /// Districts that were not surveyed.
    #[serde(default)]
    pub without: Vec<String>,
    /// Whether the sea was surveyed.
    #[serde(default = "yes")]
    pub sea: bool,
    /// Whether the land was surveyed.
    #[serde(default = "yes")]
    pub land: bool,
}

impl Coverage {
    /// The whole city, land and sea.
    pub(super) fn whole() -> Coverage {
        Coverage { key: "city".to_owned(), without: Vec::new(), sea: true, land: true }
    }
}

fn yes() -> bool {
    true
}

/// Where a layer may lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum On {
    /// On land.
    #[default]
    Land,
    /// At sea.
    Sea,
    /// Both.
    All,
}

/// One layer, or one for each district.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LayerModel {
    /// Key; with `by_district` the district's code is added after a dot.
    pub key: String,
    /// Title in Chinese.
    pub zh: String,
    /// Title in English.
    pub en: String,
    /// Group of the legend.
    pub group: String,
    /// Class, element and subtype digits of the element code (YS…), where the layer has one.
    pub ys: Option<String>,
    /// One layer for each district.
    #[serde(default)]
    pub by_district: bool,
    /// Where it may lie.
    #[serde(default)]
    pub on: On,
    /// What it follows.
    #[serde(default = "free")]
    pub base: Base,
    /// How its areas are made.
    pub shape: Shape,
    /// Positional accuracy in m.
    #[serde(default = "five")]
    pub accuracy_m: f64,
    /// Whether a shared boundary counts as touching.
    #[serde(default)]
    pub touch_counts: bool,
    /// Coverage polygon.
    #[serde(default = "city")]
    pub coverage: String,
    /// Whether the layer claims to be complete inside of its coverage.
    #[serde(default = "yes")]
    pub complete: bool,
    /// Key in the style table.
    pub style: String,
    /// What was assessed for the whole area (区域评估 “一本制”), where something was.
    #[serde(default)]
    pub assessment: Option<AssessmentModel>,
}

/// An area assessment: projects inside share its studies and are spared steps while it is valid.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssessmentModel {
    /// First day on which it is valid.
    pub from: String,
    /// First day on which it no longer is.
    pub to: String,
    /// What projects inside are spared.
    pub exempt: Vec<String>,
    /// Studies that they share.
    pub studies: Vec<String>,
}

fn free() -> Base {
    Base::Free
}

fn five() -> f64 {
    5.0
}

fn city() -> String {
    "city".to_owned()
}

/// How the areas of a layer are made.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Shape {
    /// The cells of the units' mesh with the highest field: its borders are often those of units.
    UnitCells {
        /// Share of the cells where it may lie.
        share: f64,
    },
    /// The same on the layers' own mesh.
    Cells {
        /// Share of the cells where it may lie.
        share: f64,
    },
    /// Cells of the own mesh whose field lies between two shares: neighbours of the same cut tile the ground.
    Band {
        /// Shares from the lowest field.
        between: [f64; 2],
    },
    /// Wobbling circles at places drawn by lot.
    Blobs {
        /// How many.
        count: usize,
        /// Least and greatest radius.
        radius_m: [f64; 2],
    },
    /// Wobbling circles at declared places.
    Placed {
        /// Longitude, latitude, radius in m.
        at: Vec<[f64; 3]>,
    },
    /// Circles about declared places, each inside those of the greater ring numbers.
    Nested {
        /// Longitude, latitude.
        at: Vec<[f64; 2]>,
        /// Radii of all rings, ascending.
        radii_m: Vec<f64>,
        /// Which ring this layer is.
        ring: usize,
    },
    /// Ribbons.
    Strips {
        /// How many.
        count: usize,
        /// Length.
        length_km: f64,
        /// Width.
        width_m: f64,
    },
}

/// Decision tables.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableModel {
    /// Conditions of an edition.
    pub conditions: usize,
    /// Industries, four-digit codes of GB/T 4754.
    pub industries: usize,
    /// Codes that are among them whatever the lot says.
    pub always: Vec<String>,
    /// Hazard of a division of GB/T 4754: 3 heavy, 2 medium, 1 light; others are 0.
    pub hazard: std::collections::BTreeMap<String, u8>,
    /// Share of rows that the second edition makes stricter.
    pub stricter: f64,
    /// Planted faults of each kind.
    pub planted: Planted,
}

/// How many faults are planted.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Planted {
    /// Pairs of rows with effects that cannot both hold.
    pub conflict: usize,
    /// Rows that no project can ever meet, or that never decide.
    pub dead: usize,
    /// Rows that are there twice.
    pub duplicate: usize,
    /// Rows without a cited basis.
    pub uncited: usize,
    /// Rows whose basis was repealed without a successor.
    pub repealed: usize,
}

/// Headroom and states of units.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LedgerModel {
    /// Pollutants and the greatest headroom of a unit in tonnes.
    pub pollutant: std::collections::BTreeMap<String, f64>,
    /// Years; headroom is told on their first day, states on the first day of each quarter.
    pub years: Vec<i16>,
    /// Share of units whose headroom is not in the ledger.
    pub missing: f64,
    /// Share of units whose water is not in class.
    pub water_bad: f64,
    /// Share of units whose water state is not known.
    pub water_unknown: f64,
}

impl Model {
    /// Reads the model file.
    ///
    /// # Errors
    /// When the text is no such file, or its numbers make no sense.
    pub fn parse(text: &str) -> Result<Model, Error> {
        let model: Model = toml::from_str(text)?;
        let fault = |at: &str, why: &str| Err(Error::Model { at: at.to_owned(), why: why.to_owned() });
        if !(0.001..=0.05).contains(&model.cell) || !(0.001..=0.05).contains(&model.layer_cell) {
            return fault("cell", "is not between 0.001 and 0.05 degrees");
        }
        if !(1..=8).contains(&model.bends) || !(1..=8).contains(&model.layer_bends) {
            return fault("bends", "is not between 1 and 8");
        }
        let [west, south, east, north] = model.extent;
        if !(west < east && south < north && east - west < 5.0 && north - south < 5.0) {
            return fault("extent", "is not west, south, east, north of a city");
        }
        if model.edition.len() != 2 {
            return fault("edition", "has not two entries");
        }
        for counts in &model.units {
            if counts.priority + counts.key > counts.land + counts.sea {
                return fault(&format!("[[units]] of {}", counts.district), "has more classes than units");
            }
        }
        let own = model.layer.iter().map(|layer| (&layer.key, &layer.coverage));
        let changed = model.edition.iter().flat_map(|edition| &edition.coverage);
        for (layer, key) in own.chain(changed) {
            if !model.coverage.iter().any(|coverage| coverage.key == *key) {
                return fault(&format!("layer {layer}"), "has a coverage that is not declared");
            }
        }
        Ok(model)
    }
}
