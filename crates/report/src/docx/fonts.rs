//! The four faces of official papers, each with what stands in where it is not installed.

use crate::markup::Markup;

/// Titles.
pub(super) const XIAOBIAOSONG: &str = "方正小标宋简体";
/// Headings of the first level.
pub(super) const HEITI: &str = "黑体";
/// Headings of the second level.
pub(super) const KAITI: &str = "楷体";
/// The text.
pub(super) const FANGSONG: &str = "仿宋";
/// Page numbers.
pub(super) const SONGTI: &str = "宋体";
/// Latin letters and digits.
pub(super) const LATIN: &str = "Times New Roman";

/// The font table: name, what stands in, family, pitch, character set.
pub(super) fn table() -> String {
    let fonts = [
        (LATIN, "", "roman", "variable", "00"),
        (XIAOBIAOSONG, "方正小标宋_GBK,FZXiaoBiaoSong-B05S,华文中宋,宋体", "auto", "variable", "86"),
        (HEITI, "SimHei,Noto Sans CJK SC", "modern", "fixed", "86"),
        (KAITI, "KaiTi,楷体_GB2312,Noto Serif CJK SC", "modern", "fixed", "86"),
        (FANGSONG, "FangSong,仿宋_GB2312,Noto Serif CJK SC", "modern", "fixed", "86"),
        (SONGTI, "SimSun,Noto Serif CJK SC", "auto", "variable", "86"),
    ];
    let mut out = Markup::beginning(super::parts::DECLARATION);
    out.open("w:fonts", &[("xmlns:w", super::parts::W)]);
    for (name, instead, family, pitch, set) in fonts {
        out.within("w:font", &[("w:name", name)], |out| {
            if !instead.is_empty() {
                out.empty("w:altName", &[("w:val", instead)]);
            }
            out.empty("w:charset", &[("w:val", set)]);
            out.empty("w:family", &[("w:val", family)]);
            out.empty("w:pitch", &[("w:val", pitch)]);
        });
    }
    out.finish()
}
