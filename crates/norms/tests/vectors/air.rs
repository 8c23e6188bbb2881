//! Ambient air.

use super::{files, shipped};
use norms::air::{
    AirPeriod, Averaging, Level, Pollutant, PollutantSet, Practice, Slot, StationHours, composite_index, judge_day,
    judge_days, percentile, rank_ascending,
};
use norms::{Day, Hour, Measured, NormFile, Norms, Rounded};

const BEFORE: &str = "2026-02-28";
const AFTER: &str = "2026-03-01";

fn iaqi(norms: &Norms, day: &str, column: &str, value: &str) -> Option<u16> {
    let index = norms.air.index.on(day.parse().unwrap()).unwrap();
    let column = index.column(column).unwrap();
    let decimals = index.decimals[column.pollutant.number()];
    column.iaqi(value.parse::<Measured>().unwrap().rounded(decimals).units)
}

#[test]
fn hj633_table_vectors() {
    let norms = shipped();
    let vectors: &[(&str, &str, &str, Option<u16>)] = &[
        (AFTER, "PM2_5_24h", "35", Some(50)),
        (AFTER, "PM2_5_24h", "60", Some(100)),
        (AFTER, "PM2_5_24h", "115", Some(150)),
        (AFTER, "PM2_5_24h", "150", Some(200)),
        (AFTER, "PM2_5_24h", "250", Some(300)),
        (AFTER, "PM2_5_24h", "350", Some(400)),
        (AFTER, "PM2_5_24h", "500", Some(500)),
        (AFTER, "PM2_5_24h", "800", Some(500)),
        (AFTER, "PM2_5_24h", "75", Some(114)),
        (BEFORE, "PM2_5_24h", "75", Some(100)),
        (AFTER, "PM10_24h", "150", Some(112)),
        (BEFORE, "PM10_24h", "150", Some(100)),
        (AFTER, "SO2_24h", "50", Some(50)),
        (AFTER, "SO2_24h", "150", Some(100)),
        (AFTER, "SO2_24h", "475", Some(150)),
        (AFTER, "SO2_1h", "475", Some(97)),
        (AFTER, "SO2_1h", "800", Some(200)),
        (AFTER, "SO2_1h", "801", Some(200)),
        (AFTER, "SO2_1h", "2000", Some(200)),
        (BEFORE, "SO2_1h", "801", None),
        (AFTER, "O3_8h", "100", Some(50)),
        (AFTER, "O3_8h", "160", Some(100)),
        (AFTER, "O3_8h", "800", Some(300)),
        (AFTER, "O3_8h", "801", Some(300)),
        (AFTER, "O3_8h", "1200", Some(300)),
        (BEFORE, "O3_8h", "801", None),
        (AFTER, "O3_1h", "160", Some(50)),
        (AFTER, "O3_1h", "200", Some(100)),
        (AFTER, "O3_1h", "1000", Some(400)),
        (AFTER, "O3_1h", "1200", Some(500)),
        (AFTER, "NO2_1h", "350", Some(115)),
        (AFTER, "PM10_24h", "180", Some(124)),
        (AFTER, "NO2_24h", "150", Some(135)),
        (AFTER, "O3_8h", "200", Some(137)),
        (AFTER, "CO_24h", "1.0", Some(25)),
        (AFTER, "SO2_24h", "65", Some(58)),
        (AFTER, "PM2_5_24h", "120", Some(158)),
        (AFTER, "PM2_5_24h", "36", Some(52)),
        (AFTER, "PM2_5_24h", "61", Some(101)),
        (AFTER, "O3_8h", "161", Some(101)),
        (AFTER, "O3_1h", "170", Some(63)),
        (AFTER, "CO_24h", "1.1", Some(28)),
        (AFTER, "CO_1h", "0.7", Some(7)),
        // 4.2.2: rounded to 60 first; implementations that skip the step give 101.
        (AFTER, "PM2_5_24h", "60.11", Some(100)),
        (AFTER, "PM2_5_24h", "-1", None),
    ];
    for (day, column, value, expected) in vectors {
        assert_eq!(iaqi(&norms, day, column, value), *expected, "{day} {column} {value}");
    }
}

