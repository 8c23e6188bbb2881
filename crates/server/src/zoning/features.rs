//! The layers of every edition as collections of features in longitude and latitude, asked by place, time and value.

use super::answers::Marked;
use super::desk::Desk;
use super::edition::Edition;
use super::view::Sight;
use exchange::edition::LayerEntry;
use exchange::{Feature, FeatureTable, FieldAliases};
use geo::{BoundingRect, Contains, Coord, Geometry, Intersects, MapCoords, Rect};
use norms::{Day, Term};
use serde_json::{Map, Value};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use zoning::crs::Crs;

/// Collections that are kept ready.
const READY_KEPT: usize = 4096;
/// The longest text of a column that can name its features.
const ID_CHARS: usize = 100;
/// Columns that can name the features of a table.
const NAMES: [&str; 2] = ["code", "id"];
/// Seconds by which Beijing is ahead of UTC.
const BEIJING: i64 = 8 * 3600;

/// A layer of an edition, or its units.
pub(crate) struct Collection<'a> {
    /// The edition.
    pub(crate) edition: &'a Edition,
    term: Term,
    /// What marks answers about it: `synthetic`, and the notice of a made-up edition.
    pub(crate) marks: Map<String, Value>,
    /// Key of the layer; `units` for the units.
    pub(crate) key: &'a str,
    /// What is said about the layer; none for the units.
    pub(crate) entry: Option<&'a LayerEntry>,
    /// Its features.
    pub(crate) table: &'a FeatureTable,
}

/// Every collection that somebody may see: of each edition the units, then the layers.
pub(crate) fn collections(desk: &Desk, sight: Sight) -> Vec<Collection<'_>> {
    let of = |(edition, term, marks): (_, _, Marked)| {
        let shown = tables(edition).filter(|(key, ..)| desk.view().shows(key, sight));
        shown.map(move |table| Collection::new(edition, term, &marks, table)).collect::<Vec<_>>()
    };
    desk.shelf(sight).into_iter().flat_map(of).collect()
}

/// One collection by its id; none when there is none that the asker may see.
pub(crate) fn collection<'a>(desk: &'a Desk, sight: Sight, id: &str) -> Option<Collection<'a>> {
    desk.shelf(sight).into_iter().find_map(|(edition, term, marks)| {
        let wanted = id.strip_prefix(edition.id())?.strip_prefix('.')?;
        let table = tables(edition).find(|(key, ..)| *key == wanted && desk.view().shows(key, sight))?;
        Some(Collection::new(edition, term, &marks, table))
    })
}

/// Key, what is said about it, and features.
type Named<'a> = (&'a str, Option<&'a LayerEntry>, &'a FeatureTable);

fn tables(edition: &Edition) -> impl Iterator<Item = Named<'_>> {
    let units = edition.files.units.iter().map(|table| ("units", None, table));
    let layers = edition.files.layers.iter();
    let layers = layers.map(|layer| (layer.entry.key.as_str(), Some(&layer.entry), &layer.table));
    // A layer that calls itself `units` cannot be told from the units.
    let layers = layers.filter(|(key, ..)| edition.files.units.is_none() || *key != "units");
    units.chain(layers)
}

impl<'a> Collection<'a> {
    fn new(edition: &'a Edition, term: Term, marks: &Marked, (key, entry, table): Named<'a>) -> Self {
        let marks = serde_json::to_value(marks).ok().and_then(|marks| marks.as_object().cloned()).unwrap_or_default();
        Self { edition, term, marks, key, entry, table }
    }

    /// Its id, such as `xm-2026.redline`.
    pub(crate) fn id(&self) -> String {
        format!("{}.{}", self.edition.id(), self.key)
    }

    /// Its title in Chinese and in English.
    pub(crate) fn titles(&self) -> (&str, &str) {
        let (zh, en) = self
            .entry
            .map_or(("管控单元", "Control units"), |entry| (entry.title_zh.as_str(), entry.title_en.as_str()));
        (if zh.is_empty() { self.key } else { zh }, if en.is_empty() { self.key } else { en })
    }

    /// First second of its edition's term and first one after, since 1970-01-01T00:00Z; an open side has none.
    pub(crate) fn term(&self) -> (Option<i64>, Option<i64>) {
        (self.term.from.map(first_second), self.term.to.map(first_second))
    }
}

