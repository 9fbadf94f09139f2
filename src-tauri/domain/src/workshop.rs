//! A workshop: people in a room judge risks together, one risk at a time (IEC 31010:2019 B.1, the nominal group and Delphi
//! techniques). Each votes for a cell of the matrix; the votes are revealed together; who decides records a cell with a rationale.
//!
//! planned → running → closed, and from closed back to running until its decisions were applied. An item of the agenda: waiting →
//! voting → revealed → decided, or skipped; voting again begins a further round and keeps the earlier ones. Votes are no part of the
//! record: they are kept beside it, one for each seat and round, and a round that is revealed is sealed by their hash. Nothing that
//! anchors is in the record before the reveal: where a risk stood is noted then.

mod applied;
mod minutes;
mod planning;
mod reading;
mod room;
mod tally;
mod told;

pub use applied::{WorkshopChange, WorkshopFate};
pub use minutes::{Attendance, DissentTold, Minutes, MinutesItem, PlaceCount};
pub use planning::Ask;
pub use reading::{ActionWrite, DecisionPatch, ItemPatch, ItemWrite, NewWorkshop, SeatWrite, VotePatch, WorkshopPatch};
pub use room::{Reveal, TurnItem};
pub use tally::{Agreement, AxisTally, GroupTally, Tally};
pub use told::{AgendaTold, CommentTold, ItemTold, RoomMatrix, RoomTold, RoundTold, SeatTold, VoteTold};

use crate::matrix::View;
use crate::risk::Judgement;
use crate::time::{instant, instant_option};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Seats in one workshop at the most.
pub const SEATS_MAX: usize = 60;
/// Risks on one agenda at the most.
pub const ITEMS_MAX: usize = 100;
/// Actions of one item at the most.
pub const ACTIONS_MAX: usize = 30;
/// Who refused a decision and said so, at the most.
pub const DISSENT_MAX: usize = SEATS_MAX;
/// Minutes for one item at the most.
pub const MINUTES_MAX: u8 = 240;
/// Minutes for one item where nothing is said.
pub const MINUTES: u8 = 5;
/// Rounds of one item at the most.
pub const ROUNDS_MAX: usize = 20;

crate::words! {
    /// Where a workshop stands.
    WorkshopStatus {
        /// Its agenda is being made.
        Planned = "planned",
        /// The room is open.
        Running = "running",
        /// The room is closed; its decisions can be applied.
        Closed = "closed",
    }
}

crate::words! {
    /// Where an item of the agenda stands.
    ItemStatus {
        /// Not begun.
        Waiting = "waiting",
        /// Votes are taken.
        Voting = "voting",
        /// The votes of the round are seen.
        Revealed = "revealed",
        /// A cell is decided.
        Decided = "decided",
        /// Left out; it can be begun again.
        Skipped = "skipped",
    }
}

crate::words! {
    /// Who decides on what is recorded.
    #[derive(Default)]
    Decides {
        /// Who runs the workshop.
        #[default]
        Facilitator = "facilitator",
        /// The risk's owner.
        Owner = "owner",
        /// The room: the median of the votes, unless a rationale says why not.
        Room = "room",
    }
}

/// A seat: one participant, one vote a round.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = WorkshopSeat)]
pub struct Seat {
    /// UUIDv7.
    pub id: String,
    /// Display name.
    pub name: String,
    /// Department or part that they speak for.
    pub group: Option<String>,
    /// Whether they are in the room.
    pub present: bool,
}

/// A round of votes that was revealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = WorkshopRound)]
pub struct Round {
    /// How many judged.
    pub votes: u32,
    /// How many said that they cannot judge.
    pub cannot_judge: u32,
    /// SHA-256 of the votes as they were revealed, in hexadecimal.
    pub seal: String,
    /// RFC 3339, UTC.
    #[serde(with = "instant")]
    #[schema(value_type = String, format = DateTime)]
    pub revealed_at: Timestamp,
}

/// Who did not agree with a decision, where they asked for it to be recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = WorkshopDissent)]
pub struct Dissent {
    /// The seat; null for somebody who stays unnamed.
    pub seat_id: Option<String>,
    /// Why.
    pub reason: String,
}

/// What was decided on a risk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = WorkshopDecision)]
pub struct Decision {
    /// A whole step of the likelihood scale, from 1.
    #[schema(minimum = 1, maximum = 7)]
    pub likelihood: u8,
    /// A whole step of the impact scale, from 1.
    #[schema(minimum = 1, maximum = 7)]
    pub impact: u8,
    /// Why.
    pub rationale: Option<String>,
    /// Display name of who decided; null for the room.
    pub by: Option<String>,
    /// RFC 3339, UTC.
    #[serde(with = "instant")]
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Who did not agree.
    pub dissent: Vec<Dissent>,
}

/// Something to do that the room agreed on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = WorkshopAction)]
pub struct RoomAction {
    /// UUIDv7.
    pub id: String,
    /// What is to be done, in one line.
    pub title: String,
    /// Display name of who does it.
    pub owner: Option<String>,
    /// When it has to be done, `YYYY-MM-DD`.
    #[schema(value_type = Option<String>, format = Date)]
    pub due_date: Option<Date>,
}

