//! Pages by keyset: the one way every list is read. Statements are built from fixed fragments; values are bound.

use crate::error::Error;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rusqlite::types::Value as Sql;
use rusqlite::{Connection, OptionalExtension, params_from_iter};

/// A field that a list can be sorted by.
#[derive(Debug)]
pub struct Sort {
    /// Its wire name.
    pub field: &'static str,
    /// Its column; `seq` where the order is that of creation.
    pub column: &'static str,
}

/// What a list is made of.
#[derive(Debug)]
pub struct Table {
    /// The table.
    pub name: &'static str,
    /// Its full-text twin.
    pub text: &'static str,
    /// What it can be sorted by; the first is the default, newest first.
    pub sorts: &'static [Sort],
}

/// A condition: a fixed fragment over the table `t`, and what is bound to its question marks.
#[derive(Clone, Debug)]
pub struct Condition {
    /// Such as `t.owner = ?`.
    pub sql: &'static str,
    /// The values, in order.
    pub values: Vec<Sql>,
}

impl Condition {
    /// A fragment with one value.
    pub fn one(sql: &'static str, value: impl Into<Sql>) -> Self {
        Self { sql, values: vec![value.into()] }
    }
}

/// Where a page ends: the sort it belongs to, the last row's value and number.
#[derive(Clone, Debug, PartialEq)]
pub struct Cursor {
    order: String,
    value: Sql,
    seq: i64,
}

impl Cursor {
    /// Opaque text.
    #[must_use]
    pub fn encode(&self) -> String {
        let value = match &self.value {
            Sql::Integer(number) => serde_json::json!(number),
            Sql::Text(text) => serde_json::json!(text),
            Sql::Null | Sql::Real(_) | Sql::Blob(_) => serde_json::Value::Null,
        };
        // Plain data can be written.
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(&(&self.order, value, self.seq)).unwrap_or_default())
    }

    /// Reads what [`Cursor::encode`] wrote.
    #[must_use]
    pub fn decode(text: &str) -> Option<Self> {
        let (order, value, seq): (String, serde_json::Value, i64) = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        let value = match value {
            serde_json::Value::Number(number) => Sql::Integer(number.as_i64()?),
            serde_json::Value::String(text) => Sql::Text(text),
            serde_json::Value::Null => Sql::Null,
            serde_json::Value::Bool(_) | serde_json::Value::Array(_) | serde_json::Value::Object(_) => return None,
        };
        Some(Self { order, value, seq })
    }
}

/// One page wanted.
#[derive(Debug)]
pub struct Wanted<'a> {
    /// From where.
    pub table: &'static Table,
    /// Conditions, all of which hold.
    pub conditions: &'a [Condition],
    /// Words to find, as typed.
    pub words: Option<&'a str>,
    /// The order.
    pub sort: &'static Sort,
    /// Largest first.
    pub descending: bool,
    /// After this row.
    pub cursor: Option<Cursor>,
    /// Rows at the most.
    pub limit: usize,
}

/// Turns typed words into an FTS5 expression: every word must occur, the last may be a beginning.
/// `None` when nothing searchable was typed.
#[must_use]
pub fn match_expression(typed: &str) -> Option<String> {
    expression(typed, |beginning| Ok::<_, std::convert::Infallible>(format!("\"{beginning}\"*"))).unwrap_or_else(|never| match never {})
}

fn expression<E>(typed: &str, begun: impl FnOnce(&str) -> Result<String, E>) -> Result<Option<String>, E> {
    let mut words: Vec<&str> = typed.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).take(16).collect();
    let last = if typed.ends_with(char::is_whitespace) { None } else { words.pop() };
    let mut parts: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
    if let Some(last) = last {
        parts.push(begun(last)?);
    }
    Ok(if parts.is_empty() { None } else { Some(parts.join(" AND ")) })
}

/// Words that a beginning stands for at the most, where each is asked for.
const MEANT: usize = 24;

/// As [`match_expression`], for the newest rows of a full text: a beginning is spelled out as the words that begin so, where they are
/// few. FTS5 reads the rows of a word from the newest on, only as far as it is asked; those of a beginning it first gathers all.
///
/// # Errors
/// The database's.
pub fn newest_expression(connection: &Connection, text: &str, typed: &str) -> Result<Option<String>, Error> {
    expression(typed, |beginning| {
        let meant = if beginning.is_ascii() { words_from(connection, text, &beginning.to_ascii_lowercase())? } else { Vec::new() };
        Ok(match meant.len() {
            // Beyond ASCII only FTS5 knows how it spells a word.
            0 => format!("\"{beginning}\"*"),
            more if more > MEANT => format!("\"{beginning}\"*"),
            _ => format!("({})", meant.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(" OR ")),
        })
    })
}

