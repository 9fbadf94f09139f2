//! What the room is told. Before the reveal nothing in it anchors: no earlier score, no appetite, no votes of others (unless the
//! workshop is an open one), no names beside votes where it is anonymous.

use super::{Decides, Decision, GroupTally, Item, ItemStatus, RoomAction, Tally, Vote, Workshop, WorkshopStatus};
use crate::matrix::{Level, LevelLabel, LikelihoodUnit, Matrix, Step, View};
use crate::risk::Judgement;
use crate::time::instant_option;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Who voted what, where the workshop names them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = WorkshopVoteTold)]
pub struct VoteTold {
    /// Display name.
    pub name: String,
    /// Null where they cannot judge.
    pub likelihood: Option<u8>,
    /// Null where they cannot judge.
    pub impact: Option<u8>,
}

/// What was said with a vote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = WorkshopComment)]
pub struct CommentTold {
    /// Display name; null where the workshop is anonymous.
    pub name: Option<String>,
    /// What was said.
    pub text: String,
    /// Whether the vote stands apart from the room.
    pub apart: bool,
}

/// A round that was revealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = WorkshopRoundTold)]
pub struct RoundTold {
    /// From 1.
    pub round: u8,
    /// What the votes say.
    pub tally: Tally,
    /// By group of participants, where there are several.
    pub groups: Vec<GroupTally>,
    /// Who voted what; empty where the workshop is anonymous.
    pub votes: Vec<VoteTold>,
    /// What was said with the votes.
    pub comments: Vec<CommentTold>,
}

impl RoundTold {
    /// Tells of one round from its votes.
    #[must_use]
    pub fn of(workshop: &Workshop, item: &str, round: u8, votes: &[Vote]) -> Self {
        let votes: Vec<&Vote> = votes.iter().filter(|vote| vote.item_id == item && vote.round == round).collect();
        let tally = Tally::of(&votes);
        let groups = GroupTally::of(&votes, &workshop.participants, workshop.anonymous);
        let name = |vote: &Vote| workshop.seat(&vote.seat_id).map_or_else(String::new, |seat| seat.name.clone());
        let named = |vote: &&Vote| VoteTold {
            name: name(vote),
            likelihood: vote.cell.map(|cell| cell.likelihood),
            impact: vote.cell.map(|cell| cell.impact),
        };
        let comment = |vote: &&Vote| {
            let name = (!workshop.anonymous).then(|| name(vote));
            vote.comment.clone().map(|text| CommentTold { name, text, apart: tally.is_apart(vote) })
        };
        let mut comments: Vec<CommentTold> = votes.iter().filter_map(comment).collect();
        let mut told: Vec<VoteTold> = if workshop.anonymous { Vec::new() } else { votes.iter().map(named).collect() };
        // The order of the seats would tell whose they are.
        comments.sort_by(|one, other| (&one.name, &one.text).cmp(&(&other.name, &other.text)));
        told.sort_by(|one, other| one.name.cmp(&other.name));
        Self { round, tally, groups, votes: told, comments }
    }
}

/// A seat and whether it has voted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = WorkshopSeatTold)]
pub struct SeatTold {
    /// UUIDv7.
    pub id: String,
    /// Display name.
    pub name: String,
    /// Department or part that they speak for.
    pub group: Option<String>,
    /// Whether they are in the room.
    pub present: bool,
    /// Whether they have voted in the round that is open.
    pub voted: bool,
}

/// A line of the agenda.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = WorkshopAgendaLine)]
pub struct AgendaTold {
    /// UUIDv7.
    pub id: String,
    /// The risk's reference.
    #[serde(rename = "ref")]
    pub reference: String,
    /// The risk's name.
    pub name: String,
    /// Where it stands.
    pub status: ItemStatus,
    /// How long it may take.
    pub minutes: u8,
    /// The score that was decided.
    pub score: Option<u16>,
    /// Its level.
    pub level: Option<Level>,
}

/// The risk that the room is at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = WorkshopItemTold)]
pub struct ItemTold {
    /// UUIDv7.
    pub id: String,
    /// The risk.
    pub risk_id: String,
    /// Its reference.
    #[serde(rename = "ref")]
    pub reference: String,
    /// Its name.
    pub name: String,
    /// Cause, event and consequence.
    pub description: Option<String>,
    /// Where it stands.
    pub status: ItemStatus,
    /// How long it may take.
    pub minutes: u8,
    /// From 1.
    pub round: u8,
    /// When its time is over.
    #[serde(with = "instant_option")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ends_at: Option<Timestamp>,
    /// What the round says, once it is revealed; as it comes, where the workshop is an open one.
    pub told: Option<RoundTold>,
    /// The rounds before it, once it is revealed.
    pub earlier: Vec<RoundTold>,
    /// Where the risk stood, once the votes are revealed; null where it was not assessed.
    pub before: Option<Judgement>,
    /// What was decided.
    pub decision: Option<Decision>,
    /// For the minutes.
    pub notes: Option<String>,
    /// What is to be done.
    pub actions: Vec<RoomAction>,
}

