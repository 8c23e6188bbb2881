//! A document as docx: WordprocessingML that is written here, element by element, in the order of the schema.

mod body;
mod fonts;
mod parts;
mod styles;
mod table;

use std::io::{Cursor, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::check::check;
use crate::{Document, ReportError};

/// Writes a document as docx: A4, margins and type of GB/T 9704, headings that a table of contents finds.
///
/// The same document gives the same bytes: nothing in the file comes from a clock, a counter or chance.
///
/// # Errors
/// When a table, code or map of the document cannot be written; the error says which block.
pub fn to_docx(document: &Document) -> Result<Vec<u8>, ReportError> {
    check(document)?;
    let body = body::body(document)?;
    let header = (!document.notices.is_empty()).then(|| parts::header(&document.notices));

    let mut package = Package::new();
    package.part("[Content_Types].xml", parts::content_types(header.is_some()).as_bytes())?;
    package.part("_rels/.rels", parts::package_relations().as_bytes())?;
    package.part("docProps/core.xml", parts::core(document).as_bytes())?;
    package.part("docProps/app.xml", parts::app().as_bytes())?;
    package.part("word/document.xml", body.xml.as_bytes())?;
    package.part("word/_rels/document.xml.rels", parts::relations(header.is_some(), &body).as_bytes())?;
    package.part("word/styles.xml", styles::styles().as_bytes())?;
    package.part("word/settings.xml", parts::settings().as_bytes())?;
    package.part("word/fontTable.xml", fonts::table().as_bytes())?;
    if let Some(header) = &header {
        package.part("word/header1.xml", header.as_bytes())?;
        package.part("word/header2.xml", header.as_bytes())?;
    }
    package.part("word/footer1.xml", parts::footer("right").as_bytes())?;
    package.part("word/footer2.xml", parts::footer("left").as_bytes())?;
    for (index, image) in body.images.iter().enumerate() {
        package.part(&format!("word/media/image{}.png", index + 1), image)?;
    }
    package.finish()
}

/// A zip archive whose entries all have the same date.
struct Package {
    zip: ZipWriter<Cursor<Vec<u8>>>,
    options: SimpleFileOptions,
}

impl Package {
    fn new() -> Self {
        // Said here and not left to the default, which asks the clock when any crate switches that on.
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(6))
            .last_modified_time(DateTime::DEFAULT)
            .unix_permissions(0o644);
        Self { zip: ZipWriter::new(Cursor::new(Vec::new())), options }
    }

    fn part(&mut self, name: &str, content: &[u8]) -> Result<(), ReportError> {
        self.zip.start_file(name, self.options).map_err(|error| ReportError::Package(error.to_string()))?;
        self.zip.write_all(content).map_err(|error| ReportError::Package(error.to_string()))
    }

    fn finish(self) -> Result<Vec<u8>, ReportError> {
        let done = self.zip.finish().map_err(|error| ReportError::Package(error.to_string()))?;
        Ok(done.into_inner())
    }
}
