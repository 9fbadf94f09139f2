//! Who may depend on whom.

use super::{none, text, tracked, tracked_below};

/// Each manifest and the packages of this workspace that it may name.
const INTERNAL: &[(&str, &[&str])] = &[
    ("src-tauri/domain/Cargo.toml", &[]),
    ("src-tauri/chart/Cargo.toml", &["amtia-domain"]),
    ("src-tauri/exchange/Cargo.toml", &[]),
    ("src-tauri/engine/Cargo.toml", &["amtia-chart", "amtia-domain", "amtia-exchange"]),
    ("src-tauri/cli/Cargo.toml", &["amtia-engine"]),
    ("Cargo.toml", &["amtia-engine"]),
    ("tests/Cargo.toml", &["amtia-engine"]),
    ("tests/bench/Cargo.toml", &["amtia-engine"]),
    ("xtask/Cargo.toml", &[]),
];

/// All that the domain may use: it is pure.
const DOMAIN_LIBRARIES: &[&str] = &["jiff", "serde", "serde_json", "url", "utoipa"];

/// Libraries that belong behind one wall.
const WALLS: &[(&str, &[&str])] = &[
    ("tauri", &["Cargo.toml"]),
    ("tauri-plugin-dialog", &["Cargo.toml"]),
    ("tauri-plugin-single-instance", &["Cargo.toml"]),
    // The measurements compare the engine with the raw statement.
    ("rusqlite", &["src-tauri/engine/Cargo.toml", "tests/bench/Cargo.toml"]),
    ("ab_glyph", &["src-tauri/chart/Cargo.toml"]),
    ("plotters-backend", &["src-tauri/chart/Cargo.toml"]),
    ("plotters-bitmap", &["src-tauri/chart/Cargo.toml"]),
    ("plotters-svg", &["src-tauri/chart/Cargo.toml"]),
    ("png", &["src-tauri/chart/Cargo.toml"]),
    ("reqwest", &["src-tauri/engine/Cargo.toml"]),
    ("calamine", &["src-tauri/exchange/Cargo.toml"]),
    ("csv", &["src-tauri/exchange/Cargo.toml"]),
    ("encoding_rs", &["src-tauri/exchange/Cargo.toml"]),
    ("rust_xlsxwriter", &["src-tauri/exchange/Cargo.toml"]),
    ("zip", &["src-tauri/exchange/Cargo.toml"]),
    ("clap", &["src-tauri/cli/Cargo.toml"]),
    ("indicatif", &["src-tauri/cli/Cargo.toml"]),
];

/// The dependencies of a manifest, of every kind.
fn dependencies(manifest: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut within = false;
    for line in text(manifest).lines().map(str::trim) {
        if let Some(section) = line.strip_prefix('[') {
            let section = section.trim_end_matches(']');
            within = !section.starts_with("workspace") && section.ends_with("dependencies");
            if let Some((before, name)) = section.rsplit_once('.')
                && before.ends_with("dependencies")
                && !before.starts_with("workspace")
            {
                names.push(name.to_owned());
            }
        } else if within && !line.starts_with('#') {
            let name = line.split(['=', '.', ' ']).next().unwrap_or("");
            if !name.is_empty() {
                names.push(name.trim_matches('"').to_owned());
            }
        }
    }
    names
}

#[test]
fn manifests_follow_the_arrows() {
    let mut problems = Vec::new();
    for manifest in tracked_below("", &["Cargo.toml"]) {
        let Some((_, allowed)) = INTERNAL.iter().find(|(name, _)| *name == manifest) else {
            problems.push(format!("{manifest} is not in the table of arrows"));
            continue;
        };
        let names = dependencies(&manifest);
        for name in names.iter().filter(|name| name.starts_with("amtia-")) {
            if !allowed.contains(&name.as_str()) {
                problems.push(format!("{manifest} depends on {name}"));
            }
        }
        for (library, homes) in WALLS {
            if !homes.contains(&manifest.as_str()) && names.iter().any(|name| name == library) {
                problems.push(format!("{manifest} depends on {library}, which belongs to {homes:?}"));
            }
        }
    }
    none(&problems, "Dependencies between packages go one way only.");
}

