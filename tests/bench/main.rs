//! `cargo xtask bench`: the product measured as ratios in one run.
//!
//! Two shared cores give no absolute figures worth keeping. So every row alternates, within the same seconds,
//! between the product and something bare: an axum handler that answers the same bytes from memory, the raw
//! SQL statement on a file of the same kind, or the same window with a blank page.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a measuring program reports on its standard streams")]

mod inside;
mod load;
mod outside;
mod product;
mod raw;
mod register;
mod report;
mod seed;
mod start;
mod usage;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use report::Report;
use tokio::runtime::Runtime;

/// Risks in the measured workspace, unless `--risks` says otherwise.
const RISKS: u64 = 100_000;

/// The measured workspace.
const FILE: &str = "Bench.amtia";

const USAGE: &str = "amtia-bench [--risks N] [--seeded FOLDER] [--only WORDS] [--catalog OSCAL.json] --out FOLDER [inside] [outside] [write] [import] [start]";

struct Arguments {
    risks: u64,
    out: PathBuf,
    /// Where a filled workspace is kept for the next run.
    seeded: Option<PathBuf>,
    /// What the names of the rows to measure hold, of those that read.
    only: String,
    catalog: Option<PathBuf>,
    parts: Vec<String>,
}

impl Arguments {
    fn read(mut words: impl Iterator<Item = String>) -> Option<Self> {
        let mut arguments = Self { risks: RISKS, out: PathBuf::new(), seeded: None, only: String::new(), catalog: None, parts: Vec::new() };
        while let Some(word) = words.next() {
            match word.as_str() {
                "--risks" => arguments.risks = words.next()?.parse().ok()?,
                "--out" => arguments.out = words.next()?.into(),
                "--seeded" => arguments.seeded = Some(words.next()?.into()),
                "--only" => arguments.only = words.next()?,
                "--catalog" => arguments.catalog = Some(words.next()?.into()),
                "inside" | "outside" | "write" | "import" | "start" => arguments.parts.push(word),
                _ => return None,
            }
        }
        (!arguments.out.as_os_str().is_empty()).then_some(arguments)
    }

    fn wants(&self, part: &str) -> bool {
        self.parts.is_empty() || self.parts.iter().any(|named| named == part)
    }
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    // The two servers that the loopback rows compare are this program itself.
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["serve", file] => return product::serve(Path::new(file)),
        ["bare", folder] => return outside::serve_bare(Path::new(folder)),
        _ => {}
    }
    let Some(arguments) = Arguments::read(words.into_iter()) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    match measure(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

/// Makes a workspace of so many risks.
fn fill(file: &Path, risks: u64, runtime: &Runtime, report: &mut Report) -> Result<(), String> {
    eprintln!("seeding {risks} risks");
    product::create(file)?;
    let engine = product::open(file)?;
    for sentence in runtime.block_on(seed::risks(&engine, risks))? {
        report.note(sentence);
    }
    engine.close();
    Ok(())
}

fn measure(arguments: &Arguments) -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(|e| format!("no temporary folder: {e}"))?;
    let file = folder.path().join(FILE);
    let mut report = Report::new(arguments.risks);
    let runtime = product::runtime()?;

    match &arguments.seeded {
        None => fill(&file, arguments.risks, &runtime, &mut report)?,
        Some(kept) => {
            if !kept.exists() {
                std::fs::create_dir_all(kept).map_err(|e| format!("{}: {e}", kept.display()))?;
                fill(&kept.join(FILE), arguments.risks, &runtime, &mut report)?;
            }
            // Measuring writes: it has a copy of its own.
            for entry in std::fs::read_dir(kept).and_then(Iterator::collect::<Result<Vec<_>, _>>).map_err(|e| e.to_string())? {
                std::fs::copy(entry.path(), folder.path().join(entry.file_name())).map_err(|e| e.to_string())?;
            }
        }
    }
    let engine = product::open(&file)?;
    if arguments.wants("inside") {
        eprintln!("in process");
        runtime.block_on(inside::reads(&engine, &arguments.only, &mut report))?;
        runtime.block_on(inside::search(&engine, &mut report))?;
        let key = runtime.block_on(product::key(&engine))?;
        runtime.block_on(inside::token(&engine, &key, &mut report))?;
    }
    if arguments.wants("write") {
        eprintln!("writes");
        runtime.block_on(inside::writes(&engine, folder.path(), arguments.risks, &mut report))?;
    }
    if arguments.wants("import") {
        eprintln!("import");
        runtime.block_on(inside::import(&engine, arguments.catalog.as_deref(), &mut report))?;
        runtime.block_on(register::import(&mut report))?;
    }
    engine.close();
    drop(engine);
    if arguments.wants("outside") {
        eprintln!("over loopback");
        outside::requests(&file, folder.path(), &arguments.only, &mut report)?;
    }
    if arguments.wants("start") {
        eprintln!("start of the window");
        start::window(&file, folder.path(), &mut report)?;
    }
    report.write(&arguments.out)?;
    println!("{}", report.markdown());
    Ok(())
}
