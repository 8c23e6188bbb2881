//! Programs: where they are, how they are run, how a missing one is installed.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;

use anyhow::{Context, Result, bail};

/// Returns the folder of the workspace.
///
/// The variable that cargo sets comes first: in a shared target folder the built-in path may be
/// that of another clone.
pub(crate) fn root() -> PathBuf {
    let manifest =
        std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    manifest.parent().map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

/// Prints one line in both languages to stderr; stdout belongs to the program that is started.
pub(crate) fn say(zh: &str, en: &str) {
    eprintln!("{zh} · {en}");
}

/// Returns the first of `names` that is on PATH.
pub(crate) fn find(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    names
        .iter()
        .find_map(|name| std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file()))
}

/// Returns `cargo`, in the workspace, free of what an outer `cargo run` has set.
///
/// Build scripts that watch such a variable would otherwise run again, and their crates with them.
pub(crate) fn cargo(root: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (key, _) in std::env::vars_os() {
        if key.to_str().is_some_and(set_by_cargo_run) {
            command.env_remove(key);
        }
    }
    command.current_dir(root).stdin(Stdio::null());
    command
}

fn set_by_cargo_run(key: &str) -> bool {
    key.starts_with("CARGO_PKG_")
        || key.starts_with("CARGO_MANIFEST_")
        || matches!(key, "CARGO_BIN_NAME" | "CARGO_CRATE_NAME" | "CARGO_PRIMARY_PACKAGE")
}

/// Builds the program, always with the same selection of packages: another selection would
/// unite other features and build the heavy crates again.
pub(crate) fn build_program(root: &Path) -> Result<()> {
    run(cargo(root).args(["build", "--workspace"]))
}

/// Returns the built program `yundang`.
pub(crate) fn program(root: &Path) -> Result<PathBuf> {
    Ok(target_folder(root)?.join("debug/yundang"))
}

/// Returns the target folder that cargo uses here.
pub(crate) fn target_folder(root: &Path) -> Result<PathBuf> {
    let metadata = metadata(root)?;
    metadata["target_directory"].as_str().map(PathBuf::from).context("cargo metadata names no target folder")
}

/// Returns `cargo metadata` of the workspace alone; nothing is downloaded for it.
pub(crate) fn metadata(root: &Path) -> Result<serde_json::Value> {
    let text = output(cargo(root).args(["metadata", "--no-deps", "--format-version", "1"]))?;
    serde_json::from_slice(&text).context("reading cargo metadata")
}

/// Returns the command that runs all tests but the doc tests: nextest, or `cargo test` without it.
pub(crate) fn test_runner(root: &Path, profile: &str) -> Command {
    let mut command = cargo(root);
    if find(&["cargo-nextest"]).is_some() {
        command.args(["nextest", "run", "--workspace", "--no-fail-fast"]);
        command.args(["--profile", profile]);
    } else {
        command.args(["test", "--workspace", "--lib", "--bins", "--tests"]);
        command.arg("--no-fail-fast");
    }
    command
}

/// Runs a command to its end; a failure names the command.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    if status(command)? { Ok(()) } else { bail!("failed: {}", shown(command)) }
}

/// Runs a command to its end and tells whether it succeeded.
pub(crate) fn status(command: &mut Command) -> Result<bool> {
    let text = shown(command);
    let status = command.stdin(Stdio::null()).status().with_context(|| format!("starting: {text}"))?;
    Ok(status.success())
}

/// Runs a command and returns what it wrote to stdout; stderr goes to the terminal.
pub(crate) fn output(command: &mut Command) -> Result<Vec<u8>> {
    let text = shown(command);
    let output =
        command.stdin(Stdio::null()).stderr(Stdio::inherit()).output().with_context(|| format!("starting: {text}"))?;
    if !output.status.success() {
        bail!("failed: {text}");
    }
    Ok(output.stdout)
}

/// Tells whether a command succeeds; it prints nothing.
pub(crate) fn quietly(program: &str, args: &[&str]) -> bool {
    Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Runs a command, shows every line as it comes, and hands the lines to `each`.
///
/// Returns whether the command succeeded.
pub(crate) fn run_watched(command: &mut Command, mut each: impl FnMut(&str)) -> Result<bool> {
    let text = shown(command);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("starting: {text}"))?;
    let (sender, lines) = mpsc::channel();
    let readers = [
        child.stdout.take().map(|out| reader(out, sender.clone())),
        child.stderr.take().map(|err| reader(err, sender)),
    ];
    for line in lines {
        println!("{line}");
        each(&line);
    }
    for reader in readers.into_iter().flatten() {
        // A reader ends with its pipe; there is nothing to learn from how it ended.
        drop(reader.join());
    }
    Ok(child.wait()?.success())
}

