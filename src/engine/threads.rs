//! How many threads the kernels use.
//!
//! candle starts its threads when it first computes, as many as there are physical cores, and
//! that is one on a machine that rents out the two halves of a core. It can be told otherwise
//! by the environment alone, which a program may change only while it has a single thread: so
//! the count is worked out here and set by `main`.

use std::ffi::OsString;
use std::num::NonZeroUsize;

/// The variable that rayon, and candle with it, reads the count from.
pub const THREADS_VARIABLE: &str = "RAYON_NUM_THREADS";

/// What people may have set; candle prefers the first.
const NAMED: [&str; 2] = ["CANDLE_NUM_THREADS", THREADS_VARIABLE];

/// The count that [`THREADS_VARIABLE`] should be set to before the first thread starts: as many
/// as the system lets this process run at once. `None` where the environment, looked up by
/// `variable`, already names one, or the system does not tell.
pub fn threads_to_set(variable: impl Fn(&str) -> Option<OsString>) -> Option<NonZeroUsize> {
    if NAMED.into_iter().any(|name| variable(name).is_some()) {
        return None;
    }
    std::thread::available_parallelism().ok()
}

#[cfg(test)]
mod tests {
    use super::threads_to_set;

    #[test]
    fn what_somebody_named_is_left_alone() {
        for named in ["CANDLE_NUM_THREADS", "RAYON_NUM_THREADS"] {
            assert_eq!(threads_to_set(|name| (name == named).then(|| "3".into())), None);
        }
    }

    #[test]
    fn otherwise_it_is_what_the_system_allows() {
        assert_eq!(threads_to_set(|_| None), std::thread::available_parallelism().ok());
    }
}
