//! The first day of a real city, from an empty folder to a first figure, and the demo city beside it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use super::program::yundang;
use std::path::{Path, PathBuf};
use std::process::Output;

fn testdata(name: &str) -> String {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata").join(name);
    path.display().to_string()
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn from_an_empty_city_to_a_figure_without_a_simulated_row() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("city").display().to_string();
    assert!(yundang(&["init", "--data", &data, "--city", "xiamen"]).status.success());
    // A second city has no room in the same folder, and a demo even less.
    assert_eq!(yundang(&["init", "--data", &data, "--city", "xiamen"]).status.code(), Some(2));
    assert_eq!(yundang(&["demo", "--data", &data, "--no-serve"]).status.code(), Some(2));

    let (stations, hours) = (testdata("first-day/stations.xlsx"), testdata("first-day/hours.csv"));
    // Observations of stations that nobody registered are left out, and said so.
    let early = yundang(&["import", "observation", "--data", &data, "--source", "manual", &hours]);
    assert_eq!(early.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&early.stderr).contains("station_unknown"));

    let registered = yundang(&["import", "station", "--data", &data, "--source", "register", &stations]);
    assert!(registered.status.success(), "{}", String::from_utf8_lossy(&registered.stderr));
    let refused = yundang(&["import", "observation", "--data", &data, "--source", "simulated", &hours]);
    assert_eq!(refused.status.code(), Some(2));
    for new in ["1488", "0"] {
        let imported = yundang(&["import", "observation", "--data", &data, "--source", "manual", &hours]);
        assert!(imported.status.success(), "{}", String::from_utf8_lossy(&imported.stderr));
        let expected = if new == "0" { "new 0".to_owned() } else { "new 8928".to_owned() };
        assert!(String::from_utf8_lossy(&imported.stderr).contains(&expected));
    }
    let figure = out(&yundang(&["figures", "--data", &data, "--period", "2024-01", "--id", "F047"]));
    let value: u32 = figure.lines().nth(1).unwrap().split(',').nth(4).unwrap().parse().unwrap();
    assert!((20..=35).contains(&value), "{figure}");
    // A year with one month is not published.
    let year = out(&yundang(&["figures", "--data", &data, "--period", "2024", "--id", "F047"]));
    assert_eq!(year.lines().nth(1).unwrap().split(',').nth(4), Some(""));

    let simulated = "SELECT count(*) FROM observation WHERE source = 'simulated'";
    assert_eq!(out(&yundang(&["sql", "--data", &data, simulated])).lines().nth(1), Some("0"));
    let rows = out(&yundang(&["figures", "--data", &data, "--period", "2024-01", "--id", "F047", "--rows"]));
    assert_eq!(rows.lines().count() - 1, 1488);
    assert!(rows.starts_with("figure_id,table,row_id,"));
    let refused = yundang(&["sql", "--data", &data, "DELETE FROM observation"]);
    assert_eq!(refused.status.code(), Some(1));
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("数据湖只读") && said.contains("read-only"), "{said}");

    // Rows of several figures are one table, and JSON when that is asked for.
    let all = out(&yundang(&["figures", "--data", &data, "--period", "2024-01", "--rows"]));
    assert_eq!(all.lines().filter(|line| line.starts_with("figure_id,")).count(), 1);
    let json = &["figures", "--data", &data, "--period", "2024-01", "--id", "F047", "--rows", "--format", "json"];
    let json: Vec<serde_json::Value> = serde_json::from_str(&out(&yundang(json))).unwrap();
    assert_eq!(json.len(), 1488);
    assert!(json[0]["row_id"].as_str().unwrap().contains("PM2_5") && json[0]["value"].is_number(), "{}", json[0]);

    // A folder of norms in the data folder lies over the embedded ones.
    let own = folder.path().join("city/norms/hj633");
    std::fs::create_dir_all(&own).unwrap();
    std::fs::write(own.join("2012.toml"), "nonsense").unwrap();
    let refused = yundang(&["sql", "--data", &data, "SELECT 1"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("hj633/2012.toml"));
}

