//! One version of a table as DataFusion reads it: the active files of a Delta snapshot as a Parquet scan.
//!
//! The files are known from the log, so nothing is listed; files of other cities and months are left out when a
//! question is planned, other files by their least and greatest values, row groups and pages by Parquet's own
//! statistics. No session can reach a file that is not named here.

use crate::files::ActiveFile;
use crate::lake::{active_files, version};
use crate::{LakeError, Table};
use async_trait::async_trait;
use datafusion::arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray};
use datafusion::arrow::datatypes::{FieldRef, Schema, SchemaRef};
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::stats::Precision;
use datafusion::common::{DFSchema, ScalarValue, Statistics};
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::parquet::CachedParquetFileReaderFactory;
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource};
use datafusion::datasource::source::DataSourceExec;
use datafusion::datasource::table_schema::TableSchema;
use datafusion::error::Result as QueryResult;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;
use deltalake::DeltaTable;
use object_store::ObjectStore;
use std::collections::HashSet;
use std::sync::Arc;

/// The only store that a session knows: the lake's own folder.
pub(crate) const STORE: &str = "lake://files";

/// One version of a table.
#[derive(Debug)]
pub(crate) struct LakeTable {
    table: Table,
    version: u64,
    files: Vec<File>,
}

#[derive(Clone, Debug)]
struct File {
    partitioned: PartitionedFile,
    partition: Vec<String>,
}

impl LakeTable {
    pub(crate) fn new(table: Table, delta: &DeltaTable) -> Result<Self, LakeError> {
        let mut files: Vec<File> = active_files(delta)?.iter().map(|file| File::new(table, file)).collect();
        // Old months first, so that a scan meets the rows in order of time.
        files.sort_unstable_by(|a, b| {
            (&a.partition, &a.partitioned.object_meta.location)
                .cmp(&(&b.partition, &b.partitioned.object_meta.location))
        });
        Ok(Self { table, version: version(delta), files })
    }

    pub(crate) const fn version(&self) -> u64 {
        self.version
    }

    fn partition_fields(&self) -> Vec<FieldRef> {
        self.table.schema().fields().iter().take(self.table.partition_width()).cloned().collect()
    }

    /// The files whose partition values every filter over partition columns lets through.
    fn matching(&self, session: &dyn Session, filters: &[Expr]) -> QueryResult<Vec<PartitionedFile>> {
        let fields = self.partition_fields();
        let names: HashSet<&str> = fields.iter().map(|field| field.name().as_str()).collect();
        let schema = Arc::new(Schema::new(fields.clone()));
        let columns: Vec<ArrayRef> = (0..fields.len())
            .map(|at| {
                Arc::new(StringArray::from_iter_values(self.files.iter().map(|file| file.partition[at].as_str())))
                    as ArrayRef
            })
            .collect();
        let batch = RecordBatch::try_new(Arc::clone(&schema), columns)?;
        let schema = DFSchema::try_from(schema)?;
        let mut keep = vec![true; self.files.len()];
        for filter in filters {
            let used = filter.column_refs();
            if used.is_empty() || !used.iter().all(|column| names.contains(column.name())) {
                continue;
            }
            let unqualified = strip_relations(filter.clone())?;
            let verdict = session.create_physical_expr(unqualified, &schema)?.evaluate(&batch)?;
            let verdict = verdict.into_array(batch.num_rows())?;
            let Some(verdict) = verdict.as_boolean_opt() else { continue };
            for (row, keep) in keep.iter_mut().enumerate() {
                *keep &= verdict.is_valid(row) && verdict.value(row);
            }
        }
        Ok(self.files.iter().zip(keep).filter(|(_, keep)| *keep).map(|(file, _)| file.partitioned.clone()).collect())
    }
}

