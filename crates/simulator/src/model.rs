//! The parameters: everything that makes the city what it is stands in one TOML file.
//!
//! The structs mirror `cities/<city>/demo/model.toml`, where each number has its unit and reason.
//! Loading checks ranges and names, so that the rest of the crate may rely on them.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Deserialize;

use crate::{Error, Kind, Parameter};

/// Twelve monthly values, January first; between mid-months the model goes in straight lines.
pub type Monthly = [f64; 12];

/// The sources of emission inside the city, in the order of every per-source array.
pub(crate) const SOURCES: [&str; 5] = ["traffic", "industry", "port", "dust", "domestic"];

/// One number for each source of emission.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PerSource {
    /// Road vehicles.
    pub traffic: f64,
    /// Factories and power.
    pub industry: f64,
    /// Ships and port machines.
    pub port: f64,
    /// Building sites and road dust.
    pub dust: f64,
    /// Cooking and small burning.
    pub domestic: f64,
}

impl PerSource {
    pub(crate) fn array(self) -> [f64; 5] {
        [self.traffic, self.industry, self.port, self.dust, self.domestic]
    }
}

/// Climate of the place, the same in every year.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Climate {
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
    /// Monthly mean temperature, °C.
    pub temperature: Monthly,
    /// Standard deviation of the daily temperature around it, °C.
    pub temperature_spread: Monthly,
    /// Half of the day's range under a clear sky, °C.
    pub temperature_amplitude: f64,
    /// Monthly mean relative humidity, %.
    pub humidity: Monthly,
    /// Strength of the sea breeze on a clear calm afternoon, m/s.
    pub sea_breeze: f64,
    /// Direction the sea breeze comes from, degrees.
    pub sea_breeze_from: f64,
    /// Height of the mixed layer in a calm night, m.
    pub mixing_night: f64,
    /// Growth of the mixed layer by full sun, m.
    pub mixing_sun: f64,
    /// Growth of the mixed layer for each m/s of wind, m.
    pub mixing_wind: f64,
    /// Length of the town along the wind, km; divides the wind speed into an air change rate.
    pub town_length: f64,
}

/// A kind of weather that lasts for some days.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Regime {
    /// Name used by `year.regime_weight` and by the event schedules.
    pub id: String,
    /// Chinese name.
    pub name_zh: String,
    /// Relative frequency by month; all 0 for regimes that only events bring.
    pub weight: Monthly,
    /// Mean duration, hours.
    pub hours: f64,
    /// Mean wind speed, m/s.
    pub wind: f64,
    /// Direction the wind comes from, degrees.
    pub wind_from: f64,
    /// Standard deviation of each wind component, m/s.
    pub wind_spread: f64,
    /// Mean cloud cover, 0 to 1.
    pub cloud: f64,
    /// Chance that a spell of rain begins in an hour.
    pub rain_chance: f64,
    /// Mean rain in a wet hour, mm.
    pub rain: f64,
    /// Temperature against the climate, °C.
    pub temperature: f64,
    /// Relative humidity against the climate, percentage points.
    pub humidity: f64,
    /// Factor on the height of the mixed layer.
    pub mixing: f64,
    /// Factor on the particles and carbon monoxide that come with the air.
    pub regional: f64,
    /// Factor on the ozone that comes with the air.
    pub ozone: f64,
    /// Factor on the ozone made in the town, beyond sun and heat.
    pub photochemistry: f64,
}

/// One calendar year: what differs from other years.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Year {
    /// The year.
    pub year: i16,
    /// Emission factor of each source.
    pub emissions: PerSource,
    /// Factor on the sulphur in fuels.
    pub sulphur: f64,
    /// Factor on particles that come from afar.
    pub regional_pm: f64,
    /// Factor on carbon monoxide that comes from afar.
    pub regional_co: f64,
    /// Factor on ozone that comes from afar.
    pub regional_ozone: f64,
    /// Cloud cover June to October against the climate, 0 to 1.
    pub summer_cloud: f64,
    /// Temperature June to October against the climate, °C.
    pub summer_temperature: f64,
    /// Factor on the chance of rain.
    pub rain: f64,
    /// Number of typhoons that pass.
    pub typhoons: u32,
    /// Number of sand-dust intrusions in spring.
    pub dust_events: u32,
    /// Factors on the frequency of weather regimes, by id.
    #[serde(default)]
    pub regime_weight: BTreeMap<String, f64>,
}

