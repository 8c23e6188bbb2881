//! Figures: the catalogue's questions, answered over one version of the lake.

use crate::air_view::AirView;
use crate::data_folder::DataFolder;
use indicators::{Comparison, Definition, Direction, Period, Said, ValueRule, direction, say, say_directions};
use lake::{Cell, Limits, Parameter, Session};
use norms::air::{AirPeriod, Pollutant};
use norms::{Norms, Ratio, Rounded};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// The answer of one figure.
#[derive(Clone, Debug)]
pub struct FigureAnswer {
    /// The value as printed.
    pub value: Option<String>,
    /// The same as a number, when it is one.
    pub number: Option<Rounded>,
    /// The value of the year before as printed.
    pub previous: Option<String>,
    /// Where it went.
    pub direction: Option<Direction>,
    /// Its sentence.
    pub said: Said,
    /// How many rows stand behind it.
    pub rows: u64,
    /// Whether any of them is simulated.
    pub synthetic: bool,
}

/// Answers figures of one city over one version of the lake.
pub struct Desk<'a> {
    folder: &'a DataFolder,
    norms: &'a Norms,
    view: &'a AirView,
    session: Session,
    /// Values that were asked for already: figures of changes and directions rest on others.
    answered: Mutex<HashMap<(String, Period), Value>>,
}

/// A value as printed, the same as a number, and its sentence where the value makes one.
type Value = (Option<String>, Option<Rounded>, Option<Said>);

impl<'a> Desk<'a> {
    /// A desk over the versions that the view was judged from, so that values and rows are of one state.
    ///
    /// # Errors
    /// When the lake cannot be opened.
    pub async fn open(folder: &'a DataFolder, norms: &'a Norms, view: &'a AirView) -> anyhow::Result<Self> {
        let session = folder.lake.session_at(&view.versions, Limits::OWN).await?.with_judged(&view.media)?;
        Ok(Self { folder, norms, view, session, answered: Mutex::default() })
    }

    /// Answers a figure for a period.
    ///
    /// # Errors
    /// When the lake cannot be asked.
    pub async fn answer(&self, figure: &Definition, period: Period) -> anyhow::Result<FigureAnswer> {
        let (value, number, said) = self.value(figure, period).await?;
        let (mut previous, mut went) = (None, None);
        if figure.comparison == Comparison::YearBefore {
            let (text, before, _) = self.value(figure, period.year_before()).await?;
            went = number.zip(before).map(|(now, before)| direction(now, before));
            previous = text;
        }
        let said = said.unwrap_or_else(|| say(figure, value.as_deref(), went));
        let (rows, synthetic) = self.count_rows(figure, period).await?;
        Ok(FigureAnswer { value, number, previous, direction: went, said, rows, synthetic })
    }

    /// The value of a figure alone, for histories.
    ///
    /// # Errors
    /// When the lake cannot be asked.
    pub async fn value(&self, figure: &Definition, period: Period) -> anyhow::Result<Value> {
        let key = (figure.id.clone(), period);
        let known = self.answered.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let value = self.ask(figure, period).await?;
        self.answered.lock().unwrap_or_else(PoisonError::into_inner).insert(key, value.clone());
        Ok(value)
    }

