//! What the map shows: layers, tiles, units, places.

use super::{Answer, COVERAGE, Desk, DeskError, HITS_MAX, reading};
use crate::zoning::Edition;
use crate::zoning::answers::{
    Identified, IdentifiedFeature, IdentifiedLayer, IdentifiedUnit, UnitCard, UnitConditions, UnitDimension, ZoneGroup,
    ZoneHit, ZoneHits, ZoneLayer, ZoneLayers, ZoneStyle,
};
use crate::zoning::industry;
use crate::zoning::tiles::{self, Drawn};
use crate::zoning::view::Sight;
use exchange::FeatureTable;
use geo::Geometry;
use std::collections::BTreeMap;
use std::io::Write;
use std::sync::{Arc, PoisonError};
use zoning::crs::Crs;
use zoning::ground::Meeting;

/// Tiles that are kept.
const TILES_KEPT: usize = 8192;
/// The colours of what no table gives a colour.
const PLAIN: (&str, &str) = ("#d9d9d9", "#636363");

/// A vector tile as it is and as it travels: compressed once, sent often.
#[derive(Debug)]
pub struct Tile {
    /// As it is.
    pub plain: Vec<u8>,
    /// Compressed with gzip.
    pub gzip: Vec<u8>,
}

impl Tile {
    fn new(plain: Vec<u8>) -> std::io::Result<Self> {
        let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        writer.write_all(&plain)?;
        Ok(Self { gzip: writer.finish()?, plain })
    }
}

impl Desk {
    /// The layers of an edition in groups, units first.
    ///
    /// # Errors
    /// When there is no such edition.
    pub fn layers(&self, id: &str, sight: Sight) -> Answer<ZoneLayers> {
        let open = self.find(id, sight)?;
        let style = |(fill, stroke): (&str, &str)| ZoneStyle {
            fill: fill.to_owned(),
            stroke: stroke.to_owned(),
            hatch: None,
            confidence: self.view.confidence.clone(),
        };
        let units = ZoneLayer {
            key: "units".to_owned(),
            title_zh: "管控单元".to_owned(),
            title_en: "Control units".to_owned(),
            kind: "area".to_owned(),
            features: open.edition.units.len(),
            complete: true,
            accuracy_m: 0.0,
            touch_counts: false,
            source: String::new(),
            protected: false,
            coverage_tiles: false,
            style: style(PLAIN),
            classes: Some(self.view.classes.iter().map(Into::into).collect()),
        };
        let mut groups = vec![ZoneGroup {
            id: "units".to_owned(),
            name_zh: units.title_zh.clone(),
            name_en: units.title_en.clone(),
            layers: vec![units],
        }];
        let names: Vec<&str> = self.view.groups.iter().map(|group| group.id.as_str()).collect();
        let layers = || open.edition.files.layers.iter().filter(|layer| self.view.shows(&layer.entry.key, sight));
        let mut all: Vec<&str> = layers().map(|layer| layer.entry.group.as_str()).collect();
        all.sort_by_key(|name| (names.iter().position(|known| known == name).unwrap_or(usize::MAX), *name));
        all.dedup();
        for name in all {
            let group = self.view.groups.iter().find(|group| group.id == name);
            let colours = group.map_or(PLAIN, |group| (group.fill.as_str(), group.stroke.as_str()));
            let described = layers().filter(|layer| layer.entry.group == name).map(|layer| {
                let entry = &layer.entry;
                ZoneLayer {
                    key: entry.key.clone(),
                    title_zh: entry.title_zh.clone(),
                    title_en: entry.title_en.clone(),
                    kind: kind(&layer.table).to_owned(),
                    features: layer.table.features.len(),
                    complete: entry.complete,
                    accuracy_m: entry.accuracy_m,
                    touch_counts: entry.touch_counts,
                    source: entry.source.clone(),
                    protected: self.view.is_protected(&entry.key),
                    coverage_tiles: layer.coverage.is_some(),
                    style: style(colours),
                    classes: None,
                }
            });
            groups.push(ZoneGroup {
                id: name.to_owned(),
                name_zh: if name.is_empty() { "其他" } else { name }.to_owned(),
                name_en: group.map_or("Other", |group| group.name_en.as_str()).to_owned(),
                layers: described.collect(),
            });
        }
        Ok(ZoneLayers { groups, marked: self.mark(Some(open)) })
    }

