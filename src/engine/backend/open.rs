//! A back end on the device that was asked for.

use super::super::device::{Device, DeviceChoice, DeviceError};
use super::super::model::{BackendKind, LoadOptions};
use super::{Slices, Tensors};

/// A back end, and where it computes.
pub(crate) struct Opened {
    pub(crate) device: Device,
    pub(crate) backend: AnyBackend,
}

/// One of the back ends.
pub(crate) enum AnyBackend {
    Tensors(Tensors),
    Slices(Slices),
}

impl Opened {
    /// On the device that `options` ask for; on the CPU where they leave the choice and no GPU
    /// opens.
    pub(crate) fn new(options: LoadOptions) -> Result<Self, DeviceError> {
        match options.device {
            DeviceChoice::Auto => {
                let gpu =
                    Device::GPUS.into_iter().find_map(|device| Self::on(device, options).ok());
                gpu.map_or_else(|| Self::on(Device::Cpu, options), Ok)
            }
            DeviceChoice::Only(device) => Self::on(device, options),
        }
    }

    fn on(device: Device, options: LoadOptions) -> Result<Self, DeviceError> {
        device.check()?;
        let kind = if device == Device::Cpu { options.backend } else { BackendKind::Tensor };
        let backend = match kind {
            BackendKind::Slices => Slices::new(options.threads()).map(AnyBackend::Slices),
            BackendKind::Tensor => Tensors::open(device).map(AnyBackend::Tensors),
        };
        let backend = backend.map_err(|error| refused(device, error.to_string()))?;
        Ok(Self { device, backend })
    }
}

fn refused(device: Device, reason: String) -> DeviceError {
    match device {
        Device::Cpu => DeviceError::Cpu { reason },
        Device::Cuda(_) | Device::Metal => DeviceError::NotOpened { device, reason },
    }
}
