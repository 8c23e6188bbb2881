//! Reading figure definitions and summaries from their files.

use norms::{LoadError, NormFile};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Where a figure's number comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
pub enum Class {
    /// Counted from the bureau's own records.
    C,
    /// Judged from monitoring.
    M,
    /// Given from outside, kept as an evidence record.
    X,
    /// A constant of the text.
    D,
}

impl Class {
    /// Its letter.
    #[must_use]
    pub const fn letter(self) -> &'static str {
        match self {
            Self::C => "C",
            Self::M => "M",
            Self::X => "X",
            Self::D => "D",
        }
    }
}

/// What a figure is compared with.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// Nothing.
    None,
    /// The same period of the year before.
    YearBefore,
}

impl Comparison {
    /// Its name in the files; none when nothing is compared.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::YearBefore => Some("year_before"),
        }
    }
}

/// How a value comes about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ValueRule {
    /// A statistic of the judged air of the city.
    AirPeriod {
        /// `mean`, `percentile`, `composite_index`, `good_ratio`, `excellent_ratio`, `valid_days`.
        statistic: String,
        /// Of which pollutant, where that matters.
        parameter: Option<String>,
    },
    /// The value of the evidence record of this figure and period.
    Evidence,
    /// The rank of the city's own composite index in the table of comparison cities.
    AirRank,
    /// The directions of other figures against the year before.
    Direction {
        /// Ids of the figures.
        of: Vec<String>,
        /// Their short names.
        names: Vec<(String, String)>,
    },
    /// How far another figure moved against the year before, without its sign.
    Change {
        /// Id of the figure.
        of: String,
        /// In percent of the year before, else by itself.
        percent: bool,
        /// Decimals kept; zeros at the end are not printed.
        decimals: u8,
    },
    /// One SELECT over the lake with one value.
    Sql {
        /// The question.
        sql: String,
        /// Decimals kept of a number, zeros at the end are not printed; as it comes where none are named.
        decimals: Option<u8>,
    },
}

/// The sentence of a figure, with `{value}` and `{verb}`.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct TextTemplate {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
    /// Verbs by direction and language: `verb_up_zh`, …; `verb_none_zh` where the year before is not known.
    #[serde(flatten)]
    pub verbs: BTreeMap<String, String>,
}

/// One figure.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Definition {
    /// Its id, such as `F047`.
    pub id: String,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
    /// Definition in Chinese words.
    pub definition_zh: String,
    /// Definition in English words.
    pub definition_en: String,
    /// Where the number comes from.
    pub class: Class,
    /// Unit as printed in Chinese.
    pub unit: String,
    /// Unit in English, where it differs.
    pub unit_en: String,
    /// What it is compared with.
    pub comparison: Comparison,
    /// A figure that is shown beside it as a check.
    pub check: Option<String>,
    /// Beginnings of the ids of instruments that it rests on.
    pub norms: Vec<String>,
    /// Version of this definition.
    pub version: u32,
    /// How its value comes about.
    pub value: ValueRule,
    /// The rows behind it: one SELECT with `$city`, `$period`, `$start`, `$end`, `$start_before`.
    pub rows_sql: String,
    /// Its sentence.
    pub text: TextTemplate,
}

/// A section of a summary.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SummarySection {
    /// Always `summary/1`.
    pub schema: String,
    /// Its id, such as `air`.
    pub id: String,
    /// Chinese title.
    pub title_zh: String,
    /// English title.
    pub title_en: String,
    /// Paragraphs, Chinese and English, with `{ID}` for figures.
    pub paragraph: Vec<Paragraph>,
}

/// A paragraph of a summary.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Paragraph {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// All figures and sections of a city.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Catalogue {
    /// Figures in the order of their files.
    pub figures: Vec<Definition>,
    /// Sections by id.
    pub sections: BTreeMap<String, SummarySection>,
}

impl Catalogue {
    /// Reads the files of `figures/` and `summary/`.
    ///
    /// # Errors
    /// Every error with file, line and field; also figures that stand twice and sections that name an unknown figure.
    pub fn load(files: &[NormFile]) -> Result<Self, Vec<LoadError>> {
        let mut catalogue = Self::default();
        let mut errors = Vec::new();
        for file in files {
            let read = if file.path.starts_with("summary/") {
                catalogue.read_section(file)
            } else {
                catalogue.read_figures(file)
            };
            errors.extend(read.err());
        }
        let known = |id: &str| catalogue.figures.iter().any(|figure| figure.id == id);
        for figure in &catalogue.figures {
            let named = figure.check.iter().chain(match &figure.value {
                ValueRule::Direction { of, .. } => of.as_slice(),
                ValueRule::Change { of, .. } => std::slice::from_ref(of),
                _ => &[],
            });
            for id in named.filter(|id| !known(id)) {
                errors.push(unknown_figure("figures/", &figure.id, id));
            }
        }
        for section in catalogue.sections.values() {
            for paragraph in &section.paragraph {
                for text in [&paragraph.zh, &paragraph.en] {
                    for piece in crate::pieces(text) {
                        if let crate::Piece::Figure(id) = piece
                            && !known(id)
                        {
                            errors.push(unknown_figure("summary/", &section.id, id));
                        }
                    }
                }
            }
        }
        if errors.is_empty() { Ok(catalogue) } else { Err(errors) }
    }

    /// The figure of an id.
    #[must_use]
    pub fn figure(&self, id: &str) -> Option<&Definition> {
        self.figures.iter().find(|figure| figure.id == id)
    }

