//! How deep the lines of a tree are drawn.

use crate::Branch;

/// Levels that a page can show; what is deeper stands at the deepest with its depth in words.
pub(crate) const LEVELS: usize = 12;

/// A line as it is drawn.
pub(crate) struct Line<'a> {
    /// From 0 to [`LEVELS`] less one; never more than one deeper than the line before.
    pub(crate) level: usize,
    /// Its depth in words, where the level does not show it.
    pub(crate) depth_words: Option<String>,
    /// What it says.
    pub(crate) branch: &'a Branch,
}

/// The lines of a tree as they are drawn.
pub(crate) fn lines(branches: &[Branch]) -> impl Iterator<Item = Line<'_>> {
    let mut room = 0;
    branches.iter().map(move |branch| {
        let depth = usize::from(branch.depth);
        let level = depth.min(room).min(LEVELS - 1);
        room = level + 1;
        let depth_words = (depth >= LEVELS).then(|| format!("（第{}层）", depth + 1));
        Line { level, depth_words, branch }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Emphasis;

    #[test]
    fn depth_is_bounded_and_grows_by_one() {
        let branches: Vec<Branch> =
            [5, 6, 0, 3, u16::MAX].into_iter().map(|depth| Branch::new(depth, Emphasis::Plain, "x")).collect();
        let levels: Vec<usize> = lines(&branches).map(|line| line.level).collect();
        assert_eq!(levels, [0, 1, 0, 1, 2]);
        let deep: Vec<Branch> = (0..500).map(|depth| Branch::new(depth, Emphasis::Plain, "x")).collect();
        let last = lines(&deep).last().unwrap();
        assert_eq!((last.level, last.depth_words.as_deref()), (11, Some("（第500层）")));
    }
}
