//! KML: the placemarks of a document, always in WGS 84, with what their extended data says.
//!
//! Nothing outside of the file is ever fetched: network links and overlays are told and passed over. A document type,
//! and with it every entity of its own, is refused.

use super::crs_text::DeclaredCrs;
use super::limits::Refusal;
use super::wkb::Bag;
use super::{Collector, FeatureTable, ReadOptions};
use crate::{Findings, Place};
use geo::Coord;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::borrow::Cow;
use std::collections::HashMap;

/// Deepest nesting of elements.
const DEPTH_MAX: usize = 64;
/// Attributes of an element that are looked through for its name.
const ATTRIBUTES_MAX: usize = 32;
const FIELDS_MAX: usize = 10_000;
const WGS84: DeclaredCrs = DeclaredCrs::Epsg(4326);

pub(crate) fn read(content: &[u8], options: &ReadOptions, findings: &mut Findings) -> Result<FeatureTable, Refusal> {
    let (text, encoding) = decode(content)?;
    let mut events = Reader::from_str(&text);
    events.config_mut().expand_empty_elements = true;
    let mut document = Document {
        text: &text,
        events,
        depth: 0,
        counted: 0,
        line: 1,
        collector: Collector::new(options, findings),
        columns: Columns::default(),
        name: String::new(),
        bad: None,
    };
    document.read()?;
    let Document { collector, columns, name, .. } = document;
    let fields = columns.names;
    let features = collector.of_width(fields.len())?;
    Ok(FeatureTable { crs: WGS84, fields, features, name, encoding })
}

/// The text by its byte order mark, else by what its first line declares, else as UTF-8.
fn decode(content: &[u8]) -> Result<(Cow<'_, str>, Option<String>), Refusal> {
    let (encoding, skip) =
        encoding_rs::Encoding::for_bom(content).unwrap_or_else(|| (declared(content).unwrap_or(encoding_rs::UTF_8), 0));
    let body = &content[skip..];
    match encoding.decode_without_bom_handling_and_without_replacement(body) {
        Some(text) => Ok((text, (encoding != encoding_rs::UTF_8).then(|| encoding.name().to_owned()))),
        None => {
            let good = std::str::from_utf8(body).map_or_else(|error| error.valid_up_to(), str::len);
            let line = body[..good].iter().filter(|&&byte| byte == b'\n').count() as u64 + 1;
            Err(Refusal::file("encoding", encoding.name()).at((encoding == encoding_rs::UTF_8).then_some(line)))
        }
    }
}

fn declared(content: &[u8]) -> Option<&'static encoding_rs::Encoding> {
    let head = content.trim_ascii_start().strip_prefix(b"<?xml")?;
    let head = String::from_utf8_lossy(&head[..head.len().min(200)]).into_owned();
    let (declaration, _) = head.split_once("?>")?;
    let (_, after) = declaration.split_once("encoding")?;
    let label = after.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '=' | '"' | '\''));
    encoding_rs::Encoding::for_label(label.split(['"', '\'']).next()?.as_bytes())
}

#[derive(Default)]
struct Columns {
    names: Vec<String>,
    places: HashMap<String, usize>,
}

impl Columns {
    fn place(&mut self, name: &str) -> Result<usize, Refusal> {
        if let Some(&place) = self.places.get(name) {
            return Ok(place);
        }
        if self.names.len() >= FIELDS_MAX {
            return Err(Refusal::file("fields_many", &format!("> {FIELDS_MAX}")));
        }
        self.names.push(name.to_owned());
        self.places.insert(name.to_owned(), self.names.len() - 1);
        Ok(self.names.len() - 1)
    }
}

enum Step<'a> {
    /// An element begins: its name without prefix, and its attribute `name`.
    Open(String, String),
    Text(Cow<'a, str>),
    Close,
    End,
}

struct Document<'a, 'f> {
    text: &'a str,
    events: Reader<&'a [u8]>,
    depth: usize,
    /// Bytes whose line ends were counted, and the line there.
    counted: usize,
    line: u64,
    collector: Collector<'f>,
    columns: Columns,
    name: String,
    /// What is wrong with the shape that is being read.
    bad: Option<Refusal>,
}

