//! A small judge of its own, so that the simulator is not measured by the code it feeds:
//! day means from 20 hours, 8-hour ozone, city means, HJ 663 percentiles, composite index.

use jiff::civil::{Date, date};
use simulator::{Flag, Model, Parameter, Row, Station};

pub(crate) const CRITERIA: [Parameter; 6] =
    [Parameter::So2, Parameter::No2, Parameter::Pm10, Parameter::Pm25, Parameter::Co, Parameter::O3];

/// Valid hours of some stations: `[station][parameter][hour]` from the first of January of `first`.
pub(crate) struct Hours {
    pub(crate) first: Date,
    pub(crate) values: Vec<[Vec<Option<f64>>; 6]>,
}

impl Hours {
    pub(crate) fn collect(stations: &[Station], rows: impl Iterator<Item = Row>, from: Date, to: Date) -> Hours {
        let count = usize::try_from(to.duration_since(from).as_hours()).unwrap();
        let mut values = vec![std::array::from_fn(|_| vec![None; count]); stations.len()];
        let start = from.at(0, 0, 0, 0);
        for row in rows.filter(|row| row.flag == Flag::Valid) {
            let Some(parameter) = CRITERIA.iter().position(|one| *one == row.parameter) else {
                continue;
            };
            let station = stations.iter().position(|one| *one.code == *row.station).unwrap();
            let hour = usize::try_from(row.hour_end.duration_since(start).as_hours()).unwrap() - 1;
            values[station][parameter][hour] = Some(row.value.to_f64());
        }
        Hours { first: from, values }
    }
}

/// What a year comes to.
#[derive(Debug, Clone)]
pub(crate) struct Year {
    pub(crate) so2: f64,
    pub(crate) no2: f64,
    pub(crate) pm10: f64,
    pub(crate) pm25: f64,
    pub(crate) co_p95: f64,
    pub(crate) o3_p90: f64,
    /// The same before rounding to whole units: NO2, PM10, PM2.5, O3.
    pub(crate) exact: [f64; 4],
    pub(crate) index: f64,
    pub(crate) good_ratio: f64,
    pub(crate) excellent_ratio: f64,
    pub(crate) valid_days: usize,
    /// Fewest valid days of one parameter at one station: in the year, in a month, and how many
    /// station-parameter-months miss the rule of 27 (25) days.
    pub(crate) station_days_min: usize,
    pub(crate) months_missed: usize,
}

pub(crate) fn round(value: f64, decimals: i32) -> f64 {
    let unit = 10_f64.powi(decimals);
    (value * unit).round_ties_even() / unit
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| sum / f64::from(count))
}

pub(crate) fn percentile(mut values: Vec<f64>, p: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let place = (values.len() - 1) as f64 * p / 100.0;
    let low = place.floor() as usize;
    let high = (low + 1).min(values.len() - 1);
    values[low] + (values[high] - values[low]) * (place - low as f64)
}

/// The day's value of one parameter from its 24 hours.
pub(crate) fn day_value(parameter: usize, hours: &[Option<f64>]) -> Option<f64> {
    let decimals = i32::from(CRITERIA[parameter].decimals());
    if CRITERIA[parameter] == Parameter::O3 {
        let windows: Vec<f64> = (8..=24)
            .filter_map(|end| {
                let window = hours[end - 8..end].iter().flatten();
                if window.clone().count() >= 6 { mean(window.copied()) } else { None }
            })
            .collect();
        let highest = windows.iter().copied().reduce(f64::max)?;
        (windows.len() >= 14 || round(highest, 0) > 160.0).then(|| round(highest, 0))
    } else if hours.iter().flatten().count() >= 20 {
        mean(hours.iter().flatten().copied()).map(|value| round(value, decimals))
    } else {
        None
    }
}

/// Judges one calendar year of the city, the mean of the stations day by day.
pub(crate) fn judge(hours: &Hours, year: i16) -> Year {
    let offset = usize::try_from(date(year, 1, 1).duration_since(hours.first).as_hours()).unwrap() / 24;
    let days = usize::try_from(date(year, 1, 1).days_in_year()).unwrap();
    let mut city: [Vec<Option<f64>>; 6] = std::array::from_fn(|_| Vec::new());
    let mut per_station = vec![[0_usize; 6]; hours.values.len()];
    let mut per_month = vec![[[0_usize; 6]; 12]; hours.values.len()];
    let mut day = date(year, 1, 1);
    for index in offset..offset + days {
        for parameter in 0..6 {
            let mut valid = Vec::new();
            for (station, values) in hours.values.iter().enumerate() {
                if let Some(value) = day_value(parameter, &values[parameter][index * 24..index * 24 + 24]) {
                    per_station[station][parameter] += 1;
                    per_month[station][usize::try_from(day.month()).unwrap() - 1][parameter] += 1;
                    valid.push(value);
                }
            }
            let decimals = i32::from(CRITERIA[parameter].decimals());
            city[parameter].push(mean(valid.into_iter()).map(|value| round(value, decimals)));
        }
        day = day.tomorrow().unwrap();
    }
    let valid = |parameter: usize| city[parameter].iter().flatten().copied();
    let means: [f64; 6] = std::array::from_fn(|parameter| mean(valid(parameter)).unwrap());
    let co_exact = percentile(valid(4).collect(), 95.0);
    let o3_exact = percentile(valid(5).collect(), 90.0);
    let (co_p95, o3_p90) = (round(co_exact, 1), round(o3_exact, 0));
    let [so2, no2, pm10, pm25] = [0, 1, 2, 3].map(|parameter| round(means[parameter], 0));
    let index = [so2 / 60.0, no2 / 40.0, pm10 / 70.0, pm25 / 35.0, co_p95 / 4.0, o3_p90 / 160.0]
        .into_iter()
        .map(|part| round(part, 2))
        .sum::<f64>();

    let complete: Vec<usize> = (0..days).filter(|day| city.iter().all(|values| values[*day].is_some())).collect();
    let share = |limits: [f64; 6]| {
        let within = |day: &&usize| (0..6).all(|parameter| city[parameter][**day].unwrap() <= limits[parameter]);
        complete.iter().filter(within).count() as f64 / complete.len() as f64
    };
    let missed = per_month.iter().flat_map(|months| months.iter().enumerate()).map(|(month, counts)| {
        let needed = if month == 1 { 25 } else { 27 };
        counts.iter().filter(|count| **count < needed).count()
    });
    Year {
        so2,
        no2,
        pm10,
        pm25,
        co_p95,
        o3_p90,
        exact: [means[1], means[2], means[3], o3_exact],
        index: round(index, 2),
        good_ratio: share([150.0, 80.0, 150.0, 75.0, 4.0, 160.0]),
        excellent_ratio: share([50.0, 40.0, 50.0, 35.0, 2.0, 100.0]),
        valid_days: complete.len(),
        station_days_min: per_station.iter().flatten().copied().min().unwrap(),
        months_missed: missed.sum(),
    }
}

/// The stations of the demo register, in its order.
pub(crate) fn register() -> Vec<Station> {
    let text = include_str!("../../../../cities/xiamen/demo/stations.csv");
    text.lines()
        .skip(1)
        .map(|line| {
            let fields: Vec<&str> = line.split(',').collect();
            let kind = simulator::Kind::from_name(fields[6]).unwrap();
            Station { from: fields[10].parse().ok(), to: fields[11].parse().ok(), ..Station::new(fields[0], kind) }
        })
        .collect()
}

pub(crate) fn model() -> Model {
    Model::parse(include_str!("../../../../cities/xiamen/demo/model.toml")).unwrap()
}
