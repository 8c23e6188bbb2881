//! A lake: its tables, their newest versions, and the one way to commit to them.

use crate::files::ActiveFile;
use crate::tables::SCHEMA_VERSION_KEY;
use crate::{LakeError, Location, SCHEMA_VERSION, Table};
use deltalake::kernel::transaction::{CommitBuilder, CommitProperties, TransactionError};
use deltalake::kernel::{Action, Transaction};
use deltalake::logstore::{StorageConfig, commit_uri_from_version, default_logstore};
use deltalake::protocol::DeltaOperation;
use deltalake::{DeltaTable, DeltaTableError};
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{ObjectStore, ObjectStoreExt};
use std::sync::Arc;
use tokio::sync::Mutex;

/// A log has a checkpoint every so many commits.
const CHECKPOINT_COMMITS: u64 = 20;

/// Tables of observations and registers on a folder or in a bucket.
///
/// Cheap to clone; clones share what they know of the newest versions. Writers of one process take turns; writers of
/// several processes or machines are kept apart by Delta's optimistic commits.
#[derive(Clone, Debug)]
pub struct Lake {
    pub(crate) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) location: Location,
    tables: [Mutex<DeltaTable>; Table::ALL.len()],
    /// Held while a batch is planned and committed, so that threads of one process do not plan in vain.
    pub(crate) writing: Mutex<()>,
    pub(crate) reading: crate::session::Reading,
}

/// Why a commit was not made.
#[derive(Debug)]
pub(crate) enum CommitError {
    /// Somebody else committed first: plan again.
    Overtaken,
    /// Something failed.
    Failed(LakeError),
}

impl Lake {
    /// Makes an empty lake in a folder or under an S3 prefix.
    ///
    /// A creation that was interrupted is taken up where it stopped.
    ///
    /// # Errors
    /// When there is a lake already, or the tables cannot be written.
    pub async fn create(location: &Location) -> Result<Self, LakeError> {
        let mut made = false;
        for table in Table::ALL {
            let delta = delta_table(location, table)?;
            if exists(&delta).await? {
                continue;
            }
            made = true;
            make(table, delta).await?;
        }
        if !made {
            return Err(LakeError::AlreadyALake { location: location.text().to_owned() });
        }
        Self::open(location).await
    }

    /// Opens a lake. Tables that a newer schema version brought are made in an older lake.
    ///
    /// # Errors
    /// When there is none, or a newer program wrote it.
    pub async fn open(location: &Location) -> Result<Self, LakeError> {
        let mut tables = Vec::with_capacity(Table::ALL.len());
        for table in Table::ALL {
            let mut delta = delta_table(location, table)?;
            if !exists(&delta).await? {
                // The tables of the first schema version come first, so a folder without them is no lake.
                if table.since() == 1 {
                    return Err(LakeError::NotALake { location: location.text().to_owned(), table: table.name() });
                }
                make(table, delta_table(location, table)?).await?;
            }
            delta.load().await.map_err(LakeError::delta(format!("opening table {}", table.name())))?;
            check_table(table, &delta)?;
            tables.push(Mutex::new(delta));
        }
        let tables: [Mutex<DeltaTable>; Table::ALL.len()] = tables
            .try_into()
            .map_err(|_| LakeError::NotALake { location: location.text().to_owned(), table: Table::ALL[0].name() })?;
        let reading = crate::session::Reading::new(location);
        Ok(Self { inner: Arc::new(Inner { location: location.clone(), tables, writing: Mutex::new(()), reading }) })
    }

    /// Opens the lake, or makes it when there is none.
    ///
    /// # Errors
    /// As [`Self::open`] and [`Self::create`].
    pub async fn open_or_create(location: &Location) -> Result<Self, LakeError> {
        match Self::create(location).await {
            Err(LakeError::AlreadyALake { .. }) => Self::open(location).await,
            other => other,
        }
    }

    /// Where it lies.
    #[must_use]
    pub fn location(&self) -> &Location {
        &self.inner.location
    }

