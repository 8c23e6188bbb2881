//! Writes the made-up zoning map of Xiamen to a folder: `cargo run -p simulator --example zoning_map -- FOLDER [SEED]`.

use simulator::zoning::{Model, Sources, make};
use std::path::{Path, PathBuf};

fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)?;
    }
    std::fs::write(path, bytes)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("usage: zoning_map FOLDER [SEED]")?);
    let model = Model::parse(include_str!("../../../cities/xiamen/demo/zoning.toml"))?;
    let seed = arguments.next().map(|seed| seed.parse()).transpose()?.unwrap_or(model.seed);
    let rules = |name: &str| match name {
        "rules.toml" => Some(include_str!("../../../cities/xiamen/zoning/rules.toml")),
        "rules-2021.toml" => Some(include_str!("../../../cities/xiamen/zoning/rules-2021.toml")),
        "rules-2026.toml" => Some(include_str!("../../../cities/xiamen/zoning/rules-2026.toml")),
        _ => None,
    };
    let sources = Sources {
        outline: include_str!("../../../cities/xiamen/districts.geojson"),
        industries: include_str!("../../../norms/catalogues/gbt4754_2017.csv"),
        citations: include_str!("../../../cities/xiamen/zoning/citations.csv"),
        rules: &rules,
    };
    for edition in make(&model, sources, seed)? {
        for file in edition.files {
            write(&folder.join(&edition.id).join(file.path), &file.bytes)?;
        }
        write(&folder.join(format!("{}.manifest.toml", edition.id)), edition.manifest.as_bytes())?;
        write(&folder.join(format!("{}.planted.csv", edition.id)), edition.planted.as_bytes())?;
    }
    Ok(())
}
