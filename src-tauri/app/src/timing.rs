//! How long the app took to be usable, for the start-up measurement (`AMTIA_TIMING=1`).

use std::{
    env,
    io::Write,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use tauri::State;

/// The moment at which the process started.
pub(crate) struct Start {
    measured: bool,
    before_main: Duration,
    main: Instant,
    reported: AtomicBool,
}

impl Start {
    /// Called first in `run`.
    pub(crate) fn now() -> Self {
        let measured = env::var_os("AMTIA_TIMING").is_some();
        Self {
            measured,
            before_main: if measured { before_main().unwrap_or_default() } else { Duration::ZERO },
            main: Instant::now(),
            reported: AtomicBool::new(false),
        }
    }
}

/// The page calls this once, when its first usable screen is drawn.
#[tauri::command]
pub(crate) fn ready(start: State<'_, Start>) {
    if start.measured && !start.reported.swap(true, Ordering::Relaxed) {
        let taken = start.before_main + start.main.elapsed();
        // A closed stderr means that nobody measures.
        let _ = writeln!(std::io::stderr(), "amtia-ready {}", taken.as_millis());
    }
}

/// The time that loading the binary and its libraries took, to the kernel's 10 ms.
#[cfg(target_os = "linux")]
fn before_main() -> Option<Duration> {
    use std::fs;

    /// `USER_HZ`, which is 100 on every platform that the app is built for.
    const TICKS_PER_SECOND: f64 = 100.0;
    /// `starttime` is field 22 and the state, which follows the name's bracket, is field 3 (proc(5)).
    const START_TIME_AFTER_NAME: usize = 22 - 3;

    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    let after_name = stat.rsplit_once(')')?.1;
    let ticks: f64 = after_name.split_whitespace().nth(START_TIME_AFTER_NAME)?.parse().ok()?;
    let uptime = fs::read_to_string("/proc/uptime").ok()?;
    let uptime: f64 = uptime.split_whitespace().next()?.parse().ok()?;
    Duration::try_from_secs_f64(uptime - ticks / TICKS_PER_SECOND).ok()
}

/// Other platforms are measured from `main` on.
#[cfg(not(target_os = "linux"))]
fn before_main() -> Option<Duration> {
    None
}
