//! `yundang assess surface-water | sea | groundwater | noise | soil | discharge` as a user calls them: published
//! classes, one result from every form of the same table, bad input. The answers of the oracle are in `media_oracle`.

#![allow(clippy::panic, reason = "a test that cannot go on fails")]

use super::program::{Folder, Rows, read, yundang};
use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;
use std::io::Read as _;
use std::path::{Path, PathBuf};

fn testdata(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/water-cnemc-auto").join(name)
}

/// A published class as a number; none for a dash or an empty cell.
fn class_of(published: &str) -> Option<&'static str> {
    let classes = [("Ⅰ", "1"), ("Ⅱ", "2"), ("Ⅲ", "3"), ("Ⅳ", "4"), ("Ⅴ", "5"), ("劣Ⅴ", "6")];
    classes.iter().find(|(word, _)| *word == published).map(|(_, class)| *class)
}

/// The time of a row: its month, day and hour with the year of the day on which the page was read.
fn published_time(row: &BTreeMap<String, String>) -> String {
    let (date, time) = (&row["file_date"], &row["time"]);
    let year: i32 = date[..4].parse().unwrap();
    // A page of January can still show a time of December.
    let year = year - i32::from(date[5..7] == *"01" && time[..2] == *"12");
    format!("{year}-{}T{}", &time[..5], &time[6..])
}

#[test]
fn every_published_class_of_the_national_stations() {
    let mut text = String::new();
    let packed = std::fs::File::open(testdata("daily_with_raw.csv.gz")).unwrap();
    flate2::read::GzDecoder::new(packed).read_to_string(&mut text).unwrap();
    let published: Rows = csv::Reader::from_reader(text.as_bytes()).deserialize().map(Result::unwrap).collect();
    let lakes: HashSet<(String, String)> = read(testdata("inferred_lake_sections.csv"))
        .into_iter()
        .map(|row| (row["province"].clone(), row["section"].clone()))
        .collect();
    let mut table = csv::Writer::from_writer(Vec::new());
    table.write_record(["section", "time", "pH", "DO", "CODMn", "NH3N", "TP", "TN", "WT", "kind"]).unwrap();
    let mut wanted: BTreeMap<String, (String, String, &str)> = BTreeMap::new();
    for (number, row) in published.iter().enumerate() {
        let Some(class) = class_of(&row["class"]) else { continue };
        let (name, time) = (format!("{number:05} {}", row["section"]), published_time(row));
        let lake = lakes.contains(&(row["province"].clone(), row["section"].clone()));
        let value = |item: &str| {
            let raw = &row[&format!("{item}_raw")];
            if raw.is_empty() { row[item].clone() } else { raw.clone() }
        };
        let mut record = vec![name.clone(), time.clone()];
        record.extend(["ph", "do", "codmn", "nh3n", "tp", "tn", "wt"].map(value));
        record.push(if lake { "lake" } else { "river" }.to_owned());
        table.write_record(record).unwrap();
        wanted.insert(name, (row["section"].clone(), time, class));
    }
    let folder = Folder::new();
    let text = String::from_utf8(table.into_inner().unwrap()).unwrap();
    let (input, output) = (folder.write("sections.csv", &text), folder.path("classes.csv"));
    let ended = yundang(&["assess", "surface-water", "--input", &input, "--output", &output, "--level", "sample"]);
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    let judged = read(&output);
    assert_eq!((judged.len(), wanted.len()), (11_615, 11_615));
    let mut differ = Vec::new();
    for row in &judged {
        let (section, time, class) = &wanted[&row["section"]];
        assert_eq!((&row["time"], row["edition"].as_str()), (time, "GB3838-2002"));
        if row["class"] != *class {
            differ.push((section.clone(), time.clone(), (*class).to_owned(), row["class"].clone()));
        }
    }
    let explained: Vec<(String, String, String, String)> = read(testdata("mismatches.csv"))
        .into_iter()
        .map(|row| {
            assert!(!row["explanation"].is_empty());
            let published = class_of(&row["published"]).unwrap().to_owned();
            (row["section"].clone(), row["time"].clone(), published, row["judged"].clone())
        })
        .collect();
    assert_eq!(differ, explained);
    assert!(differ.len() * 1000 <= judged.len());
}

/// One run of a command: exit code, rows, findings as code, line and field.
struct Ended {
    code: i32,
    rows: Rows,
    findings: Vec<(String, Option<u64>, String)>,
}

impl Ended {
    /// Asserts the findings, whatever their order.
    fn expect(&self, findings: &[(&str, u64, &str)]) {
        let mut wanted: Vec<(String, Option<u64>, String)> = findings
            .iter()
            .map(|(code, line, field)| ((*code).to_owned(), (*line > 0).then_some(*line), (*field).to_owned()))
            .collect();
        let mut found = self.findings.clone();
        wanted.sort();
        found.sort();
        assert_eq!(found, wanted);
    }

