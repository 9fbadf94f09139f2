//! The register in groups: whose the risks are, of which category, on which assets and in which frameworks.

use super::lists::Condition;
use super::risk_lists::{covering, filter};
use crate::error::Error;
use amtia_domain::matrix::{Level, Matrix};
use amtia_domain::words::Word;
use rusqlite::{Connection, params_from_iter};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

amtia_domain::words! {
    /// What the register is grouped by.
    GroupBy {
        /// Its owner.
        Owner = "owner",
        /// Its category.
        Category = "category",
        /// The assets it is about; a risk stands in the group of each.
        Asset = "asset",
        /// The frameworks of its controls; a risk stands in the group of each.
        Framework = "framework",
    }
}

/// One group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Group {
    /// The owner, the category, or the id of the asset or framework; null for risks that have none.
    pub key: Option<String>,
    /// What people call it.
    pub name: Option<String>,
    /// Risks in it.
    pub count: u64,
    /// Risks by current level, those that occur.
    #[schema(value_type = BTreeMap<String, u64>)]
    pub levels: BTreeMap<&'static str, u64>,
    /// Risks without a current level.
    pub unassessed: u64,
}

fn db(cause: rusqlite::Error) -> Error {
    Error::database(&cause)
}

/// The risks that stand in no group.
#[must_use]
pub fn without(by: GroupBy) -> Condition {
    let sql = match by {
        GroupBy::Owner => "t.owner = ''",
        GroupBy::Category => "t.category = ''",
        GroupBy::Asset => "t.seq NOT IN (SELECT risk FROM risk_assets)",
        GroupBy::Framework => {
            "t.seq NOT IN (SELECT l.risk FROM risk_controls l JOIN controls c ON c.id = l.control_id JOIN frameworks f ON f.seq = c.framework WHERE f.hidden = 0)"
        }
    };
    Condition { sql, values: Vec::new() }
}

/// Which risk is in which group, the pairs of one group together. An empty key is none.
fn members(by: GroupBy) -> &'static str {
    match by {
        GroupBy::Owner => "SELECT owner, owner, seq FROM risks INDEXED BY risks_owner ORDER BY owner",
        GroupBy::Category => "SELECT category, category, seq FROM risks INDEXED BY risks_category ORDER BY category",
        GroupBy::Asset => "SELECT l.asset_id, a.name, l.risk FROM risk_assets l JOIN assets a ON a.id = l.asset_id ORDER BY l.asset_id",
        GroupBy::Framework => {
            "SELECT f.id, f.name, l.risk FROM (SELECT DISTINCT c.framework, l.risk FROM risk_controls l JOIN controls c ON c.id = l.control_id) l
             JOIN frameworks f ON f.seq = l.framework WHERE f.hidden = 0 ORDER BY f.id"
        }
    }
}

/// No risk that is asked for. No cell: steps go up to 7.
const NOT_ASKED: u8 = 0xFF;

/// Where the risks that are asked for stand now, by number: likelihood × 16 + impact, 0 for not assessed.
fn places(connection: &Connection, conditions: &[Condition], words: Option<&str>) -> Result<Vec<u8>, Error> {
    let (filter, values) = filter(conditions, words);
    let index = covering(conditions, words);
    let text = format!("SELECT t.seq, t.current_likelihood, t.current_impact FROM risks t{index}{filter}");
    let mut statement = connection.prepare_cached(&text).map_err(db)?;
    let mut rows = statement.query(params_from_iter(values)).map_err(db)?;
    let mut places = Vec::new();
    while let Some(row) = rows.next().map_err(db)? {
        let seq = row.get::<_, u32>(0).map_err(db)? as usize;
        if places.len() <= seq {
            places.resize((seq + 1).next_multiple_of(1024), NOT_ASKED);
        }
        places[seq] = row.get::<_, u8>(1).map_err(db)? << 4 | row.get::<_, u8>(2).map_err(db)?;
    }
    Ok(places)
}

impl Group {
    fn new(key: &str, name: &str) -> Self {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Self { key: text(key), name: text(name), count: 0, levels: BTreeMap::new(), unassessed: 0 }
    }

    fn add(&mut self, place: u8, matrix: &Matrix) {
        self.count += 1;
        match matrix.level(place >> 4, place & 0xF) {
            Some(level) => *self.levels.entry(Level::word(level)).or_insert(0) += 1,
            None => self.unassessed += 1,
        }
    }
}

/// The groups of the risks that meet the conditions, by name; those that have none come last.
///
/// # Errors
/// The database's.
pub fn groups(
    connection: &Connection,
    by: GroupBy,
    matrix: &Matrix,
    conditions: &[Condition],
    words: Option<&str>,
) -> Result<Vec<Group>, Error> {
    let places = places(connection, conditions, words)?;
    let mut placed = vec![false; places.len()];
    let mut groups: Vec<Group> = Vec::new();
    let mut statement = connection.prepare_cached(members(by)).map_err(db)?;
    let mut rows = statement.query([]).map_err(db)?;
    while let Some(row) = rows.next().map_err(db)? {
        let text = |at: usize| row.get_ref(at).and_then(|text| Ok(text.as_str()?)).map_err(db);
        let (key, seq) = (text(0)?, row.get::<_, u32>(2).map_err(db)? as usize);
        let Some(place) = places.get(seq).copied().filter(|place| *place != NOT_ASKED && !key.is_empty()) else { continue };
        placed[seq] = true;
        if groups.last().is_none_or(|group| group.key.as_deref() != Some(key)) {
            groups.push(Group::new(key, text(1)?));
        }
        if let Some(group) = groups.last_mut() {
            group.add(place, matrix);
        }
    }
    groups.sort_by_cached_key(|group| (group.name.as_deref().unwrap_or("").to_lowercase(), group.key.clone()));
    let mut none = Group::new("", "");
    for (place, placed) in places.iter().zip(&placed) {
        if *place != NOT_ASKED && !placed {
            none.add(*place, matrix);
        }
    }
    groups.extend((none.count > 0).then_some(none));
    Ok(groups)
}
