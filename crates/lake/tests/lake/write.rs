//! Revisions, precedence, partitions, batches.

use crate::ground::{HOUR, ask, at, batch, ending, hours, location, new_lake, precedence};
use lake::{Batch, Lake, LakeError, Location, Observation, ObservationRows, Precedence, Table};

const ROWS: &str = "SELECT station, parameter, beijing(time), value, flag, source, revision, batch FROM observation \
                    ORDER BY station, parameter, time";
const HISTORY: &str = "SELECT station, value, flag, source, revision, batch FROM observation_history \
                       ORDER BY station, time, revision";

#[tokio::test]
async fn the_same_rows_change_nothing_whatever_batch_brings_them() {
    let (_folder, lake) = new_lake().await;
    let rows = hours(&[
        ("1287A", "O3", "2022-01-01T02:00", Some(60.0), ""),
        ("1286A", "PM2_5", "2022-01-01T01:00", Some(17.0), ""),
        ("1286A", "PM2_5", "2022-01-01T02:00", None, "D"),
    ]);
    let report = lake.write_observations(&rows, &batch("a", "import"), &precedence()).await.unwrap();
    assert_eq!((report.rows, report.new, report.equal), (3, 3, 0));
    let before = ask(&lake, ROWS).await;
    assert_eq!(
        before,
        [
            "1286A|PM2_5|2022-01-01T01:00|17||import|1|a",
            "1286A|PM2_5|2022-01-01T02:00||D|import|1|a",
            "1287A|O3|2022-01-01T02:00|60||import|1|a",
        ]
    );
    let version = lake.version(Table::Observation).await.unwrap();
    for (id, source) in [("b", "import"), ("c", "review"), ("d", "simulated")] {
        let report = lake.write_observations(&rows, &batch(id, source), &precedence()).await.unwrap();
        assert_eq!((report.new, report.equal, report.revised), (0, 3, 0));
    }
    assert_eq!(ask(&lake, ROWS).await, before);
    assert_eq!(lake.version(Table::Observation).await.unwrap(), version, "no commit without a change");
    assert!(ask(&lake, HISTORY).await.is_empty());
}

#[tokio::test]
async fn a_different_value_or_flag_is_the_next_revision() {
    let (_folder, lake) = new_lake().await;
    let write = async |id: &str, value, flag| {
        let rows = hours(&[("1286A", "PM2_5", "2022-01-01T01:00", value, flag)]);
        lake.write_observations(&rows, &batch(id, "import"), &precedence()).await.unwrap()
    };
    write("a", Some(17.0), "").await;
    assert_eq!(write("b", Some(18.0), "").await.revised, 1);
    assert_eq!(write("c", Some(18.0), "M").await.revised, 1);
    assert_eq!(write("d", None, "M").await.revised, 1);
    assert_eq!(ask(&lake, ROWS).await, ["1286A|PM2_5|2022-01-01T01:00||M|import|4|d"]);
    assert_eq!(ask(&lake, HISTORY).await, ["1286A|17||import|1|a", "1286A|18||import|2|b", "1286A|18|M|import|3|c"]);
    assert_eq!(lake.files(Table::Observation).await.unwrap().len(), 1, "a revision does not make files more");
}

#[tokio::test]
async fn a_lower_source_never_replaces_a_higher_one() {
    let (_folder, lake) = new_lake().await;
    let write = async |id: &str, source, value| {
        let rows = hours(&[("1286A", "PM2_5", "2022-01-01T01:00", Some(value), "")]);
        lake.write_observations(&rows, &batch(id, source), &precedence()).await.unwrap()
    };
    write("a", "gateway", 17.0).await;
    write("b", "review", 18.0).await;
    let late = write("c", "gateway", 19.0).await;
    assert_eq!((late.superseded, late.revised, late.new), (1, 0, 0));
    assert_eq!(write("d", "gateway", 19.0).await.equal, 1, "the history has it already");
    assert_eq!(write("e", "gateway", 20.0).await.superseded, 1);
    assert_eq!(ask(&lake, ROWS).await, ["1286A|PM2_5|2022-01-01T01:00|18||review|2|b"]);
    assert_eq!(write("f", "review", 21.0).await.revised, 1);
    assert_eq!(ask(&lake, ROWS).await, ["1286A|PM2_5|2022-01-01T01:00|21||review|5|f"]);
    assert_eq!(
        ask(&lake, HISTORY).await,
        ["1286A|17||gateway|1|a", "1286A|18||review|2|b", "1286A|19||gateway|3|c", "1286A|20||gateway|4|e",]
    );
}

