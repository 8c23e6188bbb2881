//! Decision tables: a hundred thousand access conditions `unit × industry × process × kind`, held compactly.
//!
//! A row means the rule `under(industry, prefix) and process in processes and kind in kinds` in the scope of its
//! unit; an empty cell is any. A `require` row is a condition to be committed to, in words. Rows are found by unit
//! and prefix, so that a project meets only those that can concern it.

use crate::citation::Cite;
use crate::clause::{Dimension, Effect, Rank};
use crate::expr::Truth;
use crate::finding::{RuleFile, RuleFinding, error};
use std::collections::HashMap;

/// Rows of all tables together that are kept.
const ROWS_MAX: usize = 4_000_000;
/// Bytes of one cell.
const CELL_BYTES_MAX: usize = 8 * 1024;

/// Texts by number; 0 is the empty text.
#[derive(Clone, Debug)]
pub(crate) struct Texts {
    texts: Vec<Box<str>>,
    numbers: HashMap<Box<str>, u32>,
}

impl Default for Texts {
    fn default() -> Self {
        Self { texts: vec!["".into()], numbers: HashMap::from([("".into(), 0)]) }
    }
}

impl Texts {
    fn intern(&mut self, text: &str) -> u32 {
        if let Some(&number) = self.numbers.get(text) {
            return number;
        }
        // At most ROWS_MAX × 7 texts.
        #[expect(clippy::cast_possible_truncation, reason = "bounded by the number of rows")]
        let number = self.texts.len() as u32;
        self.texts.push(text.into());
        self.numbers.insert(text.into(), number);
        number
    }

    pub(crate) fn get(&self, number: u32) -> &str {
        self.texts.get(number as usize).map_or("", AsRef::as_ref)
    }

    pub(crate) fn number(&self, text: &str) -> Option<u32> {
        self.numbers.get(text).copied()
    }
}

/// One access condition.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Row {
    /// Code of the unit, 0 for any.
    pub(crate) unit: u32,
    /// Prefix of the industry, packed.
    pub(crate) prefix: u64,
    /// Set of processes, 0 for any.
    pub(crate) processes: u32,
    /// Set of kinds, 0 for any.
    pub(crate) kinds: u32,
    pub(crate) effect: Effect,
    pub(crate) dimension: Dimension,
    pub(crate) rank: Rank,
    pub(crate) say: u32,
    pub(crate) cite: u32,
    pub(crate) id: u32,
    pub(crate) file: u16,
    pub(crate) line: u32,
}

/// All rows, found by unit and prefix.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tables {
    pub(crate) rows: Vec<Row>,
    pub(crate) texts: Texts,
    pub(crate) files: Vec<String>,
    /// Sets of texts behind `processes` and `kinds`, by the number of the cell's text.
    sets: HashMap<u32, Box<[u32]>>,
    /// Unit → its rows, ordered by prefix.
    by_unit: HashMap<u32, Box<[u32]>>,
    /// The articles of each cell of `cite`.
    pub(crate) cites: HashMap<u32, Vec<Cite>>,
}

/// What a project brings to the tables.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subject<'a> {
    pub(crate) industry: Option<&'a str>,
    pub(crate) kind: Option<&'a str>,
    pub(crate) processes: Option<&'a [crate::value::Value]>,
}

/// Which facts keep a row open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct RowGaps {
    pub(crate) industry: bool,
    pub(crate) kind: bool,
    pub(crate) processes: bool,
}

/// Packs a code of at most five bytes, longer ones behind their beginnings.
pub(crate) fn pack(code: &str) -> u64 {
    let mut packed = 0u64;
    for (place, byte) in code.bytes().take(5).enumerate() {
        packed |= u64::from(byte) << (56 - 8 * place);
    }
    packed | code.len().min(5) as u64
}

pub(crate) fn unpack(packed: u64) -> String {
    let length = (packed & 0xff) as usize;
    packed.to_be_bytes().iter().take(length.min(5)).map(|byte| char::from(*byte)).collect()
}

fn bits(packed: u64) -> u64 {
    packed & !0xff
}

