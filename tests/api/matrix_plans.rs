//! Plans, acceptances and checks under another risk matrix.

use super::{At, Bed};
use serde_json::{Value, json};

fn matrix(bed: &Bed) -> Value {
    bed.get("/v1/matrix").json()["matrix"].clone()
}

fn preset(bed: &Bed, name: &str) -> Value {
    let presets = bed.get("/v1/matrix/presets").expect(200, "presets");
    let found = presets["data"].as_array().expect("presets").iter().find(|preset| preset["preset"] == name);
    found.expect("the preset is there")["matrix"].clone()
}

fn risk(bed: &Bed, id: &str) -> Value {
    bed.get(&format!("/v1/risks/{id}")).expect(200, "a risk")
}

fn action(bed: &Bed, risk: &str, body: Value) -> String {
    let made = bed.send("POST", &format!("/v1/risks/{risk}/actions"), &body).expect(201, "an action");
    made["actions"].as_array().and_then(|all| all.last()).and_then(|one| one["id"].as_str()).expect("an id").to_owned()
}

fn cell(at: &Value) -> (u64, u64) {
    (at["likelihood"].as_u64().unwrap_or(0), at["impact"].as_u64().unwrap_or(0))
}

fn sound(bed: &Bed) {
    let report = bed.engine.workspace().expect("open").verify().expect("it can be checked");
    assert!(report.sound, "{:?}", report.problems);
}

/// What a check counts: alike in the counts, the list, the map and the picture of it.
fn count(bed: &Bed, check: &str) -> u64 {
    let checks = bed.get("/v1/checks").expect(200, "checks");
    let found = checks["checks"].as_array().expect("checks").iter().find(|one| one["check"] == check).expect(check)["count"].clone();
    assert_eq!(bed.get(&format!("/v1/risks?check={check}")).expect(200, "listed")["total"], found, "{check}: the list");
    let heat = bed.get(&format!("/v1/risks/heatmap?check={check}")).expect(200, "heatmap");
    let drawn: u64 = heat["cells"].as_array().expect("cells").iter().filter_map(|cell| cell["count"].as_u64()).sum();
    assert_eq!(json!(drawn + heat["unassessed"].as_u64().expect("a count")), found, "{check}: the map");
    let svg = String::from_utf8(bed.get(&format!("/v1/risks/heatmap.svg?check={check}")).bytes).expect("text");
    let says = if found == 1 { "1 risk, ".to_owned() } else { format!("{found} risks, ") };
    assert!(svg.contains(&format!(">\n{says}")) || svg.contains(&format!(">{says}")), "{check}: the picture says {says:?}: {svg}");
    found.as_u64().expect("a count")
}

fn put(bed: &Bed, matrix: &Value) {
    bed.send("PUT", "/v1/matrix", &json!({ "matrix": matrix })).expect(200, "kept");
}

fn undo(bed: &Bed) {
    bed.send("POST", "/v1/undo", &json!({})).expect(200, "taken back");
}

