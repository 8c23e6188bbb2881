//! `edition.toml`: what an edition is, for which city, in which coordinate system, for how long.

use crate::{Findings, Place};
use norms::Day;
use serde::Deserialize;
use std::fmt::Write as _;
use zoning::crs::{Crs, Strip, Zone};

/// The head of an edition.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct EditionHead {
    /// Id, such as `xm-2026.1`.
    pub id: String,
    /// City code, such as `350200`.
    pub city: String,
    /// Coordinate system as written, such as `EPSG:4490`; empty when absent.
    pub crs: String,
    /// The plane in which areas are official, as written, such as `EPSG:4548`; empty when nothing is said.
    pub area_crs: String,
    /// First day on which it holds.
    pub from: Option<Day>,
    /// First day on which it holds no longer.
    pub to: Option<Day>,
    /// Title in Chinese.
    pub title_zh: String,
    /// Title in English.
    pub title_en: String,
    /// Whether its content is made up.
    pub synthetic: bool,
    /// Content hash that a build wrote.
    pub content_hash: Option<String>,
}

#[derive(Deserialize)]
struct Raw {
    #[serde(default)]
    id: String,
    #[serde(default)]
    city: Loose,
    #[serde(default)]
    crs: Loose,
    #[serde(default)]
    area_crs: Loose,
    from: Option<Loose>,
    to: Option<Loose>,
    #[serde(default)]
    title_zh: String,
    #[serde(default)]
    title_en: String,
    #[serde(default)]
    synthetic: bool,
    content_hash: Option<String>,
}

/// A text, a whole number or a date, as text.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "toml::Value")]
pub(crate) struct Loose(pub(crate) String);

impl From<toml::Value> for Loose {
    fn from(value: toml::Value) -> Self {
        Self(match value {
            toml::Value::String(text) => text,
            other => other.to_string(),
        })
    }
}

impl EditionHead {
    pub(crate) fn read(text: &str, file: &str, findings: &mut Findings) -> Self {
        findings.set_file(file);
        let raw: Raw = match toml::from_str(text) {
            Ok(raw) => raw,
            Err(error) => {
                let line = error.span().map(|span| text[..span.start].matches('\n').count() as u64 + 1);
                findings.report("toml_form", Place { line, field: "", value: error.message() });
                return Self::default();
            }
        };
        let mut day = |field: &str, text: Option<Loose>| -> Option<Day> {
            let text = text.filter(|text| !text.0.is_empty())?.0;
            let day = text.parse().ok();
            if day.is_none() {
                findings.report("edition_day", Place { line: None, field, value: &text });
            }
            day
        };
        let (from, to) = (day("from", raw.from), day("to", raw.to));
        let head = Self {
            id: raw.id,
            city: raw.city.0,
            crs: raw.crs.0,
            area_crs: raw.area_crs.0,
            from,
            to,
            title_zh: raw.title_zh,
            title_en: raw.title_en,
            synthetic: raw.synthetic,
            content_hash: raw.content_hash,
        };
        head.check(findings);
        head
    }

    pub(crate) fn check(&self, findings: &mut Findings) {
        for (field, value) in [("id", &self.id), ("crs", &self.crs)] {
            if value.is_empty() {
                findings.report("edition_key_missing", Place { field, ..Place::default() });
            }
        }
        if !self.area_crs.is_empty() && self.area_zone().is_none() {
            findings.report("area_crs", Place { line: None, field: "area_crs", value: &self.area_crs });
        }
        if self.from.is_none() {
            findings.report("edition_key_missing", Place { field: "from", ..Place::default() });
        }
        if let (Some(from), Some(to)) = (self.from, self.to)
            && to <= from
        {
            findings.report("edition_day", Place { line: None, field: "to", value: &to.to_string() });
        }
    }

    /// The plane in which areas are official: a 3° zone of CGCS2000; none when nothing, or something else, is said.
    #[must_use]
    pub fn area_zone(&self) -> Option<Zone> {
        match self.area_crs.parse() {
            Ok(Crs::Gauss(zone)) if zone.strip() == Strip::Three => Some(zone),
            _ => None,
        }
    }

    pub(crate) fn write(&self) -> String {
        let text = |text: &str| toml::Value::String(text.to_owned()).to_string();
        let mut out = String::new();
        let mut line = |key: &str, value: String| {
            // Writing to a String cannot fail.
            let _ = writeln!(out, "{key} = {value}");
        };
        line("id", text(&self.id));
        line("city", text(&self.city));
        line("crs", text(&self.crs));
        if !self.area_crs.is_empty() {
            line("area_crs", text(&self.area_crs));
        }
        if let Some(from) = self.from {
            line("from", from.to_string());
        }
        if let Some(to) = self.to {
            line("to", to.to_string());
        }
        for (key, value) in [("title_zh", &self.title_zh), ("title_en", &self.title_en)] {
            if !value.is_empty() {
                line(key, text(value));
            }
        }
        if self.synthetic {
            line("synthetic", "true".to_owned());
        }
        if let Some(hash) = &self.content_hash {
            line("content_hash", text(hash));
        }
        out
    }
}