    async fn ask(&self, figure: &Definition, period: Period) -> anyhow::Result<Value> {
        let number = match &figure.value {
            ValueRule::AirPeriod { statistic, parameter } => {
                let judged = self.view.city_period(self.norms, period);
                judged.and_then(|judged| statistic_of(&judged, statistic, parameter.as_deref()))
            }
            ValueRule::AirRank => self.air_rank(period).await?,
            ValueRule::Evidence => {
                let sql = "SELECT value FROM evidence WHERE city = $city AND figure = $figure AND period = $period";
                let mut bound = self.bound(sql, period);
                bound.push(("figure", Parameter::Text(figure.id.clone())));
                let rows = self.session.ask(sql, &bound).await?.rows().await?;
                return Ok((rows.first().map(|row| row[0].to_string()), None, None));
            }
            ValueRule::Direction { of, names } => {
                let mut directions = Vec::new();
                for id in of {
                    let Some(other) = self.folder.pack.catalogue.figure(id) else { continue };
                    let now = Box::pin(self.value(other, period)).await?.1;
                    let before = Box::pin(self.value(other, period.year_before())).await?.1;
                    directions.push(now.zip(before).map(|(now, before)| direction(now, before)));
                }
                let said = say_directions(names, &directions);
                return Ok((said.as_ref().map(|said| said.zh.clone()), None, said));
            }
            ValueRule::Change { of, percent, decimals } => {
                let Some(other) = self.folder.pack.catalogue.figure(of) else { return Ok((None, None, None)) };
                let now = Box::pin(self.value(other, period)).await?.1;
                let before = Box::pin(self.value(other, period.year_before())).await?.1;
                let Some((now, before)) = now.zip(before) else { return Ok((None, None, None)) };
                let change = change(now, before, *percent).map(|change| plain(change.rounded(*decimals)));
                let text = change.map(|change| change.to_string());
                let said = say(figure, text.as_deref(), Some(direction(now, before)));
                return Ok((text, change, Some(said)));
            }
            ValueRule::Sql { sql, decimals } => {
                let rows = self.session.ask(sql, &self.bound(sql, period)).await?.rows().await?;
                let cell = rows.first().map(|row| &row[0]);
                match (cell.and_then(Cell::as_number).and_then(norms::Measured::from_f64), decimals) {
                    (Some(number), Some(decimals)) => Some(plain(number.rounded(*decimals))),
                    _ => {
                        let text = cell.map(ToString::to_string).filter(|text| !text.is_empty());
                        let whole = text.as_ref().and_then(|text| text.parse().ok());
                        return Ok((text, whole.map(|units| Rounded { units, decimals: 0 }), None));
                    }
                }
            }
        };
        Ok((number.map(|number| number.to_string()), number, None))
    }

    /// The rank of the city's own index among the comparison cities of the period; equal indices share a rank.
    async fn air_rank(&self, period: Period) -> anyhow::Result<Option<Rounded>> {
        let Some(own) = self.view.city_period(self.norms, period).and_then(|judged| judged.composite) else {
            return Ok(None);
        };
        let sql = "SELECT value FROM city_index WHERE city = $city AND period = $period AND value IS NOT NULL";
        let rows = self.session.ask(sql, &self.bound(sql, period)).await?.rows().await?;
        if rows.is_empty() {
            return Ok(None);
        }
        let others = rows.iter().filter_map(|row| norms::Measured::from_f64(row[0].as_number()?));
        let mut all: Vec<Ratio> = vec![own.ratio()];
        all.extend(others.map(norms::Measured::ratio));
        let rank = norms::air::rank_ascending(&all)[0];
        Ok(Some(Rounded { units: rank as i64, decimals: 0 }))
    }

    async fn count_rows(&self, figure: &Definition, period: Period) -> anyhow::Result<(u64, bool)> {
        let sql = &figure.rows_sql;
        let has_source = sql.contains("source");
        let simulated = if has_source { "coalesce(bool_or(source = 'simulated'), false)" } else { "false" };
        let count = format!("SELECT count(*), {simulated} FROM ({}) AS behind", unordered(sql));
        let rows = self.session.ask(&count, &self.bound(&count, period)).await?.rows().await?;
        let row = rows.first();
        let count = row.and_then(|row| row[0].as_count()).unwrap_or(0).unsigned_abs();
        Ok((count, row.is_some_and(|row| matches!(row[1], Cell::YesNo(true)))))
    }

    /// Column names and rows behind a figure, from `skip` on.
    ///
    /// # Errors
    /// When the lake cannot be asked.
    pub async fn rows(
        &self,
        figure: &Definition,
        period: Period,
        skip: usize,
        most: usize,
    ) -> anyhow::Result<(Vec<String>, Vec<Vec<Cell>>)> {
        let sql = format!("{} LIMIT {most} OFFSET {skip}", figure.rows_sql);
        let answer = self.session.ask(&sql, &self.bound(&sql, period)).await?;
        let columns = answer.columns();
        Ok((columns, answer.rows().await?))
    }

