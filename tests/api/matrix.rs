//! The risk matrix: what another one would make of the risks, putting it in force, taking it back.

use super::{At, Bed};
use serde_json::{Value, json};

/// What the register holds in each cell of a view, counted from the list itself: `[likelihood][impact]`, (0, 0) for nowhere.
fn tally(risks: &[Value], view: &str) -> std::collections::BTreeMap<(u64, u64), u64> {
    let mut tally = std::collections::BTreeMap::new();
    for risk in risks {
        let at = if view == "current" { risk } else { &risk[view] };
        let of = |field: &str| at[field].as_u64().unwrap_or(0);
        *tally.entry((of("likelihood"), of("impact"))).or_default() += 1;
    }
    tally
}

/// Every view of the heatmap must count what the register holds, and every level must be the grid's.
fn is_whole(bed: &Bed, rows: usize, columns: usize) {
    let risks = bed.all("/v1/risks");
    for view in ["current", "inherent", "residual", "target"] {
        let map = bed.get(&format!("/v1/risks/heatmap?view={view}")).expect(200, view);
        let tally = tally(&risks, view);
        let cells = map["cells"].as_array().expect("cells");
        assert_eq!(cells.len(), rows * columns, "{view}: every cell of {rows} × {columns}");
        for cell in cells {
            let place = (cell["likelihood"].as_u64().expect("a step"), cell["impact"].as_u64().expect("a step"));
            assert_eq!(cell["count"], *tally.get(&place).unwrap_or(&0), "{view}: {place:?}");
            assert_eq!(cell["level"], map["matrix"]["grid"][place.0 as usize - 1][place.1 as usize - 1], "{view}: {place:?}");
        }
        assert_eq!(map["unassessed"], *tally.get(&(0, 0)).unwrap_or(&0), "{view}: those nowhere");
        let counted: u64 = cells.iter().map(|cell| cell["count"].as_u64().expect("a count")).sum();
        assert_eq!(counted + map["unassessed"].as_u64().expect("a count"), tally.values().sum::<u64>(), "{view}: none is outside the grid");
        // The sorted and filtered columns follow as well.
        for label in map["matrix"]["levels"].as_array().expect("levels") {
            let level = label["level"].as_str().expect("a level");
            let listed = bed.get(&format!("/v1/risks?view={view}&level={level}&limit=1")).json()["total"].clone();
            assert_eq!(listed, map["totals"][level], "{view}: {level}");
        }
    }
    let report = bed.engine.workspace().expect("open").verify().expect("it can be checked");
    assert!(report.sound, "{:?}", report.problems);
}

fn preset(bed: &Bed, name: &str) -> Value {
    let presets = bed.get("/v1/matrix/presets").expect(200, "presets");
    let found = presets["data"].as_array().expect("presets").iter().find(|preset| preset["preset"] == name);
    found.expect("the preset is there")["matrix"].clone()
}

/// A matrix of seven steps each.
fn seven() -> Value {
    let step = |axis: &str, at: usize| json!({ "label": format!("{axis} {at}") });
    let level = |score: usize| match score {
        0..=5 => "very_low",
        6..=11 => "low",
        12..=19 => "medium",
        20..=30 => "high",
        _ => "critical",
    };
    let named = |level: &str| json!({ "level": level, "label": format!("Level {level}"), "colour": null });
    let levels: Vec<Value> = ["very_low", "low", "medium", "high", "critical"].iter().map(|level| named(level)).collect();
    json!({
        "likelihood": (1..=7).map(|at| step("L", at)).collect::<Vec<_>>(), "impact": (1..=7).map(|at| step("I", at)).collect::<Vec<_>>(),
        "likelihood_unit": "frequency", "currency": "CHF",
        "levels": levels,
        "grid": (1..=7).map(|l| (1..=7).map(|i| level(l * i)).collect::<Vec<_>>()).collect::<Vec<_>>(),
        "appetite": 18, "tolerance": 30,
    })
}

#[test]
fn the_standard_matrix_is_in_force_until_another_is() {
    let bed = Bed::new(false);
    let answer = bed.get("/v1/matrix");
    assert_eq!(answer.header("etag"), "\"0\"", "it was never changed");
    let body = answer.json();
    assert_eq!((&body["standard"], &body["remarks"]), (&true.into(), &json!([])));
    assert_eq!(body["matrix"], bed.get("/v1/risks/heatmap").json()["matrix"], "the heatmap's");
    assert_eq!(body["levels"].as_array().expect("levels").len(), 5);
    assert_eq!(bed.get("/v1/workspace").json()["levels"][4]["label"], "Critical", "the page knows what levels are called");
    let kept = bed.send("PUT", "/v1/matrix", &json!({ "matrix": body["matrix"] })).expect(200, "the same again");
    assert_eq!(kept["standard"], true);
    assert_eq!(bed.get("/v1/undo").json()["undo"], Value::Null, "is no change");
}

