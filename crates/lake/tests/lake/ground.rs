//! Lakes in temporary folders, rows, questions.

use lake::{Batch, Lake, Limits, Location, Observation, ObservationRows, Precedence, Ranks};
use std::path::Path;
use tempfile::TempDir;

pub(crate) const HOUR: i64 = 3_600_000_000;

/// The end of the hour that ends at a Beijing time, µs UTC.
pub(crate) fn ending(beijing: &str) -> i64 {
    norms::Hour::ending(beijing).unwrap().end_micros_utc()
}

pub(crate) fn location(folder: &Path) -> Location {
    Location::parse(folder.to_str().unwrap()).unwrap()
}

pub(crate) async fn new_lake() -> (TempDir, Lake) {
    let folder = tempfile::tempdir().unwrap();
    let lake = Lake::create(&location(folder.path())).await.unwrap();
    (folder, lake)
}

pub(crate) fn at(text: &str) -> jiff::Timestamp {
    text.parse().unwrap()
}

pub(crate) fn batch(id: &str, source: &str) -> Batch {
    Batch::once(id, source, at("2026-11-24T00:00:00Z"))
}

/// `(station, parameter, end in Beijing time, value, flag)` of hours in Xiamen.
pub(crate) fn hours(rows: &[(&str, &str, &str, Option<f64>, &str)]) -> ObservationRows {
    let mut observations = ObservationRows::new();
    for &(station, parameter, time, value, flag) in rows {
        observations.push(Observation {
            city: "350200",
            medium: "air",
            station,
            parameter,
            period: "hour",
            time: ending(time),
            value,
            flag,
        });
    }
    observations
}

/// `review` above everything, `simulated` below.
pub(crate) fn precedence() -> Precedence {
    let mut precedence = Precedence::flat();
    let by_source = [("review".to_owned(), 40), ("simulated".to_owned(), 0)].into();
    precedence.add(norms::Term::default(), Ranks { by_source, other: 20 }).unwrap();
    precedence
}

/// The answer as lines, cells joined with `|`.
pub(crate) async fn ask(lake: &Lake, sql: &str) -> Vec<String> {
    let session = lake.session(Limits::FREE).await.unwrap();
    lines(session.select(sql).await.unwrap()).await
}

pub(crate) async fn lines(answer: lake::Answer) -> Vec<String> {
    let rows = answer.rows().await.unwrap();
    rows.iter().map(|row| row.iter().map(ToString::to_string).collect::<Vec<_>>().join("|")).collect()
}
