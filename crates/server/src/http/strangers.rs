//! How much those may write who are not signed in.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What one address may write within [`WINDOW`].
pub(super) const MOST: usize = 5;
/// What all may write within [`WINDOW`]: a crowd of addresses must not fill the records either.
pub(super) const MOST_OF_ALL: usize = 500;
/// How long something written counts.
pub(super) const WINDOW: Duration = Duration::from_secs(60 * 60);

/// What strangers wrote lately.
#[derive(Default)]
pub(crate) struct Strangers {
    recent: Mutex<HashMap<IpAddr, VecDeque<Instant>>>,
}

impl Strangers {
    /// Lets an address write once more.
    ///
    /// # Errors
    /// The seconds after which it may try again.
    pub(super) fn come(&self, from: IpAddr) -> Result<(), u64> {
        self.come_at(from, Instant::now())
    }

    fn come_at(&self, from: IpAddr, now: Instant) -> Result<(), u64> {
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        recent.retain(|_, times| {
            times.retain(|at| now.duration_since(*at) < WINDOW);
            !times.is_empty()
        });
        let wait = |oldest: Option<&Instant>| {
            oldest.map_or(WINDOW, |oldest| WINDOW.saturating_sub(now.duration_since(*oldest))).as_secs() + 1
        };
        if recent.values().map(VecDeque::len).sum::<usize>() >= MOST_OF_ALL {
            return Err(wait(recent.values().filter_map(VecDeque::front).min()));
        }
        let own = recent.entry(from).or_default();
        if own.len() >= MOST {
            return Err(wait(own.front()));
        }
        own.push_back(now);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    #[test]
    fn an_address_has_its_share_and_all_have_theirs() {
        let (strangers, start) = (Strangers::default(), Instant::now());
        let from = |n: usize| IpAddr::V4(Ipv4Addr::from(u32::try_from(n).unwrap()));
        for _ in 0..MOST {
            assert_eq!(strangers.come_at(from(0), start), Ok(()));
        }
        assert_eq!(strangers.come_at(from(0), start), Err(3601));
        for n in MOST..MOST_OF_ALL {
            assert_eq!(strangers.come_at(from(n), start), Ok(()), "{n}");
        }
        assert!(strangers.come_at(from(9_999), start).is_err());
        assert_eq!(strangers.come_at(from(0), start + WINDOW), Ok(()));
    }
}
