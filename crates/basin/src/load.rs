//! Reading a network from its tables, with every error at once.

use crate::{DispersionRule, Network, Node, Place, PlaceKind, Point, Provenance, Reach};
use norms::{Confidence, LoadError, NormFile};
use serde::Deserialize;
use std::collections::HashMap;

/// Shares of a node add up to 1 within this.
const SHARE_TOLERANCE: f64 = 1e-6;

/// A river is no shorter than the straight line; a little is given to rounded coordinates.
const STRAIGHT_TOLERANCE: f64 = 0.99;

impl Network {
    /// Reads `source.toml`, `nodes.csv`, `reaches.csv` and `places.csv`; paths may have folders in front.
    ///
    /// # Errors
    /// Every error with file, line and field: a file or column that is missing, cells that cannot be read, doubled codes,
    /// nodes without a reach, places off their reach, shares that do not add up, circles, and arms that part and meet
    /// without being declared a braid.
    pub fn load(files: &[NormFile]) -> Result<Self, Vec<LoadError>> {
        let mut errors = Vec::new();
        let source = named(files, "source.toml").and_then(SourceFile::read).map_err(|error| errors.push(error)).ok();
        let nodes = read_nodes(files, &mut errors);
        let reaches = read_reaches(files, &nodes, &mut errors);
        let places = read_places(files, &reaches, &mut errors);
        let (Some(source), []) = (source, errors.as_slice()) else {
            return Err(errors);
        };
        let reach_lines: Vec<&Line> = reaches.iter().map(|(line, _)| line).collect();
        let mut network = Self {
            nodes: nodes.iter().map(|(_, node)| node.clone()).collect(),
            reaches: reaches.iter().map(|(_, reach)| reach.clone()).collect(),
            places: places.into_iter().map(|(_, place)| place).collect(),
            dispersion: source.dispersion(),
            provenance: source.provenance(),
            order: Vec::new(),
        };
        for (number, (line, node)) in nodes.iter().enumerate() {
            if !network.reaches.iter().any(|reach| reach.from == number || reach.to == number) {
                errors.push(line.error(
                    "node",
                    &format!("节点{}没有河段", node.code),
                    &format!("no reach touches the node {}", node.code),
                ));
            }
        }
        network.check_reaches(&reach_lines, &mut errors);
        match network.downhill() {
            Ok(order) => network.order = order,
            Err(number) => {
                errors.push(reach_lines[number].error("to", "河段首尾相接成环", "the water would run in a circle"));
            }
        }
        if errors.is_empty() {
            network.check_parting(&reach_lines, &mut errors);
        }
        if errors.is_empty() { Ok(network) } else { Err(errors) }
    }

    /// Lengths beside the straight line, water, and dispersion.
    fn check_reaches(&self, lines: &[&Line], errors: &mut Vec<LoadError>) {
        for (reach, line) in self.reaches.iter().zip(lines) {
            let straight = straight_km(&self.nodes[reach.from], &self.nodes[reach.to]);
            if reach.from == reach.to {
                errors.push(line.error("to", "河段首尾为同一节点", "the reach ends where it begins"));
            } else if reach.length_km < straight * STRAIGHT_TOLERANCE {
                errors.push(line.error(
                    "length_km",
                    &format!("比两节点间的直线距离{straight:.2}千米还短"),
                    &format!("it is shorter than the straight line of {straight:.2} km"),
                ));
            }
            if reach.dispersion_m2_s.is_none() && reach.slope.is_none() {
                errors.push(line.error(
                    "dispersion_m2_s",
                    "弥散系数与坡降须有其一",
                    "either a dispersion or a slope to estimate it from is wanted",
                ));
            }
            let fed = self.reaches.iter().any(|other| other.to == reach.from);
            if !fed && reach.inflow_m3_s <= 0.0 {
                errors.push(line.error("inflow_m3_s", "源头河段没有来水", "a reach at a spring needs water"));
            }
        }
        for node in 0..self.nodes.len() {
            let leaving: Vec<usize> = self.leaving(node).collect();
            let total: f64 = leaving.iter().map(|&number| self.reaches[number].share).sum();
            if let Some(&first) = leaving.first()
                && (total - 1.0).abs() > SHARE_TOLERANCE
            {
                errors.push(lines[first].error(
                    "share",
                    &format!("分流节点各河段份额之和为{total}，应为1"),
                    &format!("the shares of the reaches that leave its node add up to {total}, not to 1"),
                ));
            }
        }
    }

