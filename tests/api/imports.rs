//! A framework from a file, as a browser sends it: checked, looked at, applied, taken back.

use super::{Answer, At, Bed};
use serde_json::{Value, json};

fn catalog() -> Value {
    json!({ "catalog": {
        "uuid": "1f3a1d3c-5a0e-4c5e-9d2b-0d6f6f1c7a10",
        "metadata": { "title": "Small catalog", "last-modified": "2026-01-01T00:00:00Z", "version": "1", "oscal-version": "1.1.2" },
        "groups": [{ "id": "a", "title": "Access", "controls": [
            { "id": "a-1", "title": "First", "controls": [{ "id": "a-1.1", "title": "Enhanced" }] },
            { "id": "a-2", "title": "Second" }
        ] }]
    }})
}

fn upload(bed: &Bed, at: At<'_>, name: &str, content: &str) -> Answer {
    let body = format!(
        "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: application/octet-stream\r\n\r\n{content}\r\n--edge--\r\n"
    );
    bed.ask(at, "POST", "/v1/imports", &[("content-type", "multipart/form-data; boundary=edge")], Some(body))
}

fn verify_head(bed: &Bed) -> String {
    bed.engine.workspace().expect("open").verify().expect("verified").head
}

#[test]
fn an_upload_is_checked_first_then_applied_once_and_taken_back_whole() {
    let bed = Bed::new(false);
    let analyst = At::Port(&bed.analyst);
    let head = verify_head(&bed);
    let import = upload(&bed, analyst, "small.json", &catalog().to_string()).expect(201, "sent");
    assert_eq!(
        (&import["state"], &import["format"], &import["verdict"]),
        (&json!("checked"), &json!("oscal_catalog"), &json!("new")),
        "{import}"
    );
    assert_eq!(import["counts"]["create"], 4, "a group, two controls, one enhancement: {import}");
    assert_eq!(import["framework"]["control_count"], 3, "groups are not counted: {import}");
    assert_eq!((verify_head(&bed), &bed.get("/v1/frameworks").json()["total"]), (head, &json!(0)), "nothing is saved yet");
    let path = format!("/v1/imports/{}", import["id"].as_str().expect("an id"));
    let rows = bed.get(&format!("{path}/rows?fate=create")).expect(200, "rows");
    assert_eq!((rows["data"].as_array().map(Vec::len), &rows["total"]), (Some(4), &json!(4)), "{rows}");
    let applied = bed.ask(analyst, "POST", &format!("{path}/apply"), &[], Some("{}".into())).expect(200, "applied");
    assert_eq!(applied["state"], "applied", "{applied}");
    let id = bed.get("/v1/frameworks").json()["data"][0]["id"].as_str().expect("it is listed").to_owned();
    let controls = || bed.all(&format!("/v1/frameworks/{id}/controls"));
    let tree: Vec<_> =
        controls().iter().map(|control| (control["source_id"].clone(), control["depth"].clone(), control["assessable"].clone())).collect();
    let row = |source: &str, depth: u8, assessable: bool| (json!(source), json!(depth), json!(assessable));
    let first = tree[0].1.as_u64().and_then(|depth| u8::try_from(depth).ok()).expect("a depth");
    let expected = [row("a", first, false), row("a-1", first + 1, true), row("a-1.1", first + 2, true), row("a-2", first + 1, true)];
    assert_eq!(tree, expected, "the tree in the publisher's order");
    let again = upload(&bed, analyst, "small.json", &catalog().to_string()).expect(201, "sent again");
    assert_eq!((&again["verdict"], &again["counts"]["create"]), (&json!("unchanged"), &json!(0)), "{again}");
    let mut changed = catalog();
    changed["catalog"]["groups"][0]["controls"][1]["title"] = json!("Another title");
    let update = upload(&bed, analyst, "small.json", &changed.to_string()).expect(201, "other content of the same identity");
    assert_eq!((&update["verdict"], &update["counts"]["change"]), (&json!("update"), &json!(1)), "its difference is shown: {update}");
    let refused = bed.ask(analyst, "POST", &format!("/v1/imports/{}/apply", update["id"].as_str().expect("an id")), &[], Some("{}".into()));
    assert_eq!(refused.status, 400, "and not applied: {:?}", refused.json());
    bed.ask(analyst, "POST", "/v1/undo", &[], Some("{}".into())).expect(200, "the import is one step");
    assert_eq!(
        (bed.get("/v1/frameworks").json()["total"].clone(), bed.get(&format!("/v1/frameworks/{id}")).status),
        (json!(0), 404),
        "gone whole"
    );
    bed.ask(analyst, "POST", "/v1/redo", &[], Some("{}".into())).expect(200, "made again");
    assert_eq!(controls().len(), 4, "with every control");
    assert!(bed.engine.workspace().expect("open").verify().expect("verified").sound, "and the file is sound");
}