    /// The cells of some columns, row by row.
    fn columns(&self, columns: &[&str]) -> Vec<String> {
        let of_row = |row: &BTreeMap<String, String>| -> Vec<String> {
            columns.iter().map(|column| row[*column].clone()).collect()
        };
        self.rows.iter().map(|row| of_row(row).join(" ")).collect()
    }
}

fn assess(folder: &Folder, medium: &str, text: &str, more: &[&str]) -> Ended {
    let input = folder.write("in.csv", text);
    let (output, findings) = (folder.path("out.csv"), folder.path("findings.jsonl"));
    let _ = std::fs::remove_file(&output);
    let mut arguments = vec!["assess", medium, "--input", &input, "--output", &output, "--findings", &findings];
    arguments.extend(more);
    let ended = yundang(&arguments);
    let rows = if Path::new(&output).exists() { read(&output) } else { Vec::new() };
    let findings = std::fs::read_to_string(&findings).unwrap_or_default();
    let findings = findings.lines().map(|line| {
        let finding: serde_json::Value = serde_json::from_str(line).unwrap();
        for key in ["message_zh", "message_en", "action_zh", "action_en"] {
            assert!(!finding[key].as_str().unwrap().is_empty(), "{line}");
        }
        let text = |key: &str| finding[key].as_str().unwrap_or_default().to_owned();
        (text("code"), finding["line"].as_u64(), text("field"))
    });
    Ended { code: ended.status.code().unwrap(), rows, findings: findings.collect() }
}

/// A medium with a wide table of good samples: two columns of place and time, then words, then items.
struct Sound {
    medium: &'static str,
    words: &'static [&'static str],
    table: String,
}

fn sound() -> Vec<Sound> {
    let mut noise = String::from("point,time,function_zone,LAEQ\n");
    let mut outlets = String::from("outlet,time,standard,O2,FLOW,COD,NH3N,TEMP,SO2,STACK_HEIGHT\n");
    for hour in 0..72 {
        let time = format!("2022-03-{:02}T{:02}:00", 1 + hour / 24, hour % 24);
        let _ = writeln!(noise, "甲,{time},2,{}.{}", 45 + hour * 7 % 19, hour % 10);
        let _ = writeln!(noise, "乙,{time},4a,{}", 50 + hour * 11 % 23);
        let _ =
            writeln!(outlets, "水1,{time},GB18918/table1/1A,,{},{},<0.4,{},,", 90 + hour, 30 + hour % 30, 9 + hour % 7);
        let _ =
            writeln!(outlets, "锅炉,{time},GB13271/new/gas,{}.5,{},,,,{},", 4 + hour % 9, 800 + hour, 20 + hour % 40);
        let _ = writeln!(outlets, "烟囱,{time},GB16297/2,,{},,,,{},35", 20_000 + 500 * hour, 300 + hour * 5);
    }
    let of = |medium, words, table: &str| Sound { medium, words, table: table.to_owned() };
    vec![
        of(
            "surface-water",
            &["kind", "function_class"],
            "section,time,kind,function_class,pH,DO,CODMn,NH3N,TP,TN,Hg\n\
             A,2022-01-05T09:00,river,Ⅲ,7.6,5.6,6.9,1.32,0.31,3,<0.00004\n\
             A,2022-02-05T09:00,river,Ⅲ,7.1,8.1,1.9,,0.02,,<0.00004\n\
             B,2022-01-05T09:00,lake,2,8.9,7.5,2,0.15,0.05,1.2,\n\
             B,2022-01-25T09:00,lake,2,9.1,7.5,2,0.15,<0.01,0.2,0.00005\n",
        ),
        of(
            "sea",
            &["function_class"],
            "station,time,function_class,pH,DO,COD,DIN,DIP,Cu\n\
             FJ1,2022-05-05T10:00,二,8.1,6,1.1,0.35,0.028,0.004\n\
             FJ2,2022-05-05T11:00,四,7.7,6.1,2.1,0.15,<0.001,\n\
             FJ2,2022-08-05T11:00,四,8,4.2,2.1,0.55,0.046,0.06\n",
        ),
        of(
            "groundwater",
            &[],
            "well,time,pH,NO3N,LAS,Fe,COLI\n\
             J1,2022-05-05T10:00,6.4,18,<0.05,0.1,3\n\
             J2,2022-05-05T10:00,7,2,<0.05,0.05,2\n\
             J2,2022-06-05T10:00,7,31,0.2,0.05,200\n",
        ),
        of(
            "soil",
            &["land_use"],
            "sample,time,land_use,pH,Cd,As,Pb,BENZENE\n\
             S1,2022-05-05,paddy,6.2,0.41,30,<5,\n\
             S2,2022-05-05,class1,,21,20,801,0.5\n\
             S3,2022-05-05,rotation,7.6,0.6,19,160,\n",
        ),
        Sound { medium: "noise", words: &["function_zone"], table: noise },
        Sound { medium: "discharge", words: &["standard"], table: outlets },
    ]
}

