//! The minutes of a workshop over HTTP: as JSON, and as Markdown in the reader's language.

use super::auth::{Analyst, Call, Viewer};
use super::documents::{chosen_place, disposition, write_place};
use super::language::{Language, say_french};
use super::registers::FilePlace;
use super::request::{Answer, JsonBody, Params};
use super::workshop_words::MinutesWords;
use crate::error::Error;
use crate::store::{audits, records, workshops};
use amtia_domain::matrix::Matrix;
use amtia_domain::risk::Judgement;
use amtia_domain::workshop::{Decision, Minutes, MinutesItem, RoundTold, Workshop};
use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use jiff::tz::TimeZone;
use serde::Serialize;
use std::fmt::Write as _;
use std::io::Write as _;
use utoipa::ToSchema;

amtia_domain::words! {
    /// The form of minutes.
    MinutesFormat {
        /// For programs.
        Json = "json",
        /// For people.
        Markdown = "markdown",
    }
}

/// The minutes of a workshop, with how far the room agreed in words.
#[derive(Serialize, ToSchema)]
pub(crate) struct MinutesTold {
    #[serde(flatten)]
    minutes: Minutes,
    /// How far the room agreed in each round of each item, in a sentence: in the order of the items and of their rounds.
    agreement: Vec<Vec<String>>,
}

struct Told {
    minutes: Minutes,
    zone: TimeZone,
    matrix: std::sync::Arc<Matrix>,
    language: Language,
    format: MinutesFormat,
}

impl Told {
    fn read(call: &Call, id: &str, mut params: Params, headers: &HeaderMap) -> Result<Self, Error> {
        let format = params.choice::<MinutesFormat>("format").unwrap_or(MinutesFormat::Json);
        params.finish()?;
        let (minutes, zone) = call.workspace.store.read(|connection| {
            let workshop = records::get::<Workshop>(connection, id)?.record;
            Ok((Minutes::of(&workshop, &workshops::votes(connection, id, None)?), audits::zone(connection)?))
        })?;
        Ok(Self { minutes, zone, matrix: call.workspace.matrix()?, language: Language::of(headers), format })
    }

    fn words(&self) -> MinutesWords<'_> {
        MinutesWords { language: self.language, matrix: &self.matrix }
    }

    fn bytes(&self) -> Result<Vec<u8>, Error> {
        let words = self.words();
        if self.format == MinutesFormat::Markdown {
            return Ok(markdown(&self.minutes, words, &self.zone).into_bytes());
        }
        let of = |item: &MinutesItem| item.rounds.iter().map(|round| words.agreement(&round.tally)).collect();
        let agreement = self.minutes.items.iter().map(of).collect();
        serde_json::to_vec(&MinutesTold { minutes: self.minutes.clone(), agreement }).map_err(Error::internal)
    }
}

/// The minutes of a workshop: decisions, every round that was revealed, what is to be done, who was there.
#[utoipa::path(get, path = "/v1/workshops/{id}/minutes", tag = "local", operation_id = "workshop_minutes",
    params(("id" = String, Path), ("format" = Option<MinutesFormat>, Query)), responses((status = 200, body = MinutesTold)))]
pub(crate) async fn workshop_minutes(
    Viewer(call): Viewer,
    Path(id): Path<String>,
    params: Params,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let told = Told::read(&call, &id, params, &headers)?;
    let mut response = Answer { status: 200, headers: Vec::new(), body: Vec::new() }.into_response();
    *response.body_mut() = Body::from(told.bytes()?);
    let headers = response.headers_mut();
    if told.format == MinutesFormat::Markdown {
        let name = format!("{}.md", told.minutes.reference);
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/markdown; charset=utf-8"));
        headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_str(&disposition(&name)).map_err(Error::internal)?);
    }
    if told.language == Language::French {
        say_french(headers);
    }
    Ok(response)
}

/// Write the minutes to a place that the person at this device chose. Only the window may name one.
#[utoipa::path(post, path = "/v1/workshops/{id}/minutes", tag = "local", operation_id = "save_workshop_minutes", request_body = FilePlace,
    params(("id" = String, Path), ("format" = Option<MinutesFormat>, Query)), responses((status = 204)))]
pub(crate) async fn save_workshop_minutes(
    Analyst(call): Analyst,
    Path(id): Path<String>,
    params: Params,
    headers: HeaderMap,
    body: JsonBody,
) -> Result<Response, Error> {
    let told = Told::read(&call, &id, params, &headers)?;
    let path = chosen_place(body, call.who.in_process)?;
    let bytes = told.bytes()?;
    write_place(path, move |file| file.write_all(&bytes)).await
}

