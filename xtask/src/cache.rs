//! What outlives a clone: the shared target folder and the Python of the outside-truth tests.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::tools;

/// Above this the shared target folder is pruned.
const TARGET_BYTES_MAX: u64 = 25_000_000_000;

/// What the tests read the lake with, what they compare percentiles and shapes with, a client of the standard's
/// interface (GDAL), and a bucket on this machine.
const PYTHON_PACKAGES: [&str; 5] =
    ["duckdb==2.0.0", "numpy==2.4.6", "shapely==2.2.0", "pyogrio==0.13.0", "moto[s3,server]==5.2.5"];

/// Returns the cache folder of this project: `$HOME/.cache/yundang`.
pub(crate) fn folder() -> PathBuf {
    std::env::var_os("HOME").map_or_else(std::env::temp_dir, |home| PathBuf::from(home).join(".cache")).join("yundang")
}

/// Returns the target folder that clones share; it is pruned, another one is left alone.
pub(crate) fn target() -> PathBuf {
    folder().join("target")
}

/// Returns the target folder that CI shares between clones, when CI has not been given one.
pub(crate) fn shared_target() -> Option<PathBuf> {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    (set("CI") && !set("CARGO_TARGET_DIR")).then(target)
}

/// Keeps a target folder below its bound: incremental data goes first, then programs and tests (each clone has its own,
/// and they are linked again in minutes), then everything.
pub(crate) fn prune(target: &Path) -> Result<()> {
    prune_above(target, TARGET_BYTES_MAX)
}

fn prune_above(target: &Path, bytes_max: u64) -> Result<()> {
    if !target.is_dir() || bytes(target)? <= bytes_max {
        return Ok(());
    }
    println!("{} is above its bound: pruning", target.display());
    for profile in folders(target)? {
        remove(&profile.join("incremental"))?;
    }
    if bytes(target)? > bytes_max {
        for profile in folders(target)? {
            remove_programs(&profile.join("deps"))?;
        }
    }
    if bytes(target)? > bytes_max {
        for folder in folders(target)? {
            remove(&folder)?;
        }
    }
    Ok(())
}

/// Removes what is linked: programs have no extension, libraries and their notes have one.
fn remove_programs(deps: &Path) -> Result<()> {
    if !deps.is_dir() {
        return Ok(());
    }
    for entry in std::fs::read_dir(deps)? {
        let path = entry?.path();
        if path.is_file() && path.extension().is_none() {
            std::fs::remove_file(&path).with_context(|| format!("removing {}", path.display()))?;
        }
    }
    Ok(())
}

fn remove(folder: &Path) -> Result<()> {
    if folder.is_dir() {
        std::fs::remove_dir_all(folder).with_context(|| format!("removing {}", folder.display()))?;
    }
    Ok(())
}

fn folders(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut out = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            out.push(entry.path());
        }
    }
    Ok(out)
}

/// Bytes on disk, hard links counted once: cargo links every artifact twice.
fn bytes(folder: &Path) -> Result<u64> {
    let text = tools::output(Command::new("du").args(["-sk", "--"]).arg(folder))?;
    let text = String::from_utf8_lossy(&text);
    let kilobytes: u64 = text
        .split_whitespace()
        .next()
        .and_then(|word| word.parse().ok())
        .with_context(|| format!("du says `{text}`"))?;
    Ok(kilobytes * 1024)
}

/// Makes the Python environment of the outside-truth tests, once, and returns its interpreter.
pub(crate) fn python() -> Result<PathBuf> {
    let venv = folder().join("python");
    let python = venv.join("bin/python");
    let stamp = venv.join("packages.txt");
    let wanted = PYTHON_PACKAGES.join("\n");
    let fresh = std::fs::read_to_string(&stamp).is_ok_and(|text| text == wanted);
    if fresh && python.exists() {
        return Ok(python);
    }
    if tools::find(&["python3"]).is_none() && !tools::apt_install(&["python3"])? {
        bail!("python3 is missing and could not be installed");
    }
    let make = || -> Result<()> {
        remove(&venv)?;
        tools::run(Command::new("python3").args(["-m", "venv"]).arg(&venv))
    };
    if make().is_err() {
        // Debian keeps the module that a venv needs in a package of its own.
        tools::apt_install(&["python3-venv"])?;
        make()?;
    }
    let mut install = Command::new(&python);
    install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    tools::run(install.args(PYTHON_PACKAGES))?;
    std::fs::write(stamp, wanted)?;
    Ok(python)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("xtask-{name}-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("debug/incremental")).unwrap();
        std::fs::create_dir_all(folder.join("debug/deps")).unwrap();
        std::fs::write(folder.join("debug/incremental/a"), vec![1_u8; 400_000]).unwrap();
        std::fs::write(folder.join("debug/deps/b"), vec![1_u8; 400_000]).unwrap();
        std::fs::write(folder.join("debug/deps/c.rlib"), vec![1_u8; 400_000]).unwrap();
        folder
    }

    #[test]
    fn incremental_data_goes_first_then_programs_then_everything() {
        let folder = target("prune");
        prune_above(&folder, 2_000_000).unwrap();
        assert!(folder.join("debug/incremental/a").exists(), "below the bound nothing goes");
        prune_above(&folder, 1_000_000).unwrap();
        assert!(!folder.join("debug/incremental").exists());
        assert!(folder.join("debug/deps/b").exists(), "the rest may stay");
        prune_above(&folder, 600_000).unwrap();
        assert!(!folder.join("debug/deps/b").exists());
        assert!(folder.join("debug/deps/c.rlib").exists(), "libraries may stay");
        prune_above(&folder, 100_000).unwrap();
        assert!(!folder.join("debug").exists());
        std::fs::remove_dir_all(folder).unwrap();
    }
}
