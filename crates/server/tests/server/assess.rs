//! `yundang assess air` as a user calls it: published truth, both orders, little memory, bad input.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use super::program::{Folder, Rows, read, yundang};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

fn testdata(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata").join(name)
}

/// Judges a text; gives exit code, rows and the codes of the findings with their lines.
fn assess(folder: &Folder, text: &str, more: &[&str]) -> (i32, Rows, Vec<(String, Option<u64>)>) {
    let input = folder.write("in.csv", text);
    let (output, findings) = (folder.path("out.csv"), folder.path("findings.jsonl"));
    let _ = std::fs::remove_file(&output);
    let mut arguments = vec!["assess", "air", "--input", &input, "--output", &output, "--findings", &findings];
    arguments.extend(more);
    let ended = yundang(&arguments);
    let rows = if Path::new(&output).exists() { read(&output) } else { Vec::new() };
    let findings = std::fs::read_to_string(&findings).unwrap_or_default();
    let findings = findings.lines().map(|line| {
        let finding: serde_json::Value = serde_json::from_str(line).unwrap();
        for key in ["message_zh", "message_en", "action_zh", "action_en"] {
            assert!(!finding[key].as_str().unwrap().is_empty(), "{line}");
        }
        (finding["code"].as_str().unwrap().to_owned(), finding["line"].as_u64())
    });
    (ended.status.code().unwrap(), rows, findings.collect())
}

#[test]
fn every_published_hour_of_the_national_platform() {
    let names: BTreeMap<&str, &str> = [
        ("细颗粒物(PM2.5)", "PM2_5"),
        ("颗粒物(PM10)", "PM10"),
        ("臭氧1小时", "O3"),
        ("二氧化硫", "SO2"),
        ("一氧化碳", "CO"),
        ("二氧化氮", "NO2"),
    ]
    .into();
    let published = testdata("air-cnemc-hourly/cnemc_hours.csv");
    let folder = Folder::new();
    let output = folder.path("out.csv");
    let input = published.display().to_string();
    let ended = yundang(&[
        "assess",
        "air",
        "--input",
        &input,
        "--source",
        "cnemc-hourly",
        "--output",
        &output,
        "--level",
        "hour",
    ]);
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    let ours: BTreeMap<(String, String), BTreeMap<String, String>> =
        read(&output).into_iter().map(|row| ((row["station"].clone(), row["time"].clone()), row)).collect();
    let (mut reproduced, mut blank) = (0, 0);
    for row in read(&published) {
        let judged = &ours[&(row["stationcode"].clone(), row["timepoint"][..16].to_owned())];
        if row["aqi"].is_empty() {
            blank += 1;
            continue;
        }
        let set =
            |text: &str| -> BTreeSet<String> { text.split(',').filter(|n| !n.is_empty()).map(str::to_owned).collect() };
        let primary: BTreeSet<String> =
            set(&row["primarypollutant"]).iter().map(|name| names[name.as_str()].to_owned()).collect();
        assert_eq!(judged["aqi_available"], row["aqi"], "{row:?}");
        assert_eq!(judged["category_available"], row["quality"], "{row:?}");
        assert_eq!(set(&judged["primary_available"]), primary, "{row:?}");
        reproduced += 1;
    }
    assert_eq!((reproduced, blank), (4357, 132));
}

/// A made-up year of `stations` stations in the order of stations or of time, wide.
fn year(stations: usize, by_time: bool, days: i32) -> String {
    let mut text = String::from("station,time,SO2,NO2,PM10,PM2.5,CO,O3,flag\n");
    let first: norms::Day = "2022-01-01".parse().unwrap();
    let row = |text: &mut String, station: usize, hour: i32| {
        let seed = (station as i32 * 7919 + hour * 104_729).rem_euclid(1009);
        let label = norms::Hour(first.0 * 24 + hour).end_label();
        if seed % 97 == 0 {
            return;
        }
        let flag = if seed % 89 == 0 { 1 << (seed % 6) } else { 0 };
        let fine = if seed % 211 == 0 { ".125" } else { "" };
        let _ = writeln!(
            text,
            "S{station:03},{label},{},{}{fine},{},{},{}.{},{},{flag}",
            seed % 13,
            10 + seed % 41,
            30 + seed % 83,
            10 + seed % 61,
            seed % 2,
            seed % 10,
            40 + seed % 151,
        );
    };
    if by_time {
        (0..days * 24).for_each(|hour| (0..stations).for_each(|station| row(&mut text, station, hour)));
    } else {
        (0..stations).for_each(|station| (0..days * 24).for_each(|hour| row(&mut text, station, hour)));
    }
    text
}

