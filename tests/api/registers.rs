//! The register as a file: exported, imported anew, looked at, applied, taken back; and what is wrong with it named.

use super::{Answer, At, Bed};
use serde_json::{Value, json};

fn export(bed: &Bed, query: &str) -> Vec<u8> {
    let answer = bed.ask(At::Window, "GET", &format!("/v1/risks/export{query}"), &[], None);
    assert_eq!(answer.status, 200, "{query}: {}", String::from_utf8_lossy(&answer.bytes));
    answer.bytes
}

fn send(bed: &Bed, name: &str, content: &[u8]) -> Answer {
    let mut body = format!(
        "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: application/octet-stream\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(content);
    body.extend_from_slice(b"\r\n--edge--\r\n");
    let kind = [("content-type", "multipart/form-data; boundary=edge")];
    bed.ask_bytes(At::Port(&bed.analyst), "POST", "/v1/imports", &kind, Some(body))
}

/// Sends a file and waits until it is read.
pub(super) fn read(bed: &Bed, name: &str, content: &[u8]) -> Value {
    let mut import = send(bed, name, content).expect(201, name);
    for _ in 0..600 {
        if import["state"] != "reading" {
            return import;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
        import = bed.get(&path(&import)).expect(200, "how far it is");
    }
    panic!("{name} is never read: {import}");
}

fn path(import: &Value) -> String {
    format!("/v1/imports/{}", import["id"].as_str().expect("an id"))
}

pub(super) fn apply(bed: &Bed, import: &Value, wishes: &Value) -> Answer {
    bed.ask(At::Port(&bed.analyst), "POST", &format!("{}/apply", path(import)), &[], Some(wishes.to_string()))
}

fn counts(import: &Value) -> [u64; 4] {
    ["create", "change", "unchanged", "error"].map(|fate| import["counts"][fate].as_u64().expect("a number"))
}

/// Actions that come, rows with acceptances and rows with documents that do not.
fn left(import: &Value) -> [u64; 3] {
    ["actions", "acceptances_left", "documents_left"].map(|what| import["register"][what].as_u64().expect("a number"))
}

fn rows(bed: &Bed, import: &Value, fate: &str) -> Vec<Value> {
    bed.all(&format!("{}/rows?fate={fate}", path(import)))
}

/// The register as JSON, without what every workspace gives its risks anew.
fn content(bed: &Bed) -> Vec<Value> {
    let whole: Value = serde_json::from_slice(&export(bed, "?format=json")).expect("JSON");
    let mut risks = whole["risks"].as_array().expect("a list").clone();
    for risk in &mut risks {
        for field in ["created_at", "updated_at"] {
            risk.as_object_mut().expect("an object").remove(field);
        }
    }
    risks
}

fn risk(bed: &Bed, body: &Value) -> Value {
    bed.send("POST", "/v1/risks", body).expect(201, "a risk")
}

/// A workspace with a framework, two assets and some risks that say everything.
fn filled() -> Bed {
    let bed = Bed::new(false);
    furnish(&bed);
    let asset = |name: &str| bed.all("/v1/assets").iter().find(|asset| asset["name"] == name).expect("it is there")["id"].clone();
    let control = bed.all("/v1/frameworks/small-catalog/controls?assessable=true")[0]["id"].clone();
    let one = risk(
        &bed,
        &json!({ "name": "=HYPERLINK(\"http://x\")", "description": "two\nlines; and, more", "category": "Cyber", "owner": "Mara Lindt", "treatment": "mitigate",
            "likelihood": 4, "impact": 5, "inherent": { "likelihood": 5, "impact": 5 }, "target": { "likelihood": 1, "impact": 2 }, "rationale": "-1 was too low",
            "tags": ["a;b", "éclair", "\"q\""], "review_date": "2027-04-03", "asset_ids": [asset("Ledger"), asset("=Vault")], "control_ids": [control], "reason": "Found in the workshop",
            "inherent_rationale": "=cmd|' /C calc'!A0", "residual_rationale": "Once | all is done", "target_rationale": "@board" }),
    );
    let id = one["id"].as_str().expect("an id");
    bed.send("PUT", &format!("/v1/risks/{id}"), &json!({ "likelihood": 3, "reason": "The board's view | 2026\nsecond line" }))
        .expect(200, "moved");
    for number in 2..=40 {
        let assessed =
            json!({ "name": format!("Risk {number}"), "likelihood": 1 + number % 5, "impact": 1 + number % 4, "status": "monitored" });
        let other = json!({ "name": "Same name" });
        risk(&bed, if number % 3 == 0 { &assessed } else { &other });
    }
    bed
}

/// As [`filled`], with plans: of a risk that was moved by hand, of one that follows its plan, of one that is not assessed.
fn planned() -> Bed {
    let bed = filled();
    let first = bed.all("/v1/risks?sort=ref").swap_remove(0);
    let (by_hand, control) = (first["id"].as_str().expect("an id"), &first["control_ids"][0]);
    let add = |id: &str, body: Value| bed.send("POST", &format!("/v1/risks/{id}/actions"), &body).expect(201, "an action");
    add(
        by_hand,
        json!({ "title": "-Segment | the network", "description": "=1+1\nthen \\ the rest", "owner": "+Mara", "due_date": "2027-03-04", "status": "done",
            "lowers_likelihood": 1, "lowers_impact": 6, "control_id": control }),
    );
    add(by_hand, json!({ "title": "@Train", "status": "in_progress", "progress": 40 }));
    add(by_hand, json!({ "title": "@Train", "status": "cancelled", "progress": 100, "due_date": "2026-01-01" }));
    bed.send("PUT", &format!("/v1/risks/{by_hand}"), &json!({ "impact": 4, "baseline": { "likelihood": 5, "impact": 2 } }))
        .expect(200, "moved by hand");
    let follows = risk(&bed, &json!({ "name": "Follows", "likelihood": 4, "impact": 4 }));
    let id = follows["id"].as_str().expect("an id");
    add(id, json!({ "title": "First", "lowers_likelihood": 1, "status": "done" }));
    add(id, json!({ "title": "Second", "lowers_likelihood": 1, "lowers_impact": 2 }));
    let open = risk(&bed, &json!({ "name": "Not assessed" }));
    add(open["id"].as_str().expect("an id"), json!({ "title": "Look at it" }));
    let document = super::audits::evidence(&bed);
    bed.send("PUT", &format!("/v1/risks/{id}"), &json!({ "document_ids": [document], "target": { "likelihood": 1, "impact": 1 } }))
        .expect(200, "linked");
    super::acceptances::accepted(&bed, id);
    bed
}

/// What risks link to.
fn furnish(bed: &Bed) {
    let catalog = json!({ "catalog": {
        "uuid": "1f3a1d3c-5a0e-4c5e-9d2b-0d6f6f1c7a10",
        "metadata": { "title": "Small catalog", "last-modified": "2026-01-01T00:00:00Z", "version": "1", "oscal-version": "1.1.2" },
        "controls": [{ "id": "a-1", "title": "First" }, { "id": "a-2", "title": "Second" }]
    }});
    let import = read(bed, "catalog.json", catalog.to_string().as_bytes());
    apply(bed, &import, &json!({})).expect(200, "a framework");
    for name in ["=Vault", "Ledger"] {
        bed.send("POST", "/v1/assets", &json!({ "name": name })).expect(201, "an asset");
    }
}

#[test]
fn a_register_goes_to_another_workspace_whole_in_either_language_and_every_format() {
    let home = planned();
    for format in ["xlsx", "csv", "json"] {
        for language in ["en", "fr"] {
            let what = format!("{format} in {language}");
            let query = format!("?format={format}&language={language}");
            let file = export(&home, &query);
            assert_eq!(file, export(&home, &query), "{what}: the same register gives the same bytes");
            let again = read(&home, &format!("again.{format}"), &file);
            assert_eq!(
                (counts(&again), &again["verdict"]),
                ([0, 0, 42, 0], &json!("unchanged")),
                "{what}: at home it changes nothing: {again}"
            );
            assert_eq!(left(&again), [0, 0, 0], "{what}: and leaves nothing of it out: {again}");

            let away = Bed::new(false);
            // Assets in another order, so that a reference alone would name the wrong one.
            away.send("POST", "/v1/assets", &json!({ "name": "Something else" })).expect(201, "an asset");
            furnish(&away);
            let import = read(&away, &format!("risks.{format}"), &file);
            assert_eq!(
                (&import["format"], counts(&import)),
                (&json!(format), [42, 0, 0, 0]),
                "{what}: {import} {:?}",
                rows(&away, &import, "error")
            );
            assert_eq!(import["register"]["notes"], 2, "{what}: {import}");
            let applied = apply(&away, &import, &json!({})).expect(200, "applied");
            assert_eq!(applied["state"], "applied", "{applied}");
            assert_eq!(left(&import), [6, 1, 1], "{what}: actions come; a decision and a file do not, and that is said: {import}");
            let (mut was, mut is) = (content(&home), content(&away));
            for risk in &mut was {
                (risk["acceptance"], risk["documents"]) = (Value::Null, json!([]));
            }
            // The assets have other references there.
            for risks in [&mut was, &mut is] {
                for asset in risks.iter_mut().filter_map(|risk| risk["assets"].as_array_mut()).flatten() {
                    *asset = json!(asset.as_str().and_then(|name| name.split_once(' ')).expect("reference and name").1);
                }
            }
            assert_eq!(was, is, "{what}: plans, links and history notes included");
            let third = read(&away, &format!("again.{format}"), &export(&away, &query));
            assert_eq!(counts(&third), [0, 0, 42, 0], "{what}: and back");
            let report = away.engine.workspace().expect("open").verify().expect("verified");
            assert_eq!(report.problems, Vec::<String>::new(), "{what}");
        }
    }
}

#[test]
fn an_import_is_one_step_that_undo_takes_back_whole() {
    let bed = filled();
    let before = content(&bed);
    let total = |bed: &Bed| bed.get("/v1/risks").json()["total"].clone();
    let csv = "Reference,Name,Owner,Likelihood,Impact\nR-0003,Renamed,Ann,2,2\n,New one,Bob,,\nR-0004,Same name,,,\n";
    let import = read(&bed, "some.csv", csv.as_bytes());
    assert_eq!(counts(&import), [1, 1, 1, 0], "{import}");
    let change = &rows(&bed, &import, "change")[0];
    assert_eq!(change["fields"], json!(["name", "owner", "likelihood", "impact"]), "{change}");
    assert_eq!((&change["row"], &change["ref"]), (&json!(2), &json!("R-0003")), "{change}");
    apply(&bed, &import, &json!({})).expect(200, "applied");
    assert_eq!(total(&bed), 41);
    let made = &bed.all("/v1/risks?q=New+one")[0];
    assert_eq!((&made["ref"], &made["owner"], &made["status"]), (&json!("R-0041"), &json!("Bob"), &json!("identified")), "{made}");
    let steps = bed.ask(At::Port(&bed.analyst), "GET", "/v1/undo", &[], None).json();
    assert_eq!((&steps["undo"]["action"], &steps["undo"]["name"]), (&json!("imported"), &json!("some.csv")), "{steps}");
    bed.ask(At::Port(&bed.analyst), "POST", "/v1/undo", &[], Some("{}".into())).expect(200, "one step");
    assert_eq!((total(&bed), content(&bed)), (json!(40), before), "all of it");
    bed.ask(At::Port(&bed.analyst), "POST", "/v1/redo", &[], Some("{}".into())).expect(200, "again");
    assert_eq!(total(&bed), 41);
    let again = read(&bed, "some.csv", csv.as_bytes());
    assert_eq!(counts(&again), [1, 0, 2, 0], "without a reference a row is a new risk: {again}");
    assert!(bed.engine.workspace().expect("open").verify().expect("verified").sound);
}

#[test]
fn what_is_wrong_is_named_by_row_and_column_and_may_be_left_out() {
    let bed = filled();
    let csv = "Nom;Traitement;Vraisemblance;Impact;Niveau;Date de revue;Actifs;Budget\r\n\
        Bon;réduire;3;4;Critique;24/11/2026;Ledger;1\r\n\
        ;jeter;9;1;;03/04/2026;Nowhere;2\r\n\
        Seul;;3;;;;;3\r\n";
    let import = read(&bed, "registre.csv", csv.as_bytes());
    assert_eq!(counts(&import), [1, 0, 0, 2], "{import}");
    let register = &import["register"];
    assert_eq!((&register["encoding"], &register["separator"]), (&json!("UTF-8"), &json!(";")), "{register}");
    let columns: Vec<_> = register["columns"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|column| (column["field"].clone(), column["computed"].clone()))
        .collect();
    assert_eq!(columns[4], (json!("level"), json!(true)), "a level is no input");
    assert_eq!(columns[7], (Value::Null, json!(false)), "nor is what is not known");
    let errors = rows(&bed, &import, "error");
    let named: Vec<_> = errors[0]["problems"].as_array().expect("a list").iter().map(|problem| problem["column"].clone()).collect();
    assert_eq!((&errors[0]["row"], named), (&json!(3), vec![json!("A"), json!("B"), json!("C"), json!("F"), json!("G")]), "{errors:?}");
    assert!(
        errors[0]["message"].as_str().is_some_and(|message| message.ends_with("the first: Column A, “Nom”: the cell is required.")),
        "{errors:?}"
    );
    assert_eq!(errors[1]["problems"][0]["column"], "D", "the half that is missing: {errors:?}");
    let french = bed.ask(At::Window, "GET", &format!("{}/rows?fate=error", path(&import)), &[("accept-language", "fr")], None).json();
    let said = french["data"][0]["problems"][3]["message"].as_str().expect("a clause").to_owned();
    assert!(said.contains("2026-04-03 ou le 2026-03-04"), "{said}");
    let refused = apply(&bed, &import, &json!({}));
    assert_eq!(refused.status, 400, "all or nothing, unless told otherwise: {:?}", refused.json());
    assert_eq!(bed.get("/v1/risks").json()["total"], 40, "nothing came of it");
    let done = apply(&bed, &import, &json!({ "leave_out_errors": true })).expect(200, "without them");
    assert_eq!((&done["state"], bed.get("/v1/risks").json()["total"].clone()), (&json!("applied"), json!(41)));
    let made = &bed.all("/v1/risks?q=Bon")[0];
    assert_eq!(
        (&made["treatment"], &made["level"], &made["review_date"]),
        (&json!("mitigate"), &json!("high"), &json!("2026-11-24")),
        "{made}"
    );
}

#[test]
fn columns_are_chosen_by_hand_and_remembered_with_the_order_of_dates() {
    let bed = filled();
    let csv = "Alpha,Beta,Gamma\nOne,03/04/2026,Nobody's vault\n";
    let import = read(&bed, "own.csv", csv.as_bytes());
    assert_eq!(counts(&import), [0, 0, 0, 1], "nothing is known: {import}");
    let choose = |body: Value| bed.ask(At::Port(&bed.analyst), "PUT", &path(&import), &[], Some(body.to_string()));
    let columns = json!([{ "column": 0, "field": "name" }, { "column": 1, "field": "review_date" }, { "column": 2, "field": "assets" }]);
    let chosen = choose(json!({ "columns": columns })).expect(200, "chosen");
    assert_eq!((counts(&chosen), &chosen["register"]["missing_links"]), ([0, 0, 0, 1], &json!(1)), "{chosen}");
    let chosen = choose(json!({ "dates": "month_first", "leave_out_links": true })).expect(200, "chosen");
    assert_eq!(counts(&chosen), [1, 0, 0, 0], "{chosen}");
    assert!(rows(&bed, &chosen, "create")[0]["message"].as_str().is_some_and(|left_out| left_out.contains("Nobody's vault")));
    for (wrong, field) in [
        (json!({ "sheet": "Other" }), "sheet"),
        (json!({ "columns": [{ "column": 9, "field": "name" }] }), "columns"),
        (json!({ "columns": [{ "column": 1, "field": "name" }] }), "columns"),
        (json!({ "columns": [{ "column": 1, "field": "colour" }] }), "columns"),
        (json!({ "dates": "year_first" }), "dates"),
        (json!({ "colour": 1 }), "colour"),
    ] {
        let answer = choose(wrong.clone());
        assert_eq!((answer.status, answer.fields()), (400, vec![field.to_owned()]), "{wrong}");
    }
    apply(&bed, &import, &json!({})).expect(200, "applied");
    assert_eq!(bed.all("/v1/risks?q=One")[0]["review_date"], "2026-03-04");
    let next = read(&bed, "next.csv", "alpha, BETA ,Gamma\nTwo,05/06/2026,\n".as_bytes());
    let register = &next["register"];
    assert_eq!((counts(&next), &register["remembered"], &register["dates"]), ([1, 0, 0, 0], &json!(true), &json!("month_first")), "{next}");
    assert_eq!(choose(json!({})).status, 400, "what is applied is not chosen for any more");
}

#[test]
fn an_import_tells_when_the_workspace_changed_since_it_was_checked() {
    let bed = filled();
    let csv = "Reference,Name\nR-0003,From the file\n";
    let import = read(&bed, "some.csv", csv.as_bytes());
    let id = bed.all("/v1/risks?sort=ref")[2]["id"].as_str().expect("an id").to_owned();
    bed.send("PUT", &format!("/v1/risks/{id}"), &json!({ "name": "By hand" })).expect(200, "changed meanwhile");
    let stale = apply(&bed, &import, &json!({}));
    assert_eq!(stale.status, 412, "{:?}", stale.json());
    assert_eq!(bed.get(&format!("/v1/risks/{id}")).json()["name"], "By hand", "no edit is lost");
    let again = bed.ask(At::Port(&bed.analyst), "PUT", &path(&import), &[], Some("{}".into())).expect(200, "checked anew");
    assert_eq!((&again["state"], counts(&again)), (&json!("checked"), [0, 1, 0, 0]), "{again}");
    apply(&bed, &again, &json!({})).expect(200, "applied");
    assert_eq!(bed.get(&format!("/v1/risks/{id}")).json()["name"], "From the file");
}

#[test]
fn a_risk_of_another_workspace_never_overwrites_one_of_the_same_reference() {
    let bed = filled();
    let foreign =
        "ID,Reference,Name\n0193aaaa-0000-7000-8000-000000000001,R-0003,Foreign\n0193aaaa-0000-7000-8000-000000000002,R-0900,Far\n";
    let import = read(&bed, "foreign.csv", foreign.as_bytes());
    assert_eq!(counts(&import), [2, 0, 0, 0], "{import}");
    let made = rows(&bed, &import, "create");
    assert!(
        made[0]["message"].as_str().is_some_and(|message| message.contains("R-0003")),
        "what becomes of its reference is said: {made:?}"
    );
    apply(&bed, &import, &json!({})).expect(200, "applied");
    let of = |id: &str| bed.get(&format!("/v1/risks/{id}")).expect(200, "by its id")["ref"].clone();
    assert_eq!(of("0193aaaa-0000-7000-8000-000000000002"), "R-0900", "a free reference stays");
    assert_eq!(of("0193aaaa-0000-7000-8000-000000000001"), "R-0901");
    assert_eq!(risk(&bed, &json!({ "name": "Next" }))["ref"], "R-0902");
    let twice = "ID,Name\n0193aaaa-0000-7000-8000-000000000003,A\n0193AAAA-0000-7000-8000-000000000003,B\nnot-an-id,C\n";
    let import = read(&bed, "twice.csv", twice.as_bytes());
    assert_eq!(import["register"]["columns"][0]["field"], Value::Null, "a column with what is no id is not taken for ids");
    let import = bed
        .ask(At::Port(&bed.analyst), "PUT", &path(&import), &[], Some(json!({ "columns": [{ "column": 0, "field": "id" }] }).to_string()))
        .expect(200, "chosen");
    let errors = rows(&bed, &import, "error");
    assert!(errors[0]["message"].as_str().is_some_and(|message| message.contains("row 2 again")), "{errors:?}");
    assert_eq!(errors.len(), 2, "{errors:?}");
}

#[test]
fn files_that_are_no_register_are_refused_in_a_sentence() {
    let bed = filled();
    let whole = export(&bed, "?format=xlsx");
    let csv = export(&bed, "?format=csv");
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("empty.csv", Vec::new()),
        ("empty.xlsx", Vec::new()),
        ("half.xlsx", whole[..whole.len() / 2].to_vec()),
        ("half.csv", csv[..csv.windows(6).position(|six| six == b"lines;").expect("within a quoted text")].to_vec()),
        ("heading.csv", b"Name,Owner\n".to_vec()),
        ("binary.csv", vec![0, 1, 2, 3, 255, 254]),
        ("odd.csv", b"Name,Owner\n\xe9\x81,b\n".to_vec()),
        ("risks.json", br#"{"risks":[]}"#.to_vec()),
        ("list.json", br#"{"risks":[1]}"#.to_vec()),
        ("many.csv", [&b"Name\n"[..], &b"a\n".repeat(200_000)].concat()),
    ];
    for (name, content) in cases {
        let import = read(&bed, name, &content);
        assert_eq!(import["state"], "refused", "{name}: {import}");
        assert!(import["message"].as_str().is_some_and(|message| message.ends_with('.')), "{name}: {import}");
        assert_eq!(apply(&bed, &import, &json!({})).status, 400, "{name}");
    }
    assert_eq!(bed.get("/v1/risks").json()["total"], 40);
}

#[test]
fn an_export_is_what_the_filters_leave_and_goes_where_the_window_says() {
    let bed = filled();
    let lines = |bytes: &[u8]| String::from_utf8_lossy(bytes).lines().count();
    assert_eq!(lines(&export(&bed, "?format=csv&status=monitored")), 1 + 13, "a filter");
    assert_eq!(lines(&export(&bed, "?format=csv&q=Same+name")), 1 + 26, "words");
    let found =
        bed.get("/v1/risks?check=no_owner").json()["total"].as_u64().and_then(|total| usize::try_from(total).ok()).expect("a total");
    assert!((1..40).contains(&found), "it tells some from others: {found}");
    assert_eq!(lines(&export(&bed, "?format=csv&check=no_owner")), 1 + found, "what a check finds");
    assert_eq!(bed.get("/v1/risks/export?check=colour").fields(), ["check"]);
    let answer = bed.ask(At::Port(&bed.viewer), "GET", "/v1/risks/export?format=csv", &[("accept-language", "fr")], None);
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8; header=present");
    assert_eq!(answer.header("content-disposition"), "attachment; filename=\"risques.csv\"");
    assert!(answer.bytes.starts_with("\u{feff}Référence;Nom;".as_bytes()), "in the language that the caller prefers");
    for cell in String::from_utf8_lossy(&answer.bytes).split([';', '\n']) {
        assert!(!cell.trim_start_matches('"').starts_with(['=', '+', '-', '@']), "{cell} would be run");
    }
    assert_eq!(bed.get("/v1/risks/export?format=pdf").status, 400);
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("out.csv");
    let body = json!({ "path": place });
    let saved = bed.send("POST", "/v1/risks/export?format=csv&status=monitored", &body);
    assert_eq!(saved.status, 204, "{:?}", saved.json());
    assert_eq!(lines(&std::fs::read(&place).expect("written")), 1 + 13);
    assert_eq!(bed.send("POST", "/v1/risks/export?format=csv&check=no_owner", &body).status, 204);
    assert_eq!(lines(&std::fs::read(&place).expect("written")), 1 + found);
    let outside = bed.ask(At::Port(&bed.admin), "POST", "/v1/risks/export?format=csv", &[], Some(body.to_string()));
    assert_eq!((outside.status, outside.fields()), (400, vec!["path".to_owned()]), "only the window may name a place");
    let refused = bed.send("POST", "/v1/risks/export", &json!({ "path": folder.path().join("no/such/folder.xlsx") }));
    assert_eq!(refused.status, 400, "{:?}", refused.json());
}