/// The matrix that votes are given on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RoomMatrix {
    /// The likelihood scale, lowest first.
    pub likelihood: Vec<Step>,
    /// The impact scale, lowest first.
    pub impact: Vec<Step>,
    /// What the ranges of the likelihood scale count.
    pub likelihood_unit: LikelihoodUnit,
    /// In which money the ranges of the impact scale are told (ISO 4217).
    pub currency: String,
    /// The levels in use, lowest first.
    pub levels: Vec<LevelLabel>,
    /// `grid[likelihood-1][impact-1]`.
    pub grid: Vec<Vec<Level>>,
    /// Scores above it need treatment or acceptance; null until the votes are revealed.
    pub appetite: Option<u16>,
}

/// What the facilitator's screen and the projector show.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RoomTold {
    /// UUIDv7.
    pub id: String,
    /// The workshop's reference.
    #[serde(rename = "ref")]
    pub reference: String,
    /// What it is called.
    pub name: String,
    /// Where it stands.
    pub status: WorkshopStatus,
    /// The room.
    pub place: Option<String>,
    /// What is asked of each risk; null for the page's own words.
    pub question: Option<String>,
    /// Which assessment is judged.
    pub view: View,
    /// Whether votes are seen only when they are revealed.
    pub blind: bool,
    /// Whether nobody is told who voted what.
    pub anonymous: bool,
    /// Who decides.
    pub decides: Decides,
    /// When the room was first opened.
    #[serde(with = "instant_option")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub started_at: Option<Timestamp>,
    /// How long the agenda takes.
    pub minutes: u32,
    /// Who takes part.
    pub seats: Vec<SeatTold>,
    /// The agenda, in order.
    pub agenda: Vec<AgendaTold>,
    /// The risk that the room is at; null between two.
    pub item: Option<ItemTold>,
    /// What is to be spoken of elsewhere.
    pub parking: Vec<String>,
    /// The matrix in force.
    pub matrix: RoomMatrix,
}

impl RoomTold {
    /// What the room is told now. `votes` are those of the item that it is at, of every round; `description` is its risk's.
    #[must_use]
    pub fn of(workshop: &Workshop, votes: &[Vote], description: Option<String>, matrix: &Matrix) -> Self {
        let at = workshop.at();
        let voted = |seat: &str| {
            let item = at.filter(|item| item.status == ItemStatus::Voting);
            item.is_some_and(|item| {
                let of = |vote: &Vote| vote.item_id == item.id && vote.round == item.round() && vote.seat_id == seat;
                votes.iter().any(of)
            })
        };
        let seats = workshop.participants.iter().map(|seat| SeatTold {
            id: seat.id.clone(),
            name: seat.name.clone(),
            group: seat.group.clone(),
            present: seat.present,
            voted: voted(&seat.id),
        });
        Self {
            id: workshop.id.clone(),
            reference: workshop.reference.clone(),
            name: workshop.name.clone(),
            status: workshop.status,
            place: workshop.place.clone(),
            question: workshop.question.clone(),
            view: workshop.view,
            blind: workshop.blind,
            anonymous: workshop.anonymous,
            decides: workshop.decides,
            started_at: workshop.started_at,
            minutes: workshop.minutes(),
            seats: seats.collect(),
            agenda: workshop.items.iter().map(|item| AgendaTold::of(item, matrix)).collect(),
            item: at.map(|item| ItemTold::of(workshop, item, votes, description)),
            parking: workshop.parking.clone(),
            matrix: RoomMatrix {
                likelihood: matrix.likelihood.clone(),
                impact: matrix.impact.clone(),
                likelihood_unit: matrix.likelihood_unit,
                currency: matrix.currency.clone(),
                levels: matrix.levels.clone(),
                grid: matrix.grid.clone(),
                appetite: at.is_some_and(Item::is_seen).then_some(matrix.appetite),
            },
        }
    }
}

impl AgendaTold {
    fn of(item: &Item, matrix: &Matrix) -> Self {
        let decision = item.decision.as_ref();
        Self {
            id: item.id.clone(),
            reference: item.reference.clone(),
            name: item.name.clone(),
            status: item.status,
            minutes: item.minutes,
            score: decision.map(|decision| Matrix::score(decision.likelihood, decision.impact)),
            level: decision.and_then(|decision| matrix.level(decision.likelihood, decision.impact)),
        }
    }
}

impl ItemTold {
    fn of(workshop: &Workshop, item: &Item, votes: &[Vote], description: Option<String>) -> Self {
        let (seen, round) = (item.is_seen(), item.round());
        let told = |round: u8| RoundTold::of(workshop, &item.id, round, votes);
        let open = !workshop.blind && item.status == ItemStatus::Voting;
        Self {
            id: item.id.clone(),
            risk_id: item.risk_id.clone(),
            reference: item.reference.clone(),
            name: item.name.clone(),
            description,
            status: item.status,
            minutes: item.minutes,
            round,
            ends_at: item.began_at.and_then(|at| at.checked_add(SignedDuration::from_mins(i64::from(item.minutes))).ok()),
            told: (seen || open).then(|| told(round)),
            earlier: if seen { (1..round).map(told).collect() } else { Vec::new() },
            before: item.before.filter(|_| seen),
            decision: item.decision.clone(),
            notes: item.notes.clone(),
            actions: item.actions.clone(),
        }
    }
}
