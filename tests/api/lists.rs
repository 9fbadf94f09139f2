//! Pages, filters, search: each against a tally of the whole list.

use super::{At, Bed};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashSet};

const SORTS: [&str; 16] = [
    "created_at",
    "updated_at",
    "ref",
    "name",
    "owner",
    "category",
    "status",
    "treatment",
    "likelihood",
    "impact",
    "score",
    "level",
    "review_date",
    "inherent_score",
    "residual_score",
    "target_score",
];

/// What a risk is sorted by, in a form that compares as the list should: absent first.
fn key(risk: &Value, sort: &str) -> (i64, String) {
    let number = |value: &Value| (value.as_i64().unwrap_or(0), String::new());
    match sort {
        "likelihood" | "impact" | "score" => number(&risk[sort]),
        "inherent_score" | "residual_score" | "target_score" => number(&risk[sort.trim_end_matches("_score")]["score"]),
        "level" => {
            let levels = ["very_low", "low", "medium", "high", "critical"];
            (levels.iter().position(|level| risk["level"] == *level).map_or(0, |place| place as i64 + 1), String::new())
        }
        "ref" | "created_at" => {
            (risk["ref"].as_str().and_then(|text| text.trim_start_matches("R-").parse().ok()).expect("a number"), String::new())
        }
        "name" => (0, risk["name"].as_str().expect("a name").to_ascii_lowercase()),
        _ => (0, risk[sort].as_str().unwrap_or("").to_owned()),
    }
}

#[test]
fn pages_of_every_order_give_each_risk_once_and_in_order() {
    let bed = Bed::sample();
    let all: HashSet<String> = bed.all("/v1/risks").iter().map(|risk| risk["id"].as_str().expect("an id").to_owned()).collect();
    assert_eq!(all.len(), 1243, "the sample's risks, each once");
    for sort in SORTS {
        for sign in ["", "-"] {
            let list = bed.all(&format!("/v1/risks?sort={sign}{sort}"));
            let ids: HashSet<&str> = list.iter().map(|risk| risk["id"].as_str().expect("an id")).collect();
            assert_eq!((list.len(), ids.len()), (1243, 1243), "{sign}{sort}: each once");
            let keys: Vec<_> = list.iter().map(|risk| key(risk, sort)).collect();
            let ordered = if sign.is_empty() { keys.is_sorted() } else { keys.iter().rev().is_sorted() };
            assert!(ordered, "{sign}{sort}: in order");
        }
    }
    let newest = bed.get("/v1/risks?limit=1").json()["data"][0]["ref"].clone();
    assert_eq!(newest, bed.get("/v1/risks?limit=1&sort=-created_at").json()["data"][0]["ref"], "newest first if nothing is said");
}

#[test]
fn limits_cursors_and_parameters_have_bounds() {
    let bed = Bed::sample();
    assert_eq!(bed.get("/v1/risks").json()["data"].as_array().map(Vec::len), Some(50), "50 if left out");
    for (limit, status) in
        [("1", 200), ("200", 200), ("0", 400), ("201", 400), ("-1", 400), ("ten", 400), ("1.5", 400), ("99999999999999999999", 400)]
    {
        let answer = bed.get(&format!("/v1/risks?limit={limit}"));
        assert_eq!(answer.status, status, "limit={limit}");
        if status == 400 {
            assert_eq!(answer.fields(), ["limit"], "and it is named");
        }
    }
    let cursor = |path: &str| bed.get(path).json()["next_cursor"].as_str().expect("a next page").to_owned();
    let (by_score, incident) = (cursor("/v1/risks?sort=score&limit=5"), cursor("/v1/incidents?limit=2"));
    for (what, path) in [
        ("of another order", format!("/v1/risks?sort=name&cursor={by_score}")),
        ("of the other direction", format!("/v1/risks?sort=-score&cursor={by_score}")),
        ("cut", format!("/v1/risks?sort=score&cursor={}", &by_score[..by_score.len() - 3])),
        ("made up", "/v1/risks?cursor=abcdef".to_owned()),
        ("of no base64", "/v1/risks?cursor=%21%21".to_owned()),
        ("of another list", format!("/v1/risks?sort=score&cursor={incident}")),
    ] {
        let answer = bed.get(&path);
        assert_eq!((answer.status, answer.fields()), (400, vec!["cursor".to_owned()]), "a cursor {what} is refused");
    }
    let answer = bed.get("/v1/risks?sort=colour&limit=0&status=asleep&likelihood=6&colour=red");
    let mut fields = answer.fields();
    fields.sort();
    assert_eq!(fields, ["colour", "likelihood", "limit", "sort", "status"], "every parameter that is wrong, at once");
}

