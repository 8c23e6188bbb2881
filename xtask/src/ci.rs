//! `cargo xtask ci`: every check and every test, a table of times, and one line that sums up the tests.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::bucket::Bucket;
use crate::served::Served;
use crate::tally::Tally;
use crate::{cache, tidy, tools, web};

/// The demo city from nothing to a served page; the promise is a minute, the rest is for a busy machine.
const DEMO_SECONDS_MAX: u64 = 90;

/// The same with a made city: the promise is "within seconds".
const DEMO_AGAIN_SECONDS_MAX: u64 = 10;

/// How long a server may take before it counts as hanging.
const PATIENCE: Duration = Duration::from_secs(600);

/// Runs all steps. A failed one does not hide what the later ones would say, unless they need it.
pub(crate) fn run() -> Result<ExitCode> {
    let root = tools::root();
    let mut ci = Ci::new(&root)?;
    let started = Instant::now();

    ci.step("environment", Ci::environment);
    ci.step("format", |ci| ci.cargo(&["fmt", "--all", "--check"]));
    ci.step("tidy", |ci| tidy::check_and_print(&ci.root));
    let page = ci.step("web", Ci::web);
    ci.step("clippy", |ci| ci.cargo(&["clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"]));
    let built = ci.step("build", |ci| ci.cargo(&["build", "--workspace", "--lib", "--bins", "--tests"]));
    ci.step("tests", |ci| {
        let mut tests = tools::test_runner(&ci.root, "default");
        let bucket = Bucket::start(&cache::python()?)?;
        tests.envs(bucket.environment());
        ci.run(tests)
    });
    ci.step("doc tests", |ci| ci.cargo(&["test", "--doc", "--workspace"]));
    if built {
        let mut city = None;
        ci.step("demo city", |ci| {
            city = Some(ci.demo_city()?);
            Ok(())
        });
        match city {
            Some(city) if page => {
                ci.step("browser", |ci| ci.browser(&city));
            }
            _ => ci.skip("browser", "it needs the page and the demo city"),
        }
    } else {
        ci.skip("demo city", "it needs the build");
        ci.skip("browser", "it needs the build");
    }

    Ok(ci.finish(started.elapsed()))
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Outcome {
    Passed,
    Failed(String),
    Skipped(&'static str),
}

struct Ci {
    root: PathBuf,
    /// What every started program gets beside the environment of this one.
    environment: Vec<(&'static str, PathBuf)>,
    steps: Vec<(&'static str, Duration, Outcome)>,
    tally: Tally,
    scratch: Scratch,
}

impl Ci {
    fn new(root: &Path) -> Result<Self> {
        Ok(Self {
            root: root.to_path_buf(),
            environment: Vec::new(),
            steps: Vec::new(),
            tally: Tally::default(),
            scratch: Scratch::new()?,
        })
    }

    /// Runs one step and keeps its time and outcome; returns whether it passed.
    fn step(&mut self, name: &'static str, work: impl FnOnce(&mut Self) -> Result<()>) -> bool {
        println!("\n=== {name}");
        let failed_before = self.tally.failed;
        let started = Instant::now();
        let outcome = match work(self) {
            Ok(()) => Outcome::Passed,
            Err(error) => {
                println!("=== {name} FAILED: {error:#}");
                // A step that fails without a failed test counts as one, so that the sum tells.
                if self.tally.failed == failed_before {
                    self.tally.failed += 1;
                }
                Outcome::Failed(format!("{error:#}"))
            }
        };
        let passed = outcome == Outcome::Passed;
        self.steps.push((name, started.elapsed(), outcome));
        passed
    }

    fn skip(&mut self, name: &'static str, why: &'static str) {
        self.steps.push((name, Duration::ZERO, Outcome::Skipped(why)));
    }

    /// Runs a program, counting the tests that its output tells of.
    fn run(&mut self, mut command: Command) -> Result<()> {
        command.envs(self.environment.iter().map(|(key, value)| (key, value)));
        let text = tools::shown(&command);
        println!("$ {text}");
        let mut tally = Tally::default();
        let passed = tools::run_watched(&mut command, |line| tally.read(line))?;
        self.tally.add(tally);
        if !passed {
            bail!("{text}");
        }
        Ok(())
    }

    fn cargo(&mut self, args: &[&str]) -> Result<()> {
        let mut command = tools::cargo(&self.root);
        command.args(args);
        self.run(command)
    }

    fn environment(&mut self) -> Result<()> {
        if let Some(target) = cache::shared_target() {
            self.environment.push(("CARGO_TARGET_DIR", target));
        }
        let target = self.target()?;
        if target == cache::target() {
            cache::prune(&target)?;
        }

        let mut packages = Vec::new();
        if chromium().is_none() {
            packages.push("chromium");
        }
        if !tools::installed("fonts-noto-cjk") {
            packages.push("fonts-noto-cjk");
        }
        // The records are proved on a real PostgreSQL too.
        if !tools::installed("postgresql") {
            packages.push("postgresql");
        }
        if !packages.is_empty() && !tools::apt_install(&packages)? {
            println!("missing and not installable by this user: {}", packages.join(" "));
        }
        self.environment.push(("YUNDANG_PYTHON", cache::python()?));
        if tools::find(&["cargo-nextest"]).is_none() {
            println!("cargo-nextest is not here: the tests run with cargo test");
        }
        Ok(())
    }

    fn target(&self) -> Result<PathBuf> {
        match self.environment.iter().find(|(key, _)| *key == "CARGO_TARGET_DIR") {
            Some((_, target)) => Ok(target.clone()),
            None => tools::target_folder(&self.root),
        }
    }

    fn yundang(&self, args: &[&str], data: &Path) -> Result<Command> {
        let mut command = Command::new(self.target()?.join("debug/yundang"));
        command.args(args).arg("--data").arg(data);
        Ok(command)
    }

    fn web(&mut self) -> Result<()> {
        if web::build(&self.root)? == web::Built::Not {
            bail!("the page was not built");
        }
        let folder = self.root.join("web");
        web::install(&folder)?;
        self.run(web::npm(&folder, &["run", "check"]))?;
        self.run(web::npm(&folder, &["run", "size"]))
    }

    /// Makes the demo city from nothing, then serves it again; returns the second server.
    fn demo_city(&mut self) -> Result<Served> {
        let data = self.scratch.0.join("demo");
        let mut first = self.yundang(&["demo", "--listen", &listen()?], &data)?;
        let from_nothing = Served::start(&mut first, PATIENCE)?.took;
        let mut second = self.yundang(&["demo", "--listen", &listen()?], &data)?;
        let again = Served::start(&mut second, PATIENCE)?;
        println!(
            "demo city from nothing: {:.1} s; served again: {:.1} s",
            from_nothing.as_secs_f64(),
            again.took.as_secs_f64()
        );
        if from_nothing.as_secs() >= DEMO_SECONDS_MAX {
            bail!("the demo city takes more than {DEMO_SECONDS_MAX} s to make");
        }
        if again.took.as_secs() >= DEMO_AGAIN_SECONDS_MAX {
            bail!("a made demo city takes more than {DEMO_AGAIN_SECONDS_MAX} s to serve");
        }
        Ok(again)
    }

    /// Walks through the demo city and through an empty city on its first day.
    fn browser(&mut self, city: &Served) -> Result<()> {
        let folder = self.root.join("tests/browser");
        let data = self.scratch.0.join("first-day");
        let init = self.yundang(&["init", "--city", "xiamen"], &data)?;
        self.run(init)?;
        let mut serve = self.yundang(&["serve", "--listen", &listen()?], &data)?;
        let first_day = Served::start(&mut serve, PATIENCE)?;

        web::install(&folder)?;
        let mut journeys = web::npm(&folder, &["run", "journeys"]);
        journeys.env("BASE_URL", &city.url);
        journeys.env("FIRST_DAY_URL", &first_day.url);
        let code = first_day.operator_code.as_deref();
        let code = code.context("the server printed no operator code")?;
        journeys.env("FIRST_DAY_CODE", code);
        journeys.env("OPERATOR_CODE", code);
        journeys.env("CITY_CODE", city.operator_code.as_deref().context("the city printed no operator code")?);
        journeys.envs(first_day_files(&self.root.join("testdata/first-day"))?);
        journeys.env("CHROMIUM", chromium().context("there is no chromium")?);
        self.run(journeys)
    }

    /// Prints the table of times, what failed, and as the very last line the sum of the tests.
    fn finish(self, total: Duration) -> ExitCode {
        println!();
        for (name, time, outcome) in &self.steps {
            let word = match outcome {
                Outcome::Passed => "ok".to_owned(),
                Outcome::Failed(_) => "FAILED".to_owned(),
                Outcome::Skipped(why) => format!("skipped: {why}"),
            };
            println!("{name:<12} {:>8.1} s  {word}", time.as_secs_f64());
        }
        println!("{:<12} {:>8.1} s", "all", total.as_secs_f64());
        let failed: Vec<_> = self
            .steps
            .iter()
            .filter_map(|(name, _, outcome)| match outcome {
                Outcome::Failed(why) => Some((name, why)),
                _ => None,
            })
            .collect();
        println!();
        for (name, why) in &failed {
            println!("FAILED {name}: {why}");
        }
        println!("{}", self.tally);
        if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

fn listen() -> Result<String> {
    Ok(format!("127.0.0.1:{}", tools::free_port()?))
}

fn chromium() -> Option<PathBuf> {
    tools::find(&["chromium", "chromium-browser", "google-chrome"])
}

/// What a bureau brings on its first day, for the journey that imports it: the files of a folder
/// whose names start with `stations` and `hours`, and the source of the hours from `source.txt`.
fn first_day_files(folder: &Path) -> Result<Vec<(&'static str, String)>> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    paths.sort();
    let starting = |start: &str| -> Result<String> {
        let found: Vec<_> = paths
            .iter()
            .filter(|path| {
                let name = path.file_name().unwrap_or_default();
                name.to_string_lossy().starts_with(start)
            })
            .map(|path| path.display().to_string())
            .collect();
        if found.is_empty() {
            bail!("{} has no file {start}*", folder.display());
        }
        Ok(found.join(","))
    };
    let mut out = vec![("FIRST_DAY_STATIONS", starting("stations")?), ("FIRST_DAY_HOURS", starting("hours")?)];
    if let Ok(source) = std::fs::read_to_string(folder.join("source.txt")) {
        out.push(("FIRST_DAY_SOURCE", source.trim().to_owned()));
    }
    Ok(out)
}

/// A folder that is removed at the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Result<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("yundang-ci-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What is left in the temporary folder harms nobody.
        drop(std::fs::remove_dir_all(&self.0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_step_counts_even_without_a_failed_test() {
        let mut ci = Ci::new(Path::new(".")).unwrap();
        assert!(ci.step("good", |_| Ok(())));
        assert!(!ci.step("bad", |_| bail!("no")));
        assert_eq!(ci.tally, Tally { passed: 0, failed: 1 });
        assert_eq!(ci.finish(Duration::ZERO), ExitCode::FAILURE);
    }

    #[test]
    fn the_first_day_brings_stations_and_hours() {
        let scratch = Scratch::new().unwrap();
        let folder = scratch.0.join("brought");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("stations.xlsx"), "").unwrap();
        assert!(first_day_files(&folder).is_err(), "hours are missing");
        std::fs::write(folder.join("hours-2.csv"), "").unwrap();
        std::fs::write(folder.join("hours-1.csv"), "").unwrap();
        let found = first_day_files(&folder).unwrap();
        let (name, hours) = &found[1];
        assert_eq!(*name, "FIRST_DAY_HOURS");
        assert!(hours.ends_with("hours-2.csv") && hours.contains("hours-1.csv,"));
    }

    #[test]
    fn tests_are_counted_and_the_failing_command_is_named() {
        let mut ci = Ci::new(Path::new(".")).unwrap();
        let script = "echo 'test result: FAILED. 2 passed; 3 failed; 0 ignored'; exit 1";
        ci.step("tests", |ci| {
            let mut command = Command::new("sh");
            command.args(["-c", script]);
            ci.run(command)
        });
        assert_eq!(ci.tally, Tally { passed: 2, failed: 3 });
        let (_, _, outcome) = &ci.steps[0];
        assert!(matches!(outcome, Outcome::Failed(why) if why.starts_with("sh -c")));
    }
}
