//! Assessments: scope, results, progress and score, the status machine, and the gaps.

use super::{At, Bed};
use serde_json::{Value, json};

fn id(record: &Value) -> String {
    record["id"].as_str().expect("an id").to_owned()
}

fn assessment(bed: &Bed, body: &Value) -> String {
    id(&bed.send("POST", "/v1/assessments", body).expect(201, "an assessment is made"))
}

/// The control of this reference in an assessment's scope.
fn control(bed: &Bed, assessment: &str, reference: &str) -> String {
    let all = bed.all(&format!("/v1/assessments/{assessment}/results"));
    let found = all.iter().find(|result| result["ref"] == reference).unwrap_or_else(|| panic!("{reference} is in scope"));
    found["control_id"].as_str().expect("an id").to_owned()
}

fn judge(bed: &Bed, assessment: &str, reference: &str, body: &Value) -> Value {
    let path = format!("/v1/assessments/{assessment}/results/{}", control(bed, assessment, reference));
    bed.send("PUT", &path, body).expect(200, reference)
}

fn events(bed: &Bed, assessment: &str) -> usize {
    let history = bed.get(&format!("/v1/assessments/{assessment}/history")).expect(200, "history");
    let arrives = |entry: &&Value| entry["after"]["status"] == "completed";
    history["data"].as_array().expect("a list").iter().filter(arrives).count()
}

#[test]
fn the_reference_example_makes_an_assessment_of_the_whole_framework() {
    let bed = Bed::new(true);
    let body = json!({ "framework_id": "iso-27001", "scope": "full" });
    let made = bed.ask(At::Port(&bed.analyst), "POST", "/v1/assessments", &[], Some(body.to_string()));
    let location = made.header("location").to_owned();
    let made = made.expect(201, "made");
    assert_eq!(
        (&made["framework_id"], &made["scope"], &made["status"], &made["progress"], &made["score"]),
        (&json!("iso-27001"), &json!("full"), &json!("planned"), &json!(0), &json!(null)),
        "as sent, and nothing assessed"
    );
    assert!(made["name"].as_str().is_some_and(|name| name.contains("27001")), "it has a name all the same: {}", made["name"]);
    assert_eq!(bed.get(&location).expect(200, "read"), made, "the answer was the record");
    let results = bed.all(&format!("{location}/results"));
    let controls = bed.all("/v1/frameworks/iso-27001/controls?assessable=true");
    let ids = |list: &[Value], field: &str| list.iter().map(|one| one[field].clone()).collect::<Vec<_>>();
    assert_eq!(ids(&results, "control_id"), ids(&controls, "id"), "every assessable control, in the framework's order");
    assert!(results.iter().all(|result| result["result"] == "not_assessed" && result["updated_at"].is_null()), "not assessed");
    let gaps = bed.ask(At::Port(&bed.viewer), "GET", &format!("{location}/gaps"), &[], None).expect(200, "gaps");
    assert_eq!((&gaps["gaps"], &gaps["summary"]["not_assessed"]), (&json!([]), &json!(93)), "what is not known is no gap");
}

