//! The log file. It says what happened in the app and never what people wrote: no bodies, no names.

use std::{
    fs::{self, File, OpenOptions},
    panic,
    path::Path,
    sync::Mutex,
};

use tracing_subscriber::EnvFilter;

/// A log larger than this is set aside at the next start, in place of the one set aside before.
const LARGEST: u64 = 2 * 1024 * 1024;

/// Starts logging to a file in `folder`, and logs panics. Without a place for the file nothing is logged.
pub(crate) fn start(folder: &Path) {
    if let Some(file) = open(folder) {
        let filter = EnvFilter::try_from_env("AMTIA_LOG").unwrap_or_else(|_| EnvFilter::new("warn,amtia_engine=info,amtia_desktop=info"));
        // A subscriber that is there already (a test's) is kept.
        let _ = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).with_writer(Mutex::new(file)).try_init();
    }
    log_panics();
}

/// Opens the log for appending, setting a large one aside.
fn open(folder: &Path) -> Option<File> {
    let path = folder.join("amtia.log");
    fs::create_dir_all(folder).ok()?;
    if fs::metadata(&path).is_ok_and(|file| file.len() > LARGEST) {
        fs::rename(&path, folder.join("amtia.1.log")).ok()?;
    }
    OpenOptions::new().create(true).append(true).open(path).ok()
}

/// Logs where a panic happened. Its message is logged only when it is a literal of the source: a
/// formatted one may carry a record's text.
fn log_panics() {
    let previous = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        let message = panic.payload().downcast_ref::<&'static str>().copied().unwrap_or("(kept out of the log)");
        let location = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(message, location, "a thread panicked");
        if cfg!(debug_assertions) {
            previous(panic);
        }
    }));
}
