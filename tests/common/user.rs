//! Somebody who runs the program, with a folder, a hub and a catalogue of their own.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use super::hub::Hub;

pub struct User {
    pub home: tempfile::TempDir,
    endpoint: String,
}

impl User {
    /// `catalog` is laid over the built-in one.
    pub fn new(hub: &Hub, catalog: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join("models.toml"), catalog).unwrap();
        Self { home, endpoint: hub.endpoint.clone() }
    }

    /// `viva models …`.
    pub fn command(&self, args: &[&str]) -> Command {
        self.program(&[&["models"], args].concat())
    }

    /// `viva …`.
    pub fn program(&self, args: &[&str]) -> Command {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("viva"));
        command.args(args).stdin(Stdio::null());
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy().to_uppercase();
            if text.starts_with("VIVA_") || text.starts_with("HF_") || text.ends_with("_PROXY") {
                command.env_remove(name);
            }
        }
        let hub = self.home.path().join("hf");
        command.env("VIVA_HOME", self.home.path()).env("HF_HOME", hub);
        command.env("HF_ENDPOINT", &self.endpoint);
        command
    }

    /// What `viva models …` comes to.
    pub fn viva(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// `viva models …`, begun.
    pub fn start(&self, args: &[&str]) -> Child {
        self.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    pub fn models(&self) -> PathBuf {
        self.home.path().join("models")
    }

    /// What was written, with what differs from run to run named.
    pub fn shown(&self, bytes: &[u8]) -> String {
        let home = self.home.path().display().to_string();
        let host = self.endpoint.replace("http://", "");
        String::from_utf8(bytes.to_vec()).unwrap().replace(&home, "HOME").replace(&host, "HUB")
    }
}

pub fn code(output: &Output) -> Option<i32> {
    output.status.code()
}
