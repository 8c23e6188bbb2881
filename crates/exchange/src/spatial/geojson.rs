//! GeoJSON and one feature a line, read as a stream: no tree in memory, every vertex counted as it comes.

use super::crs_text::DeclaredCrs;
use super::limits::{Budget, Refusal};
use super::wkb::Bag;
use super::{Collector, FeatureTable, ReadOptions, number_text};
use crate::Findings;
use geo::{Coord, Geometry};
use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;

/// Deepest nesting of coordinates: a multipolygon.
const DEPTH_MAX: u8 = 4;

pub(crate) fn read(content: &[u8], options: &ReadOptions, findings: &mut Findings) -> Result<FeatureTable, Refusal> {
    let content = content.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(content);
    if let Err(error) = std::str::from_utf8(content) {
        let line = line_at(content, error.valid_up_to());
        return Err(Refusal::file("encoding", "UTF-8").at(Some(line)));
    }
    let shared = RefCell::new(Shared {
        collector: Collector::new(options, findings),
        fields: Vec::new(),
        columns: HashMap::new(),
        crs: DeclaredCrs::Undeclared,
        name: String::new(),
        stop: None,
        line: None,
    });
    let lines = content.split(|&byte| byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
    let one_a_line = lines.clone().nth(1).is_some()
        && lines.clone().take(2).all(|line| {
            let line = line.trim_ascii().strip_prefix(&[0x1e]).unwrap_or(line.trim_ascii());
            line.starts_with(b"{") && line.ends_with(b"}")
        });
    if one_a_line {
        for (number, line) in content.split(|&byte| byte == b'\n').enumerate() {
            let line = line.trim_ascii();
            let line = line.strip_prefix(&[0x1e]).unwrap_or(line);
            if !line.is_empty() {
                shared.borrow_mut().line = Some(number as u64 + 1);
                parse(line, &shared, number as u64)?;
            }
        }
    } else {
        parse(content, &shared, 0)?;
    }
    let shared = shared.into_inner();
    let features = shared.collector.of_width(shared.fields.len())?;
    Ok(FeatureTable { crs: shared.crs, fields: shared.fields, features, name: shared.name, encoding: None })
}

fn parse(text: &[u8], shared: &RefCell<Shared<'_>>, lines_before: u64) -> Result<(), Refusal> {
    let mut reader = serde_json::Deserializer::from_slice(text);
    let result = Object { shared }.deserialize(&mut reader).and_then(|()| reader.end());
    let stop = shared.borrow_mut().stop.take();
    result.map_err(|error| {
        let line = Some(lines_before + error.line().max(1) as u64);
        stop.unwrap_or_else(|| Refusal::file("json_form", &error.to_string())).at(line)
    })
}

fn line_at(content: &[u8], at: usize) -> u64 {
    content[..at].iter().filter(|&&byte| byte == b'\n').count() as u64 + 1
}

struct Shared<'a> {
    collector: Collector<'a>,
    fields: Vec<String>,
    columns: HashMap<String, usize>,
    crs: DeclaredCrs,
    name: String,
    /// Why reading was stopped from within; the parser's own error is then only its echo.
    stop: Option<Refusal>,
    line: Option<u64>,
}

impl Shared<'_> {
    fn column(&mut self, name: &str) -> usize {
        if let Some(&column) = self.columns.get(name) {
            return column;
        }
        self.fields.push(name.trim_end_matches(['\r', '\n']).to_owned());
        self.columns.insert(name.to_owned(), self.fields.len() - 1);
        self.fields.len() - 1
    }
}

/// A top-level object or a feature: its members come in any order.
#[derive(Clone, Copy)]
struct Object<'s, 'a> {
    shared: &'s RefCell<Shared<'a>>,
}

