//! The rules of the tree: what the architecture says about files, kept true by a test.

mod arrows;
mod documents;
mod files;
mod french;
mod generated;
mod messages;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The repository's root.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("this package is a folder of the repository").to_path_buf()
}

/// Every file under version control, by its path from the root.
fn tracked() -> Vec<String> {
    let output =
        Command::new("git").args(["-c", "core.quotePath=false", "ls-files"]).current_dir(root()).output().expect("git lists the files");
    assert!(output.status.success(), "these tests need a git checkout");
    let files: Vec<String> =
        String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).filter(|name| root().join(name).is_file()).collect();
    assert!(files.len() > 20, "only {} files are listed", files.len());
    files
}

/// Tracked files below `folder` whose name ends in one of `endings`.
fn tracked_below(folder: &str, endings: &[&str]) -> Vec<String> {
    tracked().into_iter().filter(|name| name.starts_with(folder) && endings.iter().any(|end| name.ends_with(end))).collect()
}

/// A file's text; one that is not text is empty.
fn text(name: &str) -> String {
    let bytes = fs::read(root().join(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
    String::from_utf8(bytes).unwrap_or_default()
}

/// Fails with every problem at once.
fn none(problems: &[String], rule: &str) {
    assert!(problems.is_empty(), "{rule}\n  {}", problems.join("\n  "));
}
