//! The rows, as Markdown and as JSON.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Value, json};

/// What a row's ratio must be.
#[derive(Clone, Copy, Debug)]
pub enum Goal {
    /// At least this.
    AtLeast(f64),
    /// At most this.
    AtMost(f64),
    /// Context only.
    None,
}

impl Goal {
    fn met(self, ratio: f64) -> Option<bool> {
        match self {
            Self::AtLeast(goal) => Some(ratio >= goal),
            Self::AtMost(goal) => Some(ratio <= goal),
            Self::None => None,
        }
    }

    fn words(self) -> String {
        match self {
            Self::AtLeast(goal) => format!("≥ {goal}"),
            Self::AtMost(goal) => format!("≤ {goal}"),
            Self::None => String::new(),
        }
    }
}

struct Row {
    part: String,
    name: String,
    product: String,
    against: String,
    ratio: f64,
    goal: Goal,
}

/// All rows of one run.
pub struct Report {
    risks: u64,
    notes: Vec<String>,
    rows: Vec<Row>,
}

impl Report {
    /// An empty report on a workspace of this many risks.
    pub fn new(risks: u64) -> Self {
        Self { risks, notes: Vec::new(), rows: Vec::new() }
    }

    /// A sentence below the table.
    pub fn note(&mut self, sentence: String) {
        self.notes.push(sentence);
    }

    /// One row.
    pub fn row(&mut self, part: &str, name: &str, product: &str, against: &str, ratio: f64, goal: Goal) {
        eprintln!("  {name}: {product}; {against}; ratio {ratio:.3}");
        self.rows.push(Row {
            part: part.to_owned(),
            name: name.to_owned(),
            product: product.to_owned(),
            against: against.to_owned(),
            ratio,
            goal,
        });
    }

    /// The report as a Markdown document.
    pub fn markdown(&self) -> String {
        let mut text = format!(
            "# Measured by `cargo xtask bench`\n\n{} risks, {} build, {}. Each row alternates between the product and what it is\ncompared with, in one run; ratios mean something, times alone do not.\n\n| part | work | product | compared with | ratio | goal | |\n| --- | --- | --- | --- | --- | --- | --- |\n",
            self.risks,
            if cfg!(debug_assertions) { "debug" } else { "release" },
            machine()
        );
        for row in &self.rows {
            let met = match row.goal.met(row.ratio) {
                Some(true) => "met",
                Some(false) => "**missed**",
                None => "",
            };
            // Writing to a string cannot fail.
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} | {:.3} | {} | {met} |",
                row.part,
                row.name,
                row.product,
                row.against,
                row.ratio,
                row.goal.words()
            );
        }
        for note in &self.notes {
            let _ = write!(text, "\n{note}\n");
        }
        text
    }

    /// Writes `latest.json` and `latest.md`; of another number of risks than usual, `latest-1000000.json` and so on.
    pub fn write(&self, folder: &Path) -> Result<(), String> {
        let name = if self.risks == crate::RISKS { "latest".to_owned() } else { format!("latest-{}", self.risks) };
        let rows: Vec<Value> = self
            .rows
            .iter()
            .map(|row| {
                json!({
                    "part": row.part,
                    "work": row.name,
                    "product": row.product,
                    "against": row.against,
                    "ratio": (row.ratio * 1_000.0).round() / 1_000.0,
                    "goal": row.goal.words(),
                    "met": row.goal.met(row.ratio),
                })
            })
            .collect();
        let document = json!({"risks": self.risks, "machine": machine(), "rows": rows, "notes": self.notes});
        let json = serde_json::to_string_pretty(&document).map_err(|e| e.to_string())? + "\n";
        for (ending, text) in [("json", json), ("md", self.markdown())] {
            let path = folder.join(format!("{name}.{ending}"));
            std::fs::write(&path, text).map_err(|e| format!("{}: {e}", path.display()))?;
        }
        Ok(())
    }
}

fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{cores} cores, {} {}", std::env::consts::OS, std::env::consts::ARCH)
}