/// The first second of a day in Beijing, since 1970-01-01T00:00Z.
pub(crate) const fn first_second(day: Day) -> i64 {
    day.0 as i64 * 86_400 - BEIJING
}

/// A column of a collection.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Column {
    /// Its name.
    pub(crate) name: String,
    /// Whether it holds numbers.
    pub(crate) number: bool,
}

/// A collection made ready for questions: where its features lie, what they are called, what its columns hold.
pub(crate) struct Ready {
    crs: Option<Crs>,
    bounds: Vec<Option<Rect<f64>>>,
    naming: Option<usize>,
    /// Its columns, in the order of the table.
    pub(crate) columns: Vec<Column>,
    /// Where its features lie; none when none has a place.
    pub(crate) extent: Option<Rect<f64>>,
}

/// What a question wants of a collection; everything when it says nothing.
#[derive(Debug, Default)]
pub(crate) struct Wanted {
    /// Windows of which a feature must meet one.
    pub(crate) windows: Option<Vec<Rect<f64>>>,
    /// Columns and the value that each must have.
    pub(crate) values: Vec<(usize, Value)>,
}

/// Collections that are ready, kept by the content of their edition.
#[derive(Default)]
pub(crate) struct Shelf {
    ready: Mutex<HashMap<(String, String), Arc<Ready>>>,
}

impl Shelf {
    /// The collection made ready, from before when it was.
    pub(crate) fn ready(&self, of: &Collection<'_>, aliases: &FieldAliases) -> Arc<Ready> {
        let place = (of.edition.files.hash.whole.clone(), of.key.to_owned());
        if let Some(ready) = self.ready.lock().unwrap_or_else(PoisonError::into_inner).get(&place) {
            return Arc::clone(ready);
        }
        let made = Arc::new(Ready::new(of.table, aliases));
        let mut kept = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= READY_KEPT {
            kept.clear();
        }
        kept.insert(place, Arc::clone(&made));
        made
    }
}

impl Ready {
    fn new(table: &FeatureTable, aliases: &FieldAliases) -> Self {
        let crs = table.crs.known().ok().flatten();
        let place = |feature: &Feature| in_degrees(crs.as_ref(), feature.shape.as_ref()?)?.bounding_rect();
        let bounds: Vec<Option<Rect<f64>>> = table.features.iter().map(place).collect();
        let extent = bounds.iter().flatten().copied().reduce(around);
        let column = |(at, name): (usize, &String)| Column {
            name: name.clone(),
            // What features are called by is a name, of digits too.
            number: !NAMES.contains(&name.as_str()) && table.holds_numbers(at, aliases),
        };
        let naming = NAMES.iter().filter_map(|name| table.field(name)).find(|at| names(table, *at));
        Self { crs, bounds, naming, columns: table.fields.iter().enumerate().map(column).collect(), extent }
    }

    /// The rows that a question wants, in the order of the table.
    pub(crate) fn select(&self, table: &FeatureTable, wanted: &Wanted) -> Vec<usize> {
        let fits = |row: &usize| {
            table.features.get(*row).is_some_and(|feature| {
                wanted.values.iter().all(|(at, value)| same(&self.value(feature, *at), value))
                    && wanted.windows.as_ref().is_none_or(|windows| self.meets(feature, *row, windows))
            })
        };
        (0..table.features.len()).filter(fits).collect()
    }

    /// Whether a feature meets one of some windows; one without a place meets any, as the standard wants it.
    fn meets(&self, feature: &Feature, row: usize, windows: &[Rect<f64>]) -> bool {
        let Some(bounds) = self.bounds.get(row).copied().flatten() else { return true };
        let near: Vec<_> = windows.iter().filter(|window| window.intersects(&bounds)).collect();
        if near.is_empty() || near.iter().any(|window| holds(window, &bounds)) {
            return !near.is_empty();
        }
        let shape = feature.shape.as_ref().and_then(|shape| in_degrees(self.crs.as_ref(), shape));
        shape.is_some_and(|shape| near.iter().any(|window| shape.intersects(*window)))
    }

