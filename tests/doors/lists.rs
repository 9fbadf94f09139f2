//! Lists, filters and the heatmap, against a tally of everything.

use super::{Doors, risk};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashSet};

/// Every risk, by pages of 200.
fn all(doors: &Doors, query: &str) -> Vec<Value> {
    let mut rows = Vec::new();
    let mut cursor = String::new();
    loop {
        let path = format!("/v1/risks?limit=200{query}{cursor}");
        let page = doors.window("GET", &path, None);
        assert_eq!(page.status, 200, "{path}: {page:?}");
        rows.extend(page.body["data"].as_array().expect("a list").iter().cloned());
        match page.body["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return rows,
        }
    }
}

/// What a row is sorted by; absent sorts below everything.
fn key(row: &Value, field: &str) -> (i64, String) {
    const LEVELS: [&str; 5] = ["very_low", "low", "medium", "high", "critical"];
    let (outer, inner) = field.split_once("_score").map_or((field, None), |(view, _)| (view, Some("score")));
    let value = inner.map_or(&row[outer], |inner| &row[outer][inner]);
    match value {
        Value::Number(number) => (number.as_i64().unwrap_or(0), String::new()),
        Value::String(text) if field == "level" => {
            (LEVELS.iter().position(|level| level == text).map_or(0, |place| place as i64 + 1), String::new())
        }
        Value::String(text) => (0, if field == "name" { text.to_ascii_lowercase() } else { text.clone() }),
        _ => (0, String::new()),
    }
}

