//! Text files of an edition: decoded, with one kind of line end.

use std::path::Path;

/// A text file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TextFile {
    /// Its name in its folder.
    pub name: String,
    /// Its text: UTF-8, `\n` at line ends, no byte order mark.
    pub text: String,
}

/// Reads UTF-8, or GB18030 when it is none.
pub(crate) fn read(path: &Path) -> std::io::Result<TextFile> {
    let bytes = std::fs::read(path)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(TextFile { name, text: decode(bytes) })
}

fn decode(bytes: Vec<u8>) -> String {
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => encoding_rs::GB18030.decode_without_bom_handling(error.as_bytes()).0.into_owned(),
    };
    let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
    if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text }
}

/// The files of a folder with this end, in order of their names; none when the folder is absent.
pub(crate) fn read_all(folder: &Path, end: &str) -> std::io::Result<Vec<TextFile>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let names = super::list(folder)?;
    names.iter().filter(|name| name.to_ascii_lowercase().ends_with(end)).map(|name| read(&folder.join(name))).collect()
}