    /// A vector tile.
    ///
    /// # Errors
    /// When there is no such layer or tile.
    pub fn tile(&self, id: &str, key: &str, (z, x, y): (u8, u32, u32), sight: Sight) -> Answer<Arc<Tile>> {
        let open = self.find(id, sight)?;
        if !self.view.shows(key.strip_prefix(COVERAGE).unwrap_or(key), sight) {
            return Err(DeskError::NotFound);
        }
        let features = open.drawn.get(key).ok_or(DeskError::NotFound)?;
        let place = (id.to_owned(), key.to_owned(), z, x, y);
        if let Some(kept) = self.tiles.lock().unwrap_or_else(PoisonError::into_inner).get(&place) {
            return Ok(Arc::clone(kept));
        }
        let plain = tiles::tile(key, features, z, x, y).ok_or(DeskError::NotFound)?;
        let made = Arc::new(Tile::new(plain).map_err(|error| DeskError::Failed(error.into()))?);
        let mut kept = self.tiles.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= TILES_KEPT {
            kept.clear();
        }
        kept.insert(place, Arc::clone(&made));
        Ok(made)
    }

    /// Units, features and layers by code, name or initials of their pinyin.
    ///
    /// # Errors
    /// When there is no such edition.
    pub fn search(&self, id: &str, text: &str, sight: Sight) -> Answer<ZoneHits> {
        let open = self.find(id, sight)?;
        let wanted = text.trim().to_lowercase();
        let mut items = Vec::new();
        if !wanted.is_empty() {
            let layers = open.drawn.iter().filter(|(key, _)| !key.starts_with(COVERAGE) && self.view.shows(key, sight));
            for (key, features) in layers {
                let kind = if key == "units" { "unit" } else { "feature" };
                let hits = features.iter().filter(|feature| industry::matches(&wanted, &feature.id, &feature.name));
                items.extend(hits.take(HITS_MAX).map(|feature| ZoneHit {
                    kind: kind.to_owned(),
                    layer: key.clone(),
                    id: feature.id.clone(),
                    name: feature.name.clone(),
                    extent: feature.degrees(),
                }));
            }
            items.sort_by_key(|item| (item.kind != "unit", item.name.chars().count()));
            items.truncate(HITS_MAX);
        }
        Ok(ZoneHits { items, marked: self.mark(Some(open)) })
    }

    /// The card of a unit.
    ///
    /// # Errors
    /// When there is no such unit.
    pub fn unit(&self, id: &str, code: &str, sight: Sight) -> Answer<UnitCard> {
        let open = self.find(id, sight)?;
        let edition = &open.edition;
        let unit = edition.units.iter().find(|unit| unit.code == code).ok_or(DeskError::NotFound)?;
        let class = self.view.class(unit.class);
        let control = zoning::measure::area_control(&edition.zone, &unit.areas).ok();
        let drawn = open.drawn.get("units").and_then(|units| units.iter().find(|drawn| drawn.id == code));
        let table = edition.files.units.as_ref();
        let row = table.and_then(|table| {
            let column = table.field("code")?;
            table.features.iter().find(|feature| feature.values.get(column).is_some_and(|value| value == code))
        });
        let text = |name: &str| {
            let column = table.and_then(|table| table.field(name));
            column.and_then(|column| row?.values.get(column)).cloned().unwrap_or_default()
        };
        let dimensions = self.view.dimensions.iter().map(|one| UnitDimension {
            id: one.id.clone(),
            name_zh: one.name_zh.clone(),
            name_en: one.name_en.clone(),
            text: text(&one.id),
        });
        Ok(UnitCard {
            code: unit.code.clone(),
            name: unit.name.clone(),
            class: unit.class.to_string(),
            class_name_zh: class.map(|class| class.name_zh.clone()),
            class_name_en: class.map(|class| class.name_en.clone()),
            district: text("county_name"),
            area_plane_m2: zoning::measure::plane_area(&unit.areas),
            area_ellipsoid_m2: control.map(|control| control.ellipsoid_m2),
            extent: drawn.map(Drawn::degrees),
            dimensions: dimensions.collect(),
            ledger: rows_of(edition, "ledger.csv", code),
            status: rows_of(edition, "status.csv", code),
            conditions: edition.rules.conditions_of(code).count(),
            marked: self.mark(Some(open)),
        })
    }