/// The cells of a table, without its header.
fn cells_of(table: &str) -> (Vec<&str>, Vec<Vec<&str>>) {
    let mut lines = table.lines().map(|line| line.split(',').collect::<Vec<_>>());
    (lines.next().unwrap(), lines.collect())
}

/// The same samples with one row a value.
fn long_of(sound: &Sound) -> String {
    let (header, rows) = cells_of(&sound.table);
    let first = 2 + sound.words.len();
    let mut long = format!("{},parameter,value\n", header[..first].join(","));
    for row in rows {
        for (name, value) in header.iter().zip(&row).skip(first) {
            let _ = writeln!(long, "{},{name},{value}", row[..first].join(","));
        }
    }
    long
}

/// The same table as Parquet; what is a number in all rows becomes a column of numbers.
fn as_parquet(path: &str, table: &str, texts: usize) {
    let (header, rows) = cells_of(table);
    let is_number = |column: usize| {
        column >= texts && rows.iter().all(|row| row[column].is_empty() || row[column].parse::<f64>().is_ok())
    };
    let kind =
        |column: usize| if is_number(column) { exchange::ColumnKind::Number } else { exchange::ColumnKind::Text };
    let columns = header.iter().zip(0..).map(|(name, column)| exchange::ColumnSpec::new(name, kind(column))).collect();
    let mut writer = exchange::TableWriter::create(path, exchange::OutputFormat::Parquet, columns).unwrap();
    for row in &rows {
        for (column, cell) in row.iter().enumerate() {
            if is_number(column) { writer.float(cell.parse().ok()) } else { writer.text(cell) }
        }
        writer.end_row().unwrap();
    }
    writer.finish().unwrap();
}

#[test]
fn long_and_wide_csv_and_parquet_and_registers_give_the_same_bytes() {
    for sound in sound() {
        let folder = Folder::new();
        let (header, rows) = cells_of(&sound.table);
        let first = 2 + sound.words.len();
        let long = long_of(&sound);
        // The words in a register, and a table without them.
        let (mut register, mut bare) = (format!("station,{}\n", sound.words.join(",")), String::new());
        for row in std::iter::once(&header).chain(&rows) {
            let _ = writeln!(bare, "{},{}", row[..2].join(","), row[first..].join(","));
        }
        for row in &rows {
            let _ = writeln!(register, "{},{}", row[0], row[2..first].join(","));
        }
        let register = folder.write("register.csv", &register);
        let inputs = [
            (folder.write("wide.csv", &sound.table), None),
            (folder.write("long.csv", &long), None),
            (folder.path("wide.parquet"), None),
            (folder.path("long.parquet"), None),
            (folder.write("bare.csv", &bare), Some(&register)),
        ];
        as_parquet(&inputs[2].0, &sound.table, first);
        as_parquet(&inputs[3].0, &long, first + 1);
        // Discharge has means of days and months alone, and says so.
        let all = ["sample", "day", "month", "quarter", "year"];
        let (levels, others) = all.split_at(if sound.medium == "discharge" { 3 } else { all.len() });
        for level in others {
            let ended = yundang(&["assess", sound.medium, "--input", &inputs[0].0, "--output", "-", "--level", level]);
            assert_eq!(ended.status.code(), Some(2), "{}", String::from_utf8_lossy(&ended.stderr));
        }
        for level in levels {
            let mut answers = Vec::new();
            for (input, register) in &inputs {
                let output = folder.path("out.csv");
                let mut arguments = vec!["assess", sound.medium, "--input", input, "--output", &output];
                arguments.extend(["--level", level]);
                if let Some(register) = register {
                    arguments.extend(["--stations", register.as_str()]);
                }
                let ended = yundang(&arguments);
                assert!(ended.status.success(), "{input} {}", String::from_utf8_lossy(&ended.stderr));
                answers.push(std::fs::read_to_string(&output).unwrap());
            }
            assert!(answers[0].lines().count() > 2, "{}", answers[0]);
            for (answer, (input, _)) in answers.iter().zip(&inputs) {
                assert_eq!(answer, &answers[0], "{} {level} {input}", sound.medium);
            }
        }
    }
}

