//! Read-only questions over one version of every table.

use crate::guard::{self, one_line};
use crate::provider::{LakeTable, STORE, lake_store};
use crate::{Answer, Lake, LakeError, Location, Refusal, Table, Versions, functions};
use datafusion::catalog::{
    CatalogProvider, MemoryCatalogProvider, MemorySchemaProvider, SchemaProvider, TableProvider,
};
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{ParamValues, ScalarValue};
use datafusion::error::DataFusionError;
use datafusion::execution::SessionStateDefaults;
use datafusion::execution::cache::cache_manager::{CacheManagerConfig, FileMetadataCache};
use datafusion::execution::cache::default_cache::DefaultCache;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::object_store::ObjectStoreRegistry;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::execution::session_state::{SessionState, SessionStateBuilder};
use datafusion::physical_plan::coop::CooperativeExec;
use datafusion::physical_plan::{ExecutionPlan, execute_stream};
use datafusion::prelude::{DataFrame, SQLOptions, SessionConfig, SessionContext};
use object_store::ObjectStore;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;
use url::Url;

const CATALOG: &str = "yundang";
const SCHEMA: &str = "lake";
/// Threads that answer one question.
const QUESTION_THREADS: usize = 2;
/// Footers and page indexes of data files that stay in memory.
const FOOTER_BYTES_MAX: usize = 256 << 20;
/// Versions of one table whose file lists stay in memory.
const VERSIONS_MAX: usize = 8;

/// What one question may use.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Rows of the answer.
    pub rows_max: usize,
    /// Seconds from planning to the last row.
    pub seconds_max: u64,
    /// Memory of sorts, joins and groups.
    pub memory_bytes_max: usize,
    /// Temporary files, when memory is not enough.
    pub spill_bytes_max: u64,
}

impl Limits {
    /// For `yundang sql`: a million rows, a minute, 512 MB.
    pub const FREE: Self =
        Self { rows_max: 1_000_000, seconds_max: 60, memory_bytes_max: 512 << 20, spill_bytes_max: 4 << 30 };
    /// For the questions of the program itself.
    pub const OWN: Self =
        Self { rows_max: 5_000_000, seconds_max: 120, memory_bytes_max: 1 << 30, spill_bytes_max: 8 << 30 };
}

/// A value that is bound to a `$name` of a question.
#[derive(Clone, PartialEq, Debug)]
pub enum Parameter {
    /// A text.
    Text(String),
    /// A whole number.
    Count(i64),
    /// A number.
    Number(f64),
    /// A day.
    Day(norms::Day),
    /// An instant, microseconds since 1970-01-01T00:00Z.
    Instant(i64),
}

impl From<&Parameter> for ScalarValue {
    fn from(parameter: &Parameter) -> Self {
        match parameter {
            Parameter::Text(text) => Self::from(text.as_str()),
            Parameter::Count(count) => Self::from(*count),
            Parameter::Number(number) => Self::from(*number),
            Parameter::Day(day) => Self::Date32(Some(day.0)),
            Parameter::Instant(micros) => Self::TimestampMicrosecond(Some(*micros), Some("UTC".into())),
        }
    }
}

/// What sessions of one lake share.
pub(crate) struct Reading {
    store: Arc<dyn ObjectStore>,
    footers: Arc<FileMetadataCache>,
    tables: Mutex<HashMap<Table, Vec<Arc<LakeTable>>>>,
    norms: OnceLock<Arc<norms::Norms>>,
    template: OnceLock<SessionState>,
}

impl std::fmt::Debug for Reading {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reading").field("store", &self.store).finish_non_exhaustive()
    }
}

impl Reading {
    pub(crate) fn new(location: &Location) -> Self {
        Self {
            store: lake_store(location),
            footers: Arc::new(DefaultCache::new(FOOTER_BYTES_MAX)),
            tables: Mutex::default(),
            norms: OnceLock::new(),
            template: OnceLock::new(),
        }
    }

    fn remembered(&self, table: Table, version: u64) -> Option<Arc<LakeTable>> {
        let tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        tables.get(&table)?.iter().find(|known| known.version() == version).cloned()
    }

    fn remember(&self, table: Table, provider: &Arc<LakeTable>) {
        let mut tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        let known = tables.entry(table).or_default();
        if known.len() == VERSIONS_MAX {
            known.remove(0);
        }
        known.push(Arc::clone(provider));
    }
}

impl Lake {
    /// Gives the sessions of this lake the norms that the SQL functions judge by. Call it once, before the first
    /// session; without it a question that uses such a function is refused.
    #[must_use]
    pub fn with_norms(self, norms: Arc<norms::Norms>) -> Self {
        let _ = self.inner.reading.norms.set(norms);
        self
    }

