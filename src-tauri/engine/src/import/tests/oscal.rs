//! OSCAL catalogs.

use super::super::{Format, Refusal, compare, fingerprint};
use super::{draft, plain, problems, refusal};

const UUID: &str = "613fca2d-704a-42e7-8e2b-b206fb92b456";

fn catalog(content: &str) -> String {
    format!(r#"{{"catalog": {{"uuid": "{UUID}", "metadata": {{"title": "A *Demo* Catalog", "version": "1.0"}}, {content}}}}}"#)
}

#[test]
fn controls_are_printed_as_nist_prints_them() {
    let text = catalog(
        r##""groups": [{"id": "ac", "class": "family", "title": "Access", "future": [1, {"x": null}], "controls": [
        {"id": "ac-1", "title": "Policy", "props": [{"name": "label", "class": "zero-padded", "value": "AC-01"}, {"name": "label", "value": "AC-1"}],
         "params": [{"id": "p1", "label": "organization-defined roles"},
                    {"id": "p2", "select": {"how-many": "one-or-more", "choice": ["A", "{{ insert: param, p1 }}"]}},
                    {"id": "p3", "values": ["30 days"]}],
         "links": [{"href": "#ac-2", "rel": "related"}, {"href": "#ac-2", "rel": "related"}, {"href": "#r", "rel": "reference"}],
         "parts": [
           {"name": "guidance", "prose": "See [AC-2](#ac-2).\n\nMore."},
           {"name": "statement", "prose": "Do:", "parts": [
             {"id": "ac-1_smt.a", "name": "item", "props": [{"name": "label", "value": "a."}], "prose": " {{ insert: param, p2 }} things:", "parts": [
               {"id": "ac-1_smt.a.1", "name": "item", "props": [{"name": "label", "value": "1."}], "prose": "within {{ insert: param, p3 }}; and"}]},
             {"name": "item", "props": [{"name": "label", "value": "b."}], "prose": "the rest of {{ insert: param, gone }}."}]},
           {"name": "assessment-objective", "prose": "not shown"}],
         "controls": [{"id": "ac-1.1", "title": "Gone", "props": [{"name": "status", "value": "Withdrawn"}],
                       "links": [{"href": "#ac-1_smt.a.1", "rel": "incorporated-into"}, {"href": "#ac-1", "rel": "incorporated-into"}, {"href": "#zz-9", "rel": "moved-to"}]}]}]}]"##,
    );
    let (format, read) = plain(text.as_bytes()).expect("a catalog");
    assert_eq!((format, read.name.as_str(), read.slug.as_str()), (Format::OscalCatalog, "A Demo Catalog", "a-demo-catalog"));
    let [group, control, withdrawn] = &read.nodes[..] else { panic!("three nodes: {:?}", read.nodes) };
    assert_eq!((group.reference.as_deref(), group.is_control, group.assessable), (Some("AC"), false, false));
    assert_eq!((control.reference.as_deref(), control.parent, control.is_control, control.assessable), (Some("AC-1"), Some(0), true, true));
    assert_eq!(
        control.description.as_deref(),
        Some(
            "Do:\na. [Selection (one or more): A; [Assignment: organization-defined roles]] things:\n  1. within 30 days; and\n\
             b. the rest of [gone].\n\nGuidance\nSee AC-2.\n\nMore."
        )
    );
    assert_eq!(control.mappings.iter().map(|mapping| mapping.target.as_str()).collect::<Vec<_>>(), ["ac-2"]);
    assert_eq!(
        (withdrawn.reference.as_deref(), withdrawn.parent, withdrawn.withdrawn, withdrawn.assessable),
        (Some("ac-1.1"), Some(1), true, false)
    );
    assert_eq!(withdrawn.description.as_deref(), Some("Withdrawn: incorporated into AC-1a.1 and AC-1; moved to zz-9."));
    let went: Vec<(&str, &str, Option<&str>)> =
        withdrawn.successors.iter().map(|one| (one.relation.as_str(), one.reference.as_str(), one.target.as_deref())).collect();
    let part = ("incorporated_into", "AC-1a.1", Some("ac-1"));
    assert_eq!(went, [part, ("incorporated_into", "AC-1", Some("ac-1")), ("moved_to", "zz-9", None)], "a part leads to its control");
    assert!(control.successors.is_empty());
    assert_eq!(problems(&read), [""; 0]);
}

#[test]
fn rows_that_are_wrong_are_named() {
    let text = catalog(
        r##""controls": [{"id": "a", "title": "A"}, {"title": "No id", "controls": [{"id": "b"}]}, {"id": "a", "title": "Again"}], "groups": [{"title": "G"}]"##,
    );
    let read = draft(&text);
    assert_eq!(
        problems(&read),
        ["2 No id: It has no id; give it one in the file.", "4 a: The id \"a\" stands for another node already; ids must be unique."]
    );
    assert_eq!(read.nodes.iter().map(|node| node.source_id.as_str()).collect::<Vec<_>>(), ["a", "b", "group-5"]);
}

