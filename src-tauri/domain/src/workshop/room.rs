//! What happens in the room: opening and closing it, one item after the other, votes, the reveal, the decision.

use super::{Decides, Decision, DecisionPatch, Item, ItemStatus, ROUNDS_MAX, Round, Tally, Vote, Workshop, WorkshopStatus};
use crate::input::Problems;
use crate::risk::Judgement;
use crate::words::Word;
use jiff::Timestamp;

/// What the caller knows of the votes and the risk when a round is revealed.
pub struct Reveal<'a> {
    /// The votes of the round.
    pub votes: &'a [&'a Vote],
    /// SHA-256 of [`super::sealed_text`] of them, in hexadecimal.
    pub seal: String,
    /// Where the risk stands in the view that is judged.
    pub before: Option<Judgement>,
}

/// What an item is to become.
pub enum TurnItem<'a> {
    /// Votes are asked for, under the risk's name as it is now (none where the risk is gone).
    Vote(Option<String>),
    /// The votes are seen.
    Reveal(Reveal<'a>),
    /// It is left out.
    Skip,
}

impl Workshop {
    /// Opens or closes the room.
    ///
    /// # Errors
    /// Every reason why it cannot be; the workshop is then unchanged.
    pub fn go(&mut self, to: WorkshopStatus, now: Timestamp) -> Result<(), Problems> {
        use WorkshopStatus::{Closed, Planned, Running};
        let mut problems = Problems::default();
        match (self.status, to) {
            (from, to) if from == to => return Ok(()),
            (Planned, Running) => {
                if self.items.is_empty() {
                    problems.add("items", "must hold a risk before the workshop begins");
                }
                if !self.participants.iter().any(|seat| seat.present) {
                    problems.add("participants", "must hold somebody who is present before the workshop begins");
                }
            }
            (Running, Closed) => {
                if let Some(item) = self.at() {
                    problems.add("status", format!("{} is open: decide or skip it first", item.reference));
                }
            }
            (Closed, Running) => {
                if self.applied_at.is_some() {
                    problems.add("status", "its decisions were applied to the register: undo that first");
                }
            }
            (from, to) => {
                let (from, to) = (from.word(), to.word());
                problems.add("status", format!("a {from} workshop cannot become {to}"));
            }
        }
        problems.check()?;
        self.status = to;
        if to == Running && self.started_at.is_none() {
            self.started_at = Some(now);
        }
        self.closed_at = (to == Closed).then_some(now);
        self.updated_at = now;
        Ok(())
    }

    fn refuse_not_running(&self) -> Result<(), Problems> {
        match self.status {
            WorkshopStatus::Running => Ok(()),
            WorkshopStatus::Planned => Err(Problems::one("status", "is planned: begin the workshop first")),
            WorkshopStatus::Closed => Err(Problems::one("status", "is closed: open the workshop again to change it")),
        }
    }

    /// Takes one item a step on. `None` where there is no such item.
    ///
    /// # Errors
    /// Why it cannot be; the workshop is then unchanged.
    pub fn turn(&mut self, id: &str, to: TurnItem<'_>, now: Timestamp) -> Option<Result<(), Problems>> {
        let place = self.items.iter().position(|item| item.id == id)?;
        let open = self.at().filter(|open| open.id != id).map(|open| open.reference.clone());
        let turned = self.refuse_not_running().and_then(|()| {
            let mut item = self.items[place].clone();
            item.turn(to, open, now)?;
            Ok(item)
        });
        Some(turned.map(|item| {
            self.items[place] = item;
            self.updated_at = now;
        }))
    }