    /// Reaches, none before one that flows into it; or one of a circle.
    fn downhill(&self) -> Result<Vec<usize>, usize> {
        let mut waiting = vec![0_usize; self.nodes.len()];
        self.reaches.iter().for_each(|reach| waiting[reach.to] += 1);
        let mut ready: Vec<usize> = (0..self.nodes.len()).filter(|&node| waiting[node] == 0).collect();
        let mut order = Vec::with_capacity(self.reaches.len());
        while let Some(node) = ready.pop() {
            for number in self.leaving(node) {
                order.push(number);
                let to = self.reaches[number].to;
                waiting[to] -= 1;
                if waiting[to] == 0 {
                    ready.push(to);
                }
            }
        }
        let circle = self.reaches.iter().position(|reach| waiting[reach.from] > 0);
        circle.map_or(Ok(order), Err)
    }

    /// Arms that part and meet again are arms of one declared braid.
    fn check_parting(&self, lines: &[&Line], errors: &mut Vec<LoadError>) {
        for node in 0..self.nodes.len() {
            let arms: Vec<usize> = self.leaving(node).collect();
            let below: Vec<Vec<bool>> = arms.iter().map(|&arm| self.nodes_below(arm)).collect();
            for (n, &arm) in arms.iter().enumerate() {
                let same_braid = |other: usize| {
                    self.reaches[arm].braid.is_some() && self.reaches[arm].braid == self.reaches[arms[other]].braid
                };
                let meets = |other: usize| below[n].iter().zip(&below[other]).any(|(a, b)| *a && *b);
                if (0..n).any(|other| meets(other) && !same_braid(other)) {
                    errors.push(lines[arm].error(
                        "braid",
                        "分汊后又汇合的河段须声明为同一汊群",
                        "arms that part and meet again must be declared as one braid",
                    ));
                }
            }
        }
    }

    fn nodes_below(&self, arm: usize) -> Vec<bool> {
        let mut below = vec![false; self.nodes.len()];
        below[self.reaches[arm].to] = true;
        for &number in &self.order {
            if below[self.reaches[number].from] {
                below[self.reaches[number].to] = true;
            }
        }
        below
    }
}

fn straight_km(a: &Node, b: &Node) -> f64 {
    const EARTH_KM: f64 = 6371.0;
    let (lat_a, lat_b) = (a.lat.to_radians(), b.lat.to_radians());
    let half = |angle: f64| (angle / 2.0).sin().powi(2);
    let chord = half(lat_b - lat_a) + lat_a.cos() * lat_b.cos() * half((b.lon - a.lon).to_radians());
    2.0 * EARTH_KM * chord.sqrt().asin()
}

