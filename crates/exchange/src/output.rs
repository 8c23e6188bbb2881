//! Tables out: CSV (plain or gzip) and Parquet with the same columns, XLSX for people. All or nothing.

use datafusion::arrow::array::{ArrayRef, Float64Builder, Int32Builder, Int64Builder, StringBuilder};
use datafusion::arrow::datatypes::{DataType, Field, Schema};
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::basic::{Compression, ZstdLevel};
use datafusion::parquet::file::properties::WriterProperties;
use norms::Rounded;
use std::fs::File;
use std::io::{BufWriter, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::NamedTempFile;

/// Rows in a Parquet row group, and buffered before they are written.
const ROWS_PER_GROUP: usize = 1 << 16;

/// The format of an answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OutputFormat {
    /// Comma-separated text.
    Csv,
    /// Gzipped comma-separated text.
    CsvGz,
    /// Parquet.
    Parquet,
}

impl OutputFormat {
    /// The format of a file name; `None` when its end names none of ours. `-` is CSV.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        if name == "-" || name.ends_with(".csv") {
            Some(Self::Csv)
        } else if name.ends_with(".csv.gz") {
            Some(Self::CsvGz)
        } else if name.ends_with(".parquet") {
            Some(Self::Parquet)
        } else {
            None
        }
    }
}

/// Why a table cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// Writing failed.
    #[error("{path}: 无法写入 / cannot be written: {source}")]
    Io {
        /// Path as the user named it.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// Parquet refused the rows.
    #[error("{path}: 无法写成Parquet / cannot be written as Parquet: {source}")]
    Parquet {
        /// Path as the user named it.
        path: String,
        /// Why.
        source: datafusion::parquet::errors::ParquetError,
    },
}

/// The type of a column.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ColumnKind {
    /// Text.
    Text,
    /// 32-bit whole number.
    Int,
    /// 64-bit whole number.
    Long,
    /// Number with decimals; 64-bit float in Parquet.
    Number,
}

/// A column of an answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ColumnSpec {
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: ColumnKind,
}

impl ColumnSpec {
    /// A column.
    #[must_use]
    pub fn new(name: &str, kind: ColumnKind) -> Self {
        Self { name: name.to_owned(), kind }
    }
}

/// Writes rows cell by cell, in the order of the columns. Nothing stands at the target before [`TableWriter::finish`].
pub struct TableWriter {
    path: String,
    columns: Vec<ColumnSpec>,
    at: usize,
    sink: Sink,
}

enum Sink {
    Text {
        out: TextOut,
        line: Vec<u8>,
    },
    Parquet {
        writer: Box<ArrowWriter<BufWriter<NamedTempFile>>>,
        target: PathBuf,
        schema: Arc<Schema>,
        cells: Vec<Builder>,
        rows: usize,
    },
}

enum TextOut {
    Stdout(BufWriter<std::io::Stdout>),
    File(BufWriter<NamedTempFile>, PathBuf),
    Gzip(Box<flate2::write::GzEncoder<BufWriter<NamedTempFile>>>, PathBuf),
}

impl Write for TextOut {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match self {
            Self::Stdout(out) => out.write(bytes),
            Self::File(out, _) => out.write(bytes),
            Self::Gzip(out, _) => out.write(bytes),
        }
    }
    fn flush(&mut self) -> std::io::Result<()> {
        match self {
            Self::Stdout(out) => out.flush(),
            Self::File(out, _) => out.flush(),
            Self::Gzip(out, _) => out.flush(),
        }
    }
}

enum Builder {
    Text(StringBuilder),
    Int(Int32Builder),
    Long(Int64Builder),
    Number(Float64Builder),
}

