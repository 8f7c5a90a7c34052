//! The key/values of a GGUF file.

use std::collections::BTreeMap;

use super::{Texts, shown};

/// One value. Numbers are widened to one type each; arrays hold one type.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Any of the eight integer types.
    Integer(i128),
    /// `f32` or `f64`.
    Float(f64),
    /// A truth value.
    Bool(bool),
    /// A string; bytes that are not UTF-8 were replaced.
    Text(String),
    /// An array of any of the integer types, or of truth values as 0 and 1.
    Integers(Vec<i64>),
    /// An array of `f32` or `f64`.
    Floats(Vec<f64>),
    /// An array of strings.
    Texts(Texts),
}

impl Value {
    fn kind(&self) -> &'static str {
        match self {
            Self::Integer(_) => "an integer",
            Self::Float(_) => "a number",
            Self::Bool(_) => "a truth value",
            Self::Text(_) => "a string",
            Self::Integers(_) => "an array of integers",
            Self::Floats(_) => "an array of numbers",
            Self::Texts(_) => "an array of strings",
        }
    }
}

/// Why a key gave no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MetadataError {
    /// There is no such key.
    #[error("the file says nothing of `{key}`")]
    Missing {
        /// The key asked for.
        key: String,
    },
    /// The value is of another type, or out of range.
    #[error("`{key}` should be {wanted}, but is {found}")]
    Unfit {
        /// The key asked for.
        key: String,
        /// What it should be.
        wanted: &'static str,
        /// What it is.
        found: String,
    },
}

/// The key/values of a GGUF file, by key.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Metadata {
    values: BTreeMap<String, Value>,
}

impl FromIterator<(String, Value)> for Metadata {
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(pairs: I) -> Self {
        Self { values: pairs.into_iter().collect() }
    }
}

impl Metadata {
    /// Whether the file has this key.
    pub fn contains(&self, key: &str) -> bool {
        self.values.contains_key(key)
    }

    /// The keys, in order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }

    /// The value as it is.
    pub fn value(&self, key: &str) -> Result<&Value, MetadataError> {
        self.values.get(key).ok_or_else(|| MetadataError::Missing { key: key.to_owned() })
    }

    /// A string.
    pub fn text(&self, key: &str) -> Result<&str, MetadataError> {
        match self.value(key)? {
            Value::Text(text) => Ok(text),
            other => Err(unfit(key, "a string", other)),
        }
    }

    /// An integer that is not negative.
    pub fn unsigned(&self, key: &str) -> Result<u64, MetadataError> {
        match self.value(key)? {
            value @ Value::Integer(n) => {
                u64::try_from(*n).map_err(|_| unfit(key, "an integer from 0 up", value))
            }
            other => Err(unfit(key, "an integer", other)),
        }
    }

    /// A number.
    pub fn float(&self, key: &str) -> Result<f64, MetadataError> {
        match self.value(key)? {
            Value::Float(x) => Ok(*x),
            Value::Integer(n) => Ok(*n as f64),
            other => Err(unfit(key, "a number", other)),
        }
    }

    /// A truth value.
    pub fn bool(&self, key: &str) -> Result<bool, MetadataError> {
        match self.value(key)? {
            Value::Bool(flag) => Ok(*flag),
            other => Err(unfit(key, "a truth value", other)),
        }
    }

    /// An array of strings.
    pub fn texts(&self, key: &str) -> Result<&Texts, MetadataError> {
        match self.value(key)? {
            Value::Texts(texts) => Ok(texts),
            other => Err(unfit(key, "an array of strings", other)),
        }
    }

    /// An array of integers.
    pub fn integers(&self, key: &str) -> Result<&[i64], MetadataError> {
        match self.value(key)? {
            Value::Integers(numbers) => Ok(numbers),
            other => Err(unfit(key, "an array of integers", other)),
        }
    }

    /// An array of numbers.
    pub fn floats(&self, key: &str) -> Result<&[f64], MetadataError> {
        match self.value(key)? {
            Value::Floats(numbers) => Ok(numbers),
            other => Err(unfit(key, "an array of numbers", other)),
        }
    }

    /// What a getter gave, where the key may be absent: `None` then. A value of the wrong type
    /// stays an error.
    pub fn optional<T>(got: Result<T, MetadataError>) -> Result<Option<T>, MetadataError> {
        match got {
            Ok(value) => Ok(Some(value)),
            Err(MetadataError::Missing { .. }) => Ok(None),
            Err(error @ MetadataError::Unfit { .. }) => Err(error),
        }
    }
}

fn unfit(key: &str, wanted: &'static str, value: &Value) -> MetadataError {
    let found = match value {
        Value::Integer(n) => n.to_string(),
        Value::Text(text) => format!("\"{}\"", shown(text)),
        other => other.kind().to_owned(),
    };
    MetadataError::Unfit { key: key.to_owned(), wanted, found }
}

#[cfg(test)]
mod tests {
    use super::{Metadata, MetadataError, Value};

    fn metadata() -> Metadata {
        [
            ("name".to_owned(), Value::Text("\u{1b}[31mred".to_owned())),
            ("count".to_owned(), Value::Integer(-1)),
            ("flag".to_owned(), Value::Bool(true)),
            ("tokens".to_owned(), Value::Texts(["a"].into_iter().collect())),
        ]
        .into_iter()
        .collect()
    }

    #[test]
    fn a_getter_gives_the_value_of_its_type() {
        assert_eq!(metadata().bool("flag"), Ok(true));
        assert_eq!(metadata().texts("tokens").map(|texts| texts.get(0)), Ok(Some("a")));
        assert_eq!(metadata().float("count"), Ok(-1.0));
    }

    #[test]
    fn a_wrong_type_says_what_was_wanted_and_found_without_control_characters() {
        let error = metadata().unsigned("name").unwrap_err();
        assert_eq!(error.to_string(), "`name` should be an integer, but is \"\\u{1b}[31mred\"");
        let error = metadata().unsigned("count").unwrap_err();
        assert_eq!(error.to_string(), "`count` should be an integer from 0 up, but is -1");
    }

    #[test]
    fn an_absent_key_may_be_optional_but_a_wrong_type_may_not() {
        let metadata = metadata();
        assert_eq!(Metadata::optional(metadata.text("nothing")), Ok(None));
        assert_eq!(
            metadata.text("nothing"),
            Err(MetadataError::Missing { key: "nothing".to_owned() })
        );
        assert!(Metadata::optional(metadata.text("flag")).is_err());
    }
}