#[test]
fn two_catalogs_that_number_alike_are_not_mixed() {
    let bed = Bed::new(false);
    let analyst = At::Port(&bed.analyst);
    for (uuid, title) in [("1f3a1d3c-5a0e-4c5e-9d2b-0d6f6f1c7a10", "One"), ("2f3a1d3c-5a0e-4c5e-9d2b-0d6f6f1c7a10", "Other")] {
        let mut catalog = catalog();
        catalog["catalog"]["uuid"] = json!(uuid);
        catalog["catalog"]["metadata"]["title"] = json!(title);
        catalog["catalog"]["groups"][0]["controls"][1]["links"] = json!([{ "href": "#a-1", "rel": "related" }]);
        let import = upload(&bed, analyst, "catalog.json", &catalog.to_string()).expect(201, "sent");
        let path = format!("/v1/imports/{}/apply", import["id"].as_str().expect("an id"));
        bed.ask(analyst, "POST", &path, &[], Some("{}".into())).expect(200, "applied");
    }
    for framework in ["one", "other"] {
        let second = bed.all(&format!("/v1/frameworks/{framework}/controls?q=Second"))[0]["id"].clone();
        let control = bed.get(&format!("/v1/controls/{}", second.as_str().expect("an id"))).expect(200, "read");
        let related: Vec<_> = control["related"].as_array().expect("a list").iter().map(|one| &one["framework_id"]).collect();
        assert_eq!(related, [&json!(framework)], "the link stays in its own catalog: {control}");
    }
}

#[test]
fn a_withdrawn_control_names_where_it_went() {
    let bed = Bed::new(false);
    let mut catalog = catalog();
    catalog["catalog"]["groups"][0]["controls"][0]["parts"] = json!([{ "id": "a-1_smt", "name": "statement", "parts": [
        { "id": "a-1_smt.k", "name": "item", "props": [{ "name": "label", "value": "k." }], "prose": "Review." }
    ] }]);
    catalog["catalog"]["groups"][0]["controls"][1] = json!({ "id": "a-2", "title": "Gone", "props": [{ "name": "status", "value": "withdrawn" }],
        "links": [{ "href": "#a-1_smt.k", "rel": "incorporated-into" }, { "href": "#a-1.1", "rel": "moved-to" }, { "href": "#z-9", "rel": "moved-to" }] });
    let import = upload(&bed, At::Port(&bed.analyst), "catalog.json", &catalog.to_string()).expect(201, "sent");
    let path = format!("/v1/imports/{}/apply", import["id"].as_str().expect("an id"));
    bed.ask(At::Port(&bed.analyst), "POST", &path, &[], Some("{}".into())).expect(200, "applied");
    let controls = bed.all("/v1/frameworks/small-catalog/controls");
    let of = |source: &str| controls.iter().find(|control| control["source_id"] == source).cloned().unwrap_or_default();
    let one = |source: &str| bed.get(&format!("/v1/controls/{}", of(source)["id"].as_str().expect("an id"))).expect(200, source);
    let went = json!([
        { "relation": "incorporated_into", "ref": "a-1k", "id": of("a-1")["id"], "title": "First" },
        { "relation": "moved_to", "ref": "a-1.1", "id": of("a-1.1")["id"], "title": "Enhanced" },
        { "relation": "moved_to", "ref": "z-9", "id": null, "title": null }
    ]);
    assert_eq!(one("a-2")["successors"], went, "a part leads to its control, what is not here is named");
    assert_eq!(one("a-1")["successors"], json!([]), "one that stands went nowhere");
}

