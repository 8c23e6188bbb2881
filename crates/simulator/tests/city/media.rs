//! The other media: what the rows come to when the norms judge them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use norms::classes::{ClassTable, Reading, WaterBody};
use norms::discharge::{Outcome, Outlet};
use norms::litter::{ShoreSegment, change_percent, shoreline_cover};
use norms::noise::{NoiseDay, NoisePeriod, NoiseZone};
use norms::soil::{LandClass, SoilValue, SoilVerdict};
use norms::{Day, Mean, Measured, NormFile, Norms, Ratio};
use simulator::Error;
use simulator::media::{Found, MediaModel, MediaRow, Medium, Period, Place, WorkEntry, places, simulate, worklog};

macro_rules! norm_files {
    ($($path:literal)*) => {
        [$(NormFile { path: $path.into(), text: include_str!(concat!("../../../../norms/", $path)).into() },)*]
    };
}

static NORMS: LazyLock<Norms> = LazyLock::new(|| {
    Norms::load(&norm_files! {
        "parameters.csv" "units.csv" "words.csv" "gb3838/2002.toml" "surface-water/2011.toml" "gb3097/1997.toml"
        "sea/2020.toml" "gbt14848/2017.toml" "gb3096/2008.toml" "hj640/2012.toml" "hj906/2017.toml"
        "gb8978/1996.toml" "litter/monitoring.toml" "gb36600/2018.toml"
    })
    .unwrap()
});

static MODEL: LazyLock<MediaModel> =
    LazyLock::new(|| MediaModel::parse(include_str!("../../../../cities/xiamen/demo/media.toml")).unwrap());

static PLACES: LazyLock<Vec<Place>> =
    LazyLock::new(|| places(include_str!("../../../../cities/xiamen/demo/places.csv")).unwrap());

/// Every row of a seed, by place and year.
struct City(BTreeMap<(String, i16), Vec<MediaRow>>);

impl City {
    fn of(seed: u64) -> City {
        let mut rows: BTreeMap<_, Vec<MediaRow>> = BTreeMap::new();
        for row in simulate(&MODEL, &PLACES, seed, 2021..=2022).unwrap() {
            // A night belongs to the year in which it begins; no visit ends a year.
            rows.entry((row.station.to_string(), row.time.year())).or_default().push(row);
        }
        City(rows)
    }

    fn rows(&self, place: &Place, year: i16) -> &[MediaRow] {
        self.0.get(&(place.station.to_string(), year)).map_or(&[], Vec::as_slice)
    }
}

/// The city as shipped.
static SHIPPED: LazyLock<City> = LazyLock::new(|| City::of(MODEL.seed));

fn of(medium: Medium) -> impl Iterator<Item = &'static Place> {
    PLACES.iter().filter(move |place| place.medium == medium)
}

fn day(year: i16) -> Day {
    Day::from_ymd(i32::from(year), 7, 1).unwrap()
}

fn measured(row: &MediaRow) -> Measured {
    row.value.to_string().parse().unwrap()
}

/// The readings of a year: of each item the mean of the means of months, in which half the limit stands for what was
/// below it.
fn readings(classes: &ClassTable, rows: &[MediaRow]) -> Vec<(usize, Reading)> {
    let mut months: BTreeMap<usize, BTreeMap<i8, Vec<&MediaRow>>> = BTreeMap::new();
    for row in rows {
        if let Some(item) = classes.number(&row.parameter) {
            months.entry(item).or_default().entry(row.time.month()).or_default().push(row);
        }
    }
    let reading = |months: BTreeMap<i8, Vec<&MediaRow>>| {
        let all = || months.values().flatten();
        if all().all(|row| row.flag == Found::BelowDetection) {
            return Reading::Below(all().map(|row| measured(row)).max().unwrap());
        }
        let mut year = Mean::default();
        for rows in months.values() {
            let mut month = Mean::default();
            for row in rows {
                let below = row.flag == Found::BelowDetection;
                month.add(if below { measured(row).below_detection() } else { measured(row) });
            }
            year.add(month.ratio().to_measured());
        }
        Reading::Mean(year)
    };
    months.into_iter().map(|(item, months)| (item, reading(months))).collect()
}

