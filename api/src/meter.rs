//! Bounds by address, without keeping addresses.
//!
//! An address is hashed with a key that this process drew and never shows, and the hash picks a
//! counter of a fixed table. So memory stays the same whoever comes, nothing here says who came,
//! and two addresses that share a counter only share a bound. Not here: whose requests are bounded.

use std::hash::{BuildHasher as _, RandomState};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::config::RateConfig;

/// Counters in a table: with 1,000 addresses at a time, one in 65 shares its counter. 512 KiB.
const SLOTS: usize = 1 << 16;

/// Picks the counter of an address. IPv6 addresses count by their /64, which one household has.
#[derive(Debug)]
struct Slots(RandomState);

impl Slots {
    fn of(&self, address: IpAddr) -> usize {
        let hash = match address.to_canonical() {
            IpAddr::V4(address) => self.0.hash_one(address.octets()),
            IpAddr::V6(address) => self.0.hash_one(&address.octets()[..8]),
        };
        usize::try_from(hash % SLOTS as u64).expect("a place in the table fits")
    }
}

/// How fast requests may come: a bucket for each counter, by the time at which it would be empty
/// (the generic cell rate algorithm).
#[derive(Debug)]
pub(crate) struct RateMeter {
    slots: Slots,
    /// When each counter's requests would be paid for, in nanoseconds since `start`.
    paid: Box<[AtomicU64]>,
    start: Instant,
    /// Nanoseconds that one request costs.
    cost: u64,
    /// Nanoseconds that a counter may be ahead.
    credit: u64,
}

impl RateMeter {
    /// A meter of these bounds; `None` if there are none.
    pub(crate) fn new(config: &RateConfig) -> Option<Self> {
        let minute = u64::try_from(Duration::from_mins(1).as_nanos()).expect("a minute fits");
        let cost = minute.checked_div(u64::from(config.writes_per_minute))?;
        Some(Self {
            slots: Slots(RandomState::new()),
            paid: (0..SLOTS).map(|_| AtomicU64::new(0)).collect(),
            start: Instant::now(),
            cost,
            credit: cost.saturating_mul(u64::from(config.burst.max(1))),
        })
    }

    /// Whether one more request of this address may pass now.
    pub(crate) fn admit(&self, address: IpAddr) -> bool {
        self.admit_at(address, self.start.elapsed())
    }

    fn admit_at(&self, address: IpAddr, now: Duration) -> bool {
        let now = u64::try_from(now.as_nanos()).unwrap_or(u64::MAX);
        let next = |paid: u64| {
            let paid = paid.max(now).saturating_add(self.cost);
            (paid <= now.saturating_add(self.credit)).then_some(paid)
        };
        let slot = &self.paid[self.slots.of(address)];
        slot.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next).is_ok()
    }
}

/// How many connections an address has open.
#[derive(Debug)]
pub(crate) struct ConnectionMeter {
    slots: Slots,
    open: Box<[AtomicU32]>,
    limit: u32,
}

impl ConnectionMeter {
    /// A meter that lets so many through for each address.
    pub(crate) fn new(limit: u32) -> Self {
        let open = (0..SLOTS).map(|_| AtomicU32::new(0)).collect();
        Self { slots: Slots(RandomState::new()), open, limit }
    }

    /// A place for one more connection of this address, given back when it is dropped.
    pub(crate) fn enter(self: &Arc<Self>, address: IpAddr) -> Option<ConnectionPlace> {
        let slot = self.slots.of(address);
        let next = |open: u32| (open < self.limit).then_some(open + 1);
        let entered = self.open[slot].fetch_update(Ordering::Relaxed, Ordering::Relaxed, next);
        entered.is_ok().then(|| ConnectionPlace { meter: Arc::clone(self), slot })
    }
}

/// A connection that counts.
#[derive(Debug)]
pub(crate) struct ConnectionPlace {
    meter: Arc<ConnectionMeter>,
    slot: usize,
}

impl Drop for ConnectionPlace {
    fn drop(&mut self) {
        self.meter.open[self.slot].fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADDRESS: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(203, 0, 113, 7));

    #[test]
    fn a_burst_passes_and_then_one_at_a_time() {
        // API-9: an address is slowed down, not shut out.
        let meter = RateMeter::new(&RateConfig { writes_per_minute: 60, burst: 3 }).unwrap();
        let at = |milliseconds| meter.admit_at(ADDRESS, Duration::from_millis(milliseconds));
        assert!(at(0) && at(0) && at(0));
        assert!(!at(0) && !at(999));
        assert!(at(1_000));
        assert!(!at(1_000));
        assert!(at(10_000) && at(10_000) && at(10_000) && !at(10_000));
    }

    #[test]
    fn no_rate_is_no_meter() {
        assert!(RateMeter::new(&RateConfig { writes_per_minute: 0, burst: 1 }).is_none());
    }

    #[test]
    fn a_place_is_given_back() {
        let meter = Arc::new(ConnectionMeter::new(2));
        let first = meter.enter(ADDRESS).unwrap();
        let _second = meter.enter(ADDRESS).unwrap();
        assert!(meter.enter(ADDRESS).is_none());
        drop(first);
        assert!(meter.enter(ADDRESS).is_some());
    }

    #[test]
    fn an_address_counts_by_its_network() {
        let slots = Slots(RandomState::new());
        let slot = |text: &str| slots.of(text.parse().unwrap());
        assert_eq!(slot("2001:db8:1:2::1"), slot("2001:db8:1:2:ffff::9"));
        assert_eq!(slot("::ffff:203.0.113.7"), slot("203.0.113.7"));
    }
}
