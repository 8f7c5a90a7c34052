//! Where a model computes: flags over variables over `config.toml`.

use std::num::NonZeroUsize;

use clap::Args;

use super::Failure;
use crate::engine::{DeviceChoice, LoadOptions};
use crate::files::Settings;

/// What was typed about it, in commands that load a model.
#[derive(Debug, Clone, Args)]
pub(super) struct Compute {
    /// Where the model computes: auto, cpu, cuda, cuda:N or metal [default: auto]
    #[arg(long, value_name = "DEVICE", env = "VIVA_DEVICE")]
    device: Option<DeviceChoice>,
    /// Threads that compute on the CPU [default: what should be fastest here]
    #[arg(long, value_name = "N", env = "VIVA_THREADS")]
    threads: Option<NonZeroUsize>,
}

impl Compute {
    /// Fails where this build lacks the device, before anything is fetched or loaded for it.
    pub(super) fn resolve(&self, settings: &Settings) -> Result<LoadOptions, Failure> {
        let device = self.device.map_or_else(|| set_device(settings), Ok)?;
        device.check().map_err(Failure::new)?;
        let threads = self.threads.or(settings.threads);
        Ok(LoadOptions { device, threads, ..LoadOptions::default() })
    }
}

fn set_device(settings: &Settings) -> Result<DeviceChoice, Failure> {
    let Some(set) = &settings.device else { return Ok(DeviceChoice::Auto) };
    set.parse().map_err(|devices| {
        Failure::new(format!("device = {set:?} in config.toml is not a setting")).hint(devices)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Device;

    fn resolved(typed: Option<DeviceChoice>, settings: &str) -> Result<LoadOptions, Failure> {
        Compute { device: typed, threads: None }.resolve(&toml::from_str(settings).unwrap())
    }

    #[test]
    fn what_was_typed_wins_over_the_settings_and_those_over_the_default() {
        let device = |typed, set| resolved(typed, set).unwrap().device;
        let cpu = DeviceChoice::Only(Device::Cpu);
        assert_eq!(device(Some(DeviceChoice::Auto), "device = 'cpu'"), DeviceChoice::Auto);
        assert_eq!(device(None, "device = 'cpu'"), cpu);
        assert_eq!(device(None, ""), DeviceChoice::Auto);
        let threads = |typed, set| {
            let typed = Compute { device: None, threads: NonZeroUsize::new(typed) };
            typed.resolve(&toml::from_str(set).unwrap()).unwrap().threads.map(NonZeroUsize::get)
        };
        assert_eq!(threads(3, "threads = 2"), Some(3));
        assert_eq!(threads(0, "threads = 2"), Some(2));
        assert_eq!(threads(0, ""), None);
    }

    #[test]
    fn settings_that_make_no_sense_are_named() {
        let failure = format!("{:?}", resolved(None, "device = 'gpu'").unwrap_err());
        assert!(failure.contains("\\\"gpu\\\" in config.toml is not a setting"), "{failure}");
    }
}
