//! The sample's workshop.

use crate::error::Error;
use crate::sample::SampleWorkshop;
use crate::store::{Tx, workshops};
use amtia_domain::workshop::{ItemWrite, SeatWrite, WorkshopPatch};

pub(super) fn add_workshop(tx: &Tx<'_>, sample: &SampleWorkshop, risk_ids: &[String]) -> Result<(), Error> {
    let seat =
        |(name, group): &(&str, &str)| SeatWrite { id: None, name: (*name).to_owned(), group: Some((*group).to_owned()), present: None };
    let risks = sample.risks.iter().filter_map(|place| risk_ids.get(*place));
    let patch = WorkshopPatch {
        name: Some(sample.name.clone()),
        held_on: Some(Some(sample.held_on)),
        place: Some(Some(sample.place.to_owned())),
        facilitator: Some(Some(sample.facilitator.to_owned())),
        question: Some(Some(sample.question.to_owned())),
        participants: Some(sample.participants.iter().map(seat).collect()),
        items: Some(risks.map(|id| ItemWrite { id: None, risk_id: id.clone(), minutes: None }).collect()),
        ..WorkshopPatch::default()
    };
    workshops::create(tx, patch, crate::ids::new(tx.now)).map(drop)
}