#[test]
fn answers_have_the_columns_of_the_contract() {
    let headers = [
        ("surface-water", "section,time,edition,class,grade,deciding,exceedance,function_class,meets"),
        ("sea", "station,time,edition,class,grade,deciding,exceedance,eutrophication,function_class,meets"),
        ("groundwater", "well,time,edition,class,deciding"),
        ("soil", "sample,time,edition,result,deciding,ratio"),
        ("noise", "station,date,edition,ld,ln,ldn,day_limit,night_limit,day_ok,night_ok,valid"),
        ("discharge", "outlet,parameter,time,level,edition,value,converted,limit,ratio,result,valid"),
    ];
    for (sound, (medium, header)) in sound().into_iter().zip(headers) {
        assert_eq!(sound.medium, medium);
        let folder = Folder::new();
        let input = folder.write("in.csv", &sound.table);
        let ended = yundang(&["assess", medium, "--input", &input, "--output", "-"]);
        assert!(ended.status.success());
        let text = String::from_utf8(ended.stdout).unwrap();
        assert_eq!(text.lines().next(), Some(header));
        // Parquet has the same columns and rows.
        let packed = folder.path("out.parquet");
        assert!(yundang(&["assess", medium, "--input", &input, "--output", &packed]).status.success());
        let mut findings = exchange::Findings::new();
        let mut table = exchange::TextTable::open(Path::new(&packed), &mut findings).unwrap();
        assert_eq!(table.header().join(","), header);
        let (mut cells, mut rows) = (csv::StringRecord::new(), 0);
        while table.next_row(&mut cells, &mut findings).is_some() {
            rows += 1;
        }
        assert_eq!(rows + 1, text.lines().count());
    }
}

#[test]
fn worked_examples_of_each_medium() {
    let folder = Folder::new();
    let table = |medium: &str| sound().into_iter().find(|sound| sound.medium == medium).unwrap().table;
    let water = assess(&folder, "surface-water", &table("surface-water"), &[]);
    assert_eq!(
        water.columns(&["section", "class", "grade", "deciding", "exceedance", "function_class", "meets"]),
        [
            "A 5 中度污染 TP TP(0.55);NH3N(0.32);CODMn(0.15) 3 false",
            "A 1 优 pH;DO;CODMn;TP;Hg  3 true",
            "B 3 良好 TP  2 false",
            "B 6 重度污染 pH pH 2 false",
        ]
    );
    let sea = assess(&folder, "sea", &table("sea"), &[]);
    assert_eq!(
        sea.columns(&["station", "class", "deciding", "exceedance", "eutrophication", "meets"]),
        [
            "FJ1 3 DIN DIN(0.17) 2.40 false",
            "FJ2 3 pH pH 0.04 true",
            "FJ2 5 DIN;DIP;Cu Cu(5.00);DIN(0.83);DIP(0.53) 11.81 false"
        ]
    );
    let wells = assess(&folder, "groundwater", &table("groundwater"), &[]);
    assert_eq!(
        wells.columns(&["well", "class", "deciding"]),
        ["J1 4 pH", "J2 1 pH;Fe;LAS;COLI;NO3N", "J2 5 COLI;NO3N"]
    );
    let soil = assess(&folder, "soil", &table("soil"), &[]);
    assert_eq!(
        soil.columns(&["sample", "edition", "result", "deciding", "ratio"]),
        [
            "S1 GB15618-2018 between Cd 1.02",
            "S2 GB36600-2018 above_control Pb 2.00",
            "S3 GB15618-2018 below_screening Cd 1.00"
        ]
    );
}

#[test]
fn an_explanation_names_items_comparisons_editions_and_how_sure_we_are() {
    for sound in sound() {
        let folder = Folder::new();
        let why = folder.path("why.jsonl");
        let ended = assess(&folder, sound.medium, &sound.table, &["--explain", &why]);
        assert_eq!((ended.code, ended.findings.len()), (0, 0));
        let lines: Vec<serde_json::Value> =
            std::fs::read_to_string(&why).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        // One line for each row, in their order, of the same edition.
        assert_eq!(lines.len(), ended.rows.len());
        let is_set = |value: &serde_json::Value| !value.is_null() && value != "";
        for (line, row) in lines.iter().zip(&ended.rows) {
            assert_eq!(line["edition"], *row["edition"], "{line}");
            assert!(is_set(&line["norms"]), "{line}");
            let items: Vec<&serde_json::Value> = line["items"].as_array().into_iter().flatten().collect();
            match sound.medium {
                "noise" => {
                    let limits = [&row["day_limit"], &row["night_limit"]];
                    assert_eq!(line["limits"], serde_json::json!(limits), "{line}");
                    assert!(is_set(&line["confidence"]) && is_set(&line["validity"]["confidence"]), "{line}");
                }
                "discharge" => {
                    assert_eq!(line["limit"], *row["limit"]);
                    assert!(is_set(&line["confidence"]) && is_set(&line["source"]), "{line}");
                }
                "soil" => {
                    assert!(items.iter().all(|item| is_set(&item["confidence"]) && is_set(&item["screening"])));
                    assert_eq!(line["deciding"], *row["deciding"]);
                }
                _ => {
                    assert!(is_set(&line["confidence"]) && is_set(&line["source"]), "{line}");
                    assert!(items.iter().all(|item| is_set(&item["comparison"]) && is_set(&item["value"])), "{line}");
                    let deciding = items.iter().filter(|item| item["deciding"] == true);
                    let names: Vec<&str> = deciding.map(|item| item["parameter"].as_str().unwrap()).collect();
                    assert_eq!(names.join(";"), row["deciding"]);
                }
            }
        }
        if sound.medium == "surface-water" {
            let find = |name: &str| lines[0]["items"].as_array().unwrap().iter().find(|item| item["parameter"] == name);
            let phosphorus = find("TP").unwrap();
            assert_eq!(
                (&phosphorus["comparison"], &phosphorus["value"], &phosphorus["class"], &phosphorus["unit"]),
                (&"> 0.3, ≤ 0.4".into(), &"0.31".into(), &5.into(), &"mg/L".into())
            );
            assert_eq!(find("TN").unwrap()["counts"], false);
            assert_eq!(find("Hg").unwrap()["value"], "<0.00004");
        }
    }
}

