//! Reading a number off a model: the likeliest of 1 to n, without writing any.
//!
//! Each number with a closing bracket is a path of tokens, and the paths make a tree. The
//! probability of a number is the product along its path of each token's share among its
//! siblings, so that "1" and "12" compete fairly. The tree is walked from the likeliest node on,
//! and only as far as the first few numbers.

use std::collections::BTreeMap;

/// How many numbers are read at most.
pub(super) const READ: usize = 3;

/// The tree of token paths.
#[derive(Debug, Default)]
pub(super) struct Tree {
    nodes: Vec<Node>,
}

#[derive(Debug, Default)]
struct Node {
    /// Children by token, in order, so that ties fall the same way each time.
    children: BTreeMap<u32, usize>,
    number: Option<usize>,
}

impl Tree {
    /// The tree of `paths[i]`, which stands for the number `i + 1`.
    pub(super) fn new(paths: &[Vec<u32>]) -> Self {
        let mut tree = Self { nodes: vec![Node::default()] };
        for (i, path) in paths.iter().enumerate() {
            let mut at = 0;
            for &token in path {
                at = tree.child(at, token);
            }
            tree.nodes[at].number = Some(i + 1);
        }
        tree
    }

    fn child(&mut self, at: usize, token: u32) -> usize {
        if let Some(&child) = self.nodes[at].children.get(&token) {
            return child;
        }
        let child = self.nodes.len();
        self.nodes.push(Node::default());
        self.nodes[at].children.insert(token, child);
        child
    }

    /// The likeliest numbers with their log-probabilities, likeliest first. `logits` are those
    /// at the root; `further` gives those after a path of tokens from the root.
    pub(super) fn read<E>(
        &self,
        logits: &[f32],
        mut further: impl FnMut(&[u32]) -> Result<Vec<f32>, E>,
    ) -> Result<Vec<(usize, f32)>, E> {
        let mut found = Vec::new();
        let mut open: Vec<(f32, usize, Vec<u32>)> = vec![(0.0, 0, Vec::new())];
        while let Some((log_p, at, path)) = take_likeliest(&mut open) {
            let node = &self.nodes[at];
            found.extend(node.number.map(|number| (number, log_p)));
            if found.len() >= READ {
                break;
            }
            open.extend(match node.children.len() {
                0 => Vec::new(),
                // An only child has all of the probability; nothing has to be computed.
                1 => node.step(log_p, &path, |_| 0.0),
                _ if path.is_empty() => node.step_by(log_p, &path, logits),
                _ => node.step_by(log_p, &path, &further(&path)?),
            });
        }
        Ok(found)
    }
}

impl Node {
    fn step_by(&self, log_p: f32, path: &[u32], logits: &[f32]) -> Vec<(f32, usize, Vec<u32>)> {
        let logit = |token: u32| logits.get(token as usize).copied().unwrap_or(f32::NEG_INFINITY);
        let all = log_sum_exp(self.children.keys().map(|&t| logit(t)));
        self.step(log_p, path, |token| logit(token) - all)
    }

    fn step(
        &self,
        log_p: f32,
        path: &[u32],
        share: impl Fn(u32) -> f32,
    ) -> Vec<(f32, usize, Vec<u32>)> {
        let longer = |token: u32| path.iter().copied().chain([token]).collect();
        self.children.iter().map(|(&t, &child)| (log_p + share(t), child, longer(t))).collect()
    }
}

fn take_likeliest<T>(open: &mut Vec<(f32, usize, T)>) -> Option<(f32, usize, T)> {
    let better = |a: &(f32, usize, T), b: &(f32, usize, T)| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1));
    let best = (0..open.len()).max_by(|&a, &b| better(&open[a], &open[b]))?;
    Some(open.swap_remove(best))
}

/// The logarithm of the sum of exponentials, without overflow.
pub(super) fn log_sum_exp(values: impl Iterator<Item = f32> + Clone) -> f32 {
    let max = values.clone().fold(f32::NEG_INFINITY, f32::max);
    if max.is_infinite() {
        return max;
    }
    max + values.map(|v| (v - max).exp()).sum::<f32>().ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    // Tokens: 0-9 the digits, 10 the bracket.
    fn digits(upto: usize) -> Tree {
        let path = |n: usize| {
            n.to_string().bytes().map(|b| u32::from(b - b'0')).chain([10]).collect::<Vec<_>>()
        };
        Tree::new(&(1..=upto).map(path).collect::<Vec<_>>())
    }

    fn logits(of: &[(usize, f32)]) -> Vec<f32> {
        let mut logits = vec![-20.0; 11];
        for &(token, p) in of {
            logits[token] = p.ln();
        }
        logits
    }

    #[test]
    fn a_longer_number_competes_with_its_beginning() {
        let root = logits(&[(1, 0.6), (2, 0.4)]);
        let after_one = logits(&[(10, 0.25), (2, 0.75)]);
        let read = digits(12)
            .read(&root, |path| {
                assert_eq!(path, [1], "only what is likely is looked into");
                Ok::<_, ()>(after_one.clone())
            })
            .unwrap();
        let numbers: Vec<usize> = read.iter().map(|(n, _)| *n).collect();
        assert_eq!(numbers, [12, 2, 1]);
        assert!((read[0].1.exp() - 0.45).abs() < 1e-3 && (read[2].1.exp() - 0.15).abs() < 1e-3);
    }

    #[test]
    fn single_digits_need_no_further_step() {
        let root = logits(&[(3, 0.7), (1, 0.2), (2, 0.1)]);
        let read = digits(9).read(&root, |_| Err("not needed")).unwrap();
        assert_eq!(read.iter().map(|(n, _)| *n).collect::<Vec<_>>(), [3, 1, 2]);
    }

    #[test]
    fn one_sentence_is_the_answer_whatever_the_model_holds() {
        let read = digits(1).read(&[f32::NAN; 11], |_| Err("not needed")).unwrap();
        assert_eq!(read, [(1, 0.0)]);
    }
}