impl File {
    fn new(table: Table, file: &ActiveFile) -> Self {
        let mut values = file.partition();
        let columns = table.partition_columns();
        let partition: Vec<String> =
            columns.iter().map(|name| values.remove(*name).flatten().unwrap_or_default()).collect();
        let mut statistics = Statistics::new_unknown(&table.file_schema());
        if let Some(rows) = file.view.num_records() {
            statistics.num_rows = Precision::Exact(rows);
        }
        statistics.total_byte_size = Precision::Inexact(usize::try_from(file.size).unwrap_or(usize::MAX));
        if let (Ok(at), Some(times)) = (table.file_schema().index_of("time"), &file.times) {
            let instant =
                |time: i64| Precision::Inexact(ScalarValue::TimestampMicrosecond(Some(time), Some("UTC".into())));
            statistics.column_statistics[at].min_value = instant(times.start);
            statistics.column_statistics[at].max_value = instant(times.end - 1);
        }
        let path = format!("{}/{}", table.name(), file.path);
        let partitioned = PartitionedFile::new(path, file.size)
            .with_partition_values(partition.iter().map(|value| ScalarValue::from(value.as_str())).collect())
            .with_statistics(Arc::new(statistics));
        Self { partitioned, partition }
    }
}

/// Columns of a filter carry the table's name or alias; the partition batch has none.
fn strip_relations(filter: Expr) -> QueryResult<Expr> {
    use datafusion::common::tree_node::{Transformed, TreeNode};
    filter
        .transform(|expr| {
            Ok(match expr {
                Expr::Column(mut column) if column.relation.is_some() => {
                    column.relation = None;
                    Transformed::yes(Expr::Column(column))
                }
                other => Transformed::no(other),
            })
        })
        .map(|done| done.data)
}

#[async_trait]
impl TableProvider for LakeTable {
    fn schema(&self) -> SchemaRef {
        self.table.schema()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> QueryResult<Vec<TableProviderFilterPushDown>> {
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    async fn scan(
        &self,
        session: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> QueryResult<Arc<dyn ExecutionPlan>> {
        let schema = self.table.schema();
        let chosen: Vec<usize> = projection.cloned().unwrap_or_else(|| (0..schema.fields().len()).collect());
        let files = self.matching(session, filters)?;
        if files.is_empty() {
            return Ok(Arc::new(EmptyExec::new(Arc::new(schema.project(&chosen)?))));
        }
        // In a scan the partition columns stand behind those of the files; in the table they stand in front.
        let (width, all) = (self.table.partition_width(), schema.fields().len());
        let places = chosen.iter().map(|&at| if at < width { all - width + at } else { at - width }).collect();

        let url = ObjectStoreUrl::parse(STORE)?;
        let runtime = session.runtime_env();
        let reader: Arc<CachedParquetFileReaderFactory> = Arc::new(CachedParquetFileReaderFactory::new(
            runtime.object_store(&url)?,
            runtime.cache_manager.get_file_metadata_cache(),
        ));
        let table_schema =
            TableSchema::builder(self.table.file_schema()).with_table_partition_cols(self.partition_fields()).build();
        let mut statistics = Statistics::new_unknown(table_schema.table_schema());
        statistics.num_rows = files
            .iter()
            .map(|file| file.statistics.as_ref().map_or(Precision::Absent, |s| s.num_rows))
            .fold(Precision::Exact(0), |sum, rows| sum.add(&rows));
        let source = ParquetSource::new(table_schema)
            .with_table_parquet_options(session.table_options().parquet.clone())
            .with_parquet_file_reader_factory(reader)
            .with_pushdown_filters(true)
            .with_enable_page_index(true);
        let groups = groups(files, session.config().target_partitions());
        let config = FileScanConfigBuilder::new(url, Arc::new(source))
            .with_file_groups(groups)
            .with_statistics(statistics)
            .with_projection_indices(Some(places))?
            .with_limit(limit.filter(|_| filters.is_empty()))
            .build();
        Ok(DataSourceExec::from_data_source(config))
    }
}

/// Deals the files out in turn, so that every thread reads months of the whole span.
fn groups(files: Vec<PartitionedFile>, count: usize) -> Vec<FileGroup> {
    let count = count.clamp(1, files.len());
    let mut dealt: Vec<Vec<PartitionedFile>> = vec![Vec::new(); count];
    for (at, file) in files.into_iter().enumerate() {
        dealt[at % count].push(file);
    }
    dealt.into_iter().map(FileGroup::new).collect()
}

/// The store that sessions see, below the lake's folder.
pub(crate) fn lake_store(location: &crate::Location) -> Arc<dyn ObjectStore> {
    Arc::new(object_store::prefix::PrefixStore::new(location.root(), location.prefix()))
}
