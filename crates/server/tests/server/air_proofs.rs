//! `yundang assess air` at length: random days against plain exact arithmetic, and files that outgrow memory.

use super::sizes::{seed, size};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::process::{Command, Output};

const NAMES: [&str; 6] = ["SO2", "NO2", "PM10", "PM2_5", "CO", "O3_8h"];
/// Table 1 of HJ 633-2012, columns of 24 hours and of 8 hours for ozone, copied from the standard a second time.
const IAQI: [i128; 8] = [0, 50, 100, 150, 200, 300, 400, 500];
const BREAKPOINTS: [&[i128]; 6] = [
    &[0, 50, 150, 475, 800, 1600, 2100, 2620],
    &[0, 40, 80, 180, 280, 565, 750, 940],
    &[0, 50, 150, 250, 350, 420, 500, 600],
    &[0, 35, 75, 115, 150, 250, 350, 500],
    &[0, 2, 4, 14, 24, 36, 48, 60],
    &[0, 100, 160, 215, 265, 800],
];
/// Highest value of each pollutant that is drawn, in its unit.
const HIGHEST: [u64; 6] = [900, 700, 700, 600, 50, 700];
const CO: usize = 4;
const O3: usize = 5;

/// splitmix64: enough for drawing cases, and the same on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % end
    }
}

/// Hours of a day in thousandths of the unit; `None` is no value.
type Hours = [[Option<i128>; 24]; 6];

fn draw(random: &mut Random) -> Hours {
    let missing = [0, 0, 5, 15, 25, 40][random.below(6) as usize];
    let mut hours = [[None; 24]; 6];
    for (pollutant, row) in hours.iter_mut().enumerate() {
        // Most days are clean and some are not; every tenth is all of one value, at the edge of a class or a tie.
        let scale = 1 + random.below(HIGHEST[pollutant]) / (1 + random.below(8));
        let same = random.below(10) == 0;
        let first = random.below(scale * 10 + 1);
        for cell in row.iter_mut() {
            let tenths = if same { first } else { random.below(scale * 10 + 1) };
            let fine = if random.below(50) == 0 { 25 } else { 0 };
            *cell = (random.below(100) >= missing).then(|| i128::from(tenths) * 100 + fine);
        }
    }
    hours
}

/// `above / below` rounded to whole, half to even.
fn half_even(above: i128, below: i128) -> i128 {
    let (whole, rest) = (above.div_euclid(below), above.rem_euclid(below));
    whole + i128::from(2 * rest > below || (2 * rest == below && whole % 2 == 1))
}

/// The day's concentration in whole units (CO: tenths), by the rules of GB 3095-2012 and HJ 663-2013.
fn concentration(pollutant: usize, hours: &[Option<i128>; 24]) -> Option<i128> {
    let unit = if pollutant == CO { 100 } else { 1000 };
    if pollutant != O3 {
        let there: Vec<i128> = hours.iter().flatten().copied().collect();
        return (there.len() >= 20).then(|| half_even(there.iter().sum(), there.len() as i128 * unit));
    }
    let windows = (8..=24).filter_map(|end| {
        let there: Vec<i128> = hours[end - 8..end].iter().flatten().copied().collect();
        // 168 is a multiple of 6, 7 and 8: means compare as whole numbers.
        (there.len() >= 6).then(|| there.iter().sum::<i128>() * (168 / there.len() as i128))
    });
    let windows: Vec<i128> = windows.collect();
    let highest = half_even(*windows.iter().max()?, 168 * unit);
    (windows.len() >= 14 || highest > 160).then_some(highest)
}

fn index(pollutant: usize, value: i128) -> i128 {
    let ten = if pollutant == CO { 10 } else { 1 };
    let points = BREAKPOINTS[pollutant];
    for (at, pair) in points.windows(2).enumerate() {
        let (low, high) = (pair[0] * ten, pair[1] * ten);
        if value <= high {
            let above = (IAQI[at + 1] - IAQI[at]) * (value - low);
            return IAQI[at] + (above + (high - low) - 1).div_euclid(high - low);
        }
    }
    IAQI[points.len() - 1]
}

