//! What a question may be: exactly one SELECT over the tables of the lake.
//!
//! The guard reads the parsed statement before it is planned. It is no authorization boundary: whoever may ask free
//! questions may read every row of the lake, and an ingenious question can be slow until its time limit ends it.

use crate::judged;
use crate::{Refusal, Table};
use datafusion::sql::parser::{DFParser, Statement};
use datafusion::sql::sqlparser::ast::{
    Expr, Query, Select, SetExpr, Statement as SqlStatement, TableFactor, Visit, Visitor,
};
use std::collections::HashSet;
use std::ops::ControlFlow;

/// The longest question, in bytes.
pub const SQL_BYTES_MAX: usize = 64 << 10;

/// Functions that are not offered: they make values of any size out of nothing, or other values each time.
pub(crate) const WITHHELD: &[&str] = &[
    "array_repeat",
    "array_resize",
    "current_date",
    "current_time",
    "generate_series",
    "lpad",
    "now",
    "random",
    "range",
    "repeat",
    "rpad",
    "uuid",
    "version",
];

/// Parses a question and refuses what is not allowed.
pub(crate) fn check(sql: &str) -> Result<Statement, Refusal> {
    if sql.len() > SQL_BYTES_MAX {
        return Err(Refusal::NoSql(format!("{} bytes, at most {SQL_BYTES_MAX}", sql.len())));
    }
    let mut statements = DFParser::parse_sql(sql).map_err(|error| Refusal::NoSql(one_line(&error.to_string())))?;
    if statements.len() != 1 {
        return Err(Refusal::Statements(statements.len()));
    }
    let Some(statement) = statements.pop_front() else { return Err(Refusal::Statements(0)) };
    let Statement::Statement(inner) = &statement else { return Err(Refusal::NotASelect(kind(&statement))) };
    let SqlStatement::Query(query) = &**inner else { return Err(Refusal::NotASelect(kind(&statement))) };
    check_body(&query.body)?;
    let mut names = Names::default();
    let _: ControlFlow<()> = query.visit(&mut names);
    let mut rules = Rules { ctes: names.0 };
    match query.visit(&mut rules) {
        ControlFlow::Continue(()) => Ok(statement),
        ControlFlow::Break(refusal) => Err(refusal),
    }
}

/// The first word of a statement, such as `DROP`.
fn kind(statement: &Statement) -> String {
    let text = statement.to_string();
    text.split(|c: char| !c.is_ascii_alphabetic()).find(|word| !word.is_empty()).unwrap_or("?").to_ascii_uppercase()
}

fn check_body(body: &SetExpr) -> Result<(), Refusal> {
    match body {
        SetExpr::Select(_) => Ok(()),
        SetExpr::Query(query) => check_body(&query.body),
        SetExpr::SetOperation { left, right, .. } => check_body(left).and_then(|()| check_body(right)),
        SetExpr::Values(_) => Err(Refusal::NotASelect("VALUES".into())),
        SetExpr::Table(_) => Err(Refusal::NotASelect("TABLE".into())),
        SetExpr::Insert(_) => Err(Refusal::NotASelect("INSERT".into())),
        SetExpr::Update(_) => Err(Refusal::NotASelect("UPDATE".into())),
        SetExpr::Delete(_) => Err(Refusal::NotASelect("DELETE".into())),
        SetExpr::Merge(_) => Err(Refusal::NotASelect("MERGE".into())),
    }
}

/// The names that WITH gives.
#[derive(Default)]
struct Names(HashSet<String>);

impl Visitor for Names {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        for table in query.with.iter().flat_map(|with| &with.cte_tables) {
            self.0.insert(table.alias.name.value.to_ascii_lowercase());
        }
        ControlFlow::Continue(())
    }
}

struct Rules {
    ctes: HashSet<String>,
}

fn refuse(what: &str) -> ControlFlow<Refusal> {
    ControlFlow::Break(Refusal::Construct(what.to_owned()))
}

impl Visitor for Rules {
    type Break = Refusal;

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<Refusal> {
        if query.with.as_ref().is_some_and(|with| with.recursive) {
            return refuse("WITH RECURSIVE");
        }
        if !query.locks.is_empty() {
            return refuse("FOR UPDATE / FOR SHARE");
        }
        if query.settings.is_some() || query.format_clause.is_some() || query.for_clause.is_some() {
            return refuse("SETTINGS / FORMAT / FOR");
        }
        if !query.pipe_operators.is_empty() {
            return refuse("|>");
        }
        if let SetExpr::Insert(_) | SetExpr::Update(_) | SetExpr::Delete(_) | SetExpr::Merge(_) = &*query.body {
            return refuse("INSERT / UPDATE / DELETE / MERGE");
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<Refusal> {
        if select.into.is_some() {
            return refuse("SELECT … INTO");
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<Refusal> {
        match factor {
            TableFactor::Table { name, args: None, sample: None, version: None, .. } => {
                let parts: Vec<String> =
                    name.0.iter().map(|part| part.to_string().trim_matches('"').to_ascii_lowercase()).collect();
                let known = match parts.as_slice() {
                    [only] => Table::named(only).is_some() || only == judged::NAME || self.ctes.contains(only),
                    _ => false,
                };
                if known {
                    ControlFlow::Continue(())
                } else {
                    ControlFlow::Break(Refusal::UnknownTable(name.to_string()))
                }
            }
            TableFactor::Table { name, .. } => refuse(&format!("{name}(…)")),
            TableFactor::Derived { sample: None, .. } | TableFactor::NestedJoin { .. } => ControlFlow::Continue(()),
            other => refuse(&one_line(&other.to_string())),
        }
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<Refusal> {
        if let Expr::Function(function) = expr {
            let name = function.name.to_string().to_ascii_lowercase();
            let own = name.replace("list_", "array_");
            if WITHHELD.contains(&name.as_str()) || WITHHELD.contains(&own.as_str()) {
                return ControlFlow::Break(Refusal::Function(name));
            }
        }
        ControlFlow::Continue(())
    }
}

pub(crate) fn one_line(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = line.trim_end_matches(['.', '。']);
    match line.char_indices().nth(300) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}
