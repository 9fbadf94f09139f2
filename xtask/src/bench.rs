//! `cargo xtask bench`: builds the release programs and measures them as ratios in one run.

use std::process::Command;
use std::time::Duration;

use crate::window::Display;
use crate::{Outcome, step, system, tree, ui};

const LIMIT: Duration = Duration::from_secs(60 * 60);

/// Builds, measures, and writes `bench/latest.json` and `bench/latest.md`.
pub fn bench(arguments: &[String]) -> Outcome {
    system::packages(&[system::ENGINE, system::WINDOW, system::WINDOW_TESTS])?;
    ui::build()?;
    let mut build = step::cargo();
    build.args(["build", "--release", "--package", "amtia-bench", "--package", "amtia-desktop"]);
    step::must("Release build (first time: several minutes)", build, LIMIT)?;

    let display = if cfg!(target_os = "linux") { Some(Display::start()?) } else { None };
    let out = tree::root().join("bench");
    std::fs::create_dir_all(&out).map_err(|e| format!("{} cannot be made: {e}", out.display()))?;
    // The window asks the session's bus whether it is the only one.
    let mut measure = Command::new("dbus-run-session");
    measure
        .arg("--")
        .arg(tree::program("release", "amtia-bench"))
        .args(arguments)
        .arg("--out")
        .arg(&out)
        .env("AMTIA_DESKTOP_BIN", tree::program("release", "amtia-desktop"));
    if let Some(display) = &display {
        measure.env("DISPLAY", &display.name).env_remove("WAYLAND_DISPLAY");
    }
    let measured = step::must("Measuring", measure, LIMIT)?;
    let table = measured.output.find("# Measured").map_or("", |at| &measured.output[at..]);
    println!("\n{}", table.trim_end());
    Ok(())
}
