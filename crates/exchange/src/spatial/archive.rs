//! ZIP archives: a shapefile, or one other file that is read; as KMZ one KML. Sizes are believed only after they were counted.

use super::limits::{Limits, Refusal};
use super::{Failure, FeatureTable, ReadOptions, SpatialFormat, read_bytes, shp};
use crate::Findings;
use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use zip::ZipArchive;

/// Packed size below which the ratio says nothing.
const RATIO_FROM_BYTES: u64 = 64 << 10;

pub(crate) fn read(
    content: &[u8],
    kind: SpatialFormat,
    options: &ReadOptions,
    findings: &mut Findings,
) -> Result<FeatureTable, Failure> {
    check_entry_count(content, &options.limits)?;
    let form = |error: zip::result::ZipError| Refusal::file("zip_form", &error.to_string());
    let mut archive = ZipArchive::new(Cursor::new(content)).map_err(form)?;
    let limits = &options.limits;
    if archive.len() as u64 > limits.entries {
        return Err(Refusal::file("zip_entries", &format!("{} > {}", archive.len(), limits.entries)).into());
    }
    let mut wanted: BTreeMap<String, usize> = BTreeMap::new();
    let (mut packed, mut unpacked) = (0u64, 0u64);
    for n in 0..archive.len() {
        let entry = archive.by_index_raw(n).map_err(form)?;
        let name = entry_name(entry.name_raw());
        check_name(&name)?;
        if entry.is_symlink() {
            return Err(Refusal::file("zip_path", &name).into());
        }
        if entry.encrypted() {
            return Err(Refusal::file("zip_locked", &name).into());
        }
        packed = packed.saturating_add(entry.compressed_size());
        unpacked = unpacked.saturating_add(entry.size());
        let lower = name.to_ascii_lowercase();
        if [".zip", ".rar", ".7z", ".gz", ".tar", ".kmz"].iter().any(|end| lower.ends_with(end)) {
            return Err(Refusal::file("zip_nested", &name).into());
        }
        if entry.is_file() && !is_litter(&name) {
            wanted.insert(name, n);
        }
    }
    let ratio = unpacked / packed.max(1);
    if unpacked > limits.bytes || (ratio > limits.ratio && unpacked > RATIO_FROM_BYTES) {
        return Err(Refusal::file("zip_ratio", &format!("{packed} → {unpacked} bytes")).into());
    }
    let mut left = limits.bytes;
    let mut take = |n: usize| -> Result<Vec<u8>, Refusal> {
        let entry = archive.by_index(n).map_err(form)?;
        let mut bytes = Vec::new();
        entry.take(left + 1).read_to_end(&mut bytes).map_err(|error| Refusal::file("zip_form", &error.to_string()))?;
        left = left
            .checked_sub(bytes.len() as u64)
            .ok_or_else(|| Refusal::file("zip_ratio", &format!("> {} bytes", limits.bytes)))?;
        Ok(bytes)
    };
    let is_main = |name: &&String| {
        let format = SpatialFormat::of_name(name);
        match format {
            Some(SpatialFormat::Shapefile) => name.to_ascii_lowercase().ends_with(".shp"),
            Some(SpatialFormat::Zip | SpatialFormat::Kmz) | None => false,
            Some(other) if kind == SpatialFormat::Kmz => other == SpatialFormat::Kml,
            Some(_) => true,
        }
    };
    let mut mains: Vec<&String> = wanted.keys().filter(is_main).collect();
    if mains.iter().any(|name| name.to_ascii_lowercase().ends_with(".shp")) {
        // Read-me files and lists beside a shapefile are no layers.
        mains.retain(|name| name.to_ascii_lowercase().ends_with(".shp"));
    }
    if kind == SpatialFormat::Kmz && mains.len() > 1 && mains.iter().any(|name| *name == "doc.kml") {
        // The document of a KMZ; what it links to is not followed.
        mains.retain(|name| *name == "doc.kml");
    }
    if let Some(layer) = &options.layer {
        mains.retain(|name| stem(name).rsplit('/').next() == Some(layer.as_str()) || *name == layer);
    }
    let main = match mains.as_slice() {
        [] => return Err(Refusal::file("zip_empty", &format!("{} entries", wanted.len())).into()),
        [one] => (*one).clone(),
        several => {
            let names: Vec<&str> = several.iter().map(|name| name.as_str()).collect();
            return Err(Refusal::file("layers_many", &names.join(" ")).into());
        }
    };
    if !main.to_ascii_lowercase().ends_with(".shp") {
        let bytes = take(wanted[&main])?;
        let name = main.rsplit('/').next().unwrap_or(&main).to_owned();
        return read_bytes(&name, &bytes, options, findings);
    }
    let mut part = |end: &str| -> Result<Option<Vec<u8>>, Refusal> {
        let found =
            wanted.iter().find(|(name, _)| stem(name) == stem(&main) && name.to_ascii_lowercase().ends_with(end));
        found.map(|(_, &n)| take(n)).transpose()
    };
    let parts = shp::Parts {
        shp: part(".shp")?.unwrap_or_default(),
        dbf: part(".dbf")?,
        cpg: part(".cpg")?,
        prj: part(".prj")?,
    };
    Ok(shp::read(&parts, options, findings)?)
}

/// Refuses an archive that is a file format of its own, such as a workbook, by what it claims to unpack to.
pub(crate) fn check(content: &[u8], limits: &Limits) -> Result<(), Refusal> {
    check_entry_count(content, limits)?;
    let form = |error: zip::result::ZipError| Refusal::file("zip_form", &error.to_string());
    let mut archive = ZipArchive::new(Cursor::new(content)).map_err(form)?;
    let mut unpacked = 0u64;
    for n in 0..archive.len() {
        unpacked = unpacked.saturating_add(archive.by_index_raw(n).map_err(form)?.size());
    }
    if unpacked > limits.bytes {
        return Err(Refusal::file("zip_ratio", &format!("{} → {unpacked} bytes", content.len())));
    }
    Ok(())
}

/// Refuses by the number of entries in the end record before the directory is read into memory.
fn check_entry_count(content: &[u8], limits: &Limits) -> Result<(), Refusal> {
    // Each entry of the directory has this mark; a true archive has as many as the end record says.
    let marks = content.windows(4).filter(|window| *window == b"PK\x01\x02").count() as u64;
    if marks > limits.entries {
        return Err(Refusal::file("zip_entries", &format!("{marks} > {}", limits.entries)));
    }
    Ok(())
}

/// Entry names are UTF-8 or, from Chinese Windows, GBK whatever the flag says.
fn entry_name(raw: &[u8]) -> String {
    match std::str::from_utf8(raw) {
        Ok(name) => name.to_owned(),
        Err(_) => encoding_rs::GB18030.decode_without_bom_handling(raw).0.into_owned(),
    }
}

fn check_name(name: &str) -> Result<(), Refusal> {
    let parts = || name.split(['/', '\\']);
    let drive = name.as_bytes().get(1) == Some(&b':');
    if name.starts_with(['/', '\\']) || drive || parts().any(|part| part == "..") || name.contains('\0') {
        return Err(Refusal::file("zip_path", name));
    }
    Ok(())
}

/// What desktop systems leave in archives.
fn is_litter(name: &str) -> bool {
    name.starts_with("__MACOSX/") || name.rsplit('/').next().is_some_and(|last| last.starts_with('.'))
}

fn stem(name: &str) -> &str {
    let from = name.rfind('/').map_or(0, |slash| slash + 1);
    name[from..].rfind('.').map_or(name, |dot| &name[..from + dot])
}