#[test]
fn a_scope_names_groups_that_are_there_and_hold_something_to_assess() {
    let bed = Bed::new(true);
    let all = bed.all("/v1/frameworks/iso-27001/controls");
    let group = all.iter().find(|node| node["ref"] == "A.8").expect("a group");
    for scope in [json!(["A.8"]), json!([group["id"]]), json!(["A.8", "A.8.1", group["id"]])] {
        let one = assessment(&bed, &json!({ "framework_id": "iso-27001", "scope": scope }));
        assert_eq!(bed.get(&format!("/v1/assessments/{one}")).json()["scope"], scope, "as it was sent");
        let refs: Vec<Value> = bed.all(&format!("/v1/assessments/{one}/results")).iter().map(|result| result["ref"].clone()).collect();
        assert_eq!(refs.len(), 34, "each control of the group once");
        assert!(refs.iter().all(|text| text.as_str().is_some_and(|text| text.starts_with("A.8."))), "and no other: {refs:?}");
    }
    for (body, fields) in [
        (json!({}), vec!["framework_id", "scope"]),
        (json!({ "framework_id": "nobody", "scope": "full" }), vec!["framework_id"]),
        (json!({ "framework_id": "iso-27001", "scope": ["A.99"] }), vec!["scope"]),
        (json!({ "framework_id": "dora", "scope": ["Chapter VII"] }), vec!["scope"]),
        (json!({ "framework_id": "dora", "scope": "part", "status": "done", "name": "" }), vec!["name", "scope", "status"]),
    ] {
        let refused = bed.send("POST", "/v1/assessments", &body);
        let mut told = refused.fields();
        told.sort();
        assert_eq!((refused.status, told), (400, fields.iter().map(|field| (*field).to_owned()).collect()), "{body}");
    }
    let one = assessment(&bed, &json!({ "framework_id": "iso-27001", "scope": ["A.8"] }));
    let path = format!("/v1/assessments/{one}");
    judge(&bed, &one, "A.8.1", &json!({ "result": "compliant" }));
    assert_eq!(bed.get(&path).json()["progress"], 2, "1 of 34");
    assert_eq!(bed.send("PUT", &path, &json!({ "scope": ["A.8.1"] })).json()["progress"], 100, "1 of 1");
    assert_eq!(bed.send("PUT", &path, &json!({ "scope": "full" })).json()["progress"], 1, "1 of 93");
    assert_eq!(bed.send("PUT", &path, &json!({ "scope": ["A.99"] })).fields(), ["scope"], "checked at a change too");
    assert_eq!(bed.send("PUT", &path, &json!({ "framework_id": "dora" })).fields(), ["framework_id"], "the framework stays");
    assert_eq!(bed.send("PUT", &path, &json!({ "framework_id": "iso-27001" })).status, 200, "unless it is the same");
}

#[test]
fn results_carry_progress_and_score_and_are_taken_back_one_by_one() {
    let bed = Bed::new(true);
    let one = assessment(&bed, &json!({ "framework_id": "iso-27001", "scope": ["A.6"] }));
    let path = format!("/v1/assessments/{one}");
    let state = || {
        let record = bed.get(&path).json();
        (record["progress"].as_u64(), record["score"].as_u64(), record["status"].as_str().map(str::to_owned))
    };
    let told = |progress, score, status: &str| (Some(progress), score, Some(status.to_owned()));
    let steps = [
        ("A.6.1", json!({ "result": "compliant", "maturity": 3, "evidence": "Seen" }), told(12, Some(100), "in_progress")),
        ("A.6.2", json!({ "result": "partially_compliant" }), told(25, Some(75), "in_progress")),
        ("A.6.3", json!({ "result": "non_compliant", "owner": "Aurélie Vandeputte" }), told(37, Some(50), "in_progress")),
        ("A.6.4", json!({ "result": "not_applicable", "justification": "No such process" }), told(50, Some(50), "in_progress")),
        ("A.6.3", json!({ "result": "not_assessed" }), told(37, Some(75), "in_progress")),
    ];
    assert_eq!(state(), told(0, None, "planned"), "at the beginning");
    for (reference, body, expected) in &steps {
        judge(&bed, &one, reference, body);
        assert_eq!(&state(), expected, "{reference}: {body}");
    }
    let totals = |query: &str| bed.get(&format!("{path}/results?{query}")).json()["total"].clone();
    assert_eq!(totals("result=compliant"), 1, "found by result");
    assert_eq!(totals("result=not_assessed"), 5, "and those without");
    assert_eq!(totals("owner=Aur%C3%A9lie%20Vandeputte"), 1, "by who closes it");
    assert_eq!(totals("q=awareness"), 1, "by words of the control");
    for place in (0..steps.len()).rev() {
        bed.send("POST", "/v1/undo", &json!({})).expect(200, "one step");
        let expected = place.checked_sub(1).map_or(told(0, None, "planned"), |before| steps[before].2.clone());
        assert_eq!(state(), expected, "step {place} is taken back");
    }
    assert!(bed.all(&format!("{path}/results")).iter().all(|result| result["updated_at"].is_null()), "nothing is left of them");
    for (reference, _, expected) in &steps {
        bed.send("POST", "/v1/redo", &json!({})).expect(200, "one step");
        assert_eq!(&state(), expected, "{reference} again");
    }
    assert!(bed.engine.workspace().expect("open").verify().expect("verified").sound, "the file is sound after all this");
}