    /// The row of a feature.
    pub(crate) fn row(&self, table: &FeatureTable, id: &str) -> Option<usize> {
        table.features.iter().position(|feature| match self.naming {
            Some(at) => feature.values.get(at).is_some_and(|text| text == id),
            None => feature.number.to_string() == id,
        })
    }

    /// What a feature is called: its code where each has its own, else its number.
    pub(crate) fn id(&self, feature: &Feature) -> Value {
        match self.naming.and_then(|at| feature.values.get(at)) {
            Some(text) => Value::from(text.as_str()),
            None => Value::from(feature.number),
        }
    }

    /// The column that features are called by; none when they are called by their numbers.
    pub(crate) fn naming(&self) -> Option<&Column> {
        self.columns.get(self.naming?)
    }

    fn value(&self, feature: &Feature, at: usize) -> Value {
        match feature.values.get(at).map(String::as_str) {
            None | Some("") => Value::Null,
            Some(text) if self.columns.get(at).is_some_and(|column| column.number) => number(text).into(),
            Some(text) => Value::from(text),
        }
    }

    /// Appends a feature as GeoJSON; `more` are members of its own beside the usual ones.
    pub(crate) fn push(&self, feature: &Feature, more: &Map<String, Value>, out: &mut String) {
        out.push_str("{\"type\":\"Feature\",\"id\":");
        out.push_str(&self.id(feature).to_string());
        out.push_str(",\"geometry\":");
        match feature.shape.as_ref().and_then(|shape| in_degrees(self.crs.as_ref(), shape)) {
            Some(shape) => exchange::push_geojson(&shape, out),
            None => out.push_str("null"),
        }
        out.push_str(",\"properties\":{");
        for (at, column) in self.columns.iter().enumerate() {
            if at > 0 {
                out.push(',');
            }
            out.push_str(&Value::from(column.name.as_str()).to_string());
            out.push(':');
            out.push_str(&self.value(feature, at).to_string());
        }
        out.push('}');
        for (name, value) in more {
            out.push(',');
            out.push_str(&Value::from(name.as_str()).to_string());
            out.push(':');
            out.push_str(&value.to_string());
        }
        out.push('}');
    }
}

impl Column {
    /// The value that a text of a question means; none when it is no value of this column.
    pub(crate) fn read(&self, text: &str) -> Option<Value> {
        if self.number { number(text).map(Value::from) } else { Some(Value::from(text)) }
    }
}

/// A number, whole where it is.
fn number(text: &str) -> Option<serde_json::Number> {
    let value = text.parse::<f64>().ok().filter(|value| value.is_finite())?;
    text.parse::<i64>().map_or_else(|_| serde_json::Number::from_f64(value), |whole| Some(whole.into()))
}

/// Whether two values are one: `1` and `1.0` are.
fn same(a: &Value, b: &Value) -> bool {
    match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => a == b,
        _ => a == b,
    }
}

fn cells(table: &FeatureTable, at: usize) -> impl Iterator<Item = &str> {
    table.features.iter().map(move |feature| feature.values.get(at).map_or("", String::as_str))
}

/// Whether a column gives each feature a name of its own.
fn names(table: &FeatureTable, at: usize) -> bool {
    let mut seen = HashSet::new();
    cells(table, at).all(|text| !text.is_empty() && text.chars().count() <= ID_CHARS && seen.insert(text))
}

/// A shape in longitude and latitude; none when its system is not known or cannot hold it.
fn in_degrees(crs: Option<&Crs>, shape: &Geometry<f64>) -> Option<Geometry<f64>> {
    let crs = crs?;
    shape.try_map_coords(|c| crs.to_geographic(c)).ok()
}

fn around(a: Rect<f64>, b: Rect<f64>) -> Rect<f64> {
    let low = Coord { x: a.min().x.min(b.min().x), y: a.min().y.min(b.min().y) };
    Rect::new(low, Coord { x: a.max().x.max(b.max().x), y: a.max().y.max(b.max().y) })
}

fn holds(window: &Rect<f64>, bounds: &Rect<f64>) -> bool {
    window.contains(bounds) || window == bounds
}

#[cfg(test)]
mod tests {
    use super::*;
    use exchange::DeclaredCrs;

