//! Any table as rows of text: CSV (plain or gzip, UTF-8 or GBK), XLSX, Parquet.

use crate::lines::WholeLines;
use crate::{Findings, Place};
use calamine::{Data, Reader as _};
use csv::{ByteRecord, StringRecord};
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use std::fs::File;
use std::io::{BufRead, BufReader, Cursor, ErrorKind, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// Largest XLSX file, packed and unpacked, in bytes: it is read whole.
const SHEET_BYTES_MAX: u64 = 64 << 20;
const SHEET_UNPACKED_BYTES_MAX: u64 = 512 << 20;
/// Columns of a sheet, and cells over all its rows, that are taken.
const SHEET_COLUMNS_MAX: u32 = 4096;
const SHEET_CELLS_MAX: u64 = 20_000_000;
/// How much of a text is looked at to tell its encoding.
const SNIFF_BYTES: usize = 64 << 10;

/// The format of a table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TableFormat {
    /// Comma-separated text, perhaps gzipped.
    Csv,
    /// First sheet of a workbook.
    Xlsx,
    /// Parquet.
    Parquet,
}

impl TableFormat {
    /// The format of a file name; CSV when its end says nothing else.
    #[must_use]
    pub fn of_name(name: &str) -> Self {
        let name = name.to_ascii_lowercase();
        if name.ends_with(".parquet") {
            Self::Parquet
        } else if name.ends_with(".xlsx") {
            Self::Xlsx
        } else {
            Self::Csv
        }
    }
}

/// Why a table cannot be opened at all.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The file cannot be read.
    #[error("{path}: 无法读取 / cannot be read: {source}")]
    Io {
        /// Path as the user named it.
        path: String,
        /// Why.
        source: std::io::Error,
    },
}

/// A table that is read row by row.
pub struct TextTable {
    header: Vec<String>,
    rows: Rows,
    line: u64,
}

enum Rows {
    Csv { reader: csv::Reader<WholeLines<Box<dyn Read + Send>>>, record: ByteRecord, gbk: bool },
    Sheet(std::vec::IntoIter<(u64, Vec<String>)>),
    Parquet { reader: ParquetRecordBatchReader, batch: Option<RecordBatch>, row: usize },
    Ended,
}