#[test]
fn what_follows_a_plan_keeps_following_under_another_matrix() {
    let bed = Bed::new(false);
    let id = bed.risk(&json!({ "name": "Planned", "owner": "Ines", "likelihood": 5, "impact": 4 }));
    action(&bed, &id, json!({ "title": "Done", "status": "done", "lowers_likelihood": 1, "lowers_impact": 1 }));
    let open = action(&bed, &id, json!({ "title": "Open", "lowers_likelihood": 2, "lowers_impact": 1 }));
    let before = risk(&bed, &id);
    assert_eq!((cell(&before), cell(&before["residual"]), cell(&before["baseline"])), ((4, 3), (2, 2), (5, 4)));
    let simple = preset(&bed, "simple");
    let foreseen = bed.send("POST", "/v1/matrix/preview", &json!({ "matrix": simple })).expect(200, "foreseen");
    put(&bed, &simple);
    let after = risk(&bed, &id);
    // Of five steps three: 1 1 2 3 3.
    assert_eq!((cell(&after), cell(&after["residual"]), cell(&after["baseline"])), ((3, 2), (1, 1), (3, 3)));
    assert_eq!(cell(&after), cell(&foreseen["data"][0]["after"]), "as foreseen");
    assert_eq!((&after["current_from"], &after["residual_from"]), (&json!("plan"), &json!("plan")), "they follow still");
    let told = |risk: &Value| -> Vec<(u64, u64)> {
        let of = |action: &Value, axis: &str| action[axis].as_u64().expect("steps");
        let actions = risk["actions"].as_array().expect("actions");
        actions.iter().map(|action| (of(action, "lowers_likelihood"), of(action, "lowers_impact"))).collect()
    };
    assert_eq!(told(&after), [(0, 1), (2, 1)], "effects are told in the new steps");
    sound(&bed);
    let done = bed.send("PUT", &format!("/v1/risks/{id}/actions/{open}"), &json!({ "status": "done" })).expect(200, "done");
    assert_eq!(cell(&done), (1, 1), "what is done from now on lowers it by the new steps");
    sound(&bed);
    undo(&bed);
    undo(&bed);
    let back = risk(&bed, &id);
    for field in ["likelihood", "impact", "level", "residual", "baseline", "actions", "current_from", "residual_from"] {
        assert_eq!(back[field], before[field], "{field} is as it was");
    }
    sound(&bed);
}

#[test]
fn a_plan_that_begins_elsewhere_is_foreseen_though_no_view_changes() {
    let bed = Bed::new(false);
    let id = bed.risk(&json!({ "name": "Planned", "likelihood": 5, "impact": 5 }));
    action(&bed, &id, json!({ "title": "Done", "status": "done", "lowers_likelihood": 4, "lowers_impact": 4 }));
    let mut painted = matrix(&bed);
    painted["grid"][4][4] = json!("high");
    let foreseen = bed.send("POST", "/v1/matrix/preview", &json!({ "matrix": painted })).expect(200, "foreseen");
    assert_eq!((&foreseen["outcome"]["fates"]["other_views"], &foreseen["outcome"]["fates"]["unchanged"]), (&json!(1), &json!(0)));
    let row = &foreseen["data"][0];
    assert_eq!((&row["view"], &row["before"]["level"], &row["after"]["level"]), (&Value::Null, &json!("critical"), &json!("high")));
    put(&bed, &painted);
    let after = risk(&bed, &id);
    assert_eq!((&after["baseline"]["level"], cell(&after)), (&json!("high"), (1, 1)));
    sound(&bed);
}

#[test]
fn a_plan_that_came_meanwhile_fits_the_matrix_that_undo_brings_back() {
    let bed = Bed::new(false);
    let mut wide = matrix(&bed);
    for axis in ["likelihood", "impact"] {
        for step in 6..=7 {
            wide[axis].as_array_mut().expect("steps").push(json!({ "label": format!("Step {step}") }));
        }
    }
    wide["grid"] = json!(vec![vec!["high"; 7]; 7]);
    put(&bed, &wide);
    let made = json!({ "name": "Meanwhile", "likelihood": 7, "impact": 7 }).to_string();
    let made = bed.ask(At::Port(&bed.analyst), "POST", "/v1/risks", &[], Some(made)).expect(201, "by somebody else");
    let id = made["id"].as_str().expect("an id").to_owned();
    let done = json!({ "title": "Done", "status": "done", "lowers_likelihood": 3, "lowers_impact": 3 }).to_string();
    bed.ask(At::Port(&bed.analyst), "POST", &format!("/v1/risks/{id}/actions"), &[], Some(done)).expect(201, "planned");
    undo(&bed);
    let after = risk(&bed, &id);
    assert_eq!((cell(&after["baseline"]), cell(&after)), ((5, 5), (4, 4)), "it begins on the highest steps, and is no lower than it was");
    assert_eq!(after["current_from"], "plan");
    sound(&bed);
}

