//! Acceptance of a risk: its steps, four eyes, what voids it, and what the checks of the register find.

use super::{At, Bed};
use serde_json::{Value, json};

fn sound(bed: &Bed) -> bool {
    bed.engine.workspace().expect("open").verify().expect("verified").sound
}

fn begun(bed: &Bed, risk: &str) -> String {
    let body = json!({ "justification": "Costs more than it saves", "approver": "Ines Okafor", "expires_on": "2999-12-31" });
    let made = bed.send("POST", &format!("/v1/risks/{risk}/acceptances"), &body);
    let path = made.header("location").to_owned();
    let one = made.expect(201, "begun");
    for (field, value) in body.as_object().expect("an object") {
        assert_eq!(&one[field], value, "{field}");
    }
    assert_eq!((&one["status"], &one["risk_id"], &one["void"]), (&json!("created"), &json!(risk), &json!(false)));
    path
}

fn go(bed: &Bed, at: At<'_>, path: &str, status: &str, note: Option<&str>) -> super::Answer {
    bed.ask(at, "PUT", &format!("{path}/status"), &[], Some(json!({ "status": status, "note": note }).to_string()))
}

fn count(bed: &Bed, check: &str) -> u64 {
    let checks = bed.get("/v1/checks").expect(200, "checks");
    let found = checks["checks"].as_array().expect("checks").iter().find(|one| one["check"] == check).expect(check)["count"].clone();
    let listed = bed.get(&format!("/v1/risks?check={check}")).expect(200, "listed");
    assert_eq!(listed["total"], found, "{check}: what is counted is listed");
    let heat = bed.get(&format!("/v1/risks/heatmap?check={check}")).expect(200, "heatmap");
    let on_map: u64 = heat["cells"].as_array().expect("cells").iter().filter_map(|cell| cell["count"].as_u64()).sum();
    assert_eq!(json!(on_map + heat["unassessed"].as_u64().expect("a count")), found, "{check}: and on the map");
    found.as_u64().expect("a count")
}

#[test]
fn it_is_decided_by_another_and_sets_the_treatment() {
    let bed = Bed::new(false);
    let risk = bed.risk(&json!({ "name": "One", "owner": "Ines", "likelihood": 4, "impact": 4, "treatment": "mitigate" }));
    let path = begun(&bed, &risk);
    assert_eq!(bed.send("POST", &format!("/v1/risks/{risk}/acceptances"), &json!({})).status, 400, "one at a time");
    assert_eq!(go(&bed, At::Window, &path, "accepted", None).fields(), ["status"], "it is submitted first");
    let submitted = go(&bed, At::Window, &path, "submitted", None).expect(200, "submitted");
    assert_eq!((&submitted["submitted_by"], submitted["state_hash"].as_str().map(str::len)), (&json!("Hugo Marchetti"), Some(64)));
    assert_eq!(submitted["state"]["current"]["score"], 16);
    for to in ["accepted", "rejected"] {
        assert_eq!(go(&bed, At::Window, &path, to, Some("mine")).fields(), ["status"], "{to}: not by who submitted it");
    }
    let accepted = go(&bed, At::Port(&bed.analyst), &path, "accepted", Some("Agreed in the committee")).expect(200, "accepted");
    assert_eq!((&accepted["status"], &accepted["decided_by"]), (&json!("accepted"), &json!("the Analyst")));
    let now = bed.get(&format!("/v1/risks/{risk}")).json();
    assert_eq!(
        (&now["treatment"], &now["acceptance"]["void"], &now["acceptance"]["id"]),
        (&json!("accept"), &json!(false), &accepted["id"])
    );
    assert_eq!(count(&bed, "accepted_without_acceptance"), 0);
    assert_eq!(bed.ask(At::Window, "DELETE", &path, &[], None).status, 400, "a decision is kept");
    assert_eq!(bed.send("PUT", &path, &json!({ "expires_on": "2998-01-01" })).fields(), ["status"], "as it was made");
    assert_eq!(go(&bed, At::Window, &path, "revoked", None).fields(), ["note"]);
    go(&bed, At::Window, &path, "revoked", Some("The supplier has changed")).expect(200, "revoked");
    assert_eq!(bed.get(&format!("/v1/risks/{risk}")).json()["treatment"], "open");
    let history = bed.get(&format!("{path}/history")).expect(200, "history");
    let told: Vec<&Value> = history["data"].as_array().expect("entries").iter().map(|entry| &entry["action"]).collect();
    assert_eq!(told, ["status_changed", "status_changed", "status_changed", "created"]);
    assert_eq!(history["data"][0]["reason"], "The supplier has changed");
    bed.send("POST", "/v1/undo", &json!({})).expect(200, "one step");
    let back = bed.get(&format!("/v1/risks/{risk}")).json();
    assert_eq!((&back["treatment"], bed.get(&path).json()["status"].as_str()), (&json!("accept"), Some("accepted")), "takes both back");
    assert!(back["acceptance"].is_object());
    assert!(sound(&bed));
}

