//! Documents lead somewhere, and name what is not ours.

use super::{none, root, text, tracked_below};

/// The targets of `[text](target)` and `![text](target)`.
fn links(markdown: &str) -> Vec<String> {
    markdown
        .match_indices("](")
        .filter_map(|(at, _)| {
            let rest = &markdown[at + 2..];
            rest.find(')').map(|end| rest[..end].to_owned())
        })
        .collect()
}

#[test]
fn relative_links_lead_to_files() {
    let mut problems = Vec::new();
    let documents = tracked_below("", &[".md"]);
    assert!(documents.iter().any(|name| name == "README.md"), "there is a README.md");
    for file in documents {
        let folder = root().join(&file);
        let folder = folder.parent().expect("a file is in a folder");
        for link in links(&text(&file)) {
            let elsewhere = ["http://", "https://", "mailto:"].iter().any(|p| link.starts_with(p));
            let path = link.split('#').next().unwrap_or("");
            if !elsewhere && !path.is_empty() && !folder.join(path).exists() {
                problems.push(format!("{file}: {link}"));
            }
        }
    }
    none(&problems, "A link in the documents leads to something.");
}

#[test]
fn fonts_and_licences_are_named() {
    let readme = text("README.md");
    let mut problems = Vec::new();
    for line in text("ui/package.json").lines() {
        let Some((_, rest)) = line.split_once("\"@fontsource") else {
            continue;
        };
        let package = rest.split('"').next().unwrap_or("");
        let font = package.rsplit('/').next().unwrap_or("").replace('-', " ");
        if !readme.to_lowercase().contains(&font) {
            problems.push(format!("README.md does not name the font {font}"));
        }
    }
    for word in ["OFL", "Apache-2.0"] {
        if !readme.contains(word) {
            problems.push(format!("README.md does not say {word}"));
        }
    }
    if !text("LICENSE").contains("Apache License") {
        problems.push("LICENSE does not hold the licence that the manifests name".to_owned());
    }
    none(&problems, "What comes with the program is named with its licence.");
}
