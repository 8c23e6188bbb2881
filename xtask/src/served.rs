//! A `yundang` server that lives as long as the value that stands for it.

use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::tools;

const URL: &str = "URL: ";
const CODE: &str = "operator code: ";

/// A started server; it ends when this value is dropped.
pub(crate) struct Served {
    child: Child,
    /// Where it answers, without a slash at the end.
    pub(crate) url: String,
    /// The one-time code of the operator.
    pub(crate) operator_code: Option<String>,
    /// From the start of the process to its URL.
    pub(crate) took: Duration,
}

impl Served {
    /// Starts a server and waits until it has printed its URL, and for a moment longer for its code.
    pub(crate) fn start(command: &mut Command, patience: Duration) -> Result<Self> {
        let text = tools::shown(command);
        println!("  {text}");
        let started = Instant::now();
        let mut child =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().with_context(|| format!("starting: {text}"))?;
        let (sender, lines) = mpsc::channel();
        if let Some(out) = child.stdout.take() {
            // The thread ends with the pipe; it keeps reading so that the server never blocks.
            tools::reader(out, sender);
        }
        let mut served = Self { child, url: String::new(), operator_code: None, took: Duration::ZERO };
        let mut deadline = started + patience;
        loop {
            let wait = deadline.saturating_duration_since(Instant::now());
            match lines.recv_timeout(wait) {
                Ok(line) => {
                    println!("  | {line}");
                    if let Some(url) = line.trim().strip_prefix(URL) {
                        url.trim_end_matches('/').clone_into(&mut served.url);
                        served.took = started.elapsed();
                        deadline = Instant::now() + Duration::from_secs(2);
                    } else if let Some(code) = line.trim().strip_prefix(CODE) {
                        served.operator_code = Some(code.to_owned());
                    }
                    if !served.url.is_empty() && served.operator_code.is_some() {
                        break;
                    }
                }
                Err(RecvTimeoutError::Timeout) if !served.url.is_empty() => break,
                Err(RecvTimeoutError::Timeout) => {
                    bail!("no URL within {} s: {text}", patience.as_secs());
                }
                Err(RecvTimeoutError::Disconnected) => bail!("ended without a URL: {text}"),
            }
        }
        std::thread::spawn(move || lines.into_iter().for_each(|line| println!("  | {line}")));
        Ok(served)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing left to end.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, patience_ms: u64) -> Result<Served> {
        Served::start(Command::new("sh").args(["-c", script]), Duration::from_millis(patience_ms))
    }

    #[test]
    fn url_and_code_are_read() {
        let served =
            shell("echo starting; echo 'operator code: 12-34'; echo 'URL: http://127.0.0.1:1/'; exec sleep 9", 5_000)
                .unwrap();
        assert_eq!(served.url, "http://127.0.0.1:1");
        assert_eq!(served.operator_code.as_deref(), Some("12-34"));
    }

    #[test]
    fn a_server_that_ends_or_stays_silent_is_an_error() {
        assert!(shell("exit 2", 5_000).is_err());
        assert!(shell("exec sleep 9", 50).is_err());
    }
}
