//! How much a proof does: the numbers of `sizes.toml`, and the seed of random ones. Included by the test binaries.

/// The size of a proof: the column that YUNDANG_SIZES names, `ci` without it.
pub(crate) fn size(proof: &str) -> usize {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/sizes.toml");
    let sizes: toml::Table = std::fs::read_to_string(path).unwrap().parse().unwrap();
    let column = std::env::var("YUNDANG_SIZES").unwrap_or_else(|_| "ci".to_owned());
    let size = sizes[proof][&column].as_integer().unwrap();
    usize::try_from(size).unwrap()
}

/// A fresh seed, or that of YUNDANG_SEED; printed, so that a failure can be repeated.
#[allow(dead_code, reason = "not every test binary draws numbers")]
pub(crate) fn seed() -> u64 {
    let given = std::env::var("YUNDANG_SEED").ok().and_then(|text| text.parse().ok());
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let seed = given.unwrap_or(now.as_nanos() as u64 & 0xffff_ffff);
    eprintln!("seed = {seed}");
    seed
}
