//! The attribute table of a shapefile: dBASE III with the encodings that Chinese files come in.
//!
//! The encoding is told in this order: `.cpg`, language byte of the header, strict UTF-8, GB18030. A field cut through a
//! character loses the piece of it, not the whole text.

use super::limits::{Limits, Refusal};
use super::number_text;
use encoding_rs::{Encoding, GB18030, GBK, UTF_8};

const HEADER_BYTES: usize = 32;
const FIELD_BYTES: usize = 32;
/// Language byte of code page 936.
const LANGUAGE_936: [u8; 2] = [0x4d, 0x7a];

/// A table in memory.
pub(crate) struct Dbf {
    pub(crate) fields: Vec<String>,
    /// Rows in the order of the file; `None` where the row is marked deleted.
    pub(crate) rows: Vec<Option<Vec<String>>>,
    /// Encoding and how it was told.
    pub(crate) encoding: String,
    /// Whether it was told from the bytes alone and mattered.
    pub(crate) guessed: bool,
}

struct Field {
    name: Vec<u8>,
    kind: u8,
    start: usize,
    width: usize,
}

pub(crate) fn read(bytes: &[u8], cpg: Option<&[u8]>, limits: &Limits) -> Result<Dbf, Refusal> {
    let form = |why: &str| Refusal::file("dbf_form", why);
    let u16_at = |at: usize| bytes.get(at..at + 2).map(|part| usize::from(u16::from_le_bytes([part[0], part[1]])));
    let count = bytes
        .get(4..8)
        .map(|part| u32::from_le_bytes([part[0], part[1], part[2], part[3]]))
        .ok_or_else(|| form("header cut off"))?;
    let (Some(head), Some(width)) = (u16_at(8), u16_at(10)) else { return Err(form("header cut off")) };
    if head < HEADER_BYTES || head > bytes.len() || width == 0 {
        return Err(form(&format!("header {head}, record {width} bytes")));
    }
    let body = &bytes[head..];
    let count = count as usize;
    // Some writers leave out the end mark; none leaves out rows.
    if count.checked_mul(width).is_none_or(|needed| needed > body.len()) {
        return Err(Refusal::file("dbf_records", &format!("{count} × {width} > {} bytes", body.len())));
    }
    if count as u64 > limits.features {
        return Err(Refusal::file("features_many", &format!("{count} > {}", limits.features)));
    }
    let fields = read_fields(&bytes[HEADER_BYTES..head], width)?;
    let rows: Vec<Option<&[u8]>> =
        body.chunks_exact(width).take(count).map(|row| (row[0] != b'*').then_some(row)).collect();
    let language = bytes.get(29).copied().unwrap_or(0);
    let (encoding, how) = encoding_of(&fields, &rows, cpg, language);
    let guessed = how.starts_with("bytes") && encoding != UTF_8;
    let name = |field: &Field| decode(trim_tail(&field.name, encoding), encoding);
    let mut text_bytes = 0u64;
    let mut read_rows = Vec::with_capacity(count);
    for row in rows {
        let Some(row) = row else {
            read_rows.push(None);
            continue;
        };
        let values: Vec<String> = fields.iter().map(|field| value(row, field, encoding)).collect();
        text_bytes += values.iter().map(|value| value.len() as u64).sum::<u64>();
        if text_bytes > limits.text_bytes {
            return Err(Refusal::file("file_large", &format!("attributes > {} bytes", limits.text_bytes)));
        }
        read_rows.push(Some(values));
    }
    Ok(Dbf {
        fields: fields.iter().map(name).collect(),
        rows: read_rows,
        encoding: format!("{} ({how})", encoding.name()),
        guessed,
    })
}

fn read_fields(head: &[u8], width: usize) -> Result<Vec<Field>, Refusal> {
    let mut fields = Vec::new();
    let mut start = 1;
    for entry in head.chunks_exact(FIELD_BYTES) {
        if entry[0] == b'\r' {
            break;
        }
        let name = &entry[..11];
        let name = &name[..name.iter().position(|&byte| byte == 0).unwrap_or(11)];
        // A text field may be longer than 255 bytes: its decimals are then the high byte.
        let long = if entry[11] == b'C' { usize::from(entry[17]) << 8 } else { 0 };
        let size = usize::from(entry[16]) + long;
        fields.push(Field { name: name.trim_ascii_end().to_vec(), kind: entry[11], start, width: size });
        start += size;
    }
    if start > width {
        return Err(Refusal::file("dbf_form", &format!("fields take {start} of {width} bytes")));
    }
    Ok(fields)
}

