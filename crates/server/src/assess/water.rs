//! `yundang assess surface-water | sea | groundwater`: samples in, classes of samples or periods out (DESIGN §6).

use super::Samples;
use super::explain::Explanations;
use super::periods::{Level, Period};
use super::register::{Register, register_of};
use exchange::{
    CellValue, ColumnKind, ColumnSpec, Findings, Place, SampleOptions, SampleRow, StationKey, TableWriter, read_samples,
};
use norms::classes::{ClassTable, Classified, Reading, WaterBody};
use norms::{Day, Mean, Measured, Norms};
use serde_json::json;
use std::collections::{BTreeMap, HashMap, HashSet};

/// Which water is judged.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Water {
    /// Rivers and lakes.
    Surface,
    /// The sea.
    Sea,
    /// Wells.
    Ground,
}

impl Water {
    /// Which water a medium is; none where it is none.
    pub(crate) fn of_medium(medium: &str) -> Option<Self> {
        [Self::Surface, Self::Sea, Self::Ground].into_iter().find(|water| water.medium() == medium)
    }

    const fn medium(self) -> &'static str {
        match self {
            Self::Surface => "surface_water",
            Self::Sea => "sea",
            Self::Ground => "groundwater",
        }
    }

    const fn place(self) -> &'static str {
        match self {
            Self::Surface => "section",
            Self::Sea => "station",
            Self::Ground => "well",
        }
    }

    pub(crate) fn classes(self, norms: &Norms, day: Day) -> Option<&ClassTable> {
        match self {
            Self::Surface => norms.surface_water.on(day).map(|rules| &rules.standard.classes),
            Self::Sea => norms.sea.on(day).map(|rules| &rules.standard.classes),
            Self::Ground => norms.groundwater.on(day).map(|standard| &standard.classes),
        }
    }

    /// The class that water is hoped to have, by the edition of the day: good sections, points and wells.
    fn good_class(self, norms: &Norms, day: Day) -> Option<u8> {
        match self {
            Self::Surface => norms.surface_water.on(day).map(|rules| rules.evaluation.river.good_class),
            Self::Sea => norms.sea.on(day).map(|rules| rules.evaluation.point.good_class),
            Self::Ground => norms.groundwater.on(day).map(|standard| standard.good.class),
        }
    }

    /// The items of all editions, and for surface water the measured saturation and the transparency of lakes.
    pub(crate) fn items(self, norms: &Norms) -> Vec<&str> {
        let tables: Vec<&ClassTable> = match self {
            Self::Surface => norms.surface_water.standard.iter().map(|(_, standard)| &standard.classes).collect(),
            Self::Sea => norms.sea.standard.iter().map(|(_, standard)| &standard.classes).collect(),
            Self::Ground => norms.groundwater.iter().map(|(_, standard)| &standard.classes).collect(),
        };
        let mut items: Vec<&str> =
            tables.iter().flat_map(|table| &table.items).map(|item| item.parameter.as_str()).collect();
        if self == Self::Surface {
            let rules = norms.surface_water.standard.iter().filter_map(|(_, standard)| standard.saturation.as_ref());
            items.extend(rules.map(|rule| rule.measured_as.as_str()));
            items.push(TRANSPARENCY);
        }
        let mut seen = HashSet::new();
        items.retain(|item| seen.insert(*item));
        items
    }
}

/// The water body that a word of a file means, or the finding that it means none.
fn body_of(norms: &Norms, word: &str, line: Option<u64>, findings: &mut Findings) -> Option<WaterBody> {
    let body = norms.words.means("kind", word).and_then(WaterBody::from_name);
    if body.is_none() {
        findings.report("kind_unknown", Place { line, field: "kind", value: word });
    }
    body
}

/// The function class that a word of a file means, or the finding that it means none.
fn class_of(
    water: Water,
    norms: &Norms,
    day: Day,
    word: &str,
    line: Option<u64>,
    findings: &mut Findings,
) -> Option<u8> {
    let class = water.classes(norms, day)?.class_of(word);
    if class.is_none() {
        findings.report("function_class_unknown", Place { line, field: "function_class", value: word });
    }
    class
}

/// Only lakes are measured for it.
const TRANSPARENCY: &str = "SD";

/// What is known of a place beside its samples.
#[derive(Clone, Debug, Default)]
struct Known {
    body: Option<WaterBody>,
    function_class: Option<u8>,
}

/// The values of one item in one period.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Values {
    mean: Mean,
    below: u32,
    limit_max: Measured,
    /// The value that came last, to tell whether one that comes again is the same.
    last: Option<CellValue>,
}

