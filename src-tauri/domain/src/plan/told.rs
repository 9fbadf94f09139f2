//! A plan as a file tells it: actions come and change, and none goes that it does not tell of.

use super::{ACTIONS_MAX, ActionPatch, ActionStatus, PlannedAction};
use jiff::Timestamp;

/// What is told of one action.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ToldAction {
    /// Its id, where it is told.
    pub id: Option<String>,
    /// Its fields.
    pub patch: ActionPatch,
    /// When it was done. Of an action that is done here already, that is known.
    pub done_at: Option<Timestamp>,
}

/// Why what is told makes no plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Untold {
    /// This one names the action that another names.
    Again(usize, usize),
    /// This one is new and has no title.
    NoTitle(usize),
    /// With this one there are more than [`ACTIONS_MAX`].
    TooMany(usize),
}

/// A plan after what is told of it. One told of is the action of its id; without an id the first of the same title that nothing
/// else is about; else a new one, at the end, under its id or a `fresh` one. What nothing is told of stays as it is.
///
/// # Errors
/// The first that cannot be.
pub fn told(
    had: &[PlannedAction],
    told: &[ToldAction],
    fresh: &mut dyn FnMut() -> String,
    now: Timestamp,
) -> Result<Vec<PlannedAction>, Untold> {
    let mut actions = had.to_vec();
    // Which of those told each is about.
    let mut about: Vec<Option<usize>> = vec![None; had.len()];
    let by_id = |told: &ToldAction| had.iter().position(|action| Some(&action.id) == told.id.as_ref());
    for (place, one) in told.iter().enumerate() {
        if let Some(first) = told[..place].iter().position(|other| one.id.is_some() && other.id == one.id) {
            return Err(Untold::Again(place, first));
        }
        if let Some(at) = by_id(one) {
            about[at] = Some(place);
        }
    }
    for (place, one) in told.iter().enumerate() {
        let same = |at: &usize| about[*at].is_none() && one.patch.title.as_ref() == Some(&had[*at].title);
        let at = by_id(one).or_else(|| if one.id.is_none() { (0..had.len()).find(same) } else { None });
        if let Some(at) = at {
            about[at] = Some(place);
            bring(&mut actions[at], one, now);
            continue;
        }
        let Some(title) = one.patch.title.clone() else { return Err(Untold::NoTitle(place)) };
        if actions.len() >= ACTIONS_MAX {
            return Err(Untold::TooMany(place));
        }
        let mut action = PlannedAction::new(one.id.clone().unwrap_or_else(&mut *fresh), title);
        bring(&mut action, one, now);
        actions.push(action);
    }
    Ok(actions)
}

fn bring(action: &mut PlannedAction, told: &ToldAction, now: Timestamp) {
    let was = action.status;
    action.apply(told.patch.clone(), now);
    if was != ActionStatus::Done && action.status == ActionStatus::Done {
        action.done_at = told.done_at.or(action.done_at);
    }
}
