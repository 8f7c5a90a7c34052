//! The `viva` binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    vivavoce::cli::run(std::env::args_os())
}
