//! Folders, settings, and what users lay over the built-in material.

mod folders;
mod lines;
mod overlay;
mod settings;

pub use folders::{Folders, NoHome};
pub use lines::continued;
pub use overlay::{Overlay, Text, Unread, Why, digest, read_overlay};
pub use settings::{Settings, SettingsError};