#[test]
fn bad_samples_of_water_are_found_and_good_ones_are_kept() {
    let folder = Folder::new();
    let text = "section,time,kind,function_class,pH,NH3N(mol/L),NH3,TP,CODMn,SD\n\
                A,2022-01-05,river,Ⅲ,7,1,1,0.1,<20,0.5\n\
                B,2022-01-05,pond,Ⅲ,7,1,1,0.1,3,\n\
                C,2022-01-05,,Ⅲ,7,,,0.1,3,\n\
                D,2022-01-05,lake,,7,,,0.01,3,2\n\
                E,2022-01-05,lake,Ⅸ,7,,,0.1,3,\n\
                A,2022-01-05,river,Ⅲ,7,,,0.1,,\n\
                A,2022-01-05,river,Ⅲ,8,,,,,\n\
                A,2022-01-06,river,Ⅲ,7,,,-0.1,16,\n\
                A,2022-01-07,river,Ⅲ,--,*,NA,—,-,\n";
    let ended = assess(&folder, "surface-water", text, &[]);
    ended.expect(&[
        ("unit_unknown", 1, "NH3N(mol/L)"),
        ("form_wrong", 1, "NH3"),
        ("detection_limit_high", 2, "CODMn"),
        ("kind_unknown", 3, "kind"),
        ("function_class_unknown", 6, "function_class"),
        ("row_twice", 7, "pH"),
        ("row_twice", 7, "TP"),
        ("row_conflict", 8, "pH"),
        ("value_negative", 9, "TP"),
        ("lake_suspect", 0, "SD"),
        ("kind_missing", 0, "kind"),
        ("function_class_missing", 0, "function_class"),
        ("function_class_missing", 0, "function_class"),
    ]);
    assert_eq!(ended.code, 1);
    assert_eq!(
        ended.columns(&["section", "time", "class", "deciding", "meets"]),
        [
            "A 2022-01-05T00:00 6 CODMn false",
            "A 2022-01-06T00:00 6 CODMn false",
            "C 2022-01-05T00:00 2 CODMn;TP true",
            "D 2022-01-05T00:00 2 CODMn ",
            "E 2022-01-05T00:00 4 TP ",
        ]
    );
    // A long table names the cell of the name and of the unit.
    let long = "section,time,kind,parameter,value,unit\n\
                A,2022-01-05,river,NH3,1,mg/L\n\
                A,2022-01-05,river,氨氮,1,mol/L\n\
                A,2022-01-05,river,PM99,1,\n\
                A,2022-01-05,river,总磷,100,µg/L\n";
    let ended = assess(&folder, "surface-water", long, &[]);
    ended.expect(&[("form_wrong", 2, "parameter"), ("unit_unknown", 3, "unit"), ("parameter_unknown", 4, "parameter")]);
    assert_eq!(ended.columns(&["class", "deciding"]), ["2 TP"]);
    // The sea hopes for class 2.
    let sea = "station,time,function_class,COD,DIN\nA,2022-01-05,五,<4,0.1\nB,2022-01-05,,<3,0.6\n";
    let ended = assess(&folder, "sea", sea, &[]);
    ended.expect(&[
        ("detection_limit_high", 2, "COD"),
        ("function_class_unknown", 2, "function_class"),
        ("function_class_missing", 0, "function_class"),
        ("function_class_missing", 0, "function_class"),
    ]);
    assert_eq!(ended.columns(&["station", "class", "deciding"]), ["A 3 COD", "B 5 DIN"]);
    // GB/T 14848-2017 holds from 2018-05-01.
    let wells = "well,time,pH\nA,2018-04-30,7\nA,2018-05-01,7\n";
    let ended = assess(&folder, "groundwater", wells, &[]);
    ended.expect(&[("edition_missing", 0, "time")]);
    assert_eq!((ended.code, ended.columns(&["time"])), (1, vec!["2018-05-01T00:00".to_owned()]));
}