/// One risk of the agenda.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = WorkshopItem)]
pub struct Item {
    /// UUIDv7.
    pub id: String,
    /// The risk.
    pub risk_id: String,
    /// Its reference.
    #[serde(rename = "ref")]
    pub reference: String,
    /// Its name, as it was when it was put on the agenda or last begun.
    pub name: String,
    /// How long it may take.
    #[schema(minimum = 1, maximum = 240)]
    pub minutes: u8,
    /// Where it stands.
    pub status: ItemStatus,
    /// When votes were last asked for.
    #[serde(with = "instant_option")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub began_at: Option<Timestamp>,
    /// The rounds that were revealed, in order.
    pub rounds: Vec<Round>,
    /// Where the risk stood when the last round was revealed; null before, and where it was not assessed.
    pub before: Option<Judgement>,
    /// What was decided.
    pub decision: Option<Decision>,
    /// For the minutes.
    pub notes: Option<String>,
    /// What is to be done.
    pub actions: Vec<RoomAction>,
}

/// A workshop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Workshop {
    /// UUIDv7.
    pub id: String,
    /// The short reference people say aloud, such as `WS-0003`.
    #[serde(rename = "ref")]
    pub reference: String,
    /// What it is called.
    pub name: String,
    /// Where it stands.
    pub status: WorkshopStatus,
    /// The day it is held, `YYYY-MM-DD`.
    #[schema(value_type = Option<String>, format = Date)]
    pub held_on: Option<Date>,
    /// The room.
    pub place: Option<String>,
    /// Display name of who runs it.
    pub facilitator: Option<String>,
    /// What the room is asked of each risk; null for the page's own words.
    pub question: Option<String>,
    /// Which assessment is judged.
    pub view: View,
    /// Whether votes are seen only when they are revealed.
    pub blind: bool,
    /// Whether nobody is told who voted what.
    pub anonymous: bool,
    /// Who decides.
    pub decides: Decides,
    /// Who takes part.
    pub participants: Vec<Seat>,
    /// The agenda, in order.
    pub items: Vec<Item>,
    /// What is to be spoken of elsewhere.
    pub parking: Vec<String>,
    /// When the room was first opened.
    #[serde(with = "instant_option")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub started_at: Option<Timestamp>,
    /// When it was closed.
    #[serde(with = "instant_option")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub closed_at: Option<Timestamp>,
    /// When its decisions were applied to the register.
    #[serde(with = "instant_option")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub applied_at: Option<Timestamp>,
    /// RFC 3339, UTC.
    #[serde(with = "instant")]
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// RFC 3339, UTC.
    #[serde(with = "instant")]
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

/// One seat's vote in one round, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vote {
    /// The item.
    pub item_id: String,
    /// The round, from 1.
    pub round: u8,
    /// The seat.
    pub seat_id: String,
    /// The cell; none where the seat cannot judge.
    pub cell: Option<Judgement>,
    /// What was said with it.
    pub comment: Option<String>,
    /// Random text, so that a seal betrays no vote.
    pub salt: String,
}

impl Workshop {
    /// `WS-0003` of 3.
    #[must_use]
    pub fn reference_of(number: i64) -> String {
        format!("WS-{number:04}")
    }

    /// A seat by its id.
    #[must_use]
    pub fn seat(&self, id: &str) -> Option<&Seat> {
        self.participants.iter().find(|seat| seat.id == id)
    }

    /// An item by its id.
    #[must_use]
    pub fn item(&self, id: &str) -> Option<&Item> {
        self.items.iter().find(|item| item.id == id)
    }

    /// The item that the room is at: the one that is being voted on or waits for its decision.
    #[must_use]
    pub fn at(&self) -> Option<&Item> {
        self.items.iter().find(|item| item.is_open())
    }

    /// How long the agenda takes.
    #[must_use]
    pub fn minutes(&self) -> u32 {
        self.items.iter().map(|item| u32::from(item.minutes)).sum()
    }
}

impl Item {
    /// Whether the room is at it.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self.status, ItemStatus::Voting | ItemStatus::Revealed)
    }

    /// Whether its votes are seen.
    #[must_use]
    pub fn is_seen(&self) -> bool {
        matches!(self.status, ItemStatus::Revealed | ItemStatus::Decided)
    }

    /// The round that it is in, from 1: the last one revealed, or the one that votes are or will be taken for.
    #[must_use]
    pub fn round(&self) -> u8 {
        let revealed = u8::try_from(self.rounds.len()).unwrap_or(u8::MAX);
        if self.is_seen() { revealed } else { revealed.saturating_add(1) }
    }
}

/// The text whose SHA-256 seals a round: its votes by seat, each with its salt.
#[must_use]
pub fn sealed_text(votes: &[Vote]) -> String {
    let mut votes: Vec<&Vote> = votes.iter().collect();
    votes.sort_by(|one, other| one.seat_id.cmp(&other.seat_id));
    let told = votes.iter().map(|vote| {
        let cell = vote.cell.map(|cell| [cell.likelihood, cell.impact]);
        serde_json::json!([vote.item_id, vote.round, vote.seat_id, cell, vote.comment, vote.salt])
    });
    serde_json::Value::Array(told.collect()).to_string()
}

#[cfg(test)]
mod tests;