    /// Which round a vote of a seat counts for. `None` where there is no such item or seat.
    ///
    /// # Errors
    /// Why no vote is taken.
    pub fn may_vote(&self, item: &str, seat: &str, meant: Option<u8>) -> Option<Result<u8, Problems>> {
        let (item, seat) = (self.item(item)?, self.seat(seat)?);
        Some(self.refuse_not_running().and_then(|()| {
            let round = item.round();
            match item.status {
                ItemStatus::Voting => {}
                ItemStatus::Revealed | ItemStatus::Decided => {
                    return Err(Problems::one("status", "the votes of this round were revealed already"));
                }
                ItemStatus::Waiting | ItemStatus::Skipped => {
                    return Err(Problems::one("status", "the room is not at this risk"));
                }
            }
            if meant.is_some_and(|meant| meant != round) {
                return Err(Problems::one("round", format!("is over: the room is at round {round}")));
            }
            if !seat.present {
                return Err(Problems::one("participants", format!("{} is marked as absent", seat.name)));
            }
            Ok(round)
        }))
    }

    /// Records a decision by `by`, where the votes of the last round are `tally`. `None` where there is no such item.
    ///
    /// # Errors
    /// Every offending field; the workshop is then unchanged.
    pub fn decide(
        &mut self,
        id: &str,
        patch: DecisionPatch,
        by: Option<String>,
        tally: &Tally,
        now: Timestamp,
    ) -> Option<Result<(), Problems>> {
        let place = self.items.iter().position(|item| item.id == id)?;
        let decided = self.refuse_not_running().and_then(|()| {
            let mut problems = Problems::default();
            if !self.items[place].is_seen() {
                problems.add("status", "is decided once its votes are revealed");
            }
            let cell = Judgement { likelihood: patch.likelihood, impact: patch.impact };
            if self.decides == Decides::Room && tally.median() != Some(cell) && patch.rationale.is_none() {
                problems.add("rationale", "is required where the decision is not the median of the votes");
            }
            let dissent = patch.dissent.unwrap_or_default();
            for one in &dissent {
                if let Some(seat) = one.seat_id.as_deref().filter(|seat| self.seat(seat).is_none()) {
                    problems.add("dissent", format!("names a seat that does not exist: {seat}"));
                }
            }
            problems.check()?;
            Ok(Decision { likelihood: cell.likelihood, impact: cell.impact, rationale: patch.rationale, by, at: now, dissent })
        });
        Some(decided.map(|decision| {
            let item = &mut self.items[place];
            item.decision = Some(decision);
            item.status = ItemStatus::Decided;
            self.updated_at = now;
        }))
    }
}

impl Item {
    fn turn(&mut self, to: TurnItem<'_>, open: Option<String>, now: Timestamp) -> Result<(), Problems> {
        use ItemStatus::{Decided, Revealed, Skipped, Voting, Waiting};
        match (self.status, to) {
            (Voting, TurnItem::Vote(_)) | (Revealed, TurnItem::Reveal(_)) | (Skipped, TurnItem::Skip) => Ok(()),
            (Waiting | Skipped | Revealed | Decided, TurnItem::Vote(name)) => {
                if let Some(open) = open {
                    return Err(Problems::one("status", format!("{open} is open: decide or skip it first")));
                }
                let Some(name) = name else { return Err(Problems::one("risk_id", "names a risk that was deleted; skip it")) };
                if self.rounds.len() >= ROUNDS_MAX {
                    return Err(Problems::one("rounds", format!("must have at most {ROUNDS_MAX} members")));
                }
                self.name = name;
                (self.status, self.began_at, self.decision, self.before) = (Voting, Some(now), None, None);
                Ok(())
            }
            (Voting, TurnItem::Reveal(reveal)) => {
                if reveal.votes.is_empty() {
                    return Err(Problems::one("status", "nobody has voted yet"));
                }
                let tally = Tally::of(reveal.votes);
                self.rounds.push(Round { votes: tally.votes, cannot_judge: tally.cannot_judge, seal: reveal.seal, revealed_at: now });
                (self.status, self.before) = (Revealed, reveal.before);
                Ok(())
            }
            (Waiting | Voting | Revealed, TurnItem::Skip) => {
                self.status = Skipped;
                Ok(())
            }
            (Decided, TurnItem::Skip) => Err(Problems::one("status", "is decided: vote again to take the decision back")),
            (Waiting | Skipped | Decided, TurnItem::Reveal(_)) => Err(Problems::one("status", "the room is not at this risk")),
        }
    }
}