impl TextTable {
    /// Opens a file. What is wrong with its form becomes a finding and an empty table.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn open(path: &Path, findings: &mut Findings) -> Result<Self, TableError> {
        Self::open_as(path, TableFormat::of_name(&path.display().to_string()), findings)
    }

    /// Opens a file of a format, whatever its name says.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn open_as(path: &Path, format: TableFormat, findings: &mut Findings) -> Result<Self, TableError> {
        let name = path.display().to_string();
        let io = |source| TableError::Io { path: name.clone(), source };
        let mut file = File::open(path).map_err(io)?;
        let bytes = file.metadata().map_err(io)?.len();
        match format {
            TableFormat::Parquet => Ok(Self::of_parquet(file, findings)),
            TableFormat::Xlsx if bytes > SHEET_BYTES_MAX => {
                findings.report("file_large", Place { value: &format!("{bytes} bytes"), ..Place::default() });
                Ok(Self::empty())
            }
            TableFormat::Xlsx => {
                let mut content = Vec::new();
                file.read_to_end(&mut content).map_err(io)?;
                Ok(Self::of_sheet(content, findings))
            }
            TableFormat::Csv => {
                file.seek(SeekFrom::Start(0)).map_err(io)?;
                Ok(Self::of_text(file, findings))
            }
        }
    }

    /// A table of bytes in memory, such as an upload.
    #[must_use]
    pub fn of_bytes(content: Vec<u8>, format: TableFormat, findings: &mut Findings) -> Self {
        match format {
            TableFormat::Csv => Self::of_text(Cursor::new(content), findings),
            TableFormat::Xlsx => Self::of_sheet(content, findings),
            TableFormat::Parquet => {
                // The Parquet reader wants a file; an unnamed one goes away by itself.
                let spooled = tempfile::tempfile().and_then(|mut file| {
                    std::io::Write::write_all(&mut file, &content)?;
                    Ok(file)
                });
                match spooled {
                    Ok(file) => Self::of_parquet(file, findings),
                    Err(error) => Self::unreadable(&error.to_string(), findings),
                }
            }
        }
    }

    /// A table of comma-separated text, perhaps gzipped.
    #[must_use]
    pub fn of_text(source: impl Read + Send + 'static, findings: &mut Findings) -> Self {
        let mut packed = BufReader::new(source);
        let gzip = packed.fill_buf().is_ok_and(|head| head.starts_with(&[0x1f, 0x8b]));
        let plain: Box<dyn Read + Send> =
            if gzip { Box::new(flate2::bufread::MultiGzDecoder::new(packed)) } else { Box::new(packed) };
        let mut sniffed = Vec::new();
        let mut plain = plain;
        let cut = (&mut plain).take(SNIFF_BYTES as u64).read_to_end(&mut sniffed).err();
        if sniffed.starts_with(&[0xef, 0xbb, 0xbf]) {
            sniffed.drain(..3);
        }
        let gbk = match std::str::from_utf8(&sniffed) {
            Ok(_) => false,
            // A character cut in two by the end of the look is no sign of another encoding.
            Err(error) => error.error_len().is_some(),
        };
        if gbk && encoding_rs::GB18030.decode_without_bom_handling(&sniffed).1 {
            findings.report("encoding", Place::default());
        }
        let rest: Box<dyn Read + Send> = match cut {
            Some(error) => Box::new(Cursor::new(sniffed).chain(Failed(Some(error)))),
            None => Box::new(Cursor::new(sniffed).chain(plain)),
        };
        let whole = WholeLines::new(rest);
        let mut reader = csv::ReaderBuilder::new().flexible(true).has_headers(false).from_reader(whole);
        let mut record = ByteRecord::new();
        let read = reader.read_byte_record(&mut record);
        reader.get_mut().tell(findings);
        let header = match read {
            Ok(true) => record.iter().map(|cell| decode(cell, gbk).trim().to_owned()).collect(),
            Ok(false) => {
                findings.report("header_missing", Place { line: Some(1), ..Place::default() });
                return Self::empty();
            }
            Err(error) => {
                report_read_error(&error, 1, findings);
                return Self::empty();
            }
        };
        Self { header, rows: Rows::Csv { reader, record, gbk }, line: 1 }
    }

    fn of_sheet(content: Vec<u8>, findings: &mut Findings) -> Self {
        let unpacked = zip::ZipArchive::new(Cursor::new(&content)).map(|mut archive| {
            (0..archive.len()).filter_map(|n| archive.by_index_raw(n).ok().map(|entry| entry.size())).sum::<u64>()
        });
        match unpacked {
            Ok(bytes) if bytes > SHEET_UNPACKED_BYTES_MAX => {
                findings.report("file_large", Place { value: &format!("{bytes} bytes"), ..Place::default() });
                return Self::empty();
            }
            Ok(_) => {}
            Err(error) => return Self::unreadable(&error.to_string(), findings),
        }
        let rows = match calmly(|| sheet_rows(content)) {
            Ok(rows) => rows,
            Err(error) => return Self::unreadable(&error, findings),
        };
        let mut rows = rows.into_iter();
        let Some((line, header)) = rows.next() else {
            findings.report("header_missing", Place { line: Some(1), ..Place::default() });
            return Self::empty();
        };
        Self { header: header.iter().map(|name| name.trim().to_owned()).collect(), rows: Rows::Sheet(rows), line }
    }

    pub(crate) fn of_parquet(file: File, findings: &mut Findings) -> Self {
        let reader = ParquetRecordBatchReaderBuilder::try_new(file).and_then(|builder| {
            let header = builder.schema().fields().iter().map(|field| field.name().clone()).collect();
            Ok((header, builder.with_batch_size(4096).build()?))
        });
        match reader {
            Ok((header, reader)) => Self { header, rows: Rows::Parquet { reader, batch: None, row: 0 }, line: 0 },
            Err(error) => Self::unreadable(&error.to_string(), findings),
        }
    }

    const fn empty() -> Self {
        Self { header: Vec::new(), rows: Rows::Ended, line: 0 }
    }

    fn unreadable(why: &str, findings: &mut Findings) -> Self {
        findings.report("file_form", Place { value: why, ..Place::default() });
        Self::empty()
    }

    /// Column names; empty when the table could not be read.
    #[must_use]
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// Reads the next row into `cells`, as many as the header has, and gives its line; `None` at the end. A file that
    /// breaks off is a finding and ends.
    pub fn next_row(&mut self, cells: &mut StringRecord, findings: &mut Findings) -> Option<u64> {
        let width = self.header.len();
        match &mut self.rows {
            Rows::Ended => None,
            Rows::Csv { reader, record, gbk } => loop {
                let read = reader.read_byte_record(record);
                reader.get_mut().tell(findings);
                match read {
                    Ok(true) => {
                        // The start of a record is told before the blank lines that are skipped; its end is not.
                        let start = record.position().map_or(self.line + 1, csv::Position::line);
                        let inner = record.as_slice().iter().filter(|&&byte| byte == b'\n').count() as u64;
                        self.line = start.max(reader.position().line().saturating_sub(1 + inner));
                        if record.iter().all(<[u8]>::is_empty) {
                            continue;
                        }
                        fill(cells, record.iter().take(width).map(|cell| decode(cell, *gbk)), width);
                        if record.len() != width {
                            let value = record.len().to_string();
                            findings.report("row_width", Place { line: Some(self.line), field: "", value: &value });
                        }
                        return Some(self.line);
                    }
                    Ok(false) => {
                        self.rows = Rows::Ended;
                        return None;
                    }
                    Err(error) => {
                        report_read_error(&error, self.line + 1, findings);
                        self.rows = Rows::Ended;
                        return None;
                    }
                }
            },
            Rows::Sheet(rows) => {
                let (line, row) = rows.find(|(_, row)| row.iter().any(|cell| !cell.is_empty()))?;
                self.line = line;
                fill(cells, row.iter().take(width).map(|cell| cell.as_str().into()), width);
                Some(self.line)
            }
            Rows::Parquet { reader, batch, row } => {
                if batch.as_ref().is_none_or(|batch| *row == batch.num_rows()) {
                    match reader.next() {
                        Some(Ok(next)) => (*batch, *row) = (Some(next), 0),
                        Some(Err(error)) => {
                            let place = Place { line: Some(self.line + 1), field: "", value: &error.to_string() };
                            findings.report("file_cut", place);
                            self.rows = Rows::Ended;
                            return None;
                        }
                        None => {
                            self.rows = Rows::Ended;
                            return None;
                        }
                    }
                }
                let current = batch.as_ref().filter(|batch| *row < batch.num_rows())?;
                cells.clear();
                let options = FormatOptions::new()
                    .with_timestamp_format(Some("%Y-%m-%dT%H:%M:%S%.f"))
                    .with_datetime_format(Some("%Y-%m-%dT%H:%M:%S%.f"));
                for column in current.columns() {
                    let text = ArrayFormatter::try_new(column.as_ref(), &options)
                        .map(|formatter| formatter.value(*row).to_string())
                        .unwrap_or_default();
                    cells.push_field(&text);
                }
                *row += 1;
                self.line += 1;
                Some(self.line)
            }
        }
    }
}