fn named<'a>(files: &'a [NormFile], name: &str) -> Result<&'a NormFile, LoadError> {
    files.iter().find(|file| file.path.rsplit('/').next() == Some(name)).ok_or_else(|| LoadError {
        file: name.to_owned(),
        line: 0,
        field: String::new(),
        message_zh: "缺少文件".to_owned(),
        message_en: "the file is missing".to_owned(),
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SourceFile {
    schema: String,
    simulated: bool,
    source: String,
    confidence: Confidence,
    note_zh: String,
    note_en: String,
    dispersion: DispersionTable,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DispersionTable {
    coefficient: f64,
    gravity_m_s2: f64,
    source: String,
    confidence: Confidence,
}

impl SourceFile {
    fn read(file: &NormFile) -> Result<Self, LoadError> {
        let error = |line: usize, field: &str, zh: String, en: String| LoadError {
            file: file.path.clone(),
            line,
            field: field.to_owned(),
            message_zh: zh,
            message_en: en,
        };
        let read: Self = toml::from_str(&file.text).map_err(|wrong| {
            let start = wrong.span().map_or(0, |span| span.start.min(file.text.len()));
            let line = file.text[..start].matches('\n').count() + 1;
            let text = file.text.lines().nth(line - 1).unwrap_or_default();
            let field = text.split('=').next().unwrap_or_default().trim();
            error(line, field, format!("无法读取：{}", wrong.message()), wrong.message().to_owned())
        })?;
        if read.schema != "basin/1" {
            return Err(error(1, "schema", "应为basin/1".to_owned(), "basin/1 is wanted".to_owned()));
        }
        for (field, value) in
            [("coefficient", read.dispersion.coefficient), ("gravity_m_s2", read.dispersion.gravity_m_s2)]
        {
            if !(value.is_finite() && value > 0.0) {
                let line = file.text.lines().position(|line| line.trim_start().starts_with(field)).map_or(0, |n| n + 1);
                return Err(error(line, field, "应为正数".to_owned(), "a positive number is wanted".to_owned()));
            }
        }
        Ok(read)
    }

    fn provenance(&self) -> Provenance {
        Provenance {
            simulated: self.simulated,
            source: self.source.clone(),
            confidence: self.confidence,
            note_zh: self.note_zh.clone(),
            note_en: self.note_en.clone(),
        }
    }

    fn dispersion(&self) -> DispersionRule {
        DispersionRule {
            coefficient: self.dispersion.coefficient,
            gravity_m_s2: self.dispersion.gravity_m_s2,
            source: self.dispersion.source.clone(),
            confidence: self.dispersion.confidence,
        }
    }
}

/// One line of a table: cells by column.
struct Line {
    file: String,
    number: usize,
    cells: HashMap<String, String>,
}

/// Which numbers a cell may hold.
#[derive(Clone, Copy)]
enum Range {
    Positive,
    NotNegative,
    Within(f64, f64),
}

impl Range {
    fn holds(self, value: f64) -> bool {
        value.is_finite()
            && match self {
                Self::Positive => value > 0.0,
                Self::NotNegative => value >= 0.0,
                Self::Within(low, high) => (low..=high).contains(&value),
            }
    }

    fn wanted(self) -> (String, String) {
        match self {
            Self::Positive => ("应为正数".to_owned(), "a positive number is wanted".to_owned()),
            Self::NotNegative => ("应为非负数".to_owned(), "a number that is not negative is wanted".to_owned()),
            Self::Within(low, high) => {
                (format!("应在{low}至{high}之间"), format!("a number from {low} to {high} is wanted"))
            }
        }
    }
}

impl Line {
    fn error(&self, field: &str, zh: &str, en: &str) -> LoadError {
        LoadError {
            file: self.file.clone(),
            line: self.number,
            field: field.to_owned(),
            message_zh: zh.to_owned(),
            message_en: en.to_owned(),
        }
    }

    fn cell(&self, field: &str) -> &str {
        self.cells.get(field).map_or("", String::as_str)
    }

    fn text(&self, field: &str) -> Result<String, LoadError> {
        match self.cell(field) {
            "" => Err(self.error(field, "不能为空", "it must not be empty")),
            text => Ok(text.to_owned()),
        }
    }

    fn number_if_any(&self, field: &str, range: Range) -> Result<Option<f64>, LoadError> {
        if self.cell(field).is_empty() {
            return Ok(None);
        }
        let value = self.cell(field).parse().ok().filter(|value| range.holds(*value));
        let (zh, en) = range.wanted();
        value.map(Some).ok_or_else(|| self.error(field, &zh, &en))
    }

    fn number(&self, field: &str, range: Range) -> Result<f64, LoadError> {
        let (zh, en) = range.wanted();
        self.number_if_any(field, range)?.ok_or_else(|| self.error(field, &zh, &en))
    }

    /// The number of what another table calls by this cell.
    fn one_of<'a>(&self, field: &str, mut codes: impl Iterator<Item = &'a str>) -> Result<usize, LoadError> {
        let code = self.text(field)?;
        codes
            .position(|known| known == code)
            .ok_or_else(|| self.error(field, &format!("没有{code}"), &format!("there is no {code}")))
    }
}

/// The lines of a table that has these columns, the first of which is a code that stands once.
fn lines(files: &[NormFile], name: &str, columns: &[&str], errors: &mut Vec<LoadError>) -> Vec<Line> {
    let file = match named(files, name) {
        Ok(file) => file,
        Err(error) => {
            errors.push(error);
            return Vec::new();
        }
    };
    let at = |number: usize| Line { file: file.path.clone(), number, cells: HashMap::new() };
    let mut reader =
        csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(file.text.trim_start_matches('\u{feff}').as_bytes());
    let header = match reader.headers() {
        Ok(header) => header.clone(),
        Err(error) => {
            errors.push(at(1).error("", "表头无法读取", &error.to_string()));
            return Vec::new();
        }
    };
    let missing: Vec<&&str> = columns.iter().filter(|column| !header.iter().any(|has| has == **column)).collect();
    if !missing.is_empty() {
        errors.extend(missing.into_iter().map(|column| at(1).error(column, "缺少此列", "the column is missing")));
        return Vec::new();
    }
    let mut lines: Vec<Line> = Vec::new();
    let mut seen: HashMap<String, usize> = HashMap::new();
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                let number = error.position().map_or(0, |position| position.line() as usize);
                errors.push(at(number).error("", "行无法读取，或列数与表头不同", &error.to_string()));
                continue;
            }
        };
        let number = record.position().map_or(0, |position| position.line() as usize);
        let cells = header.iter().zip(&record).map(|(key, cell)| (key.to_owned(), cell.to_owned())).collect();
        let line = Line { file: file.path.clone(), number, cells };
        let code = line.cell(columns[0]).to_owned();
        match seen.get(&code) {
            _ if code.is_empty() => errors.push(line.error(columns[0], "不能为空", "it must not be empty")),
            Some(first) => errors.push(line.error(
                columns[0],
                &format!("{code}已在第{first}行出现"),
                &format!("{code} stands in line {first} already"),
            )),
            None => {
                seen.insert(code, number);
                lines.push(line);
            }
        }
    }
    lines
}