#[test]
fn a_material_change_makes_it_void_and_is_told_everywhere() {
    let bed = Bed::new(false);
    let asset = bed.send("POST", "/v1/assets", &json!({ "name": "Vault" })).json()["id"].clone();
    let risk = bed.risk(&json!({ "name": "One", "owner": "Ines", "likelihood": 4, "impact": 4, "asset_ids": [asset] }));
    let at = format!("/v1/risks/{risk}");
    let path = begun(&bed, &risk);
    go(&bed, At::Window, &path, "submitted", None).expect(200, "submitted");
    bed.send("PUT", &at, &json!({ "impact": 5 })).expect(200, "changed meanwhile");
    let refused = go(&bed, At::Port(&bed.admin), &path, "accepted", None);
    assert_eq!((refused.status, refused.fields()), (400, vec!["status".to_owned()]), "nobody accepts what was not asked");
    assert_eq!(bed.get(&path).json()["void_fields"], json!(["current"]), "and sees what changed");
    bed.send("PUT", &at, &json!({ "impact": 4 })).expect(200, "as it was");
    go(&bed, At::Port(&bed.admin), &path, "accepted", None).expect(200, "accepted");
    let void = || {
        let of_risk = bed.get(&at).json()["acceptance"]["void"].clone();
        let listed = bed.get(&format!("{at}/acceptances")).json()["data"][0].clone();
        assert_eq!((&listed["void"], &bed.get(&path).json()["void"]), (&of_risk, &of_risk), "said the same everywhere");
        assert_eq!(count(&bed, "acceptance_void"), u64::from(of_risk == true));
        (of_risk == true, listed["void_fields"].clone())
    };
    assert_eq!(void(), (false, json!([])));
    bed.send("PUT", &at, &json!({ "owner": "Lea", "target": { "likelihood": 1, "impact": 1 } })).expect(200, "not material");
    assert_eq!(void(), (false, json!([])));
    bed.send("PUT", &at, &json!({ "likelihood": 5 })).expect(200, "material");
    assert_eq!(void(), (true, json!(["current"])));
    bed.send("POST", "/v1/undo", &json!({})).expect(200, "taken back");
    assert_eq!(void(), (false, json!([])), "it is the state that counts");
    bed.ask(At::Window, "DELETE", &format!("/v1/assets/{}", asset.as_str().expect("an id")), &[], None).expect(204, "an asset goes");
    assert_eq!(void(), (true, json!(["asset_ids"])));
    bed.send("POST", "/v1/undo", &json!({})).expect(200, "and comes back");
    assert!(!void().0, "as it was accepted");
    bed.send("POST", &format!("{at}/actions"), &json!({ "title": "Cut it", "lowers_likelihood": 1, "status": "done" })).expect(201, "done");
    assert_eq!(void(), (true, json!(["current", "residual"])), "the plan moves it too");
    assert!(sound(&bed));
}

#[test]
fn acceptances_go_and_come_back_with_their_risk() {
    let bed = Bed::new(false);
    let risk = bed.risk(&json!({ "name": "One", "likelihood": 4, "impact": 4 }));
    let path = begun(&bed, &risk);
    go(&bed, At::Window, &path, "submitted", None).expect(200, "submitted");
    go(&bed, At::Port(&bed.admin), &path, "accepted", None).expect(200, "accepted");
    let before = bed.get(&format!("/v1/risks/{risk}")).json()["acceptance"].clone();
    bed.ask(At::Window, "DELETE", &format!("/v1/risks/{risk}"), &[], None).expect(204, "deleted");
    assert_eq!(bed.get(&path).status, 404);
    assert!(sound(&bed));
    bed.send("POST", "/v1/undo", &json!({})).expect(200, "brought back");
    assert_eq!(bed.get(&format!("/v1/risks/{risk}")).json()["acceptance"], before);
    assert_eq!(bed.get(&path).json()["status"], "accepted");
    bed.send("POST", "/v1/redo", &json!({})).expect(200, "deleted again");
    assert!(sound(&bed));
    let other = bed.risk(&json!({ "name": "Two" }));
    let open = begun(&bed, &other);
    bed.ask(At::Window, "DELETE", &open, &[], None).expect(204, "what is not decided may go");
    bed.send("POST", "/v1/undo", &json!({})).expect(200, "and come back");
    assert_eq!(bed.get(&open).json()["ref"], "RA-0002", "under its own number");
    assert!(sound(&bed));
}

