//! Audits and findings: steps, grades, four eyes, and what an audit tells of its findings.

use super::documents::{form, part};
use super::{At, Bed};
use serde_json::{Value, json};

fn audit(bed: &Bed, body: &Value) -> String {
    bed.send("POST", "/v1/audits", body).expect(201, "an audit")["id"].as_str().expect("an id").to_owned()
}

fn finding(bed: &Bed, audit: &str, body: &Value) -> Value {
    bed.send("POST", &format!("/v1/audits/{audit}/findings"), body).expect(201, "a finding")
}

fn path_of(finding: &Value) -> String {
    format!("/v1/findings/{}", finding["id"].as_str().expect("an id"))
}

pub(super) fn evidence(bed: &Bed) -> Value {
    let headers = [("content-type", "multipart/form-data; boundary=edge")];
    let body = form(&[part("file", Some(("proof.txt", "text/plain")), b"done")]);
    bed.ask_bytes(At::Window, "POST", "/v1/documents/upload", &headers, Some(body)).expect(201, "uploaded")["id"].clone()
}

fn sound(bed: &Bed) -> bool {
    bed.engine.workspace().expect("open").verify().expect("verified").sound
}

#[test]
fn an_audit_goes_one_step_at_a_time_and_its_criteria_exist() {
    let bed = Bed::new(true);
    let body = json!({ "name": "Access control", "scope": "Head office", "criteria": ["iso-27001", "dora"], "lead": "Ines Okafor", "team": ["Hugo", "Lea"],
        "start_date": "2026-05-04", "end_date": "2026-05-08" });
    let made = bed.send("POST", "/v1/audits", &body);
    let path = made.header("location").to_owned();
    let one = made.expect(201, "made");
    for (field, value) in body.as_object().expect("an object") {
        assert_eq!(&one[field], value, "{field}");
    }
    let reference = one["ref"].as_str().expect("a reference");
    assert!(reference.starts_with("AUD-20") && reference.len() >= 11, "{reference}");
    assert_eq!((&one["status"], &one["findings_open"], &one["finding_counts"]["observation"]), (&json!("planned"), &json!(0), &json!(0)));
    assert_eq!(bed.get(&path).expect(200, "read"), one, "the answer was the record");
    for (to, status) in [
        ("reporting", 400),
        ("in_progress", 200),
        ("closed", 400),
        ("reporting", 200),
        ("closed", 200),
        ("planned", 400),
        ("reporting", 200),
    ] {
        let answer = bed.send("PUT", &path, &json!({ "status": to }));
        assert_eq!(answer.status, status, "to {to}: {}", answer.json());
        if status == 400 {
            assert_eq!(answer.fields(), ["status"], "to {to}");
        }
    }
    for (body, fields) in [
        (json!({ "criteria": ["iso-27001", "nothing"] }), vec!["criteria"]),
        (json!({ "end_date": "2026-05-03" }), vec!["end_date"]),
        (json!({ "end_date": "2026-05-03", "status": "planned" }), vec!["end_date", "status"]),
        (json!({ "name": null, "team": 1, "colour": 1 }), vec!["colour", "name", "team"]),
    ] {
        let answer = bed.send("PUT", &path, &body);
        let mut told = answer.fields();
        told.sort();
        assert_eq!((answer.status, told), (400, fields.into_iter().map(str::to_owned).collect()), "{body}");
    }
    assert_eq!(bed.send("POST", "/v1/audits", &json!({})).fields(), ["name"]);
    bed.ask(At::Window, "DELETE", "/v1/frameworks/dora", &[], None).expect(204, "a framework goes");
    bed.send("PUT", &path, &json!({ "criteria": ["iso-27001", "dora"], "lead": "Lea" })).expect(200, "what it held before may be gone");
    assert!(sound(&bed));
}

