//! The geometry half against PROJ, GEOS, public formulas, and its own invariances.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that cannot go on fails, and says what it measured"
)]

#[path = "../../../tests/sizes.rs"]
mod sizes;

#[path = "geometry/coordinates.rs"]
mod coordinates;
#[path = "geometry/corridors.rs"]
mod corridors;
#[path = "geometry/distances.rs"]
mod distances;
#[path = "geometry/pairs.rs"]
mod pairs;
#[path = "geometry/real_polygons.rs"]
mod real_polygons;
#[path = "geometry/shapes.rs"]
mod shapes;
#[path = "geometry/speed.rs"]
mod speed;
#[path = "geometry/tilings.rs"]
mod tilings;

fn testdata(name: &str) -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/zoning").join(name)
}
