//! Risks seen together: the list, the heatmap, the chips, the lens, the facets.

use super::lists::{Condition, Sort, Table};
use crate::error::Error;
use amtia_domain::matrix::{Level, Matrix, View};
use amtia_domain::words::Word;
use rusqlite::types::Value as Sql;
use rusqlite::{Connection, params_from_iter};
use serde_json::{Value, json};

fn db(cause: rusqlite::Error) -> Error {
    Error::database(&cause)
}

/// The list of risks.
pub static RISKS: Table = Table {
    name: "risks",
    text: "risks_text",
    sorts: &[
        Sort { field: "created_at", column: "seq" },
        Sort { field: "ref", column: "seq" },
        Sort { field: "updated_at", column: "updated_at" },
        Sort { field: "name", column: "name" },
        Sort { field: "owner", column: "owner" },
        Sort { field: "category", column: "category" },
        Sort { field: "status", column: "status" },
        Sort { field: "treatment", column: "treatment" },
        Sort { field: "likelihood", column: "current_likelihood" },
        Sort { field: "impact", column: "current_impact" },
        Sort { field: "score", column: "current_score" },
        Sort { field: "level", column: "current_level" },
        Sort { field: "review_date", column: "review_date" },
        Sort { field: "inherent_score", column: "inherent_score" },
        Sort { field: "residual_score", column: "residual_score" },
        Sort { field: "target_score", column: "target_score" },
    ],
};

/// Column names of one view, all fixed text.
struct Columns {
    number: i64,
    likelihood: &'static str,
    impact: &'static str,
    cell: &'static str,
    likelihood_is: &'static str,
    impact_is: &'static str,
    level_is: &'static str,
    assessed: &'static str,
    unassessed: &'static str,
}

macro_rules! columns {
    ($number:literal, $view:literal) => {
        Columns {
            number: $number,
            likelihood: concat!("t.", $view, "_likelihood"),
            impact: concat!("t.", $view, "_impact"),
            cell: concat!("t.", $view, "_likelihood = ? AND t.", $view, "_impact = ?"),
            likelihood_is: concat!("t.", $view, "_likelihood = ?"),
            impact_is: concat!("t.", $view, "_impact = ?"),
            level_is: concat!("t.", $view, "_level = ?"),
            assessed: concat!("t.", $view, "_likelihood > 0"),
            unassessed: concat!("t.", $view, "_likelihood = 0"),
        }
    };
}

fn columns(view: View) -> &'static Columns {
    static CURRENT: Columns = columns!(0, "current");
    static INHERENT: Columns = columns!(1, "inherent");
    static RESIDUAL: Columns = columns!(2, "residual");
    static TARGET: Columns = columns!(3, "target");
    match view {
        View::Current => &CURRENT,
        View::Inherent => &INHERENT,
        View::Residual => &RESIDUAL,
        View::Target => &TARGET,
    }
}

/// Conditions on where a risk stands in one view.
#[must_use]
pub fn placed(view: View, likelihood: Option<u8>, impact: Option<u8>, level: Option<Level>, assessed: Option<bool>) -> Vec<Condition> {
    let columns = columns(view);
    let mut conditions = Vec::new();
    match (likelihood, impact) {
        (Some(likelihood), Some(impact)) => {
            conditions.push(Condition { sql: columns.cell, values: vec![Sql::Integer(likelihood.into()), Sql::Integer(impact.into())] });
        }
        (Some(likelihood), None) => conditions.push(Condition::one(columns.likelihood_is, i64::from(likelihood))),
        (None, Some(impact)) => conditions.push(Condition::one(columns.impact_is, i64::from(impact))),
        (None, None) => {}
    }
    if let Some(place) = level.and_then(|level| Level::ALL.iter().position(|have| *have == level)) {
        conditions.push(Condition::one(columns.level_is, place as i64 + 1));
    }
    match assessed {
        Some(true) => conditions.push(Condition { sql: columns.assessed, values: Vec::new() }),
        Some(false) => conditions.push(Condition { sql: columns.unassessed, values: Vec::new() }),
        None => {}
    }
    conditions
}

/// What a condition of [`placed`] asks.
#[derive(Clone, Copy)]
pub(super) enum Placed {
    Cell,
    Likelihood,
    Impact,
    Level,
    Assessed(bool),
}

/// What a fragment of [`placed`] asks, of which view; `None` for any other.
pub(super) fn placed_by(sql: &str) -> Option<(View, Placed)> {
    [View::Current, View::Inherent, View::Residual, View::Target].into_iter().find_map(|view| {
        let columns = columns(view);
        let all = [
            (columns.cell, Placed::Cell),
            (columns.likelihood_is, Placed::Likelihood),
            (columns.impact_is, Placed::Impact),
            (columns.level_is, Placed::Level),
            (columns.assessed, Placed::Assessed(true)),
            (columns.unassessed, Placed::Assessed(false)),
        ];
        all.into_iter().find(|(have, _)| *have == sql).map(|(_, which)| (view, which))
    })
}

/// Filters whose columns stand in the index `risks_facets`.
const FACETS: &[&str] = &["t.category = ?", "t.owner = ?", "t.status = ?", "t.treatment = ?"];

