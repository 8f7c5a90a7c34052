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

    /// The children of the node at the end of `path`, where it is a node.
    fn children(&self, path: &[u32]) -> usize {
        let down = |at: usize, token: &u32| self.nodes[at].children.get(token).copied();
        path.iter().try_fold(0, down).map_or(0, |at| self.nodes[at].children.len())
    }
}

/// A walk over a tree, which says at which node it needs logits to go on.
#[derive(Debug)]
pub(super) struct Walk {
    tree: Tree,
    /// Nodes that were reached and not looked at yet, with their log-probability.
    open: Vec<(f32, usize, Vec<u32>)>,
    /// Logits at the nodes that such paths lead to.
    known: BTreeMap<Vec<u32>, Vec<f32>>,
    found: Vec<(usize, f32)>,
}

impl Walk {
    /// A walk that stands at the root.
    pub(super) fn new(tree: Tree) -> Self {
        let open = vec![(0.0, 0, Vec::new())];
        Self { tree, open, known: BTreeMap::new(), found: Vec::new() }
    }

    /// Goes on as far as it can; where that is not to the end, the path to the node whose logits
    /// it has to know.
    pub(super) fn wants(&mut self) -> Option<Vec<u32>> {
        while let Some((log_p, at, path)) = take_likeliest(&mut self.open) {
            let node = &self.tree.nodes[at];
            let further = match (node.children.len(), self.known.get(&path)) {
                (0, _) => Vec::new(),
                // An only child has all of the probability; nothing has to be computed.
                (1, _) => node.step(log_p, &path, |_| 0.0),
                (_, Some(logits)) => node.step_by(log_p, &path, logits),
                (_, None) => {
                    self.open.push((log_p, at, path.clone()));
                    return Some(path);
                }
            };
            self.found.extend(node.number.map(|number| (number, log_p)));
            if self.found.len() >= READ {
                break;
            }
            self.open.extend(further);
        }
        self.open.clear();
        None
    }

    /// The same, but with the node that is likely to be asked for next on the way: at the root of
    /// a tree of numbers with two digits that is the first digit that may go on.
    pub(super) fn wants_ahead(&mut self) -> Option<Vec<u32>> {
        let path = self.wants()?;
        if !path.is_empty() {
            return Some(path);
        }
        let firsts = self.tree.nodes[0].children.keys();
        let branching = firsts.map(|&first| vec![first]).find(|p| self.tree.children(p) > 1);
        Some(branching.unwrap_or(path))
    }

    /// Takes the logits at the end of `path`.
    pub(super) fn know(&mut self, path: &[u32], logits: Vec<f32>) {
        self.known.insert(path.to_vec(), logits);
    }

    /// The likeliest numbers with their log-probabilities, likeliest first: of a walk that wants
    /// nothing any more.
    pub(super) fn numbers(self) -> Vec<(usize, f32)> {
        self.found
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

    /// Walks to the end, looking up what is wanted.
    fn read(upto: usize, known: &[(&[u32], &[f32])]) -> Vec<(usize, f32)> {
        let mut walk = Walk::new(digits(upto));
        while let Some(path) = walk.wants() {
            let (_, logits) = known.iter().find(|(p, _)| *p == path).expect("only what is likely");
            walk.know(&path, logits.to_vec());
        }
        walk.numbers()
    }

    #[test]
    fn a_longer_number_competes_with_its_beginning() {
        let root = logits(&[(1, 0.6), (2, 0.4)]);
        let after_one = logits(&[(10, 0.25), (2, 0.75)]);
        let read = read(12, &[(&[], &root), (&[1], &after_one)]);
        let numbers: Vec<usize> = read.iter().map(|(n, _)| *n).collect();
        assert_eq!(numbers, [12, 2, 1]);
        assert!((read[0].1.exp() - 0.45).abs() < 1e-3 && (read[2].1.exp() - 0.15).abs() < 1e-3);
    }

    #[test]
    fn single_digits_need_no_further_step() {
        let root = logits(&[(3, 0.7), (1, 0.2), (2, 0.1)]);
        let read = read(9, &[(&[], &root)]);
        assert_eq!(read.iter().map(|(n, _)| *n).collect::<Vec<_>>(), [3, 1, 2]);
    }

    #[test]
    fn one_sentence_is_the_answer_whatever_the_model_holds() {
        assert_eq!(read(1, &[]), [(1, 0.0)]);
    }

    #[test]
    fn what_is_known_ahead_changes_no_number() {
        let root = logits(&[(1, 0.6), (2, 0.4)]);
        let after_one = logits(&[(10, 0.25), (2, 0.75)]);
        let mut walk = Walk::new(digits(12));
        assert_eq!(walk.wants_ahead(), Some(vec![1]));
        walk.know(&[], root.clone());
        walk.know(&[1], after_one.clone());
        assert_eq!(walk.wants_ahead(), None);
        assert_eq!(walk.numbers(), read(12, &[(&[], &root), (&[1], &after_one)]));
        assert_eq!(Walk::new(digits(9)).wants_ahead(), Some(Vec::new()));
    }
}
