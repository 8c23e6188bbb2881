//! Writes made-up projects as CSV to standard output:
//! `cargo run -p simulator --example zoning_projects -- COUNT points|mixed [SEED [HIDDEN]] > projects.csv`.

use simulator::zoning::{Form, Model, Projects, Sources};
use std::io::Write;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let usage = "usage: zoning_projects COUNT points|mixed [SEED [HIDDEN]]";
    let [count, form, more @ ..] = &arguments[..] else { return Err(usage.into()) };
    let count: u64 = count.parse()?;
    let form = match form.as_str() {
        "points" => Form::Points,
        "mixed" => Form::Mixed,
        _ => return Err(usage.into()),
    };
    let seed = more.first().map_or(Ok(1), |seed| seed.parse())?;
    let hidden = more.get(1).map_or(Ok(0.02), |hidden| hidden.parse())?;
    let model = Model::parse(include_str!("../../../cities/xiamen/demo/zoning.toml"))?;
    let sources = Sources {
        outline: include_str!("../../../cities/xiamen/districts.geojson"),
        industries: include_str!("../../../norms/catalogues/gbt4754_2017.csv"),
        citations: "",
        rules: &|_| None,
    };
    let projects = Projects::new(&model, sources, seed, hidden)?;
    let mut output = std::io::BufWriter::new(std::io::stdout().lock());
    output.write_all(Projects::header(form).as_bytes())?;
    for number in 0..count {
        output.write_all(projects.line(number, form).as_bytes())?;
    }
    output.flush()?;
    Ok(())
}
