//! "Did you mean".

/// Below this likeness (0 to 1) a suggestion would be a guess.
const ALIKE: f64 = 0.5;

/// The candidate that `name` was most likely meant to be, if one is close.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (likeness(name, candidate), candidate))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

/// How alike two names are. A name that was cut short counts as close.
fn likeness(name: &str, candidate: &str) -> f64 {
    let (name, candidate) = (name.to_lowercase(), candidate.to_lowercase());
    let edits = strsim::normalized_damerau_levenshtein(&name, &candidate);
    let cut_short = name.len() >= 3 && candidate.starts_with(&name);
    if cut_short { edits.max(0.8) } else { edits }
}

/// "did you mean `x`? known: …", or just what is known.
pub(super) fn known<'a>(name: &str, all: impl IntoIterator<Item = &'a str>) -> String {
    let all: Vec<&str> = all.into_iter().collect();
    let list = format!("known: {}", all.join(", "));
    match nearest(name, all) {
        Some(meant) => format!("did you mean `{meant}`? {list}"),
        None => list,
    }
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_is_recognised_and_a_stranger_is_not() {
        let names = ["say", "kind", "looks_for", "key_points"];
        assert_eq!(nearest("sya", names), Some("say"));
        assert_eq!(nearest("look_for", names), Some("looks_for"));
        assert_eq!(nearest("key", names), Some("key_points"));
        assert_eq!(nearest("colour", names), None);
    }
}
