//! The processors of a Linux machine, as its kernel describes them.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::Path;

/// The capacity of the fastest core in a machine, by the kernel's measure.
const FULL: u64 = 1024;

/// What an efficiency core of Intel's is worth here: vectors half as wide, at two thirds of the
/// clock.
const ATOM: u64 = FULL / 3;

/// More processors than any machine has: a list that claims more is not believed.
const MOST: usize = 8192;

/// How fast each core is that this process may run on. Processors that share a core count once.
/// `root` is `/`, but for tests. `None` where the kernel does not tell.
pub(super) fn cores(root: &Path) -> Option<Vec<u64>> {
    let status = std::fs::read_to_string(root.join("proc/self/status")).ok()?;
    let allowed = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"))?;
    let devices = root.join("sys/devices");
    let atoms = read(&devices.join("cpu_atom/cpus")).and_then(|list| numbers(&list));
    let atoms = atoms.unwrap_or_default();
    let mut cores = BTreeMap::new();
    for number in numbers(allowed)? {
        let folder = devices.join(format!("system/cpu/cpu{number}"));
        let ceiling = if atoms.contains(&number) { ATOM } else { u64::MAX };
        cores.insert(siblings(&folder)?, capacity(&folder).min(ceiling));
    }
    Some(cores.into_values().collect())
}

/// The processors that share a core with this one, itself included: the name of the core.
fn siblings(folder: &Path) -> Option<String> {
    // The second is what kernels before 5.3 call it.
    ["core_cpus_list", "thread_siblings_list"]
        .into_iter()
        .find_map(|name| read(&folder.join("topology").join(name)))
}

/// Kernels tell it where cores differ, and some do where they do not.
fn capacity(folder: &Path) -> u64 {
    read(&folder.join("cpu_capacity")).and_then(|text| text.parse().ok()).unwrap_or(FULL)
}

fn read(path: &Path) -> Option<String> {
    std::fs::read_to_string(path).ok().map(|text| text.trim().to_owned())
}

/// `0-2,5` as 0, 1, 2, 5.
fn numbers(list: &str) -> Option<Vec<usize>> {
    let ranges: Vec<_> = list.trim().split(',').map(range).collect::<Option<_>>()?;
    let numbers: Vec<usize> = ranges.into_iter().flatten().collect();
    (!numbers.is_empty()).then_some(numbers)
}

fn range(text: &str) -> Option<RangeInclusive<usize>> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (first.parse().ok()?, last.parse().ok()?);
    (last < MOST).then_some(first..=last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    /// A machine whose processors are grouped into `cores`; the process may use `allowed`.
    fn machine(cores: &[&str], allowed: &str) -> TempDir {
        let root = tempfile::tempdir().unwrap();
        write(&root, "proc/self/status", &format!("Name:\tviva\nCpus_allowed_list:\t{allowed}\n"));
        for core in cores {
            for number in numbers(core).unwrap() {
                let name = format!("sys/devices/system/cpu/cpu{number}/topology/core_cpus_list");
                write(&root, &name, core);
            }
        }
        root
    }

    fn write(root: &TempDir, name: &str, text: &str) {
        let path = root.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, format!("{text}\n")).unwrap();
    }

    #[test]
    fn processors_that_share_a_core_count_once() {
        assert_eq!(
            cores(machine(&["0,4", "1,5", "2,6", "3,7"], "0-7").path()),
            Some(vec![FULL; 4])
        );
        assert_eq!(cores(machine(&["0-1"], "0-1").path()), Some(vec![FULL]));
    }

    #[test]
    fn processors_that_the_process_may_not_use_do_not_count() {
        let cores_of = |allowed| cores(machine(&["0,4", "1,5", "2,6", "3,7"], allowed).path());
        assert_eq!(cores_of("1,5"), Some(vec![FULL]));
        assert_eq!(cores_of("0,2-3"), Some(vec![FULL; 3]));
    }

    #[test]
    fn slow_cores_are_told_from_fast_ones() {
        let arm = machine(&["0", "1", "2"], "0-2");
        write(&arm, "sys/devices/system/cpu/cpu1/cpu_capacity", "414");
        assert_eq!(cores(arm.path()), Some(vec![FULL, 414, FULL]));
        let intel = machine(&["0-1", "2", "3"], "0-3");
        write(&intel, "sys/devices/cpu_atom/cpus", "2-3");
        assert_eq!(cores(intel.path()), Some(vec![FULL, ATOM, ATOM]));
    }

    #[test]
    fn an_old_kernel_has_another_name_for_it() {
        let old = machine(&[], "0-1");
        for number in 0..2 {
            let name = format!("sys/devices/system/cpu/cpu{number}/topology/thread_siblings_list");
            write(&old, &name, "0-1");
        }
        assert_eq!(cores(old.path()), Some(vec![FULL]));
    }

    #[test]
    fn what_makes_no_sense_is_not_believed() {
        assert_eq!(cores(tempfile::tempdir().unwrap().path()), None);
        assert_eq!(cores(machine(&[], "0-1").path()), None);
        for allowed in ["", "x", "0-", "3-1", "0-99999999999", "0,,1"] {
            assert_eq!(cores(machine(&["0", "1", "2", "3"], allowed).path()), None, "{allowed}");
        }
    }
}