#[test]
fn a_change_is_foreseen_kept_and_taken_back_whole() {
    let bed = Bed::new(true);
    let trail = |bed: &Bed| bed.engine.workspace().expect("open").verify().expect("a report").trail_entries;
    for (matrix, rows, columns) in [(preset(&bed, "simple"), 3, 3), (seven(), 7, 7)] {
        let before: Vec<Value> = bed.all("/v1/risks");
        let foreseen = bed.send("POST", "/v1/matrix/preview", &json!({ "matrix": matrix })).expect(200, "foreseen");
        let entries = trail(&bed);
        assert_eq!(bed.all("/v1/risks"), before, "nothing is saved yet");
        let fates = foreseen["outcome"]["fates"].as_object().expect("fates");
        let told: u64 = fates.values().map(|count| count.as_u64().expect("a count")).sum();
        assert_eq!(told, before.len() as u64, "each risk has one fate: {fates:?}");
        // Each row of every page against what the mapping says.
        let (mut rows_seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let page =
                bed.send("POST", &format!("/v1/matrix/preview?limit=200{cursor}"), &json!({ "matrix": matrix })).expect(200, "a page");
            rows_seen.extend(page["data"].as_array().expect("rows").clone());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(rows_seen.len() as u64, told - fates["unchanged"].as_u64().expect("a count"), "every risk that changes is listed once");
        let kept = bed.send("PUT", "/v1/matrix", &json!({ "matrix": matrix, "reason": "A smaller house" })).expect(200, "kept");
        assert_eq!(kept["matrix"]["grid"].as_array().expect("rows").len(), rows);
        is_whole(&bed, rows, columns);
        for row in &rows_seen {
            let risk = bed.get(&format!("/v1/risks/{}", row["id"].as_str().expect("an id"))).json();
            // Without a view it is about where its plan begins.
            let at = if row["view"] == "current" { &risk } else { &risk[row["view"].as_str().unwrap_or("baseline")] };
            for field in ["likelihood", "impact", "level", "score"] {
                assert_eq!(row["after"][field], at[field], "{}: {field} is what was foreseen", row["ref"]);
            }
        }
        let above = bed.get("/v1/summary").json()["risks_above_appetite"].clone();
        assert_eq!(above, foreseen["outcome"]["after"]["above_appetite"], "the sidebar counts as foreseen");
        let changed = rows_seen.len() as i64;
        assert_eq!(trail(&bed) - entries, changed + 1, "each risk that changed and the matrix stand in the audit trail");
        let first = rows_seen.first().expect("some risk changes")["id"].as_str().expect("an id").to_owned();
        let history = bed.get(&format!("/v1/risks/{first}/history?limit=1")).json();
        assert_eq!(history["data"][0]["reason"], "A smaller house", "a risk's history says why");

        let step = bed.get("/v1/undo").json()["undo"].clone();
        assert_eq!((&step["kind"], &step["action"]), (&"matrix".into(), &"updated".into()), "one step");
        bed.send("POST", "/v1/undo", &json!({})).expect(200, "taken back");
        is_whole(&bed, 5, 5);
        let strip = |risks: &[Value]| -> Vec<Value> {
            let bare = |risk: &Value| {
                let mut risk = risk.clone();
                risk["updated_at"] = Value::Null;
                risk
            };
            risks.iter().map(bare).collect()
        };
        assert_eq!(strip(&bed.all("/v1/risks")), strip(&before), "every risk is as it was");
        if rows == 3 {
            bed.send("POST", "/v1/redo", &json!({})).expect(200, "made again");
            is_whole(&bed, rows, columns);
            bed.send("POST", "/v1/undo", &json!({})).expect(200, "and taken back once more");
        }
    }
}

#[test]
fn a_cell_painted_anew_changes_the_levels_of_its_risks_alone() {
    let bed = Bed::new(false);
    let (there, elsewhere) = (
        bed.risk(&json!({ "name": "There", "likelihood": 4, "impact": 4, "inherent": { "likelihood": 5, "impact": 5 } })),
        bed.risk(&json!({ "name": "Elsewhere", "likelihood": 3, "impact": 3 })),
    );
    let mut matrix = bed.get("/v1/matrix").json()["matrix"].clone();
    matrix["grid"][3][3] = json!("critical");
    matrix["levels"][4]["label"] = json!("Beyond bearing");
    let preview = bed.send("POST", "/v1/matrix/preview?fate=raised", &json!({ "matrix": matrix })).expect(200, "foreseen");
    assert_eq!(preview["data"].as_array().map(Vec::len), Some(1));
    assert_eq!((&preview["data"][0]["id"], &preview["data"][0]["after"]["level"]), (&there.as_str().into(), &"critical".into()));
    bed.send("PUT", "/v1/matrix", &json!({ "matrix": matrix })).expect(200, "kept");
    let risk = |id: &str| bed.get(&format!("/v1/risks/{id}")).json();
    assert_eq!((&risk(&there)["level"], &risk(&there)["score"]), (&"critical".into(), &16.into()));
    assert_eq!(
        bed.get(&format!("/v1/risks/{elsewhere}/history")).json()["data"].as_array().map(Vec::len),
        Some(1),
        "the other was not touched"
    );
    assert_eq!(bed.get("/v1/workspace").json()["levels"][4]["label"], "Beyond bearing");
    let made = bed.send("POST", "/v1/risks", &json!({ "name": "New", "likelihood": 4, "impact": 4 })).expect(201, "made");
    assert_eq!(made["level"], "critical", "new risks are judged by it at once");
    is_whole(&bed, 5, 5);
}

#[test]
fn risks_that_came_meanwhile_fit_the_matrix_that_undo_brings_back() {
    let bed = Bed::new(false);
    let old = bed.risk(&json!({ "name": "Old", "likelihood": 5, "impact": 5 }));
    bed.send("PUT", "/v1/matrix", &json!({ "matrix": seven() })).expect(200, "seven steps");
    let beyond = json!({ "name": "Beyond", "likelihood": 7, "impact": 6, "target": { "likelihood": 6, "impact": 1 } }).to_string();
    let made = bed.ask(At::Port(&bed.analyst), "POST", "/v1/risks", &[], Some(beyond)).expect(201, "by somebody else");
    let id = made["id"].as_str().expect("an id").to_owned();
    bed.send("POST", "/v1/undo", &json!({})).expect(200, "the matrix is taken back");
    is_whole(&bed, 5, 5);
    let risk = |id: &str| bed.get(&format!("/v1/risks/{id}")).json();
    assert_eq!(
        (&risk(&id)["likelihood"], &risk(&id)["impact"], &risk(&id)["level"]),
        (&5.into(), &5.into(), &"critical".into()),
        "the highest steps"
    );
    assert_eq!(risk(&id)["target"]["likelihood"], 5, "in every view");
    assert_eq!(risk(&old)["likelihood"], 5, "what was mapped is back");
    bed.send("DELETE", &format!("/v1/risks/{old}"), &json!({})).expect(204, "deleted");
    let admin = |method: &str, path: &str, body: Value| bed.ask(At::Port(&bed.admin), method, path, &[], Some(body.to_string()));
    admin("PUT", "/v1/matrix", json!({ "matrix": preset(&bed, "simple") })).expect(200, "three steps, by somebody else");
    bed.send("POST", "/v1/undo", &json!({})).expect(200, "the deletion is taken back");
    assert_eq!((&risk(&old)["likelihood"], &risk(&old)["level"]), (&3.into(), &"high".into()), "it fits the matrix that is there now");
    is_whole(&bed, 3, 3);
}

#[test]
fn a_stale_or_wrong_matrix_is_refused_with_every_field() {
    let bed = Bed::new(false);
    let matrix = bed.get("/v1/matrix").json()["matrix"].clone();
    let mut painted = matrix.clone();
    painted["grid"][0][0] = json!("low");
    let put = |etag: &str, matrix: &Value| {
        bed.ask(At::Window, "PUT", "/v1/matrix", &[("if-match", etag)], Some(json!({ "matrix": matrix }).to_string()))
    };
    put("\"0\"", &painted).expect(200, "the first");
    let stale = put("\"0\"", &matrix);
    assert_eq!((stale.status, stale.fields()), (412, vec!["matrix".to_owned()]), "somebody else was faster");
    let mut wrong = matrix.clone();
    wrong["likelihood"][1]["label"] = json!("");
    wrong["appetite"] = json!(90);
    wrong["grid"].as_array_mut().expect("rows").pop();
    let refused = bed.send("PUT", "/v1/matrix", &json!({ "matrix": wrong, "colour": 1 }));
    assert_eq!(
        (refused.status, refused.fields()),
        (400, vec!["colour".into(), "likelihood[1].label".into(), "grid".into(), "appetite".into(), "tolerance".into()])
    );
    let turned = bed.send(
        "POST",
        "/v1/matrix/preview",
        &json!({ "matrix": preset(&bed, "simple"), "mapping": { "likelihood": [3, 2, 1, 1, 1], "impact": [1, 1, 2, 3] } }),
    );
    assert_eq!(turned.fields(), ["mapping.likelihood", "mapping.impact"]);
    for body in [json!({}), json!({ "matrix": 7 }), json!({ "matrix": matrix, "mapping": 7 })] {
        assert_eq!(bed.send("PUT", "/v1/matrix", &body).status, 400, "{body}");
    }
    let beyond = bed.send("POST", "/v1/risks", &json!({ "name": "x", "likelihood": 6, "impact": 1 }));
    assert_eq!((beyond.status, beyond.fields()), (400, vec!["likelihood".to_owned()]), "steps are those of the matrix");
    put("*", &seven()).expect(200, "seven steps");
    bed.send("POST", "/v1/risks", &json!({ "name": "x", "likelihood": 7, "impact": 7 })).expect(201, "and those of the new one");
    bed.get("/v1/risks?likelihood=7&impact=7").expect(200, "in filters too");
}

const LIBRARY: &str = "urn: urn:amtia:risk:library:house\nlocale: en\nref_id: house\nname: House matrix\nversion: 1\nobjects:\n  risk_matrix:\n    - urn: urn:amtia:risk:matrix:house\n      ref_id: house\n      name: Our 4x5 matrix\n      description: As the board decided.\n      probability:\n        - {id: 0, abbreviation: U, name: Unlikely, description: Not in years}\n        - {id: 1, abbreviation: P, name: Possible}\n        - {id: 2, abbreviation: L, name: Likely}\n        - {id: 3, abbreviation: C, name: Certain}\n      impact:\n        - {id: 0, name: Minor}\n        - {id: 1, name: Moderate}\n        - {id: 2, name: Major}\n        - {id: 3, name: Grave}\n        - {id: 4, name: Ruin}\n      risk:\n        - {id: 0, name: Low, hexcolor: '#00FF00'}\n        - {id: 1, name: Medium, hexcolor: '#FFFF00'}\n        - {id: 2, name: High, hexcolor: '#FF0000'}\n      grid:\n        - [0, 0, 0, 1, 1]\n        - [0, 0, 1, 1, 2]\n        - [0, 1, 1, 2, 2]\n        - [1, 1, 2, 2, 2]\n    - name: Too wide\n      probability: [{name: a}, {name: b}]\n      impact: [{name: a}, {name: b}, {name: c}]\n      risk: [{name: a}]\n      grid: [[0, 0, 0], [0, 0, 0]]\n";

#[test]
fn a_matrix_of_a_library_is_read_and_can_be_put_in_force() {
    let bed = Bed::new(true);
    let send = |name: &str, text: &str| {
        let body = format!("--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n{text}\r\n--b--\r\n");
        bed.ask(At::Port(&bed.admin), "POST", "/v1/matrix/read", &[("content-type", "multipart/form-data; boundary=b")], Some(body))
    };
    let read = send("house.yaml", LIBRARY).expect(200, "read");
    let house = &read["data"][0];
    assert_eq!((&house["name"], &house["description"]), (&"Our 4x5 matrix".into(), &"As the board decided.".into()));
    let matrix = &house["matrix"];
    assert_eq!((matrix["likelihood"].as_array().map(Vec::len), matrix["impact"].as_array().map(Vec::len)), (Some(4), Some(5)));
    assert_eq!(matrix["grid"][1], json!(["low", "low", "medium", "medium", "high"]), "grid[probability][impact] counts into risk");
    assert_eq!(matrix["likelihood"][0]["description"], "Not in years");
    assert_eq!(
        (&matrix["likelihood"][0]["key"], &matrix["likelihood"][3]["key"]),
        (&"unlikely".into(), &"".into()),
        "known names are translated"
    );
    assert_eq!(matrix["levels"][2]["colour"], "#ff0000", "its colours come along");
    let wide = &read["data"][1];
    assert_eq!((&wide["matrix"], wide["problems"].as_array().map(Vec::len)), (&Value::Null, Some(2)), "{wide}");
    let preview = bed.send("POST", "/v1/matrix/preview", &json!({ "matrix": matrix })).expect(200, "foreseen");
    let kinds: Vec<&str> =
        preview["remarks"].as_array().expect("remarks").iter().map(|remark| remark["kind"].as_str().expect("a kind")).collect();
    assert!(kinds.contains(&"order_broken"), "traffic lights are told not to keep their order in grey: {kinds:?}");
    bed.send("PUT", "/v1/matrix", &json!({ "matrix": matrix })).expect(200, "kept");
    is_whole(&bed, 4, 5);

    let framework = "urn: urn:x\nname: x\nobjects:\n  framework:\n    requirement_nodes: []\n";
    for (name, text) in
        [("framework.yaml", framework), ("none.json", "{\"catalog\": 1}"), ("broken.yaml", "objects: [\n"), ("empty.yaml", "")]
    {
        let refused = send(name, text);
        assert_eq!((refused.status, refused.fields()), (400, vec!["file".to_owned()]), "{name}");
    }
}

#[test]
fn a_picture_and_the_page_follow_the_matrix() {
    let bed = Bed::new(true);
    let mut matrix = preset(&bed, "ebios_rm");
    matrix["levels"][2]["colour"] = json!("#102a83");
    bed.send("PUT", "/v1/matrix", &json!({ "matrix": matrix })).expect(200, "kept");
    let svg = String::from_utf8(bed.get("/v1/risks/heatmap.svg").bytes).expect("text");
    assert!(
        svg.contains("Significant") && svg.contains("Appetite 4") && svg.contains("#102A83"),
        "names, lines and colours of the new one"
    );
    let look = bed.get("/v1/workspace").json()["levels"][2].clone();
    assert_eq!(
        (&look["own"], &look["shades"]["dark"]["solid"], &look["shades"]["light"]["on"]),
        (&true.into(), &"#102a83".into(), &"#ffffff".into())
    );
    bed.get("/v1/risks/map").expect(200, "the chips of each cell");
    assert_eq!(bed.get("/v1/risks/map").json()["cells"].as_array().map(Vec::len), Some(16));
    assert_eq!(bed.get("/v1/risks/lens?likelihood=5&impact=1").status, 400, "there is no fifth step");
}

#[test]
fn the_register_goes_out_and_in_by_the_matrix_in_force() {
    let bed = Bed::new(false);
    bed.send("PUT", "/v1/matrix", &json!({ "matrix": seven() })).expect(200, "seven steps");
    bed.risk(&json!({ "name": "Far out", "likelihood": 7, "impact": 7, "target": { "likelihood": 6, "impact": 1 } }));
    let csv = bed.get("/v1/risks/export?format=csv&likelihood=7").bytes;
    let text = String::from_utf8_lossy(&csv).into_owned();
    assert!(text.contains("Level critical"), "levels go by the names of the matrix: {text}");
    let read = super::registers::read(&bed, "same.csv", &csv);
    assert_eq!((&read["counts"]["unchanged"], &read["counts"]["error"]), (&json!(1), &json!(0)), "and come back as they are: {read}");
    let read = super::registers::read(&bed, "more.csv", b"Name,Likelihood,Impact\nTop,7,7\nBeyond,8,7\n");
    assert_eq!((&read["counts"]["create"], &read["counts"]["error"]), (&json!(1), &json!(1)), "up to its highest steps: {read}");
    bed.send("PUT", "/v1/matrix", &json!({ "matrix": preset(&bed, "nist_800_30") })).expect(200, "five steps");
    let french = bed.get("/v1/risks/export?format=csv&language=fr").bytes;
    assert!(String::from_utf8_lossy(&french).contains("Très élevé"), "a preset's names are told in French");
    let read = super::registers::read(&bed, "late.csv", &csv);
    assert_eq!(read["counts"]["error"], 1, "a file of before is judged by the matrix that is in force now: {read}");
}

#[test]
fn what_steps_mean_is_told_in_the_readers_language_and_kept_in_english() {
    let bed = Bed::new(false);
    let french = |path: &str| bed.ask(At::Window, "GET", path, &[("accept-language", "fr")], None);
    let told = french("/v1/matrix/presets");
    assert_eq!(told.header("content-language"), "fr");
    let ebios =
        told.json()["data"].as_array().expect("presets").iter().find(|one| one["preset"] == "ebios_rm").expect("it is there")["matrix"]
            .clone();
    assert_eq!(ebios["likelihood"][1]["description"], "V2\u{a0}: la source de risque peut atteindre son objectif.");
    bed.send("PUT", "/v1/matrix", &json!({ "matrix": ebios })).expect(200, "kept as it was shown");
    assert_eq!(bed.get("/v1/matrix").json()["matrix"], preset(&bed, "ebios_rm"), "in English");
    assert_eq!(french("/v1/matrix").json()["matrix"], ebios, "and shown in French again");
}