/// Days on which sources run differently: holidays, restrictions.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// First day.
    #[serde(deserialize_with = "day")]
    pub from: Date,
    /// Day after the last.
    #[serde(deserialize_with = "day")]
    pub to: Date,
    /// Why.
    pub name_zh: String,
    /// Factor on each source.
    pub factors: PerSource,
}

/// Typhoons: calm, hot and clear before, wind and rain after.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Typhoons {
    /// Regime before the landfall.
    pub before: String,
    /// Regime of the passage.
    pub during: String,
    /// Season as month and day, first and last.
    pub season: [[i8; 2]; 2],
    /// Shortest and longest time of the regime before, hours.
    pub before_hours: [f64; 2],
    /// Shortest and longest time of the passage, hours.
    pub during_hours: [f64; 2],
}

/// Sand and dust that come down from the north in spring.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DustEvents {
    /// Regime that brings them.
    pub regime: String,
    /// Season as month and day, first and last.
    pub season: [[i8; 2]; 2],
    /// Shortest and longest duration, hours.
    pub hours: [f64; 2],
    /// Lowest and highest peak of the added PM10, µg/m³.
    pub peak: [f64; 2],
    /// Share of the added particles below 2.5 µm.
    pub fine_share: f64,
}

/// One source of emission: when it runs and what it gives off.
///
/// The amounts are what one unit of the source adds to the air of the town at one air change an
/// hour and a mixed layer of 500 m, before it is diluted by the real weather.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Relative strength of each hour of a working day, hour 0 first; brought to a mean of 1.
    pub hours: [f64; 24],
    /// The same for Saturday and Sunday, in the scale of the working day.
    pub weekend: [f64; 24],
    /// Relative strength of each month.
    pub months: Monthly,
    /// Nitrogen oxides as NO2, µg/m³.
    pub nox: f64,
    /// Sulphur dioxide, µg/m³.
    pub so2: f64,
    /// Carbon monoxide, mg/m³.
    pub co: f64,
    /// Organic matter in PM2.5, µg/m³.
    pub om: f64,
    /// Elemental carbon in PM2.5, µg/m³.
    pub ec: f64,
    /// Mineral and other dust in PM2.5, µg/m³.
    pub mineral: f64,
    /// Particles between 2.5 and 10 µm, µg/m³.
    pub coarse: f64,
    /// Volatile organic compounds: alkanes, alkenes, acetylene, aromatics, halocarbons, oxygenated, ppb.
    pub voc: [f64; 6],
}

/// The air that comes in from outside, and what the sea adds.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Background {
    /// Secondary particles below 2.5 µm, µg/m³.
    pub pm25: Monthly,
    /// Standard deviation of its logarithm.
    pub pm25_spread: f64,
    /// Particles between 2.5 and 10 µm for each µg/m³ of those below.
    pub coarse_ratio: f64,
    /// Carbon monoxide, mg/m³.
    pub co: Monthly,
    /// Carbon monoxide for each µg/m³ of regional particles above their monthly mean, mg/m³.
    pub co_with_pm25: f64,
    /// Sulphur dioxide, µg/m³.
    pub so2: f64,
    /// Nitrogen oxides as NO2, µg/m³.
    pub nox: f64,
    /// Ozone over the sea, ppb.
    pub ozone: Monthly,
    /// Standard deviation of the ozone, ppb.
    pub ozone_spread: f64,
    /// Coarse sea salt at 5 m/s of onshore wind at the shore, µg/m³.
    pub sea_salt: f64,
    /// Power of the wind speed in the sea salt.
    pub sea_salt_power: f64,
    /// Sea salt below 2.5 µm for each µg/m³ of the coarse.
    pub sea_salt_fine: f64,
    /// Part of the particles that 1 mm of rain washes out.
    pub washout: f64,
    /// Time in which washed air fills up again, hours.
    pub refill_hours: f64,
    /// Volatile organic compounds from afar, in the order of `Source::voc`, ppb.
    pub voc: [f64; 6],
}

