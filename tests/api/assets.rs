//! Assets and their vulnerabilities: links, parts, bands, and what goes and comes back with an asset.

use super::{At, Bed};
use serde_json::{Value, json};

fn id(record: &Value) -> String {
    record["id"].as_str().expect("an id").to_owned()
}

fn asset(bed: &Bed, body: &Value) -> String {
    id(&bed.send("POST", "/v1/assets", body).expect(201, "an asset is made"))
}

fn vulnerability(bed: &Bed, asset: &str, body: &Value) -> Value {
    bed.send("POST", &format!("/v1/assets/{asset}/vulnerabilities"), body).expect(201, "a vulnerability is made")
}

fn ids(list: &[Value]) -> Vec<String> {
    list.iter().map(id).collect()
}

#[test]
fn an_asset_is_made_read_changed_and_deleted_through_both_doors() {
    let bed = Bed::new(false);
    for at in [At::Window, At::Port(&bed.analyst)] {
        let body = json!({ "name": "Ledger cluster", "type": "data", "criticality": 5, "integrity": 5, "tags": ["core"] });
        let made = bed.ask(at, "POST", "/v1/assets", &[], Some(body.to_string()));
        let location = made.header("location").to_owned();
        let made = made.expect(201, "made");
        assert!(made["ref"].as_str().is_some_and(|reference| reference.starts_with("AS-000")), "people name it aloud: {}", made["ref"]);
        assert_eq!(bed.ask(at, "GET", &location, &[], None).expect(200, "read"), made, "the answer was the record");
        let changed = bed.ask(at, "PUT", &location, &[], Some(json!({ "owner": "Tomasz Wrona", "integrity": null }).to_string()));
        let changed = changed.expect(200, "changed");
        assert_eq!((&changed["owner"], &changed["integrity"]), (&json!("Tomasz Wrona"), &json!(null)), "set and cleared");
        assert_eq!((&changed["name"], &changed["tags"]), (&made["name"], &made["tags"]), "the others stay");
        let history = bed.ask(at, "GET", &format!("{location}/history"), &[], None).expect(200, "its history");
        assert_eq!(history["total"], 2, "made and changed");
        assert_eq!(bed.ask(at, "DELETE", &location, &[], None).status, 204, "deleted");
        assert_eq!(bed.ask(at, "GET", &location, &[], None).status, 404, "gone");
    }
    assert_eq!(bed.ask(At::Port(&bed.viewer), "POST", "/v1/assets", &[], Some("{}".into())).status, 403, "a viewer reads");
    let refused = bed.send("POST", "/v1/assets", &json!({ "name": "", "type": "database", "criticality": 6, "parent_id": 7 }));
    let mut fields = refused.fields();
    fields.sort();
    assert_eq!((refused.status, fields), (400, ["criticality", "name", "parent_id", "type"].map(String::from).to_vec()), "all at once");
}

#[test]
fn a_parent_must_exist_and_no_asset_is_part_of_itself() {
    let bed = Bed::new(false);
    let site = asset(&bed, &json!({ "name": "Lille hall", "type": "site" }));
    let rack = asset(&bed, &json!({ "name": "Rack", "parent_id": site }));
    let server = asset(&bed, &json!({ "name": "Server", "parent_id": rack }));
    let nowhere = bed.send("POST", "/v1/assets", &json!({ "name": "Lost", "parent_id": "nobody" }));
    assert_eq!((nowhere.status, nowhere.fields()), (400, vec!["parent_id".to_owned()]), "a parent that is not there");
    for (child, parent) in [(&site, &server), (&site, &rack), (&site, &site)] {
        let refused = bed.send("PUT", &format!("/v1/assets/{child}"), &json!({ "parent_id": parent }));
        assert_eq!((refused.status, refused.fields()), (400, vec!["parent_id".to_owned()]), "a ring");
    }
    bed.send("PUT", &format!("/v1/assets/{server}"), &json!({ "parent_id": site })).expect(200, "moved up");
    let mut below = ids(&bed.all(&format!("/v1/assets?parent_id={site}")));
    below.sort();
    let mut expected = vec![rack.clone(), server.clone()];
    expected.sort();
    assert_eq!(below, expected, "the parts of one");
    assert_eq!(ids(&bed.all("/v1/assets?parent_id=none")), [site], "those that are part of nothing");
}

