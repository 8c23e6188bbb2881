//! Files in and out, with limits: CSV, XLSX and Parquet columns; spatial files; edition folders.
//!
//! Reading never throws away: a row that cannot be used becomes a finding with file, line and field, and the good
//! rows are kept. Writing is all or nothing: a temporary file beside the target, then a rename.
//!
//! Two ways in: [`gather`] packs hourly air values for judging, fast and within a stated memory; [`TextTable`] reads
//! any table as text for imports; [`read_samples`] hands on samples of any medium row by row. [`read_features`] reads a spatial file of any format, [`FlatFile`] streams a large one
//! into flat buffers, [`edition`] reads and builds the folders of zoning editions. This crate judges nothing and stores nothing.

mod column_file;
mod columns;
pub mod edition;
mod findings;
mod gather;
mod layout;
mod lines;
mod output;
mod samples;
mod source;
mod spatial;
mod table;
mod values;

pub use findings::{Findings, Place};
pub use gather::{GatherOptions, GatheredHours, StationKey, gather};
pub use layout::{Label, Layout, Shape, WideColumn};
pub use output::{ColumnKind, ColumnSpec, OutputError, OutputFormat, TableWriter, write_xlsx};
pub use samples::{SampleOptions, SampleRow, SampleStations, read_samples};
pub use source::{SourceColumn, SourceError, SourceMapping, Target};
pub use spatial::{
    DeclaredCrs, Feature, FeatureTable, FieldAliases, FieldError, FlatBatch, FlatFile, FlatIds, FlatKind, Limits,
    ReadOptions, Source, SpatialError, SpatialFormat, push_geojson, read_features, write_flatgeobuf, write_geojson,
    write_geopackage, write_wkt,
};
pub use table::{TableError, TableFormat, TextTable};
pub use values::{CellValue, is_no_value, read_value};
