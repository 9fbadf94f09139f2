//! 1,000 requests for each key in any sliding 60 seconds, exact: a log of times, no bucket that refills.

use jiff::Timestamp;
use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

/// Requests in a window.
pub(crate) const LIMIT: usize = 1000;
/// Both, as `RateLimit-Policy` tells them.
pub(crate) const POLICY: &str = "\"default\";q=1000;w=60";
/// The window, in milliseconds.
pub(crate) const WINDOW_MS: i64 = 60_000;

/// How a request stands to the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    /// Whether it passes.
    pub(crate) allowed: bool,
    /// Requests left in the window.
    pub(crate) remaining: usize,
    /// Seconds until one more passes (or the window's oldest ends).
    pub(crate) reset: u64,
}

/// Failed sign-ins of a key in a window.
pub(crate) const FAILURES: usize = 10;

/// Times of the last requests of each key.
pub(crate) struct Limiter {
    limit: usize,
    times: Mutex<HashMap<String, VecDeque<i64>>>,
}

impl Limiter {
    /// Lets so many through in a window.
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, times: Mutex::default() }
    }

    /// How a request of a key at `now` would stand, without counting it.
    pub(crate) fn look(&self, key: &str, now: Timestamp) -> Standing {
        self.judge(key, now, false)
    }

    /// Counts a request of a key at `now`, if it passes.
    pub(crate) fn count(&self, key: &str, now: Timestamp) -> Standing {
        self.judge(key, now, true)
    }

    /// The keys that have used some of the window that ends at `now`, and how much each.
    pub(crate) fn used(&self, now: Timestamp) -> Vec<(String, usize)> {
        let now = now.as_millisecond();
        let all = self.times.lock().unwrap_or_else(PoisonError::into_inner);
        let within = |time: &&i64| now - **time < WINDOW_MS && **time <= now;
        let mut used: Vec<(String, usize)> = all.iter().map(|(key, times)| (key.clone(), times.iter().filter(within).count())).collect();
        used.retain(|(_, count)| *count > 0);
        used.sort();
        used
    }

    fn judge(&self, key: &str, now: Timestamp, counts: bool) -> Standing {
        let now = now.as_millisecond();
        let mut all = self.times.lock().unwrap_or_else(PoisonError::into_inner);
        let times = match all.get_mut(key) {
            Some(times) => times,
            None => all.entry(key.to_owned()).or_default(),
        };
        // A clock set back leaves times in the future: they count as now, so that nobody is locked out for long.
        while times.front().is_some_and(|time| now - *time >= WINDOW_MS || *time > now) {
            times.pop_front();
        }
        let allowed = times.len() < self.limit;
        if allowed && counts {
            times.push_back(now);
        }
        let oldest = times.front().copied().unwrap_or(now);
        let reset = u64::try_from((oldest + WINDOW_MS - now).max(0)).unwrap_or(0).div_ceil(1000);
        Standing { allowed, remaining: self.limit - times.len(), reset }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(1_000_000 + ms).expect("in range")
    }

    #[test]
    fn the_policy_tells_the_limit() {
        assert_eq!(POLICY, format!("\"default\";q={LIMIT};w={}", WINDOW_MS / 1000));
    }

    #[test]
    fn the_window_slides_exactly() {
        let limiter = Limiter::new(LIMIT);
        for ms in 0..1000 {
            assert!(limiter.count("k", at(ms)).allowed, "request {ms} of 1,000");
        }
        assert_eq!(limiter.count("k", at(59_999)), Standing { allowed: false, remaining: 0, reset: 1 }, "the first is still in the window");
        assert!(limiter.count("other", at(59_999)).allowed, "another key is counted apart");
        assert!(limiter.count("k", at(60_000)).allowed, "the first has left: one passes");
        assert!(!limiter.count("k", at(60_000)).allowed, "and only one: a bucket that refills would let more through");
        assert!(limiter.count("k", at(60_001)).allowed, "then the next");
        assert_eq!(limiter.used(at(60_001)), [("k".to_owned(), 1000), ("other".to_owned(), 1)], "what each has used");
        assert_eq!(limiter.used(at(119_999)), [("k".to_owned(), 2)], "nothing of a minute that has passed");
    }

    #[test]
    fn a_clock_set_back_locks_nobody_out() {
        let limiter = Limiter::new(LIMIT);
        for _ in 0..1000 {
            limiter.count("k", at(500_000));
        }
        assert!(limiter.count("k", at(0)).allowed, "times from the future do not count");
    }

    #[test]
    fn any_sixty_seconds_hold_at_most_the_limit_and_no_less_is_let_through_than_could_be() {
        let limiter = Limiter::new(20);
        let (mut now, mut seed, mut passed) = (0_i64, 0x9e37_79b9_u64, Vec::<i64>::new());
        for _ in 0..20_000 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            // Bursts, lulls, and steps that end exactly at a window's edge.
            now += match seed >> 61 {
                0..=3 => 0,
                4 => 1,
                5 => i64::try_from(seed >> 33).expect("positive") % 5_000,
                6 => i64::try_from(seed >> 33).expect("positive") % 90_000,
                _ => passed.iter().rev().nth(19).map_or(0, |oldest| (oldest + WINDOW_MS - now).max(0)),
            };
            let within = passed.iter().rev().take_while(|time| now - **time < WINDOW_MS).count();
            let standing = limiter.look("k", at(now));
            assert_eq!((standing.allowed, standing.remaining), (within < 20, 20 - within), "at {now}, by counting");
            if limiter.count("k", at(now)).allowed {
                passed.push(now);
            }
        }
        assert!(passed.len() > 2_000 && passed.len() < 20_000, "both happened: {} passed", passed.len());
        assert!(passed.windows(21).all(|window| window[20] - window[0] >= WINDOW_MS), "no window holds more than the limit");
    }
}
