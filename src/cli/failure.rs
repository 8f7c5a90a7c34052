//! The one way in which a command fails: what happened and where, and what to do about it.

use std::fmt;
use std::io::{self, Write as _};
use std::process::ExitCode;

/// Why a command ends, which decides the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It could not be done: exit 1.
    Failed,
    /// It was asked for wrongly: exit 2.
    Usage,
    /// It was interrupted: exit 130.
    Interrupted,
    /// The reader of our output went away: exit 0, silently, as every filter does.
    ClosedPipe,
}

/// A failure, ready to be shown.
#[derive(Debug)]
pub struct Failure {
    kind: Kind,
    what: String,
    hint: Option<String>,
}

impl Failure {
    /// Something could not be done. `what` says what and where, without a full stop.
    pub fn new(what: impl fmt::Display) -> Self {
        Self { kind: Kind::Failed, what: what.to_string(), hint: None }
    }

    /// Something was asked for wrongly.
    pub fn usage(what: impl fmt::Display) -> Self {
        Self { kind: Kind::Usage, ..Self::new(what) }
    }

    /// The user interrupted.
    pub fn interrupted() -> Self {
        Self { kind: Kind::Interrupted, ..Self::new("interrupted") }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl fmt::Display) -> Self {
        self.hint = Some(hint.to_string());
        self
    }

    /// What happened and where.
    pub fn what(&self) -> &str {
        &self.what
    }

    /// Why the command ends.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Shows it on stderr and gives the exit code.
    pub fn report(&self) -> ExitCode {
        let mut err = io::stderr().lock();
        let code = match self.kind {
            Kind::ClosedPipe => return ExitCode::SUCCESS,
            Kind::Failed => 1,
            Kind::Usage => 2,
            Kind::Interrupted => 130,
        };
        // A closed stderr leaves nowhere to say so.
        let _ = writeln!(err, "viva: {}", self.what);
        if let Some(hint) = &self.hint {
            let _ = writeln!(err, "  → {hint}");
        }
        ExitCode::from(code)
    }
}

/// Our own documents always serialise; if one does not, that is a failure to report.
impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::new(error)
    }
}

/// What goes wrong while writing output: a closed pipe is no error of ours.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self { kind: Kind::ClosedPipe, ..Self::new("closed pipe") };
        }
        Self::new(error)
    }
}
