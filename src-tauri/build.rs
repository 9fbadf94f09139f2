//! Generates the window's context: configuration, icons, and what the page is allowed to ask for.

use std::{error::Error, fs};

fn main() -> Result<(), Box<dyn Error>> {
    for watched in ["src-tauri/capabilities", "src-tauri/permissions", "tauri.conf.json", "icons", "ui/dist"] {
        println!("cargo:rerun-if-changed={watched}");
    }

    // The page is embedded from `ui/dist`. Checks of the Rust code alone must work before it is built.
    fs::create_dir_all("ui/dist")?;
    if !fs::exists("ui/dist/index.html")? {
        println!("cargo:warning=ui/dist holds no page yet, so this window stays empty; `cargo xtask run` builds the page first");
    }

    let attributes = tauri_build::Attributes::new()
        .capabilities_path_pattern("./src-tauri/capabilities/**/*")
        .app_manifest(tauri_build::AppManifest::new().permissions_path_pattern("./src-tauri/permissions/**/*"));
    tauri_build::try_build(attributes)?;
    Ok(())
}
