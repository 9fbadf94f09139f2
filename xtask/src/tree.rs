//! Where things are, and a hash that says whether files changed.

use std::fs;
use std::path::{Path, PathBuf};

/// The repository's root.
pub fn root() -> PathBuf {
    let here = std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from("xtask"), PathBuf::from);
    here.parent().map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

/// The folder that cargo builds into.
pub fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(dir) => root().join(dir),
        None => root().join("target"),
    }
}

/// A program that this workspace builds.
pub fn program(profile: &str, name: &str) -> PathBuf {
    target().join(profile).join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

/// A folder for logs and stamps of these commands.
pub fn scratch() -> Result<PathBuf, String> {
    let dir = target().join("xtask");
    fs::create_dir_all(&dir).map_err(|e| format!("{} cannot be made: {e}", dir.display()))?;
    Ok(dir)
}

/// 64-bit FNV-1a: enough to notice a change, and short enough to read.
pub fn fnv1a64(bytes: &[u8], start: u64) -> u64 {
    bytes.iter().fold(start, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

/// The start value of [`fnv1a64`].
pub const FNV_START: u64 = 0xcbf2_9ce4_8422_2325;

/// A hash over names and contents of every file below `dir`, but for folders that `skip` refuses.
pub fn hash_files(dir: &Path, skip: &dyn Fn(&Path) -> bool) -> Result<u64, String> {
    let mut files = Vec::new();
    collect(dir, skip, &mut files).map_err(|e| format!("{} cannot be read: {e}", dir.display()))?;
    files.sort();
    files.iter().try_fold(FNV_START, |hash, file| {
        let bytes = fs::read(file).map_err(|e| format!("{} cannot be read: {e}", file.display()))?;
        let name = file.to_string_lossy();
        Ok(fnv1a64(&bytes, fnv1a64(name.as_bytes(), hash)))
    })
}

fn collect(dir: &Path, skip: &dyn Fn(&Path) -> bool, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let path = entry.path();
        if skip(&path) {
            continue;
        }
        if entry.file_type()?.is_dir() {
            collect(&path, skip, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}
