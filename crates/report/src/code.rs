//! QR codes: as one path of SVG, as a PNG of cells.

use std::fmt::Write as _;

use qrcode::{Color, EcLevel, QrCode};

use crate::markup::Markup;
use crate::png;

/// A code as cells.
pub(crate) struct Cells {
    dark: Vec<bool>,
    side: usize,
}

impl Cells {
    /// The code of a text; none when the text is too long for any code. A quarter of it may be dirty.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let code = QrCode::with_error_correction_level(text, EcLevel::Q).ok()?;
        let side = code.width();
        Some(Self { dark: code.into_colors().into_iter().map(|colour| colour == Color::Dark).collect(), side })
    }

    /// The code as SVG with its white edge.
    pub(crate) fn svg(&self) -> String {
        let side = self.side + 8;
        let mut path = String::new();
        for (at, _) in self.dark.iter().enumerate().filter(|(_, dark)| **dark) {
            let _ = write!(path, "M{} {}h1v1h-1z", at % self.side + 4, at / self.side + 4);
        }
        let (view, whole) = (format!("0 0 {side} {side}"), side.to_string());
        let mut out = Markup::default();
        let attributes = [
            ("xmlns", "http://www.w3.org/2000/svg"),
            ("class", "code"),
            ("viewBox", view.as_str()),
            ("role", "img"),
            ("aria-label", "二维码 / QR code"),
            ("shape-rendering", "crispEdges"),
        ];
        out.within("svg", &attributes, |out| {
            out.empty("rect", &[("width", &whole), ("height", &whole), ("fill", "#ffffff")]);
            out.empty("path", &[("d", &path), ("fill", "#000000")]);
        });
        out.finish()
    }

    /// The code as PNG with its white edge.
    pub(crate) fn png(&self) -> Vec<u8> {
        png::cells(&self.dark, self.side, 8)
    }
}