/// Reactions: ozone, nitrogen dioxide, secondary particles.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chemistry {
    /// Ozone made in an hour of full sun at 30 °C with the mean load of precursors, ppb.
    pub ozone_rate: f64,
    /// Change of that rate for each °C.
    pub ozone_per_degree: f64,
    /// Load of precursors (sum of tracers) at which the rate is half of its maximum.
    pub ozone_half_load: f64,
    /// Part of the ozone made that stays in the town from hour to hour, beside the air change.
    pub ozone_keep: f64,
    /// Part of the ozone lost to the ground in a calm night.
    pub night_loss: f64,
    /// Ratio of photolysis of NO2 to the reaction of NO with O3 under full sun, ppb.
    pub photostationary: f64,
    /// Part of the nitrogen oxides that is given off as NO2.
    pub no2_share: f64,
    /// Secondary particles made in an hour of full sun for each unit of tracer, µg/m³.
    pub secondary_sun: f64,
    /// The same in damp air without sun.
    pub secondary_damp: f64,
    /// Shares of secondary particles from afar: SO4, NO3 at 10 °C, OM, EC, unidentified; NH4 balances the first two.
    pub regional_shares: [f64; 5],
    /// Shares of secondary particles made in the town, the same order.
    pub local_shares: [f64; 5],
    /// Part of the nitrate that is left for each °C above 10 (evaporation).
    pub nitrate_per_degree: f64,
    /// Organic matter for each unit of organic carbon.
    pub om_to_oc: f64,
}

/// How a site differs from the town.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// Weight of each source at the site.
    pub sources: PerSource,
    /// Exposure to sea salt, 0 (inland) to 1 (on the shore).
    pub sea: f64,
    /// Weight of particles from afar (hills shield, heights see more).
    pub regional: f64,
    /// Weight of the ozone made in the town (downwind sites see more).
    pub photochemistry: f64,
    /// Direction in which the port lies, degrees; none: no dependence on the wind.
    #[serde(default)]
    pub port_bearing: Option<f64>,
    /// The street of a roadside site.
    #[serde(default)]
    pub street: Option<Street>,
}

/// A street beside a station.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Street {
    /// Vehicles an hour, mean of a working day.
    pub vehicles: f64,
    /// Part of the vehicles that are heavy; weighs the NOx and particles.
    pub heavy: f64,
    /// How much the buildings hold the air back: 1 open, 2 canyon.
    pub shelter: f64,
}

/// What one street adds at the kerb: amounts for 1000 vehicles an hour at 1 m/s of air movement.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StreetEmission {
    /// Nitrogen oxides as NO2, µg/m³; without heavy vehicles.
    pub nox: f64,
    /// Carbon monoxide, mg/m³.
    pub co: f64,
    /// PM2.5 (mostly EC and OM), µg/m³.
    pub pm25: f64,
    /// Particles between 2.5 and 10 µm, µg/m³.
    pub coarse: f64,
    /// Factor of a heavy vehicle against a light one.
    pub heavy_factor: f64,
    /// Part of the fresh nitrogen oxides that has met ozone when it reaches the station.
    pub reacted: f64,
}

/// How the instruments of one kind of station behave.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Instruments {
    /// Noise as a part of the value.
    pub noise: f64,
    /// Largest drift of the span between calibrations, as a part of the value.
    pub drift: f64,
    /// Days from calibration to calibration of a gas analyser.
    pub calibration_days: u32,
    /// First and last hour of the day in which a calibration may begin.
    pub calibration_hours: [u32; 2],
    /// Days from one maintenance of the station to the next.
    pub maintenance_days: u32,
    /// Length of a maintenance, hours.
    pub maintenance_hours: u32,
    /// Mean time between faults of one analyser, days.
    pub fault_days: f64,
    /// Median length of a fault, hours.
    pub fault_hours: f64,
    /// Mean time between power cuts of the station, days.
    pub power_days: f64,
    /// Median length of a power cut, hours.
    pub power_hours: f64,
    /// Longest power cut or fault, hours.
    pub outage_hours_max: f64,
    /// Factor on the chance of a power cut while a typhoon passes.
    pub power_typhoon: f64,
    /// Chance that the row of an hour is lost on the line.
    pub line_loss: f64,
}

/// What the comparison cities are drawn from.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    /// Seed of the draw, apart from the seed of the city.
    pub seed: u64,
    /// Number of cities.
    pub cities: u32,
    /// Standard deviation between cities (composite index).
    pub spread: f64,
    /// Standard deviation from year to year of one city.
    pub change_spread: f64,
    /// Lowest and highest index that is drawn.
    pub range: [f64; 2],
    /// The years and their means.
    pub years: Vec<ComparisonYear>,
}

