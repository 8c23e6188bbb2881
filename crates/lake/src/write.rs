//! Writing observations: plan per partition, history first, then `observation`, each in one commit.
//!
//! A crash between the two commits leaves retired rows in the history that `observation` still shows. They carry the
//! same revision number, so the next writer of those keys finds them and retires nothing twice; nothing is lost,
//! because `observation` was not touched. Files without a commit are rubbish that [`Lake::vacuum`] removes.

use crate::files::{self, ActiveFile};
use crate::lake::{CommitError, active_files, version};
use crate::revision::{Counts, Held, Key, Outcome, decide, disputed, last_wins};
use crate::rows::{ObservationRows, Partition, Texts};
use crate::{Lake, LakeError, Precedence, Table};
use datafusion::arrow::array::{
    ArrayRef, AsArray, Float64Array, Int32Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use datafusion::arrow::datatypes::{Float64Type, Int32Type, TimestampMicrosecondType};
use deltalake::DeltaTable;
use deltalake::kernel::{Action, Add, Transaction};
use deltalake::protocol::{DeltaOperation, SaveMode};
use norms::Day;
use object_store::ObjectStore;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::Arc;

/// How often a batch is planned again when other writers are faster.
const ATTEMPTS: usize = 20;

/// Who brings rows, and when.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Batch {
    writer: String,
    id: String,
    sequence: Option<i64>,
    source: String,
    recorded_at: jiff::Timestamp,
}

impl Batch {
    /// A batch with an id of its own, such as an import: the id names these rows for ever.
    #[must_use]
    pub fn once(id: &str, source: &str, recorded_at: jiff::Timestamp) -> Self {
        Self {
            writer: format!("yundang/batch/{id}"),
            id: id.to_owned(),
            sequence: None,
            source: source.to_owned(),
            recorded_at,
        }
    }

    /// The next batch of a writer that counts, such as a sealer: a number that was committed is never taken again.
    #[must_use]
    pub fn numbered(writer: &str, sequence: i64, source: &str, recorded_at: jiff::Timestamp) -> Self {
        Self {
            writer: format!("yundang/writer/{writer}"),
            id: format!("{writer}/{sequence}"),
            sequence: Some(sequence),
            source: source.to_owned(),
            recorded_at,
        }
    }

    /// The id that stands in the rows.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The source that stands in the rows.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }
}

/// What a batch did, in rows. `rows = repeated + new + equal + revised + superseded`, unless it was written before.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct WriteReport {
    /// Rows handed over.
    pub rows: usize,
    /// Rows dropped because a later one of the batch has the same key.
    pub repeated: usize,
    /// Keys that were not there.
    pub new: usize,
    /// Rows that say what is there.
    pub equal: usize,
    /// Rows that replaced another value.
    pub revised: usize,
    /// Rows of a source of lower precedence: kept in the history, not shown.
    pub superseded: usize,
    /// The batch had been committed before; nothing was looked at.
    pub already_written: bool,
    /// The version of `observation` after the batch.
    pub version: u64,
}

/// What is planned for one partition, and the files that it was planned on.
struct Planned {
    observation_files: Vec<String>,
    history_files: Vec<String>,
    observation: Vec<Action>,
    history: Vec<Action>,
    counts: Counts,
}

impl Lake {
    /// Writes observations of any cities, months and periods as one batch.
    ///
    /// The whole batch becomes visible with one commit. Memory beyond the rows themselves is bounded by the greatest
    /// partition (a city's month).
    ///
    /// # Errors
    /// When a row cannot be taken (nothing is written then), the batch id was used for other rows, or the store fails.
    /// After a failure the same batch may be written again.
    pub async fn write_observations(
        &self,
        rows: &ObservationRows,
        batch: &Batch,
        precedence: &Precedence,
    ) -> Result<WriteReport, LakeError> {
        let partitions = rows.partitions()?;
        let _turn = self.inner.writing.lock().await;
        let mut plans: BTreeMap<Partition, Planned> = BTreeMap::new();
        // Rows that an earlier attempt put into the history before it was overtaken: the next one finds them equal.
        let mut retired_before = 0;
        let fingerprint = if batch.sequence.is_none() { rows.fingerprint() } else { 0 };
        for _ in 0..ATTEMPTS {
            let observation = self.newest(Table::Observation).await?;
            if written_before(&observation, batch, fingerprint).await? {
                let version = version(&observation);
                return Ok(WriteReport { rows: rows.len(), already_written: true, version, ..WriteReport::default() });
            }
            let history = self.newest(Table::ObservationHistory).await?;
            self.plan(rows, batch, precedence, &partitions, (&observation, &history), &mut plans).await?;

            let retired: Vec<Action> = plans.values().flat_map(|plan| plan.history.clone()).collect();
            if !retired.is_empty() {
                match self.commit(Table::ObservationHistory, &history, retired, None, append()).await {
                    Ok(_) => retired_before += plans.values().map(|plan| plan.counts.superseded).sum::<usize>(),
                    Err(CommitError::Overtaken) => continue,
                    Err(CommitError::Failed(error)) => return Err(error),
                }
            }
            let actions: Vec<Action> = plans.values().flat_map(|plan| plan.observation.clone()).collect();
            let changed = !actions.is_empty();
            let committed = if changed || batch.sequence.is_some() {
                let transaction = Transaction::new(&batch.writer, batch.sequence.unwrap_or(fingerprint));
                self.commit(Table::Observation, &observation, actions, Some(transaction), append()).await
            } else {
                Ok(version(&observation))
            };
            match committed {
                Ok(version) => return Ok(report(rows.len(), &plans, retired_before, version)),
                Err(CommitError::Overtaken) => {}
                Err(CommitError::Failed(error)) => return Err(error),
            }
        }
        Err(LakeError::Contended { table: Table::Observation.name(), attempts: ATTEMPTS })
    }