#[test]
fn random_days_equal_plain_exact_arithmetic() {
    let (mut random, days) = (Random(seed()), 100);
    let stations = size("air_random_days").div_ceil(days);
    let folder = tempfile::tempdir().unwrap();
    let (input, output) = (folder.path().join("in.csv"), folder.path().join("out.csv"));
    let mut file = BufWriter::new(std::fs::File::create(&input).unwrap());
    writeln!(file, "station,time,SO2,NO2,PM10,PM2_5,CO,O3").unwrap();
    let first: norms::Day = "2022-01-01".parse().unwrap();
    let mut expected = Vec::new();
    for station in 0..stations {
        for day in 0..days {
            let hours = draw(&mut random);
            for hour in 0..24 {
                let label = norms::Hour((first.0 + day as i32) * 24 + hour as i32).end_label();
                write!(file, "S{station:05},{label}").unwrap();
                for row in &hours {
                    match row[hour] {
                        Some(value) => write!(file, ",{}.{:03}", value / 1000, value % 1000).unwrap(),
                        None => write!(file, ",").unwrap(),
                    }
                }
                writeln!(file).unwrap();
            }
            let values: Vec<_> = hours.iter().enumerate().map(|(number, row)| concentration(number, row)).collect();
            let indices: Vec<_> =
                values.iter().enumerate().map(|(number, value)| value.map(|value| index(number, value))).collect();
            expected.push((values, indices));
        }
    }
    file.into_inner().unwrap();
    let ended = yundang(&["assess", "air", "--level", "day"], &input, &output);
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));

    let mut rows = csv::Reader::from_path(&output).unwrap();
    let mut judged = 0;
    for (row, (values, indices)) in rows.deserialize().zip(&expected) {
        let row: BTreeMap<String, String> = row.unwrap();
        for (number, name) in NAMES.iter().enumerate() {
            let (name, decimals) = (name.to_lowercase(), u32::from(number == CO));
            let cell = &row[&name];
            let value =
                (!cell.is_empty()).then(|| (cell.parse::<f64>().unwrap() * 10_f64.powi(decimals as i32)).round());
            assert_eq!(value, values[number].map(|value| value as f64), "{name} of {row:?}");
            let shown = indices[number].map_or(String::new(), |index| index.to_string());
            assert_eq!(row[&format!("iaqi_{name}")], shown, "{name} of {row:?}");
        }
        let highest = indices.iter().flatten().max();
        let aqi = if indices.iter().all(Option::is_some) { highest } else { None };
        assert_eq!(row["aqi"], aqi.map_or(String::new(), ToString::to_string), "{row:?}");
        assert_eq!(row["aqi_available"], highest.map_or(String::new(), ToString::to_string), "{row:?}");
        let primary: Vec<&str> = (0..6)
            .filter(|&number| indices[number] == highest.copied() && highest.is_some_and(|&highest| highest > 50))
            .map(|number| NAMES[number])
            .collect();
        assert_eq!(row["primary_available"], primary.join(","), "{row:?}");
        judged += 1;
    }
    assert_eq!(judged, stations * days);
}

fn yundang(arguments: &[&str], input: &Path, output: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_yundang"))
        .args(arguments)
        .args([Path::new("--input"), input, Path::new("--output"), output])
        .output()
        .unwrap()
}

/// Runs with at most `megabytes` of own memory: beyond it allocation fails and the program dies.
fn within(megabytes: usize, arguments: &[&str], input: &Path, output: &Path) -> Output {
    let limit = format!("ulimit -d {} && exec \"$0\" \"$@\"", megabytes * 1024);
    Command::new("sh")
        .args(["-c", &limit, env!("CARGO_BIN_EXE_yundang")])
        .args(arguments)
        .args([Path::new("--input"), input, Path::new("--output"), output])
        .output()
        .unwrap()
}