    /// A session over the newest version of every table.
    ///
    /// # Errors
    /// When a log cannot be read.
    pub async fn session(&self, limits: Limits) -> Result<Session, LakeError> {
        let mut tables = Vec::with_capacity(Table::ALL.len());
        for table in Table::ALL {
            let delta = self.newest(table).await?;
            let version = crate::lake::version(&delta);
            let provider = match self.inner.reading.remembered(table, version) {
                Some(known) => known,
                None => {
                    let provider = Arc::new(LakeTable::new(table, &delta)?);
                    self.inner.reading.remember(table, &provider);
                    provider
                }
            };
            tables.push((table, provider));
        }
        self.session_over(tables, limits)
    }

    /// A session over given versions, such as those of a pin. Tables that have none are not there.
    ///
    /// # Errors
    /// When a version cannot be opened.
    pub async fn session_at(&self, versions: &Versions, limits: Limits) -> Result<Session, LakeError> {
        let mut tables = Vec::with_capacity(Table::ALL.len());
        for table in Table::ALL {
            let Some(version) = versions.of(table) else { continue };
            let provider = match self.inner.reading.remembered(table, version) {
                Some(known) => known,
                None => {
                    let delta = self.at_version(table, version).await?;
                    let provider = Arc::new(LakeTable::new(table, &delta)?);
                    self.inner.reading.remember(table, &provider);
                    provider
                }
            };
            tables.push((table, provider));
        }
        self.session_over(tables, limits)
    }

    fn session_over(&self, tables: Vec<(Table, Arc<LakeTable>)>, limits: Limits) -> Result<Session, LakeError> {
        let failed = |source: DataFusionError| LakeError::Query { source: Box::new(source) };
        let reading = &self.inner.reading;
        let schema = MemorySchemaProvider::new();
        let versions = tables.iter().map(|(table, provider)| (*table, provider.version())).collect();
        for (table, provider) in tables {
            schema.register_table(table.name().to_owned(), provider).map_err(failed)?;
        }
        let catalog = MemoryCatalogProvider::new();
        catalog.register_schema(SCHEMA, Arc::new(schema)).map_err(failed)?;

        let disk = DiskManagerBuilder::default()
            .with_mode(DiskManagerMode::OsTmpDirectory)
            .with_max_temp_directory_size(limits.spill_bytes_max);
        let runtime = RuntimeEnvBuilder::new()
            .with_object_store_registry(Arc::new(OnlyTheLake(Arc::clone(&reading.store))))
            .with_memory_pool(Arc::new(FairSpillPool::new(limits.memory_bytes_max)))
            .with_disk_manager_builder(disk)
            .with_cache_manager(
                CacheManagerConfig::default().with_file_metadata_cache(Some(Arc::clone(&reading.footers))),
            )
            .build_arc()
            .map_err(failed)?;
        let template = reading.template.get_or_init(|| template(reading.norms.get()));
        let state = SessionStateBuilder::new_from_existing(template.clone()).with_runtime_env(runtime).build();
        let context = SessionContext::new_with_state(state);
        context.register_catalog(CATALOG, Arc::new(catalog));
        Ok(Session { context, limits, versions })
    }
}

/// Planner, optimizer and functions; the same for every session of a lake.
fn template(norms: Option<&Arc<norms::Norms>>) -> SessionState {
    let mut config = SessionConfig::new()
        .with_target_partitions(QUESTION_THREADS)
        .with_default_catalog_and_schema(CATALOG, SCHEMA)
        .with_create_default_catalog_and_schema(false)
        .with_information_schema(false)
        .with_parquet_page_index_pruning(true);
    let options = config.options_mut();
    options.execution.parquet.pushdown_filters = true;
    options.execution.parquet.reorder_filters = true;
    options.execution.enable_recursive_ctes = false;
    options.execution.time_zone = Some("+08:00".into());
    let withheld = |name: &str| guard::WITHHELD.contains(&name);
    let state = SessionStateBuilder::new()
        .with_config(config)
        .with_expr_planners(SessionStateDefaults::default_expr_planners())
        .with_scalar_functions(
            SessionStateDefaults::default_scalar_functions().into_iter().filter(|f| !withheld(f.name())).collect(),
        )
        .with_aggregate_functions(SessionStateDefaults::default_aggregate_functions())
        .with_window_functions(SessionStateDefaults::default_window_functions())
        .build();
    let context = SessionContext::new_with_state(state);
    functions::register_time(&context);
    if let Some(norms) = norms {
        functions::register_functions(&context, norms);
    }
    context.state()
}

/// A read-only view of one version of every table. Cheap to make; make one for each answer or report.
pub struct Session {
    context: SessionContext,
    limits: Limits,
    versions: Versions,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("limits", &self.limits)
            .field("versions", &self.versions)
            .finish_non_exhaustive()
    }
}