#[test]
fn a_city_is_the_mean_of_the_stations_evaluated_on_that_day() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let data = path("city");
    assert!(yundang(&["init", "--data", &data, "--city", "xiamen"]).status.success());
    // In the middle of the month the evaluation goes over from one station to the other.
    let register = "station,name,kind,evaluated,from,to\nA,甲,national,1,2020-01-01,2024-01-16\n\
                    A,甲,city,0,2024-01-16,\nB,乙,national,1,2024-01-16,\n";
    std::fs::write(path("stations.csv"), register).unwrap();
    let mut hours = String::from("station,time,PM2_5\n");
    for (station, value) in [("A", 10), ("B", 30)] {
        for hour in 1..=31 * 24 {
            hours += &format!("{station},2024-01-{:02}T{:02}:00,{value}\n", (hour - 1) / 24 + 1, (hour - 1) % 24 + 1);
        }
    }
    std::fs::write(path("hours.csv"), hours).unwrap();
    for (table, file) in [("station", "stations.csv"), ("observation", "hours.csv")] {
        let imported = yundang(&["import", table, "--data", &data, "--source", "manual", &path(file)]);
        assert!(imported.status.success(), "{}", String::from_utf8_lossy(&imported.stderr));
    }
    let figure = out(&yundang(&["figures", "--data", &data, "--period", "2024-01", "--id", "F047"]));
    let cells: Vec<&str> = figure.lines().nth(1).unwrap().split(',').collect();
    // (15 days of 10 + 16 days of 30) / 31
    assert_eq!((cells[4], cells[8]), ("20", "744"), "{figure}");
    assert!(figure.contains("PM2.5浓度为20微克/立方米"), "{figure}");
}

#[test]
fn a_number_can_be_asked_for_as_it_stood() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let data = path("city");
    let import = |table: &str, file: &str| yundang(&["import", table, "--data", &data, "--source", "manual", file]);
    assert!(yundang(&["init", "--data", &data, "--city", "xiamen"]).status.success());
    assert!(import("station", &testdata("first-day/stations.xlsx")).status.success());
    assert!(import("observation", &testdata("first-day/hours.csv")).status.success());
    let ask = |more: &[&str]| {
        let mut arguments = vec!["figures", "--data", &data, "--period", "2024-01", "--id", "F047", "--format", "json"];
        arguments.extend(more);
        let answered = yundang(&arguments);
        assert!(answered.status.success(), "{}", String::from_utf8_lossy(&answered.stderr));
        serde_json::from_str::<serde_json::Value>(&out(&answered)).unwrap()[0].clone()
    };
    let first = ask(&[]);
    let (before, position) = (jiff::Timestamp::now(), first["as_of"].as_str().unwrap());

    // The bureau corrects its hours: PM2.5, the sixth column, reads ten more.
    std::thread::sleep(std::time::Duration::from_millis(20));
    let mut revised = csv::Writer::from_path(path("revised.csv")).unwrap();
    for (number, row) in csv::ReaderBuilder::new()
        .has_headers(false)
        .from_path(testdata("first-day/hours.csv"))
        .unwrap()
        .records()
        .enumerate()
    {
        let row = row.unwrap();
        let cell = |(at, cell): (usize, &str)| match cell.parse::<u32>() {
            Ok(value) if at == 5 && number > 0 => (value + 10).to_string(),
            _ => cell.to_owned(),
        };
        revised.write_record(row.iter().enumerate().map(cell)).unwrap();
    }
    revised.flush().unwrap();
    assert!(import("observation", &path("revised.csv")).status.success());

    let value = |figure: &serde_json::Value| figure["value"].as_str().unwrap().parse::<i32>().unwrap();
    let now = ask(&[]);
    assert_eq!(value(&now), value(&first) + 10);
    assert_eq!(ask(&["--as-of", position]), first);
    let beijing = before.in_tz("Asia/Shanghai").unwrap();
    let local = beijing.datetime().to_string();
    assert_eq!(ask(&["--as-of", &local]), first);
    let today = beijing.date().to_string();
    assert_eq!(ask(&["--as-of", &today]), now);
    for wrong in ["2001-01-01", "yesterday", "weather@1"] {
        let refused = yundang(&["figures", "--data", &data, "--period", "2024-01", "--as-of", wrong]);
        assert_eq!(refused.status.code(), Some(2), "{wrong}");
    }

    // What is exported has the types of its columns.
    for name in ["observation.parquet", "observation.csv"] {
        assert!(yundang(&["export", "observation", "--data", &data, "--output", &path(name)]).status.success());
    }
    let mut findings = exchange::Findings::new();
    let mut cells = csv::StringRecord::new();
    let mut sums = Vec::new();
    for name in ["observation.parquet", "observation.csv"] {
        let mut table = exchange::TextTable::open(Path::new(&path(name)), &mut findings).unwrap();
        let value = table.header().iter().position(|name| name == "value").unwrap();
        let mut sum = 0.0;
        while table.next_row(&mut cells, &mut findings).is_some() {
            sum += cells[value].parse::<f64>().unwrap_or_default();
        }
        sums.push(sum);
    }
    assert!(sums[0] > 1e5 && (sums[0] - sums[1]).abs() < 1e-6, "{sums:?}");
}

