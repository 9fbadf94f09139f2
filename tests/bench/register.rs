//! A register of risks out of a file: read, checked and stored, against the raw statement for the same rows.

use std::ops::Range;
use std::path::Path;
use std::time::{Duration, Instant};

use amtia_engine::Engine;
use serde_json::{Value, json};

use crate::product::{self, answer, call};
use crate::report::{Goal, Report};
use crate::{raw, seed};

const ROWS: u64 = 10_000;
const ROUNDS: usize = 5;
/// Records a second.
const GOAL: f64 = 10_000.0;

/// What stands above each column, and where a risk of the seed has it.
const COLUMNS: &[(&str, &str)] = &[
    ("Name", "/name"),
    ("Description", "/description"),
    ("Category", "/category"),
    ("Owner", "/owner"),
    ("Status", "/status"),
    ("Treatment", "/treatment"),
    ("Likelihood", "/likelihood"),
    ("Impact", "/impact"),
    ("Inherent likelihood", "/inherent/likelihood"),
    ("Inherent impact", "/inherent/impact"),
    ("Residual likelihood", "/residual/likelihood"),
    ("Residual impact", "/residual/impact"),
    ("Tags", "/tags"),
    ("Review date", "/review_date"),
];

/// As text and as a workbook, each into an empty workspace.
pub async fn import(report: &mut Report) -> Result<(), String> {
    let text = csv(0..ROWS).into_bytes();
    let workbook = rows(report, "CSV", &text).await?;
    rows(report, "XLSX", &workbook).await.map(drop)
}

/// The rows of one format; answers the register as a workbook of the product's own.
async fn rows(report: &mut Report, format: &str, bytes: &[u8]) -> Result<Vec<u8>, String> {
    let (mut checked, mut stored, mut inserted) = (Vec::new(), Vec::new(), Vec::new());
    let mut workbook = Vec::new();
    for _ in 0..ROUNDS {
        let folder = tempfile::tempdir().map_err(|e| format!("no temporary folder: {e}"))?;
        inserted.push(raw::insert(folder.path(), (0..ROWS).map(seed::risk).collect())?);
        let path = folder.path().join(format!("register.{}", format.to_lowercase()));
        std::fs::write(&path, bytes).map_err(|e| e.to_string())?;
        let workspace = folder.path().join("Import.amtia");
        tokio::task::block_in_place(|| product::create(&workspace))?;
        let engine = product::open(&workspace)?;
        let (read, applied) = store(&engine, &path, ROWS).await?;
        checked.push(read);
        stored.push(applied);
        let (status, written) = call(&engine, "GET", "/v1/risks/export?format=xlsx", None).await?;
        if !status.is_success() {
            return Err(format!("the register is not exported: {status}"));
        }
        workbook = written.to_vec();
        engine.close();
    }
    let (checked, stored, inserted) = (middle(checked), middle(stored), middle(inserted));
    let rate = ROWS as f64 / (checked + stored);
    let name = format!(
        "register, {format}, {ROWS} rows, {:.1} MB: read and checked {:.0} ms, stored with history, trail and full text {:.0} ms",
        bytes.len() as f64 / 1e6,
        checked * 1e3,
        stored * 1e3
    );
    report.row("import", &name, &format!("{rate:.0}/s"), "10,000/s", rate / GOAL, Goal::AtLeast(1.0));
    let raw = ROWS as f64 / inserted;
    report.row(
        "import",
        &format!("register, {format}, against a table alone"),
        &format!("{rate:.0}/s"),
        &format!("the same rows by a raw statement {raw:.0}/s"),
        rate / raw,
        Goal::None,
    );
    Ok(workbook)
}

/// Seconds.
fn middle(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64()
}

/// Imports a file of so many new risks: how long it took to read and check it, and to store it.
pub async fn store(engine: &Engine, path: &Path, rows: u64) -> Result<(Duration, Duration), String> {
    let begun = Instant::now();
    let import = answer(engine, "POST", "/v1/imports", Some(&json!({ "path": path }))).await?;
    let import = settled(engine, import, "reading").await?;
    let read = begun.elapsed();
    if import["counts"]["create"] != rows {
        return Err(format!("not every row is new: {import}"));
    }
    let begun = Instant::now();
    let id = import["id"].as_str().ok_or("an import has no id")?.to_owned();
    let import = answer(engine, "POST", &format!("/v1/imports/{id}/apply"), Some(&json!({}))).await?;
    let import = settled(engine, import, "applying").await?;
    if import["state"] != "applied" {
        return Err(format!("the register is not applied: {import}"));
    }
    let stored = begun.elapsed();
    // What was read is kept in memory until then.
    call(engine, "DELETE", &format!("/v1/imports/{id}"), None).await?;
    Ok((read, stored))
}

async fn settled(engine: &Engine, mut import: Value, state: &str) -> Result<Value, String> {
    let path = format!("/v1/imports/{}", import["id"].as_str().ok_or("an import has no id")?);
    while import["state"] == state {
        tokio::time::sleep(Duration::from_millis(1)).await;
        import = answer(engine, "GET", &path, None).await?;
    }
    Ok(import)
}

/// These risks of the seed as text with commas.
pub fn csv(risks: Range<u64>) -> String {
    let mut text = COLUMNS.iter().map(|(heading, _)| *heading).collect::<Vec<_>>().join(",");
    for number in risks {
        text.push('\n');
        let risk = seed::risk(number);
        let cells: Vec<String> = COLUMNS.iter().map(|(_, place)| cell(risk.pointer(place))).collect();
        text.push_str(&cells.join(","));
    }
    text
}

fn cell(value: Option<&Value>) -> String {
    match value {
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Array(words)) => words.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("; "),
        Some(Value::String(text)) => format!("\"{}\"", text.replace('"', "\"\"")),
        _ => String::new(),
    }
}
