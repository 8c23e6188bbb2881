//! Everything that is done to this repository: `cargo xtask demo | ci | tidy | bless | web | bench | torture`.
//!
//! It runs programs and reads files. It uses none of the crates beside it, so that it builds in seconds.
#![allow(clippy::print_stdout, reason = "a task runner talks to the person at the terminal")]

mod bucket;
mod cache;
mod ci;
mod demo;
mod served;
mod tally;
mod tidy;
mod tools;
mod web;

use std::process::{Command, ExitCode};

use anyhow::{Result, bail};

const HELP: &str = "\
cargo xtask COMMAND

  demo [ARGS]   build what is missing, make the demo city if absent, serve it  (构建并启动演示城市)
  ci            every check and every test, with a table of times              (全部检查与测试)
  tidy          the rules of the house                                         (仓库规范检查)
  bless         accept golden files, the API document and the web types        (更新基准文件)
  web           build the page into web/dist                                   (构建网页)
  bench [ARGS]  run benches/run.sh                                             (性能对比)
  torture       the tests at the sizes `full` of tests/sizes.toml              (加大规模测试)

  demo passes ARGS to `yundang demo`:  cargo xtask demo --data my-folder --listen 127.0.0.1:8080
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (command, rest) = match args.split_first() {
        Some((command, rest)) => (command.as_str(), rest),
        None => ("help", &[][..]),
    };
    match run(command, rest) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("xtask {command}: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: &str, rest: &[String]) -> Result<ExitCode> {
    match command {
        "demo" => demo::run(rest).map(|()| ExitCode::SUCCESS),
        "ci" => ci::run(),
        "tidy" => tidy::run(),
        "bless" => bless().map(|()| ExitCode::SUCCESS),
        "web" => web::build(&tools::root()).map(|_| ExitCode::SUCCESS),
        "bench" => bench(rest).map(|()| ExitCode::SUCCESS),
        "torture" => torture().map(|()| ExitCode::SUCCESS),
        "help" | "--help" | "-h" => {
            print!("{HELP}");
            Ok(ExitCode::SUCCESS)
        }
        other => {
            eprintln!("xtask: unknown command `{other}`\n");
            eprint!("{HELP}");
            Ok(ExitCode::from(2))
        }
    }
}

/// Accepts what the program now prints as the golden truth; read the difference before you commit it.
fn bless() -> Result<()> {
    let root = tools::root();
    let mut tests = tools::test_runner(&root, "default");
    tests.env("INSTA_UPDATE", "always").env("YUNDANG_BLESS", "1");
    // A first failing test must not keep the other files from being written.
    let tests_passed = tools::status(&mut tests)?;

    tools::build_program(&root)?;
    let document = tools::output(Command::new(tools::program(&root)?).arg("openapi"))?;
    let folder = root.join("openapi");
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join("yundang.json"), document)?;
    web::types(&root)?;

    if !tests_passed {
        bail!("golden files are written, but a test failed that no golden file can mend");
    }
    println!("blessed; now read `git diff`");
    Ok(())
}

fn bench(args: &[String]) -> Result<()> {
    let script = tools::root().join("benches/run.sh");
    if !script.exists() {
        bail!("benches/run.sh is not there");
    }
    tools::run(Command::new("bash").arg(script).args(args))
}

fn torture() -> Result<()> {
    let root = tools::root();
    let mut tests = tools::test_runner(&root, "torture");
    tests.env("YUNDANG_SIZES", "full");
    tools::run(&mut tests)
}
