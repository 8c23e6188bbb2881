//! Keeping files few: compaction and vacuum. The logs of the tables are never cleaned.

use crate::files::{self, ActiveFile};
use crate::lake::{CommitError, active_files};
use crate::{Lake, LakeError, Table};
use deltalake::kernel::Action;
use deltalake::operations::vacuum::VacuumMode;
use deltalake::protocol::DeltaOperation;
use std::collections::BTreeMap;

/// The size that the log names for compacted files; a partition is one file whatever its size.
const TARGET_BYTES: i64 = 128 << 20;

/// What a compaction did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct CompactReport {
    /// Partitions written anew.
    pub partitions: usize,
    /// Files that were merged.
    pub files_before: usize,
    /// Files that took their place.
    pub files_after: usize,
}

/// What a vacuum did.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct VacuumReport {
    /// Files deleted, by table.
    pub deleted: BTreeMap<&'static str, usize>,
    /// Versions kept for pins, by table.
    pub kept_versions: BTreeMap<&'static str, Vec<u64>>,
}

impl Lake {
    /// Merges the files of every partition that has more than `files_max` into one sorted file.
    ///
    /// Readers see the same rows before and after. Each table is one commit; when a writer is faster, the table is
    /// left for the next time.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn compact(&self, files_max: usize) -> Result<CompactReport, LakeError> {
        let mut report = CompactReport::default();
        for table in Table::ALL {
            let done = self.compact_table(table, files_max.max(1)).await?;
            report.partitions += done.partitions;
            report.files_before += done.files_before;
            report.files_after += done.files_after;
        }
        Ok(report)
    }

    async fn compact_table(&self, table: Table, files_max: usize) -> Result<CompactReport, LakeError> {
        let _turn = self.inner.writing.lock().await;
        let delta = self.newest(table).await?;
        let store = delta.object_store();
        let columns = table.partition_columns();
        let mut partitions: BTreeMap<Vec<String>, Vec<ActiveFile>> = BTreeMap::new();
        for file in active_files(&delta)? {
            let mut values = file.partition();
            let key = columns.iter().map(|name| values.remove(*name).flatten().unwrap_or_default()).collect();
            partitions.entry(key).or_default().push(file);
        }
        partitions.retain(|_, files| files.len() > files_max);
        let mut report = CompactReport::default();
        let mut actions = Vec::new();
        for (values, files) in &partitions {
            let mut batches = Vec::new();
            for file in files {
                batches.extend(files::read(&*store, table, &file.path).await?);
            }
            let merged = files::sorted(table, &batches)?;
            let partition: Vec<(&str, &str)> = columns.iter().copied().zip(values.iter().map(String::as_str)).collect();
            actions.push(Action::Add(files::write(&*store, table, &partition, &merged, false).await?));
            actions.extend(files.iter().map(|file| Action::Remove(file.view.remove_action(false))));
            report.partitions += 1;
            report.files_before += files.len();
            report.files_after += 1;
        }
        if actions.is_empty() {
            return Ok(report);
        }
        let operation = DeltaOperation::Optimize { predicate: None, target_size: TARGET_BYTES };
        match self.commit(table, &delta, actions, None, operation).await {
            Ok(_) => Ok(report),
            Err(CommitError::Overtaken) => Ok(CompactReport::default()),
            Err(CommitError::Failed(error)) => Err(error),
        }
    }

    /// Deletes data files that no version names which must stay readable: the newest, the pinned ones, and those that
    /// were the newest within the last `keep_hours`.
    ///
    /// Files that a crash left without a commit go too, once they are older than `keep_hours`. Whoever gives 0 must
    /// know that nobody is writing or reading.
    ///
    /// # Errors
    /// When a pin cannot be read or names a version that cannot be opened (nothing is deleted then), or the store
    /// fails.
    pub async fn vacuum(&self, keep_hours: u32) -> Result<VacuumReport, LakeError> {
        let _turn = self.inner.writing.lock().await;
        let pins = self.pins().await?;
        let mut keep: BTreeMap<&'static str, Vec<u64>> = BTreeMap::new();
        for table in Table::ALL {
            let mut versions: Vec<u64> = pins.iter().filter_map(|pin| pin.version(table)).collect();
            versions.sort_unstable();
            versions.dedup();
            for version in &versions {
                self.at_version(table, *version).await?;
            }
            keep.insert(table.name(), versions);
        }
        let mut report = VacuumReport { kept_versions: keep, ..VacuumReport::default() };
        for table in Table::ALL {
            let delta = self.newest(table).await?;
            let versions = report.kept_versions.get(table.name()).cloned().unwrap_or_default();
            let (_, done) = delta
                .vacuum()
                .with_mode(VacuumMode::Full)
                .with_retention_period(chrono::Duration::hours(i64::from(keep_hours)))
                .with_enforce_retention_duration(false)
                .with_keep_versions(&versions)
                .await
                .map_err(LakeError::delta(format!("vacuuming table {}", table.name())))?;
            report.deleted.insert(table.name(), done.files_deleted.len());
        }
        Ok(report)
    }
}
