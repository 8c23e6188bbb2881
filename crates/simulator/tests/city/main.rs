//! The city as a whole: is it the city that its model says, on any seed, in every part?

#![allow(clippy::unwrap_used, clippy::panic)]

mod judge;
mod media;
mod pack;
mod zoning;

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::LazyLock;

use jiff::civil::{Date, date};
use judge::{CRITERIA, Hours, Year, judge, model, register, round};
use simulator::{Error, Flag, Kind, Model, Parameter, Row, Station, simulate};

const FROM: Date = date(2021, 1, 1);
const TO: Date = date(2023, 1, 1);

/// Every row of the two years as shipped.
static SHIPPED: LazyLock<Vec<Row>> =
    LazyLock::new(|| simulate(&model(), &register(), model().seed, FROM, TO).unwrap().collect());

fn national() -> Vec<Station> {
    register().into_iter().filter(|station| station.kind == Kind::National).collect()
}

fn national_hours(seed: u64) -> Hours {
    let stations = national();
    let rows = simulate(&model(), &stations, seed, FROM, TO).unwrap();
    Hours::collect(&stations, rows, FROM, TO)
}

fn years(seed: u64) -> [Year; 2] {
    let hours = national_hours(seed);
    [judge(&hours, 2021), judge(&hours, 2022)]
}

/// Valid values of one station by parameter and hour (0 is the first of 2021), from the shipped rows.
fn series(station: &str, parameter: Parameter) -> HashMap<i64, f64> {
    let start = FROM.at(0, 0, 0, 0);
    SHIPPED
        .iter()
        .filter(|row| &*row.station == station && row.parameter == parameter && row.flag == Flag::Valid)
        .map(|row| (row.hour_end.duration_since(start).as_hours() - 1, row.value.to_f64()))
        .collect()
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0), |(sum, count), value| (sum + value, count + 1));
    assert!(count > 0);
    sum / f64::from(count)
}

/// Mean of each hour of the day.
fn day_shape(series: &HashMap<i64, f64>) -> [f64; 24] {
    std::array::from_fn(|hour| mean(series.iter().filter(|(at, _)| **at % 24 == hour as i64).map(|(_, value)| *value)))
}

fn month_of(hour: i64) -> i8 {
    FROM.at(0, 0, 0, 0).saturating_add(jiff::ToSpan::hours(hour)).month()
}

fn mean_of_months(series: &HashMap<i64, f64>, months: &[i8]) -> f64 {
    mean(series.iter().filter(|(at, _)| months.contains(&month_of(**at))).map(|(_, value)| *value))
}

#[test]
fn shipped_years_come_out_near_the_published_ones() {
    let [before, now] = years(model().seed);
    println!("2021 {before:?}\n2022 {now:?}");

    assert!((16.5..17.5).contains(&now.exact[2]), "PM2.5 {}", now.exact[2]);
    assert!((18.5..20.5).contains(&before.exact[2]), "PM2.5 before {}", before.exact[2]);
    assert_eq!(now.pm25, 17.0);
    assert!((21.0..=23.0).contains(&now.no2) && (19.0..=21.0).contains(&before.no2) && now.no2 > before.no2);
    assert!((135.0..=143.0).contains(&now.o3_p90), "O3 {}", now.o3_p90);
    assert!((126.0..=134.0).contains(&before.o3_p90), "O3 before {}", before.o3_p90);
    assert!((30.0..=34.0).contains(&now.pm10) && (34.0..=38.0).contains(&before.pm10));
    assert!((3.0..=5.0).contains(&now.so2) && (4.0..=6.0).contains(&before.so2) && now.so2 <= before.so2);
    assert!((0.6..=0.7).contains(&now.co_p95) && (0.6..=0.8).contains(&before.co_p95));
    assert!((2.4..=2.65).contains(&now.index) && now.index < before.index, "{} {}", now.index, before.index);
    for year in [&before, &now] {
        assert!((0.965..=0.995).contains(&year.good_ratio), "good days {}", year.good_ratio);
    }
    assert!(now.excellent_ratio > before.excellent_ratio);
}

