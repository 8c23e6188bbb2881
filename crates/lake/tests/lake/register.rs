//! Stations, indices of cities, evidence.

use crate::ground::{ask, new_lake};
use lake::{CityIndex, Evidence, Judged, Lake, LakeError, Limits, Station, Table, Target, WorklogEntry};

fn day(text: &str) -> norms::Day {
    text.parse().unwrap()
}

fn station(code: &str, from: Option<&str>, to: Option<&str>) -> Station {
    Station {
        city: "350200".into(),
        station: code.into(),
        name_zh: "洪文".into(),
        name_en: "Hongwen".into(),
        district: "350203".into(),
        medium: "air".into(),
        kind: "national".into(),
        lon: Some(118.163),
        lat: Some(24.478),
        evaluated: true,
        valid_from: from.map(day),
        valid_to: to.map(day),
        source: "simulated".into(),
    }
}

#[tokio::test]
async fn the_same_stations_change_nothing() {
    let (_folder, lake) = new_lake().await;
    let rows = [station("1287A", Some("2013-01-01"), None), station("1286A", None, None)];
    let report = lake.write_stations(&rows).await.unwrap();
    assert_eq!((report.new, report.equal, report.changed), (2, 0, 0));
    let version = lake.version(Table::Station).await.unwrap();
    let report = lake.write_stations(&rows).await.unwrap();
    assert_eq!((report.new, report.equal, report.changed, report.version), (0, 2, 0, version));
    assert_eq!(
        ask(&lake, "SELECT station, name_zh, evaluated, valid_from, valid_to FROM station ORDER BY station").await,
        ["1286A|洪文|1||", "1287A|洪文|1|2013-01-01|"]
    );
    assert_eq!(lake.files(Table::Station).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_station_that_moves_ends_and_begins() {
    let (_folder, lake) = new_lake().await;
    lake.write_stations(&[station("1287A", Some("2013-01-01"), None)]).await.unwrap();
    let moved = Station { lon: Some(118.2), ..station("1287A", Some("2022-07-01"), None) };
    let twice = lake.write_stations(std::slice::from_ref(&moved)).await.unwrap();
    assert_eq!(twice.overlapping, ["1287A"], "the row before has no end yet");
    let report = lake
        .write_stations(&[station("1287A", Some("2013-01-01"), Some("2022-07-01")), moved.clone(), moved])
        .await
        .unwrap();
    assert_eq!((report.repeated, report.new, report.equal, report.changed), (1, 0, 1, 1));
    assert!(report.overlapping.is_empty());
    let on = "SELECT lon FROM station WHERE coalesce(valid_from, DATE '0001-01-01') <= DATE '2022-06-30' \
              AND (valid_to IS NULL OR valid_to > DATE '2022-06-30')";
    assert_eq!(ask(&lake, on).await, ["118.163"]);
    let backwards = station("1287A", Some("2022-07-01"), Some("2022-07-01"));
    assert!(matches!(lake.write_stations(&[backwards]).await, Err(LakeError::BadRow { field: "valid_to", .. })));
}

#[tokio::test]
async fn indices_and_evidence_are_put_by_key() {
    let (_folder, lake) = new_lake().await;
    let index = |city: &str, value| CityIndex {
        city: "350200".into(),
        period: "2022".into(),
        city_name: city.into(),
        value: Some(value),
        source: "simulated".into(),
    };
    assert_eq!(lake.write_city_index(&[index("厦门", 2.5), index("海口", 2.2)]).await.unwrap().new, 2);
    let report = lake.write_city_index(&[index("厦门", 2.56), index("海口", 2.2)]).await.unwrap();
    assert_eq!((report.changed, report.equal), (1, 1));
    assert_eq!(ask(&lake, "SELECT city_name, value FROM city_index ORDER BY value").await, ["海口|2.2", "厦门|2.56"]);
    let evidence = Evidence {
        city: "350200".into(),
        figure: "F004".into(),
        period: "2022".into(),
        value: "9".into(),
        issuer: "生态环境部".into(),
        document: "公报".into(),
        date: Some(day("2023-01-20")),
        source_text: "第九".into(),
        source: "published".into(),
    };
    assert_eq!(lake.write_evidence(std::slice::from_ref(&evidence)).await.unwrap().new, 1);
    assert_eq!(lake.write_evidence(&[evidence]).await.unwrap().equal, 1);
    assert_eq!(ask(&lake, "SELECT figure, value, date FROM evidence").await, ["F004|9|2023-01-20"]);
}

fn target(class: &str, from: Option<&str>, to: Option<&str>) -> Target {
    Target {
        city: "350200".into(),
        station: "S1".into(),
        function_class: class.into(),
        waterbody: "东溪".into(),
        programmes: "主要流域;国控".into(),
        valid_from: from.map(day),
        valid_to: to.map(day),
        source: "lab".into(),
    }
}

#[tokio::test]
async fn targets_change_on_a_day_and_work_is_kept_by_entry() {
    let (_folder, lake) = new_lake().await;
    let rows = [target("Ⅳ", None, Some("2022-01-01")), target("Ⅲ", Some("2022-01-01"), None)];
    assert_eq!(lake.write_targets(&rows).await.unwrap().new, 2);
    assert_eq!(lake.write_targets(&rows).await.unwrap().equal, 2);
    let on = "SELECT function_class FROM target WHERE coalesce(valid_from <= DATE '2022-03-01', true) \
              AND coalesce(DATE '2022-03-01' < valid_to, true)";
    assert_eq!(ask(&lake, on).await, ["Ⅲ"]);
    let twice = lake.write_targets(&[target("Ⅱ", Some("2022-06-01"), None)]).await.unwrap();
    assert_eq!(twice.overlapping, ["S1"]);
    let backwards = lake.write_targets(&[target("Ⅱ", Some("2022-06-01"), Some("2022-06-01"))]).await;
    assert!(matches!(backwards, Err(LakeError::BadRow { field: "valid_to", .. })));

    let entry = |kind: &str, quantity: f64| WorklogEntry {
        city: "350200".into(),
        entry: "1".into(),
        kind: kind.into(),
        subject: "东溪".into(),
        date: day("2022-05-01"),
        quantity: Some(quantity),
        unit: "km".into(),
        note: String::new(),
        source: "office".into(),
    };
    lake.write_worklog(&[entry("sewer_km", 1.5), entry("outfall_visit", 1.0)]).await.unwrap();
    let report = lake.write_worklog(&[entry("sewer_km", 2.5)]).await.unwrap();
    assert_eq!((report.new, report.changed), (0, 1));
    assert_eq!(
        ask(&lake, "SELECT kind, quantity FROM worklog ORDER BY kind").await,
        ["outfall_visit|1", "sewer_km|2.5"]
    );
}

#[tokio::test]
async fn an_older_lake_gets_the_newer_tables() {
    let (folder, lake) = new_lake().await;
    let here = lake.location().clone();
    drop(lake);
    for table in [Table::Target, Table::Worklog] {
        std::fs::remove_dir_all(folder.path().join(table.name())).unwrap();
    }
    let lake = Lake::open(&here).await.unwrap();
    assert!(ask(&lake, "SELECT station FROM target").await.is_empty());
    lake.write_targets(&[target("Ⅲ", None, None)]).await.unwrap();
    // A table of the first version is not made anew.
    std::fs::remove_dir_all(folder.path().join(Table::Station.name())).unwrap();
    assert!(matches!(Lake::open(&here).await, Err(LakeError::NotALake { table: "station", .. })));
}

#[tokio::test]
async fn judgements_stand_beside_the_tables_of_a_session() {
    let (_folder, lake) = new_lake().await;
    let question = "SELECT station, class, meets, value FROM judged WHERE level = 'year'";
    assert!(matches!(lake.session(Limits::OWN).await.unwrap().select(question).await, Err(LakeError::Refused(_))));
    let judged =
        Judged { station: "S1".into(), level: "year".into(), class: Some(3), meets: Some(true), ..Judged::default() };
    let session = lake.session(Limits::OWN).await.unwrap().with_judged(&[judged]).unwrap();
    let rows = session.select(question).await.unwrap().rows().await.unwrap();
    let texts: Vec<String> = rows[0].iter().map(ToString::to_string).collect();
    assert_eq!(texts[..2], ["S1", "3"]);
    assert_eq!(texts[3], "");
}
