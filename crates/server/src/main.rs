//! The one binary, `yundang`.

use std::process::ExitCode;

fn main() -> ExitCode {
    server::run()
}