impl Values {
    pub(crate) fn add(&mut self, cell: CellValue) {
        match cell {
            CellValue::Value(value) => self.mean.add(value),
            CellValue::BelowDetection(limit) => {
                self.mean.add(limit.below_detection());
                self.below += 1;
                self.limit_max = self.limit_max.max(limit);
            }
            CellValue::None | CellValue::Bad => return,
        }
        self.last = Some(cell);
    }

    fn reading(&self) -> Option<Reading> {
        match self.mean.count() {
            0 => None,
            count if count == self.below => Some(Reading::Below(self.limit_max)),
            _ => Some(Reading::Mean(self.mean)),
        }
    }

    /// The mean of months (22号文 一(二)): each month counts once.
    fn of_months<'a>(months: impl Iterator<Item = &'a Self>) -> Self {
        let mut year = Self::default();
        for reading in months.filter_map(Self::reading) {
            year.add(match reading {
                Reading::Mean(mean) => CellValue::Value(mean.ratio().to_measured()),
                Reading::Below(limit) => CellValue::BelowDetection(limit),
            });
        }
        // Months are kept to 10⁻⁹, and so is their mean: one that lies on a limit stays on it.
        year.mean = Mean::of(year.mean.ratio().to_measured(), year.mean.count());
        year
    }
}

/// All samples of a table, by place and period.
struct Places {
    keys: Vec<StationKey>,
    known: Vec<Known>,
    periods: Vec<BTreeMap<Period, Vec<Values>>>,
    has_kind: bool,
    has_function_class: bool,
}

/// Judges a table. Tells whether an answer was written: not with `strict` and errors, nor when nothing could be read.
///
/// # Errors
/// When reading or writing fails.
pub fn assess_water(water: Water, run: &Samples, norms: &Norms, findings: &mut Findings) -> anyhow::Result<bool> {
    let register = register_of(run.stations.as_deref(), &["kind", "function_class"], &[], &norms.parameters, findings)?;
    let items = water.items(norms);
    let samples = gather(run, water, &items, &register, norms, findings)?;
    let unreadable = samples.keys.is_empty() && findings.has_errors();
    if unreadable || (run.strict && findings.has_errors()) {
        return Ok(false);
    }
    let mut answer = Answer::create(run, water, &samples)?;
    for number in super::in_order(&samples.keys) {
        tell_what_lacks(water, &samples, number, &items, findings);
        let mut periods = &samples.periods[number];
        let years = (run.level == Level::Year).then(|| years_of(periods));
        periods = years.as_ref().unwrap_or(periods);
        for (period, values) in periods {
            let day = period.last_day();
            if water.classes(norms, day).is_none() {
                let value = format!("{} {period}", samples.keys[number]);
                findings.report("edition_missing", Place { line: None, field: "time", value: &value });
                continue;
            }
            answer.judge(water, norms, (&samples.keys[number], &samples.known[number]), *period, (&items, values))?;
        }
    }
    if run.strict && findings.has_errors() {
        return Ok(false);
    }
    answer.finish()?;
    Ok(true)
}

/// Years from their months.
pub(crate) fn years_of(months: &BTreeMap<Period, Vec<Values>>) -> BTreeMap<Period, Vec<Values>> {
    let mut years: BTreeMap<Period, Vec<&Vec<Values>>> = BTreeMap::new();
    for (month, values) in months {
        years.entry(month.year()).or_default().push(values);
    }
    let mean = |months: Vec<&Vec<Values>>| {
        let items = months.first().map_or(0, |values| values.len());
        (0..items).map(|item| Values::of_months(months.iter().map(|values| &values[item]))).collect()
    };
    years.into_iter().map(|(year, months)| (year, mean(months))).collect()
}