#[test]
fn bad_levels_of_noise_are_found_and_good_ones_are_kept() {
    let folder = Folder::new();
    let mut text = String::from("station,time,function_zone,value\n");
    for hour in 1..=24 {
        let _ = writeln!(text, "A,2022-01-05T{hour:02}:00,2,50");
    }
    text.push_str(
        "A,2022-01-05T07:30,2,90\nA,2022-01-05T08:00,2,50\nA,2022-01-05T09:00,2,90\nA,2022-01-05T10:00,2,500\n\
         B,2022-01-05T10:00,,50\nC,2022-01-05T10:00,7类,50\nB,2022-01-05T11:00,,loud\n",
    );
    let ended = assess(&folder, "noise", &text, &[]);
    ended.expect(&[
        ("time_not_hour", 26, "time"),
        ("row_twice", 27, "LAEQ"),
        ("row_conflict", 28, "LAEQ"),
        ("value_absurd", 29, "value"),
        ("zone_missing", 0, "function_zone"),
        ("zone_missing", 0, "function_zone"),
        ("zone_unknown", 31, "function_zone"),
        ("value_form", 32, "value"),
    ]);
    assert_eq!(ended.code, 1);
    // The first of two values is used, and the hours before dawn are the night of the day before.
    assert_eq!(
        ended.columns(&["station", "date", "ld", "ln", "day_limit", "day_ok", "night_ok", "valid"]),
        [
            "A 2022-01-04  50.0 60  true false",
            "A 2022-01-05 50.0  60 true  false",
            "B 2022-01-05      false",
            "C 2022-01-05      false",
        ]
    );
}

#[test]
fn bad_samples_of_soil_are_found_and_good_ones_are_kept() {
    let folder = Folder::new();
    let text = "sample,time,land_use,pH,Cd,Pb\n\
                A,2022-01-05,paddy,6,0.5,10\n\
                B,2022-01-05,,6,0.5,10\n\
                C,2022-01-05,moon,6,0.5,10\n\
                D,2022-01-05,paddy,,0.5,10\n\
                E,2022-01-05,class2,,65,800\n\
                A,2022-01-05,paddy,6,0.9,\n\
                A,2022-01-05,paddy,6,0.5,\n\
                F,2022-01-05,class1,,-1,401\n";
    let ended = assess(&folder, "soil", text, &[]);
    ended.expect(&[
        ("land_use_missing", 3, "land_use"),
        ("land_use_unknown", 4, "land_use"),
        ("acidity_missing", 5, "pH"),
        ("row_twice", 7, "pH"),
        ("row_conflict", 7, "Cd"),
        ("row_twice", 8, "pH"),
        ("row_twice", 8, "Cd"),
        ("value_negative", 9, "Cd"),
    ]);
    assert_eq!(ended.code, 1);
    assert_eq!(
        ended.columns(&["sample", "result", "deciding", "ratio"]),
        ["A between Cd 1.25", "E below_screening Pb 1.00", "F between Pb 1.00"]
    );
}

#[test]
fn bad_values_of_outlets_are_found_and_good_ones_are_kept() {
    let folder = Folder::new();
    let text = "outlet,time,standard,O2,FLOW,COD,SO2,TEMP,NH3N\n\
                A,2022-01-05T01:00,GB18918/table1/1A,,-5,51,,,4\n\
                A,2022-01-05T02:00,GB18918/table1/1A,,5,50,,,6\n\
                A,2022-01-05T03:00,GB18918/table1/1A,,5,50,,12,8\n\
                B,2022-01-05T01:00,GB13271/new/gas,,,,40,,\n\
                B,2022-01-05T02:00,GB13271/new/gas,21,,,40,,\n\
                B,2022-01-05T03:00,GB13271/new/gas,3.5,,,50,,\n\
                C,2022-01-05T01:00,,3.5,,,40,,\n\
                D,2022-01-05T01:00,GB00000/new,3.5,,,40,,\n\
                A,2022-01-05T02:00,GB18918/table1/1A,,,50,,,7\n\
                B,2022-01-05T03:00,GB13271/new/gas,12,,,,,\n\
                B,2022-01-05T03:00,GB13271/new/gas,3.5,,,,,\n";
    let ended = assess(&folder, "discharge", text, &[]);
    ended.expect(&[
        ("value_negative", 2, "FLOW"),
        ("not_judged", 3, "NH3N"),
        ("not_judged", 5, "SO2"),
        ("not_judged", 6, "SO2"),
        ("standard_missing", 0, "standard"),
        ("standard_unknown", 9, "standard"),
        ("row_twice", 10, "COD"),
        ("row_conflict", 10, "NH3N"),
        ("row_conflict", 11, "O2"),
    ]);
    assert_eq!(ended.code, 1);
    assert_eq!(
        ended.columns(&["outlet", "parameter", "time", "limit", "ratio", "result"]),
        [
            "A COD 2022-01-05T01:00 50 1.020 exceeded",
            "A COD 2022-01-05T02:00 50 1.000 compliant",
            "A COD 2022-01-05T03:00 50 1.000 compliant",
            "A NH3N 2022-01-05T01:00 5 0.800 compliant",
            "A NH3N 2022-01-05T02:00   not_judged",
            "A NH3N 2022-01-05T03:00 8 1.000 compliant",
            "B SO2 2022-01-05T01:00   not_judged",
            "B SO2 2022-01-05T02:00   not_judged",
            "B SO2 2022-01-05T03:00 50 1.000 compliant",
        ]
    );
}