#[test]
fn a_nonconformity_is_settled_complete_and_by_another_than_its_owner() {
    let bed = Bed::new(false);
    let audit = audit(&bed, &json!({ "name": "One" }));
    for grade in ["major_nonconformity", "minor_nonconformity"] {
        let path = path_of(&finding(&bed, &audit, &json!({ "title": "Rights stay after leaving", "grade": grade })));
        let put = |at: At<'_>, body: Value| bed.ask(at, "PUT", &path, &[], Some(body.to_string()));
        for status in ["verified", "closed"] {
            let refused = put(At::Window, json!({ "status": status }));
            let mut fields = refused.fields();
            fields.sort();
            let all = ["correction", "corrective_action", "due_date", "effectiveness", "evidence_ids", "owner", "root_cause"];
            assert_eq!(
                (refused.status, fields.as_slice()),
                (400, all.map(str::to_owned).as_slice()),
                "{status}: all that is missing at once"
            );
        }
        let body = json!({ "root_cause": "No list", "correction": "Rights removed", "corrective_action": "Weekly list", "effectiveness": "Four weeks looked at",
            "owner": "Hugo Marchetti", "due_date": "2026-01-31", "evidence_ids": [evidence(&bed)] });
        put(At::Window, body).expect(200, "completed");
        let own = put(At::Window, json!({ "status": "verified" }));
        assert_eq!((own.status, own.fields()), (400, vec!["verified_by".to_owned()]), "its owner does not verify it");
        let verified = put(At::Port(&bed.analyst), json!({ "status": "verified" })).expect(200, "another does");
        assert_eq!((&verified["verified_by"], verified["verified_at"].is_string()), (&json!("the Analyst"), true));
        let taken = put(At::Window, json!({ "evidence_ids": [], "correction": null }));
        assert_eq!(taken.fields(), ["correction", "evidence_ids"], "nothing of it is taken away afterwards");
        put(At::Window, json!({ "status": "closed" })).expect(200, "closed");
        assert_eq!(put(At::Window, json!({ "status": "open" })).fields(), ["reason"], "reopening says why");
        let open = put(At::Window, json!({ "status": "open", "reason": "It came back" })).expect(200, "reopened");
        assert_eq!((&open["verified_by"], &open["verified_at"]), (&json!(null), &json!(null)), "to be verified anew");
        let history = bed.get(&format!("{path}/history")).expect(200, "history");
        assert_eq!((&history["data"][0]["reason"], &history["data"][0]["action"]), (&json!("It came back"), &json!("status_changed")));
    }
    assert!(sound(&bed));
}

#[test]
fn links_lead_somewhere_and_an_unknown_audit_has_no_findings() {
    let bed = Bed::new(true);
    let audit = audit(&bed, &json!({ "name": "One" }));
    let path = format!("/v1/audits/{audit}/findings");
    let wrong = json!({ "title": "t", "grade": "observation", "control_ids": ["x"], "risk_ids": ["y"], "evidence_ids": ["z"] });
    assert_eq!(bed.send("POST", &path, &wrong).fields(), ["control_ids", "risk_ids", "evidence_ids"], "each that leads nowhere, at once");
    let first = |path: &str| bed.get(path).json()["data"][0]["id"].clone();
    let right = json!({ "title": "t", "grade": "observation", "control_ids": [first("/v1/frameworks/iso-27001/controls")], "risk_ids": [first("/v1/risks")], "evidence_ids": [evidence(&bed)] });
    let made = finding(&bed, &audit, &right);
    assert_eq!((&made["control_ids"], &made["risk_ids"], &made["audit_id"]), (&right["control_ids"], &right["risk_ids"], &json!(audit)));
    assert_eq!(bed.send("POST", &path, &json!({ "owner": 1 })).fields().len(), 3, "title and grade are required");
    for (method, path) in [("GET", "/v1/audits/nobody/findings"), ("POST", "/v1/audits/nobody/findings"), ("GET", "/v1/findings/nobody")] {
        assert_eq!(bed.ask(At::Window, method, path, &[], (method == "POST").then(|| "{}".to_owned())).status, 404, "{method} {path}");
    }
}

