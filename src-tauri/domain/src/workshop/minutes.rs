//! The minutes: what the room did, from the record and its votes.

use super::{Agreement, Decides, Decision, ItemStatus, RoomAction, RoundTold, Vote, Workshop, WorkshopStatus};
use crate::matrix::View;
use crate::risk::Judgement;
use crate::time::instant_option;
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Who was there, and who was not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = WorkshopAttendance)]
pub struct Attendance {
    /// Display name.
    pub name: String,
    /// Department or part that they spoke for.
    pub group: Option<String>,
    /// Whether they were in the room.
    pub present: bool,
}

/// One risk of the agenda, as the minutes have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = WorkshopMinutesItem)]
pub struct MinutesItem {
    /// The risk's reference.
    #[serde(rename = "ref")]
    pub reference: String,
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub status: ItemStatus,
    /// Every round that was revealed.
    pub rounds: Vec<RoundTold>,
    /// Where the risk stood; null where it was not assessed, or the votes were not revealed.
    pub before: Option<Judgement>,
    /// What was decided.
    pub decision: Option<Decision>,
    /// Who did not agree, by name where they wished to be named.
    pub dissent: Vec<DissentTold>,
    /// What was noted.
    pub notes: Option<String>,
    /// What is to be done.
    pub actions: Vec<RoomAction>,
}

/// Who did not agree, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = WorkshopDissentTold)]
pub struct DissentTold {
    /// Display name; null for somebody who stays unnamed.
    pub name: Option<String>,
    /// Why.
    pub reason: String,
}

/// How many of the decided risks stand on a cell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = WorkshopPlaceCount)]
pub struct PlaceCount {
    /// A whole step of the likelihood scale, from 1.
    pub likelihood: u8,
    /// A whole step of the impact scale, from 1.
    pub impact: u8,
    /// Risks that stood there.
    pub before: u32,
    /// Risks that were decided to stand there.
    pub after: u32,
}

/// The minutes of a workshop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = WorkshopMinutes)]
pub struct Minutes {
    /// The workshop's reference.
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
    /// Who ran it.
    pub facilitator: Option<String>,
    /// What the room was asked of each risk; null for the page's own words.
    pub question: Option<String>,
    /// Which assessment was judged.
    pub view: View,
    /// Whether votes were seen only when they were revealed.
    pub blind: bool,
    /// Whether nobody is told who voted what.
    pub anonymous: bool,
    /// Who decided.
    pub decides: Decides,
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
    /// Who was there.
    pub attendance: Vec<Attendance>,
    /// The agenda, in order.
    pub items: Vec<MinutesItem>,
    /// References of the risks that divided the room in their last round.
    pub divided: Vec<String>,
    /// Where the decided risks stood and stand: the cells with any.
    pub places: Vec<PlaceCount>,
    /// What is to be spoken of elsewhere.
    pub parking: Vec<String>,
}

impl Minutes {
    /// The minutes as they stand. `votes` are all of the workshop's; only rounds that were revealed are told.
    #[must_use]
    pub fn of(workshop: &Workshop, votes: &[Vote]) -> Self {
        let name = |seat: &Option<String>| seat.as_deref().and_then(|id| workshop.seat(id)).map(|seat| seat.name.clone());
        let items: Vec<MinutesItem> = workshop
            .items
            .iter()
            .map(|item| {
                // While the room votes again, what it said before would anchor it.
                let hidden = workshop.blind && item.status == ItemStatus::Voting;
                let revealed = if hidden { 0 } else { u8::try_from(item.rounds.len()).unwrap_or(u8::MAX) };
                let dissent = item.decision.iter().flat_map(|decision| &decision.dissent);
                MinutesItem {
                    reference: item.reference.clone(),
                    name: item.name.clone(),
                    status: item.status,
                    rounds: (1..=revealed).map(|round| RoundTold::of(workshop, &item.id, round, votes)).collect(),
                    before: item.before,
                    decision: item.decision.clone(),
                    dissent: dissent.map(|one| DissentTold { name: name(&one.seat_id), reason: one.reason.clone() }).collect(),
                    notes: item.notes.clone(),
                    actions: item.actions.clone(),
                }
            })
            .collect();
        let is_divided = |item: &&MinutesItem| item.rounds.last().is_some_and(|round| round.tally.agreement == Agreement::Divided);
        let mut places: Vec<PlaceCount> = Vec::new();
        let mut count = |cell: Judgement, before: u32, after: u32| {
            let found = places.iter_mut().find(|have| (have.likelihood, have.impact) == (cell.likelihood, cell.impact));
            match found {
                Some(have) => (have.before, have.after) = (have.before + before, have.after + after),
                None => places.push(PlaceCount { likelihood: cell.likelihood, impact: cell.impact, before, after }),
            }
        };
        for item in &items {
            let Some(decision) = &item.decision else { continue };
            count(Judgement { likelihood: decision.likelihood, impact: decision.impact }, 0, 1);
            if let Some(before) = item.before {
                count(before, 1, 0);
            }
        }
        places.sort_by_key(|place| (place.likelihood, place.impact));
        let attendance = workshop.participants.iter();
        Self {
            reference: workshop.reference.clone(),
            name: workshop.name.clone(),
            status: workshop.status,
            held_on: workshop.held_on,
            place: workshop.place.clone(),
            facilitator: workshop.facilitator.clone(),
            question: workshop.question.clone(),
            view: workshop.view,
            blind: workshop.blind,
            anonymous: workshop.anonymous,
            decides: workshop.decides,
            started_at: workshop.started_at,
            closed_at: workshop.closed_at,
            applied_at: workshop.applied_at,
            attendance: attendance
                .map(|seat| Attendance { name: seat.name.clone(), group: seat.group.clone(), present: seat.present })
                .collect(),
            divided: items.iter().filter(is_divided).map(|item| item.reference.clone()).collect(),
            items,
            places,
            parking: workshop.parking.clone(),
        }
    }
}
