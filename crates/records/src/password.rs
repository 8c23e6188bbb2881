//! Passwords: what is accepted, and how it is kept (argon2id).

use crate::{Chance, RecordsError, Refusal};
use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};

const COMMON: &str = include_str!("../data/common-passwords.txt");

/// The fewest characters of a password.
pub(crate) const CHARACTERS_MIN: usize = 12;

/// The most bytes of a password: enough for any sentence, too few to keep the machine busy.
pub(crate) const BYTES_MAX: usize = 1_024;

/// A repeated or alternating pattern has fewer different characters than this.
const DIFFERENT_MIN: usize = 5;

/// A rule that a new password breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordFault {
    /// Fewer than twelve characters.
    TooShort,
    /// More than 1,024 bytes.
    TooLong,
    /// Everybody tries it first.
    Common,
    /// A few characters again and again.
    Repetitive,
    /// It holds the login or the name.
    HoldsName,
}

impl PasswordFault {
    /// The rule in Chinese.
    #[must_use]
    pub const fn zh(&self) -> &'static str {
        match self {
            Self::TooShort => "至少 12 个字符",
            Self::TooLong => "至多 1024 字节",
            Self::Common => "属于常见密码或已泄露密码",
            Self::Repetitive => "至少 5 种不同字符",
            Self::HoldsName => "不能包含用户名或姓名",
        }
    }

    /// The rule in English.
    #[must_use]
    pub const fn en(&self) -> &'static str {
        match self {
            Self::TooShort => "needs at least 12 characters",
            Self::TooLong => "may have at most 1,024 bytes",
            Self::Common => "is among those that everybody tries first",
            Self::Repetitive => "needs at least 5 different characters",
            Self::HoldsName => "may not contain the login or the name",
        }
    }
}

/// Every rule that a new password breaks; none when it is accepted.
///
/// ```
/// use records::{PasswordFault, password_faults};
/// assert_eq!(password_faults("qwertyuiop123", "lin", "林 青"), [PasswordFault::Common]);
/// assert!(password_faults("白鹭洲 公园 里 有 七 只 鸭子", "lin", "林 青").is_empty());
/// ```
#[must_use]
pub fn password_faults(password: &str, login: &str, name: &str) -> Vec<PasswordFault> {
    let lower = password.to_lowercase();
    let mut faults = Vec::new();
    if password.chars().count() < CHARACTERS_MIN {
        faults.push(PasswordFault::TooShort);
    }
    if password.len() > BYTES_MAX {
        faults.push(PasswordFault::TooLong);
        return faults;
    }
    if COMMON.lines().any(|line| line == lower) {
        faults.push(PasswordFault::Common);
    }
    let mut characters: Vec<char> = lower.chars().collect();
    characters.sort_unstable();
    characters.dedup();
    if characters.len() < DIFFERENT_MIN {
        faults.push(PasswordFault::Repetitive);
    }
    // Very short names occur by accident.
    let holds = |name: &str| name.chars().count() >= 4 && lower.contains(&name.to_lowercase());
    if holds(login) || holds(name) {
        faults.push(PasswordFault::HoldsName);
    }
    faults
}

pub(crate) fn check(password: &str, login: &str, name: &str) -> Result<(), Refusal> {
    let faults = password_faults(password, login, name);
    if faults.is_empty() { Ok(()) } else { Err(Refusal::Password(faults)) }
}

/// How hard a password is to guess from its hash. Never below 19 MiB and 2 passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hardness {
    memory_kib: u32,
    passes: u32,
}

impl Default for Hardness {
    fn default() -> Self {
        Self { memory_kib: Self::MEMORY_KIB_MIN, passes: Self::PASSES_MIN }
    }
}

impl Hardness {
    const MEMORY_KIB_MIN: u32 = 19 * 1_024;
    const PASSES_MIN: u32 = 2;

    /// At least so much memory and so many passes; less than the least is raised to it.
    #[must_use]
    pub fn at_least(memory_kib: u32, passes: u32) -> Self {
        Self { memory_kib: memory_kib.max(Self::MEMORY_KIB_MIN), passes: passes.max(Self::PASSES_MIN) }
    }

    fn argon2(self) -> Result<Argon2<'static>, RecordsError> {
        let params = Params::new(self.memory_kib, self.passes, 1, None).map_err(|why| hashing(&why))?;
        Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
    }

    /// The text to keep of a password. Takes tens of milliseconds on a thread of its own.
    pub(crate) async fn hash(self, password: &str, salt: &Chance) -> Result<String, RecordsError> {
        let (password, salt) = (password.to_owned(), salt.clone());
        blocking(move || {
            let hash = self.argon2()?.hash_password_with_salt(password.as_bytes(), &salt.0[..16]);
            Ok(hash.map_err(|why| hashing(&why))?.to_string())
        })
        .await
    }

    /// Whether a password is that of a hash. Without a hash (nobody has that login) the same work is done for nothing.
    pub(crate) async fn matches(self, password: &str, hash: Option<String>) -> Result<bool, RecordsError> {
        let password = if password.len() > BYTES_MAX { String::new() } else { password.to_owned() };
        blocking(move || match hash {
            Some(hash) => {
                let hash = PasswordHash::new(&hash).map_err(|why| hashing(&why))?;
                Ok(self.argon2()?.verify_password(password.as_bytes(), &hash).is_ok())
            }
            None => {
                let hash = self.argon2()?.hash_password_with_salt(password.as_bytes(), &[0; 16]);
                hash.map_err(|why| hashing(&why)).map(|_| false)
            }
        })
        .await
    }
}

fn hashing(why: &impl ToString) -> RecordsError {
    RecordsError::Hashing { why: why.to_string() }
}

/// Runs heavy arithmetic beside the threads that answer requests.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, RecordsError> + Send + 'static,
) -> Result<T, RecordsError> {
    tokio::task::spawn_blocking(work).await.map_err(|why| hashing(&why))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_can_be_broken() {
        let faults = |password: &str| password_faults(password, "chenyi", "陈 一");
        assert_eq!(faults("short"), [PasswordFault::TooShort]);
        assert_eq!(faults("Password1234"), [PasswordFault::Common]);
        assert_eq!(faults("abababababababab"), [PasswordFault::Repetitive]);
        assert_eq!(faults("my name is ChenYi!"), [PasswordFault::HoldsName]);
        assert_eq!(faults(&"x9y8z".repeat(300)), [PasswordFault::TooLong]);
        assert!(faults("seven wet ducks").is_empty());
        for line in COMMON.lines().filter(|line| !line.starts_with('#')) {
            assert_eq!(line, line.to_lowercase());
        }
    }

    #[tokio::test]
    async fn a_password_is_kept_as_argon2id_of_19_mib() {
        let hardness = Hardness::at_least(8, 1);
        let hash = hardness.hash("seven wet ducks", &Chance([7; 32])).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(hardness.matches("seven wet ducks", Some(hash.clone())).await.unwrap());
        assert!(!hardness.matches("seven wet duck", Some(hash)).await.unwrap());
        assert!(!hardness.matches("seven wet ducks", None).await.unwrap());
    }
}
