//! Operators' sessions: a one-time code becomes a random id that lives in memory.

use axum::http::{HeaderMap, header};
use sha2::{Digest, Sha256};
use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use uuid::Uuid;

/// The cookie that carries a session.
pub const COOKIE: &str = "yundang_session";
/// A session ends when nobody used it for so long.
pub const IDLE: Duration = Duration::from_secs(30 * 60);
/// A session ends after so long, used or not.
pub const ABSOLUTE: Duration = Duration::from_secs(12 * 60 * 60);
/// Wrong codes that one address may enter within [`WINDOW`].
pub const ATTEMPTS: usize = 5;
/// How long a wrong code counts.
pub const WINDOW: Duration = Duration::from_secs(15 * 60);
/// Sessions at a time; the one longest unused gives way.
const MOST_SESSIONS: usize = 64;
/// Addresses whose wrong codes are remembered.
const MOST_ADDRESSES: usize = 10_000;

type Digest32 = [u8; 32];

struct Session {
    opened: Instant,
    used: Instant,
}

impl Session {
    fn lives(&self, now: Instant) -> bool {
        now.duration_since(self.opened) < ABSOLUTE && now.duration_since(self.used) < IDLE
    }
}

/// Why a code opened no session.
#[derive(Debug, PartialEq, Eq)]
pub enum Denied {
    /// Wrong, or used already.
    Wrong,
    /// Too many wrong ones; try again after so many seconds.
    TooMany(u64),
}

/// A session just opened.
#[derive(Debug)]
pub struct Opened {
    /// Its id, for the cookie; only its digest is kept.
    pub id: String,
    /// The code for the next one.
    pub next_code: String,
}

/// The code in force and the sessions that live.
pub struct Sessions {
    code: Mutex<Digest32>,
    live: Mutex<HashMap<Digest32, Session>>,
    failures: Mutex<HashMap<IpAddr, VecDeque<Instant>>>,
}

impl Sessions {
    /// No session, and the code that opens the first one.
    #[must_use]
    pub fn new(code: &str) -> Self {
        Self { code: Mutex::new(digest(code)), live: Mutex::default(), failures: Mutex::default() }
    }

    /// Opens a session for a code, which then is spent.
    ///
    /// # Errors
    /// When the code is wrong or used already, or the address entered too many wrong ones.
    pub fn open(&self, code: &str, from: IpAddr, now: Instant) -> Result<Opened, Denied> {
        // The order of the two locks is the same everywhere: failures, then code.
        let mut failures = lock(&self.failures);
        let recent = recent_failures(&mut failures, from, now);
        if recent.len() >= ATTEMPTS {
            let oldest = recent.front().map_or(now, |first| *first + WINDOW);
            return Err(Denied::TooMany(oldest.duration_since(now).as_secs() + 1));
        }
        let mut expected = lock(&self.code);
        if !equal(&digest(code.trim()), &expected) {
            recent.push_back(now);
            return Err(Denied::Wrong);
        }
        failures.remove(&from);
        let next_code = new_code();
        *expected = digest(&next_code);
        Ok(Opened { id: self.admit(now), next_code })
    }

    fn admit(&self, now: Instant) -> String {
        let id = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
        let mut live = lock(&self.live);
        live.retain(|_, session| session.lives(now));
        if live.len() >= MOST_SESSIONS
            && let Some(oldest) = live.iter().min_by_key(|(_, session)| session.used).map(|(key, _)| *key)
        {
            live.remove(&oldest);
        }
        live.insert(digest(&id), Session { opened: now, used: now });
        id
    }

    /// True when an id names a session that lives; it counts as used now.
    pub fn knows(&self, id: &str, now: Instant) -> bool {
        let key = digest(id);
        let mut live = lock(&self.live);
        match live.get_mut(&key) {
            Some(session) if session.lives(now) => {
                session.used = now;
                true
            }
            Some(_) => {
                live.remove(&key);
                false
            }
            None => false,
        }
    }

    /// Ends a session.
    pub fn close(&self, id: &str) {
        lock(&self.live).remove(&digest(id));
    }
}

fn recent_failures(
    failures: &mut HashMap<IpAddr, VecDeque<Instant>>,
    from: IpAddr,
    now: Instant,
) -> &mut VecDeque<Instant> {
    let counts = |at: &Instant| now.duration_since(*at) < WINDOW;
    if failures.len() >= MOST_ADDRESSES {
        failures.retain(|_, times| times.back().is_some_and(counts));
    }
    let recent = failures.entry(from).or_default();
    recent.retain(counts);
    recent
}

/// A new one-time code: ten letters and digits that nobody mistakes for one another, 50 bits.
#[must_use]
pub fn new_code() -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    // A version-4 id has fixed bits in its bytes 6 and 8; the others are random.
    let random = Uuid::new_v4().into_bytes();
    [0, 1, 2, 3, 4, 5, 10, 11, 12, 13].iter().map(|&at| char::from(LETTERS[usize::from(random[at] % 32)])).collect()
}

