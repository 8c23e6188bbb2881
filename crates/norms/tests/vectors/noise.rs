//! Noise.

use super::{refused, shipped};
use norms::noise::{
    BackgroundCorrected, DayNight, LevelHistogram, NightMaxKind, NoiseDay, NoisePeriod, NoiseZone, PointPeriods,
    RoadSection, Room, ZoneTallies, day_night_level, energy_mean, regional_mean, road_mean, without_background,
};
use norms::{Confidence, Day, Hour, Measured, Ratio};
use proptest::prelude::*;

const DAY: [i64; 16] = [52, 55, 58, 60, 59, 58, 57, 57, 58, 58, 59, 60, 61, 59, 56, 54];
const NIGHT: [i64; 8] = [51, 49, 47, 46, 45, 45, 46, 49];

fn db(text: &str) -> Measured {
    text.parse().unwrap()
}

fn today() -> Day {
    "2026-03-01".parse().unwrap()
}

/// The level of an hour of the example, whose day begins at 06:00.
fn example(hour: Hour) -> Option<Measured> {
    let since_dawn = hour.0 - today().hour(6).0;
    let levels: Vec<i64> = DAY.into_iter().chain(NIGHT).collect();
    usize::try_from(since_dawn).ok().and_then(|place| levels.get(place)).map(|&level| Measured::whole(level))
}

#[test]
fn hj640_n1_day_night_and_day_night_level() {
    let norms = shipped();
    let rules = norms.noise.on(today()).unwrap();
    let day = NoiseDay::of(today(), rules.zones.hours, rules, example);
    let shown = |level: Option<Measured>| level.unwrap().rounded(1).to_string();
    assert_eq!((shown(day.ld), shown(day.ln), shown(day.ldn)), ("58.1".into(), "47.8".into(), "58.0".into()));
    assert_eq!((day.day_hours, day.night_hours), (16, 8));
    assert_eq!(energy_mean([60, 70].map(Measured::whole)).unwrap().rounded(1).to_string(), "67.4");

    let complies =
        |zone| [NoisePeriod::Day, NoisePeriod::Night].map(|period| day.judge(rules, zone, period).unwrap().complies());
    assert_eq!(complies(NoiseZone::Two), [true, true]);
    assert_eq!(complies(NoiseZone::One), [false, false]);
    assert_eq!(rules.evaluation.day_night.origin.confidence, Confidence::Memory);
}

#[test]
fn hj906_6_a_day_needs_12_hours_and_a_night_6() {
    let norms = shipped();
    let rules = norms.noise.on(today()).unwrap();
    assert_eq!(rules.validity.counts_origin.confidence, Confidence::Memory);
    let dawn = today().hour(6).0;
    for (hours, valid) in [(11, false), (12, true)] {
        let day =
            NoiseDay::of(today(), rules.zones.hours, rules, |hour| example(hour).filter(|_| hour.0 < dawn + hours));
        assert_eq!((day.ld.is_some(), day.ln, day.ldn), (valid, None, None), "{hours}");
    }
    for (hours, valid) in [(5, false), (6, true)] {
        let day = NoiseDay::of(today(), rules.zones.hours, rules, |hour| {
            example(hour).filter(|_| hour.0 < dawn + 16 + hours)
        });
        assert_eq!((day.ln.is_some(), day.ldn.is_some()), (valid, valid), "{hours}");
    }
    assert!(!rules.validity.hour_counts(44) && rules.validity.hour_counts(45));
    assert!(rules.validity.weather_allows(db("5"), false));
    assert!(!rules.validity.weather_allows(db("5.1"), false) && !rules.validity.weather_allows(db("0"), true));
}

#[test]
fn gb3096_3_4_other_hours_of_day() {
    let norms = shipped();
    let rules = norms.noise.on(today()).unwrap();
    let later = DayNight::new(7, 23).unwrap();
    let level = |hour: Hour| Some(Measured::whole(if (7..23).contains(&(hour.0.rem_euclid(24))) { 60 } else { 50 }));
    let day = NoiseDay::of(today(), later, rules, level);
    assert_eq!((day.ld, day.ln, day.ldn), (Some(db("60")), Some(db("50")), Some(db("60"))));
}