#[test]
fn a_ring_cannot_come_about_by_undo() {
    let bed = Bed::new(false);
    let (one, two) = (asset(&bed, &json!({ "name": "One" })), asset(&bed, &json!({ "name": "Two" })));
    bed.send("PUT", &format!("/v1/assets/{one}"), &json!({ "parent_id": two })).expect(200, "one below two");
    bed.send("POST", "/v1/undo", &json!({})).expect(200, "taken back");
    let other = bed.ask(At::Port(&bed.analyst), "PUT", &format!("/v1/assets/{two}"), &[], Some(json!({ "parent_id": one }).to_string()));
    assert_eq!(other.status, 200, "somebody puts two below one");
    assert_eq!(bed.send("POST", "/v1/redo", &json!({})).status, 400, "now one cannot go below two again");
    assert_eq!(bed.get(&format!("/v1/assets/{one}")).json()["parent_id"], json!(null), "and nothing was written");
}

#[test]
fn every_filter_and_order_of_assets_gives_what_a_tally_gives() {
    let bed = Bed::sample();
    let all = bed.all("/v1/assets");
    assert!(all.len() >= 40, "the sample's assets: {}", all.len());
    for field in ["type", "owner", "criticality", "parent_id"] {
        let mut values: Vec<String> =
            all.iter().filter(|asset| !asset[field].is_null()).map(|asset| asset[field].to_string().replace('"', "")).collect();
        values.sort();
        values.dedup();
        assert!(!values.is_empty(), "{field} is in use");
        for value in values {
            let expected = all.iter().filter(|asset| asset[field].to_string().replace('"', "") == value).count();
            let encoded = value.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
            let found = bed.all(&format!("/v1/assets?{field}={encoded}"));
            assert_eq!(found.len(), expected, "{field} {value}");
            assert_eq!(bed.get(&format!("/v1/assets?{field}={encoded}&limit=1")).json()["total"], expected, "{field} {value}: its total");
        }
    }
    for sort in ["created_at", "ref", "updated_at", "name", "type", "owner", "confidentiality", "integrity", "availability", "criticality"]
    {
        let (up, mut down) = (ids(&bed.all(&format!("/v1/assets?sort={sort}"))), ids(&bed.all(&format!("/v1/assets?sort=-{sort}"))));
        down.reverse();
        assert_eq!((up.len(), &up), (all.len(), &down), "{sort}: each direction is the other reversed");
    }
    let facets = bed.get("/v1/assets/facets").expect(200, "facets");
    for facet in facets["tags"].as_array().expect("tags") {
        let tag = facet["value"].as_str().expect("a tag").bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
        assert_eq!(bed.all(&format!("/v1/assets?tag={tag}")).len() as u64, facet["count"].as_u64().expect("a count"), "tag {tag}");
    }
    assert_eq!(bed.get("/v1/summary").json()["assets"], all.len(), "the sidebar counts the same");
}

#[test]
fn risks_and_incidents_name_assets_that_are_there_and_are_found_by_them() {
    let bed = Bed::new(false);
    let gateway = asset(&bed, &json!({ "name": "Gateway" }));
    let risk = bed.risk(&json!({ "name": "Session mix-up", "asset_ids": [gateway], "likelihood": 4, "impact": 4 }));
    let incident = bed.send("POST", "/v1/incidents", &json!({ "title": "Mix-up", "severity": "high", "asset_ids": [gateway] }));
    let incident = id(&incident.expect(201, "made"));
    assert_eq!(ids(&bed.all(&format!("/v1/risks?asset_id={gateway}"))), std::slice::from_ref(&risk), "its risks");
    assert_eq!(ids(&bed.all(&format!("/v1/incidents?asset_id={gateway}"))), std::slice::from_ref(&incident), "its incidents");
    assert_eq!(ids(&bed.all(&format!("/v1/assets?risk_id={risk}"))), std::slice::from_ref(&gateway), "and back from the risk");
    assert_eq!(ids(&bed.all(&format!("/v1/assets?incident_id={incident}"))), std::slice::from_ref(&gateway), "and from the incident");
    assert_eq!(
        bed.get(&format!("/v1/risks/heatmap?asset_id={gateway}")).json()["cells"]
            .as_array()
            .map(|cells| { cells.iter().filter_map(|cell| cell["count"].as_u64()).sum::<u64>() }),
        Some(1),
        "the heatmap takes the filter too"
    );
    for (method, path, body) in [
        ("POST", "/v1/risks".to_owned(), json!({ "name": "a", "asset_ids": ["nobody"], "control_ids": ["nobody"] })),
        ("PUT", format!("/v1/risks/{risk}"), json!({ "asset_ids": [gateway, "nobody"], "control_ids": ["nobody"] })),
    ] {
        let refused = bed.send(method, &path, &body);
        assert_eq!((refused.status, refused.fields()), (400, vec!["asset_ids".to_owned(), "control_ids".to_owned()]), "both at once");
    }
    let refused = bed.send("PUT", &format!("/v1/incidents/{incident}"), &json!({ "asset_ids": ["nobody"], "risk_ids": ["nobody"] }));
    assert_eq!(refused.fields(), ["asset_ids", "risk_ids"], "an incident's links too");
    bed.send("PUT", &format!("/v1/risks/{risk}"), &json!({ "asset_ids": [] })).expect(200, "unlinked");
    assert_eq!(bed.get(&format!("/v1/risks?asset_id={gateway}")).json()["total"], 0, "no longer found");
}

