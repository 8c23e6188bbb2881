//! How fast a lake is. The times are printed; the bounds are those that the pages need, with room for a busy machine.

use crate::ground::{HOUR, batch, ending, new_lake, precedence};
use lake::{Lake, Limits, ObservationRows, Parameter};
use std::time::{Duration, Instant};

const PARAMETERS: [&str; 6] = ["SO2", "NO2", "PM10", "PM2_5", "CO", "O3"];
const STATIONS: i64 = 15;

/// Hours of one year of all stations, 788,400 rows.
fn year(year: i32, hours: i64) -> ObservationRows {
    let mut rows = ObservationRows::new();
    let [city, medium, period, valid, fault] = ["350200", "air", "hour", "", "D"].map(|text| rows.text(text));
    let stations: Vec<_> = (0..STATIONS).map(|n| rows.text(&format!("{}A", 1286 + n))).collect();
    let parameters = PARAMETERS.map(|name| rows.text(name));
    let start = ending(&format!("{year}-01-01T01:00"));
    for hour in 0..hours {
        for (s, &station) in stations.iter().enumerate() {
            for (p, &parameter) in parameters.iter().enumerate() {
                let wave = (hour * 7 + s as i64 * 13 + p as i64 * 31) % 997;
                let lost = wave == 5;
                let value = (!lost).then_some(wave as f64 / 10.0);
                let flag = if lost { fault } else { valid };
                rows.push_ids([city, medium, station, parameter, period], start + hour * HOUR, value, flag);
            }
        }
    }
    rows
}

async fn timed(lake: &Lake, sql: &str, parameters: &[(&str, Parameter)]) -> (Duration, Duration, usize) {
    let mut times = Vec::new();
    let mut rows = 0;
    for _ in 0..4 {
        let start = Instant::now();
        let session = lake.session(Limits::OWN).await.unwrap();
        rows = session.ask(sql, parameters).await.unwrap().rows().await.unwrap().len();
        times.push(start.elapsed());
    }
    let first = times[0];
    (first, times.into_iter().skip(1).min().unwrap(), rows)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_years_of_fifteen_stations() {
    let years = std::env::var("YUNDANG_LAKE_YEARS").ok().and_then(|text| text.parse().ok()).unwrap_or(2);
    let (_folder, lake) = new_lake().await;
    for n in 0..years {
        let rows = year(2018 + n, 8_760);
        let start = Instant::now();
        let report = lake.write_observations(&rows, &batch(&format!("{n}"), "simulated"), &precedence()).await.unwrap();
        let took = start.elapsed();
        println!("write {} rows into new months: {took:.2?}", rows.len());
        // The last hour of a year that is no leap year ends where the next year begins.
        assert_eq!(report.new, rows.len());
        assert!(took < Duration::from_secs(15), "{took:?}");
        if n == 0 {
            let start = Instant::now();
            let again = lake.write_observations(&rows, &batch("again", "simulated"), &precedence()).await.unwrap();
            println!("write the same {} rows again: {:.2?}", rows.len(), start.elapsed());
            assert_eq!(again.equal, rows.len());
        }
    }
    let size: u64 = walk(_folder.path());
    println!("{years} years are {:.1} MB", size as f64 / 1e6);

    let last = 2018 + years - 1;
    let station = ("station", Parameter::Text("1290A".into()));
    let span = [("from", Parameter::Text(format!("{last}-01"))), ("to", Parameter::Text(format!("{last}-12")))];
    let one = "SELECT time, value, flag FROM observation WHERE city = '350200' AND month BETWEEN $from AND $to \
               AND station = $station AND parameter = 'PM2_5' AND period = 'hour' ORDER BY time";
    let parameters = [station.clone(), span[0].clone(), span[1].clone()];
    let (first, next, rows) = timed(&lake, one, &parameters).await;
    println!("one station, one year, one parameter: first {first:.1?}, then {next:.1?}, {rows} rows");
    assert_eq!(rows, 8_760);
    assert!(next < Duration::from_millis(300), "{next:?}");

    let six = one.replace(" AND parameter = 'PM2_5'", "").replace("SELECT time", "SELECT parameter, time");
    let (first, next, rows) = timed(&lake, &six, &parameters).await;
    println!("one station, one year, six parameters: first {first:.1?}, then {next:.1?}, {rows} rows");
    assert_eq!(rows, 6 * 8_760);
    assert!(next < Duration::from_millis(900), "{next:?}");

    let card = "SELECT parameter, time, value FROM observation WHERE city = '350200' AND month = $month \
                AND station = $station AND period = 'hour' AND time > $after AND time <= $at";
    let moment = ending(&format!("{last}-06-15T12:00"));
    let month = ("month", Parameter::Text(format!("{last}-06")));
    let bounds = [("after", Parameter::Instant(moment - 24 * HOUR)), ("at", Parameter::Instant(moment))];
    let (first, next, rows) = timed(&lake, card, &[station, month, bounds[0].clone(), bounds[1].clone()]).await;
    println!("a station's last 24 hours: first {first:.1?}, then {next:.1?}, {rows} rows");
    assert_eq!(rows, 144);

    let mean = "SELECT station, parameter, avg(value), count(value) FROM observation \
                WHERE city = '350200' AND month BETWEEN $from AND $to AND flag = '' GROUP BY station, parameter";
    let (first, next, rows) = timed(&lake, mean, &span).await;
    println!("means of a year, all stations: first {first:.1?}, then {next:.1?}, {rows} rows");
    assert_eq!(rows, 90);
    let (first, next, _) = timed(&lake, "SELECT count(*) FROM observation", &[]).await;
    println!("count of all rows: first {first:.1?}, then {next:.1?}");

    let mut rows = ObservationRows::new();
    let names = ["350200", "air", "1286A", "O3", "hour"].map(|text| rows.text(text));
    let valid = rows.text("");
    rows.push_ids(names, moment, Some(12.5), valid);
    let start = Instant::now();
    assert_eq!(lake.write_observations(&rows, &batch("one", "import"), &precedence()).await.unwrap().revised, 1);
    println!("one revision in a full month: {:.1?}", start.elapsed());
}

fn walk(folder: &std::path::Path) -> u64 {
    std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            if entry.path().is_dir() { walk(&entry.path()) } else { entry.metadata().unwrap().len() }
        })
        .sum()
}
