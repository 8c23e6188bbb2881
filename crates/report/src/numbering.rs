//! Numbers of headings as official papers write them: 一、（一）1.（1）.

use crate::HeadingLevel;

/// Counts headings.
#[derive(Default)]
pub(crate) struct Numbering {
    counts: [u32; HeadingLevel::DEEPEST as usize],
}

impl Numbering {
    /// The number of the next heading of this level.
    pub(crate) fn next(&mut self, level: HeadingLevel) -> String {
        let index = usize::from(level.get()) - 1;
        self.counts[index] += 1;
        self.counts[index + 1..].fill(0);
        let count = self.counts[index];
        match index {
            0 => format!("{}、", chinese(count)),
            1 => format!("（{}）", chinese(count)),
            2 => format!("{count}."),
            _ => format!("（{count}）"),
        }
    }
}

/// 1 to 99 in Chinese; beyond that in digits.
fn chinese(count: u32) -> String {
    const DIGITS: [&str; 10] = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    let (tens, ones) = ((count / 10) as usize, (count % 10) as usize);
    match tens {
        0 if ones > 0 => DIGITS[ones].to_owned(),
        1 => format!("十{}", DIGITS[ones]),
        2..=9 => format!("{}十{}", DIGITS[tens], DIGITS[ones]),
        _ => count.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_restart_below_a_new_heading() {
        let mut numbering = Numbering::default();
        let mut next = |level| numbering.next(HeadingLevel::nearest(level));
        assert_eq!([next(1), next(2), next(3), next(4)], ["一、", "（一）", "1.", "（1）"]);
        assert_eq!([next(3), next(2), next(3), next(1), next(2)], ["2.", "（二）", "1.", "二、", "（一）"]);
    }

    #[test]
    fn chinese_numbers() {
        let expected = [(1, "一"), (10, "十"), (11, "十一"), (20, "二十"), (99, "九十九"), (100, "100"), (110, "110")];
        for (count, words) in expected {
            assert_eq!(chinese(count), words);
        }
    }
}