#[test]
fn what_is_no_framework_is_refused_in_a_sentence_and_cannot_be_applied() {
    let bed = Bed::new(false);
    let whole = catalog().to_string();
    for (name, content) in [
        ("cut.json", &whole[..whole.len() / 2]),
        ("empty.json", ""),
        ("words.txt", "just words"),
        ("page.json", "<!doctype html>"),
        ("object.json", "{}"),
    ] {
        let import = upload(&bed, At::Port(&bed.analyst), name, content).expect(201, name);
        assert_eq!(import["state"], "refused", "{name}: {import}");
        assert!(import["message"].as_str().is_some_and(|message| message.ends_with('.')), "{name}: why, in a sentence: {import}");
        let apply = bed.send("POST", &format!("/v1/imports/{}/apply", import["id"].as_str().expect("an id")), &json!({}));
        assert_eq!(apply.status, 400, "{name} cannot be applied");
    }
    assert_eq!(
        bed.send("POST", "/v1/imports", &json!({ "path": "/nowhere/at/all.json" })).status,
        400,
        "the window may name a path, which must exist"
    );
    let by_port = bed.ask(At::Port(&bed.admin), "POST", "/v1/imports", &[], Some(json!({ "path": "/nowhere/at/all.json" }).to_string()));
    assert_eq!(by_port.status, 415, "nobody at the port may name one: {:?}", by_port.json());
    assert_eq!(bed.get("/v1/frameworks").json()["total"], 0, "nothing came of any of it");
}

#[test]
fn controls_are_listed_in_the_publishers_order_and_filtered_as_a_tally_says() {
    let bed = Bed::sample();
    for framework in bed.all("/v1/frameworks") {
        let path = format!("/v1/frameworks/{}/controls", framework["id"].as_str().expect("an id"));
        let all = bed.all(&path);
        let positions: Vec<i64> = all.iter().map(|control| control["position"].as_i64().expect("a number")).collect();
        assert!(positions.is_sorted_by(|a, b| a < b), "{path}: in tree order");
        let count = |fits: &dyn Fn(&Value) -> bool| all.iter().filter(|control| fits(control)).count();
        for flag in ["assessable", "withdrawn"] {
            for value in [true, false] {
                assert_eq!(
                    bed.all(&format!("{path}?{flag}={value}")).len(),
                    count(&|control| control[flag] == value),
                    "{path} {flag}={value}"
                );
            }
        }
        assert_eq!(bed.all(&format!("{path}?parent_id=none")).len(), count(&|control| control["parent_id"].is_null()), "{path}: the roots");
        let root = all[0]["id"].as_str().expect("an id");
        let children = bed.all(&format!("{path}?parent_id={root}"));
        assert_eq!(
            (children.len(), &json!(children.len())),
            (count(&|control| control["parent_id"] == root), &all[0]["child_count"]),
            "{path}: its children"
        );
        for control in all.iter().step_by(17) {
            let one = bed.get(&format!("/v1/controls/{}", control["id"].as_str().expect("an id"))).expect(200, "a control");
            assert_eq!(one["title"], control["title"], "the same as in the list");
            let depth = one["path"].as_array().map_or(0, Vec::len);
            assert_eq!(depth == 0, control["parent_id"].is_null(), "its ancestors are named");
        }
    }
}