impl<'a> Document<'a, '_> {
    fn read(&mut self) -> Result<(), Refusal> {
        let mut begun = false;
        loop {
            match self.step()? {
                Step::Open(name, _) => match name.as_str() {
                    "kml" | "Document" | "Folder" => begun = true,
                    _ if self.depth == 1 && name != "Placemark" => return Err(self.form(&format!("<{name}>"))),
                    "Placemark" => {
                        begun = true;
                        self.placemark()?;
                    }
                    "name" if self.name.is_empty() => self.name = self.content()?.0.into_owned(),
                    "NetworkLink" => self.passed_over("kml_link", &name)?,
                    "GroundOverlay" | "PhotoOverlay" | "ScreenOverlay" | "NetworkLinkControl" => {
                        self.passed_over("kml_overlay", &name)?;
                    }
                    _ => self.skip()?,
                },
                Step::Text(_) | Step::Close => {}
                Step::End if begun => return Ok(()),
                Step::End => return Err(self.form("no element")),
            }
        }
    }

    /// The next step of the document, with depth and entities watched.
    fn step(&mut self) -> Result<Step<'a>, Refusal> {
        loop {
            let event = self.events.read_event();
            let event = event.map_err(|error| self.form(&error.to_string()))?;
            return Ok(match event {
                Event::Start(start) | Event::Empty(start) => {
                    self.depth += 1;
                    if self.depth > DEPTH_MAX {
                        return Err(self.form("nested too deep"));
                    }
                    Step::Open(start.local_name().as_ref().to_owned(), name_of(&start))
                }
                Event::End(_) => {
                    self.depth -= 1;
                    Step::Close
                }
                Event::Text(text) => Step::Text(text.into_inner()),
                Event::CData(text) => Step::Text(text.into_inner()),
                Event::GeneralRef(reference) => {
                    let text = match reference.resolve_char_ref() {
                        Ok(Some(one)) => Some(one.to_string()),
                        Ok(None) => quick_xml::escape::resolve_predefined_entity(&reference).map(str::to_owned),
                        Err(_) => None,
                    };
                    Step::Text(Cow::Owned(text.ok_or_else(|| self.refusal("xml_entity", &reference))?))
                }
                Event::DocType(_) => return Err(self.refusal("xml_entity", "DOCTYPE")),
                Event::Eof if self.depth > 0 => return Err(self.form("cut off")),
                Event::Eof => Step::End,
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) => continue,
            });
        }
    }

    /// Passes over the element that was opened last.
    fn skip(&mut self) -> Result<(), Refusal> {
        let outside = self.depth - 1;
        while self.depth > outside {
            self.step()?;
        }
        Ok(())
    }

    fn passed_over(&mut self, code: &'static str, name: &str) -> Result<(), Refusal> {
        let line = Some(self.line());
        self.collector.findings.report(code, Place { line, field: "", value: name });
        self.skip()
    }

    /// The text of the element that was opened last, without that of elements in it, and the line where it begins.
    fn content(&mut self) -> Result<(Cow<'a, str>, u64), Refusal> {
        let (inside, line) = (self.depth, self.line());
        let mut content: Cow<'a, str> = Cow::Borrowed("");
        loop {
            match self.step()? {
                Step::Text(text) if self.depth == inside && content.is_empty() => content = text,
                Step::Text(text) if self.depth == inside => content.to_mut().push_str(&text),
                Step::Close if self.depth < inside => return Ok((content, line)),
                _ => {}
            }
        }
    }

    /// Hands each child of the element that was opened last to `child`, which reads or skips it whole.
    fn children(&mut self, mut child: impl FnMut(&mut Self, &str, &str) -> Result<(), Refusal>) -> Result<(), Refusal> {
        loop {
            match self.step()? {
                Step::Open(element, name) => child(self, &element, &name)?,
                Step::Text(_) => {}
                Step::Close | Step::End => return Ok(()),
            }
        }
    }

    fn placemark(&mut self) -> Result<(), Refusal> {
        let line = Some(self.line());
        let (mut values, mut bag) = (Vec::new(), Bag::default());
        let (mut name, mut description) = (String::new(), String::new());
        self.bad = None;
        self.children(|document, element, _| {
            match element {
                "name" => document.content()?.0.trim().clone_into(&mut name),
                "description" => document.content()?.0.trim().clone_into(&mut description),
                "ExtendedData" => document.extended(&mut values)?,
                _ => document.shape(element, &mut bag)?,
            }
            Ok(())
        })
        .map_err(|refusal| refusal.at(line))?;
        // Data of the same name counts before the label that is drawn beside the place.
        for (field, text) in [("name", name), ("description", description)] {
            if !text.is_empty() {
                let place = self.columns.place(field)?;
                if !values.iter().any(|(at, _)| *at == place) {
                    values.push((place, text));
                }
            }
        }
        let mut row = vec![String::new(); self.columns.names.len()];
        values.into_iter().for_each(|(place, text)| row[place] = text);
        let shape = match self.bad.take() {
            Some(refusal) => Err(refusal),
            None => bag.finish(),
        };
        self.collector.push(line, row, shape)
    }

    fn extended(&mut self, values: &mut Vec<(usize, String)>) -> Result<(), Refusal> {
        self.children(|document, element, name| match element {
            "SchemaData" => document.extended(values),
            "Data" => {
                let place = document.columns.place(name)?;
                document.children(|document, element, _| match element {
                    "value" => {
                        values.push((place, document.content()?.0.trim().to_owned()));
                        Ok(())
                    }
                    _ => document.skip(),
                })
            }
            "SimpleData" => {
                let place = document.columns.place(name)?;
                values.push((place, document.content()?.0.trim().to_owned()));
                Ok(())
            }
            _ => document.skip(),
        })
    }

    /// Reads an element that may be a shape into the bag.
    fn shape(&mut self, element: &str, bag: &mut Bag) -> Result<(), Refusal> {
        match element {
            "Point" => {
                let points = self.coordinates()?;
                bag.points.extend(points.first().map(|&point| geo::Point::from(point)));
            }
            "LineString" | "LinearRing" => {
                let points = self.coordinates()?;
                let pushed = bag.line(points);
                self.keep(pushed);
            }
            "Polygon" => {
                let (mut outer, mut holes) = (Vec::<Vec<Coord<f64>>>::new(), Vec::<Vec<Coord<f64>>>::new());
                self.children(|document, element, _| {
                    let rings = match element {
                        "outerBoundaryIs" => &mut outer,
                        "innerBoundaryIs" => &mut holes,
                        _ => return document.skip(),
                    };
                    document.children(|document, element, _| {
                        if element != "LinearRing" {
                            return document.skip();
                        }
                        rings.push(document.coordinates()?);
                        Ok(())
                    })
                })?;
                outer.retain(|ring| !ring.is_empty());
                holes.retain(|ring| !ring.is_empty());
                let pushed = match outer.len() {
                    0 if holes.is_empty() => Ok(()),
                    1 => bag.polygon(outer.into_iter().chain(holes).collect()),
                    other => Err(Refusal::shape("shape_form", &format!("{other} outerBoundaryIs"))),
                };
                self.keep(pushed);
            }
            "MultiGeometry" => self.children(|document, element, _| document.shape(element, bag))?,
            "Track" | "MultiTrack" | "Model" => {
                let refusal = self.refusal("shape_form", element);
                self.keep(Err(Refusal { fatal: false, ..refusal }));
                self.skip()?;
            }
            _ => self.skip()?,
        }
        Ok(())
    }

    /// Remembers the first thing that is wrong with the shape; the rest of it is still read.
    fn keep(&mut self, result: Result<(), Refusal>) {
        if let Err(refusal) = result {
            self.bad.get_or_insert(refusal);
        }
    }

    /// The vertices below the element that was opened last.
    fn coordinates(&mut self) -> Result<Vec<Coord<f64>>, Refusal> {
        let mut points = Vec::new();
        self.children(|document, element, _| {
            if element != "coordinates" {
                return document.skip();
            }
            let (text, line) = document.content()?;
            let mut lines = line;
            for part in text.split_inclusive(|c: char| c.is_ascii_whitespace()) {
                let tuple = part.trim_ascii();
                if !tuple.is_empty() {
                    match document.vertex(tuple) {
                        Ok(point) => points.push(point),
                        Err(refusal) if refusal.fatal => return Err(refusal.at(Some(lines))),
                        Err(refusal) => document.keep(Err(refusal.at(Some(lines)))),
                    }
                }
                lines += u64::from(part.ends_with('\n'));
            }
            Ok(())
        })?;
        Ok(points)
    }

    /// `longitude,latitude[,height]`.
    fn vertex(&mut self, tuple: &str) -> Result<Coord<f64>, Refusal> {
        let bad = || Refusal::shape("coordinate_form", tuple);
        let mut numbers = tuple.split(',').map(|number| number.parse::<f64>().map_err(|_| bad()));
        let (Some(x), Some(y)) = (numbers.next(), numbers.next()) else { return Err(bad()) };
        let point = self.collector.budget.vertex(x?, y?)?;
        if point.x.abs() > 180.0 || point.y.abs() > 90.0 {
            return Err(bad());
        }
        Ok(point)
    }

    /// The line of what was read last.
    fn line(&mut self) -> u64 {
        let to = usize::try_from(self.events.buffer_position()).unwrap_or(usize::MAX).min(self.text.len());
        let new = self.text.as_bytes().get(self.counted..to).unwrap_or_default();
        self.line += new.iter().filter(|&&byte| byte == b'\n').count() as u64;
        self.counted = to.max(self.counted);
        self.line
    }

    fn refusal(&mut self, code: &'static str, value: &str) -> Refusal {
        Refusal::file(code, value).at(Some(self.line()))
    }

    fn form(&mut self, why: &str) -> Refusal {
        self.refusal("kml_form", why)
    }
}

