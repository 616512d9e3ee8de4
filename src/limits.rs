//! How often one may try: token buckets in memory, per node.
//!
//! Each kind of attempt has a [`Rate`] and a table of buckets of its own, so that a flood of one
//! kind pushes no other out of memory. A bucket that was forgotten is full.

mod client;

use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use moka::sync::Cache;
use parking_lot::Mutex;
use serde::Deserialize;

use crate::http::problem::{Failure, Result};

pub use client::client_ip;

/// The most buckets remembered of one kind. At the bound those unused for the longest are
/// forgotten.
const BUCKETS_MAX: u64 = 100_000;

const LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("ratelimit-reset");

/// So many at once, and then so many per minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    pub burst: u32,
    pub per_minute: u32,
}

impl Rate {
    const fn new(burst: u32, per_minute: u32) -> Rate {
        Rate { burst, per_minute }
    }

    fn per_second(self) -> f64 {
        f64::from(self.per_minute.max(1)) / 60.0
    }

    fn burst(self) -> f64 {
        f64::from(self.burst.max(1))
    }

    /// After so long without use a bucket is full.
    fn full_after(self) -> Duration {
        Duration::from_secs_f64(self.burst() / self.per_second())
    }
}

/// The rates of all kinds. The defaults suit people; a proxy or an office behind one address may
/// need more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rates {
    /// Attempts to sign in to one login from one address. A success gives them back.
    pub sign_in: Rate,
    /// Attempts to sign in to one login from anywhere: high, so that strangers cannot lock its
    /// owner out.
    pub sign_in_login: Rate,
    /// Attempts to sign in from one address.
    pub sign_in_address: Rate,
    /// New workspaces from one address.
    pub sign_up: Rate,
    /// Attempts with the links of invitations and passwords from one address.
    pub link: Rate,
    /// Starts of the widget from one address.
    pub boot: Rate,
    /// Requests of one member or visitor.
    pub request: Rate,
    /// Uploads of one member or visitor.
    pub upload: Rate,
    /// Commands over one agent's websocket.
    pub agent_frames: Rate,
    /// Commands over one visitor's websocket.
    pub visitor_frames: Rate,
}

impl Default for Rates {
    fn default() -> Self {
        Rates {
            sign_in: Rate::new(10, 2),
            sign_in_login: Rate::new(200, 20),
            sign_in_address: Rate::new(60, 20),
            sign_up: Rate::new(20, 2),
            link: Rate::new(40, 20),
            boot: Rate::new(20_000, 60_000),
            request: Rate::new(5_000, 60_000),
            upload: Rate::new(60, 60),
            agent_frames: Rate::new(1_000, 30_000),
            visitor_frames: Rate::new(200, 3_000),
        }
    }
}

/// What is attempted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    SignIn,
    SignInLogin,
    SignInAddress,
    SignUp,
    Link,
    Boot,
    Request,
    Upload,
}

const KINDS: [Kind; 8] = [
    Kind::SignIn,
    Kind::SignInLogin,
    Kind::SignInAddress,
    Kind::SignUp,
    Kind::Link,
    Kind::Boot,
    Kind::Request,
    Kind::Upload,
];

impl Kind {
    fn rate(self, rates: &Rates) -> Rate {
        match self {
            Kind::SignIn => rates.sign_in,
            Kind::SignInLogin => rates.sign_in_login,
            Kind::SignInAddress => rates.sign_in_address,
            Kind::SignUp => rates.sign_up,
            Kind::Link => rates.link,
            Kind::Boot => rates.boot,
            Kind::Request => rates.request,
            Kind::Upload => rates.upload,
        }
    }
}

/// Who attempts it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Who {
    Address(IpAddr),
    /// A member, token, contact or session.
    Id(uuid::Uuid),
    /// The hash of what a person typed: of no use to anyone who reads the memory.
    Login([u8; 32]),
    LoginFrom([u8; 32], IpAddr),
}

impl Who {
    /// An address. IPv6 counts by its network: a household has 2^64 addresses.
    pub fn address(ip: IpAddr) -> Who {
        Who::Address(network(ip))
    }

    pub fn login(email: &str) -> Who {
        Who::Login(switchboard_store::seal::token_hash(email))
    }

