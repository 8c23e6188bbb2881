//! Zones, hours of day and night, and their limits: GB 3096.

use crate::origin::{measured, never_falls};
use crate::{Instrument, LoadError, Measured, NormFile, Origin};
use serde::Deserialize;
use std::ops::Range;
use toml::Spanned;

/// A class of area by its need for quiet: GB 3096-2008 4.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Deserialize)]
pub enum NoiseZone {
    /// Places of convalescence.
    #[serde(rename = "0")]
    Zero,
    /// Homes, hospitals, schools, offices.
    #[serde(rename = "1")]
    One,
    /// Shops and markets, or mixed use.
    #[serde(rename = "2")]
    Two,
    /// Industry and storage.
    #[serde(rename = "3")]
    Three,
    /// Beside main roads, urban rail above ground, and waterways.
    #[serde(rename = "4a")]
    FourA,
    /// Beside main railways.
    #[serde(rename = "4b")]
    FourB,
}

impl NoiseZone {
    /// How many there are.
    pub const COUNT: usize = 6;
    /// All of them, from quiet to loud.
    pub const ALL: [Self; Self::COUNT] = [Self::Zero, Self::One, Self::Two, Self::Three, Self::FourA, Self::FourB];

    /// Its place in [`Self::ALL`].
    #[must_use]
    pub const fn number(self) -> usize {
        self as usize
    }

    /// Its name in the standard: `0` to `3`, `4a`, `4b`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        ["0", "1", "2", "3", "4a", "4b"][self as usize]
    }

    /// The zone of a name.
    ///
    /// ```
    /// use norms::noise::NoiseZone;
    /// assert_eq!(NoiseZone::from_name("4a"), Some(NoiseZone::FourA));
    /// assert_eq!(NoiseZone::from_name("5"), None);
    /// ```
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|zone| zone.name() == name)
    }
}

/// Day or night; which hours these are is data ([`DayNight`]).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NoisePeriod {
    /// Day.
    Day,
    /// Night.
    Night,
}

/// The hours of day: `[day_from, day_to)`; the rest is night (GB 3096-2008 3.4).
///
/// ```
/// use norms::noise::{DayNight, NoisePeriod};
/// let usual = DayNight::new(6, 22).unwrap();
/// assert_eq!((usual.day_hours(), usual.night_hours()), (16, 8));
/// assert_eq!(usual.period_of(22), NoisePeriod::Night);
/// assert_eq!(DayNight::new(22, 6), None);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DayNight {
    day_from: u8,
    day_to: u8,
}

impl DayNight {
    /// Hours that a local government set instead of those of the standard; `None` when they are no part of a day.
    #[must_use]
    pub const fn new(day_from: u8, day_to: u8) -> Option<Self> {
        if day_from < day_to && day_to <= 24 && day_to - day_from < 24 { Some(Self { day_from, day_to }) } else { None }
    }

    /// Hours of day, by their start.
    #[must_use]
    pub const fn day(self) -> Range<u8> {
        self.day_from..self.day_to
    }

    /// How many hours the day has.
    #[must_use]
    pub const fn day_hours(self) -> u8 {
        self.day_to - self.day_from
    }

    /// How many hours the night has.
    #[must_use]
    pub const fn night_hours(self) -> u8 {
        24 - self.day_hours()
    }

    /// Whether an hour, named by its start 0-23, is day or night.
    #[must_use]
    pub const fn period_of(self, hour: u8) -> NoisePeriod {
        if hour >= self.day_from && hour < self.day_to { NoisePeriod::Day } else { NoisePeriod::Night }
    }
}

/// Limits of every zone by day and by night, in dB.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ZoneLimits {
    by_zone: [[Measured; 2]; NoiseZone::COUNT],
    /// Where they come from.
    pub origin: Origin,
}

/// A level beside its limit, in dB.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LevelJudged {
    /// The level.
    pub level: Measured,
    /// The limit.
    pub limit: Measured,
}

impl LevelJudged {
    /// Whether the level is no higher than the limit; both are taken unrounded.
    #[must_use]
    pub fn complies(self) -> bool {
        self.level <= self.limit
    }

    /// By how many dB the level is above the limit; zero when it complies.
    #[must_use]
    pub fn excess(self) -> Measured {
        Measured::from_parts((self.level.parts() - self.limit.parts()).max(0))
    }
}

impl ZoneLimits {
    /// The limit of a zone, in dB.
    #[must_use]
    pub const fn limit(&self, zone: NoiseZone, period: NoisePeriod) -> Measured {
        self.by_zone[zone.number()][period as usize]
    }

    /// A level beside the limit of its zone.
    #[must_use]
    pub const fn judge(&self, zone: NoiseZone, period: NoisePeriod, level: Measured) -> LevelJudged {
        LevelJudged { level, limit: self.limit(zone, period) }
    }

    /// The limit of the highest level of a single noise at night: the night's limit and a margin, in dB.
    #[must_use]
    pub const fn night_max_limit(&self, zone: NoiseZone, margin: Measured) -> Measured {
        let night = self.limit(zone, NoisePeriod::Night);
        Measured::from_parts(night.parts().saturating_add(margin.parts()))
    }
}

/// What kind of noise stands out at night.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NightMaxKind {
    /// Sudden (突发).
    Sudden,
    /// Frequent (频发).
    Frequent,
    /// Now and then (偶发).
    Occasional,
}

/// By how much a single noise may be above the limit of the night.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NightMax {
    /// Kind of noise.
    pub kind: NightMaxKind,
    /// Margin in dB.
    #[serde(deserialize_with = "measured")]
    pub margin: Measured,
    /// Where it comes from.
    pub origin: Origin,
}

