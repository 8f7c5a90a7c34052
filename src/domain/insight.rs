//! What a model gives away about a statement.

use serde::{Deserialize, Serialize};

use super::Margin;

/// Where in a model to read what it holds of a statement. That differs by model file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tap {
    /// The hidden state is the one behind so many layers.
    pub layers: usize,
    /// Heads that look at the sentence that bears on a statement, as `[layer, head]`, both counted
    /// from 0; those of lower layers first.
    pub heads: Vec<[usize; 2]>,
}

/// What was read about one statement.
#[derive(Debug, Clone, PartialEq)]
pub enum Insight {
    /// What the model would say.
    Margin(Margin),
    /// What it holds before it says anything.
    Inside(Inside),
}

impl Insight {
    /// The mean of what was read of several wordings of one statement; none of no wording.
    pub fn mean(all: &[Self]) -> Option<Self> {
        let (mut margins, mut insides) = (Vec::new(), Vec::new());
        for insight in all {
            match insight {
                Self::Margin(margin) => margins.push(margin.0),
                Self::Inside(inside) => insides.push(inside),
            }
        }
        if insides.is_empty() {
            let mean = margins.iter().sum::<f32>() / margins.len() as f32;
            return (!margins.is_empty()).then_some(Self::Margin(Margin(mean)));
        }
        let heads = insides.iter().map(|inside| inside.attention.len()).max().unwrap_or_default();
        let attention = |head: usize| {
            mean(insides.iter().filter_map(|inside| inside.attention.get(head)).map(Vec::as_slice))
        };
        Some(Self::Inside(Inside {
            hidden: mean(insides.iter().map(|inside| inside.hidden.as_slice())),
            attention: (0..heads).map(attention).collect(),
        }))
    }
}

/// The mean of rows, component by component; what a row lacks counts as 0.
fn mean<'a>(rows: impl Iterator<Item = &'a [f32]>) -> Vec<f32> {
    let (mut sums, mut count) = (Vec::new(), 0.0);
    for row in rows {
        count += 1.0;
        sums.resize(row.len().max(sums.len()), 0.0f32);
        sums.iter_mut().zip(row).for_each(|(sum, x)| *sum += x);
    }
    for sum in &mut sums {
        *sum /= count;
    }
    sums
}

/// What was read inside a model.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Inside {
    /// The hidden state at the end of what was asked.
    pub hidden: Vec<f32>,
    /// For each head the shares of its attention that the answer's sentences get, in their order.
    /// The rest goes to what stands between them.
    pub attention: Vec<Vec<f32>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inside(hidden: &[f32], attention: &[f32]) -> Insight {
        Insight::Inside(Inside { hidden: hidden.into(), attention: vec![attention.into()] })
    }

    #[test]
    fn wordings_are_averaged_component_by_component() {
        let two = [inside(&[1.0, 0.0], &[0.5, 0.1]), inside(&[0.0, 0.5], &[0.1, 0.3])];
        assert_eq!(Insight::mean(&two), Some(inside(&[0.5, 0.25], &[0.3, 0.2])));
        let margins = [9.0, -9.0, 3.0].map(|margin| Insight::Margin(Margin(margin)));
        assert_eq!(Insight::mean(&margins), Some(Insight::Margin(Margin(1.0))));
        assert_eq!(Insight::mean(&[]), None);
    }
}
