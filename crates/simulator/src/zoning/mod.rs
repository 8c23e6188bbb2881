//! A made-up zoning map from a seed: units, element layers, decision tables, ledgers, in two editions.
//!
//! [`make`] takes a model file (`cities/<city>/demo/zoning.toml`), the schematic outline of the city and the real
//! catalogue of industries, and yields the files of both editions as values. The map lies at the place of the city and
//! has its size; **every border, clause in a table and tonne in it is invented** and each file says so.
//!
//! 1. `outline`: the districts and the sea of the schematic map.
//! 2. `mesh`: bent squares over it; areas are sets of cells, so neighbours share each vertex of their border.
//! 3. `units`: cells grow into units; the second edition splits, merges and moves some.
//! 4. `layers`: areas of the meshes, circles and ribbons that follow smooth fields (`fields`, `shapes`).
//! 5. `tables`: conditions by unit and industry, with faults planted among them and a list of the planted.
//! 6. `ledger`: headroom and states of units.
//! 7. `projects`: any number of projects for screening in bulk.
//!
//! Coordinates are whole steps of 1e-9 degree, so that no rounding opens a gap. The same input gives the same bytes.

mod fields;
mod files;
mod industry;
mod layers;
mod ledger;
mod mesh;
pub mod model;
mod outline;
mod place;
mod projects;
mod shapes;
mod tables;
mod units;

pub use fields::Base;
pub use model::Model;
pub use place::Place;
pub use projects::{FACTS, Form, Projects};

use fields::Fields;
use industry::Industries;
use layers::Ground;
use mesh::{Mesh, Pattern};
use outline::Outline;

/// Code of the city of the demo.
const CITY: &str = "350200";

/// What can go wrong: a model or an outline that makes no sense.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The text is no model file; the message of the reader has line and column.
    #[error("地图模型文件无法读取 / the model file of the map cannot be read")]
    Toml(#[from] toml::de::Error),
    /// The text is no GeoJSON of districts and sea.
    #[error("行政区示意图无法读取 / the schematic outline cannot be read")]
    Outline(#[source] serde_json::Error),
    /// An entry makes no sense.
    #[error("地图模型 / model of the map: {at} {why}")]
    Model {
        /// Path of the entry.
        at: String,
        /// What is wrong with it.
        why: String,
    },
}

/// A file as a value; whoever asked for it writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Path inside of the edition's folder, with `/`.
    pub path: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// One edition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edition {
    /// Its id, the name of its folder.
    pub id: String,
    /// The files of its folder.
    pub files: Vec<File>,
    /// The manifest that builds the folder anew, to lie beside it.
    pub manifest: String,
    /// The faults planted in its tables, CSV. It is no part of the folder: who looks for faults must not find it there.
    pub planted: String,
}

/// What the map is made from.
#[derive(Clone, Copy)]
pub struct Sources<'a> {
    /// Districts and sea, GeoJSON of the city pack.
    pub outline: &'a str,
    /// Classes of GB/T 4754: `代码,级别,门类,数字代码,名称`.
    pub industries: &'a str,
    /// Instruments with their dates and successors, CSV of the city pack.
    pub citations: &'a str,
    /// Text of a rule file of the city pack, by the name that the model gives it.
    pub rules: &'a dyn Fn(&str) -> Option<&'a str>,
}

/// Makes both editions, older first.
///
/// # Errors
/// When model and outline do not fit.
pub fn make(model: &Model, sources: Sources<'_>, seed: u64) -> Result<Vec<Edition>, Error> {
    let outline = Outline::parse(sources.outline, &model.sea_limit)?;
    let pattern = |name, cell, bends, drawn| Pattern { name, extent: model.extent, cell, bends, drawn };
    let mut unit_mesh = Mesh::new(&pattern("units", model.cell, model.bends, true), &outline, seed);
    let own_mesh = Mesh::new(&pattern("layers", model.layer_cell, model.layer_bends, false), &outline, seed);
    let fields = Fields::new(model, seed);
    let first = units::first(model, &outline, &unit_mesh, &fields, seed)?;
    let areas = first.iter().enumerate().flat_map(|(index, unit)| unit.cells.iter().map(move |cell| (*cell, index)));
    unit_mesh.smooth(&areas.collect());
    let ground = Ground { model, outline: &outline, units: &unit_mesh, own: &own_mesh, fields: &fields, seed };
    let next = units::next(model, &outline, &unit_mesh, &first, seed);
    let industries = Industries::draw(sources.industries, &model.tables, seed)?;
    let mut editions = Vec::new();
    for ((edition, units), stricter) in model.edition.iter().zip([first, next]).zip([0.0, model.tables.stricter]) {
        let layers = ground.layers(edition);
        let mut files = vec![
            files::edition(model, edition, seed),
            files::units(model, &outline, &unit_mesh, &units),
            files::layer_list(&layers),
        ];
        files.extend(layers.iter().map(|layer| files::layer(model, layer)));
        for coverage in &model.coverage {
            let path = format!("coverage/{}.geojson", coverage.key);
            files.push(files::coverage(model, &path, &coverage.key, &ground.coverage(coverage)));
        }
        let city = ground.coverage(&model::Coverage::whole());
        files.push(files::coverage(model, "outline.geojson", "city", &city));
        let tables = tables::make(&model.tables, &industries, &units, &edition.id, stricter, seed)?;
        files.extend(tables.files);
        files.extend(ledger::make(&model.ledger, &units, seed));
        files.push(File { path: "citations.csv".to_owned(), bytes: sources.citations.as_bytes().to_vec() });
        for name in &edition.rules {
            let text = (sources.rules)(name).ok_or_else(|| Error::Model {
                at: format!("edition {} rules", edition.id),
                why: format!("names {name}, which is not there"),
            })?;
            files.push(File { path: format!("rules/{name}"), bytes: text.as_bytes().to_vec() });
        }
        let manifest = files::manifest(model, edition, &layers);
        editions.push(Edition { id: edition.id.clone(), files, manifest, planted: tables.planted });
    }
    Ok(editions)
}
