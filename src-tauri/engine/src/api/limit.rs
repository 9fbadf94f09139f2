//! 1,000 requests for each key in any sliding 60 seconds, exact: a log of times, no bucket that refills.

use jiff::Timestamp;
use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

/// Requests in a window.
pub(crate) const LIMIT: usize = 1000;
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

/// Times of the last requests of each key.
#[derive(Default)]
pub(crate) struct Limiter(Mutex<HashMap<String, VecDeque<i64>>>);

impl Limiter {
    /// Counts a request of a key at `now`, if it passes.
    pub(crate) fn count(&self, key: &str, now: Timestamp) -> Standing {
        let now = now.as_millisecond();
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !all.contains_key(key) {
            all.insert(key.to_owned(), VecDeque::with_capacity(64));
        }
        let Some(times) = all.get_mut(key) else { return Standing { allowed: true, remaining: LIMIT, reset: 0 } };
        // A clock set back leaves times in the future: they count as now, so that nobody is locked out for long.
        while times.front().is_some_and(|time| now - *time >= WINDOW_MS || *time > now) {
            times.pop_front();
        }
        let allowed = times.len() < LIMIT;
        if allowed {
            times.push_back(now);
        }
        let oldest = times.front().copied().unwrap_or(now);
        let reset = u64::try_from((oldest + WINDOW_MS - now).max(0)).unwrap_or(0).div_ceil(1000);
        Standing { allowed, remaining: LIMIT - times.len(), reset }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(1_000_000 + ms).expect("in range")
    }

    #[test]
    fn the_window_slides_exactly() {
        let limiter = Limiter::default();
        for ms in 0..1000 {
            assert!(limiter.count("k", at(ms)).allowed, "request {ms} of 1,000");
        }
        assert_eq!(limiter.count("k", at(59_999)), Standing { allowed: false, remaining: 0, reset: 1 }, "the first is still in the window");
        assert!(limiter.count("other", at(59_999)).allowed, "another key is counted apart");
        assert!(limiter.count("k", at(60_000)).allowed, "the first has left: one passes");
        assert!(!limiter.count("k", at(60_000)).allowed, "and only one: a bucket that refills would let more through");
        assert!(limiter.count("k", at(60_001)).allowed, "then the next");
    }

    #[test]
    fn a_clock_set_back_locks_nobody_out() {
        let limiter = Limiter::default();
        for _ in 0..1000 {
            limiter.count("k", at(500_000));
        }
        assert!(limiter.count("k", at(0)).allowed, "times from the future do not count");
    }
}
