//! Other programs: DuckDB reads our files, S3 holds our lake. Both only where they are to be had.

use crate::ground::{ask, batch, hours, new_lake, precedence};
use lake::{Lake, Location, Table};
use std::process::Command;

const ROWS: &[(&str, &str, &str, Option<f64>, &str)] = &[
    ("1286A", "O3", "2022-01-31T24:00", Some(60.5), ""),
    ("1286A", "O3", "2022-02-01T01:00", None, "D"),
    ("1287A", "PM2_5", "2022-02-01T01:00", Some(17.0), ""),
];

/// Set `YUNDANG_PYTHON` to a Python that can import duckdb.
#[tokio::test]
async fn duckdb_reads_the_active_files() {
    let Ok(python) = std::env::var("YUNDANG_PYTHON") else {
        println!("skipped: YUNDANG_PYTHON names no Python with duckdb");
        return;
    };
    let (folder, lake) = new_lake().await;
    lake.write_observations(&hours(ROWS), &batch("a", "import"), &precedence()).await.unwrap();
    // A revision leaves a file that is no longer active, and that DuckDB must not be given.
    let revised = hours(&[("1287A", "PM2_5", "2022-02-01T01:00", Some(18.0), "")]);
    lake.write_observations(&revised, &batch("b", "import"), &precedence()).await.unwrap();
    let files: Vec<String> = lake
        .files(Table::Observation)
        .await
        .unwrap()
        .into_iter()
        .map(|file| format!("'{}/observation/{file}'", folder.path().display()))
        .collect();
    assert_eq!(files.len(), 2);
    let script = format!(
        "import duckdb\n\
         duckdb.sql(\"SET TimeZone = 'Asia/Shanghai'\")\n\
         sql = '''SELECT city, month, station, parameter, strftime(time, '%Y-%m-%dT%H:%M'), value, flag, revision\n\
         FROM read_parquet([{}], hive_partitioning = true, hive_types = {{'city': VARCHAR, 'month': VARCHAR}})\n\
         ORDER BY station, time'''\n\
         for row in duckdb.sql(sql).fetchall():\n    print('|'.join('' if cell is None else str(cell) for cell in row))\n",
        files.join(", ")
    );
    let output = Command::new(python).args(["-c", &script]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(
        String::from_utf8(output.stdout).unwrap().lines().collect::<Vec<_>>(),
        [
            "350200|2022-01|1286A|O3|2022-02-01T00:00|60.5||1",
            "350200|2022-02|1286A|O3|2022-02-01T01:00||D|1",
            "350200|2022-02|1287A|PM2_5|2022-02-01T01:00|18.0||2",
        ]
    );
}

/// Set `YUNDANG_S3_BUCKET` to an existing bucket, and `AWS_…` so that it can be reached (for instance moto's server).
#[tokio::test]
async fn a_lake_lies_in_a_bucket() {
    let Ok(bucket) = std::env::var("YUNDANG_S3_BUCKET") else {
        println!("skipped: YUNDANG_S3_BUCKET names no bucket");
        return;
    };
    let prefix = format!("s3://{bucket}/lakes/{}-{}", std::process::id(), jiff::Timestamp::now().as_microsecond());
    let location = Location::parse(&prefix).unwrap();
    let lake = Lake::create(&location).await.unwrap();
    let report = lake.write_observations(&hours(ROWS), &batch("a", "import"), &precedence()).await.unwrap();
    assert_eq!(report.new, 3);
    let pin = lake.pin("report", "2023-01-01T00:00:00Z".parse().unwrap()).await.unwrap();

    // A commit on S3 is a conditional put: of two programs that write at once, one plans again.
    let other = Lake::open(&location).await.unwrap();
    let write = async |lake: &Lake, name: &str, value: f64| {
        let rows = hours(&[("1287A", "PM2_5", "2022-02-01T01:00", Some(value), "")]);
        lake.write_observations(&rows, &batch(name, "import"), &precedence()).await.unwrap();
    };
    tokio::join!(write(&lake, "b", 18.0), write(&other, "c", 19.0));
    assert_eq!(ask(&lake, "SELECT count(*) FROM observation_history").await, ["2"]);
    assert_eq!(ask(&other, "SELECT max(revision), count(*) FROM observation").await, ["3|3"]);

    lake.compact(1).await.unwrap();
    lake.vacuum(0).await.unwrap();
    let session = lake.session_at(&pin.versions, lake::Limits::FREE).await.unwrap();
    let rows = session.select("SELECT value FROM observation WHERE station = '1287A'").await.unwrap();
    assert_eq!(crate::ground::lines(rows).await, ["17"]);
}