#[test]
fn national_data_satisfy_the_validity_rules() {
    for year in years(model().seed) {
        assert!(year.valid_days >= 360, "{}", year.valid_days);
        assert!(year.station_days_min >= 324, "{}", year.station_days_min);
        // Of 4 stations × 6 parameters × 12 months.
        assert!(year.months_missed <= 6, "{}", year.months_missed);
    }
}

/// The signs are the model's and not the seed's.
#[test]
fn a_second_seed_keeps_the_signs() {
    let [before, now] = years(2);
    assert!(now.pm25 < before.pm25 && now.pm10 < before.pm10);
    assert!(now.no2 > before.no2 && now.o3_p90 > before.o3_p90);
    assert!(now.index < before.index, "{} {}", now.index, before.index);
}

#[test]
fn most_seeds_keep_the_signs() {
    let seeds = 101..=112;
    let (mut ozone, mut index) = (0, 0);
    for seed in seeds.clone() {
        let [before, now] = years(seed);
        assert!(now.exact[0] > before.exact[0], "NO2, seed {seed}");
        assert!(now.exact[2] < before.exact[2] - 0.8, "PM2.5, seed {seed}");
        assert!(now.exact[1] < before.exact[1], "PM10, seed {seed}");
        assert!((15.8..=18.4).contains(&now.exact[2]), "PM2.5 {}, seed {seed}", now.exact[2]);
        ozone += u32::from(now.o3_p90 > before.o3_p90);
        index += u32::from(now.index < before.index);
    }
    assert!(ozone >= 10 && index >= 9, "ozone {ozone}, index {index} of {}", seeds.count());
}

fn hash_of(rows: impl Iterator<Item = Row>) -> (u64, usize) {
    let mut hasher = DefaultHasher::new();
    let mut count = 0;
    for row in rows {
        (&*row.station, row.hour_end.to_string(), row.parameter, row.value, row.flag).hash(&mut hasher);
        count += 1;
    }
    (hasher.finish(), count)
}

#[test]
fn the_same_seed_gives_the_same_rows() {
    let (model, stations) = (model(), register());
    let run = |seed, from, to| hash_of(simulate(&model, &stations, seed, from, to).unwrap());
    let first = run(5, date(2021, 3, 1), date(2021, 6, 1));
    assert!(first.1 > 200_000);
    assert_eq!(first, run(5, date(2021, 3, 1), date(2021, 6, 1)));
    assert_ne!(first.0, run(6, date(2021, 3, 1), date(2021, 6, 1)).0);
}

#[test]
fn a_value_depends_neither_on_the_range_nor_on_the_other_stations() {
    let whole = SHIPPED.iter().filter(|row| &*row.station == "1288A").filter(|row| {
        let start = row.hour_end.saturating_sub(jiff::ToSpan::hours(1)).date();
        (date(2022, 2, 1)..date(2022, 3, 1)).contains(&start)
    });
    let alone = [Station::new("1288A", Kind::National)];
    let part = simulate(&model(), &alone, model().seed, date(2022, 2, 1), date(2022, 3, 1)).unwrap();
    assert_eq!(hash_of(whole.cloned()), hash_of(part));
}

#[test]
fn rows_are_unique_ordered_and_lawful() {
    let parameters = parameter_table();
    let stations = register();
    let place = |code: &str| stations.iter().position(|station| station.code == code).unwrap();
    for pair in SHIPPED.windows(2) {
        let (one, next) = (&pair[0], &pair[1]);
        let key = |row: &Row| (place(&row.station), row.hour_end);
        assert!(key(one) < key(next) || key(one) == key(next) && one.parameter != next.parameter, "{one:?} {next:?}");
    }
    for row in SHIPPED.iter() {
        let (_, decimals, least, most) = &parameters[row.parameter.code()];
        assert_eq!(row.value.decimals, *decimals);
        assert!((*least..=*most).contains(&row.value.to_f64()), "{row:?}");
        assert_eq!(row.hour_end.minute(), 0);
    }
    assert_eq!(SHIPPED.first().unwrap().hour_end, date(2021, 1, 1).at(1, 0, 0, 0));
    assert_eq!(SHIPPED.last().unwrap().hour_end, date(2023, 1, 1).at(0, 0, 0, 0));
}

