//! What the columns of a table of observations are: found from its header, or declared by a source mapping.

use crate::{Findings, Place, SourceMapping};
use norms::{Measured, Parameters};

/// Whether times label the end or the start of the averaging hour.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Label {
    /// The end, as bureaus write it.
    #[default]
    End,
    /// The start.
    Start,
}

/// The columns of a table of observations, by number.
#[derive(Clone, Debug)]
pub struct Layout {
    /// The header, as read.
    pub header: Vec<String>,
    /// Station.
    pub station: usize,
    /// Time.
    pub time: usize,
    /// What times label.
    pub label: Label,
    /// City, when there is such a column.
    pub city: Option<usize>,
    /// Long or wide.
    pub shape: Shape,
}

/// One row a value, or one row an hour.
#[derive(Clone, Debug)]
pub enum Shape {
    /// `station,time,parameter,value[,flag]`.
    Long {
        /// Parameter.
        parameter: usize,
        /// Value.
        value: usize,
        /// Flag.
        flag: Option<usize>,
    },
    /// One column a parameter.
    Wide {
        /// The columns of values.
        columns: Vec<WideColumn>,
        /// Bit mask over SO2, NO2, CO, O3, PM10, PM2_5.
        mask: Option<usize>,
    },
}

/// One column of values in a wide table.
#[derive(Clone, Debug)]
pub struct WideColumn {
    /// Its number.
    pub column: usize,
    /// The parameter.
    pub parameter: String,
    /// Period kind, such as `hour` or `moving_8h`.
    pub period: String,
    /// What a value is multiplied with to come into the unit of the parameter.
    pub factor: Measured,
    /// Its flag column.
    pub flag: Option<usize>,
}

impl Layout {
    /// Finds the columns of a header by the names of a medium. Columns that are neither needed nor known are findings; a table without station or
    /// time, or without any value, is `None` with a finding that says what is lacking.
    #[must_use]
    pub fn of_header(
        header: &[String],
        medium: &str,
        parameters: &Parameters,
        label: Label,
        findings: &mut Findings,
    ) -> Option<Self> {
        let mut roles = Roles::default();
        let mut wide = Vec::new();
        let mut flags: Vec<(String, usize)> = Vec::new();
        for (number, name) in header.iter().enumerate() {
            let place = Place { line: Some(1), field: name, value: "" };
            if let Some(stem) = name.trim().get(..5).filter(|head| head.eq_ignore_ascii_case("flag_")) {
                let of = parameters.find(medium, &name.trim()[stem.len()..]);
                match of {
                    Some(parameter) => flags.push((parameter.parameter.clone(), number)),
                    None => findings.report("column_unknown", place),
                }
                continue;
            }
            let Some(parameter) = parameters.find(medium, name) else {
                findings.report("column_unknown", place);
                continue;
            };
            let role = match parameter.parameter.as_str() {
                "station" => &mut roles.station,
                "time" => &mut roles.time,
                "parameter" => &mut roles.parameter,
                "value" => &mut roles.value,
                "flag" => &mut roles.flag,
                "city" => &mut roles.city,
                // Roles that hourly means have no use for are passed over.
                _ if parameter.is_of("column") => continue,
                _ => {
                    if wide.iter().any(|column: &WideColumn| column.parameter == parameter.parameter) {
                        findings.report("header_twice", place);
                    } else {
                        wide.push(WideColumn {
                            column: number,
                            parameter: parameter.parameter.clone(),
                            period: "hour".to_owned(),
                            factor: Measured::whole(1),
                            flag: None,
                        });
                    }
                    continue;
                }
            };
            if role.is_some() {
                findings.report("header_twice", place);
            } else {
                *role = Some(number);
            }
        }
        for column in &mut wide {
            column.flag = flags.iter().find(|(parameter, _)| *parameter == column.parameter).map(|(_, number)| *number);
        }
        let shape = match (roles.parameter, roles.value) {
            (Some(parameter), Some(value)) => Some(Shape::Long { parameter, value, flag: roles.flag }),
            _ if !wide.is_empty() => Some(Shape::Wide { columns: wide, mask: roles.flag }),
            _ => None,
        };
        let lacking = [
            ("station", roles.station.is_none()),
            ("time", roles.time.is_none()),
            ("parameter,value", shape.is_none()),
        ];
        for (field, _) in lacking.iter().filter(|(_, lacking)| *lacking) {
            let shown = header.join(",");
            findings.report("header_missing", Place { line: Some(1), field, value: &shown });
        }
        Some(Self {
            header: header.to_vec(),
            station: roles.station?,
            time: roles.time?,
            label,
            city: roles.city,
            shape: shape?,
        })
    }

    /// Finds the columns that a source mapping declares.
    #[must_use]
    pub fn of_mapping(header: &[String], mapping: &SourceMapping, findings: &mut Findings) -> Option<Self> {
        let find = |name: &str| header.iter().position(|other| other.trim().eq_ignore_ascii_case(name));
        let mut need = |name: &str| {
            let found = find(name);
            if found.is_none() {
                findings.report("header_missing", Place { line: Some(1), field: name, value: &header.join(",") });
            }
            found
        };
        let station = need(&mapping.station);
        let time = need(&mapping.time);
        let mut columns = Vec::new();
        for column in &mapping.column {
            if let Some(number) = need(&column.column) {
                columns.push(WideColumn {
                    column: number,
                    parameter: column.parameter.clone(),
                    period: column.period.clone(),
                    factor: column.factor(),
                    flag: column.flag.as_deref().and_then(&mut need),
                });
            }
        }
        if columns.is_empty() {
            return None;
        }
        Some(Self {
            header: header.to_vec(),
            station: station?,
            time: time?,
            label: mapping.label,
            city: mapping.city.as_deref().and_then(find),
            shape: Shape::Wide { columns, mask: None },
        })
    }

    /// The same without the columns that hold other averages than those of the hour.
    #[must_use]
    pub fn hours_only(mut self) -> Self {
        if let Shape::Wide { columns, .. } = &mut self.shape {
            columns.retain(|column| column.period == "hour");
        }
        self
    }
}

#[derive(Default)]
struct Roles {
    station: Option<usize>,
    time: Option<usize>,
    parameter: Option<usize>,
    value: Option<usize>,
    flag: Option<usize>,
    city: Option<usize>,
}
