//! What may be written of a workshop, and reading it.

use super::{ACTIONS_MAX, DISSENT_MAX, Decides, Dissent, ITEMS_MAX, MINUTES_MAX, SEATS_MAX};
use crate::input::{Input, Patch, Problems};
use crate::matrix::{Matrix, View};
use crate::risk::Judgement;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// A seat as it is written: one with the id of a seat is that seat, one without is new.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = WorkshopSeatWrite)]
pub struct SeatWrite {
    /// Of a seat that is there.
    pub id: Option<String>,
    /// Display name, 1–200 characters.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// Department or part that they speak for.
    #[schema(max_length = 200)]
    pub group: Option<String>,
    /// Whether they are in the room; true where nothing is said.
    pub present: Option<bool>,
}

/// An item as it is written: one with the id of an item is that item, one without is new.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = WorkshopItemWrite)]
pub struct ItemWrite {
    /// Of an item that is there.
    pub id: Option<String>,
    /// The risk.
    pub risk_id: String,
    /// How long it may take; 5 where nothing is said.
    #[schema(minimum = 1, maximum = 240)]
    pub minutes: Option<u8>,
}

/// The fields of a workshop that may be written. Absent fields stay as they are; null clears. Lists are whole, in order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct WorkshopPatch {
    /// 1–200 characters.
    #[schema(min_length = 1, max_length = 200)]
    pub name: Option<String>,
    /// `YYYY-MM-DD`.
    #[schema(value_type = Option<String>, format = Date)]
    pub held_on: Patch<Date>,
    /// The room.
    #[schema(value_type = Option<String>, max_length = 200)]
    pub place: Patch<String>,
    /// A display name.
    #[schema(value_type = Option<String>, max_length = 200)]
    pub facilitator: Patch<String>,
    /// What the room is asked of each risk.
    #[schema(value_type = Option<String>, max_length = 200)]
    pub question: Patch<String>,
    /// Which assessment is judged.
    pub view: Option<View>,
    /// Whether votes are seen only when they are revealed.
    pub blind: Option<bool>,
    /// Whether nobody is told who voted what.
    pub anonymous: Option<bool>,
    /// Who decides.
    pub decides: Option<Decides>,
    /// Up to 60 seats.
    pub participants: Option<Vec<SeatWrite>>,
    /// Up to 100 items.
    pub items: Option<Vec<ItemWrite>>,
    /// What is to be spoken of elsewhere.
    pub parking: Option<Vec<String>>,
}

/// A new workshop: a name, and any field that may be written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NewWorkshop {
    /// What it is called, 1–200 characters.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// Everything else.
    #[serde(flatten)]
    pub fields: WorkshopPatch,
}

/// An action as it is written: one with the id of an action is that action, one without is new.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = WorkshopActionWrite)]
pub struct ActionWrite {
    /// Of an action that is there.
    pub id: Option<String>,
    /// What is to be done, 1–200 characters.
    #[schema(min_length = 1, max_length = 200)]
    pub title: String,
    /// A display name.
    #[schema(max_length = 200)]
    pub owner: Option<String>,
    /// `YYYY-MM-DD`.
    #[schema(value_type = Option<String>, format = Date)]
    pub due_date: Option<Date>,
}

/// What may be written of one item while the workshop is not closed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = WorkshopItemPatch)]
pub struct ItemPatch {
    /// How long it may take.
    #[schema(minimum = 1, maximum = 240)]
    pub minutes: Option<u8>,
    /// For the minutes.
    #[schema(value_type = Option<String>, max_length = 20000)]
    pub notes: Patch<String>,
    /// What is to be done: the whole list.
    pub actions: Option<Vec<ActionWrite>>,
}

/// A vote as it is sent: a cell, or that the seat cannot judge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = WorkshopVote)]
pub struct VotePatch {
    /// A whole step of the likelihood scale, from 1.
    #[schema(minimum = 1, maximum = 7)]
    pub likelihood: Option<u8>,
    /// A whole step of the impact scale, from 1.
    #[schema(minimum = 1, maximum = 7)]
    pub impact: Option<u8>,
    /// In place of a cell.
    pub cannot_judge: Option<bool>,
    /// Up to 200 characters.
    #[schema(max_length = 200)]
    pub comment: Option<String>,
    /// The round that the vote is meant for, from 1; refused where the room is at another.
    #[schema(minimum = 1)]
    pub round: Option<u8>,
}

/// A decision as it is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = WorkshopDecisionWrite)]
pub struct DecisionPatch {
    /// A whole step of the likelihood scale, from 1.
    #[schema(minimum = 1, maximum = 7)]
    pub likelihood: u8,
    /// A whole step of the impact scale, from 1.
    #[schema(minimum = 1, maximum = 7)]
    pub impact: u8,
    /// Why: up to 20,000 characters.
    #[schema(max_length = 20000)]
    pub rationale: Option<String>,
    /// Who does not agree and asks for it to be recorded.
    pub dissent: Option<Vec<Dissent>>,
}

const ITEM_READ_ONLY: &[&str] = &["ref", "name", "status", "began_at", "rounds", "before", "decision", "notes", "actions"];
const READ_ONLY: &[&str] = &["id", "ref", "status", "started_at", "closed_at", "applied_at", "created_at", "updated_at"];