/// The rules once more, over the JSON that everybody sees.
fn found_in(risk: &Value, appetite: u64, today: &str) -> Vec<&'static str> {
    let (score, residual) = (risk["score"].as_u64(), risk["residual"]["score"].as_u64());
    let accepted = risk["treatment"] == "accept";
    let actions = risk["actions"].as_array().expect("a plan");
    let planned = actions.iter().any(|action| action["status"] == "planned" || action["status"] == "in_progress");
    let done = |action: &Value| action["status"] == "done" && (action["lowers_likelihood"] != 0 || action["lowers_impact"] != 0);
    let cell = |at: &Value| (at["likelihood"].as_u64(), at["impact"].as_u64());
    let began = cell(&risk["baseline"]);
    let unchanged = actions.iter().any(done) && (cell(risk) == began || cell(&risk["residual"]) == began || residual.is_none());
    let mark = &risk["acceptance"];
    let found = [
        ("above_appetite_without_plan", score > Some(appetite) && !planned && !accepted),
        ("accepted_without_acceptance", accepted && mark.is_null()),
        ("acceptance_void", accepted && mark["void"] == true),
        ("acceptance_expired", accepted && mark["void"] == false && mark["expires_on"].as_str() < Some(today)),
        ("residual_above_current", score.is_some() && residual > score),
        ("done_but_unchanged", unchanged),
        ("review_overdue", risk["review_date"].as_str().is_some_and(|day| day < today)),
        ("no_owner", risk["owner"].is_null()),
    ];
    found.into_iter().filter(|(_, found)| *found && risk["status"] != "closed").map(|(check, _)| check).collect()
}

#[test]
fn every_check_counts_what_the_rules_find_and_the_sidebar_counts_them_all() {
    let bed = Bed::new(true);
    let risks = bed.all("/v1/risks");
    let first = |at: usize| format!("/v1/risks/{}", risks[at]["id"].as_str().expect("an id"));
    bed.send("PUT", &first(0), &json!({ "owner": null, "review_date": "2001-01-01", "treatment": "accept" })).expect(200, "neglected");
    bed.send("PUT", &first(1), &json!({ "likelihood": 1, "impact": 1, "residual": { "likelihood": 5, "impact": 5 } }))
        .expect(200, "absurd");
    let body = json!({ "title": "Cut it", "lowers_likelihood": 1, "status": "done" });
    bed.send("PUT", &first(2), &json!({ "likelihood": 4, "impact": 4, "residual": { "likelihood": 4, "impact": 4 } }))
        .expect(200, "placed");
    bed.send("POST", &format!("{}/actions", first(2)), &body).expect(201, "done");
    bed.send("PUT", &first(3), &json!({ "likelihood": 5, "impact": 5, "treatment": "open" })).expect(200, "above");
    bed.send("PUT", &first(4), &json!({ "likelihood": 5, "impact": 5, "treatment": "mitigate" })).expect(200, "above");
    bed.send("POST", &format!("{}/actions", first(4)), &body).expect(201, "all that was planned is done");
    let worked_off = bed.get("/v1/risks?check=above_appetite_without_plan&limit=200").json();
    assert!(worked_off["data"].as_array().expect("risks").iter().any(|risk| risk["id"] == risks[4]["id"]), "and it is still above");
    let checks = bed.get("/v1/checks").expect(200, "checks");
    let today = checks["today"].as_str().expect("a day").to_owned();
    let appetite = bed.get("/v1/risks/heatmap").json()["matrix"]["appetite"].as_u64().expect("a score");
    let mut expected = std::collections::BTreeMap::<&str, u64>::new();
    for risk in bed.all("/v1/risks") {
        for check in found_in(&risk, appetite, &today) {
            *expected.entry(check).or_default() += 1;
        }
    }
    let mut total = 0;
    for one in checks["checks"].as_array().expect("checks") {
        let name = one["check"].as_str().expect("a word");
        assert_eq!(count(&bed, name), expected.get(name).copied().unwrap_or(0), "{name}");
        total += one["count"].as_u64().expect("a count");
    }
    for name in ["no_owner", "review_overdue", "accepted_without_acceptance", "residual_above_current", "done_but_unchanged"] {
        assert!(expected.contains_key(name), "{name} is found at all: {expected:?}");
    }
    assert_eq!((&checks["total"], &bed.get("/v1/summary").json()["checks"]), (&json!(total), &json!(total)));
    bed.send("PUT", &first(0), &json!({ "status": "closed" })).expect(200, "closed");
    assert!(bed.get("/v1/checks").json()["total"].as_u64() < Some(total), "a closed risk is not checked");
    assert_eq!(bed.get("/v1/risks?check=colour").fields(), ["check"]);
    assert!(sound(&bed));
}

