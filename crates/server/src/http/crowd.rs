//! How many connections there are, whose, and which one gives way when there are too many.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use tokio::sync::Notify;

/// Connections at a time.
const MOST: usize = 512;
/// Connections at a time of one address. The own machine is exempt: there everybody, and any proxy, is one address.
const MOST_OF_ONE: usize = 64;

/// All connections.
#[derive(Default)]
pub(super) struct Crowd {
    places: Mutex<BTreeMap<u64, Arc<Place>>>,
    /// Counts arrivals and ends of requests; a smaller number has waited longer.
    clock: AtomicU64,
}

/// The place of one connection; it is free again when the connection drops it.
pub(super) struct Place {
    key: u64,
    peer: IpAddr,
    /// Since when it has waited for a request; zero while it works on one.
    waits_since: AtomicU64,
    leave: Notify,
    crowd: Weak<Crowd>,
}

/// A request being answered.
pub(super) struct Work(Arc<Place>);

impl Crowd {
    /// A place for a new connection. When there is none, the one of the longest waiting is taken; when all work, none.
    pub(super) fn enter(self: &Arc<Self>, peer: IpAddr) -> Option<Arc<Place>> {
        let mut places = self.lock();
        let own = |place: &Place| place.peer == peer;
        if !peer.is_loopback() && places.values().filter(|place| own(place)).count() >= MOST_OF_ONE {
            give_way(&mut places, own)?;
        }
        if places.len() >= MOST {
            give_way(&mut places, |_| true)?;
        }
        let key = self.tick();
        let place = Arc::new(Place {
            key,
            peer,
            waits_since: AtomicU64::new(key),
            leave: Notify::new(),
            crowd: Arc::downgrade(self),
        });
        places.insert(key, Arc::clone(&place));
        Some(place)
    }

    fn tick(&self) -> u64 {
        self.clock.fetch_add(1, Ordering::Relaxed) + 1
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, Arc<Place>>> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn give_way(places: &mut BTreeMap<u64, Arc<Place>>, among: impl Fn(&Place) -> bool) -> Option<()> {
    let waiting = places.values().filter(|place| among(place)).filter_map(|place| Some((place.waits()?, place.key)));
    let (_, key) = waiting.min()?;
    places.remove(&key)?.leave.notify_one();
    Some(())
}

impl Place {
    fn waits(&self) -> Option<u64> {
        Some(self.waits_since.load(Ordering::Relaxed)).filter(|since| *since > 0)
    }

    /// Marks the place as working until the mark is dropped.
    pub(super) fn work(self: &Arc<Self>) -> Work {
        self.waits_since.store(0, Ordering::Relaxed);
        Work(Arc::clone(self))
    }

    /// Ready when somebody else needs the place.
    pub(super) async fn given_up(&self) {
        self.leave.notified().await;
    }

    /// Gives the place back.
    pub(super) fn leave(&self) {
        if let Some(crowd) = self.crowd.upgrade() {
            crowd.lock().remove(&self.key);
        }
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        let now = self.0.crowd.upgrade().map_or(1, |crowd| crowd.tick());
        self.0.waits_since.store(now, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
    const THERE: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));

    #[test]
    fn the_longest_waiting_gives_way_and_work_does_not() {
        let crowd = Arc::new(Crowd::default());
        let places: Vec<_> = (0..MOST).map(|_| crowd.enter(HERE).unwrap()).collect();
        let working = places[0].work();
        let newest = crowd.enter(HERE).unwrap();
        assert_eq!(crowd.lock().len(), MOST);
        assert!(crowd.lock().contains_key(&places[0].key), "it works");
        assert!(!crowd.lock().contains_key(&places[1].key), "it waited longest");
        drop(working);
        places[2].leave();
        newest.leave();
        assert_eq!(crowd.lock().len(), MOST - 2);
    }

    #[test]
    fn when_all_work_nobody_else_comes_in() {
        let crowd = Arc::new(Crowd::default());
        let works: Vec<_> = (0..MOST).map(|_| crowd.enter(HERE).unwrap().work()).collect();
        assert!(crowd.enter(HERE).is_none());
        drop(works);
        assert!(crowd.enter(HERE).is_some());
    }

    #[test]
    fn one_address_has_its_share() {
        let crowd = Arc::new(Crowd::default());
        let ours = crowd.enter(HERE).unwrap();
        let theirs: Vec<_> = (0..=MOST_OF_ONE).map(|_| crowd.enter(THERE).unwrap()).collect();
        assert_eq!(crowd.lock().len(), MOST_OF_ONE + 1);
        assert!(crowd.lock().contains_key(&ours.key) && !crowd.lock().contains_key(&theirs[0].key));
    }

    #[tokio::test]
    async fn whoever_gives_way_hears_of_it() {
        let crowd = Arc::new(Crowd::default());
        let first = crowd.enter(HERE).unwrap();
        let _others: Vec<_> = (0..MOST).map(|_| crowd.enter(HERE).unwrap()).collect();
        first.given_up().await;
    }
}