/// The index that answers these filters and the current places without a record, to be named in the statement.
pub(super) fn covering(conditions: &[Condition], words: Option<&str>) -> &'static str {
    let covered = words.is_none() && conditions.iter().all(|condition| FACETS.contains(&condition.sql));
    if covered { " INDEXED BY risks_facets" } else { "" }
}

/// Counts by cell, `[(likelihood, impact, count)]`, (0, 0) for not assessed: from the kept counts, or with conditions by
/// one pass over what meets them.
///
/// # Errors
/// The database's.
pub fn counts(connection: &Connection, view: View, conditions: &[Condition], words: Option<&str>) -> Result<Vec<(u8, u8, u64)>, Error> {
    let columns = columns(view);
    let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    if conditions.is_empty() && words.is_none() {
        let mut statement = connection.prepare_cached("SELECT likelihood, impact, count FROM risk_cells WHERE view = ?1").map_err(db)?;
        let rows = statement.query_map([columns.number], row).map_err(db)?;
        return rows.collect::<Result<_, _>>().map_err(db);
    }
    let (filter, values) = filter(conditions, words);
    let index = if view == View::Current { covering(conditions, words) } else { "" };
    let text =
        format!("SELECT {l}, {i}, count(*) FROM risks t{index}{filter} GROUP BY {l}, {i}", l = columns.likelihood, i = columns.impact);
    let mut statement = connection.prepare_cached(&text).map_err(db)?;
    let rows = statement.query_map(params_from_iter(values), row).map_err(db)?;
    rows.collect::<Result<_, _>>().map_err(db)
}

/// The numbers of the risks that meet the conditions.
///
/// # Errors
/// The database's.
pub(super) fn numbers(connection: &Connection, conditions: &[Condition], words: Option<&str>) -> Result<Vec<u32>, Error> {
    let (filter, values) = filter(conditions, words);
    let mut statement = connection.prepare_cached(&format!("SELECT t.seq FROM risks t{filter}")).map_err(db)?;
    let rows = statement.query_map(params_from_iter(values), |row| row.get(0)).map_err(db)?;
    rows.collect::<Result<_, _>>().map_err(db)
}

pub(super) fn filter(conditions: &[Condition], words: Option<&str>) -> (String, Vec<Sql>) {
    let mut fragments: Vec<&str> = conditions.iter().map(|condition| condition.sql).collect();
    let mut values: Vec<Sql> = conditions.iter().flat_map(|condition| condition.values.iter().cloned()).collect();
    if let Some(typed) = words {
        fragments.push("t.seq IN (SELECT rowid FROM risks_text WHERE risks_text MATCH ?)");
        values.push(Sql::Text(super::lists::match_expression(typed).unwrap_or_else(|| "\"\"".into())));
    }
    let filter = if fragments.is_empty() { String::new() } else { format!(" WHERE {}", fragments.join(" AND ")) };
    (filter, values)
}

/// How many risks there are, from the kept counts.
///
/// # Errors
/// The database's.
pub fn total(connection: &Connection) -> Result<u64, Error> {
    connection
        .prepare_cached("SELECT coalesce(sum(count), 0) FROM risk_cells WHERE view = 0")
        .and_then(|mut statement| statement.query_row([], |row| row.get(0)))
        .map_err(db)
}

/// How many risks meet the conditions, where one index tells; `None` otherwise.
///
/// # Errors
/// The database's.
pub fn total_where(connection: &Connection, conditions: &[Condition], words: Option<&str>) -> Result<Option<u64>, Error> {
    match (conditions, words) {
        ([_], None) => super::lists::count(connection, &RISKS, conditions).map(Some),
        _ => Ok(None),
    }
}

/// How many current scores lie above the appetite.
///
/// # Errors
/// The database's.
pub fn above_appetite(connection: &Connection, matrix: &Matrix) -> Result<u64, Error> {
    connection
        .prepare_cached("SELECT coalesce(sum(count), 0) FROM risk_cells WHERE view = 0 AND likelihood * impact > ?1")
        .and_then(|mut statement| statement.query_row([i64::from(matrix.appetite)], |row| row.get(0)))
        .map_err(db)
}

/// A risk as a chip shows it.
fn chip(record: &Value) -> Value {
    let place = |value: Option<&Value>| {
        value
            .filter(|value| value.is_object())
            .map_or(Value::Null, |value| json!({ "likelihood": value["likelihood"], "impact": value["impact"] }))
    };
    let current = if record["likelihood"].is_null() {
        Value::Null
    } else {
        json!({ "likelihood": record["likelihood"], "impact": record["impact"] })
    };
    json!({
        "id": record["id"], "ref": record["ref"], "name": record["name"], "owner": record["owner"], "category": record["category"],
        "score": record["score"], "level": record["level"], "review_date": record["review_date"],
        "current": current, "inherent": place(record.get("inherent")), "residual": place(record.get("residual")), "target": place(record.get("target")),
    })
}

