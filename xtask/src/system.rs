//! System packages and tools that the commands need: found, installed, or named.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::{Outcome, step, tree};

/// A Debian package and what it is for.
pub type Package = (&'static str, &'static str);

/// What building the engine and the command line needs.
pub const ENGINE: &[Package] = &[
    ("build-essential", "C compiler for the encrypted database"),
    ("pkg-config", "finds system libraries"),
    ("perl", "configures the database's cryptography"),
];

/// What building the window needs beyond the engine.
pub const WINDOW: &[Package] = &[
    ("libwebkit2gtk-4.1-dev", "the web view of the window"),
    ("libxdo-dev", "menus of the window"),
    ("librsvg2-dev", "icons of the window"),
];

/// What testing in a browser needs.
pub const BROWSER: &[Package] = &[("chromium", "the browser suite")];

/// What testing the real window needs beyond building it.
pub const WINDOW_TESTS: &[Package] = &[
    ("webkit2gtk-driver", "drives the real window"),
    ("xvfb", "a display without a screen"),
    ("xauth", "a display without a screen"),
    ("openbox", "a window manager for that display"),
    ("dbus-x11", "a session bus for the window"),
    ("gnome-keyring", "a keychain for the tests"),
    ("xdotool", "types into native dialogs"),
    ("x11-utils", "sees which windows are open"),
];

/// What testing the Python SDK and the served API document needs.
const PYTHON: &[Package] = &[("python3-venv", "the tests of the Python SDK and of the API document")];

/// What testing the PHP SDK needs.
pub const PHP: &[Package] = &[
    ("php-cli", "the tests of the PHP SDK"),
    ("php-curl", "the PHP SDK's own way to the API"),
    ("phpunit", "runs the tests of the PHP SDK"),
    ("php-psr-http-client", "interfaces that the PHP SDK takes part in"),
    ("php-psr-http-factory", "interfaces that the PHP SDK takes part in"),
    ("php-nyholm-psr7", "messages for another client of the PHP SDK"),
    ("php-symfony-http-client", "another client for the PHP SDK"),
];

/// Sees that `wanted` is installed on Debian and its relatives; elsewhere the build says what it misses.
pub fn packages(wanted: &[&[Package]]) -> Outcome {
    if !cfg!(target_os = "linux") {
        return Ok(());
    }
    let wanted: Vec<Package> = wanted.concat();
    if !on_path("dpkg-query") {
        return name_foreign(&wanted);
    }
    let missing = missing(&wanted)?;
    if missing.is_empty() {
        return Ok(());
    }
    step::heading("System packages");
    for (name, reason) in &missing {
        step::note(&format!("{name}: {reason}"));
    }
    let names: Vec<&str> = missing.iter().map(|(name, _)| *name).collect();
    let Some(prefix) = rights() else {
        return Err(format!(
            "These system packages are missing, and installing them needs root. Run:\n\n    sudo apt-get install --no-install-recommends {}\n\nand then the same command again.",
            names.join(" ")
        ));
    };
    let minutes = Duration::from_secs(15 * 60);
    let refreshed = step::run("apt-get update", apt(&prefix, &["update", "-qq"]), minutes)?;
    if !refreshed.ok {
        step::note("the package lists could not be refreshed; trying with the present ones");
    }
    let mut arguments = vec!["install", "-y", "-qq", "--no-install-recommends"];
    arguments.extend(names);
    step::must("apt-get install", apt(&prefix, &arguments), minutes)?;
    Ok(())
}

fn apt(prefix: &[&str], arguments: &[&str]) -> Command {
    let words = [prefix, &["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"], arguments].concat();
    let mut command = Command::new(words[0]);
    command.args(&words[1..]);
    command
}

fn missing(wanted: &[Package]) -> Result<Vec<Package>, String> {
    let found = Command::new("dpkg-query")
        .args(["-W", "-f=${Package} ${db:Status-Status}\n"])
        .args(wanted.iter().map(|(name, _)| name))
        .stderr(Stdio::null())
        .output()
        .map_err(|e| format!("`dpkg-query` does not start: {e}"))?;
    let found = String::from_utf8_lossy(&found.stdout).into_owned();
    let installed: BTreeSet<&str> = found.lines().filter_map(|line| line.strip_suffix(" installed")).collect();
    Ok(wanted.iter().filter(|(name, _)| !installed.contains(name)).copied().collect())
}