#[test]
fn catalogs_that_cannot_be_one_are_refused() {
    let control = r#""controls": [{"id": "a"}]"#;
    let rows = [
        (r#"{"catalog": {"uuid": "x", "metadata": {"title": "T"}}}"#.to_owned(), Refusal::NoIdentity { field: "catalog uuid" }),
        (format!(r#"{{"catalog": {{"uuid": "{UUID}", {control}}}}}"#), Refusal::NoName { field: "title" }),
        (catalog(r#""controls": []"#), Refusal::NoControls),
        (catalog(r#""groups": [{"id": "a", "title": "T"}]"#), Refusal::NoControls),
        (r#"{"catalog": {"uuid": "a", "uuid": "b"}}"#.to_owned(), Refusal::DuplicateKey { key: "uuid".into(), line: 1, column: 32 }),
        (format!("{}{}", r#"{"catalog": {"controls": [{"controls": ["#, r#"{"controls": ["#.repeat(200)), Refusal::TooDeep),
        (catalog(&format!(r#""controls": [{}{}]"#, r#"{"id": "x", "controls": ["#.repeat(10), "]}".repeat(10))), Refusal::TooDeep),
    ];
    for (text, expected) in rows {
        assert_eq!(refusal(&text), expected);
    }
}

#[test]
fn faults_of_json_say_where() {
    let rows = [
        ("{\n\"catalog\": {\"uuid\": 1}}", "line 2, column 21 of its JSON (invalid type: integer `1`, expected a string)"),
        ("{\n\"catalog\": {,}}", "line 2, column 13 of its JSON"),
        ("{} x", "line 1, column 4 of its JSON (trailing characters)"),
    ];
    for (text, words) in rows {
        let sentence = refusal(text).to_string();
        assert!(sentence.contains(words), "{sentence}");
    }
    assert_eq!(refusal("{\n\"catalog\": {\"uuid\": \"x"), Refusal::Truncated { line: 2, byte: 24 });
}

#[test]
fn other_json_is_named() {
    let rows = [
        (r#"{"component-definition": {}}"#, "an OSCAL component definition"),
        (r#"{"bomFormat": "CycloneDX", "components": []}"#, "a CycloneDX bill of materials"),
        (r#"{"$schema": "x", "version": "2.1.0", "runs": []}"#, "a SARIF report of scan results"),
        (r#"{"a": 1, "b": 2}"#, "a JSON file with the keys \"a\", \"b\""),
        ("{}", "a JSON file without any key"),
        ("[]", "a JSON list"),
    ];
    for (text, what) in rows {
        let sentence = refusal(text).to_string();
        assert!(sentence.starts_with(&format!("This is {what};")), "{sentence}");
    }
}

#[test]
fn the_same_content_has_the_same_fingerprint() {
    let one = draft(&catalog(
        r##""controls": [{"id": "a", "title": "T", "links": [{"rel": "related", "href": "#x"}, {"rel": "related", "href": "#y"}]}]"##,
    ));
    let spaced = format!(
        "\u{feff}{{ \"catalog\" : {{ \"controls\": [\n {{\"links\": [{{\"href\": \"#y\", \"rel\": \"related\"}}, {{\"href\": \"#x\", \"rel\": \"related\"}}], \"new-key\": 1, \"title\": \"\\u0054\", \"id\": \"a\"}} ],\r\n \
         \"metadata\": {{\"version\": \"1.0\", \"title\": \"A *Demo* Catalog\"}}, \"uuid\": \"{}\"}}}}\n\n",
        UUID.to_uppercase()
    );
    let two = draft(&spaced);
    assert_eq!(fingerprint(&one), fingerprint(&two));
    assert!(compare(&one.nodes, &two.nodes).iter().all(|fate| matches!(fate, super::super::Fate::Unchanged { .. })));
    let utf16: Vec<u8> = spaced.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(fingerprint(&plain(&utf16).expect("a catalog").1), fingerprint(&one));

    let mut changed = Vec::new();
    for (from, to) in [
        ("\"T\"", "\"U\""),
        ("\"a\"", "\"b\""),
        ("1.0", "1.1"),
        ("Demo", "Other"),
        ("#x", "#z"),
        ("related", "reference"),
        ("\"title\": \"T\", ", ""),
    ] {
        let text = catalog(
            r##""controls": [{"id": "a", "title": "T", "links": [{"rel": "related", "href": "#x"}, {"rel": "related", "href": "#y"}]}]"##,
        );
        changed.push(fingerprint(&draft(&text.replace(from, to))));
    }
    changed.push(fingerprint(&one));
    changed.sort_unstable();
    changed.dedup();
    assert_eq!(changed.len(), 8);
}