/// Memory of the program beside the hours that it may keep.
const BESIDE_MB: usize = 250;

#[test]
fn heavy_ten_times_the_stations_in_any_order_take_no_more_memory() {
    let folder = tempfile::tempdir().unwrap();
    let (stations, days) = (size("assess_stations_times_ten"), 12);
    let mut answers = Vec::new();
    for by_time in [false, true] {
        let (input, output) = (folder.path().join("in.csv"), folder.path().join("out.csv"));
        let mut file = BufWriter::new(std::fs::File::create(&input).unwrap());
        writeln!(file, "station,time,SO2,NO2,PM10,PM2.5,CO,O3").unwrap();
        let first: norms::Day = "2022-01-20".parse().unwrap();
        let mut row = |station: usize, hour: usize| {
            let label = norms::Hour(first.0 * 24 + hour as i32).end_label();
            let value = (station * 31 + hour * 17) % 97;
            let _ = writeln!(file, "{station},{label},{value},{value},{value},{value},0.{},{value}", value % 10);
        };
        if by_time {
            (0..days * 24).for_each(|hour| (0..stations).for_each(|station| row(station, hour)));
        } else {
            (0..stations).for_each(|station| (0..days * 24).for_each(|hour| row(station, hour)));
        }
        drop(file);
        let ended = within(BESIDE_MB, &["assess", "air", "--level", "day", "--memory", "4MB"], &input, &output);
        assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
        answers.push(std::fs::read(&output).unwrap());
    }
    assert!(answers[0] == answers[1], "the order of rows changed the answer");
    assert_eq!(answers[0].iter().filter(|&&byte| byte == b'\n').count(), 1 + stations * days);
}

#[test]
fn heavy_rows_of_nonsense_are_counted_within_bounds() {
    let folder = tempfile::tempdir().unwrap();
    let rows = size("assess_bad_rows");
    let (input, output) = (folder.path().join("in.csv"), folder.path().join("out.csv"));
    let mut file = BufWriter::new(std::fs::File::create(&input).unwrap());
    writeln!(file, "station,time,SO2,CO\nA,2022-01-01T01:00,5,0.5").unwrap();
    let (mut random, mut text) = (Random(seed()), String::new());
    for row in 0..rows {
        text.clear();
        let bad = random.below(u64::MAX);
        // No rule finds anything in it: other stations, times, values, quotes, control characters, empty cells.
        let _ = match row % 5 {
            0 => write!(text, "S{bad:x},{bad},{row},x"),
            1 => write!(text, ",2022-01-01T{bad:02},-,{row}"),
            2 => write!(text, "\"{bad}\u{7},\",NaT,\u{202e}{bad},é"),
            3 => write!(text, "{}", "界,".repeat((bad % 40) as usize)),
            _ => write!(text, "B{bad},2022-13-45T99:99,1e999,-0"),
        };
        writeln!(file, "{text}").unwrap();
    }
    writeln!(file, "A,2022-01-01T02:00,7,0.5").unwrap();
    drop(file);
    let findings = folder.path().join("findings.jsonl");
    let kept = findings.display().to_string();
    let ended = within(BESIDE_MB, &["assess", "air", "--memory", "4MB", "--findings", &kept], &input, &output);
    let said = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(1), "{said}");
    let good = std::fs::read_to_string(&output).unwrap();
    assert_eq!(good.lines().count(), 3, "{good}");
    assert!(std::fs::metadata(&findings).unwrap().len() < 64 << 20, "the list of findings is bounded");
    let counted: usize = said
        .lines()
        .filter_map(|line| {
            line.split_whitespace()
                .find_map(|word| word.trim_matches(|c: char| !c.is_ascii_digit()).parse::<usize>().ok())
        })
        .max()
        .unwrap_or(0);
    assert!(counted >= rows / 5, "each row is counted: {said}");
}