#[test]
fn what_goes_with_a_deleted_asset_comes_back_with_one_undo() {
    let bed = Bed::new(false);
    let gateway = asset(&bed, &json!({ "name": "Gateway", "tags": ["dmz"] }));
    let part = asset(&bed, &json!({ "name": "Blade", "parent_id": gateway }));
    let other = asset(&bed, &json!({ "name": "Other" }));
    let weak = id(&vulnerability(&bed, &gateway, &json!({ "title": "Header smuggling", "cvss": 9.1, "epss": 0.42 })));
    let risk = bed.risk(&json!({ "name": "Mix-up", "asset_ids": [gateway, other] }));
    let incident = bed.send("POST", "/v1/incidents", &json!({ "title": "Mix-up", "severity": "high", "asset_ids": [gateway] }));
    let incident = id(&incident.expect(201, "made"));
    let paths = [
        format!("/v1/assets/{gateway}"),
        format!("/v1/assets/{part}"),
        format!("/v1/vulnerabilities/{weak}"),
        format!("/v1/risks/{risk}"),
        format!("/v1/incidents/{incident}"),
    ];
    let state = || {
        paths.each_ref().map(|path| {
            let answer = bed.get(path);
            let mut record = if answer.status == 404 { json!(null) } else { answer.json() };
            record.as_object_mut().map(|fields| fields.remove("updated_at"));
            record
        })
    };
    let before = state();
    bed.ask(At::Window, "DELETE", &paths[0], &[], None).expect(204, "deleted");
    assert_eq!(bed.get("/v1/undo").json()["undo"]["name"], "Gateway", "undo names the asset");
    assert_eq!((bed.get(&paths[0]).status, bed.get(&paths[2]).status), (404, 404), "its vulnerabilities go with it");
    assert_eq!(bed.get(&paths[1]).json()["parent_id"], json!(null), "its parts stand alone");
    assert_eq!(bed.get(&paths[3]).json()["asset_ids"], json!([other]), "risks no longer name it");
    assert_eq!(bed.get(&paths[4]).json()["asset_ids"], json!([]), "nor do incidents");
    let after = state();
    for round in 0..2 {
        bed.send("POST", "/v1/undo", &json!({})).expect(200, "one undo");
        assert_eq!(state(), before, "{round}: brings back the whole");
        assert_eq!(ids(&bed.all(&format!("/v1/risks?asset_id={gateway}"))), std::slice::from_ref(&risk), "{round}: links are found again");
        assert_eq!(ids(&bed.all("/v1/assets?tag=dmz")), std::slice::from_ref(&gateway), "{round}: and tags");
        bed.send("POST", "/v1/redo", &json!({})).expect(200, "redo");
        assert_eq!(state(), after, "{round}: and takes it away again");
    }
    assert!(bed.engine.workspace().expect("open").verify().expect("verified").sound, "the file is sound after all this");
}

#[test]
fn an_assets_making_is_not_taken_back_while_others_build_on_it() {
    let bed = Bed::new(false);
    let gateway = asset(&bed, &json!({ "name": "Gateway" }));
    let body = Some(json!({ "title": "Weak", "severity": "low" }).to_string());
    let path = format!("/v1/assets/{gateway}/vulnerabilities");
    bed.ask(At::Port(&bed.analyst), "POST", &path, &[], body).expect(201, "somebody adds a vulnerability");
    assert_eq!(bed.send("POST", "/v1/undo", &json!({})).status, 412, "the asset stays");
    assert_eq!(bed.get(&path).json()["total"], 1, "with what they added");
}

