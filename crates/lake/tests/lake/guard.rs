//! One SELECT, and nothing that reaches outside or runs without end.

use crate::ground::{ask, batch, hours, lines, new_lake};
use lake::{Lake, LakeError, Limits, Parameter, Precedence, Refusal};

async fn filled() -> (tempfile::TempDir, Lake) {
    let (folder, lake) = new_lake().await;
    let rows = hours(&[
        ("1286A", "O3", "2022-01-01T01:00", Some(60.0), ""),
        ("1287A", "O3", "2022-01-01T01:00", Some(70.0), "D"),
        ("1287A", "PM2_5", "2022-02-01T01:00", Some(17.0), ""),
    ]);
    lake.write_observations(&rows, &batch("a", "import"), &Precedence::flat()).await.unwrap();
    (folder, lake)
}

/// Statements that must be refused, and the code of the refusal.
const HOSTILE: &[(&str, &str)] = &[
    ("", "sql_one_statement"),
    (";", "sql_one_statement"),
    ("SELEKT 1", "sql_syntax"),
    ("SELECT 1; SELECT 2", "sql_one_statement"),
    ("SELECT 1; DROP TABLE observation", "sql_one_statement"),
    ("DROP TABLE observation", "sql_select_only"),
    ("DELETE FROM observation", "sql_select_only"),
    ("UPDATE observation SET value = 0", "sql_select_only"),
    ("INSERT INTO observation VALUES (1)", "sql_select_only"),
    ("INSERT INTO observation SELECT * FROM observation", "sql_select_only"),
    ("WITH x AS (SELECT 1) INSERT INTO station SELECT * FROM x", "sql_select_only"),
    ("CREATE TABLE t AS SELECT 1", "sql_select_only"),
    ("CREATE VIEW v AS SELECT 1", "sql_select_only"),
    ("CREATE FUNCTION f() RETURNS INT RETURN 1", "sql_select_only"),
    ("CREATE EXTERNAL TABLE t STORED AS CSV LOCATION '/etc/passwd'", "sql_select_only"),
    ("COPY observation TO '/tmp/out.parquet'", "sql_select_only"),
    ("COPY (SELECT 1) TO '/tmp/out.csv'", "sql_select_only"),
    ("SET datafusion.execution.target_partitions = 64", "sql_select_only"),
    ("RESET datafusion.execution.target_partitions", "sql_select_only"),
    ("SHOW ALL", "sql_select_only"),
    ("SHOW TABLES", "sql_select_only"),
    ("DESCRIBE observation", "sql_select_only"),
    ("EXPLAIN SELECT 1", "sql_select_only"),
    ("EXPLAIN ANALYZE SELECT * FROM observation", "sql_select_only"),
    ("PREPARE p AS SELECT 1", "sql_select_only"),
    ("EXECUTE p", "sql_select_only"),
    ("BEGIN", "sql_select_only"),
    ("TRUNCATE TABLE observation", "sql_select_only"),
    ("MERGE INTO observation USING station ON true WHEN MATCHED THEN DELETE", "sql_select_only"),
    ("VALUES (1)", "sql_select_only"),
    ("TABLE observation", "sql_syntax"),
    ("SELECT * FROM '/etc/passwd'", "sql_unknown_table"),
    ("SELECT * FROM 'https://example.org/x.parquet'", "sql_unknown_table"),
    ("SELECT * FROM \"file.csv\"", "sql_unknown_table"),
    ("SELECT * FROM information_schema.tables", "sql_unknown_table"),
    ("SELECT * FROM yundang.lake.observation", "sql_unknown_table"),
    ("SELECT * FROM users", "sql_unknown_table"),
    ("SELECT (SELECT max(x) FROM secrets) FROM observation", "sql_unknown_table"),
    ("SELECT * FROM read_parquet('/etc/passwd')", "sql_construct"),
    ("SELECT * FROM read_csv('/etc/passwd')", "sql_construct"),
    ("SELECT * FROM parquet_metadata('/etc/passwd')", "sql_construct"),
    ("SELECT * FROM generate_series(1, 1000000000000)", "sql_construct"),
    ("SELECT * FROM range(1, 10)", "sql_construct"),
    ("SELECT * FROM TABLE(f(1))", "sql_construct"),
    ("SELECT * FROM unnest(make_array(1, 2))", "sql_construct"),
    ("SELECT * FROM observation o, LATERAL flatten(o.value)", "sql_construct"),
    ("SELECT * INTO t FROM observation", "sql_construct"),
    ("SELECT * FROM observation FOR UPDATE", "sql_construct"),
    ("SELECT * FROM observation TABLESAMPLE (10)", "sql_construct"),
    ("WITH RECURSIVE x AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM x) SELECT * FROM x", "sql_construct"),
    ("SELECT repeat('x', 10000000000)", "sql_function"),
    ("SELECT rpad('x', 2000000000, 'y')", "sql_function"),
    ("SELECT list_repeat(1, 2000000000)", "sql_function"),
    ("SELECT unnest(range(1, 1000000000000))", "sql_function"),
    ("SELECT now()", "sql_function"),
    ("SELECT random()", "sql_function"),
    ("SELECT no_such_function(1)", "sql_function"),
    ("SELECT iaqi('HJ633-2012', 'PM2_5_24h', 35)", "sql_function"),
    ("SELECT colour FROM observation", "sql_meaning"),
    ("SELECT station FROM observation GROUP BY parameter", "sql_meaning"),
    ("SELECT $1", "sql_meaning"),
];