#[test]
fn gb3096_table_1_and_5_4() {
    let norms = shipped();
    let zones = norms.noise.zones.on(today()).unwrap();
    let expected = [("0", 50, 40), ("1", 55, 45), ("2", 60, 50), ("3", 65, 55), ("4a", 70, 55), ("4b", 70, 60)];
    for (name, day, night) in expected {
        let zone = NoiseZone::from_name(name).unwrap();
        assert_eq!(zones.limits.limit(zone, NoisePeriod::Day), Measured::whole(day));
        assert_eq!(zones.limits.limit(zone, NoisePeriod::Night), Measured::whole(night));
    }
    let sudden = zones.night_max(NightMaxKind::Sudden).unwrap();
    assert_eq!(zones.limits.night_max_limit(NoiseZone::Two, sudden.margin), db("65"));
    assert_eq!((zones.exceptions[0].zone, zones.exceptions[0].night), (NoiseZone::FourB, db("55")));
    // On the limit complies; any more does not, whatever it would be rounded to.
    let judge = |level| zones.limits.judge(NoiseZone::One, NoisePeriod::Day, db(level));
    assert!(judge("55").complies() && !judge("55.04").complies());
    assert_eq!(judge("55.04").excess(), db("0.04"));
    assert!(zones.limits.judge(NoiseZone::Two, NoisePeriod::Day, energy_mean([db("60"); 16]).unwrap()).complies());
}

#[test]
fn gb3096_n2_levels_that_are_exceeded() {
    let norms = shipped();
    let rules = &norms.noise.on(today()).unwrap().evaluation.levels;
    let mut levels = LevelHistogram::new();
    (1..=100).for_each(|level| levels.push_tenths(level * 10));
    let statistics = levels.statistics(rules).unwrap();
    let expected = [(5, 96), (10, 91), (50, 51), (90, 11), (95, 6)].map(|(n, level)| (n, Measured::whole(level)));
    assert_eq!(statistics.exceeded, expected);
    assert_eq!((statistics.max, statistics.min, statistics.count), (db("100"), db("1"), 100));
    // Of 1 to n the variance by the count less one is n(n + 1)/12.
    assert!((statistics.deviation.unwrap() - (100.0 * 101.0 / 12.0_f64).sqrt()).abs() < 1e-12);
    assert_eq!(LevelHistogram::new().statistics(rules), None);
}

fn section(length: &str, level: &str) -> RoadSection {
    RoadSection { length: db(length), level: db(level) }
}

#[test]
fn hj640_n3_roads() {
    let norms = shipped();
    let road = &norms.noise.on(today()).unwrap().evaluation.road;
    let mean = road_mean(&[section("1.2", "68.4"), section("0.8", "71.0"), section("2.0", "66.5")]).unwrap();
    assert_eq!((mean.rounded(2).to_string(), mean.rounded(1).to_string()), ("67.97".into(), "68.0".into()));
    let graded = |period, level: Ratio| {
        let graded = road.grade(period, level);
        (graded.grade.name_zh.as_str(), graded.grade.label_zh.as_str(), graded.origin.confidence)
    };
    assert_eq!(graded(NoisePeriod::Day, mean), ("一级", "好", Confidence::Verified));
    // Changsha 2016, Xuancheng 2018.
    assert_eq!(graded(NoisePeriod::Day, db("69.6").ratio()), ("二级", "较好", Confidence::Verified));
    assert_eq!(graded(NoisePeriod::Day, db("59.3").ratio()).1, "好");
    assert_eq!(graded(NoisePeriod::Night, db("51.4").ratio()), ("一级", "好", Confidence::Memory));
    assert_eq!(road.grade(NoisePeriod::Day, db("74.1").ratio()).number, 5);
    assert_eq!(road_mean(&[]), None);
    assert_eq!(road_mean(&[section("0", "60")]), None);
}