impl Session {
    /// The version of each table that this session reads.
    #[must_use]
    pub const fn versions(&self) -> &Versions {
        &self.versions
    }

    /// Puts a table of memory beside those of the lake.
    pub(crate) fn register(&self, name: &str, table: Arc<dyn TableProvider>) -> datafusion::error::Result<()> {
        self.context.register_table(name, table).map(|_| ())
    }

    /// Answers a question that anybody wrote: exactly one SELECT, within the limits.
    ///
    /// # Errors
    /// [`LakeError::Refused`] with a sentence in Chinese and English, or a failure of the store.
    pub async fn select(&self, sql: &str) -> Result<Answer, LakeError> {
        self.ask(sql, &[]).await
    }

    /// Answers a question with values bound to its `$name`s. It goes through the same door as [`Self::select`].
    ///
    /// # Errors
    /// As [`Self::select`].
    pub async fn ask(&self, sql: &str, parameters: &[(&str, Parameter)]) -> Result<Answer, LakeError> {
        let statement = guard::check(sql)?;
        let limits = self.limits;
        let deadline = tokio::time::Instant::now() + Duration::from_secs(limits.seconds_max);
        let planned = async {
            let state = self.context.state();
            let plan = state.statement_to_plan(statement).await?;
            SQLOptions::new()
                .with_allow_ddl(false)
                .with_allow_dml(false)
                .with_allow_statements(false)
                .verify_plan(&plan)?;
            let mut frame = DataFrame::new(state, plan);
            if !parameters.is_empty() {
                let values: HashMap<String, ScalarValue> =
                    parameters.iter().map(|(name, value)| ((*name).to_owned(), value.into())).collect();
                frame = frame.with_param_values(ParamValues::from(values))?;
            }
            let plan = frame.limit(0, Some(limits.rows_max.saturating_add(1)))?.create_physical_plan().await?;
            execute_stream(interruptible(plan)?, self.context.task_ctx())
        };
        match tokio::time::timeout_at(deadline, planned).await {
            Ok(Ok(stream)) => Ok(Answer::new(stream, deadline, limits)),
            Ok(Err(error)) => Err(told(error, &limits)),
            Err(_) => Err(Refusal::Seconds(limits.seconds_max).into()),
        }
    }
}

/// Lets joins give way to the clock. The engine does so at the leaves of a plan only, and a join of small tables that
/// makes billions of rows out of a few would never look up from its work.
fn interruptible(plan: Arc<dyn ExecutionPlan>) -> datafusion::error::Result<Arc<dyn ExecutionPlan>> {
    plan.transform_up(|node| {
        Ok(if node.name().ends_with("JoinExec") {
            Transformed::yes(Arc::new(CooperativeExec::new(node)) as Arc<dyn ExecutionPlan>)
        } else {
            Transformed::no(node)
        })
    })
    .map(|done| done.data)
}

/// Turns what the engine says into a refusal where the question is to blame, and into a failure where it is not.
pub(crate) fn told(error: DataFusionError, limits: &Limits) -> LakeError {
    match error.find_root() {
        DataFusionError::ResourcesExhausted(_) => Refusal::Memory(limits.memory_bytes_max).into(),
        DataFusionError::ObjectStore(_) | DataFusionError::IoError(_) | DataFusionError::Internal(_) => {
            LakeError::Query { source: Box::new(error) }
        }
        root => {
            let text = one_line(&root.strip_backtrace());
            let kinds =
                ["Error during planning: ", "Schema error: ", "Execution error: ", "This feature is not implemented: "];
            let plain = kinds.iter().fold(text.as_str(), |text, kind| text.rsplit(kind).next().unwrap_or(text));
            if let Some(name) = plain.strip_prefix("Invalid function '").and_then(|rest| rest.split('\'').next()) {
                return Refusal::Function(name.to_owned()).into();
            }
            Refusal::Meaning(plain.to_owned()).into()
        }
    }
}

/// A registry in which there is one store, and nothing else can be put.
#[derive(Debug)]
struct OnlyTheLake(Arc<dyn ObjectStore>);

impl ObjectStoreRegistry for OnlyTheLake {
    fn register_store(&self, _: &Url, _: Arc<dyn ObjectStore>) -> Option<Arc<dyn ObjectStore>> {
        None
    }

    fn get_store(&self, url: &Url) -> datafusion::error::Result<Arc<dyn ObjectStore>> {
        if url.as_str().starts_with(STORE) {
            return Ok(Arc::clone(&self.0));
        }
        Err(DataFusionError::Plan(format!("{url} is not in the lake")))
    }
}