fn fill<'a>(cells: &mut StringRecord, texts: impl Iterator<Item = std::borrow::Cow<'a, str>>, width: usize) {
    cells.clear();
    texts.for_each(|text| cells.push_field(&text));
    (cells.len()..width).for_each(|_| cells.push_field(""));
}

fn decode(cell: &[u8], gbk: bool) -> std::borrow::Cow<'_, str> {
    match std::str::from_utf8(cell) {
        Ok(text) if !gbk => text.into(),
        // Also where the start of the file was plain ASCII, so that its encoding could not be told.
        _ => encoding_rs::GB18030.decode_without_bom_handling(cell).0,
    }
}

fn report_read_error(error: &csv::Error, line: u64, findings: &mut Findings) {
    let cut = matches!(error.kind(), csv::ErrorKind::Io(error) if error.kind() == ErrorKind::UnexpectedEof);
    let code = if cut { "file_cut" } else { "file_form" };
    findings.report(code, Place { line: Some(line), field: "", value: &error.to_string() });
}

/// Runs what a library does with a file: a damaged one can make it panic, which ends the reading and not the program.
pub(crate) fn calmly<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err("the library that reads such files gave up".to_owned()))
}

/// The rows of the first sheet that hold something, with their lines; the columns of all begin with the first that is
/// used. Cell by cell: the corner of a sheet that is empty up to there costs nothing.
fn sheet_rows(content: Vec<u8>) -> Result<Vec<(u64, Vec<String>)>, String> {
    let mut book = calamine::Xlsx::new(Cursor::new(content)).map_err(|error| error.to_string())?;
    let name = book.sheet_names().first().cloned().ok_or("no sheet")?;
    let mut reader = book.worksheet_cells_reader(&name).map_err(|error| error.to_string())?;
    let mut rows: Vec<(u64, Vec<(u32, String)>)> = Vec::new();
    let mut first_column = u32::MAX;
    while let Some(cell) = reader.next_cell().map_err(|error| error.to_string())? {
        let (row, column) = cell.get_position();
        let text = sheet_text(&Data::from(cell.get_value().clone()));
        if text.is_empty() {
            continue;
        }
        if column >= SHEET_COLUMNS_MAX {
            return Err(format!("column {} > {SHEET_COLUMNS_MAX}", u64::from(column) + 1));
        }
        first_column = first_column.min(column);
        let line = u64::from(row) + 1;
        match rows.last_mut().filter(|(last, _)| *last == line) {
            Some((_, cells)) => cells.push((column, text)),
            None => rows.push((line, vec![(column, text)])),
        }
    }
    let mut texts = 0u64;
    rows.into_iter()
        .map(|(line, cells)| {
            let width = cells.iter().map(|(column, _)| column - first_column + 1).max().unwrap_or(0);
            texts += u64::from(width);
            if texts > SHEET_CELLS_MAX {
                return Err(format!("more than {SHEET_CELLS_MAX} cells"));
            }
            let mut row = vec![String::new(); width as usize];
            cells.into_iter().for_each(|(column, text)| row[(column - first_column) as usize] = text);
            Ok((line, row))
        })
        .collect()
}