/// The class of a section's year, from 1.
fn water_class(city: &City, place: &Place, year: i16) -> u8 {
    let rules = NORMS.surface_water.on(day(year)).unwrap();
    let body = WaterBody::from_name(&place.kind).unwrap();
    let readings = readings(&rules.standard.classes, city.rows(place, year));
    assert!(readings.len() >= 23, "{}: {}", place.station, readings.len());
    rules.section(body, &readings, None).unwrap().classified.class
}

fn target(place: &Place) -> u8 {
    let rules = NORMS.surface_water.on(day(2022)).unwrap();
    rules.standard.classes.class_of(&place.function_class).unwrap()
}

/// Sections of some programmes, and those of them that meet their function class.
fn meeting(city: &City, programmes: &[&str], year: i16) -> (usize, usize) {
    let sections: Vec<&Place> =
        of(Medium::SurfaceWater).filter(|place| programmes.iter().all(|programme| place.is_in(programme))).collect();
    let meets = sections.iter().filter(|place| water_class(city, place, year) <= target(place)).count();
    (meets, sections.len())
}

#[test]
fn sections_of_the_main_basins_are_good() {
    let main: Vec<u8> = of(Medium::SurfaceWater)
        .filter(|place| place.is_in("主要流域"))
        .flat_map(|place| [2021, 2022].map(|year| water_class(&SHIPPED, place, year)))
        .collect();
    assert_eq!(main.len(), 2 * 8);
    assert!(main.iter().all(|class| *class <= 3), "{main:?}");
}

#[test]
fn small_basins_meet_their_class() {
    for year in [2021, 2022] {
        assert_eq!(meeting(&SHIPPED, &["小流域", "省控"], year), (12, 12), "{year}");
        assert_eq!(meeting(&SHIPPED, &["以奖促治"], year), (10, 10), "{year}");
    }
}

#[test]
fn of_the_former_worst_sections_22_of_26_meet_their_class() {
    assert_eq!(meeting(&SHIPPED, &["劣Ⅴ基线"], 2022), (22, 26));
    assert_eq!(meeting(&SHIPPED, &["劣Ⅴ基线"], 2021), (15, 26));
}

#[test]
fn drinking_water_sources_meet_their_class_every_month() {
    let rules = NORMS.surface_water.on(day(2022)).unwrap();
    let mut months = 0;
    for place in of(Medium::SurfaceWater).filter(|place| place.is_in("饮用水水源地")) {
        for rows in [2021, 2022].map(|year| SHIPPED.rows(place, year)) {
            for sample in rows.chunk_by(|a, b| a.time == b.time) {
                let readings = readings(&rules.standard.classes, sample);
                let body = WaterBody::from_name(&place.kind).unwrap();
                let class = rules.section(body, &readings, None).unwrap().classified.class;
                assert!(class <= target(place), "{} {}", place.station, sample[0].time);
                months += 1;
            }
        }
    }
    assert_eq!(months, 6 * 24);
}

/// Whether a coastal point is good in a year.
fn is_good(city: &City, place: &Place, year: i16) -> bool {
    let rules = NORMS.sea.on(day(year)).unwrap();
    let point = rules.point(&readings(&rules.standard.classes, city.rows(place, year))).unwrap();
    point.classified.class <= rules.evaluation.point.good_class
}

fn good_points(city: &City, year: i16) -> usize {
    of(Medium::Sea).filter(|place| is_good(city, place, year)).count()
}

#[test]
fn coastal_points_are_19_of_22_good() {
    assert_eq!(of(Medium::Sea).count(), 22);
    assert_eq!([2021, 2022].map(|year| good_points(&SHIPPED, year)), [16, 19]);
    let mut bay = of(Medium::Sea).filter(|place| place.waterbody == "同安湾");
    assert!(bay.all(|place| is_good(&SHIPPED, place, 2022)));
    assert!(of(Medium::Sea).all(|place| SHIPPED.rows(place, 2022).chunk_by(|a, b| a.time == b.time).count() == 3));
}