#[test]
fn a_result_is_read_changed_and_refused_as_any_record() {
    let bed = Bed::new(true);
    let one = assessment(&bed, &json!({ "framework_id": "iso-27001", "scope": ["A.6"] }));
    let path = format!("/v1/assessments/{one}/results/{}", control(&bed, &one, "A.6.1"));
    let first = bed.get(&path);
    assert_eq!(first.header("etag"), "\"0\"", "nothing yet");
    let put = |tag: &str, body: &Value| bed.ask(At::Window, "PUT", &path, &[("if-match", tag)], Some(body.to_string()));
    assert_eq!(put("\"1\"", &json!({ "result": "compliant" })).status, 412, "a tag that is not there yet");
    let made = put("\"0\"", &json!({ "result": "compliant", "maturity": 2, "target": 4, "missing_evidence": "The list" }));
    let tag = made.header("etag").to_owned();
    let made = made.expect(200, "recorded");
    assert_eq!((&made["delta"], &made["gap"]), (&json!(2), &json!("low")), "below its target it is a gap");
    assert_eq!(bed.get(&path).expect(200, "read"), made, "the answer was the record");
    let same = put(&tag, &made);
    assert_eq!((same.status, same.header("etag")), (200, tag.as_str()), "what changes nothing writes nothing");
    let stale = put("\"0\"", &json!({ "maturity": 3 }));
    assert_eq!((stale.status, &stale.json()["error"]["details"][0]["current"]), (412, &json!(2)), "both values");
    let cleared = put("*", &json!({ "target": null })).expect(200, "cleared");
    assert_eq!((&cleared["target"], &cleared["maturity"], &cleared["gap"]), (&json!(null), &json!(2), &json!(null)), "the rest stays");
    for (body, fields) in [
        (json!({ "result": "yes", "maturity": 6, "target": 2.5 }), vec!["maturity", "result", "target"]),
        (json!({ "result": "not_applicable" }), vec!["justification"]),
        (json!({ "effort": "large" }), vec!["effort"]),
    ] {
        let refused = put("*", &body);
        let mut told = refused.fields();
        told.sort();
        assert_eq!((refused.status, told), (400, fields.iter().map(|field| (*field).to_owned()).collect()), "{body}");
    }
    let outside = bed.all("/v1/frameworks/iso-27001/controls?assessable=true");
    let outside = outside.iter().find(|control| control["ref"] == "A.8.1").expect("a control outside the scope");
    for id in ["nobody", outside["id"].as_str().expect("an id")] {
        assert_eq!(bed.send("PUT", &format!("/v1/assessments/{one}/results/{id}"), &json!({})).status, 404, "{id} is not in scope");
    }
}

#[test]
fn the_status_goes_forward_freely_back_only_to_work_and_tells_each_completion() {
    let bed = Bed::new(true);
    let one = assessment(&bed, &json!({ "framework_id": "nis2", "scope": "full" }));
    let path = format!("/v1/assessments/{one}");
    let to = |status: &str| bed.send("PUT", &path, &json!({ "status": status })).status;
    assert_eq!((to("in_review"), to("planned")), (200, 200), "while nothing is assessed it may be planned again");
    judge(&bed, &one, "Art. 20(1)", &json!({ "result": "compliant" }));
    assert_eq!(to("planned"), 400, "it has begun");
    assert_eq!((to("completed"), to("completed"), events(&bed, &one)), (200, 200, 1), "one arrival");
    assert_eq!((to("in_review"), to("planned")), (400, 400), "from there only to work");
    let result = format!("{path}/results/{}", control(&bed, &one, "Art. 20(1)"));
    assert_eq!(bed.send("PUT", &result, &json!({ "result": "non_compliant" })).status, 400, "results of a completed one stand");
    assert_eq!((to("in_progress"), to("completed"), events(&bed, &one)), (200, 200, 2), "reopened and completed again");
    assert_eq!(bed.send("PUT", &path, &json!({ "name": "Another name" })).status, 200, "its name may change");
    assert_eq!(events(&bed, &one), 2, "which is no arrival");
}

