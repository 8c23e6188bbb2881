//! Secrets of 32 random bytes that come in from the caller: tokens of sessions and one-time codes.

use crate::Hash;

/// Where chance comes from: the caller fills it from the system's source; a test from a seed.
#[derive(Clone)]
pub struct Chance(pub [u8; 32]);

/// The secret that a browser holds for its session. Only its hash is kept here.
#[derive(Clone)]
pub struct Token([u8; 32]);

impl Token {
    /// A new token from chance.
    #[must_use]
    pub const fn new(chance: &Chance) -> Self {
        Self(chance.0)
    }

    /// The token that a browser sent; anything but 64 lower-case hexadecimal digits is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        crate::hash::bytes_of(text).map(Self)
    }

    /// What is sent to the browser, once.
    #[must_use]
    pub fn reveal(&self) -> String {
        Hash(self.0).to_string()
    }

    pub(crate) fn hash(&self) -> Hash {
        Hash::of(&self.0)
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

impl std::fmt::Debug for Chance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Chance(…)")
    }
}