/// Whether each quarter of a point complies in a period.
fn quarters(city: &City, place: &Place, year: i16, period: NoisePeriod) -> Vec<bool> {
    let rules = NORMS.noise.on(day(year)).unwrap();
    let zone = NoiseZone::from_name(&place.function_class).unwrap();
    let visits = city.rows(place, year).chunks(24);
    visits
        .map(|hours| {
            let first = hours[0].time.date();
            let day = Day::from_ymd(i32::from(first.year()), first.month() as u32, first.day() as u32).unwrap();
            // The first hour is the one from 6 to 7 and is labelled 7.
            let level = |hour: norms::Hour| {
                let number = usize::try_from(hour.0 - day.hour(6).0).ok()?;
                hours.get(number).map(measured)
            };
            let judged = NoiseDay::of(day, rules.zones.hours, rules, level);
            assert_eq!((judged.day_hours, judged.night_hours), (16, 8));
            judged.judge(rules, zone, period).unwrap().complies()
        })
        .collect()
}

#[test]
fn noise_complies_by_day_and_at_25_of_29_points_by_night() {
    for year in [2021, 2022] {
        let points: Vec<&Place> = of(Medium::Noise).collect();
        let by_day =
            |place: &&&Place| quarters(&SHIPPED, place, year, NoisePeriod::Day).into_iter().all(|complies| complies);
        let by_night: Vec<Vec<bool>> =
            points.iter().map(|place| quarters(&SHIPPED, place, year, NoisePeriod::Night)).collect();
        assert_eq!((points.len(), points.iter().filter(by_day).count()), (29, 29));
        // By points and by point-periods the share is the same: a point complies in every quarter or in none.
        assert_eq!(by_night.iter().filter(|quarters| quarters.iter().all(|complies| *complies)).count(), 25);
        assert_eq!(by_night.iter().flatten().filter(|complies| **complies).count(), 100);
        assert_eq!(by_night.iter().flatten().count(), 116);
    }
}

/// Wells of class III or better.
fn good_wells(city: &City, year: i16) -> usize {
    let standard = NORMS.groundwater.on(day(year)).unwrap();
    let class = |place| standard.well(&readings(&standard.classes, city.rows(place, year))).unwrap().class;
    of(Medium::Groundwater).filter(|place| class(place) <= standard.good.class).count()
}

#[test]
fn groundwater_has_two_more_points_of_class_3() {
    assert_eq!([2021, 2022].map(|year| good_wells(&SHIPPED, year)), [6, 8]);
}

/// Outfalls of which every sample of a year complies.
fn complying_outfalls(city: &City, year: i16) -> usize {
    let limits = NORMS.discharge.limits_on("GB8978", day(year)).unwrap();
    let outlet = Outlet { table: "table4", column: "1", ..Outlet::default() };
    let complies = |place: &&Place| {
        let outcomes: Vec<Outcome> = city
            .rows(place, year)
            .iter()
            .map(|row| {
                let below = row.flag == Found::BelowDetection;
                let value = if below { measured(row).below_detection() } else { measured(row) };
                limits.judge(&outlet, &row.parameter, value).outcome
            })
            .collect();
        assert!(outcomes.contains(&Outcome::Compliant));
        !outcomes.iter().any(|outcome| matches!(outcome, Outcome::Exceeded { .. }))
    };
    of(Medium::Discharge).filter(complies).count()
}

#[test]
fn outfalls_comply_to_97_per_cent() {
    assert_eq!(of(Medium::Discharge).count(), 400);
    assert!(of(Medium::Discharge).all(|place| place.function_class == "GB8978/table4/1"));
    assert_eq!([2021, 2022].map(|year| complying_outfalls(&SHIPPED, year)), [357, 388]);
}

