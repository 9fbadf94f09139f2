//! The heatmap against a tally of the list.

use super::Bed;
use serde_json::Value;

/// DOMAIN's bands for the standard matrix.
fn band(score: i64) -> &'static str {
    match score {
        1..=3 => "very_low",
        4..=6 => "low",
        8..=10 => "medium",
        12..=16 => "high",
        20..=25 => "critical",
        _ => panic!("{score} is no product of two steps of five"),
    }
}

#[test]
fn every_view_and_filter_counts_what_the_list_holds() {
    let bed = Bed::sample();
    let all = bed.all("/v1/risks");
    let owner = all.iter().find_map(|risk| risk["owner"].as_str()).expect("an owner").to_owned();
    let encoded: String = owner.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let word = all[7]["name"]
        .as_str()
        .and_then(|name| name.split_whitespace().find(|word| word.len() > 5 && word.chars().all(char::is_alphanumeric)))
        .expect("a word");
    let by_word: Vec<String> =
        bed.all(&format!("/v1/risks?q={word}")).iter().map(|risk| risk["id"].as_str().expect("an id").to_owned()).collect();
    assert!(!by_word.is_empty(), "{word} is found");
    type Fits<'a> = Box<dyn Fn(&Value) -> bool + 'a>;
    let filters: Vec<(String, Fits<'_>)> = vec![
        (String::new(), Box::new(|_| true)),
        ("&status=in_treatment".into(), Box::new(|risk| risk["status"] == "in_treatment")),
        ("&treatment=mitigate".into(), Box::new(|risk| risk["treatment"] == "mitigate")),
        (format!("&owner={encoded}"), Box::new(|risk| risk["owner"] == owner.as_str())),
        ("&status=monitored&treatment=accept".into(), Box::new(|risk| risk["status"] == "monitored" && risk["treatment"] == "accept")),
        (format!("&q={word}"), Box::new(|risk| by_word.iter().any(|id| risk["id"] == id.as_str()))),
    ];
    for view in ["current", "inherent", "residual", "target"] {
        for (query, fits) in &filters {
            let map = bed.get(&format!("/v1/risks/heatmap?view={view}{query}")).expect(200, query);
            let of = |risk: &Value, field: &str| if view == "current" { risk[field].as_i64() } else { risk[view][field].as_i64() };
            let cells = map["cells"].as_array().expect("cells");
            assert_eq!(cells.len(), 25, "{view}{query}: every cell, zero included");
            let mut totals = std::collections::BTreeMap::new();
            for (place, cell) in cells.iter().enumerate() {
                let (likelihood, impact) = (cell["likelihood"].as_i64().expect("a step"), cell["impact"].as_i64().expect("a step"));
                assert_eq!((likelihood - 1) * 5 + impact - 1, place as i64, "{view}{query}: each cell once, in the grid's order");
                assert_eq!(cell["score"], likelihood * impact, "the score is likelihood times impact");
                assert_eq!(cell["level"], band(likelihood * impact), "the level is DOMAIN's band");
                assert_eq!(
                    map["matrix"]["grid"][likelihood as usize - 1][impact as usize - 1],
                    cell["level"],
                    "grid[likelihood-1][impact-1]"
                );
                let count = all
                    .iter()
                    .filter(|risk| fits(risk) && of(risk, "likelihood") == Some(likelihood) && of(risk, "impact") == Some(impact))
                    .count();
                assert_eq!(cell["count"], count, "{view}{query}: cell {likelihood} × {impact}");
                *totals.entry(band(likelihood * impact)).or_insert(0) += count;
            }
            for (level, count) in totals {
                assert_eq!(map["totals"][level], count, "{view}{query}: the total of {level}");
            }
            let unassessed = all.iter().filter(|risk| fits(risk) && of(risk, "likelihood").is_none()).count();
            assert_eq!(map["unassessed"], unassessed, "{view}{query}: those not assessed");
        }
    }
    let current = bed.get("/v1/risks/heatmap").json();
    assert_eq!(
        (&current["view"], &current["matrix"]["appetite"], &current["matrix"]["tolerance"]),
        (&"current".into(), &10.into(), &16.into()),
        "current if nothing is said"
    );
    let above = all.iter().filter(|risk| risk["score"].as_i64().is_some_and(|score| score > 10)).count();
    assert_eq!(bed.get("/v1/summary").json()["risks_above_appetite"], above, "the sidebar counts those above the appetite");
}

#[test]
fn the_heatmap_is_never_taken_for_a_risk() {
    let bed = Bed::new(false);
    bed.get("/v1/risks/heatmap").expect(200, "a path of its own, on an empty register too");
    let answer = bed.send("PUT", "/v1/risks/heatmap", &serde_json::json!({ "name": "x" }));
    assert_eq!((answer.status, answer.header("allow").contains("GET")), (405, true), "and it cannot be written");
}