    /// The table conditions of a unit, for one industry or all.
    ///
    /// # Errors
    /// When there is no such edition.
    pub fn conditions(
        &self,
        id: &str,
        code: &str,
        industry: Option<&str>,
        (from, limit): (usize, usize),
        sight: Sight,
    ) -> Answer<UnitConditions> {
        let open = self.find(id, sight)?;
        let rows = open.edition.rules.conditions_of(code).filter(|row| industry.is_none_or(|code| row.concerns(code)));
        let mut rows = rows.skip(from);
        let items = rows.by_ref().take(limit).map(Into::into).collect();
        let next = rows.next().map(|_| (from + limit).to_string());
        Ok(UnitConditions { items, next, marked: self.mark(Some(open)) })
    }

    /// The name of a layer's feature, for those who may see every layer; none when it has none, or is not there.
    #[must_use]
    pub fn feature_name(&self, edition: &str, key: &str, feature: &str) -> Option<String> {
        let open = self.find(edition, Sight::Staff).ok()?;
        let table = if key == "units" {
            open.edition.files.units.as_ref()?
        } else {
            &open.edition.files.layers.iter().find(|layer| layer.entry.key == key)?.table
        };
        let named = table.field("code").or_else(|| table.field("id"))?;
        let row = table.features.iter().find(|row| row.values.get(named).is_some_and(|value| value == feature))?;
        row.values.get(table.field("name")?).filter(|name| !name.is_empty()).cloned()
    }

    /// What lies at a place.
    ///
    /// # Errors
    /// When there is no such edition, or no such place.
    pub fn identify(&self, id: &str, lon: f64, lat: f64, sight: Sight) -> Answer<Identified> {
        let open = self.find(id, sight)?;
        let shape = reading::checked(Geometry::Point(geo::Point::new(lon, lat)))?;
        let ground = open.ground(&open.on_plane(&Crs::Cgcs2000, &shape)?, None, &open.everything);
        let shown = open.edition.files.layers.iter().filter(|layer| self.view.shows(&layer.entry.key, sight));
        let layers = shown.filter_map(|layer| {
            let finding = ground.layers.get(&layer.entry.key).filter(|one| one.meeting >= Meeting::Boundary)?;
            let hits = finding.features.iter();
            Some(IdentifiedLayer {
                key: layer.entry.key.clone(),
                title_zh: layer.entry.title_zh.clone(),
                title_en: layer.entry.title_en.clone(),
                features: hits.map(|hit| IdentifiedFeature { id: hit.id.clone(), name: hit.name.clone() }).collect(),
            })
        });
        let units = ground.units.iter().map(|unit| IdentifiedUnit {
            code: unit.code.clone(),
            name: unit.name.clone(),
            class: unit.class.to_string(),
        });
        Ok(Identified { units: units.collect(), layers: layers.collect(), marked: self.mark(Some(open)) })
    }
}

fn rows_of(edition: &Edition, file: &str, code: &str) -> Vec<BTreeMap<String, String>> {
    let Some(text) = edition.files.text(file) else { return Vec::new() };
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.text.as_bytes());
    let rows = reader.deserialize::<BTreeMap<String, String>>().filter_map(Result::ok);
    rows.filter(|row| row.get("unit").is_some_and(|unit| unit == code)).collect()
}

fn kind(table: &FeatureTable) -> &'static str {
    match table.features.iter().find_map(|feature| feature.shape.as_ref()) {
        Some(Geometry::Point(_) | Geometry::MultiPoint(_)) => "point",
        Some(Geometry::LineString(_) | Geometry::MultiLineString(_) | Geometry::Line(_)) => "line",
        _ => "area",
    }
}