fn accepted(bed: &Bed, risk: &str) -> String {
    let body = json!({ "justification": "Costs more than it saves", "approver": "the Admin", "expires_on": "2999-12-31" });
    let path = bed.send("POST", &format!("/v1/risks/{risk}/acceptances"), &body).header("location").to_owned();
    step(bed, At::Window, &path, "submitted").expect(200, "submitted");
    step(bed, At::Port(&bed.admin), &path, "accepted").expect(200, "accepted");
    path
}

fn step(bed: &Bed, at: At<'_>, path: &str, status: &str) -> super::Answer {
    bed.ask(at, "PUT", &format!("{path}/status"), &[], Some(json!({ "status": status }).to_string()))
}

#[test]
fn an_acceptance_is_void_once_the_matrix_changes_what_was_accepted() {
    let bed = Bed::new(false);
    let owned = |name: &str, at: (u8, u8)| json!({ "name": name, "owner": "Ines", "likelihood": at.0, "impact": at.1 });
    let (here, there) = (bed.risk(&owned("Here", (4, 4))), bed.risk(&owned("There", (3, 3))));
    bed.send("PUT", &format!("/v1/risks/{there}"), &json!({ "target": { "likelihood": 4, "impact": 4 } })).expect(200, "an aim");
    let path = accepted(&bed, &here);
    accepted(&bed, &there);
    let void = |risk_id: &str| risk(&bed, risk_id)["acceptance"]["void"].clone();
    assert_eq!((void(&here), void(&there), count(&bed, "acceptance_void")), (json!(false), json!(false), 0));

    let mut renamed = matrix(&bed);
    renamed["levels"][3]["label"] = json!("Grave");
    renamed["appetite"] = json!(12);
    put(&bed, &renamed);
    assert_eq!((void(&here), count(&bed, "acceptance_void")), (json!(false), 0), "names and lines are not the risk's state");

    let mut painted = renamed.clone();
    painted["grid"][3][3] = json!("critical");
    let foreseen = bed.send("POST", "/v1/matrix/preview", &json!({ "matrix": painted })).expect(200, "foreseen");
    assert_eq!(foreseen["outcome"]["acceptances_void"], 1, "it is told before it is kept");
    let rows: Vec<(&Value, &Value)> =
        foreseen["data"].as_array().expect("rows").iter().map(|row| (&row["name"], &row["voids_acceptance"])).collect();
    assert_eq!(rows, [(&json!("Here"), &json!(true)), (&json!("There"), &json!(false))], "an aim is no part of what was accepted");
    put(&bed, &painted);
    assert_eq!((void(&here), void(&there), count(&bed, "acceptance_void")), (json!(true), json!(false), 1));
    assert_eq!(bed.get(&path).json()["void_fields"], json!(["current"]), "and what differs is named");
    sound(&bed);
    undo(&bed);
    assert_eq!((void(&here), count(&bed, "acceptance_void")), (json!(false), 0), "what was accepted is back");
    sound(&bed);
    bed.send("POST", "/v1/redo", &json!({})).expect(200, "made again");
    assert_eq!((void(&here), count(&bed, "acceptance_void")), (json!(true), 1));
    sound(&bed);
}