/// The session id that a request carries.
#[must_use]
pub fn id_in(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, value)| *name == COOKIE && value.len() <= 128)
        .map(|(_, value)| value)
}

/// The `Set-Cookie` line for a session just opened.
#[must_use]
pub fn cookie(id: &str) -> String {
    format!("{COOKIE}={id}; Path=/; HttpOnly; SameSite=Strict; Max-Age={}", ABSOLUTE.as_secs())
}

/// The `Set-Cookie` line that takes the cookie back.
#[must_use]
pub fn no_cookie() -> String {
    format!("{COOKIE}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0")
}

/// True when a request comes from our own pages, or from a program that is no browser.
#[must_use]
pub fn same_origin(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    if let Some(site) = text("sec-fetch-site")
        && !matches!(site, "same-origin" | "none")
    {
        return false;
    }
    match text("origin") {
        None => true,
        Some(origin) => {
            let host = text("host").unwrap_or_default();
            !host.is_empty() && origin.split_once("://").is_some_and(|(_, rest)| rest.eq_ignore_ascii_case(host))
        }
    }
}

fn digest(text: &str) -> Digest32 {
    Sha256::digest(text.as_bytes()).into()
}

/// Compares in a time that does not depend on where the two differ.
fn equal(a: &Digest32, b: &Digest32) -> bool {
    a.iter().zip(b).fold(0, |differs, (x, y)| differs | (x ^ y)) == 0
}

/// The maps stay whole whatever a thread that held them did.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
    const THERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 1));

    #[test]
    fn a_code_works_once_and_the_next_one_then() {
        let (sessions, now) = (Sessions::new("FIRST"), Instant::now());
        let opened = sessions.open(" FIRST ", HERE, now).unwrap();
        assert_eq!(sessions.open("FIRST", HERE, now).unwrap_err(), Denied::Wrong);
        let second = sessions.open(&opened.next_code, HERE, now).unwrap();
        assert_ne!(opened.id, second.id);
        assert!(sessions.knows(&opened.id, now) && sessions.knows(&second.id, now));
        sessions.close(&opened.id);
        assert!(!sessions.knows(&opened.id, now) && sessions.knows(&second.id, now));
    }

    #[test]
    fn five_wrong_codes_lock_one_address_for_a_quarter_of_an_hour() {
        let (sessions, now) = (Sessions::new("RIGHT"), Instant::now());
        for second in 0..ATTEMPTS as u64 {
            let at = now + Duration::from_secs(second);
            assert_eq!(sessions.open("wrong", HERE, at).unwrap_err(), Denied::Wrong);
        }
        let soon = now + Duration::from_secs(60);
        assert!(matches!(sessions.open("RIGHT", HERE, soon), Err(Denied::TooMany(1..=841))));
        assert!(matches!(sessions.open("wrong", THERE, soon), Err(Denied::Wrong)));
        assert!(sessions.open("RIGHT", HERE, now + WINDOW).is_ok());
    }

    #[test]
    fn a_session_ends_when_idle_and_at_last_in_any_case() {
        let (sessions, start) = (Sessions::new("A"), Instant::now());
        let idle = sessions.open("A", HERE, start).unwrap();
        assert!(!sessions.knows(&idle.id, start + IDLE));
        assert!(!sessions.knows(&idle.id, start), "an ended session does not come back");
        let busy = sessions.open(&idle.next_code, HERE, start).unwrap();
        let mut now = start;
        while now.duration_since(start) < ABSOLUTE {
            assert!(sessions.knows(&busy.id, now));
            now += IDLE / 2;
        }
        assert!(!sessions.knows(&busy.id, now));
    }

    #[test]
    fn only_our_own_pages_may_change_things() {
        let with = |pairs: &[(&'static str, &'static str)]| {
            let pairs = pairs.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value)));
            same_origin(&pairs.collect())
        };
        assert!(with(&[("host", "127.0.0.1:8080")]));
        assert!(with(&[
            ("host", "127.0.0.1:8080"),
            ("origin", "http://127.0.0.1:8080"),
            ("sec-fetch-site", "same-origin")
        ]));
        for (site, origin) in [("cross-site", "http://127.0.0.1:8080"), ("same-site", "http://127.0.0.1:8080")] {
            assert!(!with(&[("host", "127.0.0.1:8080"), ("origin", origin), ("sec-fetch-site", site)]));
        }
        for origin in ["http://evil.example", "null", "http://127.0.0.1:8081", "http://127.0.0.1:8080.evil.example"] {
            assert!(!with(&[("host", "127.0.0.1:8080"), ("origin", origin)]), "{origin}");
        }
        assert!(!with(&[("origin", "http://127.0.0.1:8080")]), "an origin without a host proves nothing");
    }

    #[test]
    fn codes_differ_and_are_readable() {
        let (a, b) = (new_code(), new_code());
        assert_ne!(a, b);
        assert!(a.len() == 10 && a.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    }
}
