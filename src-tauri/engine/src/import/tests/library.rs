//! CISO Assistant libraries.

use super::super::{Format, Refusal, fingerprint};
use super::{draft, plain, problems, refusal};

/// A library whose requirements are `nodes`, in flow style, one a line.
fn library(nodes: &[&str]) -> String {
    let rows: String = nodes.iter().map(|node| format!("    - {node}\n")).collect();
    format!(
        "urn: urn:x:risk:library:demo\nlocale: en\nname: Demo\nversion: 3\nprovider: Someone\nobjects:\n  framework:\n    urn: f\n    requirement_nodes:\n{rows}"
    )
}

#[test]
fn heads_and_requirements_are_read() {
    let text = "urn: urn:x:risk:library:Demo_1.0\nlocale: fr\nname: D\u{e9}mo\ndescription: ' Text '\nversion: 3\nprovider: ANSSI\n\
        objects:\n  framework:\n    urn: f\n    name: other\n    requirement_nodes:\n\
        \x20   - urn: a\n      assessable: false\n      depth: 1\n      ref_id: 5.10\n      name: Group\n\
        \x20   - urn: b\n      assessable: yes\n      depth: 2\n      parent_urn: A\n      ref_id: '5.10.1'\n      name: null\n      description: |\n        One\n        two\n      annotation: Note\n      typical_evidence: Proof\n";
    let read = draft(text);
    assert_eq!((read.identity.as_str(), read.slug.as_str(), read.name.as_str()), ("urn:x:risk:library:Demo_1.0", "demo-1.0", "D\u{e9}mo"));
    assert_eq!((read.version.as_deref(), read.publisher.as_deref(), read.locale.as_deref()), (Some("3"), Some("ANSSI"), Some("fr")));
    assert_eq!(read.description.as_deref(), Some("Text"));
    let [group, node] = &read.nodes[..] else { panic!("two nodes: {:?}", read.nodes) };
    assert_eq!((group.reference.as_deref(), group.assessable, group.is_control, group.parent), (Some("5.10"), false, false, None));
    assert_eq!((node.title.as_deref(), node.assessable, node.is_control, node.parent), (None, true, true, Some(0)));
    assert_eq!(node.description.as_deref(), Some("One\ntwo\n\nNote\n\nPreuves typiques\nProof"));
    assert_eq!(problems(&read), [""; 0]);
}

#[test]
fn parents_come_first_whatever_the_file_says() {
    let text = library(&[
        "{urn: c, assessable: true, parent_urn: b, name: C}",
        "{urn: b, assessable: false, parent_urn: a, name: B}",
        "{urn: d, assessable: true, parent_urn: a, name: D}",
        "{urn: a, assessable: false, name: A}",
        "{urn: e, assessable: true, parent_urn: b, name: E}",
    ]);
    let read = draft(&text);
    let order: Vec<(&str, Option<usize>)> = read.nodes.iter().map(|node| (node.source_id.as_str(), node.parent)).collect();
    assert_eq!(order, [("a", None), ("b", Some(0)), ("c", Some(1)), ("e", Some(1)), ("d", Some(0))]);
}