impl<'de> DeserializeSeed<'de> for Object<'_, '_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Object<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a GeoJSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut kind = String::new();
        let mut properties: Vec<(usize, String)> = Vec::new();
        let mut geometry: Option<Result<Option<Geometry<f64>>, Refusal>> = None;
        let mut bare = Parts::default();
        let mut id = None;
        let mut held_features = false;
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "type" => kind = map.next_value()?,
                "features" => {
                    held_features = true;
                    map.next_value_seed(Features { shared: self.shared })?;
                }
                "crs" => {
                    let crs: Value = map.next_value()?;
                    let named = crs.pointer("/properties/name").and_then(Value::as_str);
                    self.shared.borrow_mut().crs = named.map_or(DeclaredCrs::Undeclared, DeclaredCrs::of_text);
                }
                "name" => {
                    if let Text(Some(name)) = map.next_value()? {
                        self.shared.borrow_mut().name = name;
                    }
                }
                "id" => id = map.next_value::<Text>()?.0,
                "properties" => properties = map.next_value_seed(Properties { shared: self.shared })?,
                "geometry" => geometry = Some(map.next_value_seed(GeometrySeed { shared: self.shared, depth: 0 })?),
                "coordinates" => {
                    bare.coordinates = Some(map.next_value_seed(Coordinates { shared: self.shared, depth: 0 })?);
                }
                "geometries" => bare.parts = map.next_value_seed(Geometries { shared: self.shared, depth: 1 })?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        if held_features || kind == "FeatureCollection" {
            return Ok(());
        }
        if kind != "Feature" {
            if !bare.is_geometry(&kind) {
                let refusal = Refusal::file("json_form", &format!("type {kind:?}"));
                return Err(stop(self.shared, refusal));
            }
            geometry = Some(bare.finish(&kind));
        }
        let mut shared = self.shared.borrow_mut();
        if let Some(id) = id {
            // A member `id` is an attribute too, unless the properties hold one.
            let column = shared.column("id");
            if !properties.iter().any(|(at, _)| *at == column) {
                properties.push((column, id));
            }
        }
        let mut values = vec![String::new(); shared.fields.len()];
        for (column, value) in properties {
            values[column] = value;
        }
        let line = shared.line;
        let pushed = shared.collector.push(line, values, geometry.unwrap_or(Ok(None)));
        drop(shared);
        pushed.map_err(|refusal| stop(self.shared, refusal))
    }
}

fn stop<E: serde::de::Error>(shared: &RefCell<Shared<'_>>, refusal: Refusal) -> E {
    shared.borrow_mut().stop.get_or_insert(refusal);
    E::custom("stopped")
}

macro_rules! seed {
    ($name:ident, $value:ty, $method:ident) => {
        impl<'de> DeserializeSeed<'de> for $name<'_, '_> {
            type Value = $value;

            fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<$value, D::Error> {
                deserializer.$method(self)
            }
        }
    };
}

struct Features<'s, 'a> {
    shared: &'s RefCell<Shared<'a>>,
}
seed!(Features, (), deserialize_seq);

impl<'de> Visitor<'de> for Features<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of features")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(Object { shared: self.shared })?.is_some() {}
        Ok(())
    }
}

struct Properties<'s, 'a> {
    shared: &'s RefCell<Shared<'a>>,
}
seed!(Properties, Vec<(usize, String)>, deserialize_any);

impl<'de> Visitor<'de> for Properties<'_, '_> {
    type Value = Vec<(usize, String)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("properties or null")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut properties = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            let column = self.shared.borrow_mut().column(&name);
            if column >= 10_000 {
                return Err(stop(self.shared, Refusal::file("fields_many", "> 10000")));
            }
            properties.push((column, map.next_value::<Text>()?.0.unwrap_or_default()));
        }
        Ok(properties)
    }
}

struct GeometrySeed<'s, 'a> {
    shared: &'s RefCell<Shared<'a>>,
    depth: u8,
}
seed!(GeometrySeed, Result<Option<Geometry<f64>>, Refusal>, deserialize_any);

impl<'de> Visitor<'de> for GeometrySeed<'_, '_> {
    type Value = Result<Option<Geometry<f64>>, Refusal>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a geometry or null")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Ok(None))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut kind = String::new();
        let mut parts = Parts::default();
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "type" => kind = map.next_value()?,
                "coordinates" => {
                    parts.coordinates = Some(map.next_value_seed(Coordinates { shared: self.shared, depth: 0 })?);
                }
                "geometries" => {
                    let seed = Geometries { shared: self.shared, depth: self.depth + 1 };
                    parts.parts = map.next_value_seed(seed)?;
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(parts.finish(&kind))
    }
}

struct Geometries<'s, 'a> {
    shared: &'s RefCell<Shared<'a>>,
    depth: u8,
}
seed!(Geometries, Vec<Result<Option<Geometry<f64>>, Refusal>>, deserialize_seq);

