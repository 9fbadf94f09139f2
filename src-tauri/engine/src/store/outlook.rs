//! What a change of the risk matrix makes of all risks, before it is made.

use super::matrices::risk;
use super::mirror::{self, Placed};
use super::records::Stored;
use crate::error::Error;
use amtia_domain::matrix::{Change, Fate, Matrix, Views, views};
use amtia_domain::risk::{Assessment, Risk};
use amtia_domain::words::Word;
use rusqlite::Connection;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

fn db(cause: rusqlite::Error) -> Error {
    Error::database(&cause)
}

/// Risks with a treatment plan, or where one may begin: as the writer renders them, so that no other JSON is parsed.
pub(super) const PLANNED: &str = r#"(instr(json, '"baseline":null') = 0 OR instr(json, '"actions":[]') = 0)"#;
/// Risks of which an acceptance stands.
pub(super) const ACCEPTED: &str = "borne NOT IN ('', 'none', 'void')";

/// A risk as a change of the matrix looks at it.
pub(super) struct Seen {
    pub(super) seq: i64,
    places: [Option<(u8, u8)>; 4],
    /// All of it, where it has a treatment plan.
    planned: Option<Risk>,
    /// Whether an acceptance of it stands.
    accepted: bool,
}

/// What a change makes of one.
#[derive(Clone, Copy)]
pub(super) struct Outlook {
    pub(super) fate: Fate,
    before: Views,
    after: Views,
    /// Whether its acceptance stands no more.
    voids: bool,
}

impl Seen {
    /// A risk of these places and marks, as the mirror keeps them; what is read of the file is its plan.
    fn placed(connection: &Connection, seq: u32, cells: [u8; 4], marks: u8) -> Result<Self, Error> {
        let seq = i64::from(seq);
        let planned = if marks & mirror::PLANNED == 0 { None } else { Some(risk(connection, seq)?.record) };
        let places = cells.map(|cell| (cell > 0).then_some((cell >> 4, cell & 15)));
        Ok(Self { seq, places, planned, accepted: marks & mirror::ACCEPTED > 0 })
    }

    pub(super) fn under(&self, change: &Change<'_>) -> Outlook {
        let judged = |place: Option<(u8, u8)>| place.and_then(|(likelihood, impact)| Assessment::new(change.from, likelihood, impact));
        let (fate, before, after) = if let Some(risk) = &self.planned {
            let after = change.risk(risk);
            (Fate::of(risk, &after), views(risk), views(&after))
        } else {
            let before = self.places.map(judged);
            let after = before.map(|before| before.and_then(|before| change.assessment(before)));
            (Fate::between(&before, &after), before, after)
        };
        // The target is no part of what was accepted.
        Outlook { fate, before, after, voids: self.accepted && before[..3] != after[..3] }
    }
}

/// Calls back with each risk by number, from one number on, until it is told to stop.
pub(super) fn each(connection: &Connection, after: i64, mut visit: impl FnMut(&Seen) -> bool) -> Result<(), Error> {
    let mut statement = connection
        .prepare_cached(&format!(
            "SELECT seq, current_likelihood, current_impact, inherent_likelihood, inherent_impact,
                    residual_likelihood, residual_impact, target_likelihood, target_impact,
                    {ACCEPTED}, CASE WHEN {PLANNED} THEN json END
             FROM risks WHERE seq > ?1 ORDER BY seq"
        ))
        .map_err(db)?;
    let mut rows = statement.query([after]).map_err(db)?;
    while let Some(row) = rows.next().map_err(db)? {
        let mut places = [None; 4];
        for (view, place) in places.iter_mut().enumerate() {
            let (likelihood, impact): (u8, u8) = (row.get(1 + 2 * view).map_err(db)?, row.get(2 + 2 * view).map_err(db)?);
            *place = (likelihood > 0).then_some((likelihood, impact));
        }
        let json: Option<String> = row.get(10).map_err(db)?;
        let planned = json.map(|json| serde_json::from_str(&json)).transpose().map_err(Error::internal)?;
        if !visit(&Seen { seq: row.get(0).map_err(db)?, places, planned, accepted: row.get(9).map_err(db)? }) {
            break;
        }
    }
    Ok(())
}

/// What a change makes of all risks together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Outcome {
    /// Risks by fate, every fate.
    #[schema(value_type = std::collections::BTreeMap<String, u64>)]
    pub fates: BTreeMap<&'static str, u64>,
    /// How the risks stand now, in the current view.
    pub before: Standing,
    /// How they will stand.
    pub after: Standing,
    /// Risks whose acceptance will be void: what was accepted is then another state of them.
    pub acceptances_void: u64,
}