#[test]
fn hj633_no_gap_between_segments_and_never_falling() {
    let norms = shipped();
    for (_, index) in norms.air.index.iter() {
        for column in &index.columns {
            let last =
                10_i64.pow(u32::from(index.decimals[column.pollutant.number()])) * column.breakpoints.last().unwrap();
            let mut before = 0;
            for units in 0..=last {
                let iaqi = column.iaqi(units).unwrap();
                assert!(iaqi >= before, "{} {units}", column.name);
                before = iaqi;
            }
            for (breakpoint, step) in column.breakpoints.iter().zip([0, 50, 100, 150, 200, 300, 400, 500]) {
                let units = 10_i64.pow(u32::from(index.decimals[column.pollutant.number()])) * breakpoint;
                assert_eq!(column.iaqi(units), Some(step), "{} {breakpoint}", column.name);
            }
        }
    }
}

/// A report from concentrations in text; `None` is missing.
fn report(norms: &Norms, day: &str, level: Level, values: [Option<&str>; 6]) -> norms::air::Indexed {
    let index = norms.air.index.on(day.parse().unwrap()).unwrap();
    let report = index.report(level, None).unwrap();
    index.judge(report, |pollutant, averaging| {
        if matches!(averaging, Averaging::Moving24h | Averaging::DayMax1h) {
            return None;
        }
        let value = values[pollutant.number()]?.parse::<Measured>().unwrap();
        Some(value.rounded(index.decimals[pollutant.number()]).units)
    })
}

fn set(pollutants: &[Pollutant]) -> PollutantSet {
    pollutants.iter().copied().collect()
}

#[test]
fn hj633_a2_daily_and_realtime() {
    let norms = shipped();
    // SO2 9, NO2 33, PM10 82, PM2.5 47, CO 0.8, O3-8h 148.
    let values = [Some("9"), Some("33"), Some("82"), Some("47"), Some("0.8"), Some("148")];
    let after = report(&norms, AFTER, Level::Day, values);
    assert_eq!(after.iaqi, [Some(9), Some(42), Some(73), Some(74), Some(20), Some(90)]);
    assert_eq!((after.aqi, after.primary), (Some(90), set(&[Pollutant::O3])));
    assert_eq!(norms.air.index.on(AFTER.parse().unwrap()).unwrap().category(90).unwrap().category, "良");
    let before = report(&norms, BEFORE, Level::Day, values);
    assert_eq!((before.iaqi[2], before.iaqi[3], before.aqi), (Some(66), Some(65), Some(90)));

    let hour =
        report(&norms, AFTER, Level::Hour, [Some("9"), Some("41"), Some("66"), Some("38"), Some("0.7"), Some("165")]);
    assert_eq!(hour.iaqi, [Some(3), Some(21), Some(62), Some(56), Some(7), Some(57)]);
    // PM10 66: 50 + 50·16/70 = 61.4, rounded up to 62.
    assert_eq!((hour.aqi, hour.primary), (Some(62), set(&[Pollutant::Pm10])));

    let tie =
        report(&norms, AFTER, Level::Day, [Some("10"), Some("15"), Some("120"), Some("60"), Some("0.5"), Some("60")]);
    assert_eq!((tie.aqi, tie.primary), (Some(100), set(&[Pollutant::Pm10, Pollutant::Pm25])));
}

#[test]
fn hj633_2026_5_3_completeness() {
    let norms = shipped();
    let only = |value| report(&norms, AFTER, Level::Day, [None, None, None, Some(value), None, None]);
    let clean = only("40");
    assert_eq!((clean.aqi, clean.aqi_available), (None, Some(60)));
    let polluted = only("80");
    assert!(polluted.aqi > Some(100) && polluted.aqi == polluted.aqi_available);
    assert_eq!(polluted.primary, set(&[Pollutant::Pm25]));
    let before = report(&norms, BEFORE, Level::Day, [None, None, None, Some("120"), None, None]);
    assert_eq!((before.aqi, before.aqi_available), (None, Some(158)));
}

