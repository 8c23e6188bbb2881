//! Text as whole records for a CSV reader, so that one bad line costs one line.
//!
//! A line beyond [`LINE_BYTES_MAX`] would fill the memory, and a quote that nobody closes would swallow the rest of the
//! file. Such lines are left out and told; an empty line stands in their place, so that line numbers stay.

use crate::{Findings, Place};
use norms::FindingCode;
use std::io::{ErrorKind, Read};

/// Longest line of a text file, and longest record of several lines, in bytes.
const LINE_BYTES_MAX: usize = 1 << 20;
/// Most lines of one record: a quote that stays open longer is a stray one.
const RECORD_LINES_MAX: usize = 100;
/// Bytes read at once.
const BLOCK_BYTES: usize = 1 << 16;
/// Bytes of a line that a finding shows.
const SHOWN_BYTES: usize = 200;

/// Passes on whole records alone.
pub(crate) struct WholeLines<R> {
    inner: R,
    /// Read and not yet judged, from the start of a line.
    raw: Vec<u8>,
    /// Judged good; the first `given` bytes were passed on.
    good: Vec<u8>,
    given: usize,
    /// Number of the line at which `raw` starts.
    line: u64,
    /// Within a line that is too long.
    skipping: bool,
    ended: bool,
    error: Option<std::io::Error>,
    /// The lines that were left out.
    findings: Findings,
}

/// How the record ends that a text starts with.
#[derive(PartialEq, Eq, Debug)]
enum Record {
    /// After so many bytes.
    Ends(usize),
    /// Its quote is not closed, or not where a cell ends.
    Stray,
    /// More text is needed to tell.
    Unknown,
}

impl<R: Read> WholeLines<R> {
    pub(crate) fn new(inner: R) -> Self {
        Self {
            inner,
            raw: Vec::new(),
            good: Vec::new(),
            given: 0,
            line: 1,
            skipping: false,
            ended: false,
            error: None,
            findings: Findings::new(),
        }
    }

    /// Tells the lines that were left out since the last call.
    pub(crate) fn tell(&mut self, findings: &mut Findings) {
        if !self.findings.counts().is_empty() {
            findings.absorb(std::mem::take(&mut self.findings));
        }
    }

    fn read_block(&mut self) {
        let start = self.raw.len();
        self.raw.resize(start + BLOCK_BYTES, 0);
        let read = self.inner.read(&mut self.raw[start..]);
        self.raw.truncate(start + *read.as_ref().unwrap_or(&0));
        match read {
            Ok(0) => self.ended = true,
            Err(error) if error.kind() != ErrorKind::Interrupted => {
                // A line that breaks off with the file is no row: its last number may lack digits.
                self.raw.truncate(after_last_line(&self.raw));
                self.ended = true;
                self.error = Some(error);
            }
            _ => {}
        }
    }

    fn judge_lines(&mut self) {
        if self.skipping {
            let Some(end) = self.raw.iter().position(|&byte| byte == b'\n') else {
                self.raw.clear();
                return;
            };
            self.raw.drain(..end);
            self.skipping = false;
        }
        let last = if self.ended { self.raw.len() } else { after_last_line(&self.raw) };
        let mut at = 0;
        if !self.raw[..last].contains(&b'"') {
            self.pass(at..last);
            at = last;
        }
        while at < last {
            let line = self.raw[at..last].split_inclusive(|&byte| byte == b'\n').next().map_or(0, <[u8]>::len);
            let record = if self.raw[at..at + line].contains(&b'"') {
                record(&self.raw[at..], self.ended)
            } else {
                Record::Ends(line)
            };
            match record {
                Record::Ends(length) => {
                    self.pass(at..at + length);
                    at += length;
                }
                Record::Stray => {
                    self.leave_out("quote_open", at);
                    self.good.push(b'\n');
                    self.line += 1;
                    at += line;
                }
                Record::Unknown => break,
            }
        }
        self.raw.drain(..at);
        if self.raw.len() > LINE_BYTES_MAX && !self.raw.contains(&b'\n') {
            self.leave_out("line_long", 0);
            self.skipping = true;
            self.raw.clear();
        }
    }

    fn pass(&mut self, range: std::ops::Range<usize>) {
        let lines = &self.raw[range];
        self.line += lines.iter().filter(|&&byte| byte == b'\n').count() as u64;
        self.good.extend(lines);
    }

    fn leave_out(&mut self, code: FindingCode, at: usize) {
        let line = self.raw[at..].split(|&byte| byte == b'\n').next().unwrap_or_default();
        let head = String::from_utf8_lossy(&line[..line.len().min(SHOWN_BYTES)]);
        self.findings.report(code, Place { line: Some(self.line), field: "", value: &head });
    }
}