#[tokio::test]
async fn of_two_rows_with_one_key_the_last_wins() {
    let (_folder, lake) = new_lake().await;
    let rows = hours(&[
        ("1286A", "PM2_5", "2022-01-01T01:00", Some(17.0), ""),
        ("1286A", "PM2_5", "2022-01-01T02:00", Some(5.0), ""),
        ("1286A", "PM2_5", "2022-01-01T01:00", Some(18.0), ""),
    ]);
    let report = lake.write_observations(&rows, &batch("a", "import"), &precedence()).await.unwrap();
    assert_eq!((report.rows, report.repeated, report.new), (3, 1, 2));
    assert_eq!(ask(&lake, "SELECT value FROM observation ORDER BY time").await, ["18", "5"]);
}

#[tokio::test]
async fn a_period_belongs_to_the_beijing_month_in_which_it_starts() {
    let (_folder, lake) = new_lake().await;
    let end = ending("2022-02-01T00:00");
    let mut rows = ObservationRows::new();
    for (period, time) in
        [("hour", end), ("hour", end + HOUR), ("day", end), ("8h", end + HOUR), ("year", end - 24 * 31 * HOUR)]
    {
        rows.push(Observation {
            city: "350200",
            medium: "air",
            station: "1286A",
            parameter: "O3",
            period,
            time,
            value: Some(1.0),
            flag: "",
        });
    }
    lake.write_observations(&rows, &batch("a", "import"), &precedence()).await.unwrap();
    assert_eq!(
        ask(&lake, "SELECT month, period, beijing(time) FROM observation ORDER BY month, time, period").await,
        [
            "2021-01|year|2022-01-01T00:00",
            "2022-01|day|2022-02-01T00:00",
            "2022-01|hour|2022-02-01T00:00",
            "2022-01|8h|2022-02-01T01:00",
            "2022-02|hour|2022-02-01T01:00",
        ]
    );
    // Stored as instants: eight hours before Beijing's clock.
    assert_eq!(
        ask(&lake, "SELECT CAST(time AS VARCHAR) FROM observation WHERE month = '2022-02'").await,
        ["2022-01-31T17:00:00Z"]
    );
}

#[tokio::test]
async fn a_bad_row_stops_the_whole_batch() {
    let (_folder, lake) = new_lake().await;
    let good = Observation {
        city: "350200",
        medium: "air",
        station: "1286A",
        parameter: "O3",
        period: "hour",
        time: ending("2022-02-01T00:00"),
        value: Some(1.0),
        flag: "",
    };
    let bad = [
        (Observation { period: "fortnight", ..good }, "period"),
        (Observation { value: Some(f64::NAN), ..good }, "value"),
        (Observation { city: "../etc", ..good }, "city"),
        (Observation { station: "", ..good }, "station"),
        (Observation { time: i64::MAX, ..good }, "time"),
    ];
    for (row, wanted) in bad {
        let mut rows = ObservationRows::new();
        rows.push(good);
        rows.push(row);
        match lake.write_observations(&rows, &batch("a", "import"), &precedence()).await {
            Err(LakeError::BadRow { row: 1, field, .. }) => assert_eq!(field, wanted),
            other => assert!(matches!(other, Err(LakeError::BadRow { row: 1, .. })), "{wanted}: {other:?}"),
        }
    }
    assert_eq!(ask(&lake, "SELECT count(*) FROM observation").await, ["0"]);
}