/// The words of a full text that begin so, one more than [`MEANT`] at the most.
fn words_from(connection: &Connection, text: &str, beginning: &str) -> Result<Vec<String>, Error> {
    let db = |cause: rusqlite::Error| Error::database(&cause);
    let mut next = connection.prepare_cached(&format!("SELECT term FROM {text}_terms WHERE term >= ?1 LIMIT 1")).map_err(db)?;
    let mut words: Vec<String> = Vec::new();
    let mut from = beginning.to_owned();
    while words.len() <= MEANT {
        let word: Option<String> = next.query_row([&from], |row| row.get(0)).optional().map_err(db)?;
        let Some(word) = word.filter(|word| word.starts_with(beginning)) else { break };
        // No word holds a control character: this comes right after it, and before all that are longer.
        from = format!("{word}\u{1}");
        words.push(word);
    }
    Ok(words)
}

/// Reads one page: hands each record's JSON to `take`, and answers where the next page starts, unless this is the last.
///
/// # Errors
/// A cursor of another order; the database's.
pub fn page(connection: &Connection, wanted: &Wanted<'_>, mut take: impl FnMut(&[u8])) -> Result<Option<Cursor>, Error> {
    let db = |cause: rusqlite::Error| Error::database(&cause);
    let order = format!("{}{}", if wanted.descending { "-" } else { "" }, wanted.sort.field);
    let direction = if wanted.descending { "DESC" } else { "ASC" };
    let by_seq = wanted.sort.column == "seq";
    let mut values: Vec<Sql> = Vec::new();
    let mut conditions: Vec<String> = Vec::new();
    let mut from = format!("{} t", wanted.table.name);
    let mut seq = "t.seq".to_owned();
    if let Some(typed) = wanted.words {
        let expression = if by_seq { newest_expression(connection, wanted.table.text, typed)? } else { match_expression(typed) };
        let Some(expression) = expression else { return Ok(None) };
        if by_seq {
            from = format!("{text} JOIN {from} ON t.seq = {text}.rowid", text = wanted.table.text);
            seq = format!("{}.rowid", wanted.table.text);
            conditions.push(format!("{} MATCH ?", wanted.table.text));
        } else {
            conditions.push(format!("t.seq IN (SELECT rowid FROM {text} WHERE {text} MATCH ?)", text = wanted.table.text));
        }
        values.push(Sql::Text(expression));
    }
    for condition in wanted.conditions {
        conditions.push(condition.sql.to_owned());
        values.extend(condition.values.iter().cloned());
    }
    let key = if by_seq { seq.clone() } else { format!("t.{}", wanted.sort.column) };
    // After a cursor: the rows of its own value, then those beyond. SQLite enters an index by one comparison, and of both at once it
    // would read every row of that value.
    let sign = if wanted.descending { "<" } else { ">" };
    let ranges: Vec<(Option<String>, Vec<Sql>)> = match &wanted.cursor {
        None => vec![(None, Vec::new())],
        Some(cursor) if cursor.order != order => return Err(Error::field("cursor", "belongs to a list in another order")),
        Some(cursor) if by_seq => vec![(Some(format!("{seq} {sign} ?")), vec![Sql::Integer(cursor.seq)])],
        Some(cursor) => vec![
            (Some(format!("{key} = ? AND {seq} {sign} ?")), vec![cursor.value.clone(), Sql::Integer(cursor.seq)]),
            (Some(format!("{key} {sign} ?")), vec![cursor.value.clone()]),
        ],
    };
    let by = if by_seq { format!("{seq} {direction}") } else { format!("{key} {direction}, {seq} {direction}") };
    let (mut place, mut last) = (0, None);
    for (range, bound) in ranges {
        let all: Vec<&str> = conditions.iter().chain(&range).map(String::as_str).collect();
        let filter = if all.is_empty() { String::new() } else { format!(" WHERE {}", all.join(" AND ")) };
        // As a blob, SQLite hands over the text where it stands in its page, without a copy of its own.
        let statement = format!("SELECT CAST(t.json AS BLOB), {key}, t.seq FROM {from}{filter} ORDER BY {by} LIMIT {}", wanted.limit + 1);
        let mut statement = connection.prepare_cached(&statement).map_err(db)?;
        let mut found = statement.query(params_from_iter(values.iter().cloned().chain(bound))).map_err(db)?;
        while let Some(row) = found.next().map_err(db)? {
            if place == wanted.limit {
                return Ok(last);
            }
            place += 1;
            take(row.get_ref(0).and_then(|json| Ok(json.as_blob()?)).map_err(db)?);
            if place == wanted.limit {
                last = Some(Cursor { order: order.clone(), value: row.get(1).map_err(db)?, seq: row.get(2).map_err(db)? });
            }
        }
    }
    Ok(None)
}