#[test]
fn gaps_name_what_is_missing_the_worst_first() {
    let bed = Bed::new(true);
    let one = assessment(&bed, &json!({ "framework_id": "iso-27001", "scope": ["A.8"] }));
    let above = control(&bed, &one, "A.8.4");
    bed.risk(&json!({ "name": "A risk above the appetite", "likelihood": 5, "impact": 5, "control_ids": [above] }));
    let kept = bed.all(&format!("/v1/risks?control_id={above}")).iter().filter(|risk| risk["score"].as_u64() > Some(10)).count();
    for (reference, body) in [
        ("A.8.1", json!({ "result": "compliant", "maturity": 3, "target": 3 })),
        ("A.8.2", json!({ "result": "compliant", "maturity": 3, "target": 4 })),
        ("A.8.3", json!({ "result": "partially_compliant", "owner": "Tomasz Wrona", "due_date": "2027-01-31" })),
        ("A.8.4", json!({ "result": "non_compliant", "missing_evidence": "The review", "planned_control": "A review each quarter" })),
        ("A.8.5", json!({ "result": "non_compliant", "maturity": 0, "target": 3 })),
        ("A.8.6", json!({ "result": "not_applicable", "justification": "None here" })),
    ] {
        judge(&bed, &one, reference, &body);
    }
    let gaps = bed.get(&format!("/v1/assessments/{one}/gaps")).expect(200, "gaps");
    assert_eq!((&gaps["assessment_id"], &gaps["framework_id"]), (&json!(one), &json!("iso-27001")), "one object");
    let told: Vec<(&Value, &Value)> = gaps["gaps"].as_array().expect("a list").iter().map(|gap| (&gap["ref"], &gap["severity"])).collect();
    let expected = [("A.8.5", "critical"), ("A.8.4", "high"), ("A.8.3", "medium"), ("A.8.2", "low")].map(|(a, b)| (json!(a), json!(b)));
    assert_eq!(told, expected.iter().map(|(a, b)| (a, b)).collect::<Vec<_>>(), "the worst first");
    let high = &gaps["gaps"][1];
    assert_eq!(
        (&high["missing_evidence"], &high["planned_control"], &high["risks_above_appetite"]),
        (&json!("The review"), &json!("A review each quarter"), &json!(kept)),
        "with what is known: {high}"
    );
    assert_eq!((&gaps["gaps"][2]["owner"], &gaps["gaps"][2]["due_date"]), (&json!("Tomasz Wrona"), &json!("2027-01-31")), "who, by when");
    assert_eq!(gaps["gaps"][0]["delta"], 3, "how far");
    let summary = json!({ "controls": 34, "assessed": 6, "compliant": 2, "partially_compliant": 1, "non_compliant": 2, "not_applicable": 1,
        "not_assessed": 28, "progress": 17, "score": 50, "gaps": { "critical": 1, "high": 1, "medium": 1, "low": 1 } });
    assert_eq!(gaps["summary"], summary, "in numbers");
    assert_eq!(bed.get("/v1/assessments/nobody/gaps").status, 404, "of one that is there");
}