impl<'de> Visitor<'de> for Geometries<'_, '_> {
    type Value = Vec<Result<Option<Geometry<f64>>, Refusal>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of geometries")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        if self.depth > 4 {
            return Err(A::Error::custom("collections nested too deep"));
        }
        let mut parts = Vec::new();
        while let Some(part) = seq.next_element_seed(GeometrySeed { shared: self.shared, depth: self.depth })? {
            parts.push(part);
            if parts.len() > 100_000 {
                return Err(stop(self.shared, Refusal::file("vertices_many", "> 100000 parts")));
            }
        }
        Ok(parts)
    }
}

/// The members of a geometry before its type is known.
#[derive(Default)]
struct Parts {
    coordinates: Option<Nest>,
    parts: Vec<Result<Option<Geometry<f64>>, Refusal>>,
}

impl Parts {
    fn is_geometry(&self, kind: &str) -> bool {
        kind == "GeometryCollection" || self.coordinates.is_some()
    }

    fn finish(self, kind: &str) -> Result<Option<Geometry<f64>>, Refusal> {
        let mut bag = Bag::default();
        let form = || Refusal::shape("shape_form", &format!("{kind} coordinates"));
        match (kind, self.coordinates) {
            ("GeometryCollection", _) => {
                for part in self.parts {
                    match part? {
                        Some(Geometry::Point(point)) => bag.points.push(point),
                        Some(Geometry::MultiPoint(points)) => bag.points.extend(points.0),
                        Some(Geometry::LineString(line)) => bag.lines.push(line),
                        Some(Geometry::MultiLineString(lines)) => bag.lines.extend(lines.0),
                        Some(Geometry::Polygon(polygon)) => bag.polygons.push(polygon),
                        Some(Geometry::MultiPolygon(polygons)) => bag.polygons.extend(polygons.0),
                        Some(_) | None => {}
                    }
                }
            }
            (_, Some(Nest::Bad(value))) => return Err(Refusal::shape("coordinate_form", &value)),
            (_, Some(Nest::Empty)) => {}
            ("Point", Some(Nest::Position(point))) => bag.points.push(point.into()),
            ("MultiPoint", Some(Nest::Line(points))) => bag.points.extend(points.into_iter().map(geo::Point::from)),
            ("LineString", Some(Nest::Line(points))) => bag.line(points)?,
            ("MultiLineString", Some(Nest::Rings(lines))) => {
                lines.into_iter().try_for_each(|points| bag.line(points))?;
            }
            ("Polygon", Some(Nest::Rings(rings))) => bag.polygon(rings)?,
            ("MultiPolygon", Some(Nest::Polygons(polygons))) => {
                polygons.into_iter().try_for_each(|rings| bag.polygon(rings))?;
            }
            _ => return Err(form()),
        }
        bag.finish()
    }
}

/// Nested coordinates, as deep as they came.
enum Nest {
    Empty,
    Position(Coord<f64>),
    Line(Vec<Coord<f64>>),
    Rings(Vec<Vec<Coord<f64>>>),
    Polygons(Vec<Vec<Vec<Coord<f64>>>>),
    /// A position that is none.
    Bad(String),
}

#[derive(Clone, Copy)]
struct Coordinates<'s, 'a> {
    shared: &'s RefCell<Shared<'a>>,
    depth: u8,
}
seed!(Coordinates, Nest, deserialize_any);

/// A number, or a deeper list.
enum Element {
    Number(f64),
    Nest(Nest),
    Other(&'static str),
}

struct ElementSeed<'s, 'a>(Coordinates<'s, 'a>);
seed!(ElementSeed, Element, deserialize_any);

impl<'de> Visitor<'de> for ElementSeed<'_, '_> {
    type Value = Element;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number or a list")
    }