/// Litter by length of a year, m²/km.
fn litter(city: &City, year: i16) -> Ratio {
    let surveys: Vec<(String, Measured, Measured)> = of(Medium::Litter)
        .flat_map(|place| city.rows(place, year).chunk_by(|a, b| a.time == b.time))
        .map(|survey| {
            let value = |name| measured(survey.iter().find(|row| &*row.parameter == name).unwrap());
            let shore = format!("{} {}", survey[0].station, survey[0].time);
            (shore, value("SHORE_LENGTH"), value("LITTER_AREA"))
        })
        .collect();
    let segments: Vec<ShoreSegment<'_>> = surveys
        .iter()
        .map(|(shore, to, litter_area)| ShoreSegment {
            shore,
            from: Measured::ZERO,
            to: *to,
            litter_area: *litter_area,
        })
        .collect();
    shoreline_cover(&segments).unwrap()
}

#[test]
fn litter_falls_by_53_per_cent() {
    let [before, after] = [2021, 2022].map(|year| litter(&SHIPPED, year));
    assert_eq!(after.rounded(1).to_string(), "94.6");
    assert_eq!(change_percent(before, after).unwrap().rounded(0).to_string(), "-53");
}

/// The counts come from causes, not from a lucky seed: litter alone, a sum of chances, hits its tenth by its level.
#[test]
fn other_seeds_give_the_same_counts() {
    for seed in 1..=12 {
        let city = City::of(seed);
        let programmes: [&[&str]; 3] = [&["劣Ⅴ基线"], &["小流域", "省控"], &["以奖促治"]];
        assert_eq!(programmes.map(|programmes| meeting(&city, programmes, 2022).0), [22, 12, 10], "{seed}");
        assert_eq!([2021, 2022].map(|year| good_points(&city, year)), [16, 19], "{seed}");
        assert_eq!([2021, 2022].map(|year| good_wells(&city, year)), [6, 8], "{seed}");
        assert_eq!([2021, 2022].map(|year| complying_outfalls(&city, year)), [357, 388], "{seed}");
        let quiet = |place: &&Place| quarters(&city, place, 2022, NoisePeriod::Night).into_iter().all(|one| one);
        assert_eq!(of(Medium::Noise).filter(quiet).count(), 25, "{seed}");
        let fallen = change_percent(litter(&city, 2021), litter(&city, 2022)).unwrap().to_f64();
        assert!((-70.0..-35.0).contains(&fallen), "{seed}: {fallen}");
    }
}

#[test]
fn soil_has_every_basic_item_and_stays_below_control() {
    let construction = NORMS.soil.construction.on(day(2022)).unwrap();
    for place in of(Medium::Soil) {
        let land = if place.function_class == "第一类用地" { LandClass::First } else { LandClass::Second };
        let rows = SHIPPED.rows(place, 2022);
        let values: Vec<SoilValue<'_>> = rows
            .iter()
            .map(|row| SoilValue { parameter: &row.parameter, value: measured(row), background: None })
            .collect();
        let judged = construction.judge(land, &values);
        // The 45 basic items and petroleum.
        assert_eq!(judged.items.len(), 46, "{}", place.station);
        assert!(judged.items.iter().all(|item| item.verdict != SoilVerdict::AboveControl));
    }
    assert!(of(Medium::Soil).all(|place| SHIPPED.rows(place, 2021).is_empty()));
}

#[test]
fn names_units_and_digits_are_those_of_the_norms() {
    for row in SHIPPED.0.values().flatten() {
        let place = PLACES.iter().find(|place| place.station == row.station).unwrap();
        let parameter = NORMS.parameters.find(place.medium.name(), &row.parameter);
        let parameter = parameter.unwrap_or_else(|| panic!("{} of {}", row.parameter, place.medium.name()));
        assert_eq!(*parameter.parameter, *row.parameter);
        assert!(row.value.mantissa > 0, "{row:?}");
        assert_eq!(row.period == Period::Hour, place.medium == Medium::Noise);
    }
    let hours: BTreeSet<i8> =
        SHIPPED.0.values().flatten().filter(|row| row.period == Period::Instant).map(|row| row.time.hour()).collect();
    assert_eq!(hours, (8..17).collect());
    let below = SHIPPED.0.values().flatten().filter(|row| row.flag == Found::BelowDetection).count();
    assert!(below > 10_000, "{below}");
}

