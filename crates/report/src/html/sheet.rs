//! The style sheet of a page: what is fixed, and the notices at the head of every printed page.

use std::fmt::Write as _;

use crate::{Notice, legible};

const FIXED: &str = include_str!("print.css");

/// The style sheet.
pub(super) fn sheet(notices: &[Notice]) -> String {
    let mut out = String::with_capacity(FIXED.len() + 500);
    out.push_str(FIXED);
    let face = "font-size:10.5pt;font-family:\"Times New Roman\",宋体,SimSun,\"Noto Serif CJK SC\",serif";
    let number = "content:\"— \" counter(page) \" —\";font-size:14pt";
    let words: Vec<&str> = notices.iter().map(|notice| notice.text.as_str()).collect();
    let _ = write!(
        out,
        "@page{{size:A4;margin:37mm 26mm 35mm 28mm;@top-center{{content:{};{face}}}}}\n\
         @page:right{{@bottom-right{{{number}}}}}\n@page:left{{@bottom-left{{{number}}}}}\n",
        text(&words.join("　·　"))
    );
    out
}

/// A text of CSS: everything but letters and digits of ASCII is written as a number.
fn text(words: &str) -> String {
    let mut out = String::from("\"");
    for c in legible(words).chars() {
        if c.is_ascii_alphanumeric() || c == ' ' {
            out.push(c);
        } else {
            let _ = write!(out, "\\{:x} ", u32::from(if c == '\n' { ' ' } else { c }));
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Emphasis;

    #[test]
    fn a_notice_cannot_leave_its_text() {
        assert_eq!(text("a\"}</style>"), "\"a\\22 \\7d \\3c \\2f style\\3e \"");
        let notice = Notice::new(Emphasis::Bad, "</style><script>alert(1)</script>\\\"; } body { x: url(http://a) }");
        let sheet = sheet(&[notice]);
        let added = &sheet[FIXED.len()..];
        assert!(!added.contains('<') && !added.contains("url(") && added.matches('{').count() == 6, "{added}");
    }
}