#[test]
fn every_filter_of_risks_gives_what_a_tally_of_the_whole_list_gives() {
    let bed = Bed::sample();
    let all = bed.all("/v1/risks");
    let values = |field: &str| -> HashSet<String> { all.iter().filter_map(|risk| risk[field].as_str().map(str::to_owned)).collect() };
    let check = |query: &str, fits: &dyn Fn(&Value) -> bool| {
        let expected: HashSet<&str> = all.iter().filter(|risk| fits(risk)).map(|risk| risk["id"].as_str().expect("an id")).collect();
        let found = bed.all(&format!("/v1/risks?{query}"));
        let ids: HashSet<&str> = found.iter().map(|risk| risk["id"].as_str().expect("an id")).collect();
        assert_eq!(ids, expected, "{query}");
        assert_eq!(found.len(), ids.len(), "{query}: each once");
        let total = bed.get(&format!("/v1/risks?{query}&limit=1")).json()["total"].clone();
        assert!(total.is_null() || total == expected.len(), "{query}: the total is exact or left out: {total} of {}", expected.len());
        expected.len()
    };
    let encode = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    for field in ["category", "owner", "status", "treatment"] {
        for value in values(field) {
            assert!(check(&format!("{field}={}", encode(&value)), &|risk| risk[field] == value.as_str()) > 0, "{field} {value} is in use");
        }
    }
    let tags: HashSet<String> = all
        .iter()
        .flat_map(|risk| risk["tags"].as_array().cloned().unwrap_or_default())
        .filter_map(|tag| tag.as_str().map(str::to_owned))
        .collect();
    assert!(!tags.is_empty(), "the sample uses tags");
    for tag in tags {
        check(&format!("tag={}", encode(&tag)), &|risk| risk["tags"].as_array().is_some_and(|tags| tags.contains(&json!(tag))));
    }
    for view in ["current", "inherent", "residual", "target"] {
        let of = |risk: &Value, field: &str| if view == "current" { risk[field].clone() } else { risk[view][field].clone() };
        for level in ["very_low", "low", "medium", "high", "critical"] {
            check(&format!("view={view}&level={level}"), &|risk| of(risk, "level") == level);
        }
        for step in 1..=5 {
            check(&format!("view={view}&likelihood={step}"), &|risk| of(risk, "likelihood") == step);
            check(&format!("view={view}&impact={step}"), &|risk| of(risk, "impact") == step);
            check(&format!("view={view}&likelihood={step}&impact=3&status=monitored"), &|risk| {
                of(risk, "likelihood") == step && of(risk, "impact") == 3 && risk["status"] == "monitored"
            });
        }
        check(&format!("view={view}&assessed=true"), &|risk| !of(risk, "score").is_null());
        check(&format!("view={view}&assessed=false"), &|risk| of(risk, "score").is_null());
    }
    let dates: Vec<String> = values("review_date").into_iter().take(5).collect();
    for date in dates {
        check(&format!("review_before={date}"), &|risk| risk["review_date"].as_str().is_some_and(|due| due < date.as_str()));
    }
    for framework in bed.all("/v1/frameworks") {
        let id = framework["id"].as_str().expect("an id");
        let controls: HashSet<String> = bed
            .all(&format!("/v1/frameworks/{id}/controls"))
            .iter()
            .map(|control| control["id"].as_str().expect("an id").to_owned())
            .collect();
        check(&format!("framework_id={id}"), &|risk| {
            risk["control_ids"]
                .as_array()
                .into_iter()
                .flatten()
                .any(|control| control.as_str().is_some_and(|control| controls.contains(control)))
        });
    }
}

