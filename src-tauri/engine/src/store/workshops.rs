//! Workshops: what happens in the room, their votes, and taking their decisions into the register.

use super::documents::day;
use super::history::{Action, Kind};
use super::lists::{Condition, Sort, Table};
use super::matrices;
use super::records::{self, Record, Shape, Stored, number_in};
use super::writer::Tx;
use crate::crypto;
use crate::error::Error;
use amtia_domain::Problems;
use amtia_domain::risk::{Judgement, Risk};
use amtia_domain::time::rfc3339;
use amtia_domain::words::Word;
use amtia_domain::workshop::{
    Ask, Decides, DecisionPatch, Item, ItemPatch, ItemStatus, Reveal, RoomTold, Tally, TurnItem, Vote, VotePatch, Workshop, WorkshopChange,
    WorkshopFate, WorkshopPatch, WorkshopStatus, sealed_text,
};
use jiff::Timestamp;
use rusqlite::types::ToSqlOutput;
use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The list of workshops.
pub static WORKSHOPS: Table = Table {
    name: "workshops",
    text: "workshops_text",
    sorts: &[
        Sort { field: "created_at", column: "seq" },
        Sort { field: "ref", column: "seq" },
        Sort { field: "updated_at", column: "updated_at" },
        Sort { field: "name", column: "name" },
        Sort { field: "status", column: "status" },
        Sort { field: "held_on", column: "held_on" },
    ],
};

static SHAPE: Shape = Shape::new(
    Kind::Workshop,
    &WORKSHOPS,
    &["name", "status", "held_on", "updated_at"],
    &["reference", "name", "place", "facilitator"],
    &[],
);

impl Record for Workshop {
    fn shape() -> &'static Shape {
        &SHAPE
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn label(&self) -> &str {
        &self.reference
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn number(&self) -> Option<i64> {
        number_in(&self.reference)
    }

    fn touch(&mut self, now: Timestamp) {
        self.updated_at = now;
    }

    fn columns(&self) -> Vec<ToSqlOutput<'_>> {
        vec![self.name.as_str().into(), place(self.status).into(), day(self.held_on), rfc3339(self.updated_at).into()]
    }

    fn texts(&self) -> Vec<Option<&str>> {
        vec![Some(&self.reference), Some(&self.name), self.place.as_deref(), self.facilitator.as_deref()]
    }

    fn action(changed: &[&str]) -> Action {
        if changed.contains(&"status") { Action::StatusChanged } else { Action::Updated }
    }
}

fn db(cause: rusqlite::Error) -> Error {
    Error::database(&cause)
}

fn place(status: WorkshopStatus) -> i64 {
    WorkshopStatus::ALL.iter().position(|have| *have == status).map_or(0, |place| place as i64)
}

/// Only workshops of this status.
#[must_use]
pub fn of_status(status: WorkshopStatus) -> Condition {
    Condition::one("t.status = ?", place(status))
}

fn step(cell: Option<Judgement>, of: fn(Judgement) -> u8) -> i64 {
    cell.map_or(0, |cell| i64::from(of(cell)))
}

/// The votes of a workshop, or of one of its items, in every round.
///
/// # Errors
/// The database's.
pub fn votes(connection: &Connection, workshop: &str, item: Option<&str>) -> Result<Vec<Vote>, Error> {
    let mut statement = connection
        .prepare_cached(
            "SELECT item_id, round, seat_id, likelihood, impact, comment, salt FROM workshop_votes
             WHERE workshop_id = ?1 AND (?2 IS NULL OR item_id = ?2) ORDER BY item_id, round, seat_id",
        )
        .map_err(db)?;
    let rows = statement.query_map(params![workshop, item], |row| {
        let (likelihood, impact, comment): (u8, u8, String) = (row.get(3)?, row.get(4)?, row.get(5)?);
        Ok(Vote {
            item_id: row.get(0)?,
            round: row.get(1)?,
            seat_id: row.get(2)?,
            cell: (likelihood > 0).then_some(Judgement { likelihood, impact }),
            comment: Some(comment).filter(|comment| !comment.is_empty()),
            salt: row.get(6)?,
        })
    });
    rows.map_err(db)?.collect::<Result<_, _>>().map_err(db)
}

fn of_round<'v>(votes: &'v [Vote], item: &str, round: u8) -> Vec<&'v Vote> {
    votes.iter().filter(|vote| vote.item_id == item && vote.round == round).collect()
}

fn seal(votes: &[&Vote]) -> String {
    let votes: Vec<Vote> = votes.iter().copied().cloned().collect();
    crypto::hex(&crypto::sha256(&[sealed_text(&votes).as_bytes()]))
}

