//! A store that fails at the n-th write: nothing is lost, nothing doubled, whatever n is.

use crate::ground::{ask, batch, hours, location};
use async_trait::async_trait;
use futures::stream::BoxStream;
use lake::{Lake, LakeError, Precedence};
use object_store::path::Path;
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore, PutMultipartOptions,
    PutOptions, PutPayload, PutResult, Result,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Passes everything on, until a count of puts is used up; from then on every put fails.
#[derive(Debug)]
struct Failing {
    inner: Arc<dyn ObjectStore>,
    puts_left: Arc<AtomicI64>,
}

impl std::fmt::Display for Failing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Failing({})", self.inner)
    }
}

#[async_trait]
impl ObjectStore for Failing {
    async fn put_opts(&self, location: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        if self.puts_left.fetch_sub(1, Ordering::SeqCst) <= 0 {
            return Err(object_store::Error::Generic { store: "failing", source: "the disk is gone".into() });
        }
        self.inner.put_opts(location, payload, options).await
    }
    async fn put_multipart_opts(&self, location: &Path, o: PutMultipartOptions) -> Result<Box<dyn MultipartUpload>> {
        self.inner.put_multipart_opts(location, o).await
    }
    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.inner.get_opts(location, options).await
    }
    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        self.inner.delete_stream(locations)
    }
    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list(prefix)
    }
    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }
    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.inner.copy_opts(from, to, options).await
    }
}

const ALL: &str = "SELECT station, beijing(time), value, revision FROM observation \
                   UNION SELECT station, beijing(time), value, revision FROM observation_history \
                   ORDER BY 1, 2, 4";
const DOUBLED: &str = "SELECT count(*) FROM (SELECT station, time, revision FROM observation_history \
                       GROUP BY station, time, revision HAVING count(*) > 1)";

/// One run: a first batch, a second one whose writing fails at put `n` in a fresh program, and then, in a third
/// program, `then`. Gives whether the second batch came through.
async fn crash_at(n: i64, then: &[(&str, f64)]) -> (bool, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let here = location(folder.path());
    let rows = |value: f64| {
        hours(&[
            ("1286A", "O3", "2022-01-31T23:00", Some(value), ""),
            ("1286A", "O3", "2022-02-01T02:00", Some(value), ""),
            ("1287A", "O3", "2022-01-31T23:00", Some(value), ""),
        ])
    };
    let flat = Precedence::flat();
    let lake = Lake::create(&here).await.unwrap();
    lake.write_observations(&rows(1.0), &batch("first", "x"), &flat).await.unwrap();

    let puts_left = Arc::new(AtomicI64::new(n));
    let failing = here.clone().wrap(|inner| Arc::new(Failing { inner, puts_left: Arc::clone(&puts_left) }));
    let broken = Lake::open(&failing).await.unwrap();
    let result = broken.write_observations(&rows(2.0), &batch("second", "x"), &flat).await;
    if let Err(error) = &result {
        assert!(matches!(error, LakeError::Storage { .. } | LakeError::Delta { .. }) && error.is_io(), "{error}");
        // Nothing half done is to be seen.
        let seen = ask(&Lake::open(&here).await.unwrap(), "SELECT DISTINCT value FROM observation").await;
        assert_eq!(seen, ["1"], "put {n}");
    }
    let lake = Lake::open(&here).await.unwrap();
    for (id, value) in then {
        lake.write_observations(&rows(*value), &batch(id, "x"), &flat).await.unwrap();
    }
    assert_eq!(ask(&lake, DOUBLED).await, ["0"], "put {n}");
    (result.is_ok(), ask(&lake, ALL).await)
}

#[tokio::test]
async fn a_batch_that_failed_anywhere_can_be_written_again() {
    let mut failures = 0;
    for n in 0.. {
        let (whole, rows) = crash_at(n, &[("second", 2.0)]).await;
        assert_eq!(
            rows,
            [
                "1286A|2022-01-31T23:00|1|1",
                "1286A|2022-01-31T23:00|2|2",
                "1286A|2022-02-01T02:00|1|1",
                "1286A|2022-02-01T02:00|2|2",
                "1287A|2022-01-31T23:00|1|1",
                "1287A|2022-01-31T23:00|2|2",
            ],
            "put {n}"
        );
        if whole {
            break;
        }
        failures += 1;
    }
    // Two data files for each table, and one log entry each.
    assert_eq!(failures, 6);
}

#[tokio::test]
async fn a_batch_between_a_crash_and_its_repetition_is_not_lost_either() {
    for n in 0..6 {
        let (_, rows) = crash_at(n, &[("other", 3.0), ("second", 2.0)]).await;
        let of_one: Vec<&String> = rows.iter().filter(|row| row.starts_with("1287A")).collect();
        assert_eq!(
            of_one,
            ["1287A|2022-01-31T23:00|1|1", "1287A|2022-01-31T23:00|3|2", "1287A|2022-01-31T23:00|2|3"],
            "put {n}"
        );
    }
}