/// Mean composite index of the comparison cities in one year.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ComparisonYear {
    /// The year.
    pub year: i16,
    /// Mean index.
    pub mean: f64,
}

/// Every parameter of a simulated city.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// Seed of the demonstration city as shipped.
    pub seed: u64,
    /// Climate of the place.
    pub climate: Climate,
    /// Kinds of weather.
    pub regime: Vec<Regime>,
    /// Typhoons.
    pub typhoon: Typhoons,
    /// Sand-dust intrusions.
    pub dust_event: DustEvents,
    /// Years that can be simulated, one after the other.
    pub year: Vec<Year>,
    /// Days on which sources run differently.
    #[serde(default)]
    pub window: Vec<Window>,
    /// Sources by name.
    pub source: BTreeMap<String, Source>,
    /// Air from outside.
    pub background: Background,
    /// Reactions.
    pub chemistry: Chemistry,
    /// Traffic at the kerb.
    pub street: StreetEmission,
    /// Sites by station code, or by kind of station as default.
    pub site: BTreeMap<String, Site>,
    /// Instruments by kind of station.
    pub instruments: BTreeMap<String, Instruments>,
    /// Parameters by kind of station.
    pub measures: BTreeMap<String, Vec<Parameter>>,
    /// Comparison cities.
    pub comparison: Comparison,
}

impl Model {
    /// Reads and checks the text of a `model.toml`.
    ///
    /// # Errors
    /// [`Error::Toml`] with line and column where the text is no such file; [`Error::Model`] with
    /// the path of the entry where a value makes no sense.
    ///
    /// ```
    /// let text = include_str!("../../../cities/xiamen/demo/model.toml");
    /// let model = simulator::Model::parse(text)?;
    /// assert_eq!(model.years(), 2021..=2022);
    /// assert!(simulator::Model::parse("seed = 1").is_err());
    /// # Ok::<(), simulator::Error>(())
    /// ```
    pub fn parse(text: &str) -> Result<Model, Error> {
        let model: Model = toml::from_str(text)?;
        model.check()?;
        Ok(model)
    }

    /// Returns the first and the last year that can be simulated.
    #[must_use]
    pub fn years(&self) -> std::ops::RangeInclusive<i16> {
        // Loading has made sure that there is at least one.
        let of = |year: Option<&Year>| year.map_or(0, |year| year.year);
        of(self.year.first())..=of(self.year.last())
    }

    pub(crate) fn site(&self, station: &str, kind: Kind) -> Result<&Site, Error> {
        self.site
            .get(station)
            .or_else(|| self.site.get(kind.name()))
            .ok_or_else(|| wrong(format!("site.{}", kind.name()), "is missing"))
    }

    pub(crate) fn instruments(&self, kind: Kind) -> Result<&Instruments, Error> {
        self.instruments.get(kind.name()).ok_or_else(|| wrong(format!("instruments.{}", kind.name()), "is missing"))
    }

    pub(crate) fn measures(&self, kind: Kind) -> Result<&[Parameter], Error> {
        let found = self.measures.get(kind.name()).map(Vec::as_slice);
        found.ok_or_else(|| wrong(format!("measures.{}", kind.name()), "is missing"))
    }

    pub(crate) fn regime_index(&self, id: &str) -> Option<usize> {
        self.regime.iter().position(|regime| regime.id == id)
    }

    /// The sources in the order of [`SOURCES`].
    pub(crate) fn sources(&self) -> impl Iterator<Item = &Source> {
        SOURCES.iter().filter_map(|name| self.source.get(*name))
    }