impl TableWriter {
    /// Starts a table at a path, or on standard output for `-`.
    ///
    /// # Errors
    /// When no file can be made beside the target.
    pub fn create(path: &str, format: OutputFormat, columns: Vec<ColumnSpec>) -> Result<Self, OutputError> {
        let io = |source| OutputError::Io { path: path.to_owned(), source };
        let target = PathBuf::from(path);
        let sink = match format {
            OutputFormat::Parquet => {
                let field = |column: &ColumnSpec| {
                    let kind = match column.kind {
                        ColumnKind::Text => DataType::Utf8,
                        ColumnKind::Int => DataType::Int32,
                        ColumnKind::Long => DataType::Int64,
                        ColumnKind::Number => DataType::Float64,
                    };
                    Field::new(&column.name, kind, true)
                };
                let schema = Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()));
                let properties = WriterProperties::builder()
                    .set_compression(Compression::ZSTD(ZstdLevel::default()))
                    .set_max_row_group_row_count(Some(ROWS_PER_GROUP))
                    .build();
                let out = BufWriter::new(beside(&target).map_err(io)?);
                let writer = ArrowWriter::try_new(out, Arc::clone(&schema), Some(properties))
                    .map_err(|source| OutputError::Parquet { path: path.to_owned(), source })?;
                let cells = columns.iter().map(Builder::of).collect();
                Sink::Parquet { writer: Box::new(writer), target, schema, cells, rows: 0 }
            }
            OutputFormat::Csv if path == "-" => {
                Sink::Text { out: TextOut::Stdout(BufWriter::new(std::io::stdout())), line: Vec::new() }
            }
            OutputFormat::Csv => {
                let out = BufWriter::with_capacity(1 << 18, beside(&target).map_err(io)?);
                Sink::Text { out: TextOut::File(out, target), line: Vec::new() }
            }
            OutputFormat::CsvGz => {
                let out = BufWriter::new(beside(&target).map_err(io)?);
                let encoder = flate2::write::GzEncoder::new(out, flate2::Compression::default());
                Sink::Text { out: TextOut::Gzip(Box::new(encoder), target), line: Vec::new() }
            }
        };
        let mut writer = Self { path: path.to_owned(), columns, at: 0, sink };
        if let Sink::Text { out, .. } = &mut writer.sink {
            let names: Vec<&str> = writer.columns.iter().map(|column| column.name.as_str()).collect();
            writeln!(out, "{}", names.join(",")).map_err(io)?;
        }
        Ok(writer)
    }

    fn io(&self, source: std::io::Error) -> OutputError {
        OutputError::Io { path: self.path.clone(), source }
    }

    /// Adds a text.
    pub fn text(&mut self, text: &str) {
        match &mut self.sink {
            Sink::Text { line, .. } => {
                separate(line, self.at);
                if text.bytes().any(|byte| matches!(byte, b',' | b'"' | b'\n' | b'\r')) {
                    line.push(b'"');
                    line.extend(text.replace('"', "\"\"").as_bytes());
                    line.push(b'"');
                } else {
                    line.extend(text.as_bytes());
                }
            }
            Sink::Parquet { cells, .. } => {
                if let Builder::Text(builder) = &mut cells[self.at] {
                    if text.is_empty() { builder.append_null() } else { builder.append_value(text) }
                } else {
                    debug_assert!(false, "a text where {:?} is due", self.columns[self.at]);
                }
            }
        }
        self.at += 1;
    }

    /// Adds a whole number.
    pub fn int(&mut self, value: Option<i64>) {
        match &mut self.sink {
            Sink::Text { line, .. } => {
                separate(line, self.at);
                if let Some(value) = value {
                    let _ = write!(line, "{value}");
                }
            }
            Sink::Parquet { cells, .. } => match &mut cells[self.at] {
                Builder::Int(builder) => builder.append_option(value.and_then(|value| i32::try_from(value).ok())),
                Builder::Long(builder) => builder.append_option(value),
                Builder::Text(_) | Builder::Number(_) => {
                    debug_assert!(false, "a whole number where {:?} is due", self.columns[self.at]);
                }
            },
        }
        self.at += 1;
    }

    /// Adds a rounded number.
    pub fn number(&mut self, value: Option<Rounded>) {
        match &mut self.sink {
            Sink::Text { line, .. } => {
                separate(line, self.at);
                if let Some(value) = value {
                    let _ = write!(line, "{value}");
                }
            }
            Sink::Parquet { cells, .. } => {
                if let Builder::Number(builder) = &mut cells[self.at] {
                    builder.append_option(value.map(Rounded::to_f64));
                } else {
                    debug_assert!(false, "a number where {:?} is due", self.columns[self.at]);
                }
            }
        }
        self.at += 1;
    }

    /// Adds a number as it was measured: in text with the fewest digits that mean it.
    pub fn float(&mut self, value: Option<f64>) {
        match &mut self.sink {
            Sink::Text { line, .. } => {
                separate(line, self.at);
                if let Some(value) = value {
                    let _ = write!(line, "{value}");
                }
            }
            Sink::Parquet { cells, .. } => {
                if let Builder::Number(builder) = &mut cells[self.at] {
                    builder.append_option(value);
                } else {
                    debug_assert!(false, "a number where {:?} is due", self.columns[self.at]);
                }
            }
        }
        self.at += 1;
    }

    /// Ends a row.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn end_row(&mut self) -> Result<(), OutputError> {
        debug_assert_eq!(self.at, self.columns.len(), "every cell of a row is written");
        self.at = 0;
        let written = match &mut self.sink {
            Sink::Text { out, line } => {
                line.push(b'\n');
                let written = out.write_all(line);
                line.clear();
                written
            }
            Sink::Parquet { rows, .. } => {
                *rows += 1;
                if *rows >= ROWS_PER_GROUP {
                    return self.write_group();
                }
                Ok(())
            }
        };
        written.map_err(|source| self.io(source))
    }

    fn write_group(&mut self) -> Result<(), OutputError> {
        let Sink::Parquet { writer, schema, cells, rows, .. } = &mut self.sink else { return Ok(()) };
        *rows = 0;
        let arrays = cells.iter_mut().map(Builder::finish).collect();
        RecordBatch::try_new(Arc::clone(schema), arrays)
            .map_err(Into::into)
            .and_then(|batch| writer.write(&batch))
            .map_err(|source| OutputError::Parquet { path: self.path.clone(), source })
    }

    /// Writes what is left, makes it durable and puts it in the target's place.
    ///
    /// # Errors
    /// When it cannot be written; then the target is as it was.
    pub fn finish(mut self) -> Result<(), OutputError> {
        self.write_group()?;
        let path = self.path.clone();
        let io = |source| OutputError::Io { path: path.clone(), source };
        match self.sink {
            Sink::Text { out: TextOut::Stdout(mut out), .. } => out.flush().map_err(io),
            Sink::Text { out: TextOut::File(out, target), .. } => put(out, &target).map_err(io),
            Sink::Text { out: TextOut::Gzip(encoder, target), .. } => {
                encoder.finish().and_then(|out| put(out, &target)).map_err(io)
            }
            Sink::Parquet { writer, target, .. } => {
                let out = writer.into_inner().map_err(|source| OutputError::Parquet { path: path.clone(), source })?;
                put(out, &target).map_err(io)
            }
        }
    }
}