#[tokio::test]
async fn a_batch_is_taken_once() {
    let (_folder, lake) = new_lake().await;
    let write = async |batch: &Batch, value| {
        let rows = hours(&[("1286A", "PM2_5", "2022-01-01T01:00", Some(value), "")]);
        lake.write_observations(&rows, batch, &Precedence::flat()).await
    };
    let when = at("2026-11-24T00:00:00Z");
    let (first, second) = (batch("a", "x"), batch("b", "x"));
    write(&first, 1.0).await.unwrap();
    write(&second, 2.0).await.unwrap();
    // A repeated import does not bring the older value back, and its id cannot name other rows.
    assert!(write(&first, 1.0).await.unwrap().already_written);
    assert!(matches!(write(&first, 9.0).await, Err(LakeError::BatchReused { .. })));

    let numbered = |sequence| Batch::numbered("gateway-1", sequence, "x", when);
    assert_eq!(write(&numbered(7), 3.0).await.unwrap().revised, 1);
    assert_eq!(write(&numbered(8), 4.0).await.unwrap().revised, 1);
    assert!(write(&numbered(7), 3.0).await.unwrap().already_written);
    assert!(!write(&numbered(9), 4.0).await.unwrap().already_written);
    assert!(write(&numbered(9), 5.0).await.unwrap().already_written);
    assert_eq!(ask(&lake, "SELECT value, batch FROM observation").await, ["4|gateway-1/8"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_programs_that_write_at_once_lose_nothing() {
    let (folder, lake) = new_lake().await;
    let other = Lake::open(&location(folder.path())).await.unwrap();
    let write = async |lake: &Lake, name: &str, offset: i64| {
        for number in 0..8 {
            let mut rows = ObservationRows::new();
            for hour in 0..5 {
                // Both write every hour; the values differ, so each round is a revision of the other's.
                rows.push(Observation {
                    city: "350200",
                    medium: "air",
                    station: "1286A",
                    parameter: "O3",
                    period: "hour",
                    time: ending("2022-01-01T01:00") + hour * HOUR,
                    value: Some((number * 10 + offset) as f64),
                    flag: "",
                });
            }
            lake.write_observations(&rows, &batch(&format!("{name}{number}"), name), &Precedence::flat())
                .await
                .unwrap();
        }
    };
    tokio::join!(write(&lake, "a", 1), write(&other, "b", 2));
    let all = "SELECT time, revision FROM observation UNION ALL SELECT time, revision FROM observation_history";
    assert_eq!(ask(&lake, &format!("SELECT count(*), max(revision) FROM ({all})")).await, ["80|16"]);
    assert_eq!(ask(&lake, &format!("SELECT count(*) FROM (SELECT DISTINCT * FROM ({all}))")).await, ["80"]);
    assert_eq!(ask(&lake, "SELECT count(*) FROM observation").await, ["5"]);
}

#[tokio::test]
async fn a_lake_is_made_once_and_a_newer_one_is_not_opened() {
    let folder = tempfile::tempdir().unwrap();
    let here = location(folder.path());
    assert!(matches!(Lake::open(&here).await, Err(LakeError::NotALake { .. })));
    Lake::create(&here).await.unwrap();
    assert!(matches!(Lake::create(&here).await, Err(LakeError::AlreadyALake { .. })));
    Lake::open_or_create(&here).await.unwrap();
    // A later program raises the version in a new log entry.
    let log = folder.path().join("observation/_delta_log");
    let first = std::fs::read_to_string(log.join("00000000000000000000.json")).unwrap();
    let metadata = first.lines().find(|line| line.contains("metaData")).unwrap();
    let version = |number: u32| format!(r#""yundang.schemaVersion":"{number}""#);
    let newer = metadata.replace(&version(lake::SCHEMA_VERSION), &version(lake::SCHEMA_VERSION + 1));
    assert_ne!(newer, metadata);
    std::fs::write(log.join("00000000000000000001.json"), newer).unwrap();
    assert!(matches!(Lake::open(&here).await, Err(LakeError::Foreign { table: "observation", .. })));
    assert!(matches!(Location::parse("ftp://x"), Err(LakeError::BadLocation { .. })));
}

#[tokio::test]
async fn record_batches_are_taken_too() {
    use datafusion::arrow::array::{ArrayRef, Float32Array, RecordBatch, StringViewArray, TimestampMillisecondArray};
    use std::sync::Arc;
    let (_folder, lake) = new_lake().await;
    let text = |value: &str| -> ArrayRef { Arc::new(StringViewArray::from(vec![value, value])) };
    let end = ending("2022-01-01T01:00") / 1_000;
    let time = TimestampMillisecondArray::from(vec![end, end + 3_600_000]).with_timezone("+08:00");
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("city", text("350200")),
        ("medium", text("air")),
        ("station", text("1286A")),
        ("parameter", text("O3")),
        ("period", text("hour")),
        ("time", Arc::new(time)),
        ("value", Arc::new(Float32Array::from(vec![Some(1.5), None]))),
    ];
    let mut rows = ObservationRows::new();
    rows.push_batch(
        &RecordBatch::try_from_iter_with_nullable(columns.iter().map(|(n, a)| (*n, Arc::clone(a), true))).unwrap(),
    )
    .unwrap();
    lake.write_observations(&rows, &batch("a", "import"), &Precedence::flat()).await.unwrap();
    assert_eq!(
        ask(&lake, "SELECT beijing(time), value FROM observation ORDER BY time").await,
        ["2022-01-01T01:00|1.5", "2022-01-01T02:00|"]
    );
    let without = RecordBatch::try_from_iter(columns.into_iter().take(3)).unwrap();
    assert!(matches!(rows.push_batch(&without), Err(LakeError::BadColumn { .. })));
}
