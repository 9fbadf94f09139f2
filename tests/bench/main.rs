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
mod report;
mod seed;
mod start;
mod usage;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use report::Report;

/// Risks in the measured workspace, unless `--risks` says otherwise.
const RISKS: u64 = 100_000;

const USAGE: &str = "amtia-bench [--risks N] [--catalog OSCAL.json] --out FOLDER [inside] [outside] [write] [import] [start]";

struct Arguments {
    risks: u64,
    out: PathBuf,
    catalog: Option<PathBuf>,
    parts: Vec<String>,
}

impl Arguments {
    fn read(mut words: impl Iterator<Item = String>) -> Option<Self> {
        let mut arguments = Self { risks: RISKS, out: PathBuf::new(), catalog: None, parts: Vec::new() };
        while let Some(word) = words.next() {
            match word.as_str() {
                "--risks" => arguments.risks = words.next()?.parse().ok()?,
                "--out" => arguments.out = words.next()?.into(),
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

fn measure(arguments: &Arguments) -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(|e| format!("no temporary folder: {e}"))?;
    let file = folder.path().join("Bench.amtia");
    let mut report = Report::new(arguments.risks);
    let runtime = product::runtime()?;

    eprintln!("seeding {} risks", arguments.risks);
    product::create(&file)?;
    let key = product::key(&file)?;
    let engine = product::open(&file)?;
    report.note(runtime.block_on(seed::risks(&engine, arguments.risks))?);
    if arguments.wants("inside") {
        eprintln!("in process");
        runtime.block_on(inside::reads(&engine, &mut report))?;
        runtime.block_on(inside::search(&engine, &mut report))?;
        runtime.block_on(inside::token(&engine, &key, &mut report))?;
    }
    if arguments.wants("write") {
        eprintln!("writes");
        runtime.block_on(inside::writes(&engine, folder.path(), arguments.risks, &mut report))?;
    }
    if arguments.wants("import") {
        eprintln!("import");
        runtime.block_on(inside::import(&engine, arguments.catalog.as_deref(), &mut report))?;
    }
    engine.close();
    drop(engine);
    if arguments.wants("outside") {
        eprintln!("over loopback");
        outside::requests(&file, folder.path(), &mut report)?;
    }
    if arguments.wants("start") {
        eprintln!("start of the window");
        start::window(&file, folder.path(), &mut report)?;
    }
    report.write(&arguments.out)?;
    println!("{}", report.markdown());
    Ok(())
}
