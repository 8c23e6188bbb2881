//! Randomness: one stream for each named part of the model, all from one seed.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A named stream of random numbers.
///
/// The stream is fixed by seed and name alone, so that a station keeps its values when others join.
#[derive(Debug, Clone)]
pub(crate) struct Dice {
    rng: ChaCha8Rng,
    spare: Option<f64>,
}

impl Dice {
    pub(crate) fn new(seed: u64, name: &str) -> Dice {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(fnv1a(name));
        Dice { rng, spare: None }
    }

    /// Uniform in [0, 1).
    pub(crate) fn uniform(&mut self) -> f64 {
        self.rng.random::<f64>()
    }

    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.uniform()
    }

    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        self.uniform() < probability
    }

    pub(crate) fn exponential(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.uniform()).ln()
    }

    /// Standard normal (Box and Muller; the second value of each pair is kept for the next call).
    pub(crate) fn normal(&mut self) -> f64 {
        if let Some(value) = self.spare.take() {
            return value;
        }
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        let (sin, cos) = (std::f64::consts::TAU * self.uniform()).sin_cos();
        self.spare = Some(radius * sin);
        radius * cos
    }

    /// Picks an index with a probability proportional to its weight; 0 if all weights are 0.
    pub(crate) fn pick(&mut self, weights: impl Iterator<Item = f64> + Clone) -> usize {
        let total: f64 = weights.clone().sum();
        let mut left = self.uniform() * total;
        let mut last = 0;
        for (index, weight) in weights.enumerate() {
            if weight > 0.0 {
                last = index;
                left -= weight;
                if left < 0.0 {
                    break;
                }
            }
        }
        last
    }
}

/// A value that wanders around zero with standard deviation 1 and a memory of some hours.
#[derive(Debug, Clone)]
pub(crate) struct Wander {
    keep: f64,
    fresh: f64,
    value: f64,
}

impl Wander {
    /// `memory_hours` is the time after which 1/e of a deviation is left.
    pub(crate) fn new(memory_hours: f64, dice: &mut Dice) -> Wander {
        let keep = (-1.0 / memory_hours).exp();
        Wander { keep, fresh: (1.0 - keep * keep).sqrt(), value: dice.normal() }
    }

    pub(crate) fn step(&mut self, dice: &mut Dice) -> f64 {
        self.value = self.keep * self.value + self.fresh * dice.normal();
        self.value
    }
}

fn fnv1a(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_fixed_by_seed_and_name() {
        let draw = |seed, name: &str| Dice::new(seed, name).uniform();
        assert_eq!(draw(1, "a"), draw(1, "a"));
        assert_ne!(draw(1, "a"), draw(1, "b"));
        assert_ne!(draw(1, "a"), draw(2, "a"));
    }

    #[test]
    fn normal_and_wander_have_unit_spread() {
        let mut dice = Dice::new(7, "spread");
        let mut wander = Wander::new(10.0, &mut dice);
        let (mut plain, mut wandering) = (0.0, 0.0);
        for _ in 0..200_000 {
            plain += dice.normal().powi(2);
            wandering += wander.step(&mut dice).powi(2);
        }
        assert!((plain / 200_000.0 - 1.0).abs() < 0.02);
        assert!((wandering / 200_000.0 - 1.0).abs() < 0.05);
    }

    #[test]
    fn pick_follows_the_weights() {
        let mut dice = Dice::new(7, "pick");
        let mut hits = [0; 3];
        for _ in 0..10_000 {
            hits[dice.pick([1.0, 0.0, 3.0].into_iter())] += 1;
        }
        assert_eq!(hits[1], 0);
        assert!((2_200..2_800).contains(&hits[0]), "{hits:?}");
    }
}