/// Somebody's words as Markdown shows them (CommonMark): on one line, with no mark in them that means anything.
fn plain(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        let first = shown.is_empty();
        if !first {
            shown.push(' ');
        }
        let numbers = word.trim_end_matches(['.', ')']);
        let counts = first && !numbers.is_empty() && numbers.len() + 1 == word.len() && numbers.bytes().all(|byte| byte.is_ascii_digit());
        for (place, mark) in word.char_indices() {
            let begins = first && place == 0 && matches!(mark, '+' | '-' | '=') || counts && place == numbers.len();
            if begins || matches!(mark, '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '&' | '!') {
                shown.push('\\');
            }
            shown.push(mark);
        }
    }
    shown
}

/// Somebody's words as a quotation, a line for each of theirs.
fn quoted(text: &mut String, said: &str) {
    for line in said.lines().map(plain).filter(|line| !line.is_empty()) {
        let _ = writeln!(text, "> {line}  ");
    }
}

fn bulleted(text: &mut String, points: impl Iterator<Item = String>) {
    for point in points {
        let _ = writeln!(text, "- {point}");
    }
}

/// `zone` is the workspace's: the day on which the room opened is one of its days.
fn markdown(minutes: &Minutes, words: MinutesWords<'_>, zone: &TimeZone) -> String {
    let mut text = String::new();
    let say = |name: &str| words.say(name);
    let title = format!("{}, {}", minutes.reference, plain(&minutes.name));
    let _ = writeln!(text, "# {}\n", words.with("minutes", &title));
    let mut fact = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            let _ = writeln!(text, "- {}{}{value}", say(name), words.colon());
        }
    };
    let held = if minutes.started_at.is_some() { "held_on" } else { "planned_on" };
    let began = minutes.started_at.map(|at| zone.to_datetime(at).date());
    fact(held, began.or(minutes.held_on).map(|date| words.day(date)));
    fact("place", minutes.place.as_deref().map(plain));
    fact("facilitator", minutes.facilitator.as_deref().map(plain));
    fact("question", minutes.question.as_deref().map(plain));
    fact("view", Some(words.view(minutes.view).to_owned()));
    let how = if minutes.blind { "votes.blind" } else { "votes.open" };
    let who = if minutes.anonymous { "votes.anonymous" } else { "votes.named" };
    fact("votes", Some(format!("{}, {}", say(how), say(who))));
    fact("decides", Some(words.decides(minutes.decides).to_owned()));
    fact("status", Some(words.status(minutes.status).to_owned()));
    fact("applied", Some(say(if minutes.applied_at.is_some() { "yes" } else { "no" }).to_owned()));
    let _ = writeln!(text, "\n## {}\n", say("attendance"));
    for one in &minutes.attendance {
        let group = one.group.as_deref().map_or_else(String::new, |group| format!(" ({})", plain(group)));
        let _ = writeln!(text, "- {}{group}, {}", plain(&one.name), say(if one.present { "present" } else { "absent" }));
    }
    let _ = writeln!(text, "\n## {}", say("agenda"));
    for (place, item) in minutes.items.iter().enumerate() {
        let _ = writeln!(text, "\n### {}. {} {}\n", place + 1, item.reference, plain(&item.name));
        agenda_item(&mut text, item, words);
    }
    if !minutes.places.is_empty() {
        let _ =
            writeln!(text, "\n## {}\n\n| {} | {} | {} |\n| --- | ---: | ---: |", say("places"), say("cell"), say("before"), say("after"));
        for place in &minutes.places {
            let cell = words.cell(Judgement { likelihood: place.likelihood, impact: place.impact });
            let _ = writeln!(text, "| {} | {} | {} |", plain(&cell), place.before, place.after);
        }
    }
    for (name, list) in [("divided", &minutes.divided), ("parking", &minutes.parking)] {
        if !list.is_empty() {
            let _ = writeln!(text, "\n## {}\n", say(name));
            bulleted(&mut text, list.iter().map(|one| plain(one)));
        }
    }
    text
}