fn gather(
    run: &Samples,
    water: Water,
    items: &[&str],
    register: &Register,
    norms: &Norms,
    findings: &mut Findings,
) -> anyhow::Result<Places> {
    let options = SampleOptions {
        input: &run.input,
        format: run.input_format,
        medium: water.medium(),
        items,
        default: None,
        words: &["kind", "function_class"],
    };
    let mut known: Vec<Known> = Vec::new();
    let mut periods: Vec<BTreeMap<Period, Vec<Values>>> = Vec::new();
    let mut seen: Vec<Seen> = Vec::new();
    let mut has_kind = register.has("kind");
    let mut has_function_class = register.has("function_class");
    let each = |stations: &exchange::SampleStations, row: &SampleRow<'_>, findings: &mut Findings| {
        let (key, day) = (&stations.keys()[row.station], row.moment.day());
        if row.station == known.len() {
            let mut place = Known::default();
            if let Some((word, line)) = register.word(key, "kind").filter(|_| water == Water::Surface) {
                place.body = body_of(norms, word, line, findings);
            }
            if let Some((word, line)) = register.word(key, "function_class") {
                place.function_class = class_of(water, norms, day, word, line, findings);
            }
            known.push(place);
            periods.push(BTreeMap::new());
            seen.push(Seen::default());
        }
        let known = &mut known[row.station];
        if water == Water::Surface && !row.words[0].is_empty() {
            let Some(body) = body_of(norms, row.words[0], Some(row.line), findings) else { return };
            has_kind = true;
            known.body = Some(body);
        }
        if !row.words[1].is_empty() && known.function_class.is_none() {
            has_function_class = true;
            known.function_class = class_of(water, norms, day, row.words[1], Some(row.line), findings);
        }
        let period = run.level.period(row.moment);
        // A sample without a single value is none.
        if row.cells.is_empty() {
            return;
        }
        let values = periods[row.station].entry(period).or_insert_with(|| vec![Values::default(); items.len()]);
        for &(item, cell) in row.cells {
            if !seen[row.station].is_new(item, row.moment.0) {
                let same = values[item].last == Some(cell);
                let code = if same { "row_twice" } else { "row_conflict" };
                let value = format!("{} {} {}", stations.keys()[row.station], row.moment.label(), items[item]);
                findings.report(code, Place { line: Some(row.line), field: items[item], value: &value });
                continue;
            }
            values[item].add(cell);
            tell_high_limit(water, norms, day, known.body, (items[item], cell), row.line, findings);
        }
    };
    let stations = read_samples(options, &norms.parameters, &norms.units, findings, each)?;
    Ok(Places { keys: stations.keys().to_vec(), known, periods, has_kind, has_function_class })
}

/// The times at which each item of a place came.
#[derive(Default)]
struct Seen(HashMap<usize, Times>);

/// Runs of equal steps, almost always one, up or down; times that fit in none of the first runs lie in a set.
#[derive(Default)]
struct Times {
    runs: Vec<Run>,
    others: HashSet<i64>,
    latest: Option<i64>,
}

/// So many runs are looked through for each time.
const RUNS_MAX: usize = 16;

struct Run {
    first: i64,
    last: i64,
    step: i64,
}

impl Run {
    const fn holds(&self, time: i64) -> bool {
        time >= self.first
            && time <= self.last
            && (time == self.first || (self.step > 0 && (time - self.first) % self.step == 0))
    }

    /// Whether it takes a time in at one of its ends; the second time sets the step.
    fn grows(&mut self, time: i64) -> bool {
        if self.step == 0 {
            self.step = (time - self.last).abs();
        }
        if time == self.last + self.step {
            self.last = time;
        } else if time == self.first - self.step {
            self.first = time;
        } else {
            return false;
        }
        true
    }
}

impl Seen {
    /// Takes a time in; false when it was there already.
    fn is_new(&mut self, item: usize, time: i64) -> bool {
        let times = self.0.entry(item).or_default();
        let is_late = times.latest.is_none_or(|latest| time > latest);
        if !is_late && (times.others.contains(&time) || times.runs.iter().any(|run| run.holds(time))) {
            return false;
        }
        times.latest = times.latest.max(Some(time));
        if times.runs.last_mut().is_some_and(|run| run.grows(time)) {
            return true;
        }
        if times.runs.len() < RUNS_MAX {
            times.runs.push(Run { first: time, last: time, step: 0 });
        } else {
            times.others.insert(time);
        }
        true
    }
}

/// Tells of a value that is not detected with a limit that proves nothing.
fn tell_high_limit(
    water: Water,
    norms: &Norms,
    day: Day,
    body: Option<WaterBody>,
    (name, cell): (&str, CellValue),
    line: u64,
    findings: &mut Findings,
) {
    let CellValue::BelowDetection(limit) = cell else { return };
    let Some(classes) = water.classes(norms, day) else { return };
    let Some(number) = classes.number(name) else { return };
    let class = classes.items[number].class(body.unwrap_or_default(), Reading::Below(limit));
    if water.good_class(norms, day).is_some_and(|good| class > good) {
        let value = format!("<{limit}");
        findings.report("detection_limit_high", Place { line: Some(line), field: name, value: &value });
    }
}