/// How many rounds that were revealed do not have the votes that were revealed.
///
/// # Errors
/// The database's.
pub(super) fn broken_seals(connection: &Connection) -> Result<u64, Error> {
    let mut wrong = 0;
    for workshop in records::where_is::<Workshop>(connection, "t.id <> ?1", "")? {
        let votes = votes(connection, &workshop.record.id, None)?;
        for item in &workshop.record.items {
            for (number, round) in (1u8..).zip(&item.rounds) {
                wrong += u64::from(seal(&of_round(&votes, &item.id, number)) != round.seal);
            }
        }
    }
    Ok(wrong)
}

/// What the domain asks of the file to make or change a workshop.
fn asking<T>(tx: &Tx<'_>, workshop: Option<&str>, work: impl FnOnce(Ask<'_>) -> T) -> Result<T, Error> {
    let voted = match workshop {
        Some(id) => votes(tx.connection, id, None)?,
        None => Vec::new(),
    };
    let found = |id: &str| records::get::<Risk>(tx.connection, id).ok().map(|risk| (risk.record.reference, risk.record.name));
    Ok(work(Ask { risk: &found, voted: &|seat| voted.iter().any(|vote| vote.seat_id == seat), id: &mut || crate::ids::new(tx.now) }))
}

/// Plans a workshop.
///
/// # Errors
/// Every offending field; the database's.
pub fn create(tx: &Tx<'_>, patch: WorkshopPatch, id: String) -> Result<Stored<Workshop>, Error> {
    let number = records::next_number::<Workshop>(tx)?;
    let workshop = asking(tx, None, |ask| Workshop::create(patch, id, number, tx.now, ask))??;
    records::create(tx, workshop, number, None)
}

/// Changes the fields that are present.
///
/// # Errors
/// 404; 412; every offending field; the database's.
pub fn update(tx: &Tx<'_>, id: &str, patch: WorkshopPatch, body: &Value, expected: Option<i64>) -> Result<Stored<Workshop>, Error> {
    let old = records::get_expected::<Workshop>(tx.connection, id, expected, body)?;
    let mut workshop = old.record.clone();
    asking(tx, Some(id), |ask| workshop.apply(patch, tx.now, ask))??;
    if old.record.status == WorkshopStatus::Running {
        tx.outside_undo();
    }
    records::replace(tx, &old, workshop, None, None)
}

/// Removes a workshop. Its votes stay beside it, as undo brings it back with them; a running one is closed first.
///
/// # Errors
/// One that is running; the database's.
pub fn remove(tx: &Tx<'_>, workshop: &Stored<Workshop>, action: Action) -> Result<(), Error> {
    if workshop.record.status == WorkshopStatus::Running {
        return Err(Error::bad(format!("{} is running. Close the workshop first.", workshop.record.reference)));
    }
    records::delete(tx, workshop, action)
}

/// Opens or closes the room. What happens in the room was seen by all of it: undo does not take it back.
///
/// # Errors
/// 404; 412; every reason why it cannot be; the database's.
pub fn go(tx: &Tx<'_>, id: &str, to: WorkshopStatus, expected: Option<i64>) -> Result<Stored<Workshop>, Error> {
    let old = records::get_expected::<Workshop>(tx.connection, id, expected, &json!({ "status": to }))?;
    let mut workshop = old.record.clone();
    workshop.go(to, tx.now)?;
    if to == WorkshopStatus::Running {
        forget_steps(tx, id)?;
    }
    tx.outside_undo();
    records::replace(tx, &old, workshop, None, None)
}

/// What was planned before the room opened stays as the room found it, and what was applied before it opened again stays taken back:
/// no undo and no redo reaches behind the votes.
fn forget_steps(tx: &Tx<'_>, id: &str) -> Result<(), Error> {
    tx.connection
        .prepare_cached("UPDATE steps SET state = 'dead' WHERE kind = ?1 AND object = ?2 AND state <> 'dead'")
        .and_then(|mut statement| statement.execute(params![Kind::Workshop.word(), id]))
        .map_err(db)?;
    Ok(())
}

fn no_item() -> Error {
    Error::NotFound("The agenda has no such item.".into())
}

fn no_seat() -> Error {
    Error::NotFound("The workshop has no such item or seat.".into())
}

/// Changes what may be written of one item.
///
/// # Errors
/// 404 for the workshop and for the item; 412; every offending field; the database's.
pub fn update_item(tx: &Tx<'_>, (id, item): (&str, &str), patch: ItemPatch, expected: Option<i64>) -> Result<Stored<Workshop>, Error> {
    let old = records::get_expected::<Workshop>(tx.connection, id, expected, &Value::Null)?;
    let mut workshop = old.record.clone();
    workshop.apply_item(item, patch, tx.now, &mut || crate::ids::new(tx.now)).ok_or_else(no_item)??;
    if old.record.status == WorkshopStatus::Running {
        tx.outside_undo();
    }
    records::replace(tx, &old, workshop, None, None)
}

