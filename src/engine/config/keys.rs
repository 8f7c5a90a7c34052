//! The key/values of one architecture.

use crate::engine::architecture::Architecture;
use crate::engine::error::LoadFault;
use crate::engine::gguf::Metadata;

/// The key/values of one architecture, by their names without its own.
pub(super) struct Keys<'a> {
    pub(super) metadata: &'a Metadata,
    pub(super) architecture: Architecture,
}

impl Keys<'_> {
    pub(super) fn key(&self, name: &str) -> String {
        format!("{}.{name}", self.architecture.name())
    }

    pub(super) fn size(&self, name: &str, cap: u64) -> Result<usize, LoadFault> {
        let key = self.key(name);
        let size = self.metadata.unsigned(&key)?;
        if size == 0 || size > cap {
            return Err(LoadFault::damaged(format!(
                "`{key}` is {size}, and 1 to {cap} make sense"
            )));
        }
        Ok(size as usize)
    }

    pub(super) fn size_or(&self, name: &str, cap: u64, absent: usize) -> Result<usize, LoadFault> {
        if self.metadata.contains(&self.key(name)) { self.size(name, cap) } else { Ok(absent) }
    }

    /// A size that may be given as 0, or not at all, where there is no such thing.
    pub(super) fn size_if_any(&self, name: &str, cap: u64) -> Result<Option<usize>, LoadFault> {
        match Metadata::optional(self.metadata.unsigned(&self.key(name)))? {
            None | Some(0) => Ok(None),
            Some(_) => self.size(name, cap).map(Some),
        }
    }

    /// Any number; 0 where the file says nothing.
    pub(super) fn number(&self, name: &str) -> Result<f64, LoadFault> {
        Ok(Metadata::optional(self.metadata.float(&self.key(name)))?.unwrap_or(0.0))
    }

    pub(super) fn positive(&self, name: &str, absent: Option<f32>) -> Result<f32, LoadFault> {
        let key = self.key(name);
        let number = match (Metadata::optional(self.metadata.float(&key))?, absent) {
            (Some(number), _) => number as f32,
            (None, Some(number)) => number,
            (None, None) => self.metadata.float(&key)? as f32,
        };
        if number.is_finite() && number > 0.0 {
            Ok(number)
        } else {
            Err(LoadFault::damaged(format!("`{key}` is {number}")))
        }
    }
}
