//! What a decision does to its risk, before and when it is applied to the register.

use super::{Item, Workshop};
use crate::input::Problems;
use crate::matrix::{Matrix, View};
use crate::plan::ActionPatch;
use crate::risk::{Judgement, Risk, RiskPatch};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

crate::words! {
    /// What becomes of a decision when it is applied.
    WorkshopFate {
        /// The risk moves, or its rationale or plan changes.
        Changes = "changes",
        /// The risk says all of it already.
        Same = "same",
        /// The risk was judged anew since the votes were revealed.
        Stale = "stale",
        /// The matrix has no such cell any more.
        Outside = "outside",
        /// The risk was deleted.
        Gone = "gone",
    }
}

/// A decision and what applying it would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WorkshopChange {
    /// The item.
    pub item_id: String,
    /// The risk.
    pub risk_id: String,
    /// Its reference.
    #[serde(rename = "ref")]
    pub reference: String,
    /// Its name.
    pub name: String,
    /// What becomes of it.
    pub fate: WorkshopFate,
    /// Where the risk stood when the votes were revealed.
    pub before: Option<Judgement>,
    /// Where it stands now.
    pub now: Option<Judgement>,
    /// Where it was decided to stand.
    pub decided: Judgement,
    /// Why: becomes the rationale of that assessment.
    pub rationale: Option<String>,
    /// Actions that are added to its plan.
    pub actions: u32,
    /// The revision of the risk that this was found at; null where it is gone.
    pub rev: Option<i64>,
}

impl Workshop {
    /// Where a risk stands in the view that this workshop judges.
    #[must_use]
    pub fn cell_of(&self, risk: &Risk) -> Option<Judgement> {
        risk.assessment(self.view).map(|was| Judgement { likelihood: was.likelihood, impact: was.impact })
    }

    /// What applying the decision on an item would do to its risk, at the revision that it has. `None` where nothing was decided.
    #[must_use]
    pub fn change_of(&self, item: &Item, risk: Option<(&Risk, i64)>, matrix: &Matrix) -> Option<WorkshopChange> {
        let decision = item.decision.as_ref()?;
        let decided = Judgement { likelihood: decision.likelihood, impact: decision.impact };
        let now = risk.and_then(|(risk, _)| self.cell_of(risk));
        let fate = match risk {
            None => WorkshopFate::Gone,
            Some(_) if matrix.level(decided.likelihood, decided.impact).is_none() => WorkshopFate::Outside,
            Some(_) if now != item.before => WorkshopFate::Stale,
            Some((risk, _)) => {
                let said = decision.rationale.is_none() || *rationale(risk, self.view) == decision.rationale;
                if now == Some(decided) && said && item.actions.is_empty() { WorkshopFate::Same } else { WorkshopFate::Changes }
            }
        };
        Some(WorkshopChange {
            item_id: item.id.clone(),
            risk_id: item.risk_id.clone(),
            reference: item.reference.clone(),
            name: item.name.clone(),
            fate,
            before: item.before,
            now,
            decided,
            rationale: decision.rationale.clone(),
            actions: u32::try_from(item.actions.len()).unwrap_or(u32::MAX),
            rev: risk.map(|(_, rev)| rev),
        })
    }

    /// Puts a risk where it was decided to stand and adds the actions of the item to its plan. Answers the reason for its history,
    /// which names the workshop.
    ///
    /// # Errors
    /// A cell that the matrix no longer has; a plan that is full.
    pub fn put(
        &self,
        item: &Item,
        change: &WorkshopChange,
        risk: &mut Risk,
        now: Timestamp,
        matrix: &Matrix,
        new_id: &mut dyn FnMut() -> String,
    ) -> Result<String, Problems> {
        risk.apply(patch(self.view, change.decided, change.rationale.clone()), now, matrix)?;
        for action in &item.actions {
            let patch = ActionPatch {
                title: Some(action.title.clone()),
                owner: Some(action.owner.clone()),
                due_date: Some(action.due_date),
                ..ActionPatch::default()
            };
            risk.add_action(patch, new_id(), now, matrix)?;
        }
        let origin = format!("{}, {}", self.reference, self.name);
        Ok(change.rationale.as_ref().map_or_else(|| origin.clone(), |rationale| format!("{origin}: {rationale}")))
    }
}

fn rationale(risk: &Risk, view: View) -> &Option<String> {
    match view {
        View::Current => &risk.rationale,
        View::Inherent => &risk.inherent_rationale,
        View::Residual => &risk.residual_rationale,
        View::Target => &risk.target_rationale,
    }
}

/// Sets one view; a rationale that is not given stays.
fn patch(view: View, cell: Judgement, rationale: Option<String>) -> RiskPatch {
    let (place, why, empty) = (Some(Some(cell)), rationale.map(Some), RiskPatch::default());
    match view {
        View::Current => RiskPatch { likelihood: Some(Some(cell.likelihood)), impact: Some(Some(cell.impact)), rationale: why, ..empty },
        View::Inherent => RiskPatch { inherent: place, inherent_rationale: why, ..empty },
        View::Residual => RiskPatch { residual: place, residual_rationale: why, ..empty },
        View::Target => RiskPatch { target: place, target_rationale: why, ..empty },
    }
}