fn risk_of(connection: &Connection, item: &Item) -> Result<Option<Stored<Risk>>, Error> {
    match records::find_json::<Risk>(connection, &item.risk_id)? {
        Some(_) => records::get::<Risk>(connection, &item.risk_id).map(Some),
        None => Ok(None),
    }
}

/// Asks for votes, reveals them or leaves the item out.
///
/// # Errors
/// 404 for the workshop and for the item; 412; why it cannot be; the database's.
pub fn turn(tx: &Tx<'_>, (id, item): (&str, &str), to: ItemStatus, expected: Option<i64>) -> Result<Stored<Workshop>, Error> {
    let old = records::get_expected::<Workshop>(tx.connection, id, expected, &Value::Null)?;
    let mut workshop = old.record.clone();
    let at = workshop.item(item).ok_or_else(no_item)?.clone();
    let risk = risk_of(tx.connection, &at)?;
    let all = votes(tx.connection, id, Some(item))?;
    let round = of_round(&all, item, at.round());
    let turned = match to {
        ItemStatus::Voting => workshop.turn(item, TurnItem::Vote(risk.map(|risk| risk.record.name)), tx.now),
        ItemStatus::Revealed => {
            let before = risk.and_then(|risk| workshop.cell_of(&risk.record));
            workshop.turn(item, TurnItem::Reveal(Reveal { votes: &round, seal: seal(&round), before }), tx.now)
        }
        ItemStatus::Skipped => workshop.turn(item, TurnItem::Skip, tx.now),
        ItemStatus::Waiting | ItemStatus::Decided => return Err(Error::field("status", "must be one of: voting, revealed, skipped")),
    };
    turned.ok_or_else(no_item)??;
    if at.status == ItemStatus::Skipped && to == ItemStatus::Voting {
        // They were given to a round that was left out: whoever votes now votes anew.
        tx.connection
            .prepare_cached("DELETE FROM workshop_votes WHERE workshop_id = ?1 AND item_id = ?2 AND round = ?3")
            .and_then(|mut statement| statement.execute(params![id, item, at.round()]))
            .map_err(db)?;
    }
    tx.outside_undo();
    records::replace(tx, &old, workshop, None, None)
}

/// Takes a vote: in place of the one that the seat gave in this round before. It is on the disk before it is answered. It is no change
/// of the record: the reveal is, and seals it.
///
/// # Errors
/// 404 for the workshop, the item and the seat; why no vote is taken; the database's.
pub fn cast(tx: &Tx<'_>, (id, item, seat): (&str, &str, &str), vote: &VotePatch) -> Result<u8, Error> {
    let workshop = records::get::<Workshop>(tx.connection, id)?.record;
    let round = workshop.may_vote(item, seat, vote.round).ok_or_else(no_seat)??;
    let (cell, salt) = (vote.cell(), crypto::hex(&crypto::random::<16>()));
    let values = params![
        id,
        item,
        round,
        seat,
        step(cell, |cell| cell.likelihood),
        step(cell, |cell| cell.impact),
        vote.comment.as_deref().unwrap_or(""),
        salt
    ];
    tx.connection
        .prepare_cached(
            "INSERT INTO workshop_votes (workshop_id, item_id, round, seat_id, likelihood, impact, comment, salt)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             ON CONFLICT DO UPDATE SET likelihood = excluded.likelihood, impact = excluded.impact, comment = excluded.comment,
                 salt = excluded.salt",
        )
        .and_then(|mut statement| statement.execute(values))
        .map_err(db)?;
    tx.touch(Kind::Workshop.word());
    Ok(round)
}

/// Takes a vote back that was given in the round that is open.
///
/// # Errors
/// 404 for the workshop, the item, the seat and the vote; why no vote is taken back; the database's.
pub fn withdraw(tx: &Tx<'_>, (id, item, seat): (&str, &str, &str)) -> Result<(), Error> {
    let workshop = records::get::<Workshop>(tx.connection, id)?.record;
    let round = workshop.may_vote(item, seat, None).ok_or_else(no_seat)??;
    let gone = tx
        .connection
        .prepare_cached("DELETE FROM workshop_votes WHERE workshop_id = ?1 AND item_id = ?2 AND round = ?3 AND seat_id = ?4")
        .and_then(|mut statement| statement.execute(params![id, item, round, seat]))
        .map_err(db)?;
    tx.touch(Kind::Workshop.word());
    if gone == 0 { Err(no_seat()) } else { Ok(()) }
}