#[test]
fn heavy_both_orders_and_little_memory_give_the_same_bytes() {
    let folder = Folder::new();
    let (stations, days) = (super::sizes::size("assess_order_stations"), 200);
    let ordered = folder.write("ordered.csv", &year(stations, false, days));
    let mixed = folder.write("mixed.csv", &year(stations, true, days));
    for level in ["hour", "day", "month", "year"] {
        let mut answers = Vec::new();
        // 1 MB of hours holds about ten station-months, so the second run of each spills many times.
        for (input, memory) in [(&ordered, "512MB"), (&ordered, "1MB"), (&mixed, "512MB"), (&mixed, "1MB")] {
            let output = folder.path("out.csv");
            let ended = yundang(&[
                "assess", "air", "--input", input, "--output", &output, "--level", level, "--memory", memory,
            ]);
            assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
            answers.push(std::fs::read(&output).unwrap());
        }
        assert!(answers[0].len() > 500);
        assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{level}");
    }
}

#[test]
fn long_and_wide_csv_and_parquet_agree() {
    let folder = Folder::new();
    let wide = year(3, false, 40);
    let mut long = String::from("station,ts,pollutant,value,flag\n");
    let names = ["so2", "no2", "pm10", "pm25", "co", "o3"];
    // Bits of the mask: SO2, NO2, CO, O3, PM10, PM2_5.
    let bits = [0, 1, 4, 5, 2, 3];
    for line in wide.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let mask: u8 = cells[8].parse().unwrap();
        for ((name, bit), value) in names.iter().zip(bits).zip(&cells[2..8]) {
            let _ = writeln!(long, "{},{},{name},{value},{}", cells[0], cells[1], u8::from(mask & (1 << bit) != 0));
        }
    }
    let (wide, long) = (folder.write("wide.csv", &wide), folder.write("long.csv", &long));
    let mut answers = Vec::new();
    for input in [&wide, &long] {
        let output = folder.path("out.csv");
        assert!(yundang(&["assess", "air", "--input", input, "--output", &output, "--level", "day"]).status.success());
        answers.push(std::fs::read_to_string(&output).unwrap());
    }
    assert_eq!(answers[0], answers[1]);
    // The same columns in Parquet, read back by our own reader: as a table of day values it has no hours to judge,
    // but it opens and its header is known.
    let parquet = folder.path("out.parquet");
    assert!(yundang(&["assess", "air", "--input", &wide, "--output", &parquet, "--level", "day"]).status.success());
    let mut findings = exchange::Findings::new();
    let mut table = exchange::TextTable::open(Path::new(&parquet), &mut findings).unwrap();
    let header = table.header().join(",");
    assert_eq!(header, answers[0].lines().next().unwrap());
    let mut cells = csv::StringRecord::new();
    let mut rows = 0;
    while table.next_row(&mut cells, &mut findings).is_some() {
        rows += 1;
    }
    assert_eq!(rows, answers[0].lines().count() - 1);
}

#[test]
fn labels_of_the_start_and_of_the_end_agree() {
    let folder = Folder::new();
    let ends = "station,time,SO2\nA,2022-01-01T01:00,5\nA,2022-01-01T24:00,7\n";
    let starts = "station,time,SO2\nA,2022-01-01T00:00,5\nA,2022-01-01T23:00,7\n";
    let (_, by_end, _) = assess(&folder, ends, &[]);
    let (_, by_start, _) = assess(&folder, starts, &["--label", "start"]);
    assert_eq!(by_end, by_start);
    assert_eq!(by_end[1]["time"], "2022-01-02T00:00");
}

#[test]
fn a_city_is_the_mean_of_its_evaluated_stations() {
    let folder = Folder::new();
    let register = folder.write("stations.csv", "station,city,evaluated\nA,厦门,1\nB,厦门,1\nC,厦门,0\nD,泉州,1\n");
    let mut text = String::from("station,time,SO2,NO2,PM10,PM2_5,CO,O3\n");
    for (station, value) in [("A", 10), ("B", 21), ("C", 500), ("D", 3)] {
        let _ = writeln!(text, "{station},2022-01-01T01:00,{value},{value},{value},{value},1,{value}");
    }
    let (code, rows, _) = assess(&folder, &text, &["--by", "city", "--stations", &register]);
    assert_eq!((code, rows.len()), (0, 2));
    assert_eq!((rows[0]["city"].as_str(), rows[0]["so2"].as_str()), ("厦门", "16"));
    assert_eq!(rows[1]["city"], "泉州");
}

#[test]
fn an_edition_judges_from_its_first_day() {
    let folder = Folder::new();
    let text = "station,time,SO2,NO2,PM10,PM2_5,CO,O3\n\
                A,2026-03-01T00:00,5,5,5,75,0.5,5\nA,2026-03-01T01:00,5,5,5,75,0.5,5\n";
    let (_, rows, _) = assess(&folder, text, &[]);
    let seen: Vec<(&str, &str)> =
        rows.iter().map(|row| (row["edition"].as_str(), row["iaqi_pm2_5"].as_str())).collect();
    assert_eq!(seen, [("HJ633-2012", "100"), ("HJ633-2026", "114")]);
}

