//! Making and changing a workshop outside its room.

use super::reading::{ActionWrite, ItemPatch, ItemWrite, SeatWrite, WorkshopPatch};
use super::{Decides, Item, ItemStatus, MINUTES, RoomAction, Seat, Workshop, WorkshopStatus};
use crate::input::{Problems, set};
use crate::matrix::View;
use jiff::Timestamp;

/// What a change of a workshop asks of its caller.
pub struct Ask<'a> {
    /// Reference and name of a risk that is there.
    pub risk: &'a dyn Fn(&str) -> Option<(String, String)>,
    /// Whether a seat has voted in any round.
    pub voted: &'a dyn Fn(&str) -> bool,
    /// A new id.
    pub id: &'a mut dyn FnMut() -> String,
}

impl Workshop {
    /// A new workshop. `number` is the next of the workspace's sequence.
    ///
    /// # Errors
    /// Every offending field.
    pub fn create(patch: WorkshopPatch, id: String, number: i64, now: Timestamp, ask: Ask<'_>) -> Result<Self, Problems> {
        let mut workshop = Self {
            id,
            reference: Self::reference_of(number),
            name: String::new(),
            status: WorkshopStatus::Planned,
            held_on: None,
            place: None,
            facilitator: None,
            question: None,
            view: View::Current,
            blind: true,
            anonymous: true,
            decides: Decides::default(),
            participants: Vec::new(),
            items: Vec::new(),
            parking: Vec::new(),
            started_at: None,
            closed_at: None,
            applied_at: None,
            created_at: now,
            updated_at: now,
        };
        if patch.name.is_none() {
            return Err(Problems::one("name", "is required"));
        }
        workshop.apply(patch, now, ask)?;
        Ok(workshop)
    }

    /// Changes the fields that are present. Once the room was open, what the votes mean stays as it was, and so does whoever voted and
    /// whatever was voted on.
    ///
    /// # Errors
    /// Every offending field; the workshop is then unchanged.
    pub fn apply(&mut self, patch: WorkshopPatch, now: Timestamp, ask: Ask<'_>) -> Result<(), Problems> {
        let mut problems = Problems::default();
        let mut next = self.clone();
        set(&mut next.name, patch.name);
        set(&mut next.held_on, patch.held_on);
        set(&mut next.place, patch.place);
        set(&mut next.facilitator, patch.facilitator);
        set(&mut next.question, patch.question);
        set(&mut next.view, patch.view);
        set(&mut next.blind, patch.blind);
        set(&mut next.anonymous, patch.anonymous);
        set(&mut next.decides, patch.decides);
        set(&mut next.parking, patch.parking);
        if let Some(seats) = patch.participants {
            next.participants = seats.into_iter().filter_map(|seat| self.seat_of(seat, ask.id, &mut problems)).collect();
            for gone in self.participants.iter().filter(|seat| next.seat(&seat.id).is_none() && (ask.voted)(&seat.id)) {
                problems.add("participants", format!("must keep {}, who has voted; mark them as absent", gone.name));
            }
            // A group is told as such: with one seat more or less it would tell that seat's vote.
            let moved = |seat: &&Seat| next.seat(&seat.id).is_some_and(|now| now.group != seat.group);
            for seat in self.participants.iter().filter(moved).filter(|seat| next.anonymous && (ask.voted)(&seat.id)) {
                problems.add("participants", format!("must keep {} in their group: they have voted", seat.name));
            }
        }
        if let Some(items) = patch.items {
            next.items = items.into_iter().filter_map(|item| self.item_of(item, ask.risk, ask.id, &mut problems)).collect();
            let begun = |item: &&Item| item.status != ItemStatus::Waiting || !item.rounds.is_empty();
            for gone in self.items.iter().filter(begun).filter(|item| next.item(&item.id).is_none()) {
                problems.add("items", format!("must keep {}, which the room has begun", gone.reference));
            }
        }
        next.refuse_doubles(&mut problems);
        if next.anonymous && !next.blind {
            problems.add("anonymous", "needs a blind vote: in an open one everybody sees whose vote comes");
        }
        if self.started_at.is_some() {
            let fixed = [
                ("view", self.view != next.view),
                ("blind", self.blind != next.blind),
                ("anonymous", self.anonymous != next.anonymous),
                ("decides", self.decides != next.decides),
            ];
            for (field, _) in fixed.iter().filter(|(_, changed)| *changed) {
                problems.add(field, "stays as it was when the workshop began");
            }
        }
        if next != *self {
            self.refuse_closed(&mut problems);
            next.updated_at = now;
        }
        problems.check()?;
        *self = next;
        Ok(())
    }

