//! From start to usable: the window with all risks against the same program showing a blank page.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::report::{Goal, Report};
use crate::usage;

const ROUNDS: usize = 7;
const PATIENCE: Duration = Duration::from_secs(60);
/// Long enough for the page to have drawn and fetched what it shows.
const SETTLED: Duration = Duration::from_millis(2_500);
const MEGABYTE: f64 = 1024.0 * 1024.0;

/// Starts both in turn.
pub fn window(file: &Path, folder: &Path, report: &mut Report) -> Result<(), String> {
    let program = std::env::var_os("AMTIA_DESKTOP_BIN")
        .map(PathBuf::from)
        .ok_or("AMTIA_DESKTOP_BIN names no program: `cargo xtask bench` sets it")?;
    let mut ready = [Vec::new(), Vec::new()];
    let mut memory = [Vec::new(), Vec::new()];
    for round in 0..=ROUNDS {
        for (at, blank) in [true, false].into_iter().enumerate() {
            let (time, bytes) = start(&program, file, folder, blank)?;
            // The first of each fills the caches of the disk.
            if round > 0 {
                ready[at].push(time);
                memory[at].push(bytes);
            }
        }
    }
    let [blank, full] = ready.map(middle);
    report.row(
        "window",
        "start to usable",
        &format!("{full:.0} ms"),
        &format!("blank page {blank:.0} ms"),
        full / blank,
        Goal::AtMost(1.25),
    );
    let [blank, full] = memory.map(middle);
    let more = (full - blank) / MEGABYTE;
    report.row(
        "window",
        "memory of all its processes (PSS), beyond the blank page, against 80 MB",
        &format!("{:.0} MB", full / MEGABYTE),
        &format!("blank page {:.0} MB", blank / MEGABYTE),
        more / 80.0,
        Goal::AtMost(1.0),
    );
    Ok(())
}

fn middle(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Milliseconds until it says that it is ready, and its memory once it has settled.
fn start(program: &Path, file: &Path, folder: &Path, blank: bool) -> Result<(f64, f64), String> {
    let home = folder.join(if blank { "home-blank" } else { "home" });
    let config = home.join("config");
    std::fs::create_dir_all(&config).map_err(|e| format!("{}: {e}", config.display()))?;
    std::fs::write(config.join("desktop.json"), json!({"last_workspace": file}).to_string())
        .map_err(|e| format!("{}: {e}", config.display()))?;
    let mut command = Command::new(program);
    command
        .env("AMTIA_HOME", &home)
        .env_remove("AMTIA_PASSPHRASE")
        .env("AMTIA_TIMING", "1")
        .env("GTK_USE_PORTAL", "0")
        .env("NO_AT_BRIDGE", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    if blank {
        command.env("AMTIA_BLANK", "1");
    }
    let mut child = command.spawn().map_err(|e| format!("{} does not start: {e}", program.display()))?;
    let ready = wait_until_ready(&mut child);
    let memory = ready.is_ok().then(|| {
        thread::sleep(SETTLED);
        usage::memory(&usage::family(child.id()))
    });
    stop(&mut child)?;
    Ok((ready?, memory.unwrap_or_default() as f64))
}

fn wait_until_ready(child: &mut Child) -> Result<f64, String> {
    let stderr = child.stderr.take().ok_or("its messages are no pipe")?;
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut said = String::new();
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            match line.strip_prefix("amtia-ready ").and_then(|ms| ms.trim().parse::<f64>().ok()) {
                // Nobody waits any more: then nothing is lost.
                Some(ms) => drop(sender.send(Ok(ms))),
                None => said.push_str(&(line + "\n")),
            }
        }
        let _ = sender.send(Err(said));
    });
    match receiver.recv_timeout(PATIENCE) {
        Ok(Ok(ms)) => Ok(ms),
        Ok(Err(said)) => Err(format!("the window ended before it was ready: {said}")),
        Err(_) => Err(format!("the window was not ready within {PATIENCE:?}")),
    }
}

fn stop(child: &mut Child) -> Result<(), String> {
    // Asked politely, so that the workspace is closed in order; ended already is as good.
    let _ = Command::new("kill").arg(child.id().to_string()).stderr(Stdio::null()).status();
    let begun = Instant::now();
    while child.try_wait().map_err(|e| e.to_string())?.is_none() {
        if begun.elapsed() > Duration::from_secs(10) {
            let _ = child.kill();
        }
        thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}