fn sheet_text(cell: &Data) -> String {
    match cell {
        Data::Empty | Data::Error(_) => String::new(),
        Data::DateTime(moment) if moment.is_datetime() => sheet_time(moment.as_f64()),
        Data::Float(value) if value.fract() == 0.0 && value.abs() < 1e15 => format!("{value:.0}"),
        other => other.to_string().trim().to_owned(),
    }
}

/// The local time of a workbook's serial number: days since 1899-12-30. Days are binary fractions there, so an hour may
/// lie a millisecond off; whole seconds are meant.
fn sheet_time(serial: f64) -> String {
    let seconds = (serial * 86_400.0).round();
    if !(0.0..3.0e11).contains(&seconds) {
        return serial.to_string();
    }
    #[expect(clippy::cast_possible_truncation, reason = "range was checked")]
    let seconds = seconds as i64;
    // 1899-12-30 is 25,569 days before 1970-01-01.
    let day = norms::Day((seconds / 86_400 - 25_569) as i32);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{day}T{hour:02}:{minute:02}:{second:02}")
}

/// Gives an error that came up while looking ahead, once.
pub(crate) struct Failed(pub(crate) Option<std::io::Error>);

impl Read for Failed {
    fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn rows(table: &mut TextTable, findings: &mut Findings) -> Vec<(u64, Vec<String>)> {
        let mut cells = StringRecord::new();
        let mut rows = Vec::new();
        while let Some(line) = table.next_row(&mut cells, findings) {
            rows.push((line, cells.iter().map(str::to_owned).collect()));
        }
        rows
    }