impl<R: Read> Read for WholeLines<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        while self.given == self.good.len() {
            self.good.clear();
            self.given = 0;
            if self.ended && self.raw.is_empty() {
                return self.error.take().map_or(Ok(0), Err);
            }
            self.read_block();
            self.judge_lines();
        }
        let count = (&self.good[self.given..]).read(buffer)?;
        self.given += count;
        Ok(count)
    }
}

/// How many bytes the whole lines of a text take.
fn after_last_line(text: &[u8]) -> usize {
    text.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1)
}

/// Finds the end of the record that `text` starts with, by the rules of the CSV reader: a quote opens a cell at its
/// start only, and two of them within a quoted cell stand for one.
fn record(text: &[u8], ended: bool) -> Record {
    #[derive(Clone, Copy, PartialEq)]
    enum State {
        Start,
        Plain,
        Quoted,
        Closing,
    }
    let (mut state, mut lines) = (State::Start, 1);
    for (at, &byte) in text.iter().enumerate().take(LINE_BYTES_MAX) {
        state = match (state, byte) {
            (State::Start | State::Closing, b'"') => State::Quoted,
            (State::Quoted, b'"') => State::Closing,
            (State::Quoted, _) => {
                lines += usize::from(byte == b'\n');
                if lines > RECORD_LINES_MAX {
                    return Record::Stray;
                }
                State::Quoted
            }
            (_, b'\n') => return Record::Ends(at + 1),
            (_, b',') => State::Start,
            // A quote of another line that is not the end of its cell belongs to that line.
            (State::Closing, byte) if lines > 1 && byte != b'\r' => return Record::Stray,
            _ => State::Plain,
        };
    }
    if text.len() >= LINE_BYTES_MAX || (ended && state == State::Quoted) {
        Record::Stray
    } else if ended {
        Record::Ends(text.len())
    } else {
        Record::Unknown
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that fails says where")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pass(text: &[u8]) -> (String, Vec<(FindingCode, u64)>) {
        let mut lines = WholeLines::new(text);
        let mut passed = String::new();
        lines.read_to_string(&mut passed).unwrap();
        let left_out = lines.findings.kept().iter().map(|finding| (finding.code, finding.line.unwrap()));
        (passed, left_out.collect())
    }

    #[test]
    fn a_stray_quote_costs_its_line() {
        let text = "a,b\n\"1,2\n3,4\n\"5\",6\n\"two\nlines\",7\n8,\"9\n";
        let (passed, left_out) = pass(text.as_bytes());
        assert_eq!(passed, "a,b\n\n3,4\n\"5\",6\n\"two\nlines\",7\n\n");
        assert_eq!(left_out, [("quote_open", 2), ("quote_open", 7)]);
        let (passed, left_out) = pass("a\n\"b\nc".as_bytes());
        assert_eq!((passed.as_str(), left_out.len()), ("a\n\nc", 1));
    }

    #[test]
    fn a_long_line_costs_itself() {
        let text = format!("a,b\n{}\n3,4\n", "x".repeat(3 * LINE_BYTES_MAX));
        assert_eq!(pass(text.as_bytes()), ("a,b\n\n3,4\n".to_owned(), vec![("line_long", 2)]));
    }

    #[test]
    fn a_file_that_breaks_off_loses_its_last_line_alone() {
        let text = b"a,b\n1,2\n\"3,4\n5,6\n7,".as_slice();
        let broken = std::io::Error::from(ErrorKind::UnexpectedEof);
        let mut lines = WholeLines::new(text.chain(crate::table::Failed(Some(broken))));
        let mut passed = Vec::new();
        assert!(lines.read_to_end(&mut passed).is_err());
        assert_eq!(passed, b"a,b\n1,2\n\n5,6\n");
    }

    proptest! {
        #[test]
        fn nothing_is_lost_without_quotes(text in "[a-c,\r\n]{0,300}") {
            prop_assert_eq!(pass(text.as_bytes()), (text, Vec::new()));
        }

        #[test]
        fn lines_keep_their_numbers(text in "[a\",\n]{0,300}") {
            let (passed, _) = pass(text.as_bytes());
            prop_assert_eq!(passed.matches('\n').count(), text.matches('\n').count() + usize::from(ends_open(&text, &passed)));
        }
    }

    /// Whether the last line had no end and was left out: an empty line with an end stands for it.
    fn ends_open(text: &str, passed: &str) -> bool {
        !text.is_empty() && !text.ends_with('\n') && passed.ends_with('\n')
    }
}