#[test]
fn the_same_seed_gives_the_same_rows_and_places_do_not_matter_to_each_other() {
    let of = |places: &[Place], seed, years| simulate(&MODEL, places, seed, years).unwrap().collect::<Vec<_>>();
    for medium in Medium::ALL {
        let places: Vec<Place> = PLACES.iter().filter(|place| place.medium == medium).cloned().collect();
        let alone = &places[1..2];
        let together = of(&places, 7, 2021..=2022);
        let among: Vec<MediaRow> = together.iter().filter(|row| row.station == alone[0].station).cloned().collect();
        assert_eq!(of(alone, 7, 2021..=2022), among);
        assert_ne!(of(alone, 8, 2021..=2022), among);
        let years: Vec<MediaRow> = [2021, 2022].into_iter().flat_map(|year| of(alone, 7, year..=year)).collect();
        assert_eq!(years, among);
    }
}

#[test]
fn the_worklog_adds_up() {
    let log = worklog(&MODEL, &PLACES, MODEL.seed).unwrap();
    assert_eq!(log, worklog(&MODEL, &PLACES, MODEL.seed).unwrap());
    let of = |kind| log.iter().filter(move |entry| entry.kind == kind);
    let sum = |kind| {
        let parts: i64 = of(kind).map(|entry: &WorkEntry| entry.quantity.mantissa).sum();
        parts as f64 / 10_f64.powi(i32::from(of(kind).next().unwrap().quantity.decimals))
    };
    assert_eq!([sum("sewer_km"), sum("separation_km2"), sum("sewage_capacity")], [546.0, 179.3, 118.5]);
    let visits = |year| of("outfall_visit").filter(move |entry| entry.date.year() == year);
    assert_eq!((visits(2021).count(), visits(2022).count()), (863, 1279));
    assert_eq!(visits(2022).map(|entry| &entry.subject).collect::<BTreeSet<_>>().len(), 400);
    let dry: Vec<&WorkEntry> = of("outfall_dry_check").filter(|entry| entry.date.year() == 2022).collect();
    assert_eq!(dry.iter().map(|entry| &entry.subject).collect::<BTreeSet<_>>().len(), 11);
    assert!(dry.iter().all(|entry| entry.quantity.mantissa == 0));
    assert_eq!(of("intake_volume").count(), 6 * 24);
    assert!(log.iter().all(|entry| entry.note.contains("simulated") && entry.date.year() <= 2022));
    assert_eq!(log.iter().map(|entry| &entry.entry).collect::<BTreeSet<_>>().len(), log.len());
}

#[test]
fn wrong_registers_models_and_years_are_refused() {
    let head = include_str!("../../../../cities/xiamen/demo/places.csv").lines().next().unwrap();
    let line = "X,a,b,,sea,point,east,24,1,,,,,";
    assert!(matches!(places(&format!("{head}\n{line}\n")), Err(Error::Register { line: 2, field: "lon" })));
    assert!(matches!(simulate(&MODEL, &PLACES, 1, 2021..=2023).map(|_| ()), Err(Error::Years { to: 2023, .. })));
    let twice = [PLACES[0].clone(), PLACES[0].clone()];
    assert!(matches!(simulate(&MODEL, &twice, 1, 2021..=2021).map(|_| ()), Err(Error::StationTwice(_))));
    let text = include_str!("../../../../cities/xiamen/demo/media.toml");
    assert!(MediaModel::parse(&text.replacen("level = 7.3,", "level = -7.3,", 1)).is_err());
    let strange = Place { function_class: "5".to_owned(), ..of(Medium::Noise).next().unwrap().clone() };
    assert!(matches!(simulate(&MODEL, &[strange], 1, 2021..=2021).map(|_| ()), Err(Error::Model { .. })));
}