#[test]
fn gaps_and_flags_have_their_shares() {
    let hours = 2.0 * 365.0 * 24.0;
    for station in register() {
        let rows = SHIPPED.iter().filter(|row| *row.station == *station.code);
        let parameter = |one| rows.clone().filter(move |row| row.parameter == one);
        let sent = parameter(Parameter::O3).count();
        let share = |count: usize| count as f64 / hours;
        let flagged = |flag| share(parameter(Parameter::O3).filter(|row| row.flag == flag).count());
        assert!((0.97..0.9995).contains(&share(sent)), "{} sends {}", station.code, share(sent));
        assert!((0.004..0.008).contains(&flagged(Flag::Calibration)), "{}", station.code);
        assert!((0.003..0.015).contains(&flagged(Flag::Maintenance)), "{}", station.code);
        assert!((0.0005..0.03).contains(&flagged(Flag::Fault)), "{}", station.code);
        assert_eq!(parameter(Parameter::Pm25).filter(|row| row.flag == Flag::Calibration).count(), 0);
        let by_night = |row: &Row| (2..=5).contains(&row.hour_end.hour());
        assert!(parameter(Parameter::O3).filter(|row| row.flag == Flag::Calibration).all(by_night));
    }
}

#[test]
fn power_cuts_last_from_hours_to_days() {
    let mut longest = 0;
    for station in register() {
        let mut before = FROM.at(0, 0, 0, 0);
        for row in SHIPPED.iter().filter(|row| *row.station == *station.code && row.parameter == Parameter::So2) {
            longest = longest.max(row.hour_end.duration_since(before).as_hours() - 1);
            before = row.hour_end;
        }
    }
    assert!((12..=168).contains(&longest), "{longest}");
}

#[test]
fn ozone_peaks_in_the_early_afternoon() {
    for station in national() {
        let shape = day_shape(&series(&station.code, Parameter::O3));
        let peak = (0..24).max_by(|a, b| shape[*a].total_cmp(&shape[*b])).unwrap();
        assert!((12..=15).contains(&peak), "{} {shape:?}", station.code);
        assert!(shape[peak] > 1.5 * shape[6], "{} {shape:?}", station.code);
    }
}

#[test]
fn nitrogen_dioxide_has_two_peaks() {
    for station in national() {
        let shape = day_shape(&series(&station.code, Parameter::No2));
        let morning = shape[6..=9].iter().copied().fold(0.0, f64::max);
        let evening = shape[17..=22].iter().copied().fold(0.0, f64::max);
        let noon = shape[12..=15].iter().copied().fold(f64::MAX, f64::min);
        let night = shape[2..=4].iter().copied().fold(f64::MAX, f64::min);
        assert!(morning > 1.1 * night && morning > 1.2 * noon && evening > 1.2 * noon, "{} {shape:?}", station.code);
    }
}

#[test]
fn seasons_are_those_of_the_coast() {
    for station in national() {
        let of = |parameter| series(&station.code, parameter);
        let particles = of(Parameter::Pm25);
        assert!(mean_of_months(&particles, &[12, 1, 2]) > 1.5 * mean_of_months(&particles, &[6, 7, 8]));
        let ozone = of(Parameter::O3);
        let summer = mean_of_months(&ozone, &[6, 7, 8]);
        assert!(mean_of_months(&ozone, &[9, 10]) > 1.2 * summer && mean_of_months(&ozone, &[4, 5]) > 1.1 * summer);
    }
    let temperature = series("XM-S01", Parameter::Temp);
    assert!((10.0..17.0).contains(&mean_of_months(&temperature, &[1])));
    assert!((26.5..31.0).contains(&mean_of_months(&temperature, &[7])));
    let rain: f64 = series("XM-S01", Parameter::Rain).values().sum();
    assert!((1_000.0..1_900.0).contains(&(rain / 2.0)), "{rain}");
}