#[test]
fn rows_that_are_wrong_are_named() {
    let text = library(&[
        "{urn: a, assessable: false, depth: 1, ref_id: A}",
        "{urn: b, assessable: true, depth: 2, parent_urn: nowhere, ref_id: B}",
        "{urn: A, assessable: true, depth: 2, parent_urn: a, ref_id: C}",
        "{assessable: true, depth: 2, parent_urn: a, name: No urn}",
        "{urn: e, assessable: true, parent_urn: f, ref_id: E}",
        "{urn: f, assessable: true, parent_urn: e, ref_id: F}",
        "{urn: g, assessable: true, parent_urn: g, ref_id: G}",
        "{urn: h, assessable: maybe, parent_urn: a, ref_id: H}",
        "{urn: i, assessable: true, depth: 3, ref_id: I}",
        "{urn: j, assessable: true, parent_urn: a}",
        &format!("{{urn: k, assessable: true, parent_urn: a, name: {}, description: {}}}", "n".repeat(201), "d".repeat(20_001)),
    ]);
    let read = draft(&text);
    assert_eq!(
        problems(&read),
        [
            "2 B: Its parent \"nowhere\" is not in the file.",
            "3 C: Its urn stands in row 1 already; URNs must be unique.",
            "4 No urn: It has no urn; give it one in the file.",
            "5 E: It stands below itself: its line of parents leads round in a circle.",
            "6 F: It stands below itself: its line of parents leads round in a circle.",
            "7 G: It stands below itself: its line of parents leads round in a circle.",
            "8 H: Its assessable is neither true nor false.",
            "9 I: It says that it stands at depth 3 but names no parent_urn.",
            "10 j: It has no ref_id, name or description.",
            "11 k: The title is longer than 200 characters; shorten it in the file.",
            "11 k: The description is longer than 20000 characters; shorten it in the file.",
        ]
    );
    let ids: Vec<&str> = read.nodes.iter().map(|node| node.source_id.as_str()).collect();
    assert_eq!(ids, ["a", "h", "j", "k", "b", "i"]);
}

#[test]
fn other_shapes_of_library() {
    let node = "{urn: a, assessable: true, name: A}";
    let old = format!("urn: x:y\nname: N\nrequirement_nodes:\n- {node}\n");
    let list = format!("urn: x:y\nname: N\nobjects:\n  frameworks:\n  - requirement_nodes:\n    - {node}\n");
    let json =
        r#"{"urn": "x:y", "name": "N", "objects": {"framework": {"requirement_nodes": [{"urn": "a", "assessable": true, "name": "A"}]}}}"#;
    let prints: Vec<Vec<u8>> = [&old, &list, json].map(|text| fingerprint(&draft(text))).into();
    assert!(prints.windows(2).all(|pair| pair[0] == pair[1]));
    assert_eq!(plain(json.as_bytes()).expect("a framework").0, Format::CisoAssistant);

    let two =
        format!("urn: x:y\nname: N\nobjects:\n  frameworks:\n  - requirement_nodes:\n    - {node}\n  - requirement_nodes:\n    - {node}\n");
    assert_eq!(refusal(&two), Refusal::SeveralFrameworks { count: 2 });
    assert_eq!(refusal(&format!("name: N\nrequirement_nodes:\n- {node}\n")), Refusal::NoIdentity { field: "urn" });
    assert_eq!(refusal(&format!("urn: x:y\nrequirement_nodes:\n- {node}\n")), Refusal::NoName { field: "name" });
    assert_eq!(refusal("urn: x:y\nname: N\nrequirement_nodes: []\n...\n"), Refusal::NoControls);
}

#[test]
fn yaml_that_is_no_framework_is_named() {
    let rows = [
        ("urn: a\nobjects:\n  requirement_mapping_sets: []\n", "a CISO Assistant library of a crosswalk between frameworks, without"),
        ("urn: a\nobjects:\n  requirement_mapping_set: {}\n", "a CISO Assistant library of a crosswalk between frameworks, without"),
        ("urn: a\nobjects:\n  risk_matrix: []\n  threats: []\n", "a CISO Assistant library of a risk matrix and threats, without"),
        ("catalog:\n  uuid: x\n", "an OSCAL catalog in YAML"),
        ("component-definition: {}\n", "an OSCAL document in YAML, not a catalog"),
        ("services:\n  web: {}\nvolumes: {}\n", "a YAML file with the keys \"services\", \"volumes\""),
        ("- a\n- b\n", "a YAML list"),
        ("Dear all\n", "plain text"),
        ("1.5\n", "plain text"),
    ];
    for (text, what) in rows {
        let sentence = refusal(text).to_string();
        assert!(sentence.starts_with(&format!("This is {what}")), "{sentence}");
    }
}