#[test]
fn an_assessment_goes_and_comes_back_with_its_results() {
    let bed = Bed::new(true);
    let one = assessment(&bed, &json!({ "framework_id": "nis2", "scope": "full", "name": "Mine" }));
    let path = format!("/v1/assessments/{one}");
    judge(&bed, &one, "Art. 20(1)", &json!({ "result": "partially_compliant" }));
    let before = (bed.get(&path).json(), bed.all(&format!("{path}/results")));
    let open = bed.get("/v1/summary").json()["assessments_open"].as_u64().expect("a count");
    bed.ask(At::Window, "DELETE", &path, &[], None).expect(204, "deleted");
    assert_eq!((bed.get(&path).status, bed.get(&format!("{path}/results")).status), (404, 404), "gone");
    assert_eq!(bed.get("/v1/summary").json()["assessments_open"], open - 1, "and no longer counted");
    bed.send("POST", "/v1/undo", &json!({})).expect(200, "undo");
    assert_eq!((bed.get(&path).json(), bed.all(&format!("{path}/results"))), before, "back with what was recorded");
    let theirs = assessment(&bed, &json!({ "framework_id": "nis2", "scope": "full" }));
    let result = format!("/v1/assessments/{theirs}/results/{}", control(&bed, &theirs, "Art. 20(1)"));
    bed.ask(At::Port(&bed.analyst), "PUT", &result, &[], Some(json!({ "result": "compliant" }).to_string()))
        .expect(200, "somebody works in it");
    assert_eq!(bed.send("POST", "/v1/undo", &json!({})).status, 412, "its making is not taken back under their hands");
}

#[test]
fn the_sample_assesses_each_framework_and_lists_filter_and_sort() {
    let bed = Bed::sample();
    let all = bed.all("/v1/assessments");
    for framework in ["iso-27001", "dora", "nis2"] {
        let expected = all.iter().filter(|one| one["framework_id"] == framework).count();
        assert!((1..=2).contains(&expected), "{framework}: {expected}");
        assert_eq!(bed.get(&format!("/v1/assessments?framework_id={framework}")).json()["total"], expected, "{framework}");
    }
    for status in ["planned", "in_progress", "in_review", "completed"] {
        let expected = all.iter().filter(|one| one["status"] == status).count();
        assert_eq!(bed.get(&format!("/v1/assessments?status={status}")).json()["total"], expected, "{status}");
        assert!(expected > 0, "the sample has one that is {status}");
    }
    for sort in ["created_at", "updated_at", "name", "framework_id", "status", "due_date", "progress", "score"] {
        let ids = |path: &str| bed.all(path).iter().map(id).collect::<Vec<_>>();
        let (up, mut down) = (ids(&format!("/v1/assessments?sort={sort}")), ids(&format!("/v1/assessments?sort=-{sort}")));
        down.reverse();
        assert_eq!((up.len(), &up), (all.len(), &down), "{sort}: each direction is the other reversed");
    }
    for one in &all {
        let gaps = bed.get(&format!("/v1/assessments/{}/gaps", id(one))).expect(200, "gaps");
        let results = bed.all(&format!("/v1/assessments/{}/results", id(one)));
        let count = |word: &str| results.iter().filter(|result| result["result"] == word).count();
        for word in ["compliant", "partially_compliant", "non_compliant", "not_applicable", "not_assessed"] {
            assert_eq!(gaps["summary"][word], count(word), "{}: {word}", one["name"]);
        }
        assert_eq!((&gaps["summary"]["progress"], &gaps["summary"]["score"]), (&one["progress"], &one["score"]), "{}", one["name"]);
        let listed = gaps["gaps"].as_array().expect("a list").len();
        assert_eq!(listed, results.iter().filter(|result| !result["gap"].is_null()).count(), "{}: every gap", one["name"]);
    }
}

#[test]
fn a_risks_assessment_and_an_assessment_of_a_framework_are_told_apart_in_the_document() {
    let document = super::document();
    let schemas = &document["components"]["schemas"];
    let named = |schema: &str, field: &str| schemas[schema]["properties"][field].is_object();
    assert!(named("RiskAssessment", "likelihood") && named("Assessment", "framework_id"), "two schemas of two names");
    let inherent = schemas["Risk"]["properties"]["inherent"].to_string();
    assert!(inherent.contains("/RiskAssessment\""), "a risk holds the one: {inherent}");
}