fn encoding_of(
    fields: &[Field],
    rows: &[Option<&[u8]>],
    cpg: Option<&[u8]>,
    language: u8,
) -> (&'static Encoding, &'static str) {
    let fits = |encoding: &'static Encoding| {
        let good = |bytes: &[u8]| !encoding.decode_without_bom_handling(trim_tail(bytes, encoding)).1;
        fields.iter().all(|field| good(&field.name))
            && rows
                .iter()
                .flatten()
                .all(|row| fields.iter().filter(|field| field.kind == b'C').all(|field| good(cell(row, field))))
    };
    if let Some(encoding) = cpg.and_then(named)
        && fits(encoding)
    {
        return (encoding, ".cpg");
    }
    if LANGUAGE_936.contains(&language) && fits(GBK) {
        return (GBK, "language byte");
    }
    if fits(UTF_8) {
        return (UTF_8, "bytes: strict UTF-8");
    }
    (GB18030, "bytes: not UTF-8")
}

/// The encoding that a `.cpg` names.
fn named(cpg: &[u8]) -> Option<&'static Encoding> {
    let text = String::from_utf8_lossy(cpg);
    let label = text.trim().trim_start_matches('\u{feff}').to_ascii_lowercase();
    let label = label.trim_start_matches("ansi ").trim_start_matches("oem ").trim();
    match label {
        "65001" | "utf8" | "utf-8" => Some(UTF_8),
        "936" | "cp936" | "gbk" | "gb2312" => Some(GBK),
        "54936" | "gb18030" => Some(GB18030),
        "88591" | "8859-1" => Some(encoding_rs::WINDOWS_1252),
        "950" | "cp950" => Some(encoding_rs::BIG5),
        other => {
            Encoding::for_label(other.as_bytes()).or_else(|| Encoding::for_label(format!("windows-{other}").as_bytes()))
        }
    }
}

/// A text without the piece of a character that a field's width cut off at its end.
fn trim_tail<'a>(bytes: &'a [u8], encoding: &'static Encoding) -> &'a [u8] {
    if encoding == UTF_8 {
        return match std::str::from_utf8(bytes) {
            Err(error) if error.error_len().is_none() => &bytes[..error.valid_up_to()],
            _ => bytes,
        };
    }
    if encoding != GBK && encoding != GB18030 && encoding != encoding_rs::BIG5 {
        return bytes;
    }
    let mut at = 0;
    while at < bytes.len() {
        let size = match (bytes[at], bytes.get(at + 1)) {
            (0x81..=0xfe, Some(0x30..=0x39)) if encoding != encoding_rs::BIG5 => 4,
            (0x81..=0xfe, _) => 2,
            _ => 1,
        };
        if at + size > bytes.len() {
            return &bytes[..at];
        }
        at += size;
    }
    bytes
}

fn decode(bytes: &[u8], encoding: &'static Encoding) -> String {
    let (text, _) = encoding.decode_without_bom_handling(bytes);
    text.trim_matches(|c: char| c == '\0' || c.is_whitespace()).to_owned()
}

/// The bytes of a cell. Padding stays: a cut character can only stand where the cell is full.
fn cell<'a>(row: &'a [u8], field: &Field) -> &'a [u8] {
    let cell = row.get(field.start..field.start + field.width).unwrap_or_default();
    cell.split(|&byte| byte == 0).next().unwrap_or_default()
}

fn value(row: &[u8], field: &Field, encoding: &'static Encoding) -> String {
    let bytes = cell(row, field);
    match field.kind {
        b'N' | b'F' | b'B' | b'O' => number(&String::from_utf8_lossy(bytes)),
        b'L' => match bytes.first() {
            Some(b'T' | b't' | b'Y' | b'y') => "true".to_owned(),
            Some(b'F' | b'f' | b'N' | b'n') => "false".to_owned(),
            _ => String::new(),
        },
        // The memo file is not read.
        b'M' | b'G' | b'P' => String::new(),
        b'D' => date(&String::from_utf8_lossy(bytes)),
        _ => decode(trim_tail(bytes, encoding), encoding),
    }
}

