//! What is wrong in a register by itself: each check is a rule over one risk and the day, and is told with the record.
//!
//! A closed risk is not checked. Where an acceptance is void and expired, it is void.

use crate::plan::ActionStatus;
use crate::risk::{Risk, RiskStatus, Treatment};
use jiff::civil::Date;

crate::words! {
    /// A check of the register; the gravest first.
    Check {
        /// The current score is above the appetite, the risk is not accepted, and no action of its plan is still to be done.
        AboveAppetite = "above_appetite_without_plan",
        /// It is treated as accepted, and nobody's acceptance stands.
        NotAccepted = "accepted_without_acceptance",
        /// The risk is no longer in the state that was accepted.
        AcceptanceVoid = "acceptance_void",
        /// The acceptance has ended.
        AcceptanceExpired = "acceptance_expired",
        /// What is expected after the plan is worse than today.
        ResidualAbove = "residual_above_current",
        /// An action that was to lower the risk is done, and the current or the residual assessment is still where the plan began.
        DoneUnchanged = "done_but_unchanged",
        /// Its review date has passed.
        ReviewOverdue = "review_overdue",
        /// Nobody answers for it.
        NoOwner = "no_owner",
    }
}

/// How the acceptance of a risk that is treated as accepted stands, whatever the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Borne {
    /// It needs none: it is treated otherwise, or closed.
    NotAsked,
    /// Nobody's acceptance stands.
    Nobody,
    /// The one that stands was given for another state of the risk.
    Void,
    /// In force up to and on this day.
    Until(Date),
}

impl Risk {
    /// Whether it is checked at all.
    fn is_watched(&self) -> bool {
        self.status != RiskStatus::Closed
    }

    /// [`Check::NoOwner`].
    #[must_use]
    pub fn lacks_owner(&self) -> bool {
        self.is_watched() && self.owner.is_none()
    }

    /// [`Check::ResidualAbove`].
    #[must_use]
    pub fn residual_is_above(&self) -> bool {
        self.is_watched() && self.residual.zip(self.score).is_some_and(|(residual, current)| residual.score > current)
    }

    /// [`Check::DoneUnchanged`].
    #[must_use]
    pub fn done_is_unchanged(&self) -> bool {
        let Some(baseline) = self.baseline.filter(|_| self.is_watched()) else { return false };
        let began = (baseline.likelihood, baseline.impact);
        // A baseline on the first step of both axes cannot be lowered.
        let done = began != (1, 1) && self.actions.iter().any(|action| action.status == ActionStatus::Done && action.has_effect());
        done && (self.likelihood.zip(self.impact) == Some(began)
            || self.residual.is_none_or(|residual| (residual.likelihood, residual.impact) == began))
    }

    /// The current score where nothing is planned against it and it is not accepted, else 0: [`Check::AboveAppetite`] where it is
    /// above the appetite.
    #[must_use]
    pub fn unplanned_score(&self) -> u16 {
        let planned = self.actions.iter().any(|action| matches!(action.status, ActionStatus::Planned | ActionStatus::InProgress));
        if planned || !self.is_watched() || self.treatment == Treatment::Accept { 0 } else { self.score.unwrap_or(0) }
    }

    /// The day after which it is [`Check::ReviewOverdue`].
    #[must_use]
    pub fn review_due(&self) -> Option<Date> {
        self.review_date.filter(|_| self.is_watched())
    }

    /// Of [`Check::NotAccepted`], [`Check::AcceptanceVoid`] and [`Check::AcceptanceExpired`] what does not depend on the day.
    #[must_use]
    pub fn borne(&self) -> Borne {
        if self.treatment != Treatment::Accept || !self.is_watched() {
            return Borne::NotAsked;
        }
        match &self.acceptance {
            None => Borne::Nobody,
            Some(mark) if mark.void => Borne::Void,
            Some(mark) => Borne::Until(mark.expires_on),
        }
    }

    /// Everything that the checks find in it on a day.
    #[must_use]
    pub fn checks(&self, appetite: u16, today: Date) -> Vec<Check> {
        let borne = self.borne();
        let found = [
            (Check::AboveAppetite, self.unplanned_score() > appetite),
            (Check::NotAccepted, borne == Borne::Nobody),
            (Check::AcceptanceVoid, borne == Borne::Void),
            (Check::AcceptanceExpired, matches!(borne, Borne::Until(day) if day < today)),
            (Check::ResidualAbove, self.residual_is_above()),
            (Check::DoneUnchanged, self.done_is_unchanged()),
            (Check::ReviewOverdue, self.review_due().is_some_and(|day| day < today)),
            (Check::NoOwner, self.lacks_owner()),
        ];
        found.into_iter().filter(|(_, found)| *found).map(|(check, _)| check).collect()
    }
}

#[cfg(test)]
mod tests;