#[test]
fn an_hour_without_oxygen_is_no_hour_of_the_mean() {
    let folder = Folder::new();
    let mut text = String::from("outlet,time,standard,O2,SO2,TEMP,NH3N\n");
    // 40 mg/m³ at 12.25 % is 80 at 3.5 %; the hours without oxygen must not bring the mean below the limit.
    for hour in 1..=24 {
        let _ =
            writeln!(text, "B,2022-01-05T{hour:02}:00,GB13271/new/gas,{},40,,", if hour > 20 { "" } else { "12.25" });
        let _ = writeln!(text, "C,2022-01-05T{hour:02}:00,GB13271/new/gas,,40,,");
        let _ = writeln!(text, "W,2022-01-05T{hour:02}:00,GB18918/table1/1A,,,{},6", if hour == 1 { 11 } else { 13 });
    }
    let ended = assess(&folder, "discharge", &text, &["--level", "day"]);
    ended.expect(&[("not_judged", 3, "SO2")]);
    assert_eq!(
        ended.columns(&["outlet", "value", "converted", "result", "valid"]),
        ["B 80 80 exceeded true", "C 40  not_judged false", "W 6 6 exceeded true"]
    );
}

#[test]
fn strict_writes_nothing_and_nothing_is_left_half_written() {
    for sound in sound() {
        let folder = Folder::new();
        let first = 2 + sound.words.len();
        let (header, rows) = cells_of(&sound.table);
        // One bad value more, in a row of its own.
        let words = &rows[1][2..first];
        let mut bad: Vec<&str> = vec!["Z", "2022-03-01T05:00"];
        bad.extend(words);
        bad.push("-99");
        bad.resize(header.len(), "");
        let text = format!("{}{}\n", sound.table, bad.join(","));
        let why = folder.path("why.jsonl");
        let strict = assess(&folder, sound.medium, &text, &["--strict", "--explain", &why]);
        assert_eq!((strict.code, strict.rows.len()), (1, 0), "{}", sound.medium);
        assert_eq!(folder.names(), ["findings.jsonl", "in.csv"]);
        let kept = assess(&folder, sound.medium, &text, &["--explain", &why]);
        assert_eq!(kept.code, 1);
        kept.expect(&[("value_negative", rows.len() as u64 + 2, header[first])]);
        let good = assess(&folder, sound.medium, &sound.table, &["--strict", "--explain", &why]);
        assert_eq!((good.code, good.rows), (0, kept.rows));
        assert_eq!(folder.names(), ["findings.jsonl", "in.csv", "out.csv", "why.jsonl"]);
        // Nothing that can be read: nothing is written, and what stood there stays.
        let before = std::fs::read(folder.path("out.csv")).unwrap();
        let (input, output) = (folder.write("in.csv", "place,when\nA,B\n"), folder.path("out.csv"));
        let ended = yundang(&["assess", sound.medium, "--input", &input, "--output", &output]);
        assert_eq!(ended.status.code(), Some(1));
        assert!(String::from_utf8_lossy(&ended.stderr).contains("header_missing"));
        assert_eq!(std::fs::read(&output).unwrap(), before);
        // Input and output that fail, and usage.
        let nowhere = folder.path("nowhere.csv");
        assert_eq!(yundang(&["assess", sound.medium, "--input", &nowhere, "--output", "-"]).status.code(), Some(74));
        let input = folder.write("in.csv", &sound.table);
        let unwritable = folder.path("no/out.csv");
        let ended = yundang(&["assess", sound.medium, "--input", &input, "--output", &unwritable]);
        assert_eq!(ended.status.code(), Some(74));
        assert_eq!(yundang(&["assess", sound.medium, "--input", &input, "--output", "x.docx"]).status.code(), Some(2));
    }
}

#[test]
fn the_order_of_rows_changes_nothing() {
    let folder = Folder::new();
    let header = "section,time,kind,TP,NH3N\n";
    let first: norms::Day = "2012-01-01".parse().unwrap();
    let rows: Vec<String> = (0..20_000_i32)
        .map(|number| {
            let hour = norms::Hour(first.0 * 24 + number * 4);
            format!("A,{},river,0.{:02},{}\n", hour.end_label(), 1 + number % 53, number % 2)
        })
        .collect();
    let ascending = folder.write("ascending.csv", &(header.to_owned() + &rows.concat()));
    let backwards: String = rows.iter().rev().map(String::as_str).collect();
    // 7,919 is prime to the number of rows: every row once, far from its neighbours.
    let mixed: String = (0..rows.len()).map(|place| rows[place * 7_919 % rows.len()].as_str()).collect();
    let output = folder.path("ascending.out.csv");
    let ended = yundang(&["assess", "surface-water", "--input", &ascending, "--output", &output, "--level", "month"]);
    assert!(ended.status.success());
    let wanted = read(&output);
    assert!(wanted.len() > 100);
    for rows in [backwards, mixed] {
        let ended = assess(&folder, "surface-water", &(header.to_owned() + &rows), &["--level", "month"]);
        assert_eq!((ended.code, ended.findings.len()), (0, 0));
        assert!(ended.rows == wanted);
        // Once more, and every value stands twice.
        let twice = format!("{header}{rows}{rows}");
        let ended = assess(&folder, "surface-water", &twice, &["--level", "sample"]);
        assert!(ended.findings.len() >= 1_000);
        let is_second = |line: &Option<u64>| line.is_none_or(|line| line > 20_001);
        assert!(ended.findings.iter().all(|(code, line, _)| code == "row_twice" && is_second(line)));
        assert_eq!(ended.rows.len(), 20_000);
    }
}

