//! Words in pixels: GNU Unifont, sixteen rows high, half or full width.

use unifont::{Glyph, get_glyph};

const ROWS: u32 = 16;

/// The dots of a character inside a box of so many columns, as column and row.
pub(super) fn dots(c: char, columns: u32) -> Vec<(u32, u32)> {
    // What the font does not know is a box, never nothing.
    let Some(glyph) = get_glyph(c).or_else(|| get_glyph('\u{25a1}')) else {
        return Vec::new();
    };
    let (width, lit): (u32, Box<dyn Fn(u32, u32) -> bool>) = match glyph {
        Glyph::Halfwidth(rows) => (8, Box::new(move |x, y| rows[y as usize] & (0x80 >> x) != 0)),
        Glyph::Fullwidth(rows) => (16, Box::new(move |x, y| rows[y as usize] & (0x8000 >> x) != 0)),
    };
    let left = columns.saturating_sub(width) / 2;
    (0..ROWS)
        .flat_map(|y| (0..width.min(columns)).map(move |x| (x, y)))
        .filter(|&(x, y)| lit(x, y))
        .map(|(x, y)| (x + left, y))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_and_latin_have_shapes() {
        assert!(dots('厦', 16).len() > 40);
        assert!(dots('N', 8).iter().all(|&(x, y)| x < 8 && y < 16));
        assert!(dots(' ', 8).is_empty());
        assert_eq!(dots('𠮷', 16), dots('\u{25a1}', 16));
    }
}