/// Set `YUNDANG_S3_BUCKET` to an existing bucket, and `AWS_…` so that it can be reached; CI has one.
#[test]
fn a_city_whose_tables_lie_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    let mut places = vec![folder.path().join("tables").display().to_string()];
    match std::env::var("YUNDANG_S3_BUCKET") {
        Ok(bucket) => places.push(format!("s3://{bucket}/city-{}", jiff::Timestamp::now().as_nanosecond())),
        Err(_) => println!("YUNDANG_S3_BUCKET names no bucket: only a folder is tried"),
    }
    for (number, place) in places.iter().enumerate() {
        let data = folder.path().join(format!("city-{number}")).display().to_string();
        let made = yundang(&["init", "--data", &data, "--city", "xiamen", "--lake", place]);
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        for (table, file) in [("station", "first-day/stations.xlsx"), ("observation", "first-day/hours.csv")] {
            let imported = yundang(&["import", table, "--data", &data, "--source", "manual", &testdata(file)]);
            assert!(imported.status.success(), "{}", String::from_utf8_lossy(&imported.stderr));
        }
        let count = out(&yundang(&["sql", "--data", &data, "SELECT count(*) FROM observation"]));
        assert_eq!(count.lines().nth(1), Some("8928"));
        assert!(yundang(&["maintain", "--data", &data]).status.success());
        // Another city finds the place taken.
        let second = folder.path().join(format!("second-{number}")).display().to_string();
        assert!(!yundang(&["init", "--data", &second, "--city", "xiamen", "--lake", place]).status.success());
    }
}

