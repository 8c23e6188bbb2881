//! Stations, their hours and their days.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// The state of all stations at one hour, as GeoJSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct StationsAt {
    /// Always `FeatureCollection`.
    #[serde(rename = "type")]
    pub kind: String,
    /// True when any value is made up.
    pub synthetic: bool,
    /// One point for each station.
    pub features: Vec<StationFeature>,
}

/// One station as a GeoJSON feature.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct StationFeature {
    /// Always `Feature`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Where it stands; null when the register does not say.
    pub geometry: Option<Point>,
    /// What it measured.
    pub properties: StationNow,
}

/// A GeoJSON point, WGS 84.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Point {
    /// Always `Point`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Longitude and latitude.
    pub coordinates: [f64; 2],
}

/// The state of one station at one hour.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct StationNow {
    /// Station code.
    pub station: String,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
    /// `national`, `city`, `roadside` or `super`.
    pub kind: String,
    /// District code.
    pub district: Option<String>,
    /// Counts in the mean of the city.
    pub evaluated: bool,
    /// Where the values come from.
    pub source: String,
    /// True when the values are made up.
    pub simulated: bool,
    /// The hour.
    pub time: String,
    /// Edition of the norm used.
    pub edition: Option<String>,
    /// Index, null when a needed pollutant is missing.
    pub aqi: Option<u32>,
    /// Index of the pollutants present.
    pub aqi_available: Option<u32>,
    /// Chinese category.
    pub category: Option<String>,
    /// Level, 1 to 6.
    pub level: Option<u8>,
    /// Primary pollutants.
    pub primary: Vec<String>,
    /// Concentrations by parameter.
    pub values: BTreeMap<String, Option<f64>>,
    /// Parameters without a valid value.
    pub missing: Vec<String>,
}

/// Index and values of all stations over many hours, for playing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Frames {
    /// The hours, one for each row.
    pub times: Vec<String>,
    /// The stations, one for each column.
    pub stations: Vec<String>,
    /// Levels.
    pub level: Vec<Vec<Option<u8>>>,
    /// Values.
    pub value: Vec<Vec<Option<f64>>>,
    /// True when any value is made up.
    pub synthetic: bool,
}

/// Stations found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct StationHits {
    /// Best match first.
    pub items: Vec<StationHit>,
}

/// One station found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct StationHit {
    /// Station code.
    pub station: String,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
    /// `national`, `city`, `roadside` or `super`.
    pub kind: String,
    /// District code.
    pub district: Option<String>,
    /// Longitude, WGS 84; null when the register does not say.
    pub lon: Option<f64>,
    /// Latitude, WGS 84; null when the register does not say.
    pub lat: Option<f64>,
    /// True when the station is invented.
    pub simulated: bool,
}

/// A station as the register holds it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CardStation {
    /// Station code.
    pub station: String,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
    /// City code.
    pub city: String,
    /// District code.
    pub district: Option<String>,
    /// Medium, for example `air`.
    pub medium: String,
    /// `national`, `city`, `roadside` or `super`.
    pub kind: String,
    /// Longitude, WGS 84; null when the register does not say.
    pub lon: Option<f64>,
    /// Latitude, WGS 84; null when the register does not say.
    pub lat: Option<f64>,
    /// Counts in the mean of the city.
    pub evaluated: bool,
    /// First day in force.
    pub from: String,
    /// Last day in force, null when open.
    pub to: Option<String>,
    /// Where the entry comes from.
    pub source: String,
    /// True when the station is invented.
    pub simulated: bool,
}