impl Tables {
    /// Reads a table; bad rows become findings with their line.
    pub(crate) fn read(
        &mut self,
        file: &RuleFile,
        kinds_known: &dyn Fn(&str) -> bool,
        findings: &mut Vec<RuleFinding>,
    ) {
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(file.text.as_bytes());
        let headers = match reader.headers() {
            Ok(headers) => headers.clone(),
            Err(problem) => {
                let en = problem.to_string();
                findings.push(error("table_form", &file.path, Some(1), "", "", "表头无法读取", &en));
                return;
            }
        };
        let column =
            |name: &str| headers.iter().position(|header| header.trim().trim_start_matches('\u{feff}') == name);
        let Some(effect) = column("effect") else {
            let (zh, en) = ("表格缺少 effect 列", "the table has no column `effect`");
            findings.push(error("table_form", &file.path, Some(1), "effect", "", zh, en));
            return;
        };
        let columns = Columns {
            unit: column("unit"),
            prefix: column("industry_prefix"),
            process: column("process"),
            kind: column("kind"),
            say: column("say"),
            cite: column("cite"),
            id: column("id"),
            dimension: column("dimension"),
            rank: column("rank"),
            effect,
        };
        #[expect(clippy::cast_possible_truncation, reason = "an edition has few files")]
        let number = self.files.len() as u16;
        self.files.push(file.path.clone());
        let mut record = csv::StringRecord::new();
        loop {
            match reader.read_record(&mut record) {
                Ok(false) => break,
                Ok(true) => {}
                Err(problem) => {
                    let line = problem.position().map(csv::Position::line);
                    let en = problem.to_string();
                    findings.push(error("table_form", &file.path, line, "", "", "此行无法读取", &en));
                    if matches!(problem.kind(), csv::ErrorKind::Io(_)) {
                        break;
                    }
                    continue;
                }
            }
            let line = record.position().map_or(0, csv::Position::line);
            if record.iter().all(|cell| cell.trim().is_empty()) {
                continue;
            }
            if self.rows.len() >= ROWS_MAX {
                let (zh, en) = ("准入条件超过 400 万条", "more than 4 million rows");
                findings.push(error("table_rows", &file.path, Some(line), "", "", zh, en));
                return;
            }
            match self.row(&record, &columns, number, line, kinds_known) {
                Ok(row) => self.rows.push(row),
                Err((field, value, zh, en)) => {
                    findings.push(error("table_cell", &file.path, Some(line), field, &value, &zh, &en));
                }
            }
        }
    }

    fn row(
        &mut self,
        record: &csv::StringRecord,
        columns: &Columns,
        file: u16,
        line: u64,
        kinds_known: &dyn Fn(&str) -> bool,
    ) -> Result<Row, (&'static str, String, String, String)> {
        let cell = |column: Option<usize>| column.and_then(|column| record.get(column)).unwrap_or_default().trim();
        let bad = |field, value: &str, zh: &str, en: &str| Err((field, value.to_owned(), zh.to_owned(), en.to_owned()));
        if record.iter().any(|cell| cell.len() > CELL_BYTES_MAX) {
            return bad("", "", "单元格超过 8 KiB", "a cell is longer than 8 KiB");
        }
        let text = cell(Some(columns.effect));
        let Some(effect) = Effect::by_word(text) else {
            let zh = "应为 prohibit、require、review、procedure 或 encourage";
            return bad("effect", text, zh, "prohibit, require, review, procedure or encourage is wanted");
        };
        let prefix = cell(columns.prefix);
        if !prefix.is_empty() && !crate::expr_code_prefix(prefix) {
            let zh = "应为 GB/T 4754 代码前缀，如 C33";
            return bad("industry_prefix", prefix, zh, "a prefix of a code is wanted, such as C33");
        }
        let kinds = cell(columns.kind);
        if let Some(stranger) = split(kinds).find(|kind| !kinds_known(kind)) {
            return bad("kind", stranger, "事实 kind 没有这个值", "the fact `kind` has no such value");
        }
        let dimension = match cell(columns.dimension) {
            "" | "spatial" => Dimension::Spatial,
            "emission" => Dimension::Emission,
            "risk" => Dimension::Risk,
            "resource" => Dimension::Resource,
            "procedure" => Dimension::Procedure,
            other => return bad("dimension", other, "不认识的维度", "the dimension is not known"),
        };
        let unit = cell(columns.unit);
        let rank = match cell(columns.rank) {
            "" if unit.is_empty() => Rank::City,
            "" | "unit" => Rank::Unit,
            "park" => Rank::Park,
            "class" => Rank::Class,
            "city" => Rank::City,
            "province" => Rank::Province,
            "national" => Rank::National,
            other => return bad("rank", other, "不认识的层级", "the rank is not known"),
        };
        let cite = self.texts.intern(cell(columns.cite));
        if cite != 0 && !self.cites.contains_key(&cite) {
            self.cites.insert(cite, Cite::parse(self.texts.get(cite)));
        }
        Ok(Row {
            unit: self.texts.intern(unit),
            prefix: pack(prefix),
            processes: self.set(cell(columns.process)),
            kinds: self.set(kinds),
            effect,
            dimension,
            rank,
            say: self.texts.intern(cell(columns.say)),
            cite,
            id: self.texts.intern(cell(columns.id)),
            file,
            line: u32::try_from(line).unwrap_or(u32::MAX),
        })
    }