#[test]
fn weekdays_have_more_nitrogen_dioxide_than_weekends() {
    let hours = series("2842A", Parameter::No2);
    // The first of January 2021 was a Friday: days 1 and 2 of each week from there are the weekend.
    let (weekend, working): (Vec<_>, Vec<_>) = hours.iter().partition(|(at, _)| matches!((**at / 24) % 7, 1 | 2));
    assert!(mean(working.iter().map(|pair| *pair.1)) > 1.05 * mean(weekend.iter().map(|pair| *pair.1)));
}

#[test]
fn sand_dust_and_typhoons_show() {
    let coarse = series("1287A", Parameter::Pm10);
    let spring = coarse.iter().filter(|(at, _)| matches!(month_of(**at), 3..=5)).map(|(_, value)| *value);
    assert!(spring.fold(0.0, f64::max) > 100.0);
    let wind = series("XM-S01", Parameter::Ws);
    let storm: Vec<i64> = wind.iter().filter(|(_, value)| **value > 13.0).map(|(at, _)| *at).collect();
    assert!(storm.len() > 20);
    assert!(storm.iter().all(|at| matches!(month_of(*at), 7..=10)));
    let dust = series("XM-S01", Parameter::Pm25);
    let in_storm = mean(storm.iter().filter_map(|at| dust.get(at).copied()));
    assert!(in_storm < 0.7 * mean_of_months(&dust, &[7, 8, 9]), "{in_storm}");
}

#[test]
fn super_station_species_fit_into_its_mass() {
    use Parameter as P;
    let parts = [P::So4, P::No3, P::Nh4, P::Cl, P::Na, P::K, P::Mg, P::Ca, P::Ec].map(|one| series("XM-S01", one));
    let organic = series("XM-S01", P::Oc);
    let mut explained = Vec::new();
    for (hour, mass) in series("XM-S01", P::Pm25) {
        let Some(sum) = parts.iter().map(|part| part.get(&hour).copied()).sum::<Option<f64>>() else {
            continue;
        };
        let Some(carbon) = organic.get(&hour) else {
            continue;
        };
        let total = sum + 1.6 * carbon;
        assert!(total <= mass, "hour {hour}: {total} of {mass}");
        explained.push(total / mass);
    }
    assert!(explained.len() > 14_000);
    let share = mean(explained.into_iter());
    assert!((0.65..0.92).contains(&share), "{share}");

    // Photochemistry: oxygenated compounds rise by day, alkenes fall; nitrate needs the cold.
    let ratio = |one: &[f64; 24]| one[13] / one[3];
    assert!(ratio(&day_shape(&series("XM-S01", P::Ovocs))) > ratio(&day_shape(&series("XM-S01", P::Alkenes))));
    let nitrate = series("XM-S01", P::No3);
    assert!(mean_of_months(&nitrate, &[1]) > 4.0 * mean_of_months(&nitrate, &[7]));
}

#[test]
fn the_kerb_is_driven_by_its_traffic() {
    for station in ["XM-R01", "XM-R02"] {
        let traffic = series(station, Parameter::Traffic);
        let shape = day_shape(&traffic);
        let usual = mean(shape.into_iter());
        assert!(shape[8] > 4.0 * shape[3] && shape[17] > 1.2 * shape[12], "{shape:?}");
        for (parameter, least) in
            [(Parameter::No2, 1.2), (Parameter::Co, 1.08), (Parameter::Pm10, 1.05), (Parameter::Pm25, 1.05)]
        {
            let (kerb, town) = (series(station, parameter), series("1287A", parameter));
            let increment = |busy: bool| {
                let pairs = kerb.iter().filter_map(|(hour, value)| Some((value - town.get(hour)?, traffic.get(hour)?)));
                mean(pairs.filter(|(_, count)| (**count > usual) == busy).map(|(added, _)| added))
            };
            assert!(mean(kerb.values().copied()) > least * mean(town.values().copied()), "{station} {parameter}");
            assert!(increment(true) > increment(false), "{station} {parameter}");
        }
        assert!(
            mean(series(station, Parameter::O3).into_values()) < mean(series("1287A", Parameter::O3).into_values())
        );
    }
}