    /// Plans every partition whose files changed since it was planned.
    async fn plan(
        &self,
        rows: &ObservationRows,
        batch: &Batch,
        precedence: &Precedence,
        partitions: &[(Partition, Vec<u32>)],
        (observation, history): (&DeltaTable, &DeltaTable),
        plans: &mut BTreeMap<Partition, Planned>,
    ) -> Result<(), LakeError> {
        let observed = by_partition(active_files(observation)?);
        let retired = by_partition(active_files(history)?);
        let none = Vec::new();
        for (partition, numbers) in partitions {
            let files = (observed.get(partition).unwrap_or(&none), retired.get(partition).unwrap_or(&none));
            let names = (paths(files.0), paths(files.1));
            if plans.get(partition).is_some_and(|p| p.observation_files == names.0 && p.history_files == names.1) {
                continue;
            }
            let stores = (observation.object_store(), history.object_store());
            let work = Work { rows, batch, precedence, partition, observation: &*stores.0, history: &*stores.1 };
            let (observation, history, counts) = work.plan(numbers, files.0, files.1).await?;
            let (observation_files, history_files) = names;
            let plan = Planned { observation_files, history_files, observation, history, counts };
            plans.insert(partition.clone(), plan);
        }
        Ok(())
    }
}

fn report(rows: usize, plans: &BTreeMap<Partition, Planned>, retired_before: usize, version: u64) -> WriteReport {
    let sum = |of: fn(&Counts) -> usize| plans.values().map(|plan| of(&plan.counts)).sum::<usize>();
    // `retired_before` holds every superseded row whose commit was made, this attempt's among them; those of earlier
    // attempts were counted as equal by a later plan.
    let superseded = retired_before;
    let repeated = sum(|c| c.repeated);
    let (new, revised) = (sum(|c| c.new), sum(|c| c.revised));
    WriteReport {
        rows,
        repeated,
        new,
        equal: rows - repeated - new - revised - superseded,
        revised,
        superseded,
        already_written: false,
        version,
    }
}

fn append() -> DeltaOperation {
    DeltaOperation::Write {
        mode: SaveMode::Append,
        partition_by: Some(Table::Observation.partition_columns().into_iter().map(str::to_owned).collect()),
        predicate: None,
    }
}

async fn written_before(observation: &DeltaTable, batch: &Batch, fingerprint: i64) -> Result<bool, LakeError> {
    let state = observation.snapshot().map_err(LakeError::delta("reading batch numbers"))?;
    let found = state
        .transaction_version(&observation.log_store(), &batch.writer)
        .await
        .map_err(LakeError::delta("reading batch numbers"))?;
    match (found, batch.sequence) {
        (None, _) => Ok(false),
        (Some(done), Some(sequence)) => Ok(sequence <= done),
        (Some(done), None) if done == fingerprint => Ok(true),
        (Some(_), None) => Err(LakeError::BatchReused { batch: batch.id.clone() }),
    }
}

fn by_partition(files: Vec<ActiveFile>) -> HashMap<Partition, Vec<ActiveFile>> {
    let mut found: HashMap<Partition, Vec<ActiveFile>> = HashMap::new();
    for file in files {
        let mut values = file.partition();
        let mut value = |name: &str| values.remove(name).flatten().unwrap_or_default();
        let partition = Partition { city: value("city").into(), month: value("month") };
        found.entry(partition).or_default().push(file);
    }
    for files in found.values_mut() {
        files.sort_unstable_by(|a, b| a.path.as_ref().cmp(b.path.as_ref()));
    }
    found
}

