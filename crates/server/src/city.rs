//! City packs: what is a city's and not the program's. Embedded; a new city is a new folder.

use crate::cli::Usage;
use crate::registry::cases::CaseRules;
use anyhow::Context;
use include_dir::{Dir, include_dir};
use indicators::Catalogue;
use norms::NormFile;
use serde::Deserialize;

static PACKS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../cities");

/// A city pack.
#[derive(Debug)]
pub struct CityPack {
    /// What `city.toml` says.
    pub city: City,
    /// Figures and summaries.
    pub catalogue: Catalogue,
    /// How screening cases are numbered and how long they hold.
    pub cases: CaseRules,
    /// How the zoning map is shown.
    pub zoning_view: crate::zoning::view::View,
    /// The schematic base map, GeoJSON.
    pub base_map: serde_json::Value,
    folder: &'static Dir<'static>,
}

/// `city.toml`.
#[derive(Clone, Debug, Deserialize)]
pub struct City {
    /// Administrative code.
    pub code: String,
    /// Name of the pack.
    pub id: String,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
    /// Chinese name of the bureau.
    pub bureau_zh: String,
    /// English name of the bureau.
    pub bureau_en: String,
    /// What is said of the demo city.
    pub demo: Demo,
    /// What is said of the base map.
    pub map: MapNote,
}

/// The demo city.
#[derive(Clone, Debug, Deserialize)]
pub struct Demo {
    /// First simulated year.
    pub first_year: i16,
    /// Last simulated year.
    pub last_year: i16,
    /// Sentence that stands wherever simulated values are shown.
    pub notice_zh: String,
    /// The same in English.
    pub notice_en: String,
}

/// A sentence about the base map.
#[derive(Clone, Debug, Deserialize)]
pub struct MapNote {
    /// Chinese.
    pub note_zh: String,
    /// English.
    pub note_en: String,
}

impl CityPack {
    /// The pack of a name.
    ///
    /// # Errors
    /// When there is none, or a file of it is wrong.
    pub fn load(id: &str) -> anyhow::Result<Self> {
        let folder = PACKS.dirs().find(|folder| folder.path().to_string_lossy() == id).ok_or_else(|| {
            let known: Vec<String> = PACKS.dirs().map(|folder| folder.path().to_string_lossy().into_owned()).collect();
            let known = known.join(", ");
            Usage(format!("没有城市包“{id}”，已有：{known} / there is no city pack “{id}”; known: {known}"))
        })?;
        let text = |name: &str| {
            folder
                .get_file(folder.path().join(name))
                .and_then(|file| file.contents_utf8())
                .with_context(|| format!("cities/{id}/{name}: 缺少 / is missing"))
        };
        let city = toml::from_str(text("city.toml")?).with_context(|| format!("cities/{id}/city.toml"))?;
        let mut zoning_view = crate::zoning::view::View::read(text("zoning/view.toml")?)
            .with_context(|| format!("cities/{id}/zoning/view.toml"))?;
        let cases =
            CaseRules::read(text("zoning/cases.toml")?).with_context(|| format!("cities/{id}/zoning/cases.toml"))?;
        zoning_view.paper = crate::zoning::paper::PaperWords::read(text("zoning/paper.toml")?)
            .with_context(|| format!("cities/{id}/zoning/paper.toml"))?;
        let base_map = serde_json::from_str(text("districts.geojson")?)
            .with_context(|| format!("cities/{id}/districts.geojson"))?;
        let mut files = Vec::new();
        for part in ["figures", "summary"] {
            for file in folder.get_dir(folder.path().join(part)).into_iter().flat_map(Dir::files) {
                let name = file.path().file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                let text = file.contents_utf8().unwrap_or_default().to_owned();
                files.push(NormFile { path: format!("{part}/{name}"), text });
            }
        }
        let catalogue = Catalogue::load(&files).map_err(|errors| {
            let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
            anyhow::anyhow!("cities/{id}: 指标定义有误 / figure definitions are wrong:\n{}", lines.join("\n"))
        })?;
        Ok(Self { city, catalogue, cases, zoning_view, base_map, folder })
    }

    /// The text of a file of the pack.
    ///
    /// # Errors
    /// When there is no such file.
    pub fn text(&self, name: &str) -> anyhow::Result<&'static str> {
        self.folder
            .get_file(self.folder.path().join(name))
            .and_then(|file| file.contents_utf8())
            .with_context(|| format!("cities/{}/{name}: 缺少 / is missing", self.city.id))
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_shipped_pack_is_whole() {
        let pack = super::CityPack::load("xiamen").unwrap();
        assert_eq!(pack.city.code, "350200");
        assert!(pack.catalogue.figure("F047").is_some());
        assert!(super::CityPack::load("atlantis").is_err());
    }
}