#[test]
fn a_vulnerability_takes_its_severity_from_the_band_of_its_score() {
    let bed = Bed::new(false);
    let gateway = asset(&bed, &json!({ "name": "Gateway" }));
    for (cvss, severity) in [(0.0, "none"), (3.9, "low"), (4.0, "medium"), (7.0, "high"), (9.0, "critical")] {
        let made = vulnerability(&bed, &gateway, &json!({ "title": "Weak", "cvss": cvss }));
        assert_eq!((&made["severity"], &made["status"], &made["kev"]), (&json!(severity), &json!("open"), &json!(false)), "{cvss}");
        assert_eq!(made["asset_id"], json!(gateway), "of this asset");
    }
    let said = vulnerability(
        &bed,
        &gateway,
        &json!({ "title": "Weak", "cvss": 9.8, "severity": "low", "cve": "cve-2026-28810", "epss": 0.123456 }),
    );
    assert_eq!((&said["severity"], &said["cve"], &said["epss"]), (&json!("low"), &json!("CVE-2026-28810"), &json!(0.12346)), "as said");
    let path = format!("/v1/vulnerabilities/{}", id(&said));
    assert_eq!(bed.send("PUT", &path, &json!({ "cvss": 5.0 })).json()["severity"], "medium", "a new score brings its band");
    assert_eq!(bed.send("PUT", &path, &json!({ "status": "fixed", "cvss": null })).json()["severity"], "medium", "none leaves it");
    for (body, fields) in [
        (json!({}), vec!["severity", "title"]),
        (json!({ "title": "a", "cvss": 11, "epss": 2, "cve": "31142" }), vec!["cve", "cvss", "epss"]),
        (json!({ "title": "a", "severity": "severe", "status": "closed", "kev": 1 }), vec!["kev", "severity", "status"]),
        (json!({ "title": "a", "severity": "low", "first_seen": "2026-02-02", "last_seen": "2026-02-01" }), vec!["last_seen"]),
    ] {
        let refused = bed.send("POST", &format!("/v1/assets/{gateway}/vulnerabilities"), &body);
        let mut told = refused.fields();
        told.sort();
        assert_eq!((refused.status, told), (400, fields.iter().map(|field| (*field).to_owned()).collect()), "{body}");
    }
    assert_eq!(bed.send("POST", "/v1/assets/nobody/vulnerabilities", &json!({})).status, 404, "of an asset that is there");
    assert_eq!(bed.get("/v1/assets/nobody/vulnerabilities").status, 404, "to read too");
    bed.ask(At::Window, "DELETE", &path, &[], None).expect(204, "deleted");
    bed.send("POST", "/v1/undo", &json!({})).expect(200, "and back");
    assert_eq!(bed.get(&path).json()["cve"], "CVE-2026-28810", "whole");
    assert_eq!(bed.get("/v1/vulnerabilities?q=cve-2026-28810").json()["data"].as_array().map(Vec::len), Some(1), "and found by its CVE");
}

