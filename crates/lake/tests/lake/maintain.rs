//! Pins, compaction, vacuum, logs.

use crate::ground::{ask, at, batch, hours, lines, location, new_lake};
use lake::{Lake, LakeError, Limits, Precedence, Table};
use std::path::Path;

const ROWS: &str = "SELECT station, beijing(time), value, revision, batch FROM observation ORDER BY station, time";

fn parquet_files(folder: &Path) -> usize {
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            count += if path.ends_with("_delta_log") { 0 } else { parquet_files(&path) };
        } else {
            count += usize::from(path.extension().is_some_and(|extension| extension == "parquet"));
        }
    }
    count
}

fn log_entries(folder: &Path) -> usize {
    std::fs::read_dir(folder.join("_delta_log"))
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().path().extension().is_some_and(|extension| extension == "json"))
        .count()
}

async fn fill(lake: &Lake, from: u32, to: u32, value: f64) {
    for hour in from..to {
        let time = format!("2022-01-{:02}T{:02}:00", 1 + hour / 24, hour % 24);
        let rows = hours(&[
            ("1286A", "O3", &time, Some(value + f64::from(hour)), ""),
            ("0001B", "O3", &time, Some(value), ""),
        ]);
        lake.write_observations(&rows, &batch(&format!("{hour} {value}"), "x"), &Precedence::flat()).await.unwrap();
    }
}

#[tokio::test]
async fn many_small_files_become_one_sorted_file() {
    let (folder, lake) = new_lake().await;
    fill(&lake, 1, 13, 10.0).await;
    let before = ask(&lake, ROWS).await;
    assert_eq!(lake.files(Table::Observation).await.unwrap().len(), 12);
    assert_eq!(lake.compact(12).await.unwrap().partitions, 0, "not more than allowed");
    let report = lake.compact(4).await.unwrap();
    assert_eq!((report.partitions, report.files_before, report.files_after), (1, 12, 1));
    assert_eq!(lake.files(Table::Observation).await.unwrap().len(), 1);
    assert_eq!(ask(&lake, ROWS).await, before);
    // Without ORDER BY a single file comes as it lies: by station, parameter, time.
    assert_eq!(ask(&lake, &ROWS.replace(" ORDER BY station, time", "")).await, before);
    assert_eq!(parquet_files(&folder.path().join("observation")), 13);
    let report = lake.vacuum(0).await.unwrap();
    assert_eq!(report.deleted["observation"], 12);
    assert_eq!(parquet_files(&folder.path().join("observation")), 1);
    assert_eq!(ask(&lake, ROWS).await, before);
    assert_eq!(ask(&Lake::open(&location(folder.path())).await.unwrap(), ROWS).await, before);
}

#[tokio::test]
async fn a_pinned_version_outlives_revision_compaction_and_vacuum() {
    let (folder, lake) = new_lake().await;
    fill(&lake, 1, 7, 10.0).await;
    let pinned_rows = ask(&lake, ROWS).await;
    let pin = lake.pin("年度报告 2022", at("2023-01-05T01:00:00Z")).await.unwrap();
    assert_eq!(pin, lake.pin("年度报告 2022", at("2023-01-05T01:00:00Z")).await.unwrap());

    fill(&lake, 1, 30, 20.0).await;
    lake.compact(1).await.unwrap();
    let report = lake.vacuum(0).await.unwrap();
    assert!(report.deleted["observation"] > 20);
    assert_eq!(report.kept_versions["observation"], [pin.version(Table::Observation).unwrap()]);
    let newest = ask(&lake, ROWS).await;
    assert_ne!(newest, pinned_rows);

    for lake in [lake.clone(), Lake::open(&location(folder.path())).await.unwrap()] {
        let found = lake.pins().await.unwrap();
        assert_eq!(found, std::slice::from_ref(&pin));
        let session = lake.session_at(&found[0].versions, Limits::FREE).await.unwrap();
        assert_eq!(lines(session.select(ROWS).await.unwrap()).await, pinned_rows);
        assert_eq!(ask(&lake, ROWS).await, newest);
    }
}

#[tokio::test]
async fn nothing_is_vacuumed_when_a_pin_cannot_be_kept() {
    let (folder, lake) = new_lake().await;
    fill(&lake, 1, 3, 10.0).await;
    lake.compact(1).await.unwrap();
    let pins = folder.path().join("pins");
    std::fs::create_dir_all(&pins).unwrap();
    std::fs::write(pins.join("broken.json"), "{").unwrap();
    assert!(matches!(lake.vacuum(0).await, Err(LakeError::BadPin { .. })));
    let unknown = r#"{"id":"x","reason":"y","at":"2023-01-05T01:00:00Z","versions":{"observation":999}}"#;
    std::fs::write(pins.join("broken.json"), unknown).unwrap();
    assert!(matches!(lake.vacuum(0).await, Err(LakeError::Delta { .. })));
    assert_eq!(parquet_files(&folder.path().join("observation")), 3);
}

#[tokio::test]
async fn logs_are_never_cleaned_and_checkpoints_speed_up_opening() {
    let (folder, lake) = new_lake().await;
    fill(&lake, 1, 46, 10.0).await;
    lake.compact(1).await.unwrap();
    lake.vacuum(0).await.unwrap();
    let table = folder.path().join("observation");
    let version = lake.version(Table::Observation).await.unwrap();
    assert_eq!(log_entries(&table) as u64, version + 1, "every version from 0 on has its entry");
    assert!(table.join("_delta_log/_last_checkpoint").exists());
    let first = std::fs::read_to_string(table.join("_delta_log/00000000000000000000.json")).unwrap();
    assert!(first.contains(r#""delta.enableExpiredLogCleanup":"false""#), "{first}");
    assert_eq!(
        ask(&Lake::open(&location(folder.path())).await.unwrap(), "SELECT count(*) FROM observation").await,
        ["90"]
    );
}

#[tokio::test]
async fn an_orphan_of_a_crash_goes_with_the_vacuum() {
    let (folder, lake) = new_lake().await;
    fill(&lake, 1, 2, 10.0).await;
    let partition = folder.path().join("observation/city=350200/month=2022-01");
    std::fs::write(partition.join("orphan.parquet"), "no commit names it").unwrap();
    assert_eq!(lake.vacuum(24).await.unwrap().deleted["observation"], 0, "it may be a write that is going on");
    assert_eq!(lake.vacuum(0).await.unwrap().deleted["observation"], 1);
    assert_eq!(ask(&lake, "SELECT count(*) FROM observation").await, ["2"]);
}
