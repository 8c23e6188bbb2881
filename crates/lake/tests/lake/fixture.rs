//! A lake of every release stays in `testdata/lakes/` and must open.

use crate::ground::{ask, at, batch, hours, location, precedence};
use lake::{CityIndex, Evidence, Lake, Limits, Station, Table};
use std::path::{Path, PathBuf};

fn lakes() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/lakes")
}

/// Writes the lake of this release.
async fn write_lake(folder: &Path) {
    let lake = Lake::create(&location(folder)).await.unwrap();
    let first = hours(&[
        ("1286A", "O3", "2022-01-31T24:00", Some(60.0), ""),
        ("1286A", "PM2_5", "2022-02-01T01:00", Some(17.0), ""),
        ("1287A", "PM2_5", "2022-02-01T01:00", None, "D"),
    ]);
    lake.write_observations(&first, &batch("first", "simulated"), &precedence()).await.unwrap();
    lake.pin("before the revision", at("2022-02-02T00:00:00Z")).await.unwrap();
    let second = hours(&[
        ("1286A", "PM2_5", "2022-02-01T01:00", Some(18.0), ""),
        ("1286A", "PM2_5", "2022-02-01T02:00", Some(19.0), ""),
    ]);
    lake.write_observations(&second, &batch("second", "review"), &precedence()).await.unwrap();
    lake.write_stations(&[Station {
        city: "350200".into(),
        station: "1286A".into(),
        name_zh: "示例".into(),
        name_en: "Sample".into(),
        district: "350203".into(),
        medium: "air".into(),
        kind: "national".into(),
        lon: Some(118.1),
        lat: Some(24.5),
        evaluated: true,
        valid_from: Some("2013-01-01".parse().unwrap()),
        valid_to: None,
        source: "simulated".into(),
    }])
    .await
    .unwrap();
    let (city, period, source) = ("350200".to_owned(), "2022".to_owned(), "simulated".to_owned());
    let index = CityIndex {
        city: city.clone(),
        period: period.clone(),
        city_name: "甲市".into(),
        value: Some(2.5),
        source: source.clone(),
    };
    lake.write_city_index(&[index]).await.unwrap();
    let evidence = Evidence {
        city,
        figure: "F004".into(),
        period,
        value: "9".into(),
        issuer: "示例机构".into(),
        document: "示例文件".into(),
        date: None,
        source_text: "第九".into(),
        source,
    };
    lake.write_evidence(&[evidence]).await.unwrap();
}

#[tokio::test]
async fn lakes_of_all_releases_open() {
    let current = lakes().join("0.1");
    if std::env::var_os("YUNDANG_BLESS").is_some() && !current.exists() {
        let folder = tempfile::tempdir().unwrap();
        write_lake(folder.path()).await;
        copy_folder(folder.path(), &current);
        // The first log entry of a table tells where it was made; that is nobody's business.
        for table in Table::ALL {
            let entry = current.join(table.name()).join("_delta_log/00000000000000000000.json");
            let text = std::fs::read_to_string(&entry).unwrap();
            std::fs::write(entry, text.replace(folder.path().to_str().unwrap(), "/lakes/0.1")).unwrap();
        }
    }
    let mut found = 0;
    for entry in std::fs::read_dir(lakes()).unwrap() {
        let release = entry.unwrap().path();
        if !release.is_dir() {
            continue;
        }
        // Opened as a copy: a test does not write into the repository.
        let copy = tempfile::tempdir().unwrap();
        copy_folder(&release, copy.path());
        let lake = Lake::open(&location(copy.path())).await.unwrap();
        assert_eq!(
            ask(
                &lake,
                "SELECT city, month, station, parameter, beijing(time), value, flag, source, revision \
                        FROM observation ORDER BY station, parameter, time"
            )
            .await,
            [
                "350200|2022-01|1286A|O3|2022-02-01T00:00|60||simulated|1",
                "350200|2022-02|1286A|PM2_5|2022-02-01T01:00|18||review|2",
                "350200|2022-02|1286A|PM2_5|2022-02-01T02:00|19||review|1",
                "350200|2022-02|1287A|PM2_5|2022-02-01T01:00||D|simulated|1",
            ],
            "{}",
            release.display()
        );
        assert_eq!(ask(&lake, "SELECT value, revision FROM observation_history").await, ["17|1"]);
        assert_eq!(ask(&lake, "SELECT name_zh, valid_from FROM station").await, ["示例|2013-01-01"]);
        assert_eq!(ask(&lake, "SELECT value FROM city_index").await, ["2.5"]);
        assert_eq!(ask(&lake, "SELECT value FROM evidence").await, ["9"]);
        let pins = lake.pins().await.unwrap();
        let session = lake.session_at(&pins[0].versions, Limits::FREE).await.unwrap();
        let old =
            session.select("SELECT value FROM observation WHERE parameter = 'PM2_5' AND flag = ''").await.unwrap();
        assert_eq!(crate::ground::lines(old).await, ["17"]);
        // It is not only read: the next batch goes on from there.
        let next = hours(&[("1286A", "PM2_5", "2022-02-01T01:00", Some(20.0), "")]);
        let report = lake.write_observations(&next, &batch("next", "review"), &precedence()).await.unwrap();
        assert_eq!(report.revised, 1);
        assert_eq!(lake.version(Table::Observation).await.unwrap(), report.version);
        found += 1;
    }
    assert!(found > 0, "testdata/lakes holds no lake; YUNDANG_BLESS=1 writes that of this release");
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