#[test]
fn the_demo_city_comes_out_near_the_published_year() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("demo").display().to_string();
    let made = yundang(&["demo", "--data", &data, "--no-serve"]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let figures = out(&yundang(&["figures", "--data", &data, "--period", "2022", "--format", "json"]));
    let figures: Vec<serde_json::Value> = serde_json::from_str(&figures).unwrap();
    let figure = |id: &str| figures.iter().find(|figure| figure["id"] == id).unwrap().clone();
    assert_eq!((figure("F047")["value"].as_str(), figure("F047")["direction"].as_str()), (Some("17"), Some("down")));
    assert_eq!(figure("F004")["value"], "9");
    assert_eq!(figure("F142")["value"], "二氧化氮和臭氧浓度同比上升");
    assert_eq!(figure("AIR-INDEX")["direction"], "down");
    for figure in &figures {
        assert!(figure["rows"].as_u64().unwrap() > 0, "{figure}");
    }
    // What the bureau published of the other media in 2022.
    for (id, value) in [
        ("F005", "100"),
        ("F006", "100"),
        ("F007", "100"),
        ("F008", "100"),
        ("F009", "86.4"),
        ("F010", "100"),
        ("F011", "86.2"),
        ("F026", "546"),
        ("F027", "179.3"),
        ("F028", "118.5"),
        ("F029", "11"),
        ("F030", "100"),
        ("F052", "26"),
        ("F053", "22"),
        ("F055", "1279"),
        ("F056", "400"),
        ("F057", "97"),
        ("F058", "7.8"),
        ("F060", "94.6"),
        ("F061", "53"),
        ("F067", "2"),
    ] {
        assert_eq!(figure(id)["value"], value, "{id}");
    }
    // The few real hours stand in their own years, marked by their source.
    let real = "SELECT source, count(*) AS n FROM observation WHERE time < utc('2020-01-01T00:00') GROUP BY source";
    let real = out(&yundang(&["sql", "--data", &data, real]));
    assert!(real.contains("cnemc,") && !real.contains("simulated"), "{real}");
    // A second start finds it made.
    let again = yundang(&["demo", "--data", &data, "--no-serve"]);
    assert!(again.status.success() && !String::from_utf8_lossy(&again.stderr).contains("making"));
    // Both refuse to become the other.
    assert_eq!(yundang(&["init", "--data", &data, "--city", "xiamen"]).status.code(), Some(2));
}

/// Samples with a register of targets, a period column and values below detection come to figures.
#[test]
fn samples_of_rivers_come_to_a_figure() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let data = path("city");
    assert!(yundang(&["init", "--data", &data, "--city", "xiamen"]).status.success());
    let write = |name: &str, text: &str| std::fs::write(path(name), text).unwrap();
    write(
        "places.csv",
        "station,name_zh,medium,kind,function_class,waterbody,programmes\nS1,上游,surface_water,river,Ⅲ,东溪,主要流域;国控\nS2,下游,surface_water,river,Ⅲ,东溪,主要流域\n",
    );
    // S2 is of class Ⅳ by its permanganate index; both have ammonia below detection.
    write(
        "samples.csv",
        "station,time,period,parameter,value\nS1,2022-03-05T09:30,instant,CODMN,3.1\nS1,2022-03-05T09:30,instant,NH3N,<0.025\n\
         S2,2022-03-05T10:15,instant,CODMN,8.2\nS2,2022-03-05T10:15,instant,NH3N,0.025L\n",
    );
    for (table, file) in [("station", "places.csv"), ("observation", "samples.csv")] {
        let taken = yundang(&["import", table, "--data", &data, "--source", "lab", &path(file)]);
        assert!(taken.status.success(), "{}", String::from_utf8_lossy(&taken.stderr));
    }
    let flags =
        "SELECT station, beijing(time) AS time, value, flag FROM observation WHERE parameter = 'NH3N' ORDER BY 1";
    let flags = out(&yundang(&["sql", "--data", &data, flags]));
    assert!(flags.contains("S1,2022-03-05T09:30,0.025,L") && flags.contains("S2,2022-03-05T10:15,0.025,L"), "{flags}");
    let figures = out(&yundang(&["figures", "--data", &data, "--period", "2022", "--id", "F006", "--format", "json"]));
    let figures: Vec<serde_json::Value> = serde_json::from_str(&figures).unwrap();
    assert_eq!((figures[0]["value"].as_str(), figures[0]["rows"].as_u64()), (Some("50"), Some(2)));
    let rows = out(&yundang(&["figures", "--data", &data, "--period", "2022", "--id", "F006", "--rows"]));
    // 8.2 against 6 of class Ⅲ.
    assert!(rows.contains("S2,2022,,GB3838-2002,4,Ⅳ,0,,CODMn,CODMn(0.37),Ⅲ") && rows.contains(",measured"), "{rows}");
}