    fn check(&self) -> Result<(), Error> {
        if self.year.is_empty() {
            return Err(wrong("year", "needs at least one entry"));
        }
        for pair in self.year.windows(2) {
            if pair[0].year + 1 != pair[1].year {
                return Err(wrong("year", "must go up one by one"));
            }
        }
        for month in 0..12 {
            if self.regime.iter().all(|regime| regime.weight[month] <= 0.0) {
                return Err(wrong("regime", format!("no weight above 0 in month {}", month + 1)));
            }
        }
        for regime in &self.regime {
            let at = |field: &str| format!("regime.{}.{field}", regime.id);
            within(&at("hours"), regime.hours, 1.0, 1000.0)?;
            within(&at("cloud"), regime.cloud, 0.0, 1.0)?;
            within(&at("rain_chance"), regime.rain_chance, 0.0, 1.0)?;
            within(&at("mixing"), regime.mixing, 0.1, 10.0)?;
            for weight in regime.weight {
                within(&at("weight"), weight, 0.0, f64::MAX)?;
            }
        }
        let events = [
            ("typhoon.before", &self.typhoon.before),
            ("typhoon.during", &self.typhoon.during),
            ("dust_event.regime", &self.dust_event.regime),
        ];
        let by_year = self.year.iter().flat_map(|year| year.regime_weight.keys()).map(|id| ("year.regime_weight", id));
        for (at, id) in events.into_iter().chain(by_year) {
            if self.regime_index(id).is_none() {
                return Err(wrong(at, format!("names no regime: {id}")));
            }
        }
        for name in SOURCES {
            let source = self.source.get(name).ok_or_else(|| wrong(format!("source.{name}"), "is missing"))?;
            within(&format!("source.{name}.hours"), source.hours.iter().sum(), f64::MIN_POSITIVE, f64::MAX)?;
        }
        if self.source.len() != SOURCES.len() {
            return Err(wrong("source", format!("knows only {}", SOURCES.join(", "))));
        }
        for (at, value) in [
            ("climate.town_length", self.climate.town_length),
            ("climate.mixing_night", self.climate.mixing_night),
            ("background.refill_hours", self.background.refill_hours),
            ("chemistry.om_to_oc", self.chemistry.om_to_oc),
            ("chemistry.ozone_half_load", self.chemistry.ozone_half_load),
        ] {
            within(at, value, f64::MIN_POSITIVE, 1e6)?;
        }
        for (at, shares) in [("regional", self.chemistry.regional_shares), ("local", self.chemistry.local_shares)] {
            let unidentified = shares[4] / shares.iter().sum::<f64>();
            within(&format!("chemistry.{at}_shares, the last as a part of all"), unidentified, 0.1, 1.0)?;
        }
        for (kind, instruments) in &self.instruments {
            let at = |field: &str| format!("instruments.{kind}.{field}");
            within(&at("calibration_days"), f64::from(instruments.calibration_days), 1.0, 366.0)?;
            within(&at("maintenance_days"), f64::from(instruments.maintenance_days), 1.0, 366.0)?;
            within(&at("calibration_hours"), f64::from(instruments.calibration_hours[0]), 0.0, 23.0)?;
            within(&at("calibration_hours"), f64::from(instruments.calibration_hours[1]), 0.0, 23.0)?;
            within(&at("fault_days"), instruments.fault_days, 0.1, 1e6)?;
            within(&at("power_days"), instruments.power_days, 0.1, 1e6)?;
        }
        for (kind, measures) in &self.measures {
            // The cabin derives PM10 and the species from the PM2.5 that it has just read.
            let mut before = measures.iter().take_while(|parameter| **parameter != Parameter::Pm25);
            if before.any(|parameter| parameter.follows_pm25()) {
                return Err(wrong(format!("measures.{kind}"), "must name PM2_5 before PM10, OC, EC and the ions"));
            }
        }
        for name in self.instruments.keys().chain(self.measures.keys()) {
            if Kind::from_name(name).is_none() {
                return Err(wrong("instruments, measures", format!("no kind of station is called {name}")));
            }
        }
        Ok(())
    }
}

/// Reads `YYYY-MM-DD`.
pub(crate) fn day<'de, D: serde::Deserializer<'de>>(reader: D) -> Result<Date, D::Error> {
    let text = String::deserialize(reader)?;
    text.parse().map_err(|error| serde::de::Error::custom(format!("{text}: {error}")))
}

pub(crate) fn wrong(at: impl Into<String>, why: impl Into<String>) -> Error {
    Error::Model { at: at.into(), why: why.into() }
}

pub(crate) fn within(at: &str, value: f64, low: f64, high: f64) -> Result<(), Error> {
    if (low..=high).contains(&value) {
        Ok(())
    } else {
        Err(wrong(at, format!("{value} is not between {low} and {high}")))
    }
}