#[test]
fn the_parser_of_manifests_sees_dependencies() {
    let engine = dependencies("src-tauri/engine/Cargo.toml");
    for name in ["amtia-domain", "rusqlite", "axum"] {
        assert!(engine.iter().any(|n| n == name), "{name} is a dependency of the engine: {engine:?}");
    }
}

#[test]
fn the_domain_is_pure() {
    let mut problems: Vec<String> = dependencies("src-tauri/domain/Cargo.toml")
        .into_iter()
        .filter(|name| !DOMAIN_LIBRARIES.contains(&name.as_str()))
        .map(|name| format!("it depends on {name}"))
        .collect();
    let impure = [
        "std::fs",
        "std::net",
        "std::env",
        "std::process",
        "std::thread",
        "SystemTime",
        "Instant::now",
        "Timestamp::now",
        "Zoned::now",
        "TimeZone::system",
        "println!",
    ];
    for file in tracked_below("src-tauri/domain/src/", &[".rs"]) {
        let text = text(&file);
        for word in impure.iter().filter(|word| text.contains(**word)) {
            problems.push(format!("{file} uses {word}"));
        }
    }
    none(&problems, "The domain knows no clock, file, network, random or SQL.");
}

#[test]
fn pictures_are_drawn_of_what_is_handed_over() {
    let impure = ["std::fs", "std::net", "std::env", "std::process", "SystemTime", "Instant::now", "Timestamp::now"];
    let mut problems = Vec::new();
    for file in tracked_below("src-tauri/chart/src/", &[".rs"]) {
        let text = text(&file);
        problems.extend(impure.iter().filter(|word| text.contains(**word)).map(|word| format!("{file} uses {word}")));
    }
    none(&problems, "A picture depends on nothing but what it is drawn of: no file, no clock, no font of the system.");
}

#[test]
fn the_store_does_not_know_the_api_and_sql_stays_in_the_store() {
    let mut problems = Vec::new();
    for file in tracked_below("src-tauri/engine/src/", &[".rs"]) {
        let text = text(&file);
        let within = |folder: &str| file.starts_with(&format!("src-tauri/engine/src/{folder}"));
        if within("store/") && ["crate::api", "super::api"].iter().any(|arrow| text.contains(arrow)) {
            problems.push(format!("{file} reaches into the API"));
        }
        // It may hand a connection on; asking it anything is the store's work.
        let asks = [".prepare(", ".prepare_cached(", ".execute(", ".execute_batch(", ".query_row("];
        if within("api/") && asks.iter().any(|call| text.contains(call)) {
            problems.push(format!("{file} talks to the database itself"));
        }
        let parser = within("import/") || within("register/");
        if parser && ["crate::store", "crate::api", "rusqlite::"].iter().any(|a| text.contains(a)) {
            problems.push(format!("{file} is a parser and needs neither store nor API"));
        }
    }
    none(&problems, "In the engine: api, then store, then domain; never back.");
}

#[test]
fn only_one_file_of_the_user_interface_talks_to_the_window() {
    let problems: Vec<String> = tracked_below("ui/src/", &[".ts", ".svelte", ".js"])
        .into_iter()
        .filter(|file| file != "ui/src/lib/host.ts")
        .filter(|file| text(file).lines().any(|line| line.contains("@tauri-apps/") && (line.contains("from ") || line.contains("import"))))
        .collect();
    none(&problems, "Only ui/src/lib/host.ts imports @tauri-apps.");
}

#[test]
fn shared_components_know_no_domain() {
    let concepts = ["/risk/", "/incident/", "/framework/", "/import/", "/views/"];
    let mut problems = Vec::new();
    for file in tracked_below("ui/src/lib/ui/", &[".ts", ".svelte"]) {
        for line in text(&file).lines() {
            let imports = line.trim_start().starts_with("import ") || line.contains(" from '");
            if imports && concepts.iter().any(|concept| line.contains(concept)) && line.contains('\'') {
                problems.push(format!("{file}: {}", line.trim()));
            }
        }
    }
    none(&problems, "Components in ui/src/lib/ui import nothing of the domain.");
}

#[test]
fn there_is_something_to_check() {
    let files = tracked();
    for part in ["src-tauri/domain/src/", "src-tauri/engine/src/store/", "src-tauri/engine/src/api/", "ui/src/lib/ui/"] {
        assert!(files.iter().any(|f| f.starts_with(part)), "{part} is where the rules above look");
    }
}
