//! Writes the sample paper to a folder: `cargo run -p report --example sample -- FOLDER`.

#![allow(clippy::unwrap_used, reason = "an example that cannot go on fails")]

#[path = "../tests/report/sample.rs"]
mod sample;

use report::Legend;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::path::PathBuf::from(std::env::args().nth(1).ok_or("usage: sample FOLDER")?);
    let paper = sample::paper();
    std::fs::write(folder.join("sample.docx"), report::to_docx(&paper)?)?;
    std::fs::write(folder.join("sample.html"), report::to_html(&paper)?)?;
    std::fs::write(folder.join("map.svg"), sample::sketch().svg(Legend::Below)?)?;
    std::fs::write(folder.join("map.png"), sample::sketch().png(Legend::Below)?)?;
    Ok(())
}
