//! The sample's incidents, from their data files: what is true of an incident follows from its timeline.

use super::text::{fields, lines, optional};
use super::{SampleEntry, SampleIncident, SampleRisk};
use jiff::Timestamp;
use jiff::civil::{Date, Weekday};

/// Incidents that are over, then those that are open. The first file explains the format.
pub(super) const FILES: [&str; 2] = [include_str!("data/incidents-past.txt"), include_str!("data/incidents-open.txt")];

/// Every incident, the oldest first.
pub(super) fn all(today: Date, risks: &[SampleRisk]) -> Vec<SampleIncident> {
    let mut incidents = Vec::new();
    for file in FILES {
        let mut block: Vec<&'static str> = Vec::new();
        for line in lines(file) {
            if line.starts_with("= ") && !block.is_empty() {
                incidents.extend(read(&block, today, risks));
                block.clear();
            }
            block.push(line);
        }
        incidents.extend(read(&block, today, risks));
    }
    incidents.sort_by_key(|incident| incident.created);
    incidents
}

/// The `@` line: a base, and the times that are counted from it.
struct Times {
    occurred: Option<Timestamp>,
    base: Timestamp,
    detected: Option<Timestamp>,
    aware: Option<Timestamp>,
    classified: Option<Timestamp>,
}

fn read(block: &[&'static str], today: Date, risks: &[SampleRisk]) -> Option<SampleIncident> {
    let head = fields(block.first()?.strip_prefix("= ")?);
    let [severity, tlp, title] = head[..] else { return None };
    let times = times(block.iter().find_map(|line| line.strip_prefix('@'))?, today)?;
    let touched = block.iter().find_map(|line| line.strip_prefix("& ")).unwrap_or_default();
    let mut state = State { severity, status: "new", lead: None, reason: None, resolved: None };
    let mut timeline = Vec::new();
    for line in block.iter().filter(|line| line.starts_with('+')) {
        timeline.push(state.enter(line, times.base)?);
    }
    Some(SampleIncident {
        title: title.to_owned(),
        severity: state.severity,
        description: block.iter().find_map(|line| line.strip_prefix(": ")).and_then(optional),
        status: state.status,
        occurred_at: times.occurred,
        detected_at: times.detected,
        aware_at: times.aware,
        classified_at: times.classified,
        resolved_at: state.resolved,
        tlp: Some(tlp),
        lead: state.lead.map(str::to_owned),
        dismissal_reason: state.reason,
        created: timeline.first()?.entered_at,
        risks: touched.split(';').filter_map(|text| risk(text.trim(), risks)).collect(),
        timeline,
    })
}

/// `? -6 sat 08:12 | +2m | +30m | -`
fn times(line: &'static str, today: Date) -> Option<Times> {
    let parts = fields(line);
    let [start, detected, aware, classified] = parts[..] else { return None };
    let unknown = start.starts_with('?');
    let mut words = start.trim_start_matches('?').split_whitespace();
    let mut days: i64 = words.next()?.parse().ok()?;
    let mut clock = words.next()?;
    if let Some(weekday) = weekday(clock) {
        let date = super::moment(today, days, 0).to_zoned_datetime(jiff::tz::TimeZone::UTC).date();
        days -= i64::from(date.weekday().since(weekday));
        clock = words.next()?;
    }
    let (hours, minutes) = clock.split_once(':')?;
    let base = super::moment(today, days, hours.parse::<i64>().ok()? * 60 + minutes.parse::<i64>().ok()?);
    let later = |text: &str| if text == "-" { Some(None) } else { after(base, text).map(Some) };
    Some(Times {
        occurred: (!unknown).then_some(base),
        base,
        detected: later(detected)?,
        aware: later(aware)?,
        classified: later(classified)?,
    })
}

fn weekday(word: &str) -> Option<Weekday> {
    match word {
        "sat" => Some(Weekday::Saturday),
        "sun" => Some(Weekday::Sunday),
        _ => None,
    }
}

/// `+2d3h40` or `+15m` after a moment.
fn after(base: Timestamp, text: &str) -> Option<Timestamp> {
    let mut rest = text.strip_prefix('+')?;
    let mut minutes: i64 = 0;
    for (unit, length) in [('d', 24 * 60), ('h', 60)] {
        if let Some((count, tail)) = rest.split_once(unit) {
            minutes += count.parse::<i64>().ok()? * length;
            rest = tail;
        }
    }
    let left = rest.trim_end_matches('m');
    if !left.is_empty() {
        minutes += left.parse::<i64>().ok()?;
    }
    base.checked_add(jiff::SignedDuration::from_mins(minutes)).ok()
}

/// `R142` or a risk's exact name.
fn risk(text: &str, risks: &[SampleRisk]) -> Option<usize> {
    let number = text.strip_prefix('R').and_then(|number| number.parse::<usize>().ok());
    match number {
        Some(number) => number.checked_sub(1).filter(|at| *at < risks.len()),
        None => risks.iter().position(|risk| risk.name == text),
    }
}

/// What is true after the entries read so far.
struct State {
    severity: &'static str,
    status: &'static str,
    lead: Option<&'static str>,
    reason: Option<&'static str>,
    resolved: Option<Timestamp>,
}

impl State {
    /// `+1h05~+2h | who | what | text`
    fn enter(&mut self, line: &'static str, base: Timestamp) -> Option<SampleEntry> {
        let parts = fields(line);
        let [when, actor, what, text] = parts[..] else { return None };
        let (at, entered) = when.split_once('~').unwrap_or((when, when));
        let (at, entered_at) = (after(base, at)?, after(base, entered)?);
        let (word, value) = what.split_once(' ').unwrap_or((what, ""));
        let (kind, from, to) = match word {
            "reported" => ("reported", None, None),
            "comment" => ("comment", None, None),
            "severity" => ("severity", Some(std::mem::replace(&mut self.severity, value)), Some(value)),
            "lead" => ("lead", self.lead.replace(value), Some(value)),
            status => {
                self.reason = (status == "dismissed").then_some(value);
                match status {
                    "resolved" => self.resolved = Some(at),
                    "closed" => {}
                    _ => self.resolved = None,
                }
                ("status", Some(std::mem::replace(&mut self.status, status)), Some(status))
            }
        };
        Some(SampleEntry {
            at,
            entered_at,
            actor: actor.to_owned(),
            kind,
            text: optional(text),
            from: from.map(str::to_owned),
            to: to.map(str::to_owned),
        })
    }
}
