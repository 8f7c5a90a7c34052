//! Folders, settings, and what users lay over the built-in material.

mod folders;

pub use folders::{Folders, NoHome};
