//! From logits to a token.

/// How to choose.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SamplerOptions {
    /// Divides the logits; 0 or less is greedy.
    pub temperature: f32,
    /// Keeps the smallest set of tokens with this much probability; 1 or more keeps all.
    pub top_p: f32,
    /// Leaves out tokens less likely than this share of the likeliest; 0 keeps all.
    pub min_p: f32,
    /// Above 1 makes tokens of the window less likely; 1 does nothing.
    pub repetition_penalty: f32,
    /// How many tokens at the end of the history the penalty looks at.
    pub repetition_window: usize,
    /// Where the chance comes from.
    pub seed: u64,
}

impl Default for SamplerOptions {
    /// Greedy.
    fn default() -> Self {
        Self {
            temperature: 0.0,
            top_p: 1.0,
            min_p: 0.0,
            repetition_penalty: 1.0,
            repetition_window: 64,
            seed: 0,
        }
    }
}

/// Chooses tokens. Every step is defined here, down to the generator, so that no library's new
/// version changes what a seed gives.
#[derive(Debug, Clone)]
pub struct Sampler {
    options: SamplerOptions,
    random: SplitMix64,
}

impl Sampler {
    /// A sampler at the start of its seed's sequence.
    pub fn new(options: SamplerOptions) -> Self {
        // `max` and `min` take the other where one is not a number.
        let (min_p, top_p) = (options.min_p.max(0.0), options.top_p.min(1.0));
        Self {
            options: SamplerOptions { top_p, min_p, ..options },
            random: SplitMix64(options.seed),
        }
    }

    /// A token, given the logits and the tokens so far. A logit that is not a number is never
    /// chosen while another is; of equals the lowest token wins.
    pub fn sample(&mut self, logits: &[f32], history: &[u32]) -> u32 {
        let logits = self.penalised(logits, history);
        let greedy = greedy(&logits);
        let most = logits.get(greedy as usize).copied().unwrap_or(f32::NEG_INFINITY);
        // With an infinite logit there are no shares to draw by.
        if !(self.options.temperature > 0.0 && most.is_finite()) {
            return greedy;
        }
        let shares = self.shares(&logits, most);
        draw(&shares, self.random.next_share()).unwrap_or(greedy)
    }

    /// The logits with what is not a number below all others, and repeated tokens made less
    /// likely: towards zero if above it, away from it if below.
    fn penalised(&self, logits: &[f32], history: &[u32]) -> Vec<f32> {
        let lowest = |x: &f32| if x.is_nan() { f32::NEG_INFINITY } else { *x };
        let mut logits: Vec<f32> = logits.iter().map(lowest).collect();
        let penalty = self.options.repetition_penalty;
        if penalty.is_finite() && penalty > 0.0 {
            for token in self.window(history) {
                if let Some(logit) = logits.get_mut(token as usize) {
                    *logit = if *logit > 0.0 { *logit / penalty } else { *logit * penalty };
                }
            }
        }
        logits
    }

    /// The tokens at the end of the history, each once.
    fn window(&self, history: &[u32]) -> Vec<u32> {
        let start = history.len().saturating_sub(self.options.repetition_window);
        let mut window = history[start..].to_vec();
        window.sort_unstable();
        window.dedup();
        window
    }

    /// The tokens that may be drawn with their shares relative to the likeliest, which has 1;
    /// likeliest first.
    fn shares(&self, logits: &[f32], most: f32) -> Vec<(u32, f32)> {
        let SamplerOptions { temperature, min_p, .. } = self.options;
        let mut shares: Vec<(u32, f32)> = (0..)
            .zip(logits)
            .map(|(token, logit)| (token, ((logit - most) / temperature).exp()))
            .filter(|(_, share)| *share > 0.0 && *share >= min_p)
            .collect();
        shares.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        shares.truncate(self.nucleus(&shares));
        shares
    }

    /// How many of the likeliest make up `top_p`; never none.
    fn nucleus(&self, shares: &[(u32, f32)]) -> usize {
        let top_p = f64::from(self.options.top_p);
        if top_p >= 1.0 {
            return shares.len();
        }
        let enough = top_p * total(shares);
        let mut sum = 0.0;
        let reaches = |(_, share): &(u32, f32)| {
            sum += f64::from(*share);
            sum >= enough
        };
        shares.iter().position(reaches).map_or(shares.len(), |last| last + 1)
    }
}

fn total(shares: &[(u32, f32)]) -> f64 {
    shares.iter().map(|(_, share)| f64::from(*share)).sum()
}

/// The likeliest token, the lowest of equals; 0 where there are none.
fn greedy(logits: &[f32]) -> u32 {
    let better = |best: (u32, f32), next: (u32, f32)| if next.1 > best.1 { next } else { best };
    (0..).zip(logits.iter().copied()).reduce(better).map_or(0, |(token, _)| token)
}

/// The token in whose part of the whole `point`, from 0 to 1, lies.
fn draw(shares: &[(u32, f32)], point: f64) -> Option<u32> {
    let mut left = point * total(shares);
    for (token, share) in shares {
        left -= f64::from(*share);
        if left < 0.0 {
            return Some(*token);
        }
    }
    shares.last().map(|(token, _)| *token)
}