#[test]
fn an_audit_tells_how_its_findings_stand_and_takes_them_along() {
    let bed = Bed::new(false);
    let (audit, other) = (audit(&bed, &json!({ "name": "One" })), audit(&bed, &json!({ "name": "Two" })));
    let path = format!("/v1/audits/{audit}");
    let standing = |path: &str| {
        let record = bed.get(path).json();
        let counts: Vec<i64> =
            record["finding_counts"].as_object().expect("counts").values().map(|count| count.as_i64().expect("a number")).collect();
        (counts, record["findings_open"].as_i64().expect("a number"))
    };
    let grades =
        ["major_nonconformity", "minor_nonconformity", "observation", "opportunity_for_improvement", "conformity", "good_practice"];
    let mut made = Vec::new();
    for (number, grade) in grades.iter().enumerate() {
        for _ in 0..=number {
            made.push(finding(&bed, &audit, &json!({ "title": *grade, "grade": *grade })));
        }
    }
    finding(&bed, &other, &json!({ "title": "elsewhere", "grade": "observation" }));
    assert_eq!(standing(&path), (vec![1, 2, 3, 4, 5, 6], 10), "by grade; praise asks for no work");
    let tag = bed.get(&path).header("etag").to_owned();
    let (first, observation) = (path_of(&made[0]), path_of(&made[3]));
    bed.send("PUT", &observation, &json!({ "status": "closed" })).expect(200, "closed");
    bed.send("PUT", &first, &json!({ "grade": "observation" })).expect(200, "graded anew");
    assert_eq!(standing(&path), (vec![0, 2, 4, 4, 5, 6], 9));
    bed.ask(At::Window, "DELETE", &observation, &[], None).expect(204, "deleted");
    assert_eq!(standing(&path), (vec![0, 2, 3, 4, 5, 6], 9));
    bed.send("POST", "/v1/undo", &json!({})).expect(200, "taken back");
    assert_eq!(standing(&path), (vec![0, 2, 4, 4, 5, 6], 9));
    assert_eq!(bed.get(&path).header("etag"), tag, "that is no change of the audit itself");
    let all = |path: &str| bed.all(&format!("{path}/findings?sort=ref"));
    let before = (bed.get(&path).json(), all(&path));
    bed.ask(At::Window, "DELETE", &path, &[], None).expect(204, "deleted with its findings");
    assert_eq!(
        (bed.get(&path).status, bed.get(&first).status, bed.get("/v1/summary").json()["findings_open"].clone()),
        (404, 404, json!(1))
    );
    let back = bed.send("POST", "/v1/undo", &json!({})).expect(200, "taken back");
    assert_eq!(back["kind"], "audit", "as one step: {back}");
    let after = (bed.get(&path).json(), all(&path));
    assert_eq!((after.0, after.1.len()), (before.0, before.1.len()), "all of it");
    bed.send("POST", "/v1/redo", &json!({})).expect(200, "made again");
    assert_eq!(bed.get(&first).status, 404);
    bed.send("POST", "/v1/undo", &json!({})).expect(200, "and taken back again");
    assert_eq!(standing(&path), (vec![0, 2, 4, 4, 5, 6], 9));
    assert!(sound(&bed));
}

