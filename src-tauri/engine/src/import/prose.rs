//! The texts of an OSCAL control, as NIST prints them: statement with labelled items, then guidance and the rest
//! under headings. Assessment objectives and methods (SP 800-53A) are not part of a control's text.

use super::catalog::{Param, Part, label_of};
use super::markup::{MOST, plain};
use std::collections::HashMap;

/// How deep parameters may refer to one another.
const DEEPEST_INSERT: usize = 6;

/// The parameters of a catalog by id.
pub(super) type Params<'c> = HashMap<&'c str, &'c Param>;

/// Renders the texts of one control or group; empty when it has none.
pub(super) fn description(parts: &[Part], params: &Params<'_>) -> String {
    let mut out = String::new();
    let is_statement = |part: &&Part| part.name == "statement";
    let statements = parts.iter().filter(is_statement);
    let others = parts.iter().filter(|part| !is_statement(part) && !part.name.starts_with("assessment"));
    for part in statements.chain(others) {
        if out.len() > MOST {
            break;
        }
        let mut text = String::new();
        body(part, params, &mut text);
        let text = text.trim();
        if text.is_empty() {
            continue;
        }
        if !out.is_empty() {
            out.push_str("\n\n");
        }
        if let Some(heading) = heading(part, out.is_empty()) {
            out.push_str(&heading);
            out.push('\n');
        }
        out.push_str(text);
    }
    out
}

/// Plain text of one line of prose.
pub(super) fn line(prose: &str, params: &Params<'_>) -> String {
    let mut out = String::new();
    render(prose, params, 0, &mut out);
    out.trim().to_owned()
}

/// `Guidance` for guidance, the part's own title where it has one, else its name. A statement needs none, nor does
/// an overview that stands first.
fn heading(part: &Part, first: bool) -> Option<String> {
    if part.name == "statement" {
        return None;
    }
    if let Some(title) = part.title.as_deref().or_else(|| label_of(&part.props)) {
        return Some(line(title, &Params::new()));
    }
    if first && part.name == "overview" {
        return None;
    }
    let mut letters = part.name.chars();
    let initial = letters.next()?;
    Some(initial.to_uppercase().chain(letters.map(|c| if c == '-' || c == '_' { ' ' } else { c })).collect())
}

fn body(part: &Part, params: &Params<'_>, out: &mut String) {
    paragraph(part.prose.as_deref(), "", params, out);
    for inner in &part.parts {
        item(inner, 0, params, out);
    }
}

/// One labelled line, its own items indented below it. A part without a label is a paragraph of its own.
fn item(part: &Part, depth: usize, params: &Params<'_>, out: &mut String) {
    if out.len() > MOST || part.name.starts_with("assessment") {
        return;
    }
    let label = label_of(&part.props).map(str::trim).filter(|label| !label.is_empty());
    if label.is_none() && !out.is_empty() && part.prose.is_some() {
        out.push('\n');
    }
    let indent = "  ".repeat(depth);
    let lead = label.map_or_else(|| indent.clone(), |label| format!("{indent}{label} "));
    if part.prose.is_some() || label.is_some() {
        paragraph(Some(part.prose.as_deref().unwrap_or_default()), &lead, params, out);
    }
    let below = depth + usize::from(label.is_some());
    for inner in &part.parts {
        item(inner, below, params, out);
    }
}

fn paragraph(prose: Option<&str>, lead: &str, params: &Params<'_>, out: &mut String) {
    let Some(prose) = prose else { return };
    if !out.is_empty() {
        out.push('\n');
    }
    let mut text = String::new();
    render(prose, params, 0, &mut text);
    out.push_str(lead);
    out.push_str(text.trim());
    if text.trim().is_empty() {
        out.truncate(out.trim_end().len());
    }
}

fn render(prose: &str, params: &Params<'_>, depth: usize, out: &mut String) {
    plain(prose, out, &mut |id, out| match params.get(id) {
        Some(param) if depth < DEEPEST_INSERT && out.len() <= MOST => parameter(param, params, depth + 1, out),
        Some(_) | None => {
            out.push('[');
            out.push_str(id);
            out.push(']');
        }
    });
}

/// A parameter as NIST prints it: its value where one is set, else `[Selection: …]` or `[Assignment: …]`.
fn parameter(param: &Param, params: &Params<'_>, depth: usize, out: &mut String) {
    if !param.values.is_empty() {
        join(&param.values, ", ", params, depth, out);
        return;
    }
    let select = param.select.as_ref().filter(|select| !select.choice.is_empty());
    if let Some(select) = select {
        let several = select.how_many.as_deref() == Some("one-or-more");
        out.push_str(if several { "[Selection (one or more): " } else { "[Selection: " });
        join(&select.choice, "; ", params, depth, out);
    } else {
        out.push_str("[Assignment: ");
        render(param.label.as_deref().unwrap_or(&param.id).trim(), params, depth, out);
    }
    out.push(']');
}

fn join(texts: &[String], between: &str, params: &Params<'_>, depth: usize, out: &mut String) {
    for (at, text) in texts.iter().enumerate() {
        if out.len() > MOST {
            return;
        }
        if at > 0 {
            out.push_str(between);
        }
        render(text.trim(), params, depth, out);
    }
}