/// The words before `apt-get`: none for root, `sudo -n` where that works without asking.
fn rights() -> Option<Vec<&'static str>> {
    let id = Command::new("id").arg("-u").output().ok()?;
    if String::from_utf8_lossy(&id.stdout).trim() == "0" {
        return Some(Vec::new());
    }
    let sudo =
        Command::new("sudo").args(["-n", "true"]).stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success());
    sudo.then(|| vec!["sudo", "-n"])
}

/// Not Debian: the libraries are looked for by pkg-config, and what is not found is named.
fn name_foreign(wanted: &[Package]) -> Outcome {
    let mut lacking: Vec<String> = Vec::new();
    for (name, reason) in wanted {
        let present = match *name {
            "build-essential" => on_path("cc") && on_path("make"),
            "libwebkit2gtk-4.1-dev" => pkg_config("webkit2gtk-4.1"),
            "libxdo-dev" => Path::new("/usr/include/xdo.h").exists(),
            "librsvg2-dev" => pkg_config("librsvg-2.0"),
            "webkit2gtk-driver" => on_path("WebKitWebDriver"),
            "xvfb" => on_path("Xvfb"),
            "dbus-x11" => on_path("dbus-run-session"),
            "gnome-keyring" => on_path("gnome-keyring-daemon"),
            "x11-utils" => on_path("xprop"),
            other => on_path(other),
        };
        if !present {
            lacking.push(format!("    {name}: {reason}"));
        }
    }
    if lacking.is_empty() {
        return Ok(());
    }
    Err(format!(
        "This system has no apt-get, so these are not installed for you. Please install what your system calls (Debian's names):\n{}",
        lacking.join("\n")
    ))
}

fn pkg_config(library: &str) -> bool {
    Command::new("pkg-config").args(["--exists", library]).status().is_ok_and(|status| status.success())
}

/// Whether a program can be found.
pub fn on_path(program: &str) -> bool {
    find(program).is_some()
}

/// Where a program is.
pub fn find(program: &str) -> Option<PathBuf> {
    let mut folders: Vec<PathBuf> = std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()).collect();
    folders.extend(["/usr/sbin", "/sbin"].map(PathBuf::from));
    folders.into_iter().map(|folder| folder.join(format!("{program}{}", std::env::consts::EXE_SUFFIX))).find(|path| path.is_file())
}

/// Node 20.19 or newer, with npm.
pub fn node() -> Outcome {
    let hint = "Node 20.19 or newer, with npm, is needed for the user interface: https://nodejs.org/";
    let output = Command::new("node").arg("--version").output().map_err(|_| format!("`node` was not found. {hint}"))?;
    let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let mut numbers = version.trim_start_matches('v').split('.').map(|part| part.parse::<u32>());
    let (Some(Ok(major)), Some(Ok(minor))) = (numbers.next(), numbers.next()) else {
        return Err(format!("`node --version` printed “{version}”. {hint}"));
    };
    if (major, minor) < (20, 19) {
        return Err(format!("Node {version} is too old. {hint}"));
    }
    if !on_path("npm") && !on_path("npm.cmd") {
        return Err(format!("`npm` was not found. {hint}"));
    }
    Ok(())
}

/// Python 3.11 or newer that can make environments; on Debian its package is installed where that is possible.
pub fn python() -> Option<PathBuf> {
    let fits = |python: &PathBuf| {
        let test = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))";
        Command::new(python).args(["-c", test]).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
    };
    let look = || ["python3", "python"].iter().filter_map(|name| find(name)).find(fits);
    look().or_else(|| packages(&[PYTHON]).ok().and_then(|()| look()))
}

/// tauri-driver 2, built into `target/tools` where it is absent.
pub fn tauri_driver() -> Result<PathBuf, String> {
    let tools = tree::target().join("tools");
    let driver = tools.join("bin").join("tauri-driver");
    if driver.is_file() {
        return Ok(driver);
    }
    let mut install = step::cargo();
    install.args(["install", "--locked", "tauri-driver", "--version", "^2", "--root"]).arg(&tools);
    step::must("tauri-driver (drives the window's tests)", install, Duration::from_secs(15 * 60))?;
    Ok(driver)
}
