//! A register as JSON: `{"format": "amtia-risk-register", "version": 1, "risks": [ … ]}`, each risk as the API answers it, but
//! for its links, which are named as in a table, and its notes. A list of risks as the API answers it is read as well.

use super::note::Note;
use super::table::{NoTable, Table};
use super::{Field, Linked, list};
use amtia_domain::words::Word;
use amtia_exchange::{Cell, MAX_COLUMNS, MAX_ROWS, Refusal, Room, Row};
use serde::de::{IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

/// What the file says that it is.
const FORMAT: &str = "amtia-risk-register";
/// Bytes of one risk at the most: taken apart it may need twenty times as much.
const MAX_RISK: usize = 8 << 20;

#[derive(Deserialize)]
struct Probe {
    risks: Option<IgnoredAny>,
    data: Option<IgnoredAny>,
    catalog: Option<IgnoredAny>,
    objects: Option<IgnoredAny>,
}

/// Whether a text is JSON that holds risks and no framework.
#[must_use]
pub fn is_register(text: &str) -> bool {
    text.trim_start().starts_with('{')
        && serde_json::from_str::<Probe>(text)
            .is_ok_and(|probe| (probe.risks.is_some() || probe.data.is_some()) && probe.catalog.is_none() && probe.objects.is_none())
}

#[derive(Deserialize)]
struct File<'a> {
    #[serde(borrow, default, alias = "data", deserialize_with = "first")]
    risks: Vec<&'a RawValue>,
}

/// The first items of a list: as many as are read, and one more where there are more.
fn first<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<&'de RawValue>, D::Error> {
    struct First;
    impl<'de> Visitor<'de> for First {
        type Value = Vec<&'de RawValue>;

        fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            formatter.write_str("risks")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
            let mut kept = Vec::new();
            while kept.len() <= MAX_ROWS {
                match list.next_element()? {
                    Some(item) => kept.push(item),
                    None => return Ok(kept),
                }
            }
            while list.next_element::<IgnoredAny>()?.is_some() {}
            Ok(kept)
        }
    }
    deserializer.deserialize_seq(First)
}

/// Reads the risks as a table whose headings are wire names.
///
/// # Errors
/// No risk in it; more rows or fields than are read.
pub fn read(text: &str) -> Result<Table, Refused> {
    let file: File<'_> = serde_json::from_str(text).map_err(|_| Refused::None(NoTable::Nothing))?;
    if file.risks.is_empty() {
        return Err(Refused::None(NoTable::Nothing));
    }
    if file.risks.len() > MAX_ROWS {
        return Err(Refusal::TooManyRows.into());
    }
    let (mut headings, mut rows): (Vec<String>, Vec<Row>) = (Vec::new(), Vec::new());
    let mut room = Room::default();
    for (place, risk) in file.risks.into_iter().enumerate() {
        if risk.get().len() > MAX_RISK {
            return Err(Refused::LongRisk { row: place + 1 });
        }
        room.row()?;
        let Ok(fields) = serde_json::from_str::<Map<String, Value>>(risk.get()) else {
            return Err(Refused::NoObject { row: place + 1 });
        };
        let mut cells: Vec<Cell> = Vec::with_capacity(headings.len());
        for (name, value) in flat(fields) {
            let column = headings.iter().position(|heading| *heading == name).unwrap_or_else(|| {
                headings.push(name);
                headings.len() - 1
            });
            if column >= MAX_COLUMNS {
                return Err(Refusal::TooManyColumns.into());
            }
            if let Cell::Text(text) = &value {
                room.text(text.len())?;
            }
            if cells.len() <= column {
                room.cells(column + 1 - cells.len())?;
                cells.resize(column + 1, Cell::Empty);
            }
            cells[column] = value;
        }
        cells.shrink_to_fit();
        rows.push(Row { number: place + 1, cells });
    }
    Ok(Table { name: String::new(), headings, rows: rows.into(), workbook: false, lettered: false, head: 0 })
}