fn agenda_item(text: &mut String, item: &MinutesItem, words: MinutesWords<'_>) {
    let (say, colon) = (|name: &str| words.say(name), words.colon());
    match &item.decision {
        Some(decision) => decided(text, item, decision, words),
        None => text.push_str(&format!("{}\n", words.item(item.status))),
    }
    for round in &item.rounds {
        round_told(text, round, words);
    }
    if let Some(notes) = &item.notes {
        let _ = writeln!(text, "\n{}{colon}\n", say("notes"));
        quoted(text, notes);
    }
    if !item.actions.is_empty() {
        let _ = writeln!(text, "\n{}{colon}\n", say("actions"));
        for action in &item.actions {
            let owner = action.owner.as_deref().map_or_else(|| say("no_owner").to_owned(), plain);
            let due = action.due_date.map_or_else(String::new, |due| format!(", {}", words.with("due", &words.day(due))));
            let _ = writeln!(text, "- {} ({owner}{due})", plain(&action.title));
        }
    }
}

fn decided(text: &mut String, item: &MinutesItem, decision: &Decision, words: MinutesWords<'_>) {
    let (say, colon) = (|name: &str| words.say(name), words.colon());
    let by = decision.by.as_deref().map_or_else(|| say("by.room").to_owned(), |by| words.with("by", &plain(by)));
    let cell = Judgement { likelihood: decision.likelihood, impact: decision.impact };
    let _ = writeln!(text, "**{}{colon}{}**, {by}.", say("item.decided"), plain(&words.cell(cell)));
    let before = item.before.map_or_else(|| say("unassessed").to_owned(), |cell| plain(&words.cell(cell)));
    let _ = writeln!(text, "{}{colon}{before}.", say("before"));
    if let Some(rationale) = &decision.rationale {
        let _ = writeln!(text, "\n{}{colon}\n", say("rationale"));
        quoted(text, rationale);
    }
    for one in &item.dissent {
        let name = one.name.as_deref().map_or_else(|| say("unnamed").to_owned(), plain);
        let _ = writeln!(text, "\n{} ({name}){colon}{}", say("dissent"), plain(&one.reason));
    }
}

fn round_told(text: &mut String, round: &RoundTold, words: MinutesWords<'_>) {
    let (say, colon, tally) = (|name: &str| words.say(name), words.colon(), &round.tally);
    let number = say("round").replace("{n}", &round.round.to_string());
    let numbers = words.numbers(tally);
    let _ = writeln!(text, "\n{number}{colon}{}. {}{}", words.agreement(tally), plain(&numbers), if numbers.is_empty() { "" } else { "." });
    if !tally.cells.is_empty() {
        let _ = writeln!(text, "\n| {} | {} |\n| --- | ---: |", say("cell"), say("votes"));
        for cell in &tally.cells {
            let name = words.cell(Judgement { likelihood: cell.likelihood, impact: cell.impact });
            let _ = writeln!(text, "| {} | {} |", plain(&name), cell.count);
        }
    }
    for group in &round.groups {
        let median = Judgement { likelihood: group.likelihood.median, impact: group.impact.median };
        let said = say("median").replace("{cell}", &words.cell(median));
        let _ = writeln!(text, "\n{} {}{colon}{}.", say("group"), plain(&group.group), plain(&said));
    }
    if !round.votes.is_empty() {
        text.push('\n');
        let said = round.votes.iter().map(|vote| {
            let cell = vote.likelihood.zip(vote.impact).map(|(likelihood, impact)| Judgement { likelihood, impact });
            let cell = cell.map_or_else(|| say("abstains").to_owned(), |cell| words.cell(cell));
            format!("{}{colon}{}", plain(&vote.name), plain(&cell))
        });
        bulleted(text, said);
    }
    if !round.comments.is_empty() {
        let _ = writeln!(text, "\n{}{colon}\n", say("comments"));
        let said = round.comments.iter().map(|comment| {
            let name = comment.name.as_deref().map_or_else(String::new, |name| format!("{}{colon}", plain(name)));
            format!("{name}{}", plain(&comment.text))
        });
        bulleted(text, said);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_somebody_said_means_anything_in_markdown() {
        for (said, shown) in [
            ("Plain words, and a - dash, since 2024.", "Plain words, and a - dash, since 2024."),
            ("# a heading", "\\# a heading"),
            ("- a list", "\\- a list"),
            ("1. a list", "1\\. a list"),
            ("12) a list", "12\\) a list"),
            (". no list", ". no list"),
            ("2026 is a year", "2026 is a year"),
            ("a | b\n\n# c", "a \\| b \\# c"),
            ("[x](javascript:y) <script> *z* `q` &amp;", "\\[x\\](javascript:y) \\<script\\> \\*z\\* \\`q\\` \\&amp;"),
            ("a\\b", "a\\\\b"),
        ] {
            assert_eq!(plain(said), shown);
        }
    }
}
