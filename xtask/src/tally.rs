//! Reads the summary lines of the test runners and adds them up.

/// How many tests passed and failed, of one runner or of several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
}

impl Tally {
    /// Reads a line of the output of one runner, if it is a summary of nextest, `cargo test`, vitest, `node --test` or Playwright.
    pub(crate) fn read(&mut self, line: &str) {
        let line = plain(line);
        let line = line.trim();
        let counts = if let Some(rest) = line.strip_prefix("test result: ") {
            // `ok. 3 passed; 0 failed; …`: of cargo test
            rest.split_once(". ").map(|(_, counts)| counts)
        } else if line.starts_with("Summary [") {
            // `Summary [   1.2s] 5 tests run: 4 passed (1 slow), 1 failed, 2 skipped`: of nextest,
            // at its end; what was read before was said by a failed test that it shows
            *self = Self::default();
            line.split_once(" run: ").map(|(_, counts)| counts)
        } else if let Some(rest) = line.strip_prefix("Tests ") {
            // `Tests  1 failed | 11 passed (12)`: of vitest
            Some(rest)
        } else if let Some(count) = of_node(line) {
            // `# pass 12`, `ℹ fail 1` of `node --test`, one count a line
            self.add(count);
            None
        } else if counts_alone(line) {
            // `12 passed (3.1s)` of Playwright, `12 passed, 0 failed` of the browser journeys
            Some(line)
        } else {
            None
        };
        let Some(counts) = counts else { return };
        for (number, word) in counted(counts) {
            match word.as_str() {
                "passed" => self.passed += number,
                // a flaky test failed at least once
                "failed" | "timed" | "exec" | "flaky" | "interrupted" => self.failed += number,
                _ => {}
            }
        }
    }

    pub(crate) fn add(&mut self, other: Tally) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

/// One line of the closing counts of `node --test`, in either of its formats.
fn of_node(line: &str) -> Option<Tally> {
    let line = line.strip_prefix("# ").or_else(|| line.strip_prefix("ℹ "))?;
    let (word, number) = line.split_once(' ')?;
    let number = number.parse().ok()?;
    match word {
        "pass" => Some(Tally { passed: number, failed: 0 }),
        "fail" | "cancelled" => Some(Tally { passed: 0, failed: number }),
        _ => None,
    }
}

/// Tells whether a line holds counts of tests and nothing else.
fn counts_alone(line: &str) -> bool {
    line.split(", ").all(|part| {
        let mut words = part.split(' ');
        let number = words.next().is_some_and(|word| word.parse::<u64>().is_ok());
        let word = words.next().unwrap_or_default();
        let time = words.next().is_none_or(|word| word.starts_with('('));
        number && time && matches!(word, "passed" | "failed" | "flaky" | "interrupted" | "skipped")
    })
}

/// The pairs `number word` of a list; what stands in brackets is skipped.
fn counted(list: &str) -> Vec<(u64, String)> {
    let mut depth = 0_u32;
    let open: String = list
        .chars()
        .filter(|c| {
            match c {
                '(' => depth += 1,
                ')' => depth = depth.saturating_sub(1),
                _ => return depth == 0,
            }
            false
        })
        .collect();
    open.split([',', ';', '|'])
        .filter_map(|part| {
            let mut words = part.split_whitespace();
            Some((words.next()?.parse().ok()?, words.next()?.to_owned()))
        })
        .collect()
}

/// The line without terminal colours.
fn plain(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        if c == '\u{1b}' {
            for c in chars.by_ref() {
                if c.is_ascii_alphabetic() {
                    break;
                }
            }
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(lines: &str, passed: u64, failed: u64) {
        let mut tally = Tally::default();
        lines.lines().for_each(|line| tally.read(line));
        assert_eq!(tally, Tally { passed, failed }, "{lines}");
    }

    #[test]
    fn nextest() {
        check(
            "     Summary [   1.204s] 8 tests run: 5 passed (1 slow, 1 leaky), 1 failed, 2 timed out, 4 skipped",
            5,
            3,
        );
        check("\u{1b}[1m     Summary\u{1b}[0m [ 1.2s] 1 test run: 1 passed, 0 skipped", 1, 0);
    }

    #[test]
    fn cargo_test() {
        check(
            "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\
             test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out",
            14,
            1,
        );
    }

    #[test]
    fn vitest_counts_tests_and_not_files() {
        check(" Test Files  1 failed | 2 passed (3)\n      Tests  1 failed | 11 passed (12)", 11, 1);
    }

    #[test]
    fn playwright() {
        check("  1 failed\n    a.spec.ts:3:1 › opens\n  2 flaky\n  12 passed (3.1s)", 12, 3);
    }

    #[test]
    fn journeys() {
        check("# Subtest: pass 3\n1..3\n# tests 4\n# pass 2\n# fail 1\n# cancelled 1\n# skipped 0", 2, 2);
        check("ℹ tests 3\nℹ pass 3\nℹ fail 0\nℹ duration_ms 12.5", 3, 0);
        check("  ok 1 opens the map\n7 passed, 2 failed", 7, 2);
    }

    #[test]
    fn other_lines_say_nothing() {
        check("3 passed the gate\nRunning 12 tests using 1 worker\nfailed: 3", 0, 0);
    }
}