#[test]
fn an_acceptance_that_waits_is_not_given_for_what_the_matrix_made_of_the_risk() {
    let bed = Bed::new(false);
    let id = bed.risk(&json!({ "name": "Waits", "owner": "Ines", "likelihood": 5, "impact": 5 }));
    let body = json!({ "justification": "Costs more than it saves", "approver": "the Admin", "expires_on": "2999-12-31" });
    let path = bed.send("POST", &format!("/v1/risks/{id}/acceptances"), &body).header("location").to_owned();
    step(&bed, At::Window, &path, "submitted").expect(200, "submitted");
    let ebios = preset(&bed, "ebios_rm");
    put(&bed, &ebios);
    let refused = step(&bed, At::Port(&bed.admin), &path, "accepted");
    assert_eq!((refused.status, refused.fields()), (400, vec!["status".to_owned()]), "the risk is no longer what was asked");
    step(&bed, At::Window, &path, "submitted").expect(200, "submitted again");
    step(&bed, At::Port(&bed.admin), &path, "accepted").expect(200, "and accepted as it is now");
    sound(&bed);
}

#[test]
fn checks_count_by_the_lines_and_scores_of_the_matrix_in_force() {
    let bed = Bed::new(true);
    let before = count(&bed, "above_appetite_without_plan");
    let mut bold = matrix(&bed);
    bold["appetite"] = json!(25);
    bold["tolerance"] = json!(25);
    put(&bed, &bold);
    assert_eq!((count(&bed, "above_appetite_without_plan"), before > 0), (0, true), "nothing is above the highest score");
    undo(&bed);
    assert_eq!(count(&bed, "above_appetite_without_plan"), before);
    for preset_name in ["simple", "ebios_rm", "nist_800_30"] {
        put(&bed, &preset(&bed, preset_name));
        for check in ["above_appetite_without_plan", "acceptance_void", "residual_above_current", "done_but_unchanged"] {
            let found = count(&bed, check);
            let listed = bed.all(&format!("/v1/risks?check={check}"));
            assert_eq!(listed.len() as u64, found, "{preset_name}: {check}");
            if check == "above_appetite_without_plan" {
                let appetite = matrix(&bed)["appetite"].as_u64();
                assert!(listed.iter().all(|risk| risk["score"].as_u64() > appetite), "{preset_name}: each is above {appetite:?}");
            }
        }
        sound(&bed);
        undo(&bed);
    }
    sound(&bed);
}

#[test]
fn what_the_history_tells_of_other_scales_does_not_come_back_by_a_number() {
    let bed = Bed::new(false);
    let id = bed.risk(&json!({ "name": "Moved", "likelihood": 2, "impact": 2 }));
    let at = format!("/v1/risks/{id}");
    bed.send("PUT", &at, &json!({ "likelihood": 3, "impact": 3, "owner": "Ines" })).expect(200, "moved");
    bed.send("PUT", &at, &json!({ "owner": "Lea" })).expect(200, "handed on");
    let mut painted = matrix(&bed);
    painted["grid"][2][2] = json!("high");
    put(&bed, &painted);
    let entries = || bed.get(&format!("{at}/history")).json()["data"].as_array().expect("entries").clone();
    let restore = |entry: &Value, side: &str| bed.send("POST", &format!("{at}/restore"), &json!({ "entry": entry["entry"], "side": side }));
    let told = entries();
    assert_eq!(told.len(), 4, "made, moved, handed on, judged by the painted cell");
    let back = restore(&told[2], "before").expect(200, "of the same size: a step is a step");
    assert_eq!((cell(&back), &back["level"]), ((2, 2), &json!("low")), "judged by the matrix of today");
    undo(&bed);
    put(&bed, &preset(&bed, "simple"));
    let told = entries();
    for (place, side) in [(0, "before"), (told.len() - 2, "before"), (told.len() - 2, "after"), (told.len() - 1, "after")] {
        let refused = restore(&told[place], side);
        assert_eq!((refused.status, refused.fields()), (400, vec!["entry".to_owned()]), "{place} {side}: {}", told[place]);
    }
    restore(&told[0], "after").expect(200, "what the matrix of today made of it");
    let handed = told.iter().find(|entry| entry["after"] == json!({ "owner": "Lea" })).expect("handed on");
    assert_eq!(restore(handed, "before").expect(200, "no place is told")["owner"], "Ines");
    undo(&bed);
    sound(&bed);
}