/// Makes an entry of each line; a line with an error makes none.
fn read_each<T>(
    lines: Vec<Line>,
    errors: &mut Vec<LoadError>,
    read: impl Fn(&Line) -> Result<T, LoadError>,
) -> Vec<(Line, T)> {
    lines
        .into_iter()
        .filter_map(|line| match read(&line) {
            Ok(entry) => Some((line, entry)),
            Err(error) => {
                errors.push(error);
                None
            }
        })
        .collect()
}

fn read_nodes(files: &[NormFile], errors: &mut Vec<LoadError>) -> Vec<(Line, Node)> {
    let lines = lines(files, "nodes.csv", &["node", "name_zh", "name_en", "lon", "lat"], errors);
    read_each(lines, errors, |line| {
        Ok(Node {
            code: line.text("node")?,
            name_zh: line.text("name_zh")?,
            name_en: line.text("name_en")?,
            lon: line.number("lon", Range::Within(-180.0, 180.0))?,
            lat: line.number("lat", Range::Within(-90.0, 90.0))?,
        })
    })
}

fn read_reaches(files: &[NormFile], nodes: &[(Line, Node)], errors: &mut Vec<LoadError>) -> Vec<(Line, Reach)> {
    const COLUMNS: [&str; 15] = [
        "reach",
        "name_zh",
        "name_en",
        "from",
        "to",
        "length_km",
        "inflow_m3_s",
        "share",
        "braid",
        "width_m",
        "depth_m",
        "width_exponent",
        "depth_exponent",
        "slope",
        "dispersion_m2_s",
    ];
    let exponent = Range::Within(0.0, 1.0);
    let lines = lines(files, "reaches.csv", &COLUMNS, errors);
    read_each(lines, errors, |line| {
        let node = |field: &str| line.one_of(field, nodes.iter().map(|(_, node)| node.code.as_str()));
        let reach = Reach {
            code: line.text("reach")?,
            name_zh: line.text("name_zh")?,
            name_en: line.text("name_en")?,
            from: node("from")?,
            to: node("to")?,
            length_km: line.number("length_km", Range::Positive)?,
            inflow_m3_s: line.number_if_any("inflow_m3_s", Range::NotNegative)?.unwrap_or(0.0),
            share: line.number_if_any("share", Range::Within(1e-6, 1.0))?.unwrap_or(1.0),
            braid: Some(line.cell("braid").to_owned()).filter(|braid| !braid.is_empty()),
            width_m: line.number("width_m", Range::Positive)?,
            depth_m: line.number("depth_m", Range::Positive)?,
            width_exponent: line.number_if_any("width_exponent", exponent)?.unwrap_or(0.0),
            depth_exponent: line.number_if_any("depth_exponent", exponent)?.unwrap_or(0.0),
            slope: line.number_if_any("slope", Range::Positive)?,
            dispersion_m2_s: line.number_if_any("dispersion_m2_s", Range::Positive)?,
        };
        // A velocity that falls when the flow rises is an error of the table.
        if reach.width_exponent + reach.depth_exponent > 1.0 {
            return Err(line.error(
                "depth_exponent",
                "宽度与水深的指数之和大于1",
                "the exponents of width and depth add up to more than 1",
            ));
        }
        Ok(reach)
    })
}