#[tokio::test]
async fn hostile_statements_are_refused_in_two_languages() {
    let (folder, lake) = filled().await;
    let session = lake.session(Limits::FREE).await.unwrap();
    let mut sentences = Vec::new();
    for (sql, code) in HOSTILE {
        let result = match session.select(sql).await {
            Ok(answer) => answer.rows().await.map(|_| ()),
            Err(error) => Err(error),
        };
        let Err(LakeError::Refused(refusal)) = result else { panic!("{sql}: {result:?}") };
        assert_eq!(refusal.code(), *code, "{sql}: {refusal}");
        assert!(refusal.zh().ends_with('。') && refusal.en().ends_with('.'), "{sql}: {refusal}");
        sentences.push(format!("{sql}\n  {}\n  {}", refusal.zh(), refusal.en()));
    }
    insta::assert_snapshot!(sentences.join("\n"));
    assert!(!folder.path().join("out.parquet").exists());
    assert_eq!(ask(&lake, "SELECT count(*) FROM observation").await, ["3"]);
}

#[tokio::test]
async fn harmless_questions_are_answered() {
    let (_folder, lake) = filled().await;
    let questions = [
        ("SELECT count(*) FROM observation;", "3"),
        ("SELECT count(*) FROM observation -- how many\n", "3"),
        ("select Count(*) from OBSERVATION where flag = ''", "2"),
        ("WITH a AS (SELECT value FROM observation) SELECT max(value) FROM a", "70"),
        ("(SELECT max(value) FROM observation) UNION ALL SELECT 1 WHERE false", "70"),
        (
            "SELECT o.value FROM observation o LEFT JOIN station s ON s.station = o.station WHERE o.month = '2022-02'",
            "17",
        ),
        ("SELECT sum(v) FROM (VALUES (1), (2)) AS t(v)", "3"),
        ("SELECT count(*) FROM observation WHERE city = '350200' AND month BETWEEN '2022-01' AND '2022-01'", "2"),
        ("SELECT count(*) FROM observation WHERE city = '110000'", "0"),
        ("SELECT count(*) FROM observation WHERE month = '2022-01' OR station = '1287A'", "3"),
        ("SELECT count(*) FROM observation WHERE time > utc('2022-01-15')", "1"),
        ("SELECT max(value) OVER () FROM observation LIMIT 1", "70"),
        ("SELECT date_trunc('month', beijing(time)) FROM observation WHERE value = 17", "2022-02-01T00:00"),
    ];
    for (sql, wanted) in questions {
        assert_eq!(ask(&lake, sql).await, [wanted], "{sql}");
    }
}

