//! The mirror of the risks' columns against SQL, after every kind of change.

use super::Bed;
use crate::error::Error;
use crate::store::lists::Condition;
use crate::store::{outlook, risk_lists};
use amtia_domain::matrix::{Change, Fate, Level, Mapping, Matrix, View};
use amtia_domain::words::Word;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }

    fn one_of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len())]
    }
}

const CATEGORIES: &[&str] = &["Fraud", "Supplier", "Élan vital", "fraud"];
const OWNERS: &[&str] = &["Rosa Ferri", "Hugo Marchetti", "R. O'Neil"];
const STATUSES: &[&str] = &["identified", "analysed", "monitored"];
const TREATMENTS: &[&str] = &["open", "mitigate", "accept"];
const TAGS: &[&str] = &["cloud", "payments"];
const DAYS: &[&str] = &["2026-11-27", "2026-11-28", "2027-01-01"];
const VIEWS: [View; 4] = [View::Current, View::Inherent, View::Residual, View::Target];

/// Some of a risk's fields, those that filters speak of.
fn fields(dice: &mut Dice) -> Value {
    let mut fields = json!({ "name": format!("Risk of {}", dice.one_of(&["theft", "outage", "forgery"])) });
    for (field, words) in
        [("category", CATEGORIES), ("owner", OWNERS), ("status", STATUSES), ("treatment", TREATMENTS), ("review_date", DAYS)]
    {
        if dice.below(3) > 0 {
            fields[field] = json!(dice.one_of(words));
        }
    }
    if dice.below(2) == 0 {
        fields["tags"] = json!([dice.one_of(TAGS)]);
    }
    if dice.below(4) > 0 {
        (fields["likelihood"], fields["impact"]) = (json!(1 + dice.below(5)), json!(1 + dice.below(5)));
    }
    for view in ["inherent", "residual", "target"] {
        if dice.below(2) == 0 {
            fields[view] = json!({ "likelihood": 1 + dice.below(5), "impact": 1 + dice.below(5) });
        }
    }
    fields
}

fn conditions(dice: &mut Dice, view: View) -> Vec<Condition> {
    let mut conditions = Vec::new();
    for (sql, words) in [
        ("t.category = ?", CATEGORIES),
        ("t.owner = ?", OWNERS),
        ("t.status = ?", STATUSES),
        ("t.treatment = ?", TREATMENTS),
        ("t.review_date > '' AND t.review_date < ?", DAYS),
    ] {
        if dice.below(4) == 0 {
            conditions.push(Condition::one(sql, dice.one_of(words).to_owned()));
        }
    }
    let mut step = || (dice.below(5) == 0).then(|| 1 + dice.below(5) as u8);
    let (likelihood, impact) = (step(), step());
    let level = (dice.below(5) == 0).then(|| Level::ALL[dice.below(5)]);
    let assessed = (dice.below(5) == 0).then(|| dice.below(2) == 0);
    conditions.extend(risk_lists::placed(view, likelihood, impact, level, assessed));
    conditions
}

fn in_order(mut counts: Vec<(u8, u8, u64)>) -> Vec<(u8, u8, u64)> {
    counts.retain(|(_, _, count)| *count > 0);
    counts.sort_unstable();
    counts
}

/// Every view under many filters: from memory, from memory and file together, and by SQL.
fn compare(bed: &Bed, dice: &mut Dice, after: &str) {
    let workspace = bed.engine.workspace().expect("an open workspace");
    let store = &workspace.store;
    for view in VIEWS {
        for _ in 0..6 {
            let conditions = conditions(dice, view);
            let by_sql = |conditions: &[Condition], words: Option<&str>| {
                in_order(store.read(|connection| risk_lists::counts(connection, view, conditions, words)).expect("SQL counts"))
            };
            let kept = store.risk_counts(view, &conditions).expect("the mirror is filled");
            assert_eq!(in_order(kept), by_sql(&conditions, None), "{view:?} {conditions:?} after {after}");
            let mut tagged = conditions.clone();
            tagged.push(Condition::one("t.seq IN (SELECT risk FROM risk_tags WHERE tag = ?)", dice.one_of(TAGS).to_owned()));
            let words = (dice.below(2) == 0).then_some("forg");
            let together = store.read(|connection| store.count_risks(connection, view, &tagged, words)).expect("both together");
            assert_eq!(in_order(together), by_sql(&tagged, words), "{view:?} {tagged:?} {words:?} after {after}");
        }
    }
}

/// What a change of the matrix makes of the risks, of all together and page by page: from memory and by SQL.
fn compare_outlook(bed: &Bed, dice: &mut Dice, after: &str) {
    let from = Matrix::standard();
    let mut to = from.clone();
    let (row, column) = (dice.below(5), dice.below(5));
    to.grid[row][column] = Level::ALL[dice.below(4)];
    to.appetite = 1 + dice.below(20) as u16;
    let mapping = Mapping { likelihood: vec![1, 1, 3, 4, 5], impact: vec![1, 2, 3, 5, 5] };
    let change = Change { from: &from, to: &to, mapping: &mapping };
    let workspace = bed.engine.workspace().expect("an open workspace");
    let compared = workspace.store.read_placed(|connection, placed| {
        let Some(placed) = placed else { return Ok(false) };
        let by_sql = outlook::foresee(connection, None, &change)?;
        assert_eq!(outlook::foresee(connection, Some(placed), &change)?, by_sql, "after {after}");
        for fate in [None].into_iter().chain(Fate::ALL.iter().copied().map(Some)) {
            let (start, limit) = (dice_of(&by_sql.fates), 1 + placed.len() / 3);
            let page = |placed| {
                let (rows, more) = outlook::page(connection, placed, &change, fate, start, limit)?;
                Ok::<_, Error>((rows.into_iter().map(|row| (row.risk.seq, row.fate, row.voids)).collect::<Vec<_>>(), more))
            };
            assert_eq!(page(Some(placed))?, page(None)?, "{fate:?} after {start}, after {after}");
        }
        Ok(true)
    });
    assert!(compared.expect("read"), "the mirror is filled, after {after}");
}