/// Why JSON is no register.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// No rows.
    #[error(transparent)]
    None(NoTable),
    /// Too much.
    #[error(transparent)]
    Large(#[from] Refusal),
    /// A risk of many megabytes.
    #[error("Risk {row} of the file is longer than {} MB; nothing was imported: shorten it in the file.", MAX_RISK >> 20)]
    LongRisk {
        /// Its place, from 1.
        row: usize,
    },
    /// A risk that is no object.
    #[error("Risk {row} of the file is no JSON object; nothing was imported: correct it in the file.")]
    NoObject {
        /// Its place, from 1.
        row: usize,
    },
}

/// The fields of a risk, those of its assessments beside the others.
fn flat(fields: Map<String, Value>) -> Vec<(String, Cell)> {
    let mut flat = Vec::with_capacity(fields.len() + 6);
    for (name, value) in fields {
        match (name.as_str(), value) {
            ("inherent" | "residual" | "target" | "baseline", Value::Object(halves)) => {
                // What is computed from both halves is not read; of where the plan began not even the level has a column.
                let halves = halves.into_iter().filter(|(half, _)| half != "score" && (name != "baseline" || half != "level"));
                flat.extend(halves.map(|(half, value)| (format!("{name}_{half}"), cell(value))));
            }
            ("inherent" | "residual" | "target" | "baseline", Value::Null) => {
                flat.extend(["likelihood", "impact"].map(|half| (format!("{name}_{half}"), Cell::Empty)));
            }
            ("acceptance", Value::Object(mut mark)) => flat.push((name, cell(mark.remove("id").unwrap_or_default()))),
            ("document_ids", value) => flat.push((Field::Documents.word().to_owned(), cell(value))),
            ("control_ids", value) => flat.push((Field::Controls.word().to_owned(), cell(value))),
            ("asset_ids", value) => flat.push((Field::Assets.word().to_owned(), cell(value))),
            ("history_notes", Value::Array(notes)) => {
                let read = |note: &Value| serde_json::from_value::<Note>(note.clone()).ok();
                let text = match notes.iter().map(read).collect::<Option<Vec<Note>>>() {
                    Some(notes) => Note::join(&notes),
                    None => Value::Array(notes).to_string(),
                };
                flat.push((name, Cell::Text(text.into())));
            }
            (_, value) => flat.push((name, cell(value))),
        }
    }
    flat
}

pub(super) fn cell(value: Value) -> Cell {
    match value {
        Value::Null => Cell::Empty,
        Value::Bool(flag) => Cell::Flag(flag),
        Value::Number(number) => number.as_f64().map_or_else(|| Cell::Text(number.to_string().into()), Cell::Number),
        Value::String(text) => Cell::Text(text.into()),
        Value::Array(items) if items.iter().all(Value::is_string) => {
            let items: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
            Cell::Text(list::join(&items).into())
        }
        other => Cell::Text(other.to_string().into()),
    }
}

/// Writes the register.
#[must_use]
pub fn write(risks: &mut dyn Iterator<Item = Linked>) -> Vec<u8> {
    let mut text = format!("{{\n\"format\": \"{FORMAT}\",\n\"version\": 1,\n\"risks\": [").into_bytes();
    for (place, linked) in risks.enumerate() {
        text.extend_from_slice(if place == 0 { b"\n" } else { b",\n" });
        let mut risk = json!(linked.risk);
        if let Some(fields) = risk.as_object_mut() {
            for ids in ["control_ids", "asset_ids", "document_ids"] {
                fields.shift_remove(ids);
            }
        }
        for (action, control) in risk["actions"].as_array_mut().into_iter().flatten().zip(&linked.action_controls) {
            if let Some(fields) = action.as_object_mut() {
                fields.shift_remove("control_id");
            }
            action["control"] = json!(control);
        }
        if let Some(accepted) = &linked.accepted {
            risk["acceptance"] = json!(accepted);
        }
        risk["controls"] = json!(linked.controls);
        risk["assets"] = json!(linked.assets);
        risk["documents"] = json!(linked.documents);
        risk["history_notes"] = json!(linked.notes);
        text.extend_from_slice(risk.to_string().as_bytes());
    }
    text.extend_from_slice(b"\n]\n}\n");
    text
}