    /// Column names of the rows behind a figure.
    ///
    /// # Errors
    /// When the lake cannot be asked.
    pub async fn columns(&self, figure: &Definition, period: Period) -> anyhow::Result<Vec<String>> {
        let sql = format!("{} LIMIT 0", figure.rows_sql);
        Ok(self.session.ask(&sql, &self.bound(&sql, period)).await?.columns())
    }

    /// The stations whose rows stand behind a figure; none when its rows are not of stations.
    ///
    /// # Errors
    /// When the lake cannot be asked.
    pub async fn stations(&self, figure: &Definition, period: Period) -> anyhow::Result<Vec<String>> {
        if !figure.rows_sql.starts_with("SELECT station,") {
            return Ok(Vec::new());
        }
        let sql = format!("SELECT DISTINCT station FROM ({}) AS behind ORDER BY station", unordered(&figure.rows_sql));
        let rows = self.session.ask(&sql, &self.bound(&sql, period)).await?.rows().await?;
        Ok(rows.iter().map(|row| row[0].to_string()).collect())
    }

    /// The position that this desk reads: the version of each table.
    #[must_use]
    pub fn position(&self) -> String {
        self.session.versions().to_string()
    }

    /// The values that a question names.
    fn bound(&self, sql: &str, period: Period) -> Vec<(&'static str, Parameter)> {
        let start = |period: Period| Parameter::Instant(norms::Hour(period.first_day().hour(0).0 - 1).end_micros_utc());
        let end = Parameter::Instant(period.last_day().hour(23).end_micros_utc());
        let all = [
            ("start_before", start(period.year_before())),
            ("start", start(period)),
            ("end", end),
            ("city", Parameter::Text(self.folder.pack.city.code.clone())),
            ("period", Parameter::Text(period.to_string())),
            ("first_day", Parameter::Day(period.first_day())),
            ("last_day", Parameter::Day(period.last_day())),
            ("year", Parameter::Count(i64::from(period.last_day().year()))),
            ("year_before", Parameter::Count(i64::from(period.last_day().year()) - 1)),
        ];
        all.into_iter().filter(|(name, _)| names(sql, name)).collect()
    }
}

/// How far a number moved, without its sign: by itself, or in percent of the number before; none of zero.
fn change(now: Rounded, before: Rounded, percent: bool) -> Option<Ratio> {
    let minus = Ratio::new(-1, 1);
    let (now, before) = (now.ratio(), before.ratio());
    let difference = now.plus(before.times(minus));
    let size = if difference < Ratio::new(0, 1) { difference.times(minus) } else { difference };
    if percent { size.times(Ratio::new(100, 1)).over(before) } else { Some(size) }
}

/// A number without zeros at its end: 100.0 is printed as 100.
fn plain(mut number: Rounded) -> Rounded {
    while number.decimals > 0 && number.units % 10 == 0 {
        number = Rounded { units: number.units / 10, decimals: number.decimals - 1 };
    }
    number
}

/// Whether a question names `$name`, and not only a longer name that starts so.
fn names(sql: &str, name: &str) -> bool {
    sql.match_indices(&format!("${name}")).any(|(at, text)| {
        let next = sql[at + text.len()..].chars().next();
        next.is_none_or(|next| !next.is_alphanumeric() && next != '_')
    })
}

/// A question without its order, to be counted or summed.
fn unordered(sql: &str) -> &str {
    sql.rsplit_once(" ORDER BY ").map_or(sql, |(head, _)| head)
}

/// A statistic of a judged period. Shares are percentages with one decimal.
fn statistic_of(judged: &AirPeriod, statistic: &str, parameter: Option<&str>) -> Option<Rounded> {
    let pollutant = || parameter.and_then(Pollutant::from_name).map(Pollutant::number);
    let share = |days: u32| {
        Ratio::new(i128::from(days) * 100, 1).over_count(u64::from(judged.valid_days)).map(|share| share.rounded(1))
    };
    match statistic {
        "mean" => judged.mean[pollutant()?],
        "percentile" => judged.percentile[pollutant()?],
        "composite_index" => judged.composite,
        "good_ratio" => share(judged.good_days),
        "excellent_ratio" => share(judged.excellent_days),
        "valid_days" => Some(Rounded { units: i64::from(judged.valid_days), decimals: 0 }),
        _ => None,
    }
}
