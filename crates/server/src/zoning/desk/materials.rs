//! What a paper shows beside an answer: what was told, the units' lists, the map.

use super::{Answer, Desk, Open, ScreenQuestion, reading};
use crate::zoning::answers::{MetLayer, ScreeningAnswer, UnitDimension};
use crate::zoning::paper::{self, Materials};
use crate::zoning::veil::{NAME_ZH, WITHHELD};
use crate::zoning::view::Sight;
use geo::{BoundingRect, Rect};
use report::{Colour, Extent, Fill, Hatch, MapLayer, MapSketch, Place, Stroke};
use std::collections::BTreeMap;
use zoning::crs::Crs;
use zoning::ground::Meeting;
use zoning::shape::{Consent, Parts, Shape, ShapeLimits};

/// Layers that a map can show and be read.
const LAYERS_MAX: usize = 6;
/// The least side of a map, in metres.
const SIDE_MIN_M: f64 = 400.0;
/// What is drawn around the site, against its size.
const AROUND: f64 = 1.5;
/// Lines that tell layers apart without colour.
const HATCHES: [Hatch; 4] = [Hatch::Rising, Hatch::Falling, Hatch::Level, Hatch::Dotted];
const SITE_COLOUR: Colour = Colour([0xc8, 0x10, 0x2e]);

impl Desk {
    /// What the paper of an answer shows beside it. When the edition is here no more, or is another one by now, there is
    /// no map.
    ///
    /// # Errors
    /// When the question is wrong.
    pub fn materials(&self, question: &ScreenQuestion, answer: &ScreeningAnswer) -> Answer<Materials> {
        let Ok(open) = self.find(&answer.edition.id, Sight::Staff) else {
            return Ok(Materials { facts: paper::told(None, &question.facts), ..Materials::default() });
        };
        let facts = paper::told(Some(open.edition.rules.dictionary()), &question.facts);
        if open.edition.files.hash.whole != answer.edition.hash {
            return Ok(Materials { facts, missing: self.missing(open, answer), ..Materials::default() });
        }
        let shape = reading::geometry(&question.geometry)?;
        let crs = question.crs.as_deref().and_then(|text| text.parse::<Crs>().ok());
        let site = crs.and_then(|crs| open.site(&crs, &shape, question.corridor_m).ok());
        let lists = answer.units.iter().map(|unit| (unit.code.clone(), self.lists(open, &unit.code))).collect();
        let missing = self.missing(open, answer);
        Ok(Materials { facts, lists, missing, map: site.and_then(|site| self.sketch(open, &site, answer)) })
    }

    /// What is not known, in words: a fact by its question, a layer by its title.
    fn missing(&self, open: &Open, answer: &ScreeningAnswer) -> BTreeMap<String, String> {
        let all = answer.rules.iter().flat_map(|rule| &rule.missing).chain(&answer.missing);
        let in_words = |one: &String| {
            if let Some(fact) = open.edition.rules.dictionary().facts().iter().find(|fact| fact.name == *one) {
                return Some((one.clone(), fact.question_zh.clone()));
            }
            let (word, key) = one.split_once(':').unwrap_or((one, ""));
            let layer = open.edition.files.layers.iter().find(|layer| layer.entry.key == key);
            // A layer that the answer does not name.
            let key = key.strip_suffix(WITHHELD).map_or_else(|| key.to_owned(), |before| format!("{before}{NAME_ZH}"));
            let title = layer.map_or(key.as_str(), |layer| layer.entry.title_zh.as_str());
            let said = self.view.paper.missing.get(word)?.replace("{layer}", title).replace("{key}", &key);
            Some((one.clone(), said))
        };
        all.filter_map(in_words).collect()
    }

    /// The texts of a unit's own list.
    fn lists(&self, open: &Open, code: &str) -> Vec<UnitDimension> {
        let Some(table) = open.edition.files.units.as_ref() else { return Vec::new() };
        let Some(column) = table.field("code") else { return Vec::new() };
        let row = table.features.iter().find(|row| row.values.get(column).is_some_and(|value| value == code));
        let text = |id: &str| table.field(id).and_then(|column| row?.values.get(column)).cloned().unwrap_or_default();
        let dimensions = self.view.dimensions.iter();
        dimensions
            .map(|one| UnitDimension {
                id: one.id.clone(),
                name_zh: one.name_zh.clone(),
                name_en: one.name_en.clone(),
                text: text(&one.id),
            })
            .collect()
    }

    fn sketch(&self, open: &Open, site: &Shape, answer: &ScreeningAnswer) -> Option<MapSketch> {
        let words = &self.view.paper;
        let ground = places(site, Some(&words.site));
        let extent = around(Extent::around(ground.iter().map(|place| &place.shape))?);
        let seen = Rect::new((extent.west, extent.south), (extent.east, extent.north));
        let mut layers: Vec<MapLayer> =
            self.view.classes.iter().filter_map(|class| unit_layer(open, class, &seen)).collect();
        let met = answer.layers.iter().filter(|layer| layer.meeting != Meeting::Apart);
        // A layer that holds the whole site has no border near it and tells less than one that has.
        let mut met: Vec<&MetLayer> = met.collect();
        met.sort_by_key(|layer| layer.inside);
        let drawn = met.into_iter().filter_map(|layer| self.met_layer(open, layer, &seen)).take(LAYERS_MAX);
        layers.extend(drawn.enumerate().map(|(number, layer)| hatched(layer, HATCHES[number % HATCHES.len()])));
        layers.push(MapLayer {
            name: words.site.clone(),
            fill: Some(Fill { colour: SITE_COLOUR, percent: 30, hatch: Some(Hatch::Crossed) }),
            stroke: Some(Stroke { colour: SITE_COLOUR, width: 2.5, dashed: false }),
            places: ground,
        });
        let synthetic = answer.marked.synthetic.then_some(words.synthetic.as_str());
        let notice = std::iter::once(words.map_notice.as_str()).chain(synthetic).collect::<Vec<_>>().join("；");
        Some(MapSketch { extent, layers, notice })
    }