fn paths(files: &[ActiveFile]) -> Vec<String> {
    files.iter().map(|file| file.path.to_string()).collect()
}

/// One partition of one batch.
struct Work<'a> {
    rows: &'a ObservationRows,
    batch: &'a Batch,
    precedence: &'a Precedence,
    partition: &'a Partition,
    observation: &'a dyn ObjectStore,
    history: &'a dyn ObjectStore,
}

impl Work<'_> {
    /// Reads what is there, decides, writes data files, and gives the actions for both tables.
    async fn plan(
        &self,
        numbers: &[u32],
        observation_files: &[ActiveFile],
        history_files: &[ActiveFile],
    ) -> Result<(Vec<Action>, Vec<Action>, Counts), LakeError> {
        let mut texts = self.rows.texts.clone();
        let batch_id = texts.id(&self.batch.id);
        let source_id = texts.id(&self.batch.source);
        let mut incoming = self.incoming(numbers, batch_id, source_id);
        let repeated = last_wins(&mut incoming);
        let times = time_span(&incoming);

        let mut held: Vec<(Held, usize)> = Vec::new();
        for (number, file) in observation_files.iter().enumerate().filter(|(_, file)| file.meets(&times)) {
            for batch in files::read(self.observation, Table::Observation, &file.path).await? {
                held.extend(from_batch(&batch, &mut texts)?.into_iter().map(|row| (row, number)));
            }
        }
        let mut past: Vec<Held> = Vec::new();
        {
            let mut rows: Vec<Held> = held.iter().map(|(row, _)| *row).collect();
            rows.sort_unstable_by_key(|row| row.key);
            if !disputed(&incoming, &rows).is_empty() {
                for file in history_files.iter().filter(|file| file.meets(&times)) {
                    for batch in files::read(self.history, Table::ObservationHistory, &file.path).await? {
                        past.extend(from_batch(&batch, &mut texts)?);
                    }
                }
            }
        }
        // From here on texts are places in their sorted order, so that keys sort as the files do.
        let (names, rank) = texts.ranked();
        incoming.iter_mut().for_each(|row| row.place(&rank));
        incoming.sort_unstable_by_key(|row| row.key);
        held.iter_mut().for_each(|(row, _)| row.place(&rank));
        held.sort_unstable_by_key(|(row, _)| (row.key, row.revision));
        let (held, origin): (Vec<Held>, Vec<usize>) = held.into_iter().unzip();
        let mut history: BTreeMap<Key, Vec<Held>> = BTreeMap::new();
        for mut row in past {
            row.place(&rank);
            history.entry(row.key).or_default().push(row);
        }
        let outcome = decide(&incoming, &held, &history, |source, key| {
            self.precedence.rank(&names[source as usize], first_day(&names, key))
        });
        let counts = Counts { repeated, ..outcome.counts };
        let (observation, history) = self.write(outcome, &held, &origin, observation_files, &names).await?;
        Ok((observation, history, counts))
    }

    fn incoming(&self, numbers: &[u32], batch: u32, source: u32) -> Vec<Held> {
        let rows = self.rows;
        let recorded_at = self.batch.recorded_at.as_microsecond();
        numbers
            .iter()
            .map(|&number| {
                let at = number as usize;
                let key = Key {
                    station: rows.station[at],
                    parameter: rows.parameter[at],
                    time: rows.time[at],
                    period: rows.period[at],
                    medium: rows.medium[at],
                };
                let (value, flag) = (rows.value[at], rows.flag[at]);
                Held { key, value, flag, source, revision: 0, batch, recorded_at }
            })
            .collect()
    }

    /// Writes the data files of an outcome. A file that holds a replaced row is written anew without it, together
    /// with the fresh rows, so that revisions do not make files more.
    async fn write(
        &self,
        outcome: Outcome,
        held: &[Held],
        origin: &[usize],
        observation_files: &[ActiveFile],
        names: &[Arc<str>],
    ) -> Result<(Vec<Action>, Vec<Action>), LakeError> {
        let mut rewritten = vec![false; observation_files.len()];
        let mut gone = vec![false; held.len()];
        for at in outcome.replaced {
            gone[at] = true;
            rewritten[origin[at]] = true;
        }
        let mut fresh = outcome.fresh;
        if rewritten.contains(&true) {
            fresh.extend((0..held.len()).filter(|&at| rewritten[origin[at]] && !gone[at]).map(|at| held[at]));
            fresh.sort_unstable_by_key(|row| row.key);
        }
        let mut observation = Vec::new();
        if !fresh.is_empty() {
            observation.push(Action::Add(self.file(self.observation, Table::Observation, &fresh, names).await?));
        }
        for (file, _) in observation_files.iter().zip(&rewritten).filter(|(_, rewritten)| **rewritten) {
            observation.push(Action::Remove(file.view.remove_action(true)));
        }
        let mut history = Vec::new();
        if !outcome.retired.is_empty() {
            let add = self.file(self.history, Table::ObservationHistory, &outcome.retired, names).await?;
            history.push(Action::Add(add));
        }
        Ok((observation, history))
    }

    async fn file(
        &self,
        store: &dyn ObjectStore,
        table: Table,
        rows: &[Held],
        names: &[Arc<str>],
    ) -> Result<Add, LakeError> {
        let batch = to_batch(table, rows, names)?;
        let partition = [("city", &*self.partition.city), ("month", self.partition.month.as_str())];
        files::write(store, table, &partition, &batch, true).await
    }
}