#[test]
fn paging_by_every_sort_gives_each_risk_once_and_in_order() {
    let doors = Doors::sample();
    let total = doors.window("GET", "/v1/risks?limit=1", None).body["total"].as_u64();
    assert_eq!(total, Some(1243), "the sample's size");
    let fields = [
        "created_at",
        "ref",
        "updated_at",
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
    for field in fields {
        for sign in ["", "-"] {
            let rows = all(&doors, &format!("&sort={sign}{field}"));
            let ids: HashSet<&str> = rows.iter().filter_map(|row| row["id"].as_str()).collect();
            assert_eq!((rows.len(), ids.len()), (1243, 1243), "{sign}{field}: each once");
            let keys: Vec<(i64, String)> = rows.iter().map(|row| key(row, field)).collect();
            let ordered = if sign.is_empty() { keys.is_sorted() } else { keys.is_sorted_by(|a, b| a >= b) };
            assert!(ordered, "{sign}{field}: in order");
        }
    }
    let first = all(&doors, "");
    assert_eq!(first[0]["ref"], "R-1243", "newest first where nothing is said");
}

#[test]
fn filters_and_totals_agree_with_a_tally_of_the_whole() {
    let doors = Doors::sample();
    let rows = all(&doors, "");
    let owner = rows[0]["owner"].as_str().expect("it has an owner").to_owned();
    let encoded = owner.replace(' ', "%20");
    let cases: Vec<(String, Box<dyn Fn(&Value) -> bool>)> = vec![
        ("&status=monitored".into(), Box::new(|row| row["status"] == "monitored")),
        ("&treatment=accept".into(), Box::new(|row| row["treatment"] == "accept")),
        ("&level=critical".into(), Box::new(|row| row["level"] == "critical")),
        ("&likelihood=3&impact=4".into(), Box::new(|row| row["likelihood"] == 3 && row["impact"] == 4)),
        ("&view=inherent&likelihood=5".into(), Box::new(|row| row["inherent"]["likelihood"] == 5)),
        ("&assessed=false".into(), Box::new(|row| row["likelihood"].is_null())),
        (format!("&owner={encoded}"), Box::new(move |row| row["owner"] == owner.as_str())),
        ("&category=Payments&status=in_treatment".into(), Box::new(|row| row["category"] == "Payments" && row["status"] == "in_treatment")),
        ("&review_before=2026-12-01".into(), Box::new(|row| row["review_date"].as_str().is_some_and(|date| date < "2026-12-01"))),
        ("&tag=cloud".into(), Box::new(|row| row["tags"].as_array().is_some_and(|tags| tags.contains(&json!("cloud"))))),
    ];
    for (query, holds) in cases {
        let expected = rows.iter().filter(|row| holds(row)).count();
        let found = all(&doors, &query);
        assert!(expected > 0, "{query} finds something in the sample");
        assert!(found.iter().all(&holds), "{query}: every row meets it");
        assert_eq!(found.len(), expected, "{query}: none is missing");
        let total = &doors.window("GET", &format!("/v1/risks?limit=1{query}"), None).body["total"];
        assert!(total.is_null() || total.as_u64() == Some(expected as u64), "{query}: a total is exact or null: {total}");
    }
}

#[test]
fn the_heatmap_is_a_tally_of_the_register_in_every_view() {
    let doors = Doors::sample();
    let rows = all(&doors, "");
    for view in ["current", "inherent", "residual", "target"] {
        for (filter, holds) in [("", None), ("&category=Payments", Some("Payments"))] {
            let map = doors.window("GET", &format!("/v1/risks/heatmap?view={view}{filter}"), None).body;
            let mut tally: BTreeMap<(i64, i64), u64> = BTreeMap::new();
            for row in rows.iter().filter(|row| holds.is_none_or(|category| row["category"] == category)) {
                let place = if view == "current" { row } else { &row[view] };
                let cell = (place["likelihood"].as_i64().unwrap_or(0), place["impact"].as_i64().unwrap_or(0));
                *tally.entry(cell).or_default() += 1;
            }
            let cells = map["cells"].as_array().expect("cells");
            assert_eq!(cells.len(), 25, "every cell, zero included");
            for cell in cells {
                let place = (cell["likelihood"].as_i64().unwrap_or(0), cell["impact"].as_i64().unwrap_or(0));
                assert_eq!(cell["count"].as_u64(), Some(tally.get(&place).copied().unwrap_or(0)), "{view}{filter} {place:?}");
                assert_eq!(cell["score"].as_i64(), Some(place.0 * place.1), "score is likelihood × impact");
                let grid = &map["matrix"]["grid"][place.0 as usize - 1][place.1 as usize - 1];
                assert_eq!(&cell["level"], grid, "grid[likelihood-1][impact-1]");
                let band = match place.0 * place.1 {
                    1..=3 => "very_low",
                    4..=6 => "low",
                    8..=10 => "medium",
                    12..=16 => "high",
                    _ => "critical",
                };
                assert_eq!(cell["level"], band, "{place:?}");
            }
            assert_eq!(map["unassessed"].as_u64(), Some(tally.get(&(0, 0)).copied().unwrap_or(0)), "{view}{filter}");
            let sum: u64 = map["totals"].as_object().expect("totals").values().filter_map(Value::as_u64).sum();
            assert_eq!(sum + map["unassessed"].as_u64().unwrap_or(0), tally.values().sum::<u64>(), "totals by level add up");
        }
    }
}

#[test]
fn search_finds_all_words_the_last_as_a_beginning_and_survives_any_input() {
    let doors = Doors::empty();
    risk(&doors, &json!({ "name": "Élan vital of the payment switch", "description": "one certificate" }));
    risk(&doors, &json!({ "name": "Payment run fails", "owner": "Inès Delacroix" }));
    for (words, found) in [
        ("payment", 2),
        ("payment%20swi", 1),
        ("elan", 1),
        ("certificate%20payment", 1),
        ("ines", 1),
        ("R-0002", 1),
        ("pay%20absent", 0),
        ("swi%20payment", 0),
        ("payment%20switch%20", 1),
    ] {
        let page = doors.window("GET", &format!("/v1/risks?q={words}"), None);
        assert_eq!(page.body["data"].as_array().map(Vec::len), Some(found), "{words}: {page:?}");
    }
    for hostile in ["%22", "*", "a%20OR%20b", "NEAR(a%20b)", "name:a", "%27%3B--", "%F0%9F%92%A9", "-", "^a", "(((", "%2B%2B"] {
        let page = doors.window("GET", &format!("/v1/risks?q={hostile}"), None);
        assert_eq!(page.status, 200, "{hostile}: {page:?}");
    }
}

#[test]
fn a_cursor_of_another_order_is_refused() {
    let doors = Doors::sample();
    let page = doors.window("GET", "/v1/risks?limit=5&sort=name", None);
    let cursor = page.body["next_cursor"].as_str().expect("there is more");
    assert_eq!(doors.window("GET", &format!("/v1/risks?limit=5&sort=-name&cursor={cursor}"), None).status, 400, "another order");
    assert_eq!(doors.window("GET", &format!("/v1/risks?limit=5&sort=name&cursor={cursor}"), None).status, 200, "its own");
}

#[test]
fn frameworks_and_controls_are_listed_in_the_publishers_order() {
    let doors = Doors::sample();
    let iso = doors.window("GET", "/v1/frameworks/iso-27001", None);
    assert_eq!(iso.body["control_count"], 93, "{iso:?}");
    let nodes = doors.window("GET", "/v1/frameworks/iso-27001/controls?limit=200", None);
    let list = nodes.body["data"].as_array().expect("a list");
    assert_eq!(nodes.body["total"].as_u64(), Some(list.len() as u64), "the total counts every node");
    assert!(list.iter().map(|node| node["position"].as_u64()).is_sorted(), "in order");
    let roots = doors.window("GET", "/v1/frameworks/iso-27001/controls?parent_id=none", None);
    let first = &roots.body["data"][0];
    let below =
        doors.window("GET", &format!("/v1/frameworks/iso-27001/controls?limit=200&parent_id={}", first["id"].as_str().unwrap_or("")), None);
    assert_eq!(below.body["data"].as_array().map(|nodes| nodes.len() as u64), first["child_count"].as_u64(), "children of the first root");
}
