//! A display without a screen: Xvfb and a window manager, ended when dropped.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::{step, tree};

/// A running display.
pub struct Display {
    /// What `DISPLAY` must say.
    pub name: String,
    server: Child,
    manager: Option<Child>,
}

impl Display {
    /// Starts a display on the first free number.
    pub fn start() -> Result<Self, String> {
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "1600x1000x24", "-nolisten", "tcp"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|e| format!("`Xvfb` does not start: {e}"))?;
        let mut number = String::new();
        if let Some(out) = server.stdout.take() {
            BufReader::new(out).read_line(&mut number).map_err(|e| format!("`Xvfb` said nothing: {e}"))?;
        }
        let name = format!(":{}", number.trim());
        let mut display = Self { name, server, manager: None };
        if number.trim().is_empty() {
            return Err("`Xvfb` ended before it named its display.".to_owned());
        }
        let manager = Command::new("openbox")
            .env("DISPLAY", &display.name)
            .env("HOME", tree::scratch()?)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|e| format!("`openbox` does not start: {e}"))?;
        display.manager = Some(manager);
        // It has no sign of readiness; windows opened before it is there are merely unmanaged.
        thread::sleep(Duration::from_millis(500));
        Ok(display)
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        for child in self.manager.iter_mut().chain(std::iter::once(&mut self.server)) {
            // By a polite signal, so that the server removes its lock file; ended already is as good.
            step::end(child.id());
            let _ = child.wait();
        }
    }
}