    /// The features of a layer that the site meets.
    fn met_layer(&self, open: &Open, met: &MetLayer, seen: &Rect<f64>) -> Option<MapLayer> {
        let layer = open.edition.files.layers.iter().find(|layer| layer.entry.key == met.key)?;
        let group = self.view.groups.iter().find(|group| group.id == layer.entry.group);
        let colour = |text: Option<&str>| text.and_then(|text| text.parse().ok()).unwrap_or(Colour([0x63; 3]));
        let (table, crs) = (&layer.table, layer.table.crs.known().ok().flatten()?);
        let (code, id) = (table.field("code"), table.field("id"));
        let text = |row: &exchange::Feature, column: Option<usize>| {
            column.and_then(|column| row.values.get(column)).filter(|value| !value.is_empty()).cloned()
        };
        let mut found = Vec::new();
        for (number, row) in table.features.iter().enumerate() {
            let named = text(row, code).or_else(|| text(row, id)).unwrap_or_else(|| (number + 1).to_string());
            if !met.features.iter().any(|feature| feature.id == named) {
                continue;
            }
            let checked = Shape::check(row.shape.clone()?, ShapeLimits::MAP, Consent::Refuse).ok()?;
            let shape = open.edition.on_plane(&crs, &checked.shape).ok()?;
            found.extend(places(&shape, None));
        }
        // A layer without a border in sight would only lie over everything.
        found.iter().any(|place| has_edge_in(&place.shape, seen)).then(|| MapLayer {
            name: met.title_zh.clone(),
            fill: Some(Fill { colour: colour(group.map(|group| group.fill.as_str())), percent: 12, hatch: None }),
            stroke: Some(Stroke { colour: colour(group.map(|group| group.stroke.as_str())), width: 1.4, dashed: true }),
            places: found,
        })
    }
}

/// Whether a border, a line or a point of a shape can be seen.
fn has_edge_in(shape: &report::Shape, seen: &Rect<f64>) -> bool {
    let meets = |a: [f64; 2], b: [f64; 2]| {
        a[0].min(b[0]) <= seen.max().x
            && a[0].max(b[0]) >= seen.min().x
            && a[1].min(b[1]) <= seen.max().y
            && a[1].max(b[1]) >= seen.min().y
    };
    let edges = |points: &[[f64; 2]]| points.windows(2).any(|pair| meets(pair[0], pair[1]));
    match shape {
        report::Shape::Area { rings } => rings.iter().any(|ring| edges(ring)),
        report::Shape::Line { points } => edges(points),
        report::Shape::Point { at } => meets(*at, *at),
    }
}

fn hatched(mut layer: MapLayer, hatch: Hatch) -> MapLayer {
    layer.fill = layer.fill.map(|fill| Fill { hatch: Some(hatch), ..fill });
    layer
}

/// The units of a class that are seen.
fn unit_layer(open: &Open, class: &crate::zoning::view::Class, seen: &Rect<f64>) -> Option<MapLayer> {
    let units = open.edition.units.iter().filter(|unit| unit.class == class.class);
    let seen_units = units.filter(|unit| {
        unit.areas.bounding_rect().is_some_and(|bounds| {
            bounds.min().x < seen.max().x
                && bounds.max().x > seen.min().x
                && bounds.min().y < seen.max().y
                && bounds.max().y > seen.min().y
        })
    });
    let places: Vec<Place> =
        seen_units.map(|unit| Place { shape: area(&unit.areas), label: Some(unit.code.clone()) }).collect();
    (!places.is_empty()).then(|| MapLayer {
        name: class.name_zh.clone(),
        fill: class.fill.parse().ok().map(|colour| Fill { colour, percent: 35, hatch: None }),
        stroke: class.stroke.parse().ok().map(|colour| Stroke { colour, width: 1.5, dashed: false }),
        places,
    })
}

/// What a map around something shows: never less than is needed to see where it is.
fn around(extent: Extent) -> Extent {
    let wide = extent.padded(AROUND);
    let (lack_x, lack_y) = (SIDE_MIN_M - (wide.east - wide.west), SIDE_MIN_M - (wide.north - wide.south));
    let (by_x, by_y) = (lack_x.max(0.0) / 2.0, lack_y.max(0.0) / 2.0);
    Extent { west: wide.west - by_x, east: wide.east + by_x, south: wide.south - by_y, north: wide.north + by_y }
}

fn area(areas: &geo::MultiPolygon<f64>) -> report::Shape {
    let rings = areas.iter().flat_map(|area| std::iter::once(area.exterior()).chain(area.interiors()));
    report::Shape::Area { rings: rings.map(line).collect() }
}

fn line(line: &geo::LineString<f64>) -> Vec<[f64; 2]> {
    line.coords().map(|c| [c.x, c.y]).collect()
}

/// A shape as places of a map, the first of them with a name.
fn places(shape: &Shape, label: Option<&str>) -> Vec<Place> {
    let shapes: Vec<report::Shape> = match shape.parts() {
        Parts::Points(points) => {
            points.iter().map(|point| report::Shape::Point { at: [point.x(), point.y()] }).collect()
        }
        Parts::Lines(lines) => lines.iter().map(|one| report::Shape::Line { points: line(one) }).collect(),
        Parts::Areas(areas) => vec![area(areas)],
    };
    let label = |number: usize| label.filter(|_| number == 0).map(str::to_owned);
    shapes.into_iter().enumerate().map(|(number, shape)| Place { shape, label: label(number) }).collect()
}