    pub fn login_from(email: &str, ip: IpAddr) -> Who {
        Who::LoginFrom(switchboard_store::seal::token_hash(email), network(ip))
    }
}

fn network(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V6(ip) => {
            let [a, b, c, d, ..] = ip.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        v4 => v4,
    }
}

/// How an attempt fared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    pub limit: u32,
    pub remaining: u32,
    /// Seconds until the bucket is full again.
    pub reset: u32,
    /// Seconds until the next attempt may succeed, when this one was one too many.
    pub retry_after: Option<u32>,
}

impl Verdict {
    pub fn allowed(self) -> bool {
        self.retry_after.is_none()
    }

    /// The refusal, when this was one too many.
    pub fn check(self) -> Result<Verdict> {
        match self.retry_after {
            None => Ok(self),
            Some(seconds) => Err(Failure::rate_limited(seconds).of_limit(self)),
        }
    }

    /// States the limit in the answer's headers.
    pub fn write(self, headers: &mut HeaderMap) {
        headers.insert(LIMIT, HeaderValue::from(self.limit));
        headers.insert(REMAINING, HeaderValue::from(self.remaining));
        headers.insert(RESET, HeaderValue::from(self.reset));
    }
}

/// Tokens, and when they were counted last.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bucket {
    tokens: f64,
    at: Instant,
}

impl Bucket {
    pub fn full(rate: Rate, now: Instant) -> Bucket {
        Bucket { tokens: rate.burst(), at: now }
    }

    /// Takes one token, if there is one.
    pub fn take(&mut self, rate: Rate, now: Instant) -> Verdict {
        let elapsed = now.saturating_duration_since(self.at).as_secs_f64();
        self.tokens = (self.tokens + elapsed * rate.per_second()).min(rate.burst());
        self.at = self.at.max(now);
        let allowed = self.tokens >= 1.0;
        if allowed {
            self.tokens -= 1.0;
        }
        let seconds = |missing: f64| (missing / rate.per_second()).ceil().max(0.0) as u32;
        Verdict {
            limit: rate.burst.max(1),
            remaining: self.tokens as u32,
            reset: seconds(rate.burst() - self.tokens),
            retry_after: (!allowed).then(|| seconds(1.0 - self.tokens).max(1)),
        }
    }
}

#[derive(Debug, Clone)]
struct Table {
    rate: Rate,
    buckets: Cache<Who, Arc<Mutex<Bucket>>>,
}

impl Table {
    fn new(rate: Rate) -> Table {
        let buckets = Cache::builder()
            .max_capacity(BUCKETS_MAX)
            .time_to_idle(rate.full_after() + Duration::from_secs(1))
            .eviction_policy(moka::policy::EvictionPolicy::lru())
            .build();
        Table { rate, buckets }
    }
}

/// The buckets of all kinds.
#[derive(Debug, Clone)]
pub struct Limits {
    tables: [Table; KINDS.len()],
}

impl Default for Limits {
    fn default() -> Self {
        Limits::new(&Rates::default())
    }
}

impl Limits {
    pub fn new(rates: &Rates) -> Limits {
        Limits { tables: KINDS.map(|kind| Table::new(kind.rate(rates))) }
    }

    /// Counts one attempt at `now`.
    pub fn take(&self, kind: Kind, who: Who, now: Instant) -> Verdict {
        let table = self.table(kind);
        let bucket =
            table.buckets.get_with(who, || Arc::new(Mutex::new(Bucket::full(table.rate, now))));
        bucket.lock().take(table.rate, now)
    }

    /// Counts one attempt, and refuses one too many.
    pub fn check(&self, kind: Kind, who: Who) -> Result<Verdict> {
        self.take(kind, who, Instant::now()).check()
    }

    /// Forgets the attempts so far.
    pub fn forgive(&self, kind: Kind, who: &Who) {
        self.table(kind).buckets.invalidate(who);
    }