fn time_span(rows: &[Held]) -> Range<i64> {
    let least = rows.iter().map(|row| row.key.time).min().unwrap_or_default();
    let most = rows.iter().map(|row| row.key.time).max().unwrap_or_default();
    least..most + 1
}

/// The day on which an observation starts: it picks the edition of the precedence table.
fn first_day(names: &[Arc<str>], key: &Key) -> Day {
    let period = crate::Period::parse(&names[key.period as usize]).unwrap_or(crate::Period::Instant);
    period.first_day(key.time)
}

impl Held {
    /// Changes ids of texts into their places in sorted order.
    fn place(&mut self, rank: &[u32]) {
        let key = &mut self.key;
        for id in [
            &mut key.station,
            &mut key.parameter,
            &mut key.period,
            &mut key.medium,
            &mut self.flag,
            &mut self.source,
            &mut self.batch,
        ] {
            *id = rank[*id as usize];
        }
    }
}

fn to_batch(table: Table, rows: &[Held], names: &[Arc<str>]) -> Result<RecordBatch, LakeError> {
    let text = |of: fn(&Held) -> u32| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(rows.iter().map(|row| &*names[of(row) as usize])))
    };
    let instant = |of: fn(&Held) -> i64| -> ArrayRef {
        Arc::new(TimestampMicrosecondArray::from_iter_values(rows.iter().map(of)).with_timezone("UTC"))
    };
    let columns: Vec<ArrayRef> = vec![
        text(|row| row.key.medium),
        text(|row| row.key.station),
        text(|row| row.key.parameter),
        text(|row| row.key.period),
        instant(|row| row.key.time),
        Arc::new(rows.iter().map(|row| row.value).collect::<Float64Array>()),
        text(|row| row.flag),
        text(|row| row.source),
        Arc::new(rows.iter().map(|row| row.revision).collect::<Int32Array>()),
        text(|row| row.batch),
        instant(|row| row.recorded_at),
    ];
    RecordBatch::try_new(table.file_schema(), columns)
        .map_err(|error| LakeError::BadFile { file: table.name().to_owned(), why: error.to_string() })
}

/// Reads the rows of a data file; texts become ids of the pool.
fn from_batch(batch: &RecordBatch, texts: &mut Texts) -> Result<Vec<Held>, LakeError> {
    let mut ids = |column: usize| -> Vec<u32> {
        let array = batch.column(column).as_string::<i32>();
        let mut last: (&str, u32) = ("", texts.id(""));
        array
            .iter()
            .map(|text| {
                let text = text.unwrap_or_default();
                if text != last.0 {
                    last = (text, texts.id(text));
                }
                last.1
            })
            .collect()
    };
    let [medium, station, parameter, period] = [ids(0), ids(1), ids(2), ids(3)];
    let [flag, source, batch_id] = [ids(6), ids(7), ids(9)];
    let time = batch.column(4).as_primitive::<TimestampMicrosecondType>();
    let value = batch.column(5).as_primitive::<Float64Type>();
    let revision = batch.column(8).as_primitive::<Int32Type>();
    let recorded_at = batch.column(10).as_primitive::<TimestampMicrosecondType>();
    Ok(value
        .iter()
        .enumerate()
        .map(|(row, value)| Held {
            key: Key {
                station: station[row],
                parameter: parameter[row],
                time: time.value(row),
                period: period[row],
                medium: medium[row],
            },
            value,
            flag: flag[row],
            source: source[row],
            revision: revision.value(row),
            batch: batch_id[row],
            recorded_at: recorded_at.value(row),
        })
        .collect())
}