/// Sends the lines of a pipe from a thread of its own; bytes that are no UTF-8 are replaced.
pub(crate) fn reader(pipe: impl Read + Send + 'static, sender: mpsc::Sender<String>) -> std::thread::JoinHandle<()> {
    std::thread::spawn(move || {
        let mut pipe = BufReader::new(pipe);
        let mut line = Vec::new();
        while pipe.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
            let text = String::from_utf8_lossy(&line);
            if sender.send(text.trim_end().to_owned()).is_err() {
                break;
            }
            line.clear();
        }
    })
}

/// Returns a command as one would type it.
pub(crate) fn shown(command: &Command) -> String {
    let word = |text: &OsStr| {
        let text = text.to_string_lossy();
        if text.contains([' ', '"', '\'']) { format!("'{}'", text.replace('\'', r"'\''")) } else { text.into_owned() }
    };
    let mut out = String::new();
    if let Some(folder) = command.get_current_dir() {
        out.push_str(&format!("cd {} && ", word(folder.as_os_str())));
    }
    for (key, value) in command.get_envs() {
        if let Some(value) = value {
            out.push_str(&format!("{}={} ", key.to_string_lossy(), word(value)));
        }
    }
    out.push_str(&word(command.get_program()));
    for arg in command.get_args() {
        out.push(' ');
        out.push_str(&word(arg));
    }
    out
}

/// Tells whether Debian has this package installed.
pub(crate) fn installed(package: &str) -> bool {
    Command::new("dpkg-query")
        .args(["-W", "-f=${Status}", package])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .is_ok_and(|output| output.stdout == b"install ok installed")
}

/// Installs Debian packages when this user may without a password; `Ok(false)` when not.
pub(crate) fn apt_install(packages: &[&str]) -> Result<bool> {
    if find(&["apt-get"]).is_none() {
        return Ok(false);
    }
    let prefix: &[&str] = if is_root() {
        &["env"]
    } else if quietly("sudo", &["-n", "true"]) {
        &["sudo", "-n", "env"]
    } else {
        return Ok(false);
    };
    let list = packages.join(" ");
    say(&format!("安装系统软件包:{list}"), &format!("installing packages: {list}"));
    let apt = |args: &[&str]| {
        let mut command = Command::new(prefix[0]);
        command.args(&prefix[1..]);
        command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"]);
        command.args(args).stdout(Stdio::from(std::io::stderr()));
        command
    };
    // An index that is a little old often still serves; a failing install tells.
    if !status(&mut apt(&["update"]))? {
        say("软件包索引未能更新", "the package index could not be updated");
    }
    let mut install = apt(&["install", "-y", "--no-install-recommends"]);
    run(install.args(packages))?;
    Ok(true)
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// Returns a TCP port of the loopback address that nobody listens on now.
pub(crate) fn free_port() -> Result<u16> {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0))?;
    Ok(listener.local_addr()?.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_typed() {
        let mut command = Command::new("yundang");
        command.args(["sql", "SELECT 1"]).env("A", "b");
        assert_eq!(shown(&command), "A=b yundang sql 'SELECT 1'");
    }

    #[test]
    fn watched_lines_come_from_both_pipes() {
        let mut lines = Vec::new();
        let ok = run_watched(Command::new("sh").args(["-c", "echo out; echo err >&2; exit 3"]), |line| {
            lines.push(line.to_owned());
        })
        .unwrap();
        lines.sort();
        assert!(!ok);
        assert_eq!(lines, ["err", "out"]);
    }

    #[test]
    fn what_an_outer_cargo_sets_is_known_from_what_a_person_sets() {
        assert!(set_by_cargo_run("CARGO_PKG_NAME"));
        assert!(set_by_cargo_run("CARGO_MANIFEST_DIR"));
        assert!(!set_by_cargo_run("CARGO_TARGET_DIR"));
        assert!(!set_by_cargo_run("CARGO_HOME"));
    }
}
