//! The served API document, held against the API by schemathesis, and its examples against their schemas.

use std::process::Command;

use crate::sdks::{self, Suite};
use crate::served::Served;
use crate::tree;

/// Cases of the long form, at least.
const MANY: u64 = 10_000;

/// The two checks, told where the API is.
pub fn suites(served: &Served, long: bool) -> Result<Vec<Suite>, String> {
    let folder = tree::root().join("tests").join("schemathesis");
    let suite = |part, title, command| Suite { part, title, counts: false, command };
    let title = "API document (schemathesis)";
    let bin = match sdks::virtual_environment("schemathesis", &folder.join("constraints.txt"), &["schemathesis"])? {
        Ok(bin) => bin,
        Err(reason) => return Ok(vec![suite("contract", title, Err(reason))]),
    };
    let mut examples = Command::new(bin.join("python"));
    examples.arg(folder.join("examples.py")).arg(tree::root().join("openapi.json"));

    let mut cases = Command::new(bin.join("st"));
    // It keeps what it found in its working folder.
    cases.current_dir(tree::scratch()?).env("PYTHONPATH", &folder).env("PYTHONDONTWRITEBYTECODE", "1").env("NO_COLOR", "1");
    cases.arg("--config-file").arg(folder.join("schemathesis.toml")).arg("run").arg(format!("{}/openapi.json", served.url()));
    cases.args([
        "--checks",
        "all",
        "--continue-on-failure",
        "--warnings",
        "off",
        "--max-response-time",
        "60",
        "--max-examples",
        if long { "100" } else { "4" },
    ]);
    if !long {
        // The ordinary run tries the same cases each time; the long one looks for new ones.
        cases.args(["--seed", "20261124"]);
    }
    served.tell(&mut cases);
    Ok(vec![suite("examples", "API document: examples against their schemas", Ok(examples)), suite("contract", title, Ok(cases))])
}

/// Whether the long form tried as many cases as it promises, from what it printed.
pub fn tried_enough(output: &str) -> bool {
    let generated = output.lines().filter_map(|line| line.trim().split_once(" generated")).filter_map(|(number, _)| number.parse().ok());
    generated.max().is_some_and(|number: u64| number >= MANY)
}