#[test]
fn every_filter_of_an_assets_vulnerabilities_gives_what_a_tally_gives() {
    let bed = Bed::sample();
    let all = bed.all("/v1/vulnerabilities");
    assert!(all.len() >= 100, "the sample's vulnerabilities: {}", all.len());
    let mut by_asset: Vec<String> = all.iter().map(|one| one["asset_id"].as_str().expect("an asset").to_owned()).collect();
    by_asset.sort();
    by_asset.dedup();
    for asset in &by_asset {
        let path = format!("/v1/assets/{asset}/vulnerabilities");
        let own: Vec<&Value> = all.iter().filter(|one| one["asset_id"] == *asset).collect();
        assert_eq!(bed.get(&format!("{path}?limit=1")).json()["total"], own.len(), "{asset}: all of its own");
        for (field, values) in [
            ("severity", ["critical", "high", "medium", "low", "none"].as_slice()),
            ("status", ["open", "in_triage", "exploitable", "not_affected", "fixed", "accepted", "false_positive"].as_slice()),
            ("kev", ["true", "false"].as_slice()),
        ] {
            for value in values {
                let expected = own.iter().filter(|one| one[field].to_string().trim_matches('"') == *value).count();
                let answer = bed.get(&format!("{path}?{field}={value}")).expect(200, field);
                assert_eq!(
                    (&answer["total"], answer["data"].as_array().map(Vec::len)),
                    (&json!(expected), Some(expected.min(50))),
                    "{field} {value}"
                );
            }
        }
    }
    for sort in ["created_at", "updated_at", "title", "cve", "severity", "cvss", "epss", "status", "first_seen", "last_seen", "due_date"] {
        let (up, mut down) =
            (ids(&bed.all(&format!("/v1/vulnerabilities?sort={sort}"))), ids(&bed.all(&format!("/v1/vulnerabilities?sort=-{sort}"))));
        down.reverse();
        assert_eq!((up.len(), &up), (all.len(), &down), "{sort}: each direction is the other reversed");
    }
    let open = all.iter().filter(|one| ["open", "in_triage", "exploitable"].contains(&one["status"].as_str().expect("a status"))).count();
    assert_eq!(bed.get("/v1/summary").json()["vulnerabilities_open"], open, "the sidebar counts the open ones");
    let asked = by_asset.iter().take(20).cloned().collect::<Vec<_>>();
    let standing = bed.get(&format!("/v1/assets/standing?ids={}", asked.join(","))).expect(200, "standing");
    for (asset, one) in asked.iter().zip(standing["data"].as_array().expect("a list")) {
        assert_eq!(one["asset_id"], json!(asset), "in the order asked");
        for severity in ["critical", "high", "medium", "low", "none"] {
            let total = bed.get(&format!("/v1/assets/{asset}/vulnerabilities?severity={severity}&open=true")).json()["total"].clone();
            assert_eq!(one["vulnerabilities"][severity], total, "{asset}: open ones, {severity}");
        }
        let worst = bed.all(&format!("/v1/risks?asset_id={asset}")).iter().filter_map(|risk| risk["score"].as_u64()).max();
        assert_eq!(one["highest_risk"]["score"].as_u64(), worst, "{asset}: the highest score of its risks");
    }
    for ids in ["", &["x"; 201].join(",")] {
        assert_eq!(bed.get(&format!("/v1/assets/standing?ids={ids}")).fields(), ["ids"], "1 to 200 of them");
    }
}

#[test]
fn the_palette_finds_vulnerabilities_and_assessments() {
    let bed = Bed::new(true);
    let hit = |kind: &str, q: &str| {
        let found = bed.get(&format!("/v1/search?q={q}&limit=50")).expect(200, q);
        found["data"].as_array().and_then(|hits| hits.iter().find(|hit| hit["kind"] == kind)).cloned().unwrap_or_default()
    };
    let asset = bed.send("POST", "/v1/assets", &json!({ "name": "Ledger" })).expect(201, "made");
    let place = format!("/v1/assets/{}/vulnerabilities", asset["id"].as_str().expect("an id"));
    let body = json!({ "title": "Quibble overflow", "cve": "CVE-2026-40404", "severity": "high" });
    let made = bed.send("POST", &place, &body).expect(201, "made");
    for q in ["quibble", "CVE-2026-40404"] {
        let found = hit("vulnerability", q);
        assert_eq!((&found["id"], &found["asset_id"], &found["severity"]), (&made["id"], &asset["id"], &json!("high")), "{q}");
        assert_eq!(
            (&found["part_of"], &found["cve"]),
            (&json!(format!("{} Ledger", asset["ref"].as_str().expect("a ref"))), &made["cve"]),
            "{q}: one title may be on many assets"
        );
    }
    let body = json!({ "framework_id": "iso-27001", "name": "Zymurgy review", "scope": "full", "due_date": "2031-05-04" });
    let made = bed.send("POST", "/v1/assessments", &body).expect(201, "made");
    let found = hit("assessment", "zymurgy");
    assert_eq!((&found["id"], &found["title"], &found["status"]), (&made["id"], &made["name"], &json!("planned")));
    let framework = bed.get("/v1/frameworks/iso-27001").expect(200, "its framework");
    assert_eq!((&found["part_of"], &found["due_date"]), (&framework["name"], &made["due_date"]));
    let control = hit("control", "supplier");
    assert_eq!(control["part_of"], framework["name"], "frameworks have controls of one title");
}

#[test]
fn the_palette_finds_assets_by_words_and_by_number() {
    let bed = Bed::new(false);
    let one = bed.send("POST", "/v1/assets", &json!({ "name": "Vault broker", "description": "Grants expire" })).expect(201, "made");
    for q in ["vault", "grants", "AS-0001", "%231"] {
        let found = bed.get(&format!("/v1/search?q={q}")).expect(200, q);
        let hit = found["data"].as_array().and_then(|hits| hits.iter().find(|hit| hit["kind"] == "asset")).cloned().unwrap_or_default();
        assert_eq!((&hit["id"], &hit["ref"], &hit["title"]), (&one["id"], &one["ref"], &one["name"]), "{q}");
    }
}