/// Other limits of a zone in a case that the standard names.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ZoneException {
    /// Short name, such as `existing_railway`.
    pub name: String,
    /// The zone.
    pub zone: NoiseZone,
    /// Limit by day, in dB.
    #[serde(deserialize_with = "measured")]
    pub day: Measured,
    /// Limit by night, in dB.
    #[serde(deserialize_with = "measured")]
    pub night: Measured,
    /// Where it comes from.
    pub origin: Origin,
}

/// One edition of GB 3096.
#[derive(Clone, Debug)]
pub struct NoiseZones {
    /// The instrument.
    pub instrument: Instrument,
    /// Hours of day and night.
    pub hours: DayNight,
    /// Where the hours come from.
    pub hours_origin: Origin,
    /// Limits.
    pub limits: ZoneLimits,
    /// What a zone is, in Chinese, in the order of [`NoiseZone::ALL`].
    pub labels_zh: [String; NoiseZone::COUNT],
    /// Single noises at night.
    pub night_max: Vec<NightMax>,
    /// Cases with limits of their own.
    pub exceptions: Vec<ZoneException>,
}

impl NoiseZones {
    /// The rule for a kind of single noise at night.
    #[must_use]
    pub fn night_max(&self, kind: NightMaxKind) -> Option<&NightMax> {
        self.night_max.iter().find(|rule| rule.kind == kind)
    }

    /// Reads a `noise-zones/1` file.
    pub(crate) fn load(file: &NormFile) -> Result<Self, LoadError> {
        let table: Table = file.table()?;
        let hours = table.hours.get_ref();
        let Some(day_night) = DayNight::new(hours.day_from, hours.day_to) else {
            let span = Some(table.hours.span());
            return Err(file.error_at(span, "昼间时段须在一日之内", "the hours of day are a part of the day"));
        };
        let mut labels_zh: [String; NoiseZone::COUNT] = Default::default();
        for label in table.label {
            labels_zh[label.zone.number()] = label.zh;
        }
        if let Some(zone) = NoiseZone::ALL.into_iter().find(|zone| labels_zh[zone.number()].is_empty()) {
            let name = zone.name();
            return Err(file.error("label", &format!("缺少{name}类区的说明"), &format!("zone {name} has no label")));
        }
        if let Some(exception) = table.exception.iter().find(|exception| exception.night > exception.day) {
            let name = &exception.name;
            return Err(file.error("exception", &format!("“{name}”夜间高于昼间"), &format!("{name}: night above day")));
        }
        Ok(Self {
            hours: day_night,
            hours_origin: hours.origin.clone(),
            limits: table.limits.check(file)?,
            labels_zh,
            night_max: check_night_max(file, table.night_max)?,
            exceptions: table.exception,
            instrument: table.instrument,
        })
    }
}

/// Each kind once, with a margin of 0 or more.
pub(super) fn check_night_max(file: &NormFile, rules: Vec<NightMax>) -> Result<Vec<NightMax>, LoadError> {
    for (number, rule) in rules.iter().enumerate() {
        if rule.margin < Measured::ZERO || rules[..number].iter().any(|other| other.kind == rule.kind) {
            let en = "each kind of night noise stands once, with a margin of 0 or more";
            return Err(file.error("night_max", "夜间突发噪声每类一条，幅度不为负", en));
        }
    }
    Ok(rules)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[expect(dead_code, reason = "read by the catalogue")]
    schema: String,
    instrument: Instrument,
    hours: Spanned<HoursTable>,
    limits: LimitsTable,
    label: Vec<Label>,
    #[serde(default)]
    night_max: Vec<NightMax>,
    #[serde(default)]
    exception: Vec<ZoneException>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HoursTable {
    day_from: u8,
    day_to: u8,
    origin: Origin,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Label {
    zone: NoiseZone,
    zh: String,
}

/// Limits as a file writes them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LimitsTable {
    origin: Origin,
    rows: Vec<Spanned<LimitRow>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LimitRow {
    zones: Vec<NoiseZone>,
    #[serde(deserialize_with = "measured")]
    day: Measured,
    #[serde(deserialize_with = "measured")]
    night: Measured,
}

impl LimitsTable {
    /// Every zone once, the night no louder than the day, and no zone quieter than a quieter one before it.
    pub(super) fn check(self, file: &NormFile) -> Result<ZoneLimits, LoadError> {
        let mut by_zone = [None; NoiseZone::COUNT];
        for row in &self.rows {
            let fail = |zh: &str, en: &str| Err(file.error_at(Some(row.span()), zh, en));
            let row = row.get_ref();
            if row.day <= Measured::ZERO || row.night <= Measured::ZERO {
                return fail("限值须为正数", "a limit is a positive number");
            }
            if row.night > row.day {
                return fail("夜间限值高于昼间", "the limit of the night is above that of the day");
            }
            for zone in &row.zones {
                if by_zone[zone.number()].replace([row.day, row.night]).is_some() {
                    return fail(&format!("{}类区重复", zone.name()), &format!("zone {} stands twice", zone.name()));
                }
            }
        }
        let mut limits = [[Measured::ZERO; 2]; NoiseZone::COUNT];
        for zone in NoiseZone::ALL {
            let name = zone.name();
            limits[zone.number()] = by_zone[zone.number()].ok_or_else(|| {
                file.error("limits", &format!("缺少{name}类区的限值"), &format!("zone {name} has no limits"))
            })?;
        }
        for period in [NoisePeriod::Day, NoisePeriod::Night] {
            if !never_falls(limits.iter().map(|pair| pair[period as usize])) {
                let zh = "限值从0类到4b类不得降低";
                return Err(file.error("limits", zh, "limits never fall from zone 0 to zone 4b"));
            }
        }
        Ok(ZoneLimits { by_zone: limits, origin: self.origin })
    }
}
