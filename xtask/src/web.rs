//! The page: its packages and its build in `web/dist`, once for each state of its sources.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::tools;

/// The oldest Node.js that the build tools of the page take.
const NODE_MIN: (u32, u32) = (20, 19);

/// What a build does not come from.
const NOT_SOURCES: [&str; 6] = ["node_modules", "dist", "test-results", "playwright-report", "coverage", ".vite"];

/// What became of a build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Built {
    /// `web/dist` was made now.
    Now,
    /// `web/dist` was made from these very sources before.
    Before,
    /// There is no Node.js, or no page: the program serves a sentence instead.
    Not,
}

/// Builds the page unless `web/dist` already comes from the sources as they are.
pub(crate) fn build(root: &Path) -> Result<Built> {
    let web = root.join("web");
    if !web.join("package.json").exists() {
        tools::say("没有网页源码,跳过", "there is no page to build here");
        return Ok(Built::Not);
    }
    let stamp_file = web.join("dist/.stamp");
    let stamp = stamp(&web)?;
    if web.join("dist/index.html").exists() && std::fs::read_to_string(&stamp_file).is_ok_and(|text| text == stamp) {
        tools::say("网页未变,跳过构建", "the page is unchanged");
        return Ok(Built::Before);
    }
    if let Err(error) = check_node() {
        tools::say(
            &format!("{error:#};网页不构建,服务仍会启动。安装 Node.js 后重新运行即可"),
            "without Node.js the page is not built and the server answers its API alone; \
             install Node.js and run this again",
        );
        return Ok(Built::Not);
    }
    install(&web)?;
    tools::run(&mut npm(&web, &["run", "build"]))?;
    // The build empties the folder; git and the program want it to exist in a clean clone.
    std::fs::write(web.join("dist/.gitkeep"), "")?;
    std::fs::write(stamp_file, stamp)?;
    Ok(Built::Now)
}

/// Writes the TypeScript types that come from the API document, where the page has such a script.
pub(crate) fn types(root: &Path) -> Result<()> {
    let web = root.join("web");
    if !web.join("package.json").exists() {
        return Ok(());
    }
    check_node()?;
    install(&web)?;
    tools::run(&mut npm(&web, &["run", "--if-present", "api-types"]))
}

/// Returns `npm` in the folder of the page; what it prints goes to stderr.
pub(crate) fn npm(web: &Path, args: &[&str]) -> Command {
    let mut command = Command::new("npm");
    command.args(args).current_dir(web);
    // Browsers come from Debian: no download of a second one.
    command.env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
    command.stdout(Stdio::from(std::io::stderr()));
    command
}

/// Installs what `package-lock.json` names, once for each content of it.
pub(crate) fn install(web: &Path) -> Result<()> {
    let mut hash = Hash::default();
    for name in ["package.json", "package-lock.json", ".npmrc"] {
        hash.file(name, &web.join(name))?;
    }
    let stamp = hash.text();
    let stamp_file = web.join("node_modules/.stamp");
    if std::fs::read_to_string(&stamp_file).is_ok_and(|text| text == stamp) {
        return Ok(());
    }
    tools::say("安装网页依赖", "installing the packages of the page");
    let locked = web.join("package-lock.json").exists();
    tools::run(&mut npm(web, &[if locked { "ci" } else { "install" }]))?;
    std::fs::write(stamp_file, stamp)?;
    Ok(())
}

fn check_node() -> Result<()> {
    if tools::find(&["node"]).is_none() || tools::find(&["npm"]).is_none() {
        bail!("缺少 Node.js 与 npm · Node.js and npm are missing");
    }
    let version = tools::output(Command::new("node").arg("--version"))?;
    let version = String::from_utf8_lossy(&version);
    if node_version(&version).is_none_or(|found| found < NODE_MIN) {
        bail!("Node.js {} 过旧 · too old, {}.{} is needed", version.trim(), NODE_MIN.0, NODE_MIN.1);
    }
    Ok(())
}

fn node_version(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.trim().trim_start_matches('v').split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// Names the content of the sources of the page.
fn stamp(web: &Path) -> Result<String> {
    let mut files = Vec::new();
    collect(web, &mut files)?;
    files.sort();
    let mut hash = Hash::default();
    for file in files {
        let name = file.strip_prefix(web).unwrap_or(&file);
        hash.file(&name.to_string_lossy(), &file)?;
    }
    Ok(hash.text())
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        if NOT_SOURCES.iter().any(|skipped| name == *skipped) {
            continue;
        }
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), files)?;
        } else {
            files.push(entry.path());
        }
    }
    Ok(())
}

/// FNV-1a of names and contents: it tells changes apart, it guards nothing.
struct Hash(u64);

impl Default for Hash {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hash {
    fn bytes(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        // Ends the field: `ab`,`c` and `a`,`bc` differ.
        self.0 = (self.0 ^ 0xff).wrapping_mul(0x0000_0100_0000_01b3);
    }

    fn file(&mut self, name: &str, path: &Path) -> Result<()> {
        self.bytes(name.as_bytes());
        if path.exists() {
            let content = std::fs::read(path).with_context(|| path.display().to_string())?;
            self.bytes(&content);
        }
        Ok(())
    }

    fn text(&self) -> String {
        format!("{:016x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_node() {
        assert_eq!(node_version("v20.20.2\n"), Some((20, 20)));
        assert!(node_version("v18.13.0").is_some_and(|found| found < NODE_MIN));
        assert_eq!(node_version("none"), None);
    }

    #[test]
    fn a_stamp_follows_names_and_contents() {
        let of = |fields: &[&str]| {
            let mut hash = Hash::default();
            fields.iter().for_each(|field| hash.bytes(field.as_bytes()));
            hash.text()
        };
        assert_eq!(of(&["a.ts", "1"]), of(&["a.ts", "1"]));
        assert_ne!(of(&["a.ts", "1"]), of(&["a.ts", "2"]));
        assert_ne!(of(&["ab", "c"]), of(&["a", "bc"]));
    }
}
