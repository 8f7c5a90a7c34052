//! What a model made of labelled answers, as it was measured before: asking it about hundreds of
//! them takes long, fitting and reporting do not.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::domain::{Inside, Insight, Margin};
use crate::files::continued;

/// Insights by what was asked, in a file that grows by a line a row. A run that was stopped goes on
/// where it was; a line that was cut short is measured again.
#[derive(Debug)]
pub struct Kept {
    insights: HashMap<String, Vec<Insight>>,
    file: File,
}

#[derive(Serialize, Deserialize)]
struct Line {
    key: String,
    insights: Vec<Packed>,
}

/// An insight in few letters: a hidden state has hundreds of components, and every bit of them
/// counts, since what is decided again must come out the same.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Packed {
    Margin(f32),
    Inside { hidden: String, attention: Vec<Vec<f32>> },
}

impl Kept {
    /// Opens or begins the file at `path`.
    pub fn open(path: &Path) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let (before, file) = continued(path)?;
        let lines = before.lines().filter_map(|line| serde_json::from_str::<Line>(line).ok());
        let read = lines.filter_map(|line| Some((line.key, unpacked(line.insights)?)));
        Ok(Self { insights: read.collect(), file })
    }

    /// The insights kept under `key`.
    pub fn get(&self, key: &str) -> Option<&Vec<Insight>> {
        self.insights.get(key)
    }

    /// Keeps insights under `key`.
    pub fn keep(&mut self, key: &str, insights: &[Insight]) -> io::Result<()> {
        let line = Line { key: key.to_owned(), insights: insights.iter().map(packed).collect() };
        writeln!(self.file, "{}", serde_json::to_string(&line)?)?;
        self.insights.insert(line.key, insights.to_vec());
        Ok(())
    }
}

fn packed(insight: &Insight) -> Packed {
    match insight {
        Insight::Margin(margin) => Packed::Margin(margin.0),
        Insight::Inside(Inside { hidden, attention }) => {
            Packed::Inside { hidden: hexadecimal(hidden), attention: attention.clone() }
        }
    }
}

/// The bits of each number.
fn hexadecimal(numbers: &[f32]) -> String {
    let mut digits = String::with_capacity(8 * numbers.len());
    for number in numbers {
        // Writing to a string does not fail.
        let _ = write!(digits, "{:08x}", number.to_bits());
    }
    digits
}

/// None where a line is not one of ours.
fn unpacked(packed: Vec<Packed>) -> Option<Vec<Insight>> {
    let one = |packed: Packed| match packed {
        Packed::Margin(margin) => Some(Insight::Margin(Margin(margin))),
        Packed::Inside { hidden, attention } => {
            let (digits, rest) = hidden.as_bytes().as_chunks::<8>();
            let number = |digits: &[u8; 8]| {
                let digits = std::str::from_utf8(digits).ok()?;
                u32::from_str_radix(digits, 16).ok().map(f32::from_bits)
            };
            let hidden = digits.iter().map(number).collect::<Option<_>>()?;
            rest.is_empty().then_some(Insight::Inside(Inside { hidden, attention }))
        }
    };
    packed.into_iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_is_there_again_to_the_bit_and_a_torn_line_is_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("eval/margins.jsonl");
        let hidden = vec![0.1, -0.0, f32::MIN_POSITIVE, 1e30];
        let inside = Inside { hidden, attention: vec![vec![0.25, 0.1], vec![]] };
        let insights = [Insight::Margin(Margin(-1.25)), Insight::Inside(inside)];
        let mut kept = Kept::open(&path).expect("a new file");
        kept.keep("a", &insights).expect("room");
        drop(kept);
        let torn = "{\"key\":\"b\",\"insights\":[{\"inside\":{\"hidden\":\"0\",\"attention\":[]}}]}\n\
                    {\"key\":\"c\",\"ins";
        fs::write(&path, fs::read_to_string(&path).expect("it") + torn).expect("it");
        let mut kept = Kept::open(&path).expect("the file");
        assert_eq!(kept.get("a"), Some(&insights.to_vec()));
        assert_eq!((kept.get("b"), kept.get("c")), (None, None));
        kept.keep("c", &insights[..1]).expect("room");
        let again = Kept::open(&path).expect("the file");
        assert_eq!((again.insights.len(), again.get("c")), (2, Some(&insights[..1].to_vec())));
    }
}