/// The generator of Steele, Lea and Flood (2014).
#[derive(Debug, Clone)]
struct SplitMix64(u64);

impl SplitMix64 {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 up to but without 1, in steps of 2^-53.
    fn next_share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Sampler, SamplerOptions, SplitMix64, draw};

    fn warm() -> SamplerOptions {
        SamplerOptions { temperature: 1.0, seed: 7, ..SamplerOptions::default() }
    }

    fn drawn(options: SamplerOptions, logits: &[f32]) -> Vec<u32> {
        let mut sampler = Sampler::new(options);
        let mut drawn: Vec<u32> = (0..200).map(|_| sampler.sample(logits, &[])).collect();
        drawn.sort_unstable();
        drawn.dedup();
        drawn
    }

    #[test]
    fn greedy_takes_the_lowest_of_the_likeliest() {
        let mut sampler = Sampler::new(SamplerOptions::default());
        assert_eq!(sampler.sample(&[0.0, 2.0, 1.0, 2.0], &[]), 1);
        assert_eq!(sampler.sample(&[], &[]), 0);
    }

    #[test]
    fn a_seed_gives_these_tokens_for_good() {
        let mut sampler = Sampler::new(warm());
        let logits = [0.0, 1.0, 2.0, 3.0];
        let tokens: Vec<u32> = (0..12).map(|_| sampler.sample(&logits, &[])).collect();
        assert_eq!(tokens, [3, 3, 1, 3, 3, 3, 3, 3, 3, 3, 3, 1]);
    }

    #[test]
    fn the_generator_gives_its_published_values() {
        let mut random = SplitMix64(1_234_567);
        assert_eq!(random.next(), 6_457_827_717_110_365_317);
        assert_eq!(random.next(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn what_is_not_a_number_is_not_chosen() {
        let logits = [f32::NAN, 0.0, f32::NAN, 1.0];
        assert_eq!(Sampler::new(SamplerOptions::default()).sample(&logits, &[]), 3);
        assert_eq!(drawn(warm(), &logits), [1, 3]);
        assert_eq!(drawn(warm(), &[f32::NAN, f32::NAN]), [0]);
        assert_eq!(drawn(warm(), &[0.0, f32::INFINITY, f32::NEG_INFINITY]), [1]);
    }

    #[test]
    fn top_p_keeps_the_smallest_set_that_reaches_it() {
        // Shares of 0.5, 0.25, 0.125 and 0.125.
        let logits = [0.25_f32, 0.5, 0.125, 0.125].map(f32::ln);
        let top_p = |top_p| drawn(SamplerOptions { top_p, ..warm() }, &logits);
        assert_eq!(top_p(0.4), [1]);
        assert_eq!(top_p(0.7), [0, 1]);
        assert_eq!(top_p(0.8), [0, 1, 2], "of equals the lowest");
        assert_eq!(top_p(1.0), [0, 1, 2, 3]);
        assert_eq!(top_p(0.0), [1], "never none");
    }

    #[test]
    fn min_p_leaves_out_the_unlikely() {
        let logits = [0.25_f32, 0.5, 0.125, 0.125].map(f32::ln);
        let min_p = |min_p| drawn(SamplerOptions { min_p, ..warm() }, &logits);
        assert_eq!(min_p(0.3), [0, 1]);
        assert_eq!(min_p(0.0), [0, 1, 2, 3]);
        assert_eq!(min_p(2.0), [1], "never none");
    }

    #[test]
    fn the_penalty_counts_a_token_of_the_window_once() {
        let options = SamplerOptions {
            repetition_penalty: 2.0,
            repetition_window: 3,
            ..SamplerOptions::default()
        };
        let sample =
            |logits: &[f32], history: &[u32]| Sampler::new(options).sample(logits, history);
        assert_eq!(sample(&[3.0, 2.0], &[0]), 1);
        assert_eq!(sample(&[5.0, 2.0], &[0, 0, 0]), 0, "halved once, not thrice");
        assert_eq!(sample(&[3.0, 2.0], &[0, 9, 9, 9]), 0, "outside of the window");
        assert_eq!(sample(&[-1.0, -1.5], &[0]), 1, "below zero it is multiplied");
    }

    #[test]
    fn a_point_falls_into_its_part() {
        let shares = [(5, 1.0), (6, 1.0)];
        assert_eq!(draw(&shares, 0.0), Some(5));
        assert_eq!(draw(&shares, 0.499), Some(5));
        assert_eq!(draw(&shares, 0.5), Some(6));
        assert_eq!(draw(&[], 0.5), None);
    }

    proptest! {
        #[test]
        fn any_logits_and_options_give_a_token_that_exists(
            logits in proptest::collection::vec(proptest::num::f32::ANY, 1..40),
            history in proptest::collection::vec(0_u32..60, 0..20),
            numbers in proptest::array::uniform4(proptest::num::f32::ANY),
            seed: u64,
        ) {
            let [temperature, top_p, min_p, repetition_penalty] = numbers;
            let repetition_window = 8;
            let mut sampler = Sampler::new(SamplerOptions {
                temperature, top_p, min_p, repetition_penalty, repetition_window, seed,
            });
            prop_assert!((sampler.sample(&logits, &history) as usize) < logits.len());
        }
    }
}
