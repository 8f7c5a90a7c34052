//! Where a model computes: what was asked for, and what this build and this machine have.

use std::fmt;
use std::str::FromStr;

/// A processor that a model can be put on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Device {
    /// The processor, with kernels of our own.
    #[default]
    Cpu,
    /// The NVIDIA GPU of this number, from 0.
    Cuda(usize),
    /// Apple's GPU.
    Metal,
}

/// A device as people ask for it: `auto`, `cpu`, `cuda`, `cuda:N` or `metal`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeviceChoice {
    /// A GPU where this build can use one and it opens, else the CPU.
    Auto,
    /// This one, or an error.
    Only(Device),
}

/// A text that names no device.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("auto, cpu, cuda, cuda:N (the GPU's number, from 0) and metal are devices")]
pub struct UnknownDevice;

/// Why a device cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeviceError {
    /// The build has no code for it.
    #[error(
        "{device} cannot be used: this viva was built without {api}; use `--device cpu`, or build \
         it with `--features {feature}`"
    )]
    NotBuilt {
        /// The device.
        device: Device,
        /// What it is programmed with.
        api: &'static str,
        /// The Cargo feature that brings it.
        feature: &'static str,
    },
    /// Threads or instructions of the CPU cannot be had.
    #[error("the CPU cannot be used: {reason}")]
    Cpu {
        /// Why.
        reason: String,
    },
    /// The machine has none, or its driver does not give it out.
    #[error("{device} cannot be used on this machine ({reason}); use `--device cpu`")]
    NotOpened {
        /// The device.
        device: Device,
        /// What its driver says.
        reason: String,
    },
}

/// What a kind of GPU is programmed with.
struct Api {
    name: &'static str,
    feature: &'static str,
    built: bool,
}

const CUDA: Api = Api { name: "CUDA", feature: "cuda", built: cfg!(feature = "cuda") };
const METAL: Api = Api { name: "Metal", feature: "metal", built: cfg!(feature = "metal") };

impl Device {
    /// Those that are tried, in this order, where the choice is ours.
    pub(crate) const GPUS: [Self; 2] = [Self::Cuda(0), Self::Metal];

    const fn api(self) -> Option<Api> {
        match self {
            Self::Cpu => None,
            Self::Cuda(_) => Some(CUDA),
            Self::Metal => Some(METAL),
        }
    }

    /// Fails where this build has no code for it. Whether the machine has one is another matter.
    pub(crate) fn check(self) -> Result<(), DeviceError> {
        match self.api() {
            Some(Api { name: api, feature, built: false }) => {
                Err(DeviceError::NotBuilt { device: self, api, feature })
            }
            Some(Api { built: true, .. }) | None => Ok(()),
        }
    }
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cpu => f.write_str("cpu"),
            Self::Cuda(number) => write!(f, "cuda:{number}"),
            Self::Metal => f.write_str("metal"),
        }
    }
}

impl Default for DeviceChoice {
    fn default() -> Self {
        Self::Only(Device::Cpu)
    }
}

impl DeviceChoice {
    /// Fails where this build has no code for what was asked for, so that it can be said before
    /// a model is fetched for it.
    pub fn check(self) -> Result<(), DeviceError> {
        match self {
            Self::Auto => Ok(()),
            Self::Only(device) => device.check(),
        }
    }
}

impl fmt::Display for DeviceChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Only(device) => device.fmt(f),
        }
    }
}

impl FromStr for DeviceChoice {
    type Err = UnknownDevice;

    fn from_str(text: &str) -> Result<Self, UnknownDevice> {
        match text {
            "auto" => Ok(Self::Auto),
            "cpu" => Ok(Self::Only(Device::Cpu)),
            "cuda" => Ok(Self::Only(Device::Cuda(0))),
            "metal" => Ok(Self::Only(Device::Metal)),
            other => {
                let number = other.strip_prefix("cuda:").ok_or(UnknownDevice)?;
                number.parse().map(|n| Self::Only(Device::Cuda(n))).map_err(|_| UnknownDevice)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_and_written_alike() {
        for name in ["auto", "cpu", "cuda:0", "cuda:3", "metal"] {
            assert_eq!(name.parse::<DeviceChoice>().unwrap().to_string(), name);
        }
        assert_eq!("cuda".parse(), Ok(DeviceChoice::Only(Device::Cuda(0))));
    }

    #[test]
    fn other_names_are_refused() {
        for name in ["", "gpu", "CPU", "cuda:", "cuda:-1", "cuda:x", "cuda:1 ", "metal:0"] {
            assert_eq!(name.parse::<DeviceChoice>(), Err(UnknownDevice), "{name:?}");
        }
    }

    #[test]
    fn the_cpu_is_there_in_every_build() {
        assert_eq!(DeviceChoice::default().check(), Ok(()));
        assert_eq!(DeviceChoice::Auto.check(), Ok(()));
    }

    #[cfg(not(feature = "cuda"))]
    #[test]
    fn what_was_not_built_is_refused_with_the_way_to_it() {
        let error = DeviceChoice::Only(Device::Cuda(1)).check().unwrap_err();
        insta::assert_snapshot!(error, @"cuda:1 cannot be used: this viva was built without CUDA; use `--device cpu`, or build it with `--features cuda`");
    }
}