#[test]
fn faults_of_yaml_say_where() {
    let rows = [
        ("urn: a\nurn: b\n", "The key \"urn\" stands twice in one place, the second time at line 2, column 1"),
        ("urn: a\nname: \"x\ny: 1\n", "line 2, column 7"),
        ("urn: a: b\nname: c\n", "line 1, column 7"),
        ("urn: *nope\nname: c\n", "line 1, column 6"),
        ("urn: a\n---\nurn: b\n", "line 3, column 1 of its YAML (a second YAML document starts there)"),
        ("urn: a\nrequirement_nodes:\n- urn: a\n  name: [1]\nname: b\n", "line 4, column 9"),
    ];
    for (text, words) in rows {
        let sentence = refusal(text).to_string();
        assert!(sentence.contains(words), "{sentence}");
    }
}

#[test]
fn a_library_that_ends_too_early_is_refused() {
    let node = |name: &str| {
        format!(
            "    - urn: {name}\n      assessable: true\n      depth: 2\n      parent_urn: g\n      name: {name}\n      description: text\n"
        )
    };
    let group = |name: &str| format!("    - urn: {name}\n      assessable: false\n      depth: 1\n      name: {name}\n");
    let head = "urn: x:y\nname: N\nobjects:\n  framework:\n    requirement_nodes:\n";
    let whole = format!("{head}{}{}{}{}", group("g"), node("a"), node("b"), node("c"));
    assert_eq!(draft(&whole).nodes.len(), 4);

    let cut = |tail: &str| format!("{whole}{tail}");
    let rows = [
        ("urn: x:y\nname: N\n".to_owned(), "it has no objects after its head"),
        ("urn: x:y\nname: N\nobjects:\n".to_owned(), "its last line names a key without its value"),
        (head.to_owned(), "its last line names a key without its value"),
        (whole.trim_end().to_owned(), "its last line ends in the middle, without a line break"),
        (cut("    - urn: d\n"), "its last entry (d) stops after \"urn\" where 4 other entries go on"),
        (
            cut("    - urn: d\n      assessable: true\n      depth: 2\n      parent_urn: g\n      name: d\n"),
            "its last entry (d) stops after \"name\" where 3 other entries go on",
        ),
    ];
    for (text, sign) in rows {
        let Refusal::Incomplete { sign: found, .. } = refusal(&text) else { panic!("{:?}", refusal(&text)) };
        assert_eq!(found, sign);
        let sentence = refusal(&text).to_string();
        assert!(sentence.contains("add a last line of three dots"), "{sentence}");
    }
    // The end mark says that a file which looks cut is complete.
    let marked = format!("{}...\n", cut("    - urn: d\n      assessable: true\n      depth: 2\n      parent_urn: g\n      name: d\n"));
    assert_eq!(draft(&marked).nodes.len(), 5);
    // Something after the requirements proves that their list ended.
    assert_eq!(draft(&cut("    - urn: d\n      assessable: true\n      name: d\ndependencies:\n- urn: q\n")).nodes.len(), 5);

    let groups =
        format!("{head}{}{}{}{}{}", group("g"), node("a"), group("h"), node("b").replace("parent_urn: g", "parent_urn: h"), group("i"));
    let Refusal::Incomplete { sign, .. } = refusal(&groups) else { panic!("{:?}", refusal(&groups)) };
    assert_eq!(sign, "its last entry (i) is a group with nothing in it, unlike the 2 other groups of its level");
}

#[test]
fn yaml_cut_inside_a_value_says_where_it_ends() {
    for text in
        ["urn: a\nname: \"half", "urn: a\nname: 'half\n  more\n", "urn: a\nname: \"x\\u20", "urn: a\nlist: [a, b", "urn: a\nname: b\nobj"]
    {
        let lines = text.lines().count();
        assert_eq!(refusal(text), Refusal::Truncated { line: lines, byte: text.len() }, "{text:?}");
    }
}
