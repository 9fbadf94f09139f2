//! What follows from other records is judged anew by the one function that writes a record, whoever calls it.

use super::{Bed, who};
use crate::store::records::{self, Stored};
use amtia_domain::risk::Risk;
use serde_json::json;

#[test]
fn every_writer_of_a_risk_judges_its_acceptance_anew() {
    let bed = Bed::new();
    let place = json!({ "name": "One", "likelihood": 4, "impact": 4 });
    let risk = bed.done("POST", "/v1/risks", Some(&place))["id"].as_str().expect("an id").to_owned();
    let wanted = json!({ "justification": "Costs more", "approver": "Hugo Marchetti", "expires_on": "2999-12-31", "single_person": true });
    let made = bed.done("POST", &format!("/v1/risks/{risk}/acceptances"), Some(&wanted));
    let path = format!("/v1/acceptances/{}/status", made["id"].as_str().expect("an id"));
    for status in ["submitted", "accepted"] {
        bed.done("PUT", &path, Some(&json!({ "status": status })));
    }
    let void = || bed.done("GET", &format!("/v1/risks/{risk}"), None)["acceptance"]["void"].clone();
    assert_eq!(void(), false);
    let id = risk.clone();
    let written = bed.workspace().store.write_blocking(who(), move |tx| {
        let old: Stored<Risk> = records::get(tx.connection, &id)?;
        let renamed = Risk { name: "Another".into(), asset_ids: vec!["gone".into()], ..old.record.clone() };
        records::replace(tx, &old, renamed, None, None)
    });
    assert_eq!(void(), true, "the plainest writer too");
    let written = written.expect("written").record;
    assert_eq!((written.name.as_str(), written.asset_ids), ("Another", Vec::new()), "and what it links to is there");
    let id = risk.clone();
    let brought = bed.workspace().store.write_blocking(who(), move |tx| {
        let old: Stored<Risk> = records::get(tx.connection, &id)?;
        let copy = Risk { id: "copy".into(), reference: "R-0002".into(), ..old.record };
        records::create(tx, copy, 2, None)
    });
    assert_eq!(brought.expect("brought").record.acceptance, None, "a new one is accepted by nobody");
    assert!(bed.workspace().verify().expect("verified").sound);
}