/// Records a decision.
///
/// # Errors
/// 404 for the workshop and for the item; 412; every offending field; the database's.
pub fn decide(tx: &Tx<'_>, (id, item): (&str, &str), patch: DecisionPatch, expected: Option<i64>) -> Result<Stored<Workshop>, Error> {
    let old = records::get_expected::<Workshop>(tx.connection, id, expected, &Value::Null)?;
    let mut workshop = old.record.clone();
    let at = workshop.item(item).ok_or_else(no_item)?.clone();
    let actor = tx.who.actor.clone();
    let by = match workshop.decides {
        Decides::Facilitator => Some(actor),
        Decides::Owner => Some(risk_of(tx.connection, &at)?.and_then(|risk| risk.record.owner).unwrap_or(actor)),
        Decides::Room => None,
    };
    let all = votes(tx.connection, id, Some(item))?;
    let tally = Tally::of(&of_round(&all, item, at.round()));
    workshop.decide(item, patch, by, &tally, tx.now).ok_or_else(no_item)??;
    tx.outside_undo();
    records::replace(tx, &old, workshop, None, None)
}

/// What the room is told now.
///
/// # Errors
/// 404; the database's.
pub fn room(connection: &Connection, id: &str) -> Result<(RoomTold, i64), Error> {
    let stored = records::get::<Workshop>(connection, id)?;
    let workshop = stored.record;
    let (votes, risk) = match workshop.at() {
        Some(item) => (votes(connection, id, Some(&item.id))?, risk_of(connection, item)?),
        None => (Vec::new(), None),
    };
    let description = risk.and_then(|risk| risk.record.description);
    Ok((RoomTold::of(&workshop, &votes, description, &matrices::in_force(connection)?), stored.rev))
}

/// Every decision and what applying it would do. Nothing is saved.
///
/// # Errors
/// 404; the database's.
pub fn changes(connection: &Connection, id: &str) -> Result<(Vec<WorkshopChange>, i64), Error> {
    let Stored { record: workshop, rev, .. } = records::get::<Workshop>(connection, id)?;
    let matrix = matrices::in_force(connection)?;
    let mut changes = Vec::new();
    for item in &workshop.items {
        let risk = risk_of(connection, item)?;
        changes.extend(workshop.change_of(item, risk.as_ref().map(|risk| (&risk.record, risk.rev)), &matrix));
    }
    Ok((changes, rev))
}

/// A change that was reviewed: the item, and the revision of its risk that the reviewer saw.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ReviewedChange {
    /// The item.
    pub item_id: String,
    /// The risk's revision.
    #[schema(minimum = 1)]
    pub rev: i64,
}

/// Takes the decisions that were reviewed into the register, in one step that undo takes back.
///
/// # Errors
/// 404; 412 where the workshop, or with both values where a risk was changed since it was reviewed; a workshop that is not closed or was applied already; the
/// database's.
pub fn apply(tx: &Tx<'_>, id: &str, reviewed: &[ReviewedChange], expected: Option<i64>) -> Result<Stored<Workshop>, Error> {
    let old = records::get_expected::<Workshop>(tx.connection, id, expected, &Value::Null)?;
    let workshop = &old.record;
    if workshop.status != WorkshopStatus::Closed {
        return Err(Error::field("status", "is not closed: close the workshop before its decisions are applied"));
    }
    if workshop.applied_at.is_some() {
        return Err(Error::field("status", "its decisions were applied to the register: undo that first"));
    }
    let matrix = matrices::in_force(tx.connection)?;
    records::open_step(tx, &old, Action::Updated)?;
    let mut problems = Problems::default();
    for one in reviewed {
        let Some(item) = workshop.item(&one.item_id).filter(|item| item.decision.is_some()) else {
            problems.add("changes", format!("names an item that was not decided: {}", one.item_id));
            continue;
        };
        let Some(risk) = risk_of(tx.connection, item)? else {
            problems.add("changes", format!("names a risk that does not exist: {}", item.reference));
            continue;
        };
        let Some(change) = workshop.change_of(item, Some((&risk.record, risk.rev)), &matrix) else { continue };
        if change.fate == WorkshopFate::Outside {
            problems.add("changes", format!("holds {}, decided for a cell that the matrix no longer has", item.reference));
            continue;
        }
        if risk.rev != one.rev {
            let both =
                json!({ "field": item.reference, "message": "changed since you read it", "yours": change.decided, "current": change.now });
            let message =
                format!("{} was changed since it was reviewed. Nothing was applied; both values are in the details.", item.reference);
            return Err(Error::Stale { message, details: vec![both] });
        }
        let mut changed = risk.record.clone();
        let reason = workshop.put(item, &change, &mut changed, tx.now, &matrix, &mut || crate::ids::new(tx.now))?;
        records::replace(tx, &risk, changed, None, Some(&reason))?;
    }
    problems.check()?;
    let applied = Workshop { applied_at: Some(tx.now), updated_at: tx.now, ..workshop.clone() };
    records::replace(tx, &old, applied, None, None)
}
