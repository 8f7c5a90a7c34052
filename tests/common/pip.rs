//! A real Python whose pip is a stand-in for the package index.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// `pip download … --dest DIR NAME==VERSION`: packs the package's file, or its folder of files, into
/// a wheel, as the index would, and notes what was asked for. Refuses what it does not have.
const PIP: &str = r#"
import pathlib, sys, zipfile

here = pathlib.Path(__file__).parent
requirement, folder = sys.argv[-1], pathlib.Path(sys.argv[sys.argv.index("--dest") + 1])
with open(here / "asked", "a") as asked:
    asked.write(requirement + "\n")
name, version = requirement.split("==")
package = here / requirement
if not package.exists():
    sys.exit("WARNING: trying hard\nERROR: No matching distribution found for " + requirement)
wheel = folder / (name.replace("-", "_") + "-" + version + "-py3-none-any.whl")
if (here / "broken").exists():
    wheel.write_bytes(package.read_bytes())
    sys.exit()
with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as z:
    z.writestr(name + "/__init__.py", "")
    if package.is_dir():
        for file in sorted(package.iterdir()):
            z.write(file, name + "/data/" + file.name)
    else:
        z.write(package, name + "/data/part.bin")
    z.writestr(name + ".dist-info/METADATA", "Name: " + name)
"#;

/// The index.
pub struct Pip {
    folder: PathBuf,
    /// The Python that has this pip.
    pub python: PathBuf,
}

impl Pip {
    /// An index without packages, in a folder of that home.
    pub fn new(home: &Path) -> Self {
        let folder = home.join("pip");
        let path = std::env::var("PATH").unwrap();
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("pip.py"), PIP).unwrap();
        let python = program(
            &home.join("python3"),
            &format!("PATH='{path}' PYTHONPATH='{}' exec python3 \"$@\"", folder.display()),
        );
        Self { folder, python }
    }

    /// What the wheel of `NAME==VERSION` is made of: a file, or a folder of files.
    pub fn package(&self, requirement: &str) -> PathBuf {
        self.folder.join(requirement)
    }

    /// The packages asked for since the last call.
    pub fn asked(&self) -> Vec<String> {
        let asked = fs::read_to_string(self.folder.join("asked")).unwrap_or_default();
        fs::write(self.folder.join("asked"), "").unwrap();
        asked.lines().map(str::to_owned).collect()
    }
}

/// An executable shell script.
pub fn program(path: &Path, script: &str) -> PathBuf {
    fs::write(path, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    path.to_owned()
}