    #[test]
    fn gbk_bom_blank_lines_and_short_rows() {
        let (text, _, _) =
            encoding_rs::GB18030.encode("站点,时间,PM2.5\n溪东,2022-01-01T01:00\n\n洪文,2022-01-01T02:00,7,9\n");
        let mut findings = Findings::new();
        let mut table = TextTable::of_text(Cursor::new(text.into_owned()), &mut findings);
        assert_eq!(table.header(), ["站点", "时间", "PM2.5"]);
        let rows = rows(&mut table, &mut findings);
        assert_eq!(rows[0], (2, vec!["溪东".to_owned(), "2022-01-01T01:00".to_owned(), String::new()]));
        assert_eq!(rows[1].0, 4);
        assert_eq!(findings.counts().get("row_width"), Some(&2));
    }

    #[test]
    fn truncated_gzip_keeps_its_rows() {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
        encoder.write_all(b"station,time,SO2\n").unwrap();
        for hour in 0..20_000 {
            writeln!(encoder, "A,{hour},1").unwrap();
        }
        let mut packed = encoder.finish().unwrap();
        packed.truncate(packed.len() / 2);
        let mut findings = Findings::new();
        let mut table = TextTable::of_text(Cursor::new(packed), &mut findings);
        let rows = rows(&mut table, &mut findings);
        assert!(rows.len() > 9000);
        assert_eq!(findings.counts().get("file_cut"), Some(&1));
    }

    #[test]
    fn a_sheet_with_a_cell_beyond_all_numbers_is_refused() {
        let sheet = crate::write_xlsx(&["station".to_owned()], &[vec!["A".to_owned()]]).unwrap();
        let mut archive = zip::ZipArchive::new(Cursor::new(sheet)).unwrap();
        let mut damaged = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for number in 0..archive.len() {
            let mut entry = archive.by_index(number).unwrap();
            let mut content = String::new();
            entry.read_to_string(&mut content).unwrap();
            damaged.start_file(entry.name().unwrap().into_owned(), zip::write::SimpleFileOptions::default()).unwrap();
            damaged.write_all(content.replace("\"A1", "\"A99999999999").as_bytes()).unwrap();
        }
        let mut findings = Findings::new();
        let table = TextTable::of_sheet(damaged.finish().unwrap().into_inner(), &mut findings);
        assert!(table.header().is_empty());
        assert_eq!(findings.counts().get("file_form"), Some(&1));
    }

    #[test]
    fn endless_line_is_left_out() {
        let mut findings = Findings::new();
        let endless = Cursor::new(b"station,time\n".to_vec()).chain(std::io::repeat(b'x').take(100 << 20));
        let mut table = TextTable::of_text(endless.chain(Cursor::new(b"\nA,1\n".to_vec())), &mut findings);
        assert_eq!(rows(&mut table, &mut findings), [(3, vec!["A".to_owned(), "1".to_owned()])]);
        assert_eq!(findings.counts().get("line_long"), Some(&1));
    }

    #[test]
    fn text_that_turns_out_to_be_gbk_and_rows_of_commas() {
        let mut text = b"station,time\n".to_vec();
        text.extend(b"A,1\n,\n".repeat(SNIFF_BYTES));
        text.extend(&*encoding_rs::GB18030.encode("溪东,2\n").0);
        let mut findings = Findings::new();
        let mut table = TextTable::of_text(Cursor::new(text), &mut findings);
        let rows = rows(&mut table, &mut findings);
        assert_eq!(rows.len(), SNIFF_BYTES + 1);
        assert_eq!(rows.last().unwrap().1, ["溪东", "2"]);
        assert_eq!(findings.total(), 0);
    }
}