    fn table(&self, kind: Kind) -> &Table {
        // `KINDS` lists the variants in their order; a test says so.
        &self.tables[kind as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate::new(3, 60);

    fn who(n: u128) -> Who {
        Who::Id(uuid::Uuid::from_u128(n))
    }

    #[test]
    fn a_burst_passes_then_one_per_second() {
        let start = Instant::now();
        let mut bucket = Bucket::full(RATE, start);
        let remaining: Vec<_> = (0..3).map(|_| bucket.take(RATE, start).remaining).collect();
        assert_eq!(remaining, [2, 1, 0]);
        let refused = bucket.take(RATE, start);
        assert_eq!(refused, Verdict { limit: 3, remaining: 0, reset: 3, retry_after: Some(1) });
        let later = start + Duration::from_millis(1_500);
        assert!(bucket.take(RATE, later).allowed());
        assert!(!bucket.take(RATE, later).allowed());
    }

    #[test]
    fn waiting_as_long_as_told_is_enough() {
        let rate = Rate::new(2, 7);
        let mut now = Instant::now();
        let mut bucket = Bucket::full(rate, now);
        for _ in 0..50 {
            if let Some(seconds) = bucket.take(rate, now).retry_after {
                now += Duration::from_secs(seconds.into());
                assert!(bucket.take(rate, now).allowed());
            }
        }
    }

    #[test]
    fn a_bucket_never_holds_more_than_its_burst_and_time_does_not_run_back() {
        let start = Instant::now();
        let mut bucket = Bucket::full(RATE, start);
        let later = start + Duration::from_secs(1_000);
        assert_eq!(bucket.take(RATE, later).remaining, 2);
        assert_eq!(bucket.take(RATE, start).remaining, 1);
        assert_eq!(bucket.take(RATE, later).remaining, 0);
    }

    #[test]
    fn one_does_not_pay_for_another_nor_one_kind_for_another() {
        let limits = Limits::new(&Rates { boot: RATE, upload: RATE, ..Rates::default() });
        let now = Instant::now();
        for _ in 0..3 {
            assert!(limits.take(Kind::Boot, who(1), now).allowed());
        }
        assert!(!limits.take(Kind::Boot, who(1), now).allowed());
        assert!(limits.take(Kind::Boot, who(2), now).allowed());
        assert!(limits.take(Kind::Upload, who(1), now).allowed());
        limits.forgive(Kind::Boot, &who(1));
        assert!(limits.take(Kind::Boot, who(1), now).allowed());
    }

    #[test]
    fn each_kind_has_the_table_of_its_rate() {
        let limits = Limits::default();
        for kind in KINDS {
            assert_eq!(limits.table(kind).rate, kind.rate(&Rates::default()), "{kind:?}");
        }
        assert!(KINDS.iter().enumerate().all(|(at, kind)| *kind as usize == at));
    }

    #[test]
    fn the_default_file_states_the_default_rates() {
        let config = crate::Config::from_parts("", |_| None).unwrap();
        assert_eq!(config.limits, Rates::default());
        let file: toml::Table = crate::config::DEFAULTS.parse().unwrap();
        // Those of websockets are counted by the socket itself and have no kind.
        assert_eq!(file["limits"].as_table().unwrap().len(), KINDS.len() + 2);
        let slower = "[limits]\nboot = { burst = 5 }";
        let boot = crate::Config::from_parts(slower, |_| None).unwrap().limits.boot;
        assert_eq!(boot, Rate::new(5, Rates::default().boot.per_minute));
    }

    #[test]
    fn a_household_is_one_whatever_its_addresses() {
        let address = |text: &str| Who::address(text.parse().unwrap());
        assert_eq!(address("2001:db8:1:2::1"), address("2001:db8:1:2:ffff::9"));
        assert_ne!(address("2001:db8:1:2::1"), address("2001:db8:1:3::1"));
        assert_eq!(address("::ffff:192.0.2.1"), address("192.0.2.1"));
        assert_ne!(address("192.0.2.1"), address("192.0.2.2"));
    }

    #[test]
    fn the_headers_state_the_limit() {
        let mut headers = HeaderMap::new();
        Bucket::full(RATE, Instant::now()).take(RATE, Instant::now()).write(&mut headers);
        assert_eq!(headers.get("RateLimit-Limit").unwrap(), "3");
        assert_eq!(headers.get("RateLimit-Remaining").unwrap(), "2");
        assert_eq!(headers.get("RateLimit-Reset").unwrap(), "1");
    }
}