fn name_of(start: &BytesStart<'_>) -> String {
    // The check for attributes that stand twice takes the square of their number.
    let mut attributes = start.attributes();
    let named = attributes.with_checks(false).take(ATTRIBUTES_MAX).flatten();
    let value = named.into_iter().find(|attribute| attribute.key.as_ref() == "name").map(|attribute| attribute.value);
    value.map_or_else(String::new, |value| {
        quick_xml::escape::unescape(&value).map_or_else(|_| value.to_string(), Cow::into_owned)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{Geometry, polygon};

    fn table(text: &str) -> (Result<FeatureTable, Refusal>, Findings) {
        let mut findings = Findings::new();
        let table = read(text.as_bytes(), &ReadOptions::default(), &mut findings);
        (table, findings)
    }

    fn kml(body: &str) -> String {
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<kml xmlns=\"http://www.opengis.net/kml/2.2\"><Document><name>管控</name>\n{body}\n</Document></kml>\n"
        )
    }

    #[test]
    fn a_polygon_with_a_hole_before_its_outside_and_data_of_both_kinds() {
        let (read, findings) = table(&kml(
            "<Folder><Placemark id=\"p1\"><name>标签 &amp; &#x4e00;</name><styleUrl>#s</styleUrl>
<ExtendedData><SchemaData schemaUrl=\"#s\"><SimpleData name=\"code\">A1</SimpleData></SchemaData>
<Data name=\"class\"><displayName>分类</displayName><value><![CDATA[2]]></value></Data></ExtendedData>
<Polygon><extrude>0</extrude><innerBoundaryIs><LinearRing><coordinates>118.1,24.1 118.2,24.1 118.2,24.2 118.1,24.1</coordinates></LinearRing></innerBoundaryIs>
<outerBoundaryIs><LinearRing><coordinates>
118,24,5
119,24,5\t119,25,5
118,24,5</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark></Folder>",
        ));
        let table = read.unwrap();
        assert_eq!(findings.total(), 0, "{:?}", findings.kept());
        assert_eq!((table.crs, table.name.as_str()), (DeclaredCrs::Epsg(4326), "管控"));
        assert_eq!(table.fields, ["code", "class", "name"]);
        assert_eq!(table.features[0].values, ["A1", "2", "标签 & 一"]);
        assert_eq!(table.features[0].line, Some(3));
        let expected = polygon![
            exterior: [(x: 118.0, y: 24.0), (x: 119.0, y: 24.0), (x: 119.0, y: 25.0)],
            interiors: [[(x: 118.1, y: 24.1), (x: 118.2, y: 24.1), (x: 118.2, y: 24.2)]]
        ];
        assert_eq!(table.features[0].shape, Some(Geometry::Polygon(expected)));
    }

    #[test]
    fn every_kind_of_shape_and_what_is_none() {
        let (read, findings) = table(&kml("<Placemark><Point><coordinates>118,24</coordinates></Point></Placemark>
<Placemark><LineString><coordinates>118,24 119,24</coordinates></LineString></Placemark>
<Placemark><MultiGeometry><Point><coordinates>118,24</coordinates></Point><MultiGeometry><Point><coordinates>119,24</coordinates></Point></MultiGeometry></MultiGeometry></Placemark>
<Placemark><MultiGeometry><Point><coordinates>118,24</coordinates></Point><LineString><coordinates>118,24 119,24</coordinates></LineString></MultiGeometry></Placemark>
<Placemark><gx:Track xmlns:gx=\"g\"><gx:coord>118 24 0</gx:coord></gx:Track></Placemark>
<Placemark><name>无</name></Placemark>
<NetworkLink><Link><href>http://example.invalid/a.kml</href></Link></NetworkLink>
<GroundOverlay><Icon><href>a.png</href></Icon></GroundOverlay>"));
        let table = read.unwrap();
        let kinds: Vec<_> = table
            .features
            .iter()
            .map(|feature| match feature.shape {
                Some(Geometry::Point(_)) => "point",
                Some(Geometry::LineString(_)) => "line",
                Some(Geometry::MultiPoint(_)) => "points",
                Some(_) => "other",
                None => "none",
            })
            .collect();
        assert_eq!(kinds, ["point", "line", "points", "none", "none", "none"]);
        let lines: Vec<_> = findings.kept().iter().map(|finding| (finding.code, finding.line)).collect();
        assert_eq!(
            lines,
            [
                ("shape_mixed", Some(6)),
                ("shape_form", Some(7)),
                ("shape_missing", Some(8)),
                ("kml_link", Some(9)),
                ("kml_overlay", Some(10))
            ]
        );
    }

    #[test]
    fn a_bad_vertex_names_its_line_and_spares_the_others() {
        for bad in ["118.1", "x,24", "NaN,24", "118,1e400", "612000,2712000", "118;24"] {
            let (read, findings) = table(&kml(&format!(
                "<Placemark><LineString><coordinates>118,24\n{bad}\n119,25</coordinates></LineString></Placemark>\n<Placemark><Point><coordinates>118,24</coordinates></Point></Placemark>"
            )));
            let shapes: Vec<_> = read.unwrap().features.iter().map(|feature| feature.shape.is_some()).collect();
            assert_eq!(shapes, [false, true], "{bad}");
            let finding = &findings.kept()[0];
            assert_eq!((finding.code, finding.line), ("coordinate_form", Some(4)), "{bad}");
        }
    }

    #[test]
    fn entities_document_types_and_damage_are_refused() {
        let entity = kml("<Placemark><name>&boss;</name></Placemark>");
        let laughs = format!("<!DOCTYPE kml [<!ENTITY a \"{}\">]>{}", "a".repeat(100), entity);
        let deep = kml(&"<Folder>".repeat(100));
        let cut = kml("<Placemark><name>a</name>");
        let crossed = kml("<Placemark><name>a</Placemark></name>");
        for (text, code, line) in [
            (entity.as_str(), "xml_entity", Some(3)),
            (laughs.as_str(), "xml_entity", Some(1)),
            (deep.as_str(), "kml_form", Some(3)),
            (cut.as_str(), "kml_form", Some(4)),
            (crossed.as_str(), "kml_form", Some(3)),
            ("<html><body/></html>", "kml_form", Some(1)),
        ] {
            let refusal = table(text).0.unwrap_err();
            assert_eq!((refusal.code, refusal.line), (code, line), "{text} {refusal:?}");
        }
    }

    #[test]
    fn chinese_desktop_encodings_are_read_as_declared() {
        let text = kml("<Placemark><name>后溪</name><Point><coordinates>118,24</coordinates></Point></Placemark>")
            .replace("UTF-8", "gb2312");
        let (bytes, _, _) = encoding_rs::GB18030.encode(&text);
        let mut findings = Findings::new();
        let gbk = read(&bytes, &ReadOptions::default(), &mut findings).unwrap();
        assert_eq!(gbk.features[0].values, ["后溪"]);
        assert_eq!(gbk.encoding.as_deref(), Some("GBK"));
        // Without the declaration it is no UTF-8.
        let start = bytes.iter().position(|&byte| byte == b'\n').unwrap();
        let refusal = read(&bytes[start..], &ReadOptions::default(), &mut findings).unwrap_err();
        assert_eq!((refusal.code, refusal.line), ("encoding", Some(2)));
    }
}