    fn table(crs: DeclaredCrs, rows: &[(&str, &str, Option<Geometry<f64>>)]) -> FeatureTable {
        let feature = |(number, (code, class, shape)): (u64, &(&str, &str, Option<Geometry<f64>>))| Feature {
            number,
            line: None,
            values: vec![(*code).to_owned(), (*class).to_owned()],
            shape: shape.clone(),
        };
        let features = (1..).zip(rows).map(feature).collect();
        FeatureTable { crs, fields: vec!["code".into(), "class".into()], features, ..FeatureTable::default() }
    }

    fn aliases() -> FieldAliases {
        FieldAliases::read("alias,meaning,kind,source\ncode,code,code,D\nclass,class,number,D\n").unwrap()
    }

    /// A corner that its box has and the shape has not.
    fn triangle() -> Geometry<f64> {
        let ring = vec![(118.0, 24.0), (119.0, 24.0), (118.0, 25.0), (118.0, 24.0)];
        Geometry::Polygon(geo::Polygon::new(ring.into(), Vec::new()))
    }

    fn window(west: f64, south: f64, east: f64, north: f64) -> Wanted {
        let window = Rect::new(Coord { x: west, y: south }, Coord { x: east, y: north });
        Wanted { windows: Some(vec![window]), values: Vec::new() }
    }

    #[test]
    fn a_window_meets_shapes_not_their_boxes() {
        let table = table(DeclaredCrs::Epsg(4490), &[("A", "1", Some(triangle())), ("B", "2", None)]);
        let ready = Ready::new(&table, &aliases());
        assert_eq!(ready.select(&table, &Wanted::default()), [0, 1]);
        assert_eq!(ready.select(&table, &window(118.7, 24.7, 119.0, 25.0)), [1], "the empty corner of the box");
        assert_eq!(ready.select(&table, &window(118.4, 24.4, 119.0, 25.0)), [0, 1]);
        assert_eq!(ready.select(&table, &window(119.0, 24.0, 120.0, 24.5)), [0, 1], "a shared corner");
        assert_eq!(ready.select(&table, &window(117.0, 23.0, 120.0, 26.0)), [0, 1]);
        assert_eq!(ready.select(&table, &window(100.0, 23.0, 110.0, 26.0)), [1]);
    }

    #[test]
    fn names_and_numbers_are_what_every_row_allows() {
        let own = table(DeclaredCrs::Epsg(4490), &[("A", "1", None), ("B", "", None)]);
        let ready = Ready::new(&own, &aliases());
        assert!(ready.naming() == Some(&ready.columns[0]) && ready.columns[1].number && !ready.columns[0].number);
        assert_eq!((ready.row(&own, "B"), ready.row(&own, "2")), (Some(1), None));
        for (text, rows) in [("1", vec![0]), ("1.0", vec![0]), ("2", vec![])] {
            let wanted = Wanted { values: vec![(1, ready.columns[1].read(text).unwrap())], ..Wanted::default() };
            assert_eq!(ready.select(&own, &wanted), rows, "{text}");
        }
        assert!(ready.columns[1].read("one").is_none());
        let twice = table(DeclaredCrs::Epsg(4490), &[("A", "1", None), ("A", "x", None)]);
        let ready = Ready::new(&twice, &aliases());
        assert!(ready.naming().is_none() && !ready.columns[1].number);
        assert_eq!((ready.row(&twice, "2"), ready.id(&twice.features[1])), (Some(1), Value::from(2)));
    }

    #[test]
    fn a_plane_is_carried_and_an_unknown_system_has_no_place() {
        let place = Geometry::Point(geo::Point::new(500_000.0, 2_710_000.0));
        let plane = table(DeclaredCrs::Epsg(4547), &[("A", "1", Some(place.clone()))]);
        let extent = Ready::new(&plane, &aliases()).extent.unwrap();
        assert!((extent.min().x - 114.0).abs() < 1e-9 && (24.0..25.0).contains(&extent.min().y), "{extent:?}");
        let nowhere = table(DeclaredCrs::Undeclared, &[("A", "1", Some(place))]);
        let ready = Ready::new(&nowhere, &aliases());
        let mut text = String::new();
        ready.push(&nowhere.features[0], &Map::new(), &mut text);
        assert!(ready.extent.is_none());
        let expected = r#"{"type":"Feature","id":"A","geometry":null,"properties":{"code":"A","class":1}}"#;
        assert_eq!(text, expected);
    }
}