/// Tells of a place whose kind or function class is wanted and not said.
fn tell_what_lacks(water: Water, samples: &Places, number: usize, items: &[&str], findings: &mut Findings) {
    if water == Water::Ground {
        return;
    }
    let (known, name) = (&samples.known[number], samples.keys[number].to_string());
    let place = |field| Place { line: None, field, value: &name };
    // Of a place whose rows were all left out nothing more is wanted.
    let has_samples = !samples.periods[number].is_empty();
    if water == Water::Surface {
        if known.body.is_none() && if samples.has_kind { has_samples } else { number == 0 } {
            findings.report("kind_missing", place("kind"));
        }
        let clear = items.iter().position(|item| *item == TRANSPARENCY);
        let measured = |item: usize| samples.periods[number].values().any(|values| values[item].mean.count() > 0);
        if known.body != Some(WaterBody::Lake) && clear.is_some_and(measured) {
            findings.report("lake_suspect", place(TRANSPARENCY));
        }
    }
    if samples.has_function_class && has_samples && known.function_class.is_none() {
        findings.report("function_class_missing", place("function_class"));
    }
}

/// The table that is written, and the lines that explain it.
struct Answer {
    writer: TableWriter,
    explanations: Explanations,
    with_function_class: bool,
    ints: bool,
}

/// What was found of one place and period.
struct Found<'a> {
    classes: &'a ClassTable,
    readings: &'a [(usize, Reading)],
    /// How many samples each reading is of.
    samples: Vec<u32>,
}

/// What is written of one place and period.
pub(crate) struct Judged<'a> {
    pub(crate) edition: &'a str,
    pub(crate) classified: Classified,
    grade: Option<&'a str>,
    pub(crate) exceedance: Option<String>,
    eutrophication: Option<String>,
}

impl Answer {
    fn create(run: &Samples, water: Water, samples: &Places) -> anyhow::Result<Self> {
        let ints = !samples.keys.is_empty() && samples.keys.iter().all(|key| matches!(key, StationKey::Int(_)));
        let place = ColumnSpec::new(water.place(), if ints { ColumnKind::Long } else { ColumnKind::Text });
        let mut columns = vec![place];
        let text = |name: &str| ColumnSpec::new(name, ColumnKind::Text);
        columns.extend([text("time"), text("edition"), ColumnSpec::new("class", ColumnKind::Int)]);
        if water != Water::Ground {
            columns.push(text("grade"));
        }
        columns.push(text("deciding"));
        if water != Water::Ground {
            columns.push(text("exceedance"));
        }
        if water == Water::Sea {
            columns.push(ColumnSpec::new("eutrophication", ColumnKind::Text));
        }
        if samples.has_function_class {
            columns.extend([ColumnSpec::new("function_class", ColumnKind::Int), text("meets")]);
        }
        let writer = TableWriter::create(&run.output, run.output_format, columns)?;
        let explanations = Explanations::create(run.explain.as_deref())?;
        Ok(Self { writer, explanations, with_function_class: samples.has_function_class, ints })
    }

    fn judge(
        &mut self,
        water: Water,
        norms: &Norms,
        (key, known): (&StationKey, &Known),
        period: Period,
        (items, values): (&[&str], &[Values]),
    ) -> anyhow::Result<()> {
        let day = period.last_day();
        let Some(classes) = water.classes(norms, day) else { return Ok(()) };
        let (readings, samples) = readings(classes, items, values);
        let body = known.body.unwrap_or_default();
        let Some(judged) = judged(water, norms, day, body, &readings, items, values) else { return Ok(()) };
        match key {
            StationKey::Int(number) if self.ints => self.writer.int(Some(*number)),
            key => self.writer.text(&key.to_string()),
        }
        let time = period.to_string();
        self.writer.text(&time);
        self.writer.text(judged.edition);
        self.writer.int(Some(i64::from(judged.classified.class)));
        judged.grade.iter().for_each(|grade| self.writer.text(grade));
        self.writer.text(&classes.names(&judged.classified.deciding));
        judged.exceedance.iter().for_each(|exceedance| self.writer.text(exceedance));
        if water == Water::Sea {
            self.writer.text(judged.eutrophication.as_deref().unwrap_or_default());
        }
        if self.with_function_class {
            let meets = known.function_class.map(|wanted| judged.classified.class <= wanted);
            self.writer.int(known.function_class.map(i64::from));
            self.writer.text(super::yes_no(meets));
        }
        self.writer.end_row()?;
        let found = Found { classes, readings: &readings, samples };
        self.explanations.add(|| explained(water, norms, (key, known), (day, &time), &found, &judged))
    }

    fn finish(self) -> anyhow::Result<()> {
        self.writer.finish()?;
        self.explanations.finish()
    }
}