    /// The newest version of a table.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn version(&self, table: Table) -> Result<u64, LakeError> {
        Ok(version(&self.newest(table).await?))
    }

    /// The data files of the newest snapshot of a table, relative to the table's folder, in no order.
    ///
    /// Any reader of Parquet may read them; the partition columns are in the folder names.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn files(&self, table: Table) -> Result<Vec<String>, LakeError> {
        Ok(active_files(&self.newest(table).await?)?.into_iter().map(|file| file.path.to_string()).collect())
    }

    /// The table at its newest version. Costs one look for the next log entry when nothing changed.
    pub(crate) async fn newest(&self, table: Table) -> Result<DeltaTable, LakeError> {
        let mut delta = self.inner.tables[table as usize].lock().await;
        let next = commit_uri_from_version(Some(version(&delta) + 1));
        match delta.object_store().head(&next).await {
            Err(object_store::Error::NotFound { .. }) => {}
            Err(error) => return Err(LakeError::storage(format!("looking for {next} of {}", table.name()))(error)),
            Ok(_) => {
                delta.update_state().await.map_err(LakeError::delta(format!("reading the log of {}", table.name())))?;
                check_table(table, &delta)?;
            }
        }
        Ok(delta.clone())
    }

    /// The table at a version.
    pub(crate) async fn at_version(&self, table: Table, version: u64) -> Result<DeltaTable, LakeError> {
        let mut delta = delta_table(&self.inner.location, table)?;
        delta
            .load_version(version)
            .await
            .map_err(LakeError::delta(format!("opening table {} at version {version}", table.name())))?;
        Ok(delta)
    }

    /// Commits actions on top of exactly the version that was planned on.
    pub(crate) async fn commit(
        &self,
        table: Table,
        planned_on: &DeltaTable,
        actions: Vec<Action>,
        transaction: Option<Transaction>,
        operation: DeltaOperation,
    ) -> Result<u64, CommitError> {
        let what = || format!("committing to table {}", table.name());
        let state = planned_on.snapshot().map_err(|e| CommitError::Failed(LakeError::delta(what())(e)))?;
        // No retries inside: whoever was overtaken has planned on old rows. No checkpoint inside: its failure would
        // look like the failure of a commit that was made.
        let properties = CommitProperties::default()
            .with_max_retries(0)
            .with_create_checkpoint(false)
            .with_cleanup_expired_logs(Some(false))
            .with_application_transactions(transaction.into_iter().collect());
        let committed = CommitBuilder::from(properties)
            .with_actions(actions)
            .build(Some(state.snapshot()), planned_on.log_store(), operation)
            .await;
        match committed {
            Ok(done) => {
                self.checkpoint(table, done.version()).await;
                Ok(done.version())
            }
            Err(
                DeltaTableError::VersionAlreadyExists(_)
                | DeltaTableError::Transaction {
                    source: TransactionError::MaxCommitAttempts(_) | TransactionError::CommitConflict(_),
                },
            ) => Err(CommitError::Overtaken),
            Err(error) => Err(CommitError::Failed(LakeError::delta(what())(error))),
        }
    }

    /// Writes a checkpoint now and then. It only makes opening faster, so its failure is no failure of a commit.
    async fn checkpoint(&self, table: Table, version: u64) {
        if !(version + 1).is_multiple_of(CHECKPOINT_COMMITS) {
            return;
        }
        let made = async {
            let delta = self.newest(table).await?;
            deltalake::checkpoints::create_checkpoint(&delta, None)
                .await
                .map_err(LakeError::delta(format!("writing a checkpoint of {}", table.name())))
        };
        if let Err(error) = made.await {
            tracing::warn!(table = table.name(), version, %error, "no checkpoint was written");
        }
    }
}

fn delta_table(location: &Location, table: Table) -> Result<DeltaTable, LakeError> {
    let url = location.table_url(table.name())?;
    let prefixed: Arc<dyn ObjectStore> = Arc::new(PrefixStore::new(location.root(), location.path(table.name())));
    Ok(DeltaTable::new(default_logstore(prefixed, location.root(), &url, &StorageConfig::default())))
}

async fn make(table: Table, delta: DeltaTable) -> Result<(), LakeError> {
    let result = delta
        .create()
        .with_table_name(table.name())
        .with_comment(table.comment())
        .with_columns(table.delta_columns())
        .with_partition_columns(table.partition_columns())
        .with_configuration(Table::properties().map(|(key, value)| (key, Some(value))))
        .with_raise_if_key_not_exists(false)
        .await;
    match result {
        // Another process made it in this moment: as good as ours.
        Ok(_) | Err(DeltaTableError::VersionAlreadyExists(_)) => Ok(()),
        Err(error) => Err(LakeError::delta(format!("making table {}", table.name()))(error)),
    }
}

async fn exists(delta: &DeltaTable) -> Result<bool, LakeError> {
    match delta.verify_deltatable_existence().await {
        Ok(found) => Ok(found),
        Err(DeltaTableError::ObjectStore { source: object_store::Error::NotFound { .. } }) => Ok(false),
        Err(error) => Err(LakeError::delta(format!("looking for a table at {}", delta.table_url()))(error)),
    }
}

/// Refuses a table that a newer program wrote, or whose protocol asks for more than plain files and partitions.
fn check_table(table: Table, delta: &DeltaTable) -> Result<(), LakeError> {
    let foreign = |why: String| LakeError::Foreign { table: table.name(), why };
    let state = delta.snapshot().map_err(LakeError::delta(format!("opening table {}", table.name())))?;
    let metadata = state.metadata();
    let found = metadata.configuration().get(SCHEMA_VERSION_KEY).and_then(|text| text.parse::<u32>().ok());
    match found {
        None => return Err(foreign(format!("it has no property {SCHEMA_VERSION_KEY}"))),
        Some(found) if found > SCHEMA_VERSION => {
            return Err(foreign(format!("it has schema version {found}, this program knows {SCHEMA_VERSION}")));
        }
        Some(_) => {}
    }
    let protocol = state.protocol();
    if protocol.min_reader_version() > 1 {
        let version = protocol.min_reader_version();
        return Err(foreign(format!("its log asks for reader version {version}, this program reads 1")));
    }
    Ok(())
}

pub(crate) fn version(delta: &DeltaTable) -> u64 {
    delta.version().unwrap_or_default()
}

/// The files of a snapshot.
pub(crate) fn active_files(delta: &DeltaTable) -> Result<Vec<ActiveFile>, LakeError> {
    let state = delta.snapshot().map_err(LakeError::delta("listing data files"))?;
    let data = state.snapshot().try_log_data().map_err(LakeError::delta("listing data files"))?;
    Ok(data.iter().map(ActiveFile::new).collect())
}

/// The path of something that is not a table.
pub(crate) fn aside(location: &Location, name: &str) -> Path {
    location.path(name)
}
