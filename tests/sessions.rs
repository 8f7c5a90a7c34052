//! `viva sessions`, as a user runs it.

#[path = "store/support.rs"]
mod support;

use std::path::Path;

use assert_cmd::Command;
use serde_json::Value;
use support::{answer, home, open, opening};
use vivavoce::interview::Event;

fn viva(home: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("viva").unwrap();
    command.env("VIVA_HOME", home).arg("sessions").args(arguments);
    command
}

/// The exit code, stdout and stderr.
fn run(home: &Path, arguments: &[&str]) -> (i32, String, String) {
    let output = viva(home, arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn without_sessions_the_list_is_empty_and_nothing_is_made() {
    let (home, path) = home();
    let (code, out, err) = run(home.path(), &["list"]);
    assert_eq!((code, out.as_str()), (0, ""));
    assert_eq!(err, "there are no sessions yet; begin one with `viva`\n");

    let (code, out, err) = run(home.path(), &["list", "--json"]);
    let document: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, err.as_str()), (0, ""));
    assert_eq!(document["sessions"], Value::Array(Vec::new()));

    let (code, out, err) = run(home.path(), &["show", "last"]);
    assert_eq!((code, out.as_str()), (1, ""));
    assert_eq!(err, "viva: there are no sessions yet\n  → begin one with `viva`\n");
    assert!(!path.exists());
}

#[test]
fn the_list_shows_the_newest_first() {
    let (home, path) = home();
    let store = open(&path);
    let older = store.begin(&opening("Why?")).unwrap().id().to_owned();
    let mut journal = store.begin(&opening("How?")).unwrap();
    journal.append(&answer("So.")).unwrap();
    journal.append(&Event::Left).unwrap();

    let (code, out, _) = run(home.path(), &["list"]);
    let lines: Vec<Vec<_>> = out.lines().map(|l| l.split_whitespace().collect()).collect();
    assert_eq!(code, 0);
    assert_eq!([lines[1][0], lines[2][0]], [journal.id(), &older]);
    assert_eq!(lines[1][3..], ["scaling-regret", "1", "left", "none"]);
    assert_eq!(lines[2][3..], ["scaling-regret", "0", "open", "none"]);

    let (_, out, _) = run(home.path(), &["list", "--json"]);
    let document: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(document["schema"], "viva.sessions/1");
    assert_eq!(document["sessions"][0]["question"]["text"], "How?");
    assert_eq!(document["sessions"][1]["id"], older);
}

#[test]
fn an_id_that_names_no_session_is_a_failure_and_two_formats_are_a_usage_error() {
    let (home, path) = home();
    open(&path).begin(&opening("Why?")).unwrap();
    let (code, out, err) = run(home.path(), &["show", "zzzzzzz"]);
    assert_eq!((code, out.as_str()), (1, ""));
    assert_eq!(err, "viva: there is no session \"zzzzzzz\"\n  → see `viva sessions list`\n");

    let (code, out, err) = run(home.path(), &["show", "last", "--json", "--markdown"]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.contains("--markdown"), "{err}");
}

#[test]
fn a_damaged_journal_is_a_failure_that_says_what_to_do() {
    let (home, path) = home();
    std::fs::write(&path, "no database".repeat(100)).unwrap();
    let (code, out, err) = run(home.path(), &["list", "--json"]);
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(err.contains(path.to_str().unwrap()) && err.contains("move it away"), "{err}");
}

#[cfg(unix)]
mod out_of_reach {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    use std::os::unix::process::CommandExt as _;

    use super::*;

    const NOBODY: u32 = 65534;

    /// Runs the list for a user whom permissions bind: they do not bind root, as whom tests run
    /// in some containers. That user gets a copy of the binary, which may lie out of its reach.
    fn list(home: &Path) -> (bool, String) {
        let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin("viva"));
        if fs::metadata(home).unwrap().uid() == 0 {
            let copy = home.join("viva");
            // By another process: a file that this one has open for writing while another test
            // starts a child is busy, and cannot be run.
            let mut cp = std::process::Command::new("cp");
            assert!(cp.arg(command.get_program()).arg(&copy).status().unwrap().success());
            command = std::process::Command::new(copy);
            command.uid(NOBODY).gid(NOBODY);
        }
        let output = command.env("VIVA_HOME", home).args(["sessions", "list"]).output().unwrap();
        (output.status.success(), String::from_utf8(output.stderr).unwrap())
    }

    fn allow(path: &Path, mode: u32) {
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn folders_and_files_that_cannot_be_written_to_are_named_with_what_to_do() {
        let (home, path) = home();
        open(&path).begin(&opening("Why?")).unwrap();
        for (folder, file) in [(0o777, 0o000), (0o555, 0o666)] {
            allow(&path, file);
            allow(home.path(), folder);
            let (ok, err) = list(home.path());
            allow(home.path(), 0o777);
            assert!(!ok, "{folder:o} {file:o}");
            assert!(err.contains(path.to_str().unwrap()) && err.contains("VIVA_HOME"), "{err}");
        }
    }
}