#[test]
fn hj633_2012_above_the_table() {
    let norms = shipped();
    let index = norms.air.index.on(BEFORE.parse().unwrap()).unwrap();
    let report = index.report(Level::Day, None).unwrap();
    // 表1注3: ozone above 800 as an 8-hour mean is judged by its 1-hour index.
    let judged = index.judge(report, |pollutant, averaging| match (pollutant, averaging) {
        (Pollutant::O3, Averaging::DayMax8h) => Some(801),
        (Pollutant::O3, Averaging::DayMax1h) => Some(1000),
        (Pollutant::Co, _) => Some(5),
        _ => Some(10),
    });
    assert_eq!((judged.iaqi[Pollutant::O3.number()], judged.aqi), (Some(400), Some(400)));
    assert_eq!(judged.concentration[Pollutant::O3.number()], Some(801));
    // Nothing to fall back on: not computed, and the index is not published.
    let hour = index.report(Level::Hour, None).unwrap();
    let judged = index.judge(hour, |pollutant, averaging| match (pollutant, averaging) {
        (Pollutant::So2, Averaging::Hour) => Some(801),
        (Pollutant::So2, _) => None,
        _ => Some(10),
    });
    assert_eq!(judged.aqi, None);
    assert_eq!(judged.missing, set(&[Pollutant::So2]));
}

#[test]
fn hj633_2012_5_1_2_an_hour_is_never_shown_as_an_8_hour_mean() {
    let norms = shipped();
    let hours = station("2022-05-01", |_, hour| (hour < 2).then(|| Measured::whole(90)));
    let day = judge_day(&norms.air, &[&hours], "2022-05-01".parse().unwrap(), Some(Practice::Text)).unwrap();
    let ozone = Pollutant::O3.number();
    // 50 · 90/160 = 28.1, rounded up: the 1-hour column has an index, the 8-hour one nothing to show.
    assert_eq!((day.indexed.concentration[ozone], day.indexed.iaqi[ozone]), (None, Some(29)));
}

#[test]
fn gbt8170_examples_of_the_file() {
    #[derive(serde::Deserialize)]
    struct Rounding {
        example: Vec<Example>,
    }
    #[derive(serde::Deserialize)]
    struct Example {
        value: String,
        decimals: u8,
        result: String,
    }
    let files = files();
    let file = files.iter().find(|file| file.path == "gbt8170/2008.toml").unwrap();
    let rounding: Rounding = toml::from_str(&file.text).unwrap();
    assert!(rounding.example.len() >= 9);
    for example in rounding.example {
        let value: Measured = example.value.parse().unwrap();
        assert_eq!(value.rounded(example.decimals).to_string(), example.result, "{}", example.value);
    }
}

#[test]
fn hj663_appendix_a_percentile() {
    let print = |values: &[i64], p, decimals| percentile(values, p, 0, decimals).unwrap().to_string();
    let to = |n: i64| (1..=n).collect::<Vec<_>>();
    assert_eq!(print(&to(365), 98, 2), "357.72");
    assert_eq!(print(&to(365), 95, 1), "346.8");
    assert_eq!(print(&to(365), 90, 1), "328.6");
    assert_eq!(print(&to(366), 90, 1), "329.5");
    assert_eq!(print(&to(31), 95, 1), "29.5");
    assert_eq!(print(&[4, 8, 15, 16, 23, 42], 90, 1), "32.5");
    assert_eq!(percentile(&[], 90, 0, 1), None);
    assert_eq!(print(&[7], 90, 1), "7.0");
}