fn chips(connection: &Connection, statement: &str, values: Vec<Sql>) -> Result<Vec<Value>, Error> {
    let mut statement = connection.prepare_cached(statement).map_err(db)?;
    let rows = statement.query_map(params_from_iter(values), |row| row.get::<_, String>(0)).map_err(db)?;
    rows.map(|row| {
        row.map_err(db).and_then(|json| serde_json::from_str::<Value>(&json).map(|record| chip(&record)).map_err(Error::internal))
    })
    .collect()
}

/// The few that matter in each cell: the soonest review first, those without one last.
///
/// # Errors
/// The database's.
pub fn map(
    connection: &Connection,
    view: View,
    matrix: &Matrix,
    per_cell: usize,
    conditions: &[Condition],
    words: Option<&str>,
) -> Result<Vec<Value>, Error> {
    let columns = columns(view);
    let (filter, values) = filter(conditions, words);
    let joined = if filter.is_empty() { " WHERE " } else { " AND " };
    let dated =
        format!("SELECT t.json FROM risks t{filter}{joined}{} AND t.review_date > '' ORDER BY t.review_date, t.seq LIMIT ?", columns.cell);
    let undated = format!("SELECT t.json FROM risks t{filter}{joined}{} AND t.review_date = '' ORDER BY t.seq LIMIT ?", columns.cell);
    let mut cells = Vec::new();
    for likelihood in 1..=matrix.likelihood_steps() {
        for impact in 1..=matrix.impact_steps() {
            let bind = |limit: usize| {
                let mut bound = values.clone();
                bound.extend([Sql::Integer(likelihood.into()), Sql::Integer(impact.into()), Sql::Integer(limit as i64)]);
                bound
            };
            let mut found = chips(connection, &dated, bind(per_cell))?;
            if found.len() < per_cell {
                found.extend(chips(connection, &undated, bind(per_cell - found.len()))?);
            }
            cells.push(json!({ "likelihood": likelihood, "impact": impact, "chips": found }));
        }
    }
    Ok(cells)
}

/// What a lens groups by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grouping {
    /// By category.
    Category,
    /// By owner.
    Owner,
    /// By month of review.
    Due,
}

/// The risks of one cell in groups: the largest first, each with its first chips.
///
/// # Errors
/// The database's.
pub fn lens(
    connection: &Connection,
    grouping: Grouping,
    conditions: &[Condition],
    words: Option<&str>,
    groups: usize,
    per_group: usize,
) -> Result<Value, Error> {
    let (key, order) = match grouping {
        Grouping::Category => ("t.category", "count(*) DESC, 1"),
        Grouping::Owner => ("t.owner", "count(*) DESC, 1"),
        Grouping::Due => ("substr(t.review_date, 1, 7)", "1 = '', 1"),
    };
    let (filter, values) = filter(conditions, words);
    let text = format!("SELECT {key}, count(*) FROM risks t{filter} GROUP BY 1 ORDER BY {order}");
    let mut statement = connection.prepare_cached(&text).map_err(db)?;
    let rows =
        statement.query_map(params_from_iter(values.clone()), |row| Ok((row.get::<_, String>(0)?, row.get::<_, u64>(1)?))).map_err(db)?;
    let all: Vec<(String, u64)> = rows.collect::<Result<_, _>>().map_err(db)?;
    let total: u64 = all.iter().map(|(_, count)| count).sum();
    let joined = if filter.is_empty() { " WHERE " } else { " AND " };
    let members = format!("SELECT t.json FROM risks t{filter}{joined}{key} = ? ORDER BY t.review_date = '', t.review_date, t.seq LIMIT ?");
    let mut shown = Vec::new();
    for (name, count) in all.iter().take(groups) {
        let mut bound = values.clone();
        bound.extend([Sql::Text(name.clone()), Sql::Integer(per_group as i64)]);
        let key = if name.is_empty() { Value::Null } else { json!(name) };
        shown.push(json!({ "key": key, "count": count, "chips": chips(connection, &members, bound)? }));
    }
    let rest: u64 = all.iter().skip(groups).map(|(_, count)| count).sum();
    Ok(json!({ "total": total, "groups": shown, "more_groups": all.len().saturating_sub(groups), "more_risks": rest }))
}

/// The values in use, with counts.
///
/// # Errors
/// The database's.
pub fn facets(connection: &Connection) -> Result<Value, Error> {
    let of = |text: &str| -> Result<Vec<Value>, Error> {
        let mut statement = connection.prepare_cached(text).map_err(db)?;
        let rows =
            statement.query_map([], |row| Ok(json!({ "value": row.get::<_, String>(0)?, "count": row.get::<_, u64>(1)? }))).map_err(db)?;
        rows.collect::<Result<_, _>>().map_err(db)
    };
    Ok(json!({
        "owners": of("SELECT owner, count(*) FROM risks WHERE owner > '' GROUP BY owner")?,
        "categories": of("SELECT category, count(*) FROM risks WHERE category > '' GROUP BY category")?,
        "statuses": of("SELECT status, count(*) FROM risks GROUP BY status")?,
        "treatments": of("SELECT treatment, count(*) FROM risks GROUP BY treatment")?,
        "tags": of("SELECT tag, count(*) FROM risk_tags GROUP BY tag")?,
    }))
}
