//! The functions of ours do what their documentation says.

use crate::ground::{ask, batch, ending, lines, new_lake};
use lake::{Lake, LakeError, Limits, Observation, ObservationRows, Precedence, Refusal, functions_doc};
use norms::{NormFile, Norms};
use std::path::Path;
use std::sync::Arc;

fn norm_files(folder: &Path, root: &Path, files: &mut Vec<NormFile>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            norm_files(&path, root, files);
        } else {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            files.push(NormFile { path: name, text: std::fs::read_to_string(&path).unwrap() });
        }
    }
}

pub(crate) fn norms() -> Arc<Norms> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../norms");
    let mut files = Vec::new();
    norm_files(&root, &root, &mut files);
    Arc::new(Norms::load(&files).unwrap())
}

async fn lake_with_norms() -> (tempfile::TempDir, Lake) {
    let (folder, lake) = new_lake().await;
    (folder, lake.with_norms(norms()))
}

#[tokio::test]
async fn every_example_runs_and_gives_what_it_says() {
    let (_folder, lake) = lake_with_norms().await;
    for doc in functions_doc() {
        assert_eq!(ask(&lake, doc.example).await, [doc.gives], "{}", doc.example);
        assert!(doc.example.contains(doc.name), "{}", doc.name);
    }
}

#[tokio::test]
async fn the_day_picks_the_edition() {
    let (_folder, lake) = lake_with_norms().await;
    let questions = [
        // GB 3095-2026 and HJ 633-2026 from 2026-03-01.
        ("SELECT iaqi('2026-02-28', 'PM2_5_24h', 60) > iaqi('2026-03-01', 'PM2_5_24h', 60)", "0"),
        ("SELECT iaqi(DATE '2022-06-01', 'PM2_5_24h', 75)", "100"),
        ("SELECT iaqi('HJ633-2012', 'PM2_5_24h', NULL)", ""),
        ("SELECT aqi('2022-06-01', NULL, 17, 38, 19, 0.5, 104)", ""),
        ("SELECT category('2022-06-01', aqi_available('2022-06-01', NULL, NULL, NULL, 500, NULL, NULL))", "严重污染"),
        ("SELECT primary_pollutants('2022-06-01', 6, 17, 38, 19, 0.5, 60)", ""),
        ("SELECT round_gbt8170(0.75, 1)", "0.8"),
        ("SELECT round_gbt8170(2.5, 0)", "2"),
        ("SELECT round_gbt8170(NULL, 0)", ""),
        ("SELECT percentile_hj663(v, 90, 0) FROM (VALUES (4), (8), (15), (16), (23), (42), (NULL)) AS t(v)", "32"),
        ("SELECT mean_hj663(v, 1) FROM (VALUES (0.1), (0.2), (NULL)) AS t(v)", "0.2"),
        ("SELECT mean_hj663(v, 0) FROM (VALUES (1)) AS t(v) WHERE v > 1", ""),
    ];
    for (sql, wanted) in questions {
        assert_eq!(ask(&lake, sql).await, [wanted], "{sql}");
    }
}

#[tokio::test]
async fn aggregates_work_over_groups_and_threads() {
    let (_folder, lake) = lake_with_norms().await;
    let mut rows = ObservationRows::new();
    let start = ending("2022-01-01T01:00");
    for hour in 0..2_000_i64 {
        for station in ["A", "B"] {
            rows.push(Observation {
                city: "350200",
                medium: "air",
                station,
                parameter: "O3",
                period: "hour",
                time: start + hour * crate::ground::HOUR,
                value: Some((hour % 101) as f64),
                flag: "",
            });
        }
    }
    lake.write_observations(&rows, &batch("a", "import"), &Precedence::flat()).await.unwrap();
    let sql = "SELECT station, month, percentile_hj663(value, 90), mean_hj663(value, 0), count(*) FROM observation \
               GROUP BY station, month ORDER BY station, month";
    let answer = ask(&lake, sql).await;
    assert_eq!(answer.len(), 6);
    assert_eq!(answer[..3], answer[3..].iter().map(|row| row.replace('B', "A")).collect::<Vec<_>>());
    assert_eq!(answer[0], "A|2022-01|90|48|744");
    let year = "SELECT percentile_hj663(value, 50), mean_hj663(value, 3) FROM observation";
    assert_eq!(ask(&lake, year).await, ["49.5|49.595"]);
}

#[tokio::test]
async fn wrong_arguments_are_told() {
    let (_folder, lake) = lake_with_norms().await;
    let session = lake.session(Limits::FREE).await.unwrap();
    for sql in [
        "SELECT iaqi('HJ633-1999', 'PM2_5_24h', 35)",
        "SELECT iaqi('HJ633-2012', 'PM3_24h', 35)",
        "SELECT round_gbt8170(1, 12)",
        "SELECT beijing('2022-01-01')",
        "SELECT utc('yesterday')",
        "SELECT percentile_hj663(v, v) FROM (VALUES (1), (2)) AS t(v)",
        "SELECT percentile_hj663(v, 101) FROM (VALUES (1), (2)) AS t(v)",
    ] {
        let result = match session.select(sql).await {
            Ok(answer) => answer.rows().await,
            Err(error) => Err(error),
        };
        assert!(matches!(result, Err(LakeError::Refused(Refusal::Meaning(_)))), "{sql}: {result:?}");
    }
    let fine = session.select("SELECT utc('2022-01-01 08:00:00') = utc('2022-01-01T08:00')").await.unwrap();
    assert_eq!(lines(fine).await, ["1"]);
}