pub(super) fn accepted(bed: &Bed, risk: &str) -> String {
    let path = begun(bed, risk);
    go(bed, At::Window, &path, "submitted", None).expect(200, "submitted");
    go(bed, At::Port(&bed.admin), &path, "accepted", None).expect(200, "accepted");
    path
}

#[test]
fn an_import_that_changes_what_was_accepted_makes_it_void() {
    let bed = Bed::new(false);
    let risk = bed.risk(&json!({ "name": "One", "owner": "Ines", "likelihood": 4, "impact": 4 }));
    accepted(&bed, &risk);
    let import = super::registers::read(&bed, "register.csv", b"ref,likelihood,impact\nR-0001,5,5\n");
    super::registers::apply(&bed, &import, &json!({})).expect(200, "applied");
    let now = bed.get(&format!("/v1/risks/{risk}")).json();
    assert_eq!((&now["score"], &now["acceptance"]["void"]), (&json!(25), &json!(true)));
    assert_eq!(count(&bed, "acceptance_void"), 1);
    assert!(sound(&bed));
}

#[test]
fn a_revoked_acceptance_brings_back_none_that_it_replaced() {
    let bed = Bed::new(false);
    let risk = bed.risk(&json!({ "name": "One", "owner": "Ines", "likelihood": 4, "impact": 4 }));
    let at = format!("/v1/risks/{risk}");
    let first = accepted(&bed, &risk);
    let second = accepted(&bed, &risk);
    go(&bed, At::Window, &first, "revoked", Some("Replaced")).expect(200, "the older one");
    assert_eq!(bed.get(&at).json()["acceptance"]["id"], bed.get(&second).json()["id"], "the newer one stands");
    let third = accepted(&bed, &risk);
    go(&bed, At::Window, &third, "revoked", Some("No longer borne")).expect(200, "the newest");
    bed.send("PUT", &at, &json!({ "treatment": "accept" })).expect(200, "treated so again");
    assert_eq!(bed.get(&at).json()["acceptance"], Value::Null, "it needs a new decision");
    assert_eq!(count(&bed, "accepted_without_acceptance"), 1);
    assert!(sound(&bed));
}

#[test]
fn the_making_of_a_risk_is_not_undone_under_its_acceptance() {
    let bed = Bed::new(false);
    let risk = bed.risk(&json!({ "name": "One", "likelihood": 4, "impact": 4 }));
    let body = json!({ "justification": "Costs more than it saves", "approver": "Ines Okafor", "expires_on": "2999-12-31" });
    let made = bed.ask(At::Port(&bed.analyst), "POST", &format!("/v1/risks/{risk}/acceptances"), &[], Some(body.to_string()));
    let path = made.header("location").to_owned();
    made.expect(201, "begun by another");
    let refused = bed.send("POST", "/v1/undo", &json!({}));
    assert_eq!(refused.status, 412, "{}", String::from_utf8_lossy(&refused.bytes));
    assert!(refused.json()["error"]["message"].as_str().expect("a sentence").contains("acceptance"), "{}", refused.json());
    assert_eq!((bed.get(&path).status, bed.get(&format!("/v1/risks/{risk}")).status), (200, 200), "nothing was undone");
    assert!(sound(&bed));
}

#[test]
fn nobody_says_that_they_are_alone_where_another_may_decide() {
    let bed = Bed::new(false);
    let risk = bed.risk(&json!({ "name": "One", "likelihood": 4, "impact": 4 }));
    let path = begun(&bed, &risk);
    bed.send("PUT", &path, &json!({ "single_person": true, "approver": "Hugo Marchetti" })).expect(200, "said");
    for at in [At::Window, At::Port(&bed.analyst)] {
        assert_eq!(go(&bed, at, &path, "submitted", None).fields(), ["single_person"]);
    }
    for key in bed.all("/v1/keys") {
        if key["role"] != "viewer" {
            bed.ask(At::Window, "DELETE", &format!("/v1/keys/{}", key["id"].as_str().expect("an id")), &[], None).expect(204, "revoked");
        }
    }
    go(&bed, At::Window, &path, "submitted", None).expect(200, "now it is so");
    go(&bed, At::Window, &path, "accepted", None).expect(200, "and is recorded so");
    assert_eq!(bed.get(&path).json()["single_person"], true);
    assert!(sound(&bed));
}