    fn read_section(&mut self, file: &NormFile) -> Result<(), LoadError> {
        let section: SummarySection = parse(file)?;
        expect_schema(file, &section.schema, "summary/1")?;
        self.sections.insert(section.id.clone(), section);
        Ok(())
    }

    fn read_figures(&mut self, file: &NormFile) -> Result<(), LoadError> {
        let table: FigureFile = parse(file)?;
        expect_schema(file, &table.schema, "figures/1")?;
        for figure in table.figure {
            let at = |field: &str, zh: &str, en: &str| LoadError {
                file: file.path.clone(),
                line: file
                    .text
                    .lines()
                    .position(|line| line.contains(&format!("\"{}\"", figure.id)))
                    .map_or(0, |n| n + 1),
                field: field.to_owned(),
                message_zh: format!("{}: {zh}", figure.id),
                message_en: format!("{}: {en}", figure.id),
            };
            if self.figure(&figure.id).is_some() {
                return Err(at("id", "指标重复", "the figure stands twice"));
            }
            let value = figure.value.rule().map_err(|en| at("value", "取值方式有误", en))?;
            self.figures.push(Definition {
                unit_en: figure.unit_en.unwrap_or_else(|| figure.unit.clone()),
                id: figure.id,
                name_zh: figure.name_zh,
                name_en: figure.name_en,
                definition_zh: figure.definition_zh,
                definition_en: figure.definition_en,
                class: figure.class,
                unit: figure.unit,
                comparison: figure.comparison,
                check: figure.check,
                norms: figure.norms,
                version: figure.version,
                value,
                rows_sql: figure.rows.sql,
                text: figure.text,
            });
        }
        Ok(())
    }
}

fn unknown_figure(file: &str, field: &str, id: &str) -> LoadError {
    LoadError {
        file: file.to_owned(),
        line: 0,
        field: field.to_owned(),
        message_zh: format!("没有指标{id}"),
        message_en: format!("there is no figure {id}"),
    }
}

fn expect_schema(file: &NormFile, schema: &str, wanted: &str) -> Result<(), LoadError> {
    if schema == wanted {
        return Ok(());
    }
    Err(LoadError {
        file: file.path.clone(),
        line: 1,
        field: "schema".to_owned(),
        message_zh: format!("应为{wanted}"),
        message_en: format!("{wanted} is wanted"),
    })
}

fn parse<T: serde::de::DeserializeOwned>(file: &NormFile) -> Result<T, LoadError> {
    toml::from_str(&file.text).map_err(|error| {
        let start = error.span().map_or(0, |span| span.start.min(file.text.len()));
        let line = file.text[..start].matches('\n').count() + 1;
        let text = file.text.lines().nth(line - 1).unwrap_or_default();
        LoadError {
            file: file.path.clone(),
            line,
            field: text.split('=').next().unwrap_or_default().trim().to_owned(),
            message_zh: format!("无法读取：{}", error.message()),
            message_en: error.message().to_owned(),
        }
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FigureFile {
    schema: String,
    figure: Vec<FigureTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FigureTable {
    id: String,
    name_zh: String,
    name_en: String,
    definition_zh: String,
    definition_en: String,
    class: Class,
    unit: String,
    unit_en: Option<String>,
    comparison: Comparison,
    check: Option<String>,
    norms: Vec<String>,
    version: u32,
    value: ValueTable,
    rows: RowsTable,
    text: TextTemplate,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RowsTable {
    sql: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ValueTable {
    function: Option<String>,
    sql: Option<String>,
    statistic: Option<String>,
    parameter: Option<String>,
    decimals: Option<u8>,
    #[serde(default)]
    of: Vec<String>,
    #[serde(default)]
    names_zh: Vec<String>,
    #[serde(default)]
    names_en: Vec<String>,
}

const STATISTICS: [&str; 6] = ["mean", "percentile", "composite_index", "good_ratio", "excellent_ratio", "valid_days"];

impl ValueTable {
    fn rule(self) -> Result<ValueRule, &'static str> {
        match (self.function.as_deref(), self.sql) {
            (None, Some(sql)) => Ok(ValueRule::Sql { sql, decimals: self.decimals }),
            (Some("evidence"), None) => Ok(ValueRule::Evidence),
            (Some("air_rank"), None) => Ok(ValueRule::AirRank),
            (Some("air_period"), None) => {
                let statistic = self.statistic.filter(|name| STATISTICS.contains(&name.as_str()));
                let statistic = statistic.ok_or("a known statistic is wanted")?;
                if matches!(statistic.as_str(), "mean" | "percentile") && self.parameter.is_none() {
                    return Err("this statistic needs a parameter");
                }
                Ok(ValueRule::AirPeriod { statistic, parameter: self.parameter })
            }
            (Some(change @ ("change" | "change_percent")), None) => {
                match (<[String; 1]>::try_from(self.of), self.decimals) {
                    (Ok([of]), Some(decimals)) => {
                        Ok(ValueRule::Change { of, percent: change == "change_percent", decimals })
                    }
                    _ => Err("`of` names one figure, and `decimals` are wanted"),
                }
            }
            (Some("direction"), None) => {
                if self.of.is_empty() || self.of.len() != self.names_zh.len() || self.of.len() != self.names_en.len() {
                    return Err("`of`, `names_zh` and `names_en` have one entry for each figure");
                }
                Ok(ValueRule::Direction { of: self.of, names: self.names_zh.into_iter().zip(self.names_en).collect() })
            }
            _ => Err("either a known function or SQL is wanted"),
        }
    }
}