/// Where each page of `wanted.limit` rows ends, so that any page can be read without those before it, and how many rows there are
/// in all. No record is read.
///
/// # Errors
/// The database's.
pub fn marks(connection: &Connection, wanted: &Wanted<'_>) -> Result<(Vec<Cursor>, u64), Error> {
    let db = |cause: rusqlite::Error| Error::database(&cause);
    let (sign, direction) = if wanted.descending { ("-", "DESC") } else { ("", "ASC") };
    let mut conditions: Vec<String> = wanted.conditions.iter().map(|condition| condition.sql.to_owned()).collect();
    let mut values: Vec<Sql> = wanted.conditions.iter().flat_map(|condition| condition.values.iter().cloned()).collect();
    if let Some(typed) = wanted.words {
        let Some(expression) = match_expression(typed) else { return Ok((Vec::new(), 0)) };
        conditions.push(format!("t.seq IN (SELECT rowid FROM {text} WHERE {text} MATCH ?)", text = wanted.table.text));
        values.push(Sql::Text(expression));
    }
    let filter = if conditions.is_empty() { String::new() } else { format!(" WHERE {}", conditions.join(" AND ")) };
    let key = wanted.sort.column;
    // By number alone, the plus lets SQLite sort the numbers of an index instead of walking through the records.
    let by = if key == "seq" { format!("+t.seq {direction}") } else { format!("t.{key} {direction}, t.seq {direction}") };
    let text = format!("SELECT t.{key}, t.seq FROM {} t{filter} ORDER BY {by}", wanted.table.name);
    let mut statement = connection.prepare_cached(&text).map_err(db)?;
    let mut found = statement.query(params_from_iter(values)).map_err(db)?;
    let (mut marks, mut count) = (Vec::new(), 0);
    while let Some(row) = found.next().map_err(db)? {
        count += 1;
        if count % wanted.limit as u64 == 0 {
            let order = format!("{sign}{}", wanted.sort.field);
            marks.push(Cursor { order, value: row.get(0).map_err(db)?, seq: row.get(1).map_err(db)? });
        }
    }
    Ok((marks, count))
}

/// Counts the rows that meet one condition, along that condition's index.
///
/// # Errors
/// The database's.
pub fn count(connection: &Connection, table: &Table, conditions: &[Condition]) -> Result<u64, Error> {
    let filter: Vec<&str> = conditions.iter().map(|condition| condition.sql).collect();
    let filter = if filter.is_empty() { String::new() } else { format!(" WHERE {}", filter.join(" AND ")) };
    let values = conditions.iter().flat_map(|condition| condition.values.iter().cloned());
    connection
        .prepare_cached(&format!("SELECT count(*) FROM {} t{filter}", table.name))
        .and_then(|mut statement| statement.query_row(params_from_iter(values), |row| row.get(0)))
        .map_err(|cause| Error::database(&cause))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_words_become_a_safe_expression() {
        let cases = [
            ("supplier acc", Some("\"supplier\" AND \"acc\"*")),
            ("R-0142", Some("\"R\" AND \"0142\"*")),
            ("\" OR 1=1 --", Some("\"OR\" AND \"1\" AND \"1\"*")),
            ("élan ", Some("\"élan\"")),
            ("  -- ", None),
            ("", None),
        ];
        for (typed, expected) in cases {
            assert_eq!(match_expression(typed).as_deref(), expected, "{typed:?}");
        }
    }

    #[test]
    fn a_cursor_survives_its_journey_and_nonsense_is_refused() {
        for value in [Sql::Integer(20), Sql::Text("Ünïcode \"quoted\"".into())] {
            let cursor = Cursor { order: "-score".into(), value, seq: 7 };
            assert_eq!(Cursor::decode(&cursor.encode()), Some(cursor), "round trip");
        }
        for text in ["", "x", "!!!!", "W10", "WyJhIiwgdHJ1ZSwgMV0"] {
            assert_eq!(Cursor::decode(text), None, "{text:?}");
        }
    }
}
