//! `cargo xtask run`: the window, or the same thing in a browser where there is no display.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::{Outcome, step, system, tree, ui};

/// Long enough for the first build on a small machine.
const BUILD: Duration = Duration::from_secs(60 * 60);

/// Sets up, builds and starts the app.
pub fn run(arguments: &[String]) -> Outcome {
    let split = arguments.iter().position(|a| a == "--").unwrap_or(arguments.len());
    let (own, rest) = arguments.split_at(split);
    let rest = rest.get(1..).unwrap_or_default();
    let mut release = false;
    let mut serve = !has_display();
    for argument in own {
        match argument.as_str() {
            "--release" => release = true,
            "--serve" => serve = true,
            other => return Err(format!("`cargo xtask run` does not know `{other}`.")),
        }
    }
    if serve { in_browser(release, rest) } else { in_window(release, rest) }
}

fn has_display() -> bool {
    !cfg!(target_os = "linux")
        || ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

fn in_window(release: bool, rest: &[String]) -> Outcome {
    system::packages(&[system::ENGINE, system::WINDOW])?;
    ui::build()?;
    build("The window (first time: several minutes)", "amtia-desktop", release)?;
    step::heading("AMTIA Desktop is starting");
    let mut app = Command::new(tree::program(profile(release), "amtia-desktop"));
    app.args(rest);
    become_program(app)
}

fn in_browser(release: bool, rest: &[String]) -> Outcome {
    system::packages(&[system::ENGINE])?;
    ui::build()?;
    build("The engine (first time: several minutes)", "amtia-cli", release)?;
    let workspace = documents().join("AMTIA").join("Workspace.amtia");
    step::heading("AMTIA Desktop, in your browser");
    step::note("There is no display here, so the same app is served on this machine only.");
    step::note("Open the one-time link printed below. Ctrl-C stops it.");
    let mut app = Command::new(tree::program(profile(release), "amtia"));
    app.arg("serve").arg(workspace).args(rest);
    become_program(app)
}

fn profile(release: bool) -> &'static str {
    if release { "release" } else { "debug" }
}

fn build(title: &str, package: &str, release: bool) -> Outcome {
    let mut build = step::cargo();
    build.args(["build", "--locked", "--package", package]);
    if release {
        build.arg("--release");
    }
    step::must(title, build, BUILD)?;
    Ok(())
}

/// The person's documents folder.
fn documents() -> PathBuf {
    let named = Command::new("xdg-user-dir")
        .arg("DOCUMENTS")
        .stderr(Stdio::null())
        .output()
        .ok()
        .filter(|output| output.status.success())
        .map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    let home = std::env::home_dir().unwrap_or_else(|| PathBuf::from("."));
    match named.map(PathBuf::from) {
        // Without a setting of its own the tool answers the home folder itself.
        Some(folder) if folder.is_absolute() && folder != home => folder,
        _ => home.join("Documents"),
    }
}

/// Gives this process over to the app, so that signals and the exit code are the app's own.
#[cfg(unix)]
fn become_program(mut app: Command) -> Outcome {
    use std::os::unix::process::CommandExt as _;
    let error = app.exec();
    Err(format!("{} does not start: {error}", app.get_program().to_string_lossy()))
}

#[cfg(not(unix))]
fn become_program(mut app: Command) -> Outcome {
    let status = app.status().map_err(|error| format!("{} does not start: {error}", app.get_program().to_string_lossy()))?;
    if status.success() { Ok(()) } else { Err(format!("The app ended with {status}.")) }
}
