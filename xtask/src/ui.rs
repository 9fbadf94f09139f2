//! The user interface: packages and build, each only when something changed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::{Outcome, step, system, tree};

/// Folders below `ui/` that are made, not written.
const MADE: &[&str] =
    &["node_modules", "dist", ".svelte-kit", "test-results", "playwright-report", "coverage", "src/lib/paraglide", "e2e", "tests"];

fn folder() -> PathBuf {
    tree::root().join("ui")
}

/// An npm command in `ui/`.
pub fn npm(arguments: &[&str]) -> Command {
    let mut command = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
    command.args(arguments).current_dir(folder());
    command
}

/// Installs the locked packages when they are missing or older than the lock file.
pub fn packages() -> Outcome {
    system::node()?;
    let lock = folder().join("package-lock.json");
    let wanted = modified(&lock).ok_or("ui/package-lock.json is missing from this checkout.")?;
    let installed = modified(&folder().join("node_modules/.package-lock.json"));
    if installed.is_some_and(|installed| installed >= wanted) {
        return Ok(());
    }
    // `npm ci` refuses a lock file without optional packages for other platforms that the registry does not hold;
    // this installs the very versions of the lock file and leaves it as it is.
    step::must(
        "User interface packages (npm install)",
        npm(&["install", "--no-save", "--no-audit", "--no-fund"]),
        Duration::from_secs(10 * 60),
    )?;
    Ok(())
}

fn modified(path: &Path) -> Option<std::time::SystemTime> {
    fs::metadata(path).and_then(|data| data.modified()).ok()
}

/// Builds `ui/dist` when an input differs from the last build's.
pub fn build() -> Outcome {
    packages()?;
    let ui = folder();
    let skip = |path: &Path| MADE.iter().any(|made| path == ui.join(made));
    // The page is built on the JavaScript SDK's source.
    let sdk = tree::root().join("sdks/js/src");
    let inputs = format!("{:016x}{:016x}", tree::hash_files(&ui, &skip)?, tree::hash_files(&sdk, &|_| false)?);
    let stamp = tree::scratch()?.join("ui.stamp");
    let built = ui.join("dist/index.html").is_file();
    if built && fs::read_to_string(&stamp).is_ok_and(|old| old == inputs) {
        return Ok(());
    }
    step::must("User interface (npm run build)", npm(&["run", "build"]), Duration::from_secs(10 * 60))?;
    fs::write(&stamp, inputs).map_err(|e| format!("{} cannot be written: {e}", stamp.display()))
}
