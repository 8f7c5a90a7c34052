//! Many strings in one piece of memory.

use std::fmt;
use std::sync::Arc;

/// A list of strings, one after the other in one buffer: a vocabulary has hundreds of thousands,
/// of a few bytes each. Clones share them.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Texts {
    shared: Arc<Shared>,
}

#[derive(Clone, Default, PartialEq, Eq)]
struct Shared {
    text: String,
    /// Where each string ends and the next begins.
    ends: Vec<usize>,
}

impl Texts {
    /// How many strings there are.
    pub fn len(&self) -> usize {
        self.shared.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.shared.ends.is_empty()
    }

    /// String number `n`, counted from 0.
    pub fn get(&self, n: usize) -> Option<&str> {
        let end = *self.shared.ends.get(n)?;
        let start = n.checked_sub(1).map_or(0, |before| self.shared.ends[before]);
        self.shared.text.get(start..end)
    }

    /// The strings in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        let mut start = 0;
        self.shared.ends.iter().map(move |&end| {
            let text = &self.shared.text[start..end];
            start = end;
            text
        })
    }

    /// The bytes of all strings together.
    pub fn bytes(&self) -> usize {
        self.shared.text.len()
    }

    /// Adds a string at the end.
    pub fn push(&mut self, text: &str) {
        let shared = Arc::make_mut(&mut self.shared);
        shared.text.push_str(text);
        shared.ends.push(shared.text.len());
    }
}

impl<T: AsRef<str>> FromIterator<T> for Texts {
    fn from_iter<I: IntoIterator<Item = T>>(texts: I) -> Self {
        let mut list = Self::default();
        list.extend(texts);
        list
    }
}

impl<T: AsRef<str>> Extend<T> for Texts {
    fn extend<I: IntoIterator<Item = T>>(&mut self, texts: I) {
        let shared = Arc::make_mut(&mut self.shared);
        for text in texts {
            shared.text.push_str(text.as_ref());
            shared.ends.push(shared.text.len());
        }
    }
}

impl fmt::Debug for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::Texts;

    #[test]
    fn strings_come_back_one_by_one() {
        let strings = ["", "a", "", "語é", ""];
        let texts: Texts = strings.into_iter().collect();
        assert_eq!((texts.len(), texts.bytes()), (5, 6));
        assert_eq!(texts.iter().collect::<Vec<_>>(), strings);
        let got: Vec<_> = (0..6).map(|n| texts.get(n)).collect();
        assert_eq!(got, [Some(""), Some("a"), Some(""), Some("語é"), Some(""), None]);
    }

    #[test]
    fn what_is_added_to_a_clone_is_not_in_the_original() {
        let texts: Texts = ["one"].into_iter().collect();
        let mut more = texts.clone();
        more.push("two");
        assert_eq!((texts.len(), more.len()), (1, 2));
        assert_eq!(more.get(1), Some("two"));
    }
}
