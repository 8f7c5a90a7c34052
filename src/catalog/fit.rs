//! Whether a model fits this machine's memory.

use serde::Serialize;
use sysinfo::{MemoryRefreshKind, RefreshKind, System};

/// What of the machine matters to the choice of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Machine {
    /// Bytes of memory that this process may use, taken or not; 0 where the system does not say.
    pub memory: u64,
}

impl Machine {
    /// This machine, or the container it is.
    pub fn detect() -> Self {
        let memory = RefreshKind::nothing().with_memory(MemoryRefreshKind::nothing().with_ram());
        let Ok(system) = System::new_with_specifics(memory) else { return Self { memory: 0 } };
        let limit = system.cgroup_limits().map_or(u64::MAX, |c| c.total_memory);
        Self { memory: system.total_memory().min(limit) }
    }
}

/// How a model sits in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fit {
    /// With room for a browser and an editor beside it.
    Fits,
    /// If little else runs.
    Tight,
    /// Not without swapping, which makes it useless.
    TooLarge,
}

impl Fit {
    /// How a model of so many bytes sits in the memory of `machine`: a system at rest takes about a tenth, a
    /// browser and an editor about a third. Where the memory is not known, anything fits.
    pub fn of(memory_bytes: u64, machine: Machine) -> Self {
        let share = |percent| machine.memory / 100 * percent;
        if machine.memory == 0 || memory_bytes <= share(65) {
            Self::Fits
        } else if memory_bytes <= share(90) {
            Self::Tight
        } else {
            Self::TooLarge
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;

    #[test]
    fn a_model_fits_by_its_share_of_the_memory() {
        let catalog = Catalog::builtin();
        let fit = |memory| Fit::of(catalog.default_entry().memory_bytes, Machine { memory });
        // The default takes 1.38 GB.
        assert_eq!(fit(4_000_000_000), Fit::Fits);
        assert_eq!(fit(2_000_000_000), Fit::Tight);
        assert_eq!(fit(1_000_000_000), Fit::TooLarge);
        assert_eq!(fit(0), Fit::Fits);
    }

    #[test]
    fn this_machine_has_memory() {
        assert!(Machine::detect().memory > 0);
    }
}
