//! The register's groups and the ends of its pages, each against a tally of the list.

use super::Bed;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

fn text(value: &Value) -> String {
    value.as_str().unwrap_or("").to_owned()
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// The groups a risk belongs to, by key; "" for none.
fn keys(risk: &Value, by: &str, framework_of: &BTreeMap<String, String>) -> BTreeSet<String> {
    let listed = |field: &str| risk[field].as_array().into_iter().flatten().map(text).collect::<Vec<_>>();
    let found: BTreeSet<String> = match by {
        "asset" => listed("asset_ids").into_iter().collect(),
        "framework" => listed("control_ids").iter().filter_map(|control| framework_of.get(control).cloned()).collect(),
        field => BTreeSet::from([text(&risk[field])]),
    };
    if found.is_empty() { BTreeSet::from([String::new()]) } else { found }
}

#[test]
fn groups_count_what_the_list_holds_by_level_and_say_which_have_none() {
    let bed = Bed::new(true);
    // Some risk has no owner, no category, no asset and no control, and one stands on two assets.
    let assets = bed.all("/v1/assets");
    bed.send("POST", "/v1/risks", &json!({ "name": "Nobody's" })).expect(201, "a risk of nobody");
    let two = json!({ "name": "Of two", "likelihood": 5, "impact": 5, "asset_ids": [assets[0]["id"], assets[1]["id"]] });
    bed.send("POST", "/v1/risks", &two).expect(201, "a risk of two assets");
    let all = bed.all("/v1/risks");
    let mut framework_of = BTreeMap::new();
    for framework in bed.all("/v1/frameworks") {
        let id = text(&framework["id"]);
        for control in bed.all(&format!("/v1/frameworks/{id}/controls")) {
            framework_of.insert(text(&control["id"]), id.clone());
        }
    }
    let owner = all.iter().map(|risk| text(&risk["owner"])).find(|owner| !owner.is_empty()).expect("an owner");
    type Fits<'a> = Box<dyn Fn(&Value) -> bool + 'a>;
    let filters: Vec<(String, Fits<'_>)> = vec![
        (String::new(), Box::new(|_| true)),
        (format!("owner={}", encoded(&owner)), Box::new(|risk| risk["owner"] == owner.as_str())),
        ("status=monitored&treatment=accept".into(), Box::new(|risk| risk["status"] == "monitored" && risk["treatment"] == "accept")),
        ("view=inherent&likelihood=4&impact=4".into(), Box::new(|risk| risk["inherent"]["score"] == 16 && risk["inherent"]["impact"] == 4)),
        ("q=supplier".into(), {
            let found: BTreeSet<String> = bed.all("/v1/risks?q=supplier").iter().map(|risk| text(&risk["id"])).collect();
            assert!(!found.is_empty(), "the sample speaks of suppliers");
            Box::new(move |risk| found.contains(&text(&risk["id"])))
        }),
    ];
    for by in ["owner", "category", "asset", "framework"] {
        for (query, fits) in &filters {
            let mut tally: BTreeMap<String, (u64, BTreeMap<String, u64>, u64)> = BTreeMap::new();
            for risk in all.iter().filter(|risk| fits(risk)) {
                for key in keys(risk, by, &framework_of) {
                    let group = tally.entry(key).or_default();
                    group.0 += 1;
                    match risk["level"].as_str() {
                        Some(level) => *group.1.entry(level.to_owned()).or_default() += 1,
                        None => group.2 += 1,
                    }
                }
            }
            let answer = bed.get(&format!("/v1/risks/groups?by={by}&{query}")).expect(200, "groups");
            let groups = answer["groups"].as_array().expect("groups");
            let told: BTreeMap<String, (u64, BTreeMap<String, u64>, u64)> = groups
                .iter()
                .map(|group| {
                    let levels = group["levels"].as_object().expect("levels").iter();
                    let levels = levels.map(|(level, count)| (level.clone(), count.as_u64().expect("a count"))).collect();
                    let number = |field: &str| group[field].as_u64().expect("a count");
                    (text(&group["key"]), (number("count"), levels, number("unassessed")))
                })
                .collect();
            assert_eq!(told, tally, "by {by}, {query}");
            let names: Vec<(bool, String)> =
                groups.iter().map(|group| (group["key"].is_null(), text(&group["name"]).to_lowercase())).collect();
            assert!(names.is_sorted(), "by {by}, {query}: by name, those of none last: {names:?}");
            // What a group counts, its list holds.
            for group in groups.iter().rev().take(2) {
                let filter = match (group["key"].as_str(), by) {
                    (None, _) => format!("without={by}"),
                    (Some(key), "asset" | "framework") => format!("{by}_id={}", encoded(key)),
                    (Some(key), _) => format!("{by}={}", encoded(key)),
                };
                if query.contains(&format!("{by}=")) {
                    continue;
                }
                let list = bed.all(&format!("/v1/risks?{filter}&{query}"));
                assert_eq!(group["count"], list.len(), "by {by}, {query}: the list of {filter}");
            }
        }
    }
    assert_eq!(bed.get("/v1/risks/groups").fields(), ["by"], "what to group by must be said");
    assert_eq!(bed.get("/v1/risks/groups?by=moon").fields(), ["by"], "and be known");
    assert_eq!(bed.get("/v1/risks?without=moon").fields(), ["without"], "so must what is missing");
}

#[test]
fn with_its_mark_every_page_is_read_without_those_before_it() {
    let bed = Bed::sample();
    for query in [
        "sort=-score",
        "sort=name",
        "sort=ref",
        "",
        "sort=-review_date&status=monitored",
        "sort=-created_at&q=supplier",
        "q=access&sort=owner",
    ] {
        let list: Vec<String> = bed.all(&format!("/v1/risks?{query}")).iter().map(|risk| text(&risk["id"])).collect();
        let marks = bed.get(&format!("/v1/risks/marks?limit=7&{query}")).expect(200, query);
        assert_eq!(marks["total"], list.len(), "{query}: all are counted");
        let cursors = marks["cursors"].as_array().expect("cursors");
        assert_eq!(cursors.len(), list.len() / 7, "{query}: one after each seven");
        for at in [1, cursors.len() / 2, cursors.len() - 1] {
            let cursor = text(&cursors[at - 1]);
            let page = bed.get(&format!("/v1/risks?limit=7&{query}&cursor={cursor}")).json();
            let ids: Vec<String> = page["data"].as_array().expect("rows").iter().map(|risk| text(&risk["id"])).collect();
            assert_eq!(ids, list[at * 7..(at * 7 + 7).min(list.len())], "{query}: page {at}");
        }
    }
    let none = bed.get("/v1/risks/marks?q=zzqxw").json();
    assert_eq!((&none["total"], none["cursors"].as_array().map(Vec::len)), (&json!(0), Some(0)), "nothing found has no pages");
}