/// A number of a risk to go on from.
fn dice_of(fates: &BTreeMap<&'static str, u64>) -> i64 {
    fates.values().copied().min().unwrap_or(0) as i64
}

fn wait_until_filled(bed: &Bed) {
    let workspace = bed.engine.workspace().expect("an open workspace");
    let conditions = [Condition::one("t.category = ?", "Fraud".to_owned())];
    for _ in 0..500 {
        if workspace.store.risk_counts(View::Current, &conditions).is_some() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("the mirror was not filled within five seconds");
}

#[test]
fn whatever_changes_the_risks_the_mirror_counts_as_sql_does() {
    let bed = Bed::new();
    let mut dice = Dice(20_261_128);
    let mut ids: Vec<String> = Vec::new();
    let create = |dice: &mut Dice| bed.done("POST", "/v1/risks", Some(&fields(dice)))["id"].as_str().expect("an id").to_owned();
    for _ in 0..40 {
        ids.push(create(&mut dice));
    }
    wait_until_filled(&bed);
    compare(&bed, &mut dice, "filling");
    for round in 0..60 {
        let at = dice.below(ids.len());
        let after = match dice.below(8) {
            0 => {
                ids.push(create(&mut dice));
                "a creation"
            }
            1 if ids.len() > 20 => {
                bed.done("DELETE", &format!("/v1/risks/{}", ids.swap_remove(at)), None);
                "a deletion"
            }
            2 => {
                bed.done("POST", "/v1/undo", Some(&json!({})));
                ids = bed.done("GET", "/v1/risks?limit=200", None)["data"]
                    .as_array()
                    .expect("a list")
                    .iter()
                    .map(|risk| risk["id"].as_str().expect("an id").to_owned())
                    .collect();
                "an undo"
            }
            3 => {
                let refused = bed.call("PUT", &format!("/v1/risks/{}", ids[at]), Some(&json!({ "likelihood": 99, "owner": "Nobody" })));
                assert_eq!(refused.status, 400, "{}", refused.body);
                "a refusal"
            }
            4 => {
                let action =
                    json!({ "title": "Do it", "status": dice.one_of(&["planned", "done"]), "lowers_likelihood": 1 + dice.below(2) });
                bed.done("POST", &format!("/v1/risks/{}/actions", ids[at]), Some(&action));
                "an action"
            }
            5 => {
                let body = json!({ "justification": "Costs more", "approver": "Lea", "expires_on": "2999-12-31", "single_person": true });
                let made = bed.call("POST", &format!("/v1/risks/{}/acceptances", ids[at]), Some(&body));
                for status in ["submitted", "accepted"] {
                    let path = format!("/v1/acceptances/{}/status", made.body["id"].as_str().unwrap_or_default());
                    bed.call("PUT", &path, Some(&json!({ "status": status })));
                }
                "an acceptance"
            }
            _ => {
                bed.done("PUT", &format!("/v1/risks/{}", ids[at]), Some(&fields(&mut dice)));
                "an update"
            }
        };
        compare(&bed, &mut dice, &format!("{after}, round {round}"));
        compare_outlook(&bed, &mut dice, &format!("{after}, round {round}"));
    }
    let unfiltered = bed.done("GET", "/v1/risks/heatmap", None);
    let counted: u64 = unfiltered["cells"].as_array().expect("cells").iter().filter_map(|cell| cell["count"].as_u64()).sum();
    assert_eq!(counted + unfiltered["unassessed"].as_u64().expect("a number"), ids.len() as u64, "every risk is counted once");
}

#[test]
fn a_change_while_the_mirror_is_being_filled_is_not_missed() {
    let bed = Bed::new();
    let mut dice = Dice(7);
    for round in 0..12 {
        for _ in 0..25 {
            bed.done("POST", "/v1/risks", Some(&fields(&mut dice)));
        }
        // A new store each time, so that filling starts again; the changes below race with it.
        bed.engine.close();
        bed.engine.open_existing().expect("it opens again");
        let first = bed.done("GET", "/v1/risks?limit=20", None);
        let _ = bed.done("GET", "/v1/risks/heatmap?category=Fraud", None);
        for risk in first["data"].as_array().expect("a list") {
            let path = format!("/v1/risks/{}", risk["id"].as_str().expect("an id"));
            bed.done("PUT", &path, Some(&fields(&mut dice)));
        }
        wait_until_filled(&bed);
        compare(&bed, &mut dice, &format!("filling, round {round}"));
    }
}