/// The card of one station at one hour.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Card {
    /// The station.
    pub station: CardStation,
    /// The hour.
    pub time: String,
    /// Edition of the norm used.
    pub edition: Option<String>,
    /// Index, null when a needed pollutant is missing.
    pub aqi: Option<u32>,
    /// Chinese category.
    pub category: Option<String>,
    /// Level, 1 to 6.
    pub level: Option<u8>,
    /// Colour of the level.
    pub color: Option<String>,
    /// Primary pollutants.
    pub primary: Vec<String>,
    /// Index of the pollutants present.
    pub aqi_available: Option<u32>,
    /// Category of the pollutants present.
    pub category_available: Option<String>,
    /// Parameters without a valid value.
    pub missing: Vec<String>,
    /// The pollutants of the index.
    pub values: Vec<CardValue>,
    /// Hours present of those expected.
    pub coverage: Coverage,
    /// The last 24 hours.
    pub trend: Vec<TrendPoint>,
    /// The day that the hour belongs to.
    pub day: Option<DayJudgement>,
    /// Composition, of a super-station.
    pub speciation: Option<Speciation>,
    /// Difference from the background, of a roadside station.
    pub increment: Option<Increment>,
    /// True when any value is made up.
    pub synthetic: bool,
    /// Where the values come from.
    pub source: String,
    /// How exact the place is, Chinese.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accuracy_note_zh: Option<String>,
    /// How exact the place is, English.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accuracy_note_en: Option<String>,
}

/// One pollutant on a card.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CardValue {
    /// Parameter code.
    pub parameter: String,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
    /// Unit.
    pub unit: String,
    /// Concentration.
    pub value: Option<f64>,
    /// Individual index.
    pub iaqi: Option<u32>,
    /// Level, 1 to 6.
    pub level: Option<u8>,
}

/// Hours present of those expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Coverage {
    /// Hours with a valid value.
    pub present: u32,
    /// Hours there should be.
    pub expected: u32,
}

/// One hour of a trend.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TrendPoint {
    /// The hour.
    pub time: String,
    /// Index.
    pub aqi: Option<u32>,
    /// Level, 1 to 6.
    pub level: Option<u8>,
}

/// The judgement of one day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DayJudgement {
    /// The day, `YYYY-MM-DD`.
    pub date: String,
    /// Index.
    pub aqi: Option<u32>,
    /// Chinese category.
    pub category: Option<String>,
    /// Level, 1 to 6.
    pub level: Option<u8>,
    /// Primary pollutants.
    pub primary: Vec<String>,
    /// Has enough hours to count.
    pub valid: bool,
    /// Daily concentrations by parameter.
    pub values: BTreeMap<String, Option<f64>>,
}

/// Composition at one hour.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Speciation {
    /// The hour, which may be earlier than the card's.
    pub time: String,
    /// Groups of species.
    pub groups: Vec<SpeciationGroup>,
}

/// A group of species.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SpeciationGroup {
    /// `voc`, `ion` or `carbon`.
    pub id: String,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
    /// Unit.
    pub unit: String,
    /// Sum of the species.
    pub total: Option<f64>,
    /// The species.
    pub items: Vec<SpeciationItem>,
}

/// One species.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SpeciationItem {
    /// Parameter code.
    pub parameter: String,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
    /// Value.
    pub value: Option<f64>,
}

/// What a roadside station measures above the background.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Increment {
    /// Stations taken as background.
    pub background: Vec<String>,
    /// The pollutants.
    pub items: Vec<IncrementItem>,
    /// Traffic counted beside the station.
    pub traffic: Option<Traffic>,
}

/// One pollutant above the background.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct IncrementItem {
    /// Parameter code.
    pub parameter: String,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
    /// Unit.
    pub unit: String,
    /// At the roadside.
    pub value: Option<f64>,
    /// Mean of the background.
    pub background: Option<f64>,
    /// The difference; may be below zero.
    pub increment: Option<f64>,
}

/// A count of traffic.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Traffic {
    /// Vehicles.
    pub value: Option<f64>,
    /// Unit.
    pub unit: String,
}

/// Hourly series of one station.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Series {
    /// Station code.
    pub station: String,
    /// The hours.
    pub times: Vec<String>,
    /// One series for each parameter.
    pub series: Vec<SeriesItem>,
    /// True when any value is made up.
    pub synthetic: bool,
}

/// One series.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SeriesItem {
    /// Parameter code.
    pub parameter: String,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
    /// Unit.
    pub unit: String,
    /// One for each hour; a gap stays null.
    pub values: Vec<Option<f64>>,
    /// One for each hour; null means that nothing is said.
    pub flags: Vec<Option<String>>,
}

/// The days of one month.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MonthDays {
    /// The month, `YYYY-MM`.
    pub month: String,
    /// All days of the month.
    pub days: Vec<DayJudgement>,
    /// True when any value is made up.
    pub synthetic: bool,
}