#[tokio::test]
async fn values_are_bound_and_never_read_as_sql() {
    let (_folder, lake) = filled().await;
    let session = lake.session(Limits::OWN).await.unwrap();
    let sql = "SELECT value FROM observation WHERE station = $station AND month = $month AND time <= $until";
    let parameters = [
        ("station", Parameter::Text("1287A".into())),
        ("month", Parameter::Text("2022-02".into())),
        ("until", Parameter::Instant(crate::ground::ending("2022-02-01T01:00"))),
    ];
    assert_eq!(lines(session.ask(sql, &parameters).await.unwrap()).await, ["17"]);
    let trick = [("station", Parameter::Text("' OR 1 = 1 --".into()))];
    let sql = "SELECT value FROM observation WHERE station = $station";
    assert!(lines(session.ask(sql, &trick).await.unwrap()).await.is_empty());
}

#[tokio::test]
async fn limits_end_a_question() {
    let (_folder, lake) = filled().await;
    let rows = Limits { rows_max: 2, ..Limits::FREE };
    let session = lake.session(rows).await.unwrap();
    let mut answer = session.select("SELECT value FROM observation ORDER BY value").await.unwrap();
    let mut given = 0;
    let end = loop {
        match answer.next().await.unwrap() {
            Ok(batch) => given += batch.num_rows(),
            Err(error) => break error,
        }
    };
    assert_eq!(given, 2);
    assert!(matches!(end, LakeError::Refused(Refusal::Rows(2))), "{end}");
    assert!(answer.next().await.is_none());
    // Exactly as many as allowed is no refusal.
    let two = session.select("SELECT value FROM observation WHERE value > 20").await.unwrap();
    assert_eq!(lines(two).await.len(), 2);

    let cross = "SELECT max(a.value + b.value * c.value + s.value - t.value * u.value) FROM observation a, observation b, observation c, observation d, observation e, \
                 observation f, observation g, observation h, observation i, observation j, observation k, \
                 observation l, observation m, observation n, observation o, observation p, observation q, \
                 observation r, observation s, observation t, observation u";
    let session = lake.session(Limits { seconds_max: 1, ..Limits::FREE }).await.unwrap();
    let started = std::time::Instant::now();
    let result = session.select(cross).await.unwrap().rows().await;
    assert!(matches!(result, Err(LakeError::Refused(Refusal::Seconds(1)))), "{result:?}");
    assert!(started.elapsed().as_secs() < 10);

    let big = "SELECT a.station, count(DISTINCT concat(a.station, b.station, c.station, d.station)) FROM \
               observation a, observation b, observation c, observation d, observation e, observation f \
               GROUP BY a.station, a.time, b.time, c.time, d.time, e.time, f.value, b.value, c.value, d.value, e.value";
    let session = lake.session(Limits { memory_bytes_max: 10_000, spill_bytes_max: 0, ..Limits::FREE }).await.unwrap();
    let result = match session.select(big).await {
        Ok(answer) => answer.rows().await,
        Err(error) => Err(error),
    };
    assert!(matches!(result, Err(LakeError::Refused(Refusal::Memory(_)))), "{result:?}");
}

#[tokio::test]
async fn a_session_stays_at_its_versions() {
    let (_folder, lake) = filled().await;
    let session = lake.session(Limits::FREE).await.unwrap();
    let rows = hours(&[("1288A", "O3", "2022-01-01T01:00", Some(60.0), "")]);
    lake.write_observations(&rows, &batch("b", "import"), &Precedence::flat()).await.unwrap();
    let count = "SELECT count(*) FROM observation";
    assert_eq!(lines(session.select(count).await.unwrap()).await, ["3"]);
    assert_eq!(ask(&lake, count).await, ["4"]);
    assert_eq!(
        session.versions().of(lake::Table::Observation).unwrap() + 1,
        lake.version(lake::Table::Observation).await.unwrap()
    );
}

/// A server hands these from task to task.
#[test]
fn lakes_sessions_and_answers_travel_between_threads() {
    fn travels<T: Send + 'static>() {}
    fn is_shared<T: Send + Sync + 'static>() {}
    is_shared::<Lake>();
    is_shared::<lake::Session>();
    is_shared::<LakeError>();
    travels::<lake::Answer>();
}