    /// The set of a cell such as `new;expand`.
    fn set(&mut self, cell: &str) -> u32 {
        let number = self.texts.intern(cell);
        if number != 0 && !self.sets.contains_key(&number) {
            let mut parts: Vec<u32> = split(cell).map(|part| self.texts.intern(part)).collect();
            parts.sort_unstable();
            parts.dedup();
            self.sets.insert(number, parts.into());
        }
        number
    }

    /// Orders the rows for finding; to be called once all tables are read.
    pub(crate) fn index(&mut self) {
        let mut by_unit: HashMap<u32, Vec<u32>> = HashMap::new();
        for (number, row) in self.rows.iter().enumerate() {
            #[expect(clippy::cast_possible_truncation, reason = "at most ROWS_MAX rows")]
            by_unit.entry(row.unit).or_default().push(number as u32);
        }
        let rows = &self.rows;
        self.by_unit = by_unit
            .into_iter()
            .map(|(unit, mut list)| {
                list.sort_by_key(|number| (rows[*number as usize].prefix, *number));
                (unit, list.into())
            })
            .collect();
    }

    /// Whether a unit has rows of its own.
    pub(crate) fn has_unit(&self, code: &str) -> bool {
        self.texts.number(code).is_some_and(|number| number != 0 && self.by_unit.contains_key(&number))
    }

    /// The members of the set of a cell.
    pub(crate) fn members(&self, set: u32) -> &[u32] {
        self.sets.get(&set).map_or(&[], AsRef::as_ref)
    }

    /// Name of a row: its `id`, else file and line.
    pub(crate) fn row_id(&self, row: &Row) -> String {
        if row.id != 0 {
            return self.texts.get(row.id).to_owned();
        }
        let file = self.files.get(usize::from(row.file)).map_or("", String::as_str);
        let name = file.rsplit('/').next().unwrap_or(file);
        format!("{}:{}", name.rsplit_once('.').map_or(name, |(stem, _)| stem), row.line)
    }

    /// Every row of a unit (0: rows for any unit) whose condition holds or is open, with what keeps it open.
    pub(crate) fn visit(&self, unit: u32, subject: &Subject<'_>, found: &mut dyn FnMut(u32, Truth, RowGaps)) {
        let Some(list) = self.by_unit.get(&unit) else { return };
        let slice = |from: usize, to: usize, open: bool, found: &mut dyn FnMut(u32, Truth, RowGaps)| {
            for number in &list[from..to] {
                let (truth, gaps) = self.judge(&self.rows[*number as usize], subject, open);
                if truth != Truth::False {
                    found(*number, truth, gaps);
                }
            }
        };
        let prefix = |number: &u32| self.rows[*number as usize].prefix;
        let any = list.partition_point(|number| prefix(number) & 0xff == 0 && bits(prefix(number)) == 0);
        slice(0, any, false, found);
        let Some(code) = subject.industry else {
            slice(any, list.len(), true, found);
            return;
        };
        for length in 1..=code.len().min(5) {
            let key = pack(&code[..length]);
            let from = list.partition_point(|number| prefix(number) < key);
            let to = from + list[from..].partition_point(|number| prefix(number) == key);
            slice(from, to, false, found);
        }
        // A code that is not given to its last digit leaves the rows below it open.
        if code.len() < 5 {
            let key = pack(code);
            let from = list.partition_point(|number| prefix(number) <= key);
            let mask = !0u64 << (64 - 8 * code.len());
            let to = from + list[from..].partition_point(|number| bits(prefix(number)) & mask == bits(key));
            slice(from, to, true, found);
        }
    }