#[test]
fn hj640_n4_regions() {
    let norms = shipped();
    let regional = &norms.noise.on(today()).unwrap().evaluation.regional;
    // Xuancheng; Yanbian; Dazhou 2016.
    for (period, level, label) in [
        (NoisePeriod::Day, "54.5", "较好"),
        (NoisePeriod::Night, "46.1", "一般"),
        (NoisePeriod::Day, "49.6", "好"),
        (NoisePeriod::Day, "51.6", "较好"),
        (NoisePeriod::Day, "56.8", "一般"),
        (NoisePeriod::Day, "49.5", "好"),
        (NoisePeriod::Day, "50", "好"),
        (NoisePeriod::Day, "65.01", "差"),
    ] {
        assert_eq!(regional.grade(period, db(level).ratio()).grade.label_zh, label, "{level}");
    }
    assert_eq!(regional_mean(&[db("54.2"), db("54.8")]), Some(db("54.5").ratio()));
    assert_eq!(regional_mean(&[]), None);
}

#[test]
fn hj640_n5_point_periods() {
    let norms = shipped();
    let rules = norms.noise.on(today()).unwrap();
    let rate = |compliant, monitored| {
        PointPeriods { compliant, monitored }.rate_percent(rules.evaluation.rate_decimals).unwrap().to_string()
    };
    assert_eq!((rate(151, 156), rate(139, 156)), ("96.8".into(), "89.1".into()));
    assert_eq!(PointPeriods::default().rate_percent(1), None);
    let mut tallies = ZoneTallies::default();
    for (zone, level) in [(NoiseZone::One, "55"), (NoiseZone::One, "55.1"), (NoiseZone::Two, "60")] {
        tallies.add(zone, NoisePeriod::Day, rules.zones.limits.judge(zone, NoisePeriod::Day, db(level)));
    }
    assert_eq!(tallies.of(NoiseZone::One, NoisePeriod::Day), PointPeriods { compliant: 1, monitored: 2 });
    assert_eq!(tallies.total(NoisePeriod::Day), PointPeriods { compliant: 2, monitored: 3 });
    assert_eq!(tallies.total(NoisePeriod::Night), PointPeriods::default());
}

#[test]
fn gb12348_n6_background_and_night() {
    let norms = shipped();
    let plants = norms.noise.emission_on("GB12348", today()).unwrap();
    assert_eq!(without_background(db("62"), db("57")).unwrap().rounded(1).to_string(), "60.3");
    let table = plants.background.as_ref().unwrap();
    assert_eq!(table.origin.confidence, Confidence::Memory);
    for (background, expected) in [
        ("49", BackgroundCorrected::AsMeasured(db("60"))),
        ("49.9", BackgroundCorrected::AsMeasured(db("60"))),
        ("50", BackgroundCorrected::Corrected(db("59"))),
        ("54", BackgroundCorrected::Corrected(db("59"))),
        // 5.5 becomes 6, half to even; 4.5 becomes 4.
        ("54.5", BackgroundCorrected::Corrected(db("59"))),
        ("55.5", BackgroundCorrected::Corrected(db("58"))),
        ("57", BackgroundCorrected::Corrected(db("57"))),
        ("57.1", BackgroundCorrected::TooNear),
    ] {
        assert_eq!(table.correct(db("60"), db(background)), expected, "{background}");
    }
    let margin = |kind| plants.night_max(kind).unwrap().margin;
    assert_eq!((margin(NightMaxKind::Frequent), margin(NightMaxKind::Occasional)), (db("10"), db("15")));
    assert_eq!(plants.limits.night_max_limit(NoiseZone::Three, margin(NightMaxKind::Occasional)), db("70"));
    assert_eq!(plants.indoor_limit(NoiseZone::Two, NoisePeriod::Night), Some(db("40")));
}