/// Set `YUNDANG_PYTHON` to a Python that can import numpy.
#[test]
fn hj663_percentile_is_numpys_linear_one() {
    let Ok(python) = std::env::var("YUNDANG_PYTHON") else {
        println!("skipped: YUNDANG_PYTHON names no Python with numpy");
        return;
    };
    let script = "import numpy\n\
        r = numpy.random.default_rng()\n\
        for n in list(range(1, 60)) + [90, 365, 366, 1000]:\n    \
            x = numpy.sort(r.integers(0, 900, n))\n    \
            for p in (90, 95, 98):\n        \
                print(p, repr(float(numpy.percentile(x, p))), *x)\n";
    let output = std::process::Command::new(python).args(["-c", script]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    for line in text.lines() {
        let mut cells = line.split(' ');
        let percent: u32 = cells.next().unwrap().parse().unwrap();
        let numpys: f64 = cells.next().unwrap().parse().unwrap();
        let values: Vec<i64> = cells.map(|cell| cell.parse().unwrap()).collect();
        // Between whole numbers at hundredths of the way: two decimals are exact.
        let ours = percentile(&values, percent, 0, 2).unwrap().to_string();
        assert!((ours.parse::<f64>().unwrap() - numpys).abs() < 1e-9, "{ours}: {line}");
    }
    assert_eq!(text.lines().count(), 63 * 3);
}

/// A period with given statistics: means of SO2, NO2, PM10, PM2.5, percentiles of CO (tenths) and O3.
fn period(means: [i64; 4], co_tenths: i64, o3: i64) -> AirPeriod {
    let whole = |units| Some(Rounded { units, decimals: 0 });
    let [so2, no2, pm10, pm25] = means.map(whole);
    AirPeriod {
        mean: [so2, no2, pm10, pm25, None, None],
        percentile: [None, None, None, None, Some(Rounded { units: co_tenths, decimals: 1 }), whole(o3)],
        valid_days: 0,
        good_days: 0,
        excellent_days: 0,
        good_ratio: None,
        composite: None,
    }
}

#[test]
fn composite_index_published() {
    let norms = shipped();
    let on = |day: &str, period: &AirPeriod| {
        composite_index(period, norms.air.on(day.parse().unwrap()).unwrap()).unwrap().to_string()
    };
    // 河源 2022-02, published 1.73 (unrounded items would give 1.744, half up 1.75).
    let heyuan = period([3, 13, 16, 13], 9, 87);
    assert_eq!(on("2022-02-28", &heyuan), "1.73");
    // 奈曼, first quarter, published 3.14.
    assert_eq!(on("2022-03-31", &period([9, 14, 77, 23], 11, 96)), "3.14");
    // The same with the limits of the transition and equal weights.
    assert_eq!(on("2026-03-01", &heyuan), "1.83");
}

#[test]
fn ranking_shares_ranks() {
    assert_eq!(rank_ascending(&[2.10, 2.10, 2.15]), [1, 1, 3]);
}

fn station(day: &str, value: impl Fn(Pollutant, i32) -> Option<Measured>) -> StationHours {
    let day: Day = day.parse().unwrap();
    let mut hours = StationHours::default();
    for hour in 0..24 {
        hours.mark(Slot::of(day.hour(hour)));
        for pollutant in Pollutant::ALL {
            if let Some(value) = value(pollutant, hour) {
                hours.put(Slot::of(day.hour(hour)), pollutant, value);
            }
        }
    }
    hours
}

#[test]
fn gb3095_table4_day_needs_20_hours() {
    let norms = shipped();
    for (there, valid) in [(19, false), (20, true)] {
        let hours = station("2022-05-01", |_, hour| (hour < there).then(|| Measured::whole(10)));
        let day = judge_day(&norms.air, &[&hours], "2022-05-01".parse().unwrap(), None).unwrap();
        assert_eq!(day.indexed.concentration[0].is_some(), valid, "{there} hours");
    }
}

#[test]
fn hj663_6_1_2_ozone_windows() {
    let norms = shipped();
    let judged = |there: fn(i32) -> bool, value: i64| {
        let hours = station("2022-05-01", |_, hour| there(hour).then(|| Measured::whole(value)));
        let day = judge_day(&norms.air, &[&hours], "2022-05-01".parse().unwrap(), None).unwrap();
        day.indexed.concentration[Pollutant::O3.number()]
    };
    // Hours 1-4 missing: the windows ending at 08 and 09 lack hours, 15 windows are left.
    assert_eq!(judged(|hour| hour >= 4, 150), Some(150));
    // Hours 1-6 missing: windows ending at 12..24 have six hours or more, 13 of them.
    assert_eq!(judged(|hour| hour >= 6, 150), None);
    assert_eq!(judged(|hour| hour >= 6, 172), Some(172));
    assert_eq!(judged(|hour| hour >= 6, 160), None);
}

#[test]
fn a_day_by_2012_and_by_2026_differs_where_the_tables_differ() {
    let norms = shipped();
    let judge = |day: &str, pollutant: Pollutant, value: i64| {
        let hours = station(day, |p, _| Some(Measured::whole(if p == pollutant { value } else { 0 })));
        let judged = judge_day(&norms.air, &[&hours], day.parse().unwrap(), None).unwrap();
        judged.indexed.iaqi[pollutant.number()]
    };
    for pollutant in Pollutant::ALL {
        for value in (0..900).step_by(7) {
            let same = judge(BEFORE, pollutant, value) == judge(AFTER, pollutant, value);
            let tables_differ = match pollutant {
                Pollutant::Pm10 => value > 50 && value < 250,
                Pollutant::Pm25 => value > 35 && value < 115,
                // Above 800 the edition of 2012 turns to the 1-hour column, that of 2026 stays at 300.
                Pollutant::O3 => value > 800,
                _ => false,
            };
            if !tables_differ {
                assert!(same, "{pollutant:?} {value}");
            }
        }
    }
    assert_ne!(judge(BEFORE, Pollutant::Pm25, 75), judge(AFTER, Pollutant::Pm25, 75));
    assert_ne!(judge(BEFORE, Pollutant::Pm10, 150), judge(AFTER, Pollutant::Pm10, 150));
}

#[test]
fn city_is_the_mean_of_its_valid_stations() {
    let norms = shipped();
    let a = station("2022-05-01", |_, _| Some(Measured::tenths(105)));
    let b = station("2022-05-01", |_, hour| (hour < 21).then(|| Measured::tenths(120)));
    let invalid = station("2022-05-01", |_, hour| (hour < 5).then(|| Measured::whole(500)));
    let days = judge_days(&norms.air, &[&a, &b, &invalid], Some(Practice::Platform));
    assert_eq!(days.len(), 1);
    // (10.5 + 12.0) / 2 = 11.25 → 11; carbon monoxide keeps a decimal: 11.2 (half to even).
    assert_eq!(days[0].indexed.concentration[0], Some(11));
    assert_eq!(days[0].indexed.concentration[Pollutant::Co.number()], Some(112));
}

#[test]
fn an_hour_belongs_to_the_edition_in_which_it_starts() {
    let norms = shipped();
    let mut hours = StationHours::default();
    let last = Hour::ending("2026-03-01T00:00").unwrap();
    for hour in [last, Hour(last.0 + 1)] {
        for pollutant in Pollutant::ALL {
            hours.put(Slot::of(hour), pollutant, Measured::whole(75));
        }
    }
    let judged = norms::air::judge_hours(&norms.air, &[&hours], None);
    let pm25: Vec<_> = judged.iter().map(|hour| hour.indexed.iaqi[Pollutant::Pm25.number()]).collect();
    assert_eq!(pm25, [Some(100), Some(114)]);
}

#[test]
fn loader_names_file_line_and_field() {
    let mut files = files();
    let file = files.iter_mut().find(|file| file.path == "hj633/2012.toml").unwrap();
    file.text = file.text.replace("[0, 40, 80, 180,", "[0, 40, 80, 60,");
    let line = file.text.lines().position(|line| line.contains("80, 60,")).unwrap() + 1;
    let errors = Norms::load(&files).unwrap_err();
    assert_eq!(errors.len(), 1);
    assert_eq!(
        (errors[0].file.as_str(), errors[0].line, errors[0].field.as_str()),
        ("hj633/2012.toml", line, "breakpoints")
    );

    let mut files = super::files();
    let file = files.iter_mut().find(|file| file.path == "hj663/2013.toml").unwrap();
    file.text = file.text.replace("windows_min = 14", "windows_min = \"many\"");
    let errors = Norms::load(&files).unwrap_err();
    assert_eq!((errors[0].file.as_str(), errors[0].field.as_str()), ("hj663/2013.toml", "windows_min"));
    assert!(errors[0].line > 10);

    let mut files = super::files();
    let file = files.iter_mut().find(|file| file.path == "gb3095/2026.toml").unwrap();
    file.text = file.text.replace("year = [10, 25]", "year = [10, -25]");
    let line = file.text.lines().position(|line| line.contains("-25")).unwrap() + 1;
    let errors = Norms::load(&files).unwrap_err();
    assert_eq!((errors[0].line, errors[0].field.as_str()), (line, "parameter"));

    let mut files = super::files();
    let twice = files.iter().find(|file| file.path == "gb3095/2012.toml").unwrap().clone();
    files.push(NormFile { path: "gb3095/again.toml".to_owned(), ..twice });
    let errors = Norms::load(&files).unwrap_err();
    assert!(errors[0].message_en.contains("overlaps") && errors[0].line > 0);
}
