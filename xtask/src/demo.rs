//! `cargo xtask demo`: from a fresh clone to a served city, in one command.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::{tools, web};

/// Builds what is missing and becomes `yundang demo ARGS`.
pub(crate) fn run(args: &[String]) -> Result<()> {
    let root = tools::root();

    tools::say("[1/4] 检查工具", "checking tools");
    check_compiler()?;

    tools::say("[2/4] 网页", "the page");
    if let Err(error) = web::build(&root) {
        tools::say(
            &format!("网页未能构建({error:#});服务仍会启动,接口可用"),
            "the page could not be built; the server starts all the same and answers its API",
        );
    }

    tools::say("[3/4] 程序", "the program");
    if !tools::program(&root)?.exists() {
        tools::say(
            "首次构建需要较长时间(双核约十几至三十分钟),之后只需数秒",
            "the first build takes long (a quarter to half an hour on two cores), later ones seconds",
        );
    }
    tools::build_program(&root)?;

    tools::say("[4/4] 演示城市", "the demo city");
    start(&root, args)
}

/// Replaces this process, so that signals and the exit code are those of the program.
fn start(root: &Path, args: &[String]) -> Result<()> {
    let program = tools::program(root)?;
    let error = Command::new(&program).arg("demo").args(args).exec();
    Err(error).with_context(|| format!("starting {}", program.display()))
}

fn check_compiler() -> Result<()> {
    if tools::find(&["cc"]).is_some() {
        return Ok(());
    }
    tools::say("缺少 C 编译器", "a C compiler is missing");
    if tools::apt_install(&["build-essential"])? {
        return Ok(());
    }
    bail!("请先安装 C 编译器 · install a C compiler first: sudo apt-get install build-essential");
}