    fn judge(&self, row: &Row, subject: &Subject<'_>, industry_open: bool) -> (Truth, RowGaps) {
        let mut gaps = RowGaps { industry: industry_open, ..RowGaps::default() };
        if row.kinds != 0 {
            match subject.kind {
                None => gaps.kind = true,
                Some(kind) => {
                    let holds = self.members(row.kinds).iter().any(|member| self.texts.get(*member) == kind);
                    if !holds {
                        return (Truth::False, gaps);
                    }
                }
            }
        }
        if row.processes != 0 {
            match subject.processes {
                None => gaps.processes = true,
                Some(processes) => {
                    let holds = self.members(row.processes).iter().any(|member| {
                        let name = self.texts.get(*member);
                        processes.iter().any(|p| matches!(p, crate::value::Value::Text(text) if text.as_ref() == name))
                    });
                    if !holds {
                        return (Truth::False, gaps);
                    }
                }
            }
        }
        let open = gaps != RowGaps::default();
        (if open { Truth::Unknown } else { Truth::True }, gaps)
    }
}

struct Columns {
    unit: Option<usize>,
    prefix: Option<usize>,
    process: Option<usize>,
    kind: Option<usize>,
    say: Option<usize>,
    cite: Option<usize>,
    id: Option<usize>,
    dimension: Option<usize>,
    rank: Option<usize>,
    effect: usize,
}

fn split(cell: &str) -> impl Iterator<Item = &str> {
    cell.split([';', '；']).map(str::trim).filter(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Value;

    fn hits(tables: &Tables, unit: &str, industry: Option<&str>, kind: Option<&str>) -> Vec<(u32, Truth)> {
        let mut found = Vec::new();
        let processes = [Value::Text("coating".into())];
        let subject = Subject { industry, kind, processes: Some(&processes) };
        let unit = tables.texts.number(unit).unwrap();
        tables.visit(unit, &subject, &mut |number, truth, _| found.push((tables.rows[number as usize].line, truth)));
        found.sort_by_key(|(line, _)| *line);
        found
    }

    #[test]
    fn rows_are_found_by_unit_and_prefix() {
        let text = "unit,industry_prefix,process,kind,effect,say,cite\n\
            A,C33,,,prohibit,x,y\nA,C3360,,new;expand,prohibit,x,y\nA,,coating,,require,x,y\nB,C33,,,review,x,y\n\
            A,C34,,,prohibit,x,y\nA,C3311,printing,,prohibit,x,y\n,C,,,encourage,x,y\n";
        let mut tables = Tables::default();
        let mut findings = Vec::new();
        tables.read(&RuleFile::new("t.csv", text), &|_| true, &mut findings);
        tables.index();
        assert!(findings.is_empty());
        use Truth::{True, Unknown};
        assert_eq!(hits(&tables, "A", Some("C3360"), Some("new")), [(2, True), (3, True), (4, True)]);
        assert_eq!(hits(&tables, "A", Some("C3360"), Some("rebuild")), [(2, True), (4, True)]);
        assert_eq!(hits(&tables, "A", Some("C3360"), None), [(2, True), (3, Unknown), (4, True)]);
        assert_eq!(hits(&tables, "A", Some("C33"), Some("new")), [(2, True), (3, Unknown), (4, True)]);
        assert_eq!(hits(&tables, "A", Some("C"), Some("new")), [(2, Unknown), (3, Unknown), (4, True), (6, Unknown)]);
        assert_eq!(hits(&tables, "A", None, Some("rebuild")), [(2, Unknown), (4, True), (6, Unknown)]);
        assert_eq!(hits(&tables, "", Some("C1"), None), [(8, True)]);
        assert_eq!(unpack(pack("C336")), "C336");
    }

    #[test]
    fn bad_cells_are_named_with_their_line() {
        let text = "unit,industry_prefix,process,kind,effect,say,cite\nA,33,,,prohibit,,\nA,C3,,old,prohibit,,\nA,,,,ban,,\n\nA,,,,review,,\n";
        let mut tables = Tables::default();
        let mut findings = Vec::new();
        tables.read(&RuleFile::new("t.csv", text), &|kind| kind == "new", &mut findings);
        let places: Vec<_> = findings.iter().map(|f| (f.line.unwrap(), f.field.as_str())).collect();
        assert_eq!(places, [(2, "industry_prefix"), (3, "kind"), (4, "effect")]);
        assert_eq!(tables.rows.len(), 1);
    }
}