/// The items of a period that an edition has, and of how many samples each is.
fn readings(classes: &ClassTable, items: &[&str], values: &[Values]) -> (Vec<(usize, Reading)>, Vec<u32>) {
    let of = |(item, values): (&&str, &Values)| Some(((classes.number(item)?, values.reading()?), values.mean.count()));
    items.iter().zip(values).filter_map(of).unzip()
}

/// Judges the values of a period by the edition of its last day; none without an edition or a value that counts.
pub(crate) fn judge_values<'a>(
    water: Water,
    norms: &'a Norms,
    day: Day,
    body: WaterBody,
    items: &[&str],
    values: &[Values],
) -> Option<Judged<'a>> {
    let (readings, _) = readings(water.classes(norms, day)?, items, values);
    judged(water, norms, day, body, &readings, items, values)
}

fn judged<'a>(
    water: Water,
    norms: &'a Norms,
    day: Day,
    body: WaterBody,
    readings: &[(usize, Reading)],
    items: &[&str],
    values: &[Values],
) -> Option<Judged<'a>> {
    match water {
        Water::Surface => {
            let rules = norms.surface_water.on(day)?;
            let measured_as = rules.standard.saturation.as_ref().map(|rule| rule.measured_as.as_str());
            let place = items.iter().position(|item| Some(*item) == measured_as);
            let saturation = place.and_then(|place| match values[place].reading() {
                Some(Reading::Mean(mean)) => Some(mean.ratio().to_measured()),
                _ => None,
            });
            let section = rules.section(body, readings, saturation)?;
            Some(Judged {
                edition: &rules.standard.instrument.id,
                grade: Some(rules.state(section.classified.class).map_or("", |state| &state.state)),
                exceedance: Some(rules.standard.classes.exceeding_text(&section.exceeding)),
                classified: section.classified,
                eutrophication: None,
            })
        }
        Water::Sea => {
            let rules = norms.sea.on(day)?;
            let point = rules.point(readings)?;
            let decimals = rules.evaluation.eutrophication.decimals;
            Some(Judged {
                edition: &rules.standard.instrument.id,
                grade: Some(rules.standard.classes.word(point.classified.class)),
                exceedance: Some(rules.standard.classes.exceeding_text(&point.exceeding)),
                eutrophication: point.eutrophication.map(|(index, _)| index.rounded(decimals).to_string()),
                classified: point.classified,
            })
        }
        Water::Ground => {
            let standard = norms.groundwater.on(day)?;
            let classified = standard.well(readings)?;
            let edition = &standard.instrument.id;
            Some(Judged { edition, classified, grade: None, exceedance: None, eutrophication: None })
        }
    }
}

/// How a result came about: every item with its value, class and the comparison that gave it.
fn explained(
    water: Water,
    norms: &Norms,
    (key, known): (&StationKey, &Known),
    (day, time): (Day, &str),
    found: &Found<'_>,
    judged: &Judged<'_>,
) -> serde_json::Value {
    let body = known.body.unwrap_or_default();
    let lines: Vec<serde_json::Value> = found
        .readings
        .iter()
        .zip(&found.samples)
        .map(|(&(number, reading), samples)| {
            let item = &found.classes.items[number];
            let class = item.class(body, reading);
            let value = match reading {
                Reading::Mean(mean) => mean.ratio().to_measured().to_string(),
                Reading::Below(limit) => format!("<{limit}"),
            };
            let unit = norms.parameters.find(water.medium(), &item.parameter).map(|parameter| parameter.unit.as_str());
            json!({
                "parameter": item.parameter,
                "name_zh": item.name_zh,
                "value": value,
                "unit": unit,
                "samples": samples,
                "class": class,
                "comparison": item.comparison(body, class),
                "counts": water != Water::Surface || norms.surface_water.on(day).is_some_and(|rules| rules.counts(number)),
                "deciding": judged.classified.deciding.contains(&number),
            })
        })
        .collect();
    let instrument =
        norms.instruments.iter().map(|entry| &entry.instrument).find(|instrument| instrument.id == judged.edition);
    json!({
        water.place(): key.to_string(),
        "time": time,
        "edition": judged.edition,
        "confidence": instrument.map(|instrument| instrument.confidence),
        "source": instrument.map(|instrument| instrument.source.as_str()),
        "norms": norms.hash,
        "kind": (water == Water::Surface).then_some(body.name()),
        "function_class": known.function_class,
        "class": judged.classified.class,
        "word": found.classes.word(judged.classified.class),
        "items": lines,
    })
}