/// A decimal without zeros that say nothing; `***`, which stands for a number too wide, is none.
fn number(text: &str) -> String {
    let text = text.trim();
    if text.starts_with('*') {
        return String::new();
    }
    if text.contains(['e', 'E']) {
        return text.parse().map_or_else(|_| text.to_owned(), number_text);
    }
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text.to_owned() }
}

/// `20220131` as `2022-01-31`.
fn date(text: &str) -> String {
    let text = text.trim();
    match text.as_bytes() {
        digits @ [_, _, _, _, _, _, _, _] if digits.iter().all(u8::is_ascii_digit) && text != "00000000" => {
            format!("{}-{}-{}", &text[..4], &text[4..6], &text[6..])
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(language: u8, count: u32, names: &[&[u8]], width: u8, rows: &[&[&[u8]]]) -> Vec<u8> {
        let mut bytes = vec![3, 122, 1, 1];
        bytes.extend(count.to_le_bytes());
        bytes.extend((32 + 32 * names.len() as u16 + 1).to_le_bytes());
        bytes.extend((1 + u16::from(width) * names.len() as u16).to_le_bytes());
        bytes.extend([0; 20]);
        bytes[29] = language;
        for name in names {
            let mut entry = [0u8; 32];
            entry[..name.len()].copy_from_slice(name);
            entry[11] = b'C';
            entry[16] = width;
            bytes.extend(entry);
        }
        bytes.push(b'\r');
        for row in rows {
            bytes.push(b' ');
            for cell in *row {
                let mut padded = cell.to_vec();
                padded.resize(usize::from(width), b' ');
                bytes.extend(padded);
            }
        }
        bytes
    }

    #[test]
    fn gbk_without_cpg_and_cut_in_a_character() {
        let (name, _, _) = GBK.encode("环境管控单");
        let (text, _, _) = GBK.encode("集美后溪工业");
        let bytes = table(0, 1, &[&name], 11, &[&[&text[..11]]]);
        let dbf = read(&bytes, None, &Limits::default()).unwrap();
        assert_eq!(dbf.fields, ["环境管控单"]);
        assert_eq!(dbf.rows[0].as_deref(), Some(&["集美后溪工".to_owned()][..]));
        assert!(dbf.guessed && dbf.encoding.starts_with("gb18030"), "{}", dbf.encoding);
        let dbf = read(&table(0x4d, 1, &[&name], 11, &[&[&text[..11]]]), None, &Limits::default()).unwrap();
        assert_eq!(dbf.encoding, "GBK (language byte)");
    }

    #[test]
    fn utf8_cut_in_a_character_and_a_cpg_that_lies() {
        let bytes = table(0, 1, &["名称".as_bytes()], 8, &[&[&"后溪区".as_bytes()[..8]]]);
        let dbf = read(&bytes, None, &Limits::default()).unwrap();
        assert_eq!(dbf.rows[0].as_deref(), Some(&["后溪".to_owned()][..]));
        let (text, _, _) = GBK.encode("后溪");
        let bytes = table(0, 1, &[b"NAME"], 8, &[&[&text]]);
        assert!(read(&bytes, Some(b"UTF-8"), &Limits::default()).unwrap().encoding.starts_with("gb18030"));
        assert_eq!(read(&bytes, Some(b"936"), &Limits::default()).unwrap().encoding, "GBK (.cpg)");
    }

    #[test]
    fn lies_about_the_number_of_records() {
        let bytes = table(0, 1 << 31, &[b"NAME"], 8, &[&[b"a"]]);
        assert_eq!(read(&bytes, None, &Limits::default()).err().unwrap().code, "dbf_records");
        for cut in 0..bytes.len() {
            let _ = read(&bytes[..cut], None, &Limits::default());
        }
    }

    #[test]
    fn numbers_and_dates() {
        assert_eq!(number("  12.500000"), "12.5");
        assert_eq!(number("100"), "100");
        assert_eq!(number("1.5e+003"), "1500");
        assert_eq!(number("*****"), "");
        assert_eq!(date("20220131"), "2022-01-31");
        assert_eq!(date("        "), "");
    }
}
