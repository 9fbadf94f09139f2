//! Sudden ends: what was acknowledged is there afterwards.
//!
//! A normal run takes a few; with `AMTIA_LONG=1` there are a thousand of each.

mod kill;
mod ledger;
mod power;
mod program;
mod shim;
mod webhooks;
mod webhooks_tls;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// These tests start servers and measure times: one after the other.
fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How often to try: `normal`, or a thousand times in a long run.
fn rounds(normal: u32) -> u32 {
    if std::env::var_os("AMTIA_LONG").is_some() { 1_000 } else { normal }
}

/// A small generator: the same numbers from the same seed.
struct Numbers(u64);

impl Numbers {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number from `low` up to, not including, `high`.
    fn between(&mut self, low: u64, high: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        low + (self.0 >> 11) % (high - low)
    }
}