impl WorkshopPatch {
    /// Reads a body. With `creating`, a name is required.
    ///
    /// # Errors
    /// Every offending field.
    pub fn read(body: Map<String, Value>, creating: bool) -> Result<Self, Problems> {
        let mut input = Input::new(body);
        if creating && !input.has("name") {
            input.problems.add("name", "is required");
        }
        let patch = Self {
            name: input.name("name"),
            held_on: input.date("held_on"),
            place: input.short("place"),
            facilitator: input.short("facilitator"),
            question: input.short("question"),
            view: input.fixed_choice("view"),
            blind: if input.has("blind") { input.flag("blind") } else { None },
            anonymous: if input.has("anonymous") { input.flag("anonymous") } else { None },
            decides: input.fixed_choice("decides"),
            participants: input.objects("participants", SEATS_MAX, &[], |seat| SeatWrite {
                id: seat.short("id").flatten(),
                name: seat.required_name("name"),
                group: seat.short("group").flatten(),
                present: if seat.has("present") { seat.flag("present") } else { None },
            }),
            items: input.objects("items", ITEMS_MAX, ITEM_READ_ONLY, |item| ItemWrite {
                id: item.short("id").flatten(),
                risk_id: item.required_name("risk_id"),
                minutes: item.whole("minutes", 1, MINUTES_MAX).flatten(),
            }),
            parking: input.list("parking"),
        };
        input.finish(READ_ONLY)?;
        Ok(patch)
    }
}

impl ItemPatch {
    /// Reads a body.
    ///
    /// # Errors
    /// Every offending field.
    pub fn read(body: Map<String, Value>) -> Result<Self, Problems> {
        let mut input = Input::new(body);
        let minutes = input.whole("minutes", 1, MINUTES_MAX);
        if minutes == Some(None) {
            input.problems.add("minutes", format!("must be 1 to {MINUTES_MAX}"));
        }
        let patch = Self {
            minutes: minutes.flatten(),
            notes: input.text("notes"),
            actions: input.objects("actions", ACTIONS_MAX, &[], |action| ActionWrite {
                id: action.short("id").flatten(),
                title: action.required_name("title"),
                owner: action.short("owner").flatten(),
                due_date: action.date("due_date").flatten(),
            }),
        };
        input.finish(&["id", "risk_id", "ref", "name", "status", "began_at", "rounds", "before", "decision"])?;
        Ok(patch)
    }
}

impl VotePatch {
    /// Reads a body; the cell is one of the matrix.
    ///
    /// # Errors
    /// Every offending field.
    pub fn read(body: Map<String, Value>, matrix: &Matrix) -> Result<Self, Problems> {
        let mut input = Input::new(body);
        let likelihood = input.step("likelihood", matrix.likelihood_steps()).flatten();
        let impact = input.step("impact", matrix.impact_steps()).flatten();
        let cannot_judge = if input.has("cannot_judge") { input.flag("cannot_judge") } else { None };
        let comment = input.short("comment").flatten();
        let round = input.whole("round", 1, u8::MAX).flatten();
        if input.problems.0.is_empty() {
            match (likelihood, impact, cannot_judge == Some(true)) {
                (None, None, true) | (Some(_), Some(_), false) => {}
                (_, _, true) => input.problems.add("cannot_judge", "comes in place of likelihood and impact"),
                (Some(_), None, _) => input.problems.add("impact", "comes together with likelihood"),
                (None, Some(_), _) => input.problems.add("likelihood", "comes together with impact"),
                (None, None, false) => input.problems.add("likelihood", "is required, with impact"),
            }
        }
        input.finish(&[])?;
        Ok(Self { likelihood, impact, cannot_judge, comment, round })
    }

    /// The cell; none for a seat that cannot judge.
    #[must_use]
    pub fn cell(&self) -> Option<Judgement> {
        Some(Judgement { likelihood: self.likelihood?, impact: self.impact? })
    }
}

impl DecisionPatch {
    /// Reads a body; the cell is one of the matrix.
    ///
    /// # Errors
    /// Every offending field.
    pub fn read(body: Map<String, Value>, matrix: &Matrix) -> Result<Self, Problems> {
        let mut input = Input::new(body);
        for field in ["likelihood", "impact"] {
            if !input.has(field) {
                input.problems.add(field, "is required");
            }
        }
        let likelihood = input.step("likelihood", matrix.likelihood_steps()).flatten();
        let impact = input.step("impact", matrix.impact_steps()).flatten();
        if input.problems.0.is_empty() && likelihood.is_none() {
            input.problems.add("likelihood", "is required");
        }
        if input.problems.0.is_empty() && impact.is_none() {
            input.problems.add("impact", "is required");
        }
        let rationale = input.text("rationale").flatten();
        let dissent = input.objects("dissent", DISSENT_MAX, &[], |one| {
            if !one.has("reason") {
                one.problems.add("reason", "is required");
            }
            Dissent { seat_id: one.short("seat_id").flatten(), reason: one.name("reason").unwrap_or_default() }
        });
        input.finish(&["by", "at"])?;
        Ok(Self { likelihood: likelihood.unwrap_or(1), impact: impact.unwrap_or(1), rationale, dissent })
    }
}