#[test]
fn gb22337_table_2_and_gb12523_editions() {
    let norms = shipped();
    let venues = norms.noise.emission_on("GB22337", today()).unwrap();
    let (limit, origin) = venues.structure_borne_limit(NoiseZone::One, Room::B, NoisePeriod::Night).unwrap();
    assert_eq!((limit, origin.confidence), (db("35"), Confidence::Memory));
    assert_eq!(venues.indoor_limit(NoiseZone::One, NoisePeriod::Day), None);
    let before = norms.noise.emission_on("GB12523", "2025-12-31".parse().unwrap()).unwrap();
    let after = norms.noise.emission_on("GB12523", "2026-01-01".parse().unwrap()).unwrap();
    assert_eq!((before.instrument.id.as_str(), after.instrument.id.as_str()), ("GB12523-2011", "GB12523-2025"));
    assert_eq!(before.limits.origin.confidence, Confidence::Verified);
    assert_eq!(after.limits.origin.confidence, Confidence::Memory);
    let sudden = after.night_max(NightMaxKind::Sudden).unwrap();
    assert_eq!(after.limits.night_max_limit(NoiseZone::One, sudden.margin), db("70"));
}

#[test]
fn lies_in_noise_tables_are_refused() {
    let zones = "gb3096/2008.toml";
    let error = refused(zones, "day = 65, night = 55 }", "day = 55, night = 55 }");
    assert!(error.message_en.contains("never fall"), "{error}");
    let error = refused(zones, "day = 60, night = 50", "day = 50, night = 60");
    assert!(error.line > 20 && error.message_en.contains("above that of the day"), "{error}");
    let error = refused(zones, "  { zones = [\"4b\"], day = 70, night = 60 },\n", "");
    assert!(error.message_en.contains("zone 4b"), "{error}");
    assert!(refused(zones, "zones = [\"1\"]", "zones = [\"1\", \"0\"]").message_en.contains("twice"));
    assert!(refused(zones, "zones = [\"1\"]", "zones = [\"5\"]").line > 20);
    assert_eq!(refused(zones, "day_from = 6", "day_from = 23").field, "hours");
    assert!(refused(zones, "margin = 15", "margin = -1").message_en.contains("margin"));
    let error = refused("hj640/2012.toml", "[68, 70, 72, 74]", "[68, 70, 69, 74]");
    assert_eq!(error.field, "upper");
    assert!(refused("hj640/2012.toml", "[58, 60, 62, 64]", "[58, 60, 62]").message_en.contains("fewer"));
    assert!(refused("hj906/2017.toml", "day_hours_min = 12", "day_hours_min = 0").line > 0);
    assert!(refused("gb12348/2008.toml", "from = 4, to = 5", "from = 4, to = 4").message_en.contains("gap"));
    assert!(
        refused("gb22337/2008.toml", "room = \"B\", day = 50", "room = \"A\", day = 50").message_en.contains("room")
    );
    assert!(refused("gb12523/2025.toml", "from = 2026-01-01", "from = 2025-12-31").message_en.contains("overlaps"));
}

