//! What is done about the sample's risks: plans that lead from where each stood to where it is to go, and acceptances.

use crate::error::Error;
use crate::sample::SampleRisk;
use crate::store::Tx;
use crate::store::acceptances;
use amtia_domain::acceptance::AcceptancePatch;
use amtia_domain::matrix::{Matrix, View};
use amtia_domain::plan::{ActionPatch, ActionStatus, AssessmentSource};
use amtia_domain::risk::{Assessment, Risk};
use jiff::civil::Date;
use jiff::{Span, Timestamp};

const ACTIONS: &str = include_str!("../sample/data/actions.txt");
/// Of the accepted risks every so many has no acceptance yet: something for the checks to find.
const FORGOTTEN: usize = 29;

fn titles(kind: &str) -> Vec<&'static str> {
    ACTIONS.lines().filter_map(|line| line.split_once(" | ")).filter(|(word, _)| *word == kind).map(|(_, title)| title).collect()
}

fn day(today: Date, days: i32) -> Option<Date> {
    today.checked_add(Span::new().days(days)).ok()
}

/// Gives a risk above the appetite the plan that explains its scores: what is done led from inherent to current, what is
/// planned leads on to residual.
pub(super) fn plan(risk: &mut Risk, place: usize, today: Date, now: Timestamp, matrix: &Matrix) -> Result<(), Error> {
    let (Some(current), Some(residual)) = (risk.assessment(View::Current), risk.residual) else { return Ok(()) };
    let moves = (residual.likelihood, residual.impact) != (current.likelihood, current.impact);
    if current.score <= matrix.appetite || !moves {
        return Ok(());
    }
    let from = risk.inherent.filter(|inherent| inherent.likelihood >= current.likelihood && inherent.impact >= current.impact);
    let from = from.unwrap_or(current);
    let way = |from: Assessment, to: Assessment| (from.likelihood.saturating_sub(to.likelihood), from.impact.saturating_sub(to.impact));
    let (done, planned) = (titles("done"), titles("planned"));
    let mut add = |title: Option<&&str>, (likelihood, impact): (u8, u8), status: ActionStatus, progress: u8, due: i32, nth: usize| {
        let Some(title) = title.filter(|_| likelihood + impact > 0) else { return Ok(()) };
        let patch = ActionPatch {
            title: Some((*title).to_owned()),
            owner: Some(risk.owner.clone()),
            due_date: Some(day(today, due)),
            status: Some(status),
            progress: Some(Some(progress)),
            lowers_likelihood: Some(Some(likelihood)),
            lowers_impact: Some(Some(impact)),
            ..ActionPatch::default()
        };
        let at = now.checked_sub(Span::new().hours(24 * (40 + i64::try_from(nth).unwrap_or(0)))).unwrap_or(now);
        risk.add_action(patch, crate::ids::new(now), at, matrix).map_err(Error::from)
    };
    let wait = i32::try_from(place % 90).unwrap_or(0);
    add(done.get(place % done.len().max(1)), way(from, current), ActionStatus::Done, 100, wait - 120, place % 30)?;
    let (likelihood, impact) = way(current, residual);
    let begun = place.is_multiple_of(2);
    let (status, progress) = if begun { (ActionStatus::InProgress, 40) } else { (ActionStatus::Planned, 0) };
    add(planned.get(place % planned.len().max(1)), (likelihood, 0), status, progress, wait - 4, 0)?;
    add(planned.get((place + 3) % planned.len().max(1)), (0, impact), ActionStatus::Planned, 0, wait + 30, 0)?;
    risk.baseline = Some(from);
    risk.set_current(Some(current));
    risk.residual = Some(residual);
    (risk.current_from, risk.residual_from) = (AssessmentSource::Plan, AssessmentSource::Plan);
    Ok(())
}

/// Accepts what is treated as accepted, but for a few; one of them ended last month, and one was given for another state.
pub(super) fn accept(tx: &Tx<'_>, all: &[SampleRisk], ids: &[String], today: Date) -> Result<(), Error> {
    let accepted = all.iter().zip(ids).filter(|(risk, _)| risk.treatment == "accept" && risk.status != "closed" && risk.owner.is_some());
    for (place, (risk, id)) in accepted.enumerate() {
        if place % FORGOTTEN == FORGOTTEN - 1 {
            continue;
        }
        let until = if place == 3 { -20 } else { 60 + i32::try_from(place % 300).unwrap_or(0) };
        let owner = risk.owner.clone().unwrap_or_default();
        let others = ["Inès Delacroix", "Hugo Marchetti", "Priya Raman"];
        let approver = others.iter().find(|name| **name != owner).copied().unwrap_or("Hugo Marchetti");
        let why = risk.rationale.clone().unwrap_or_else(|| "More would cost more than it saves.".to_owned());
        let patch = AcceptancePatch {
            justification: Some(Some(why)),
            approver: Some(Some(approver.to_owned())),
            expires_on: Some(day(today, until)),
            single_person: Some(false),
        };
        acceptances::bring(tx, id, patch, (&owner, approver), place == 5)?;
    }
    Ok(())
}