#[test]
fn lists_filter_sort_and_find() {
    let bed = Bed::new(true);
    let audit_id =
        audit(&bed, &json!({ "name": "Zebra crossing", "lead": "Nadir Quist", "criteria": ["nis2"], "start_date": "2031-01-01" }));
    for (query, expected) in [
        ("lead=Nadir%20Quist", 1),
        ("criteria=nis2&q=zebra", 1),
        ("framework_id=nis2&lead=Nadir%20Quist", 1),
        ("criteria=dora&q=zebra", 0),
        ("q=zeb", 1),
    ] {
        assert_eq!(bed.get(&format!("/v1/audits?{query}")).json()["data"].as_array().map(Vec::len), Some(expected), "{query}");
    }
    let sorted = bed.get("/v1/audits?sort=-start_date").json();
    assert_eq!(sorted["data"][0]["id"], json!(audit_id), "the latest first");
    for (title, grade, owner, due, status) in [
        ("Alpha", "observation", "Ines", "2020-01-01", "open"),
        ("Beta", "major_nonconformity", "Ines", "2020-01-01", "resolved"),
        ("Gamma", "good_practice", "Hugo", "2999-01-01", "assigned"),
        ("Delta", "minor_nonconformity", "Hugo", "2020-02-01", "in_progress"),
    ] {
        finding(&bed, &audit_id, &json!({ "title": title, "grade": grade, "owner": owner, "due_date": due, "status": status }));
    }
    for (query, expected) in [
        ("", "Delta Gamma Beta Alpha"),
        ("sort=-grade", "Beta Delta Alpha Gamma"),
        ("sort=title", "Alpha Beta Delta Gamma"),
        ("sort=status", "Alpha Gamma Delta Beta"),
        ("sort=-due_date", "Gamma Delta Beta Alpha"),
        ("grade=observation", "Alpha"),
        ("status=resolved", "Beta"),
        ("owner=Hugo&sort=ref", "Gamma Delta"),
        ("open=true&sort=ref", "Alpha Beta Delta"),
        ("overdue=true&sort=ref", "Alpha Delta"),
        ("overdue=false&sort=ref", "Beta Gamma"),
        ("q=delt", "Delta"),
    ] {
        let listed = bed.get(&format!("/v1/audits/{audit_id}/findings?{query}")).expect(200, query);
        let titles: Vec<&str> = listed["data"].as_array().expect("a list").iter().filter_map(|one| one["title"].as_str()).collect();
        assert_eq!((titles.join(" ").as_str(), &listed["total"]), (expected, &json!(titles.len())), "{query}");
    }
    for query in ["grade=bad", "overdue=maybe", "sort=colour", "colour=red"] {
        assert_eq!(bed.get(&format!("/v1/audits/{audit_id}/findings?{query}")).status, 400, "{query}");
    }
    let hit = |kind: &str, q: &str| {
        let found = bed.get(&format!("/v1/search?q={q}")).json();
        found["data"].as_array().and_then(|hits| hits.iter().find(|hit| hit["kind"] == kind)).cloned().unwrap_or_default()
    };
    let (audit, finding) = (hit("audit", "zebra"), hit("finding", "gamma"));
    assert!(!audit.is_null(), "an audit is found by a word of its name");
    let name = &bed.get(&format!("/v1/audits/{audit_id}")).json()["name"];
    assert_eq!((&finding["audit_id"], &finding["part_of"]), (&json!(audit_id), name), "a finding says of which audit it is");
}

#[test]
fn the_sample_bank_has_audits_with_findings_of_every_grade_and_documents_that_open() {
    let bed = Bed::sample();
    let audits = bed.all("/v1/audits");
    assert!(audits.len() >= 6, "{}", audits.len());
    let mut grades: std::collections::BTreeMap<String, usize> = std::collections::BTreeMap::new();
    for audit in &audits {
        let findings = bed.all(&format!("/v1/audits/{}/findings", audit["id"].as_str().expect("an id")));
        assert!(!findings.is_empty(), "{} has findings", audit["ref"]);
        assert!(!audit["criteria"].as_array().expect("criteria").is_empty(), "{} is held against something", audit["ref"]);
        for finding in findings {
            *grades.entry(finding["grade"].as_str().expect("a grade").to_owned()).or_default() += 1;
            let settled = matches!(finding["status"].as_str(), Some("verified" | "closed"));
            if settled && finding["grade"].as_str().is_some_and(|grade| grade.ends_with("nonconformity")) {
                assert_ne!(finding["verified_by"], finding["owner"], "{}", finding["ref"]);
                assert!(!finding["evidence_ids"].as_array().expect("evidence").is_empty(), "{}", finding["ref"]);
            }
            for id in finding["evidence_ids"].as_array().expect("evidence") {
                assert_eq!(bed.get(&format!("/v1/documents/{}", id.as_str().expect("an id"))).status, 200, "{}", finding["ref"]);
            }
        }
    }
    assert_eq!((grades.len(), grades.values().sum::<usize>() >= 35), (6, true), "{grades:?}");
    let documents = bed.all("/v1/documents");
    assert!(documents.len() >= 20, "{}", documents.len());
    for document in &documents {
        let content = bed.get(&format!("/v1/documents/{}/content", document["id"].as_str().expect("an id")));
        assert_eq!((content.status, json!(content.bytes.len())), (200, document["size"].clone()), "{}", document["title"]);
    }
    let statuses: std::collections::BTreeSet<&str> = documents.iter().filter_map(|document| document["status"].as_str()).collect();
    assert!(statuses.len() >= 5, "{statuses:?}");
}