#[test]
fn sand_dust_days_leave_the_mean_and_stay_in_the_good_days() {
    let folder = Folder::new();
    let mut text = String::from("station,time,SO2,NO2,PM10,PM2_5,CO,O3\n");
    let first: norms::Day = "2022-03-01".parse().unwrap();
    for hour in 0..31 * 24 {
        let dusty = hour / 24 == 9;
        let label = norms::Hour(first.0 * 24 + hour).end_label();
        let _ = writeln!(text, "A,{label},5,20,{},20,0.5,60", if dusty { 700 } else { 40 });
    }
    let dust = folder.write("dust.csv", "station,date\nA,2022-03-10\n");
    let (_, plain, _) = assess(&folder, &text, &["--level", "month"]);
    let (_, without, _) = assess(&folder, &text, &["--level", "month", "--dust-days", &dust]);
    assert_eq!((plain[0]["pm10"].as_str(), without[0]["pm10"].as_str()), ("61", "40"));
    for rows in [&plain, &without] {
        assert_eq!((rows[0]["valid_days"].as_str(), rows[0]["good_days"].as_str()), ("31", "30"));
        assert_eq!(rows[0]["month"], "2022-03");
    }
}

#[test]
fn bad_input_is_found_where_it_stands_and_good_rows_are_kept() {
    let folder = Folder::new();
    let text = "station,time,SO2,CO,XYZ\n\
                A,2022-01-01T01:00,5,0.5,1\n\
                ,2022-01-01T02:00,5,0.5,1\n\
                A,yesterday,5,0.5,1\n\
                A,2022-01-01T03:30,5,0.5,1\n\
                A,2022-01-01T04:00Z,5,0.5,1\n\
                A,2022-01-01T05:00,-4,0.5,1\n\
                A,2022-01-01T06:00,99999,0.5,1\n\
                A,2022-01-01T07:00,5,650,1\n\
                A,2022-01-01T01:00,5,0.5,1\n\
                A,2022-01-01T01:00,6,0.5,1\n\
                A,2022-01-01T08:00,much,0.5,1\n\
                A,2022-01-01T09:00,NA,<0.2,1\n";
    let (code, rows, findings) = assess(&folder, text, &[]);
    assert_eq!(code, 1);
    let expected = [
        ("column_unknown", 1),
        ("station_missing", 3),
        ("time_form", 4),
        ("time_not_hour", 5),
        ("time_zone", 6),
        ("value_negative", 7),
        ("value_absurd", 8),
        ("unit_suspect", 9),
        ("row_twice", 10),
        ("row_conflict", 11),
        ("value_form", 12),
    ];
    for (code, line) in expected {
        assert!(findings.contains(&(code.to_owned(), Some(line))), "{code} in line {line}: {findings:?}");
    }
    assert_eq!(findings.len(), expected.len());
    assert_eq!(rows.len(), 6);
    assert_eq!((rows[0]["so2"].as_str(), rows[5]["co"].as_str()), ("5", "0.1"));

    let (code, rows, _) = assess(&folder, text, &["--strict"]);
    assert_eq!((code, rows.len()), (1, 0));
}

#[test]
fn wrong_headers_cut_files_and_nonsense() {
    let folder = Folder::new();
    let (code, rows, findings) = assess(&folder, "place,when,how_much\nA,B,C\n", &[]);
    assert_eq!((code, rows.len()), (1, 0));
    assert!(findings.iter().any(|(code, line)| code == "header_missing" && *line == Some(1)));

    let (code, _, findings) = assess(&folder, "station,time,parameter,value\nA,2022-01-01T01:00,PM99,5\n", &[]);
    assert_eq!((code, findings), (1, vec![("parameter_unknown".to_owned(), Some(2))]));

    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
    encoder.write_all(year(1, false, 30).as_bytes()).unwrap();
    let mut packed = encoder.finish().unwrap();
    packed.truncate(packed.len() / 2);
    let (input, output) = (folder.path("cut.csv.gz"), folder.path("cut.out.csv"));
    std::fs::write(&input, packed).unwrap();
    let ended = yundang(&["assess", "air", "--input", &input, "--output", &output]);
    assert_eq!(ended.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&ended.stderr).contains("file_cut"));
    assert!(read(&output).len() > 200);

    let parquet = folder.write("no.parquet", "PAR1 this is no Parquet file PAR1");
    let ended = yundang(&["assess", "air", "--input", &parquet, "--output", &folder.path("no.csv")]);
    assert_eq!(ended.status.code(), Some(1));
    assert!(!Path::new(&folder.path("no.csv")).exists());
}