    pub(super) fn refuse_closed(&self, problems: &mut Problems) {
        if self.status == WorkshopStatus::Closed {
            problems.add("status", "is closed: open the workshop again to change it");
        }
    }

    fn seat_of(&self, write: SeatWrite, id: &mut dyn FnMut() -> String, problems: &mut Problems) -> Option<Seat> {
        let had = match &write.id {
            Some(wanted) => match self.seat(wanted) {
                Some(had) => Some(had),
                None => {
                    problems.add("participants", format!("names a seat that does not exist: {wanted}"));
                    return None;
                }
            },
            None => None,
        };
        Some(Seat {
            id: had.map_or_else(id, |had| had.id.clone()),
            name: write.name,
            group: write.group,
            present: write.present.or(had.map(|had| had.present)).unwrap_or(true),
        })
    }

    fn item_of(
        &self,
        write: ItemWrite,
        risk: &dyn Fn(&str) -> Option<(String, String)>,
        id: &mut dyn FnMut() -> String,
        problems: &mut Problems,
    ) -> Option<Item> {
        if let Some(wanted) = &write.id {
            let Some(had) = self.item(wanted).filter(|had| had.risk_id == write.risk_id) else {
                problems.add("items", format!("names an item that does not exist: {wanted}"));
                return None;
            };
            return Some(Item { minutes: write.minutes.unwrap_or(had.minutes), ..had.clone() });
        }
        let Some((reference, name)) = risk(&write.risk_id) else {
            problems.add("items", format!("names a risk that does not exist: {}", write.risk_id));
            return None;
        };
        Some(Item {
            id: id(),
            risk_id: write.risk_id,
            reference,
            name,
            minutes: write.minutes.unwrap_or(MINUTES),
            status: ItemStatus::Waiting,
            began_at: None,
            rounds: Vec::new(),
            before: None,
            decision: None,
            notes: None,
            actions: Vec::new(),
        })
    }

    fn refuse_doubles(&self, problems: &mut Problems) {
        for (place, item) in self.items.iter().enumerate() {
            if self.items.iter().take(place).any(|other| other.risk_id == item.risk_id) {
                problems.add("items", format!("holds {} twice", item.reference));
            }
        }
        for (place, seat) in self.participants.iter().enumerate() {
            let name = seat.name.to_lowercase();
            if self.participants.iter().take(place).any(|other| other.id == seat.id || other.name.to_lowercase() == name) {
                problems.add("participants", format!("holds {} twice", seat.name));
            }
        }
    }

    /// Changes what may be written of one item. `None` where there is no such item.
    ///
    /// # Errors
    /// Every offending field; the workshop is then unchanged.
    pub fn apply_item(
        &mut self,
        id: &str,
        patch: ItemPatch,
        now: Timestamp,
        new_id: &mut dyn FnMut() -> String,
    ) -> Option<Result<(), Problems>> {
        let mut next = self.item(id)?.clone();
        let mut problems = Problems::default();
        set(&mut next.minutes, patch.minutes);
        set(&mut next.notes, patch.notes);
        if let Some(actions) = patch.actions {
            let had = |id: &Option<String>| id.as_ref().filter(|id| next.actions.iter().any(|action| action.id == **id)).cloned();
            let mut of = |write: ActionWrite| {
                let id = match (&write.id, had(&write.id)) {
                    (_, Some(had)) => had,
                    (None, None) => new_id(),
                    (Some(unknown), None) => {
                        problems.add("actions", format!("names an action that does not exist: {unknown}"));
                        unknown.clone()
                    }
                };
                RoomAction { id, title: write.title, owner: write.owner, due_date: write.due_date }
            };
            let actions: Vec<RoomAction> = actions.into_iter().map(&mut of).collect();
            next.actions = actions;
        }
        let item = self.items.iter().position(|item| item.id == id)?;
        if self.items.get(item) == Some(&next) {
            return Some(problems.check());
        }
        self.refuse_closed(&mut problems);
        if let Err(problems) = problems.check() {
            return Some(Err(problems));
        }
        self.items[item] = next;
        self.updated_at = now;
        Some(Ok(()))
    }
}