/// Unit, decimals, lowest and highest plausible value by code.
fn parameter_table() -> HashMap<String, (String, u8, f64, f64)> {
    let mut lines = include_str!("../../../../norms/parameters.csv").lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    let column = |name| header.iter().position(|one| *one == name).unwrap();
    let [code, unit, decimals, least, most] =
        ["parameter", "unit", "decimals", "plausible_min", "plausible_max"].map(column);
    lines
        .filter(|line| line.contains(",air,"))
        .map(|line| {
            let fields: Vec<&str> = line.split(',').collect();
            let number = |at: usize| fields[at].parse().unwrap();
            (fields[code].into(), (fields[unit].into(), fields[decimals].parse().unwrap(), number(least), number(most)))
        })
        .collect()
}

#[test]
fn parameters_agree_with_the_norms() {
    let table = parameter_table();
    for parameter in Parameter::ALL {
        let (unit, decimals, ..) = &table[parameter.code()];
        assert_eq!((parameter.unit(), parameter.decimals()), (unit.as_str(), *decimals), "{parameter}");
    }
}

#[test]
fn wrong_input_is_named() {
    let (model, stations) = (model(), register());
    let run = |stations: &[Station], from, to| simulate(&model, stations, 1, from, to).map(|_| ());
    assert!(matches!(run(&stations, date(2020, 12, 31), TO), Err(Error::Range { .. })));
    assert!(matches!(run(&stations, FROM, date(2023, 1, 2)), Err(Error::Range { .. })));
    assert!(matches!(run(&stations, date(2022, 2, 2), date(2022, 2, 1)), Err(Error::Range { .. })));
    let twice = [stations[0].clone(), stations[0].clone()];
    assert!(matches!(run(&twice, FROM, TO), Err(Error::StationTwice(_))));
    assert_eq!(simulate(&model, &stations, 1, FROM, FROM).unwrap().count(), 0);

    let text = include_str!("../../../../cities/xiamen/demo/model.toml");
    for (good, bad, named) in [
        ("cloud = 0.55", "cloud = 55", "regime.northeast.cloud"),
        ("before = \"before_typhoon\"", "before = \"calm\"", "typhoon.before"),
        ("year = 2022\n", "year = 2024\n", "year"),
        ("[source.port]", "[source.harbour]", "source.port"),
        ("\"NO2\", \"PM2_5\", \"PM10\"", "\"NO2\", \"PM10\", \"PM2_5\"", "measures."),
    ] {
        let error = Model::parse(&text.replacen(good, bad, 1)).unwrap_err();
        assert!(error.to_string().contains(named), "{error}");
    }
    let unknown = Model::parse(&text.replacen("latitude", "lattitude", 1)).unwrap_err();
    assert!(std::error::Error::source(&unknown).unwrap().to_string().contains("lattitude"));
}

#[test]
fn a_station_has_rows_only_while_it_is_in_force() {
    let station = Station { from: Some(date(2021, 1, 3)), to: Some(date(2021, 1, 5)), ..Station::new("X", Kind::City) };
    let rows: Vec<Row> = simulate(&model(), &[station], 1, FROM, date(2021, 1, 10)).unwrap().collect();
    assert!(rows.first().unwrap().hour_end >= date(2021, 1, 3).at(1, 0, 0, 0));
    assert!(rows.last().unwrap().hour_end <= date(2021, 1, 5).at(0, 0, 0, 0));
    assert!(rows.len() > 240);
}

#[test]
fn the_judge_itself_knows_the_worked_examples() {
    let days: Vec<f64> = (1..=365).map(f64::from).collect();
    assert!((judge::percentile(days.clone(), 90.0) - 328.6).abs() < 1e-9);
    assert!((judge::percentile(days, 95.0) - 346.8).abs() < 1e-9);
    assert_eq!([60.5, 61.5].map(|value| round(value, 0)), [60.0, 62.0]);
    let ozone = CRITERIA.iter().position(|one| *one == Parameter::O3).unwrap();
    // 13 windows that peak at 150 are no day; at 172 they are.
    let mut hours = [Some(150.0); 24];
    hours[18..].fill(None);
    assert_eq!(judge::day_value(ozone, &hours), None);
    hours[..18].fill(Some(172.0));
    assert_eq!(judge::day_value(ozone, &hours), Some(172.0));
}