#[test]
fn one_bad_line_costs_one_line() {
    let folder = Folder::new();
    let mut text = "station,time,SO2\nA,2022-01-01T01:00,\"5\n".to_owned();
    let _ = writeln!(text, "A,2022-01-01T02:00,{}", "9".repeat(2 << 20));
    for hour in 3..=24 {
        let _ = writeln!(text, "A,2022-01-01T{hour:02}:00,5");
    }
    let (code, rows, findings) = assess(&folder, &text, &[]);
    assert_eq!((code, rows.len()), (1, 22));
    assert_eq!(findings, [("quote_open".to_owned(), Some(2)), ("line_long".to_owned(), Some(3))]);
}

#[test]
fn standard_input_and_output_take_the_format_that_is_asked_for() {
    let folder = Folder::new();
    let input = folder.write("in.txt", "station,time,SO2\nA,2022-01-01T01:00,5\n");
    let pipe = |from: &str, more: &[&str]| -> Vec<u8> {
        let ended = Command::new(env!("CARGO_BIN_EXE_yundang"))
            .args(["assess", "air", "--input", "-", "--output", "-"])
            .args(more)
            .current_dir(folder.path(""))
            .stdin(std::fs::File::open(from).unwrap())
            .output()
            .unwrap();
        assert!(!Path::new(&folder.path("-")).exists());
        ended.stdout
    };
    let text = pipe(&input, &[]);
    assert!(text.starts_with(b"station,time,edition"));
    let packed = pipe(&input, &["--output-format", "csv.gz"]);
    assert!(packed.starts_with(&[0x1f, 0x8b]));
    let columns = folder.path("columns.bin");
    std::fs::write(&columns, pipe(&input, &["--output-format", "parquet"])).unwrap();
    // Its own columns of indices are findings; station, time and concentrations are read again.
    assert_eq!(pipe(&columns, &["--input-format", "parquet"]), text);
    let (named, output) = (folder.path("text.parquet"), folder.path("out.csv"));
    std::fs::copy(&input, &named).unwrap();
    let ended = yundang(&["assess", "air", "--input", &named, "--input-format", "csv", "--output", &output]);
    assert!(ended.status.success());
}

#[test]
fn a_register_has_aliases_and_words_for_no() {
    let folder = Folder::new();
    let register = folder.write("stations.csv", "站点编号,城市,Evaluated\nA,厦门,True\nB,厦门,False\n");
    let text = "station,time,SO2\nA,2022-01-01T01:00,10\nB,2022-01-01T01:00,500\n";
    let (code, rows, _) = assess(&folder, text, &["--by", "city", "--stations", &register]);
    assert_eq!((code, rows[0]["so2"].as_str()), (0, "10"));
}

#[test]
fn a_declared_factor_brings_values_into_our_unit() {
    let folder = Folder::new();
    std::fs::create_dir_all(folder.path("norms/sources")).unwrap();
    folder.write(
        "norms/sources/feed.toml",
        "schema = \"source-mapping/1\"\nid = \"feed\"\nname_zh = \"试\"\nname_en = \"try\"\nsource = \"none\"\n\
         confidence = \"memory\"\nstation = \"s\"\ntime = \"t\"\n\
         [[column]]\ncolumn = \"co_ug\"\nparameter = \"CO\"\nfactor = \"0.001\"\n",
    );
    let norms = folder.path("norms");
    let (code, rows, _) =
        assess(&folder, "s,t,co_ug\nA,2022-01-01T01:00,650\n", &["--norms", &norms, "--source", "feed"]);
    assert_eq!((code, rows[0]["co"].as_str()), (0, "0.6"));
}

#[test]
fn usage_and_input_failures_have_their_codes() {
    let folder = Folder::new();
    let missing = folder.path("nowhere.csv");
    assert_eq!(yundang(&["assess", "air", "--input", &missing, "--output", "-"]).status.code(), Some(74));
    let input = folder.write("in.csv", "station,time,SO2\nA,2022-01-01T01:00,5\n");
    assert_eq!(yundang(&["assess", "air", "--input", &input, "--output", "x.docx"]).status.code(), Some(2));
    assert_eq!(yundang(&["assess", "air", "--input", &input]).status.code(), Some(2));
    let unwritable = folder.path("no/such/folder/out.csv");
    assert_eq!(yundang(&["assess", "air", "--input", &input, "--output", &unwritable]).status.code(), Some(74));
    let overlay = folder.path("norms");
    std::fs::create_dir_all(format!("{overlay}/hj633")).unwrap();
    std::fs::write(format!("{overlay}/hj633/2012.toml"), "schema = 1\n").unwrap();
    let ended = yundang(&["norms", "check", &overlay]);
    assert_eq!(ended.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&ended.stderr).contains("hj633/2012.toml:1"));
}
