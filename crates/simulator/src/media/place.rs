//! The register of places: one line for each section, point, well, plot, outfall and stretch of shore.

use std::collections::HashSet;
use std::sync::Arc;

use jiff::civil::Date;
use serde::Deserialize;

use crate::Error;

/// What is measured at a place, in the words of `norms/parameters.csv`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Medium {
    /// Rivers, lakes and reservoirs.
    SurfaceWater,
    /// Points at sea.
    Sea,
    /// Points of noise function zones.
    Noise,
    /// Wells.
    Groundwater,
    /// Plots of land.
    Soil,
    /// Outfalls.
    Discharge,
    /// Stretches of shore that are walked for litter.
    Litter,
}

impl Medium {
    /// Every medium.
    pub const ALL: [Medium; 7] = [
        Medium::SurfaceWater,
        Medium::Sea,
        Medium::Noise,
        Medium::Groundwater,
        Medium::Soil,
        Medium::Discharge,
        Medium::Litter,
    ];

    /// Returns the word of the register.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Medium::SurfaceWater => "surface_water",
            Medium::Sea => "sea",
            Medium::Noise => "noise",
            Medium::Groundwater => "groundwater",
            Medium::Soil => "soil",
            Medium::Discharge => "discharge",
            Medium::Litter => "litter",
        }
    }

    /// Returns the medium that the register's word means.
    ///
    /// ```
    /// use simulator::media::Medium;
    /// assert_eq!(Medium::from_name("sea"), Some(Medium::Sea));
    /// assert_eq!(Medium::from_name("air"), None);
    /// ```
    #[must_use]
    pub fn from_name(name: &str) -> Option<Medium> {
        Medium::ALL.into_iter().find(|medium| medium.name() == name)
    }
}

/// A place where something beside air is measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// Code.
    pub station: Arc<str>,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
    /// Code of the district; empty at sea.
    pub district: String,
    /// What is measured.
    pub medium: Medium,
    /// Kind within the medium: `river`, `lake`, `point`, `function_zone`, `well`, `plot`, `sea_outfall`, `shore_section`.
    pub kind: String,
    /// Longitude, degrees.
    pub lon: f64,
    /// Latitude, degrees.
    pub lat: f64,
    /// Whether figures count it.
    pub evaluated: bool,
    /// The class that it shall meet: of water, of a noise zone, the standard of an outfall, the use of land; may be empty.
    pub function_class: String,
    /// River, reservoir or bay.
    pub waterbody: String,
    /// Programmes that it belongs to.
    pub programmes: Vec<String>,
    /// First day in force; none: since ever.
    pub valid_from: Option<Date>,
    /// Day after the last in force; none: still in force.
    pub valid_to: Option<Date>,
}

impl Place {
    /// Whether the place belongs to a programme.
    #[must_use]
    pub fn is_in(&self, programme: &str) -> bool {
        self.programmes.iter().any(|one| one == programme)
    }

    pub(super) fn in_force(&self, day: Date) -> bool {
        self.valid_from.is_none_or(|from| from <= day) && self.valid_to.is_none_or(|to| day < to)
    }
}

const COLUMNS: [&str; 14] = [
    "station",
    "name_zh",
    "name_en",
    "district",
    "medium",
    "kind",
    "lon",
    "lat",
    "evaluated",
    "function_class",
    "waterbody",
    "programmes",
    "valid_from",
    "valid_to",
];

/// Reads a register of places such as `cities/xiamen/demo/places.csv`: plain fields, none in quotes.
///
/// # Errors
/// [`Error::Register`] with line and field where the text is no such register.
///
/// ```
/// use simulator::media::places;
/// let register = places(include_str!("../../../../cities/xiamen/demo/places.csv"))?;
/// assert_eq!(register.iter().filter(|place| place.kind == "sea_outfall").count(), 400);
/// assert!(places("station,name\n").is_err());
/// # Ok::<(), simulator::Error>(())
/// ```
pub fn places(text: &str) -> Result<Vec<Place>, Error> {
    let mut lines = text.lines();
    if lines.next() != Some(COLUMNS.join(",").as_str()) {
        return Err(Error::Register { line: 1, field: "station" });
    }
    lines.zip(2..).map(|(text, line)| place(text).map_err(|field| Error::Register { line, field })).collect()
}

/// Reads one line; the error is the name of the field that cannot be read.
fn place(line: &str) -> Result<Place, &'static str> {
    let fields: Vec<&str> = line.split(',').collect();
    let fields: [&str; COLUMNS.len()] = fields.try_into().map_err(|_| "valid_to")?;
    let [station, name_zh, name_en, district, medium, kind, lon, lat, evaluated, class, water, programmes, from, to] =
        fields;
    let programmes = programmes.split(';').filter(|one| !one.is_empty()).map(str::to_owned).collect();
    Ok(Place {
        station: if station.is_empty() { Err("station")? } else { station.into() },
        name_zh: name_zh.to_owned(),
        name_en: name_en.to_owned(),
        district: district.to_owned(),
        medium: Medium::from_name(medium).ok_or("medium")?,
        kind: kind.to_owned(),
        lon: lon.parse().map_err(|_| "lon")?,
        lat: lat.parse().map_err(|_| "lat")?,
        evaluated: evaluated == "1",
        function_class: class.to_owned(),
        waterbody: water.to_owned(),
        programmes,
        valid_from: day(from).map_err(|()| "valid_from")?,
        valid_to: day(to).map_err(|()| "valid_to")?,
    })
}

fn day(text: &str) -> Result<Option<Date>, ()> {
    if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(|_| ()) }
}

pub(super) fn check_codes(places: &[Place]) -> Result<(), Error> {
    let mut seen = HashSet::new();
    match places.iter().find(|place| !seen.insert(&*place.station)) {
        Some(twice) => Err(Error::StationTwice(twice.station.to_string())),
        None => Ok(()),
    }
}
