//! Ids that a person can type.

use std::convert::Infallible;
use std::str::FromStr;

use uuid::Uuid;

use super::StoreError;

/// Crockford's base 32: no `i`, `l`, `o`, which read as digits, and no `u`, which reads as `v`.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Characters in an id: 2^30 ids, and a collision is drawn again.
const LENGTH: usize = 6;

/// A new id. Whether it is taken is for the database to say.
pub(super) fn draw() -> String {
    // The low 32 bits of a version 7 id are random.
    let random = Uuid::now_v7().as_u128() as usize;
    (0..LENGTH).map(|i| char::from(ALPHABET[random >> (5 * i) & 31])).collect()
}

/// A session as a user names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// The one begun last.
    Last,
    /// The one whose id begins so.
    Id(String),
}

impl FromStr for Which {
    type Err = Infallible;

    /// `last`, or the beginning of an id.
    fn from_str(typed: &str) -> Result<Self, Infallible> {
        if typed.eq_ignore_ascii_case("last") {
            return Ok(Self::Last);
        }
        Ok(Self::Id(typed.to_owned()))
    }
}

/// What was typed, as ids are written: people read them aloud, and mistake digits for letters.
pub(super) fn normal(typed: &str) -> String {
    typed.to_ascii_lowercase().replace('o', "0").replace(['i', 'l'], "1")
}

/// The one id that was meant.
pub(super) fn only(typed: &str, mut found: Vec<String>) -> Result<String, StoreError> {
    match (found.pop(), found.is_empty()) {
        (None, _) => Err(StoreError::Unknown(typed.to_owned())),
        (Some(id), true) => Ok(id),
        (Some(id), false) => {
            found.push(id);
            Err(StoreError::Ambiguous { typed: typed.to_owned(), ids: found })
        }
    }
}
