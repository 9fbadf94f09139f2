//! What a list finds by words, newest first, is what stands in it, however the question is put to the full text.

use super::Bed;
use crate::store::lists::{match_expression, newest_expression};
use serde_json::json;

/// The names found, as the list answers them.
fn found(bed: &Bed, typed: &str) -> Vec<String> {
    let query: String = form_urlencoded::byte_serialize(typed.as_bytes()).collect();
    let page = bed.done("GET", &format!("/v1/risks?limit=200&q={query}"), None);
    let names = page["data"].as_array().expect("a page").iter().filter_map(|risk| risk["name"].as_str());
    names.map(str::to_owned).collect()
}

fn asked(bed: &Bed, typed: &str) -> String {
    let expression = bed.workspace().store.read(|connection| newest_expression(connection, "risks_text", typed));
    expression.expect("read").expect("something to find")
}

#[test]
fn a_beginning_finds_every_word_that_begins_so_newest_first() {
    let bed = Bed::new();
    let names = ["Payment", "A payments file", "Repayment", "PAY later", "Paymënt d’Élan", "Elancourt", "Past", "payday"];
    for name in names {
        bed.done("POST", "/v1/risks", Some(&json!({ "name": name })));
    }
    for (typed, expected) in [
        ("pay", vec!["payday", "Paymënt d’Élan", "PAY later", "A payments file", "Payment"]),
        ("PAYM", vec!["Paymënt d’Élan", "A payments file", "Payment"]),
        ("paym ", vec![]),
        ("payment ", vec!["Paymënt d’Élan", "Payment"]),
        ("file pay", vec!["A payments file"]),
        ("elan", vec!["Elancourt", "Paymënt d’Élan"]),
        ("éLAN", vec!["Elancourt", "Paymënt d’Élan"]),
        ("élan ", vec!["Paymënt d’Élan"]),
        ("pb", vec![]),
    ] {
        assert_eq!(found(&bed, typed), expected, "{typed:?}");
    }
    assert_eq!(asked(&bed, "file PAYM"), "\"file\" AND (\"payment\" OR \"payments\")", "few words are named");
    assert_eq!(asked(&bed, "éLAN"), "\"éLAN\"*", "how FTS5 spells what is not ASCII is its own affair");
    assert_eq!(asked(&bed, "pb"), "\"pb\"*", "what begins no word is asked as it is");
}

#[test]
fn a_beginning_of_very_many_words_is_asked_as_one() {
    let bed = Bed::new();
    for number in 0..24 {
        bed.done("POST", "/v1/risks", Some(&json!({ "name": format!("word{}", char::from(b'a' + number)) })));
    }
    assert_eq!(asked(&bed, "wo").matches(" OR ").count(), 23, "as many as are named one by one");
    bed.done("POST", "/v1/risks", Some(&json!({ "name": "wordz" })));
    assert_eq!(asked(&bed, "wo"), "\"wo\"*", "one more");
    assert_eq!(found(&bed, "wo").len(), 25, "and all are found");
}

#[test]
fn a_changed_word_is_no_word_of_the_list_any_more() {
    let bed = Bed::new();
    let made = bed.done("POST", "/v1/risks", Some(&json!({ "name": "Quicksilver" })));
    let path = format!("/v1/risks/{}", made["id"].as_str().expect("an id"));
    assert_eq!(found(&bed, "quick"), ["Quicksilver"]);
    bed.done("PUT", &path, Some(&json!({ "name": "Mercury" })));
    assert_eq!((found(&bed, "quick"), found(&bed, "merc")), (Vec::new(), vec!["Mercury".to_owned()]));
    let hits = bed.done("GET", "/v1/search?q=merc", None);
    assert_eq!(hits["data"].as_array().map(|hits| hits.iter().filter(|hit| hit["kind"] == "risk").count()), Some(1), "{hits}");
}

#[test]
fn both_ways_to_ask_say_the_same_of_whole_words() {
    let bed = Bed::new();
    for typed in ["supplier ", "a b ", "R-0142 "] {
        let plain = bed.workspace().store.read(|connection| newest_expression(connection, "risks_text", typed)).expect("read");
        assert_eq!(plain, match_expression(typed), "{typed:?}");
    }
    assert_eq!(found(&bed, " -- "), Vec::<String>::new(), "nothing to find");
}

#[test]
fn every_full_text_names_its_words() {
    let bed = Bed::new();
    let without: Vec<String> = bed
        .workspace()
        .store
        .read(|connection| {
            let missing = "SELECT name FROM sqlite_schema t WHERE sql LIKE '%USING fts5 %'
            AND NOT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = t.name || '_terms')";
            let mut missing = connection.prepare(missing).expect("prepared");
            Ok(missing.query_map([], |row| row.get(0)).and_then(Iterator::collect).expect("read"))
        })
        .expect("read");
    assert_eq!(without, Vec::<String>::new(), "a list of these could not be searched by a beginning");
}
