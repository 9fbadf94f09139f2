//! How many tests passed, failed and were skipped, read from what the runners print.

/// The sums of one part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Tests that passed.
    pub passed: u64,
    /// Tests that failed.
    pub failed: u64,
    /// Tests that were asked not to run.
    pub skipped: u64,
}

impl Counts {
    /// One check that passed or failed.
    pub fn one(ok: bool) -> Self {
        Self { passed: u64::from(ok), failed: u64::from(!ok), skipped: 0 }
    }

    /// Adds another part's sums.
    pub fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }

    /// Reads the summaries of cargo, Vitest, Playwright, pytest, Node's own runner (TAP) and PHPUnit.
    pub fn read(output: &str) -> Self {
        let mut counts = Self::default();
        for line in output.lines() {
            let line = plain(line);
            let line = line.trim();
            if let Some(summary) = line.strip_prefix("test result:") {
                counts.add(pairs(summary));
            } else if let Some(summary) = line.strip_prefix("Tests ") {
                counts.add(pairs(summary));
            } else if line.contains(" in ") && line.ends_with('s') && line.starts_with(|c: char| c.is_ascii_digit()) {
                counts.add(pairs(line));
            } else if let Some(summary) = line.strip_prefix("# ") {
                counts.add(node(summary));
            } else if line.starts_with("OK (") || line.starts_with("Tests: ") {
                counts.add(phpunit(line));
            } else if line.starts_with(|c: char| c.is_ascii_digit()) {
                counts.add(playwright(line));
            }
        }
        counts
    }
}

/// `5 passed (3.2s)`, `1 failed`, `2 skipped`, `1 flaky`, `3 did not run`: a line of its own each.
fn playwright(line: &str) -> Counts {
    let (number, rest) = line.split_once(' ').unwrap_or((line, ""));
    let Ok(number) = number.parse::<u64>() else {
        return Counts::default();
    };
    let rest = rest.split(" (").next().unwrap_or(rest).trim();
    match rest {
        "passed" => Counts { passed: number, ..Counts::default() },
        // A test that passes only the second time has found something.
        "failed" | "flaky" | "interrupted" | "did not run" => Counts { failed: number, ..Counts::default() },
        "skipped" => Counts { skipped: number, ..Counts::default() },
        _ => Counts::default(),
    }
}

/// `# pass 5`, `# fail 1`, `# cancelled 0`, `# skipped 2`: a line of its own each.
fn node(summary: &str) -> Counts {
    let (word, number) = summary.split_once(' ').unwrap_or((summary, ""));
    let number = number.parse::<u64>().unwrap_or(0);
    match word {
        "pass" => Counts { passed: number, ..Counts::default() },
        "fail" | "cancelled" => Counts { failed: number, ..Counts::default() },
        "skipped" | "todo" => Counts { skipped: number, ..Counts::default() },
        _ => Counts::default(),
    }
}

/// `OK (5 tests, 9 assertions)`, or `Tests: 5, Assertions: 9, Errors: 1, Failures: 1, Skipped: 1.`
fn phpunit(line: &str) -> Counts {
    let words: Vec<&str> = line.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let after = |name: &str| words.windows(2).filter(|pair| pair[0] == name).filter_map(|pair| pair[1].parse::<u64>().ok()).sum::<u64>();
    let tests = if words[0] == "OK" { words.get(1).and_then(|n| n.parse().ok()).unwrap_or(0) } else { after("Tests") };
    let skipped = after("Skipped") + after("Incomplete");
    // A warning, a risky test or a notice has found something.
    let failed = after("Errors") + after("Failures") + after("Warnings") + after("Risky");
    Counts { passed: tests.saturating_sub(failed + skipped), failed, skipped }
}

/// Every `number word` of a summary line.
fn pairs(summary: &str) -> Counts {
    let words: Vec<&str> = summary.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let mut counts = Counts::default();
    for pair in words.windows(2) {
        let Ok(number) = pair[0].parse::<u64>() else {
            continue;
        };
        match pair[1] {
            "passed" => counts.passed += number,
            "failed" | "error" | "errors" => counts.failed += number,
            "ignored" | "skipped" | "todo" => counts.skipped += number,
            _ => {}
        }
    }
    counts
}

/// A line without colours.
fn plain(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        if c == '\u{1b}' {
            for c in chars.by_ref() {
                if c.is_ascii_alphabetic() {
                    break;
                }
            }
        } else {
            text.push(c);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::Counts;

    #[test]
    fn each_runner_is_understood() {
        let cases = [
            ("test result: FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; 4 filtered out; finished in 0.01s", (12, 3, 1)),
            ("\u{1b}[2m      Tests \u{1b}[22m \u{1b}[31m2 failed\u{1b}[39m | \u{1b}[32m40 passed\u{1b}[39m | 5 skipped (47)", (40, 2, 5)),
            (" Test Files  3 passed (3)\n      Tests  9 passed (9)", (9, 0, 0)),
            ("  2 failed\n    e2e/a.spec.ts\n  1 flaky\n  1 did not run\n  20 passed (12.3s)", (20, 4, 0)),
            ("....F\n1 failed, 30 passed, 2 skipped in 3.76s", (30, 1, 2)),
            ("TAP version 13\n# tests 5\n# pass 3\n# fail 1\n# cancelled 0\n# skipped 1\n# todo 0", (3, 1, 1)),
            ("OK (12 tests, 40 assertions)", (12, 0, 0)),
            ("Tests: 12, Assertions: 40, Errors: 1, Failures: 2, Skipped: 1.", (8, 3, 1)),
            ("10 files were checked\n3 passed by the window", (0, 0, 0)),
        ];
        for (output, (passed, failed, skipped)) in cases {
            assert_eq!(Counts::read(output), Counts { passed, failed, skipped }, "{output}");
        }
    }
}