    fn visit_f64<E>(self, value: f64) -> Result<Element, E> {
        Ok(Element::Number(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Element, E> {
        #[expect(clippy::cast_precision_loss, reason = "coordinates this large are refused")]
        Ok(Element::Number(value as f64))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Element, E> {
        #[expect(clippy::cast_precision_loss, reason = "coordinates this large are refused")]
        Ok(Element::Number(value as f64))
    }

    fn visit_unit<E>(self) -> Result<Element, E> {
        Ok(Element::Other("null"))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Element, E> {
        Ok(Element::Other("true/false"))
    }

    fn visit_str<E>(self, _: &str) -> Result<Element, E> {
        Ok(Element::Other("text"))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Element, A::Error> {
        self.0.visit_seq(seq).map(Element::Nest)
    }
}

impl<'de> Visitor<'de> for Coordinates<'_, '_> {
    type Value = Nest;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("coordinates")
    }

    fn visit_unit<E>(self) -> Result<Nest, E> {
        Ok(Nest::Empty)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Nest, A::Error> {
        if self.depth >= DEPTH_MAX {
            return Err(A::Error::custom("coordinates nested too deep"));
        }
        let deeper = Self { depth: self.depth + 1, ..self };
        let mut nest = Nest::Empty;
        let mut count = 0u64;
        let (mut x, mut y) = (f64::NAN, f64::NAN);
        while let Some(element) = seq.next_element_seed(ElementSeed(deeper))? {
            count += 1;
            match element {
                Element::Number(value) if count == 1 => x = value,
                Element::Number(value) if count == 2 && !x.is_nan() => y = value,
                Element::Number(_) if count <= 8 && matches!(nest, Nest::Empty) => {}
                Element::Number(value) => nest = Nest::Bad(format!("{value}")),
                Element::Other(what) => nest = Nest::Bad(what.to_owned()),
                Element::Nest(part) if x.is_nan() => {
                    nest = join(nest, part);
                    if matches!(nest, Nest::Empty) {
                        // Empty lists cost memory nowhere, but a file of them is still no shape.
                        self.budget(|budget| budget.vertices(1)).map_err(|refusal| stop(self.shared, refusal))?;
                    }
                }
                Element::Nest(_) => nest = Nest::Bad("list beside a number".to_owned()),
            }
        }
        if x.is_nan() || matches!(nest, Nest::Bad(_)) {
            return Ok(nest);
        }
        match self.budget(|budget| budget.vertex(x, y)) {
            Ok(point) => Ok(Nest::Position(point)),
            Err(refusal) if refusal.fatal => Err(stop(self.shared, refusal)),
            Err(refusal) => Ok(Nest::Bad(refusal.value)),
        }
    }
}

impl Coordinates<'_, '_> {
    fn budget<T>(&self, take: impl FnOnce(&mut Budget) -> T) -> T {
        take(&mut self.shared.borrow_mut().collector.budget)
    }
}

fn join(nest: Nest, part: Nest) -> Nest {
    match (nest, part) {
        (Nest::Bad(value), _) | (_, Nest::Bad(value)) => Nest::Bad(value),
        (Nest::Empty, Nest::Position(point)) => Nest::Line(vec![point]),
        (Nest::Empty, Nest::Line(line)) => Nest::Rings(vec![line]),
        (Nest::Empty, Nest::Rings(rings)) => Nest::Polygons(vec![rings]),
        (nest, Nest::Empty) => nest,
        (Nest::Line(mut line), Nest::Position(point)) => {
            line.push(point);
            Nest::Line(line)
        }
        (Nest::Rings(mut rings), Nest::Line(line)) => {
            rings.push(line);
            Nest::Rings(rings)
        }
        (Nest::Polygons(mut polygons), Nest::Rings(rings)) => {
            polygons.push(rings);
            Nest::Polygons(polygons)
        }
        _ => Nest::Bad("lists of unlike depth".to_owned()),
    }
}

/// A JSON value as text: strings as they are, null as none, lists and objects as JSON.
struct Text(Option<String>);

impl<'de> serde::Deserialize<'de> for Text {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Text, E> {
        Ok(Text(None))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Text, E> {
        Ok(Text(Some(value.to_string())))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Text, E> {
        Ok(Text(Some(value.to_string())))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Text, E> {
        Ok(Text(Some(value.to_string())))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Text, E> {
        Ok(Text(Some(number_text(value))))
    }

    fn visit_str<E>(self, value: &str) -> Result<Text, E> {
        Ok(Text(Some(value.to_owned())))
    }

    fn visit_string<E>(self, value: String) -> Result<Text, E> {
        Ok(Text(Some(value)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Text, A::Error> {
        let mut text = String::from("[");
        while let Some(JsonText(part)) = seq.next_element()? {
            if text.len() > 1 {
                text.push(',');
            }
            text.push_str(&part);
        }
        text.push(']');
        Ok(Text(Some(text)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Text, A::Error> {
        let mut text = String::from("{");
        while let Some((key, JsonText(part))) = map.next_entry::<String, JsonText>()? {
            if text.len() > 1 {
                text.push(',');
            }
            text.push_str(&Value::String(key).to_string());
            text.push(':');
            text.push_str(&part);
        }
        text.push('}');
        Ok(Text(Some(text)))
    }
}

/// A JSON value as the JSON text of it.
struct JsonText(String);

impl<'de> serde::Deserialize<'de> for JsonText {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonTextVisitor)
    }
}

struct JsonTextVisitor;

impl<'de> Visitor<'de> for JsonTextVisitor {
    type Value = JsonText;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<JsonText, E> {
        Ok(JsonText("null".to_owned()))
    }

    fn visit_bool<E>(self, value: bool) -> Result<JsonText, E> {
        Ok(JsonText(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<JsonText, E> {
        Ok(JsonText(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<JsonText, E> {
        Ok(JsonText(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<JsonText, E> {
        Ok(JsonText(number_text(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<JsonText, E> {
        Ok(JsonText(Value::String(value.to_owned()).to_string()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<JsonText, A::Error> {
        TextVisitor.visit_seq(seq).map(|text| JsonText(text.0.unwrap_or_default()))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<JsonText, A::Error> {
        TextVisitor.visit_map(map).map(|text| JsonText(text.0.unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spatial::Limits;

    fn table(text: &str) -> (Result<FeatureTable, Refusal>, Findings) {
        let mut findings = Findings::new();
        let table = read(text.as_bytes(), &ReadOptions::default(), &mut findings);
        (table, findings)
    }

    #[test]
    fn members_in_any_order_and_values_as_text() {
        let (table, findings) = table(
            r#"{"features":[{"geometry":{"coordinates":[[[0,0],[9,0],[9,9,5],[0,0]]],"type":"Polygon"},
            "properties":{"a\n":1.50,"b":null,"c":["x",{"k":[1,true,null]}]},"type":"Feature","id":7}],
            "crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::4548"}},"type":"FeatureCollection"}"#,
        );
        let table = table.unwrap();
        assert_eq!(table.crs, DeclaredCrs::Epsg(4548));
        assert_eq!(table.fields, ["a", "b", "c", "id"]);
        assert_eq!(table.features[0].values, ["1.5", "", r#"["x",{"k":[1,true,null]}]"#, "7"]);
        assert!(matches!(&table.features[0].shape, Some(Geometry::Polygon(p)) if p.exterior().0.len() == 4));
        assert_eq!(findings.total(), 0);
    }

    #[test]
    fn one_feature_a_line_tells_its_line() {
        let (table, findings) = table(
            "{\"type\":\"Feature\",\"properties\":{},\"geometry\":{\"type\":\"Point\",\"coordinates\":[1,2]}}\n\n{\"type\":\"Feature\",\"properties\":null,\"geometry\":{\"type\":\"Point\",\"coordinates\":[1,null]}}\n",
        );
        let table = table.unwrap();
        assert_eq!(table.features.len(), 2);
        assert_eq!(table.features[1].shape, None);
        assert_eq!(findings.kept()[0].line, Some(3));
        assert_eq!(findings.kept()[0].code, "coordinate_form");
    }

    #[test]
    fn vertices_are_counted_while_they_are_read() {
        let many = "[0,0],".repeat(Limits::UPLOAD.vertices as usize + 10);
        let text = format!(r#"{{"type":"Feature","geometry":{{"type":"LineString","coordinates":[{many}[1,1]]}}}}"#);
        assert_eq!(table(&text).0.unwrap_err().code, "vertices_many");
        let deep = "[".repeat(100_000);
        assert_eq!(table(&format!(r#"{{"type":"Point","coordinates":{deep}"#)).0.unwrap_err().code, "json_form");
    }

    #[test]
    fn nonsense_is_said() {
        for (text, code) in [
            ("", "json_form"),
            ("[]", "json_form"),
            ("{}", "json_form"),
            (r#"{"type":"Topology"}"#, "json_form"),
            (r#"{"type":"FeatureCollection","features":[{"type":"Feature""#, "json_form"),
        ] {
            assert_eq!(table(text).0.unwrap_err().code, code, "{text}");
        }
        let (_, findings) = table(r#"{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[1,2],[3,4]]}}"#);
        assert_eq!(findings.kept()[0].code, "shape_form");
    }
}