fn read_places(files: &[NormFile], reaches: &[(Line, Reach)], errors: &mut Vec<LoadError>) -> Vec<(Line, Place)> {
    let lines = lines(files, "places.csv", &["place", "name_zh", "name_en", "kind", "reach", "km"], errors);
    read_each(lines, errors, |line| {
        let kind = PlaceKind::ALL.into_iter().find(|kind| kind.name() == line.cell("kind")).ok_or_else(|| {
            line.error(
                "kind",
                "应为section、outlet、intake或interception",
                "section, outlet, intake or interception is wanted",
            )
        })?;
        let reach = line.one_of("reach", reaches.iter().map(|(_, reach)| reach.code.as_str()))?;
        let km = line.number("km", Range::Within(0.0, reaches[reach].1.length_km))?;
        Ok(Place {
            code: line.text("place")?,
            name_zh: line.text("name_zh")?,
            name_en: line.text("name_en")?,
            kind,
            at: Point { reach, km },
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = include_str!("../../../cities/xiamen/basin/source.toml");
    const NODES: &str = include_str!("../../../cities/xiamen/basin/nodes.csv");
    const REACHES: &str = include_str!("../../../cities/xiamen/basin/reaches.csv");
    const PLACES: &str = include_str!("../../../cities/xiamen/basin/places.csv");

    fn load(source: &str, nodes: &str, reaches: &str, places: &str) -> Result<Network, Vec<LoadError>> {
        let named = [("source.toml", source), ("nodes.csv", nodes), ("reaches.csv", reaches), ("places.csv", places)];
        let files = named.map(|(path, text)| NormFile { path: format!("basin/{path}"), text: text.to_owned() });
        Network::load(&files)
    }

    /// What is wrong with the city's tables after a change: file, line, field.
    fn wrong(table: &str, from: &str, to: &str) -> Vec<(String, usize, String)> {
        let change = |text: &str, name: &str| {
            assert!(name != table || text.contains(from), "{table} has no {from}");
            if name == table { text.replacen(from, to, 1) } else { text.to_owned() }
        };
        let errors = load(
            &change(SOURCE, "source.toml"),
            &change(NODES, "nodes.csv"),
            &change(REACHES, "reaches.csv"),
            &change(PLACES, "places.csv"),
        )
        .err()
        .unwrap_or_default();
        assert!(errors.iter().all(|error| !error.message_zh.is_empty() && !error.message_en.is_empty()));
        errors.into_iter().map(|error| (error.file, error.line, error.field)).collect()
    }

    #[test]
    fn the_shipped_network_loads_and_says_that_it_is_made_up() {
        let network = load(SOURCE, NODES, REACHES, PLACES).unwrap();
        assert!(network.provenance().simulated);
        assert_eq!(network.provenance().confidence, Confidence::Memory);
        assert_eq!((network.nodes().len(), network.reaches().len(), network.places().len()), (24, 18, 30));
        assert_eq!(crate::example().reaches().len(), 3);
    }

    #[test]
    fn every_fault_says_where_it_stands() {
        let at = |file: &str, line: usize, field: &str| vec![(format!("basin/{file}"), line, field.to_owned())];
        let cases = [
            ("source.toml", "basin/1", "basin/2", at("source.toml", 1, "schema")),
            ("source.toml", "coefficient = 0.011", "coefficient = -1", at("source.toml", 11, "coefficient")),
            ("nodes.csv", "node,name_zh", "knot,name_zh", at("nodes.csv", 1, "node")),
            (
                "reaches.csv",
                "DX-1,东溪,Dongxi,DX0,DX1,17.5",
                "DX-1,东溪,Dongxi,DX0,DX1,15.05",
                at("reaches.csv", 5, "length_km"),
            ),
            ("reaches.csv", "4.2,,,26", "0,,,26", at("reaches.csv", 5, "inflow_m3_s")),
            ("reaches.csv", "0.95", "0.90", at("reaches.csv", 3, "share")),
            ("reaches.csv", "0.0004,\n", ",\n", at("reaches.csv", 2, "dispersion_m2_s")),
            ("reaches.csv", "0.3,双溪", "0.3,", at("reaches.csv", 11, "braid")),
            ("reaches.csv", "0.26,0.40", "0.66,0.40", [at("reaches.csv", 2, "depth_exponent")].concat()),
            ("places.csv", "BX-1,9.8", "BX-1,10.6", at("places.csv", 2, "km")),
            ("places.csv", "section,BX-1", "pier,BX-1", at("places.csv", 2, "kind")),
            ("places.csv", "section,BX-1", "section,BX-9", at("places.csv", 2, "reach")),
            ("places.csv", "S-BX2", "S-BX1", at("places.csv", 3, "place")),
            ("places.csv", "9.8", "NaN", at("places.csv", 2, "km")),
            ("places.csv", "北溪引水断面（示意）", "", at("places.csv", 2, "name_zh")),
            ("places.csv", ",section,BX-1,9.8", ",section,BX-1", at("places.csv", 2, "")),
        ];
        for (table, from, to, expected) in cases {
            let found = wrong(table, from, to);
            let first = found.first().cloned().into_iter().collect::<Vec<_>>();
            assert_eq!(first, expected, "{table}: {from} → {to}");
        }
        let dangling = wrong("nodes.csv", "JX0,", "ZZ0,无,None,118.2,24.7\nJX0,");
        assert_eq!(dangling, at("nodes.csv", 24, "node"));
        let twice = wrong("nodes.csv", "JX1,", "JX0,");
        assert_eq!(twice.first(), at("nodes.csv", 25, "node").first());
    }

    #[test]
    fn water_that_runs_in_a_circle_is_refused() {
        let found = wrong("reaches.csv", "HX-2,后溪下段", "HX-9,回流,Back,HX2,HX0,25,0,,,20,1,,,0.001,\nHX-2,后溪下段");
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].2, "to");
    }

    #[test]
    fn missing_files_and_rubbish_are_errors() {
        assert_eq!(Network::load(&[]).unwrap_err().len(), 4);
        assert!(load("\0", "\0", "\"", "a,b\n\"").is_err());
        assert!(load(SOURCE, "node,name_zh,name_en,lon,lat\n", REACHES, PLACES).is_err());
    }
}