proptest! {
    #[test]
    fn parts_of_a_histogram_are_the_whole(
        parts in prop::collection::vec(prop::collection::vec(-250_i16..2100, 0..200), 1..5),
    ) {
        let mut whole = LevelHistogram::new();
        let mut merged = LevelHistogram::new();
        for part in &parts {
            whole.extend_tenths(part);
            let mut of_part = LevelHistogram::new();
            of_part.extend_tenths(part);
            merged.merge(&of_part);
        }
        prop_assert_eq!(merged.leq(), whole.leq());
        prop_assert_eq!(&merged, &whole);
        merged.clear();
        prop_assert_eq!(merged, LevelHistogram::new());
    }

    #[test]
    fn a_histogram_is_the_sorted_list(mut levels in prop::collection::vec(0_i16..1500, 1..400), percent in 1_u8..100) {
        let mut histogram = LevelHistogram::new();
        histogram.extend_tenths(&levels);
        levels.sort_unstable_by(|a, b| b.cmp(a));
        let number = (levels.len() * usize::from(percent) / 100).max(1);
        let tenths = |level: i16| Some(Measured::tenths(i64::from(level)));
        prop_assert_eq!(histogram.exceeded(percent), tenths(levels[number - 1]));
        prop_assert_eq!((histogram.max(), histogram.min()), (tenths(levels[0]), tenths(levels[levels.len() - 1])));
        let mean = energy_mean(levels.iter().map(|&level| Measured::tenths(i64::from(level)))).unwrap();
        prop_assert!((mean.parts() - histogram.leq().unwrap().parts()).abs() <= 1);
        let mut by_float = LevelHistogram::new();
        levels.iter().for_each(|&level| by_float.push(f32::from(level) / 10.0));
        prop_assert_eq!(by_float, histogram);
    }

    #[test]
    fn an_energy_mean_lies_between_and_above_the_arithmetic_mean(levels in prop::collection::vec(0_i64..1200, 1..50)) {
        let levels: Vec<Measured> = levels.into_iter().map(Measured::tenths).collect();
        let mean = energy_mean(levels.iter().copied()).unwrap();
        prop_assert!(*levels.iter().min().unwrap() <= mean && mean <= *levels.iter().max().unwrap());
        prop_assert!(Measured::from_parts(mean.parts() + 1).ratio() >= regional_mean(&levels).unwrap());
    }

    #[test]
    fn a_day_night_level_rises_with_both(ld in 300_i64..900, ln in 300_i64..900, more in 1_i64..100) {
        let hours = DayNight::new(6, 22).unwrap();
        let of = |ld, ln| day_night_level(Measured::tenths(ld), Measured::tenths(ln), hours, Measured::whole(10));
        prop_assert!(of(ld + more, ln) >= of(ld, ln) && of(ld, ln + more) > of(ld, ln));
    }

    #[test]
    fn road_mean_of_equal_lengths_is_the_arithmetic_mean(levels in prop::collection::vec(400_i64..900, 1..30)) {
        let levels: Vec<Measured> = levels.into_iter().map(Measured::tenths).collect();
        let sections: Vec<_> = levels.iter().map(|&level| RoadSection { length: Measured::tenths(7), level }).collect();
        prop_assert_eq!(road_mean(&sections), regional_mean(&levels));
    }
}

#[test]
fn out_of_range_levels_are_counted_apart() {
    let mut levels = LevelHistogram::new();
    for level in [f32::NAN, f32::INFINITY, -20.1, 200.1] {
        levels.push(level);
    }
    levels.push_tenths(i16::MIN);
    levels.push_tenths(i16::MAX);
    assert_eq!((levels.count(), levels.refused(), levels.leq(), levels.exceeded(50)), (0, 6, None, None));
    levels.push(-20.0);
    levels.push(200.0);
    assert_eq!((levels.count(), levels.min(), levels.max()), (2, Some(db("-20")), Some(db("200"))));
}

/// One-second levels in chunks of an hour; `YUNDANG_NOISE_VALUES` sets how many.
#[test]
fn heavy_a_histogram_takes_values_as_fast_as_memory() {
    let values: usize =
        std::env::var("YUNDANG_NOISE_VALUES").ok().and_then(|text| text.parse().ok()).unwrap_or(3_600_000);
    let hour: Vec<i16> = (0..3600_i32).map(|second| (550 + (second * 37) % 211 - (second % 7) * 9) as i16).collect();
    let mut levels = LevelHistogram::new();
    let start = std::time::Instant::now();
    let mut sum = 0;
    for _ in 0..values / hour.len() {
        levels.clear();
        levels.extend_tenths(std::hint::black_box(&hour));
        sum += levels.leq().unwrap().parts() / 1_000_000 + levels.exceeded(10).unwrap().parts() / 1_000_000_000;
    }
    println!("{values} values in {:?} ({sum})", start.elapsed());
    assert_eq!(levels.count(), 3600);
}
