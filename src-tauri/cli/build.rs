//! The page is embedded from `ui/dist`: a changed page is a changed program.

use std::{fs, io, path::Path};

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=../../ui/dist");
    // Checks of the Rust code alone must work before the page is built.
    fs::create_dir_all(Path::new("../../ui/dist"))
}