#[test]
fn a_year_whose_mean_of_months_lies_on_the_limit_meets_it() {
    let folder = Folder::new();
    // Means of 0.5/3, 0.5/3 and 0.8/3: 0.2 of the year, the limit of class III.
    let text = "section,time,kind,TP\nA,2022-01-01,river,0.1\nA,2022-01-02,river,0.2\nA,2022-01-03,river,0.2\n\
                A,2022-02-01,river,0.1\nA,2022-02-02,river,0.2\nA,2022-02-03,river,0.2\n\
                A,2022-03-01,river,0.4\nA,2022-03-02,river,0.2\nA,2022-03-03,river,0.2\n\
                B,2022-01-01,river,0.1\nB,2022-01-02,river,0.1\nB,2022-01-03,river,0.1\nB,2022-02-01,river,0.4\n";
    let ended = assess(&folder, "surface-water", text, &["--level", "year"]);
    assert_eq!(ended.columns(&["section", "time", "class"]), ["A 2022 3", "B 2022 4"]);
}

#[test]
fn the_height_of_a_row_comes_before_that_of_the_register() {
    let folder = Folder::new();
    let register = folder.write("outlets.csv", "outlet,standard,stack_height\nA,GB16297/2,30\nB,GB16297/2,30\n");
    let text = "outlet,time,SO2,FLOW,STACK_HEIGHT\nA,2022-01-05T01:00,100,1000,\nB,2022-01-05T01:00,100,1000,20\n";
    let ended = assess(&folder, "discharge", text, &["--stations", &register]);
    ended.expect(&[]);
    assert_eq!(
        ended.columns(&["outlet", "parameter", "value", "limit", "result"]),
        [
            "A SO2 100 550 compliant",
            "A SO2_RATE 0.1 15 compliant",
            "B SO2 100 550 compliant",
            "B SO2_RATE 0.1 4.3 compliant"
        ]
    );
}

#[test]
fn words_that_fit_several_limits_judge_nothing() {
    let folder = Folder::new();
    let text = "outlet,time,COD,Hg,standard\n\
        A,2022-05-01T01:00,55,0.002,GB18918\n\
        B,2022-05-01T01:00,55,0.002,GB 18918-2002 一级A\n\
        C,2022-05-01T01:00,55,,GB8978/table4/1\n\
        D,2022-05-01T01:00,55,,GB8978 一级\n";
    let ended = assess(&folder, "discharge", text, &[]);
    // Mercury has one limit for all grades of GB 18918; which grade holds decides for COD, which table in GB 8978.
    ended.expect(&[("standard_unknown", 2, "standard"), ("standard_unknown", 5, "standard")]);
    let said: Vec<[&str; 4]> = ended
        .rows
        .iter()
        .map(|row| ["outlet", "parameter", "limit", "result"].map(|name| row[name].as_str()))
        .collect();
    let expected = [
        ["A", "Hg", "0.001", "exceeded"],
        ["B", "COD", "50", "exceeded"],
        ["B", "Hg", "0.001", "exceeded"],
        ["C", "COD", "100", "compliant"],
    ];
    assert_eq!(said, expected);

    // A rate needs the grade of its area and the day of building may be needed for a limit.
    let stack = "outlet,time,颗粒物,flow,stack_height,standard\n\
        S,2022-05-01T01:00,100,200000,25,GB16297\n";
    let ended = assess(&folder, "discharge", stack, &[]);
    ended.expect(&[("not_judged", 2, "PM_RATE")]);
    let built = "outlet,time,TP,standard,built\n\
        N,2022-05-01T01:00,0.8,GB18918/table1/1A,2010\n\
        O,2022-05-01T01:00,0.8,GB18918/table1/1A,2005-03-01\n\
        Q,2022-05-01T01:00,0.8,GB18918/table1/1A,soon\n\
        R,2022-05-01T01:00,1.2,GB18918/table1/1A,\n";
    let ended = assess(&folder, "discharge", built, &[]);
    ended.expect(&[("built_unknown", 4, "built"), ("not_judged", 4, "TP")]);
    let results: Vec<&str> = ended.rows.iter().map(|row| row["result"].as_str()).collect();
    assert_eq!(results, ["exceeded", "compliant", "not_judged", "exceeded"]);
}