impl Builder {
    fn of(column: &ColumnSpec) -> Self {
        match column.kind {
            ColumnKind::Text => Self::Text(StringBuilder::new()),
            ColumnKind::Int => Self::Int(Int32Builder::new()),
            ColumnKind::Long => Self::Long(Int64Builder::new()),
            ColumnKind::Number => Self::Number(Float64Builder::new()),
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Text(builder) => Arc::new(builder.finish()),
            Self::Int(builder) => Arc::new(builder.finish()),
            Self::Long(builder) => Arc::new(builder.finish()),
            Self::Number(builder) => Arc::new(builder.finish()),
        }
    }
}

fn separate(line: &mut Vec<u8>, at: usize) {
    if at > 0 {
        line.push(b',');
    }
}

/// A temporary file in the folder of the target; for standard output in that of temporary files.
fn beside(target: &Path) -> std::io::Result<NamedTempFile> {
    if target == Path::new("-") {
        return NamedTempFile::new();
    }
    let folder = target.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    tempfile::Builder::new().prefix(".yundang-").tempfile_in(folder)
}

/// Flushes, syncs, renames, and syncs the folder so that the name is durable too.
fn put(out: BufWriter<NamedTempFile>, target: &Path) -> std::io::Result<()> {
    let mut file = out.into_inner().map_err(std::io::IntoInnerError::into_error)?;
    if target == Path::new("-") {
        let mut stdout = std::io::stdout().lock();
        file.rewind()?;
        std::io::copy(&mut file, &mut stdout)?;
        return stdout.flush();
    }
    file.as_file().sync_all()?;
    #[cfg(unix)]
    {
        // A temporary file is private; an answer gets the rights of any new file.
        use std::os::unix::fs::PermissionsExt;
        file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))?;
    }
    file.persist(target).map_err(|error| error.error)?;
    let folder = target.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

/// A workbook with one sheet: a header and rows of text, numbers where a text is one.
///
/// Cells that a spreadsheet would take for a formula stay text.
///
/// # Errors
/// When the workbook cannot be made.
pub fn write_xlsx(header: &[String], rows: &[Vec<String>]) -> Result<Vec<u8>, rust_xlsxwriter::XlsxError> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    let bold = rust_xlsxwriter::Format::new().set_bold();
    for (column, name) in header.iter().enumerate() {
        sheet.write_string_with_format(0, column as u16, name, &bold)?;
    }
    for (number, row) in rows.iter().enumerate() {
        for (column, text) in row.iter().enumerate() {
            let (number, column) = (number as u32 + 1, column as u16);
            // Codes such as 0101 keep their zeros.
            let is_code = text.len() > 1 && text.starts_with('0') && !text.starts_with("0.");
            match text.parse::<f64>() {
                Ok(value) if value.is_finite() && !is_code && text.len() < 16 => {
                    sheet.write_number(number, column, value)?;
                }
                _ => {
                    sheet.write_string(number, column, text)?;
                }
            }
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    book.save_to_buffer()
}