/// How the risks stand under a matrix, in the current view.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Standing {
    /// Risks by level, every level of the matrix.
    #[schema(value_type = std::collections::BTreeMap<String, u64>)]
    pub levels: BTreeMap<&'static str, u64>,
    /// Risks above the appetite.
    pub above_appetite: u64,
    /// Risks above the tolerance.
    pub above_tolerance: u64,
    /// Risks in no cell.
    pub unassessed: u64,
}

impl Standing {
    fn of(matrix: &Matrix) -> Self {
        Self { levels: matrix.levels.iter().map(|label| (label.level.word(), 0)).collect(), ..Self::default() }
    }

    fn count(&mut self, matrix: &Matrix, judged: Option<Assessment>, risks: u64) {
        let Some(judged) = judged else {
            self.unassessed += risks;
            return;
        };
        *self.levels.entry(judged.level.word()).or_default() += risks;
        self.above_appetite += if judged.score > matrix.appetite { risks } else { 0 };
        self.above_tolerance += if judged.score > matrix.tolerance { risks } else { 0 };
    }
}

/// What a change would make of all risks together; from memory where their places are at hand.
///
/// # Errors
/// The database's.
pub fn foresee(connection: &Connection, placed: Option<&[Placed]>, change: &Change<'_>) -> Result<Outcome, Error> {
    let mut outcome = Outcome {
        fates: Fate::ALL.iter().map(|fate| (fate.word(), 0)).collect(),
        before: Standing::of(change.from),
        after: Standing::of(change.to),
        acceptances_void: 0,
    };
    let mut count = |outlook: &Outlook, risks: u64| {
        *outcome.fates.entry(outlook.fate.word()).or_default() += risks;
        outcome.before.count(change.from, outlook.before[0], risks);
        outcome.after.count(change.to, outlook.after[0], risks);
        outcome.acceptances_void += if outlook.voids { risks } else { 0 };
    };
    let Some(placed) = placed else {
        each(connection, 0, |seen| {
            count(&seen.under(change), 1);
            true
        })?;
        return Ok(outcome);
    };
    // Of the same places and marks the same becomes, but for a plan.
    let mut alike: HashMap<([u8; 4], u8), u64> = HashMap::new();
    for one in placed {
        if one.marks & mirror::PLANNED == 0 {
            *alike.entry((one.cells, one.marks)).or_default() += 1;
        } else {
            count(&Seen::placed(connection, one.seq, one.cells, one.marks)?.under(change), 1);
        }
    }
    for ((cells, marks), risks) in alike {
        count(&Seen::placed(connection, 0, cells, marks)?.under(change), risks);
    }
    Ok(outcome)
}

/// A risk and what becomes of it.
pub struct Foreseen {
    /// As it is.
    pub risk: Stored<Risk>,
    /// What the change makes of it.
    pub fate: Fate,
    /// Whether its acceptance will be void.
    pub voids: bool,
}

/// One page of risks with their fates: their numbers after `after`, and whether there are more.
///
/// # Errors
/// The database's.
pub fn page(
    connection: &Connection,
    placed: Option<&[Placed]>,
    change: &Change<'_>,
    wanted: Option<Fate>,
    after: i64,
    limit: usize,
) -> Result<(Vec<Foreseen>, bool), Error> {
    let mut found = Vec::new();
    let mut take = |seq: i64, Outlook { fate, voids, .. }: Outlook| {
        if wanted.map_or(fate != Fate::Unchanged, |wanted| wanted == fate) {
            found.push((seq, fate, voids));
        }
        found.len() <= limit
    };
    if let Some(placed) = placed {
        let mut known: HashMap<([u8; 4], u8), Outlook> = HashMap::new();
        for one in placed.iter().filter(|one| i64::from(one.seq) > after) {
            let key = (one.cells, one.marks);
            let outlook = match known.get(&key) {
                Some(outlook) => *outlook,
                None => Seen::placed(connection, one.seq, one.cells, one.marks)?.under(change),
            };
            if one.marks & mirror::PLANNED == 0 {
                known.insert(key, outlook);
            }
            if !take(one.seq.into(), outlook) {
                break;
            }
        }
    } else {
        each(connection, after, |seen| take(seen.seq, seen.under(change)))?;
    }
    let more = found.len() > limit;
    found.truncate(limit);
    let rows = found.into_iter().map(|(seq, fate, voids)| Ok(Foreseen { risk: risk(connection, seq)?, fate, voids }));
    Ok((rows.collect::<Result<_, Error>>()?, more))
}