#[test]
fn every_filter_of_incidents_gives_what_a_tally_gives() {
    let bed = Bed::sample();
    let all = bed.all("/v1/incidents");
    assert!(all.len() > 50, "the sample has a past: {}", all.len());
    for field in ["severity", "status", "lead", "tlp"] {
        let mut tally: BTreeMap<String, usize> = BTreeMap::new();
        all.iter().filter_map(|incident| incident[field].as_str()).for_each(|value| *tally.entry(value.to_owned()).or_default() += 1);
        for (value, expected) in tally {
            let encoded = value.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
            assert_eq!(bed.all(&format!("/v1/incidents?{field}={encoded}")).len(), expected, "{field} {value}");
        }
    }
    let open = all
        .iter()
        .filter(|incident| !["resolved", "closed", "dismissed"].contains(&incident["status"].as_str().expect("a status")))
        .count();
    assert_eq!(bed.all("/v1/incidents?open=true").len(), open, "open ones");
    assert_eq!(bed.all("/v1/incidents?open=false").len(), all.len() - open, "the others");
    assert_eq!(bed.get("/v1/summary").json()["incidents_open"], open, "the sidebar counts the same");
    for sort in ["created_at", "updated_at", "ref", "title", "severity", "status", "occurred_at", "detected_at"] {
        let (up, down) = (bed.all(&format!("/v1/incidents?sort={sort}")), bed.all(&format!("/v1/incidents?sort=-{sort}")));
        let ids = |list: &[Value]| list.iter().map(|incident| incident["id"].clone()).collect::<Vec<_>>();
        let mut reversed = ids(&down);
        reversed.reverse();
        assert_eq!((up.len(), ids(&up)), (all.len(), reversed), "{sort}: each direction is the other reversed");
    }
}

#[test]
fn search_needs_all_words_takes_the_last_as_a_beginning_and_survives_any_syntax() {
    let bed = Bed::new(false);
    let id = bed.risk(&json!({ "name": "Café supplier outage", "description": "Überlast in the Zürich centre" }));
    bed.risk(&json!({ "name": "Café fire" }));
    let found = |q: &str| -> usize {
        let q: String = q.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let answer = bed.get(&format!("/v1/risks?q={q}"));
        answer.expect(200, &q)["data"].as_array().map_or(0, Vec::len)
    };
    for (q, expected, why) in [
        ("supplier", 1, "a word"),
        ("SUPPLIER", 1, "in any case"),
        ("cafe", 2, "without its accent"),
        ("café out", 1, "all words, the last a beginning"),
        ("caf supplier", 0, "but only the last"),
        ("supplier missing", 0, "all of them"),
        ("uberlast zurich", 1, "the description too"),
        ("R-0001", 1, "a reference"),
        ("r-0002", 1, "in any case"),
    ] {
        assert_eq!(found(q), expected, "{q}: {why}");
    }
    for hostile in [
        "\"",
        "''",
        "a OR b",
        "NEAR(a b)",
        "name:x",
        "*",
        "^café",
        "(",
        "-supplier",
        "café AND",
        "{name description}: x",
        "\\",
        "%",
        "; DROP TABLE risks",
        "\u{202e}",
        "💥",
    ] {
        found(hostile);
    }
    for number in 0..20 {
        bed.risk(&json!({ "name": format!("Quokka{number} escaped") }));
        assert_eq!(found(&format!("quokka{number} ")), 1, "a new risk is found by the next request");
    }
    bed.send("PUT", &format!("/v1/risks/{id}"), &json!({ "name": "Renamed" })).expect(200, "renamed");
    assert_eq!((found("renamed"), found("supplier")), (1, 0), "the new name is found and the old is not");
    bed.ask(At::Window, "DELETE", &format!("/v1/risks/{id}"), &[], None).expect(204, "deleted");
    assert_eq!(found("renamed"), 0, "what is deleted is not found");
}
