//! The `viva` binary.

use std::process::ExitCode;

use vivavoce::engine::{THREADS_VARIABLE, threads_to_set};

fn main() -> ExitCode {
    use_every_core();
    vivavoce::cli::run(std::env::args_os())
}

/// candle counts physical cores and hears of another number through the environment alone. On a
/// machine that rents out the two halves of a core, the default would be one thread.
fn use_every_core() {
    if let Some(threads) = threads_to_set(|name| std::env::var_os(name)) {
        // SAFETY: this is the first thing the process does; no other thread exists that could
        // read the environment at the same time.
        #[allow(unsafe_code, reason = "candle offers no other way")]
        unsafe {
            std::env::set_var(THREADS_VARIABLE, threads.to_string());
        }
    }
}
