//! Text made safe to print.

use std::borrow::Cow;

/// Text in which every character can be seen, and none can act on its neighbours.
///
/// Control characters, marks that turn the direction of writing, and other signs without a shape become `〔U+202E〕`.
/// Line feeds and tabs stay; `\r\n` and `\r` become a line feed. Joiners and variation selectors stay, because scripts
/// and pictures need them.
///
/// ```
/// use report::legible;
/// assert_eq!(legible("厂名\u{202e}gpj.exe"), "厂名〔U+202E〕gpj.exe");
/// assert_eq!(legible("a\r\nb\0"), "a\nb〔U+0000〕");
/// ```
#[must_use]
pub fn legible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(|c| c == '\r' || is_hidden(c)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '\r' {
            chars.next_if_eq(&'\n');
            out.push('\n');
        } else if is_hidden(c) {
            out.push_str(&format!("〔U+{:04X}〕", u32::from(c)));
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// Tells whether a character has no shape of its own, or may not stand in XML.
fn is_hidden(c: char) -> bool {
    match c {
        '\n' | '\t' | '\r' => false,
        '\u{00ad}'
        | '\u{034f}'
        | '\u{061c}'
        | '\u{115f}'
        | '\u{1160}'
        | '\u{17b4}'
        | '\u{17b5}'
        | '\u{180e}'
        | '\u{200b}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{3164}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e00ff}' => true,
        // The last two of every plane are no characters.
        c => c.is_control() || (u32::from(c) & 0xfffe) == 0xfffe || ('\u{fdd0}'..='\u{fdef}').contains(&c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_named() {
        assert!(matches!(legible("一般文字 <b> & \t\n𠮷"), Cow::Borrowed(_)));
        assert_eq!(legible("\u{7}\u{7f}\u{85}"), "〔U+0007〕〔U+007F〕〔U+0085〕");
        assert_eq!(legible("\u{200f}\u{feff}\u{ffff}\u{1fffe}"), "〔U+200F〕〔U+FEFF〕〔U+FFFF〕〔U+1FFFE〕");
        assert_eq!(legible("a\rb\r\r\nc"), "a\nb\n\nc");
        assert_eq!(legible("👩\u{200d}🔬"), "👩\u{200d}🔬", "a joiner is part of a picture");
    }

    #[test]
    fn no_character_of_the_result_is_hidden() {
        let all: String = (0..=0x2_ffff_u32).filter_map(char::from_u32).collect();
        assert!(legible(&all).chars().all(|c| !is_hidden(c) && c != '\r'));
    }
}
