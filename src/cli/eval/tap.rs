//! Where to read inside a model, in the words of the command line.

use std::ops::RangeInclusive;

use crate::domain::Tap;

/// Parses `LAYERS:LAYER.HEAD,…`; a layer and a head may each be a range like `0-27`.
pub(super) fn parse(text: &str) -> Result<Tap, String> {
    let wrong =
        || format!("{text:?} is not LAYERS:LAYER.HEAD,… such as 20:16.3,16.4 or 28:0-27.0-11");
    let (layers, heads) = text.split_once(':').ok_or_else(wrong)?;
    let mut found = Vec::new();
    for one in heads.split(',') {
        let (layer, head) = one.split_once('.').ok_or_else(wrong)?;
        let (layer, head) = (range(layer).ok_or_else(wrong)?, range(head).ok_or_else(wrong)?);
        found.extend(layer.flat_map(|layer| head.clone().map(move |head| [layer, head])));
    }
    found.sort_unstable();
    found.dedup();
    Ok(Tap { layers: layers.parse().map_err(|_| wrong())?, heads: found })
}

fn range(text: &str) -> Option<RangeInclusive<usize>> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    // More than any model has would fill the memory.
    let number = |text: &str| text.parse().ok().filter(|n| *n < 1000);
    Some(number(first)?..=number(last)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_come_one_by_one_and_in_ranges() {
        let tap = parse("20:16.4,16.3,2-3.0-1").expect("a tap");
        assert_eq!(tap.layers, 20);
        assert_eq!(tap.heads, [[2, 0], [2, 1], [3, 0], [3, 1], [16, 3], [16, 4]]);
    }

    #[test]
    fn anything_else_is_refused_with_an_example() {
        for wrong in ["", "20", "20:", "20:1", "x:1.1", "20:1.x", "20:1.1,", "20:0-9999999.1"] {
            assert!(parse(wrong).expect_err(wrong).contains("20:16.3,16.4"), "{wrong}");
        }
    }
}
