//! Random batches against a model that is nothing but a map.

use crate::ground::{ask, batch, ending, new_lake, precedence};
use lake::{Observation, ObservationRows};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

const SOURCES: [(&str, i32); 3] = [("simulated", 0), ("gateway", 20), ("review", 40)];
/// Two hours at the edge of January and February, and one far away.
const TIMES: [&str; 3] = ["2022-02-01T00:00", "2022-02-01T01:00", "2022-06-15T12:00"];

#[derive(Clone, Debug)]
struct Row {
    station: u8,
    time: u8,
    value: Option<u8>,
    flagged: bool,
}

type Key = (u8, u8);
type Said = (Option<u8>, bool, usize, i32);

#[derive(Default)]
struct Model {
    newest: BTreeMap<Key, Said>,
    history: BTreeMap<Key, Vec<Said>>,
}

impl Model {
    /// Gives what the report must say: repeated, new, equal, revised, superseded.
    fn write(&mut self, rows: &[Row], source: usize) -> [usize; 5] {
        let mut counts = [0; 5];
        let mut last: BTreeMap<Key, &Row> = BTreeMap::new();
        for row in rows {
            counts[0] += usize::from(last.insert((row.station, row.time), row).is_some());
        }
        for (key, row) in last {
            let history = self.history.entry(key).or_default();
            let Some(newest) = self.newest.get_mut(&key) else {
                self.newest.insert(key, (row.value, row.flagged, source, 1));
                counts[1] += 1;
                continue;
            };
            let next = 1 + history.iter().map(|said| said.3).chain([newest.3]).max().unwrap();
            if (newest.0, newest.1) == (row.value, row.flagged) {
                counts[2] += 1;
            } else if SOURCES[source].1 >= SOURCES[newest.2].1 {
                history.push(*newest);
                *newest = (row.value, row.flagged, source, next);
                counts[3] += 1;
            } else {
                let own = history.iter().filter(|said| said.2 == source).max_by_key(|said| said.3);
                if own.is_some_and(|own| (own.0, own.1) == (row.value, row.flagged)) {
                    counts[2] += 1;
                } else {
                    history.push((row.value, row.flagged, source, next));
                    counts[4] += 1;
                }
            }
        }
        counts
    }

    fn lines(said: impl Iterator<Item = (Key, Said)>) -> BTreeSet<String> {
        said.map(|((station, time), (value, flagged, source, revision))| {
            let value = value.map(|value| value.to_string()).unwrap_or_default();
            let flag = if flagged { "D" } else { "" };
            format!("S{station}|{}|{value}|{flag}|{}|{revision}", TIMES[time as usize], SOURCES[source].0)
        })
        .collect()
    }
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let row = (0..3_u8, 0..3_u8, proptest::option::weighted(0.8, 0..3_u8), proptest::bool::weighted(0.2));
    proptest::collection::vec(
        row.prop_map(|(station, time, value, flagged)| Row { station, time, value, flagged }),
        1..12,
    )
}

#[derive(Clone, Debug)]
enum Step {
    Write(Vec<Row>, usize),
    /// The rows of an earlier batch once more, under a new id.
    Repeat(usize),
    Compact,
    Vacuum,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => (rows(), 0..3_usize).prop_map(|(rows, source)| Step::Write(rows, source)),
        2 => any::<usize>().prop_map(Step::Repeat),
        1 => Just(Step::Compact),
        1 => Just(Step::Vacuum),
    ];
    proptest::collection::vec(step, 1..12)
}

async fn run(steps: Vec<Step>) {
    let (_folder, lake) = new_lake().await;
    let mut model = Model::default();
    let mut written: Vec<(Vec<Row>, usize)> = Vec::new();
    for (number, step) in steps.into_iter().enumerate() {
        let (rows, source) = match step {
            Step::Write(rows, source) => (rows, source),
            Step::Repeat(which) if !written.is_empty() => written[which % written.len()].clone(),
            Step::Repeat(_) => continue,
            Step::Compact => {
                lake.compact(1).await.unwrap();
                continue;
            }
            Step::Vacuum => {
                lake.vacuum(0).await.unwrap();
                continue;
            }
        };
        let mut observations = ObservationRows::new();
        for row in &rows {
            observations.push(Observation {
                city: "350200",
                medium: "air",
                station: &format!("S{}", row.station),
                parameter: "O3",
                period: "hour",
                time: ending(TIMES[row.time as usize]),
                value: row.value.map(f64::from),
                flag: if row.flagged { "D" } else { "" },
            });
        }
        let id = format!("batch {number}");
        let report =
            lake.write_observations(&observations, &batch(&id, SOURCES[source].0), &precedence()).await.unwrap();
        let counts = model.write(&rows, source);
        assert_eq!([report.repeated, report.new, report.equal, report.revised, report.superseded], counts, "{id}");
        written.push((rows, source));
        // Straight away once more: whatever happened before, now nothing does.
        let again = batch(&format!("{id} again"), SOURCES[source].0);
        let report = lake.write_observations(&observations, &again, &precedence()).await.unwrap();
        assert_eq!(report.equal + report.repeated, report.rows, "{id} again");
        model.write(&written.last().unwrap().0, source);
    }
    let columns = "station, beijing(time), value, flag, source, revision";
    let newest: BTreeSet<String> =
        ask(&lake, &format!("SELECT {columns} FROM observation")).await.into_iter().collect();
    assert_eq!(newest, Model::lines(model.newest.into_iter()));
    let history = ask(&lake, &format!("SELECT {columns} FROM observation_history")).await;
    let wanted =
        Model::lines(model.history.into_iter().flat_map(|(key, said)| said.into_iter().map(move |s| (key, s))));
    assert_eq!(history.len(), wanted.len(), "no row is in the history twice");
    assert_eq!(history.into_iter().collect::<BTreeSet<_>>(), wanted);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    /// On failure proptest prints the steps; `PROPTEST_RNG_SEED` repeats a run.
    #[test]
    fn random_batches_end_as_the_model_says(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(run(steps));
    }
}

/// How many random histories.
fn cases() -> u32 {
    u32::try_from(crate::sizes::size("lake_rewrites")).unwrap()
}
