//! Inputs that were made to hurt, and luck.

use super::super::{MAX_BYTES, Refusal};
use super::{draft, plain, problems, random, refusal};
use std::time::{Duration, Instant};

/// Long enough for a busy machine and an unoptimised build, far too short for a blow-up.
const PATIENCE: Duration = Duration::from_secs(20);

#[test]
fn sizes_have_bounds() {
    assert_eq!(plain(&vec![b' '; MAX_BYTES + 1]).err(), Some(Refusal::TooLarge { bytes: MAX_BYTES + 1 }));
    let many = "{},".repeat(1_600_000);
    assert_eq!(refusal(&format!(r#"{{"catalog": {{"controls": [{many}{{}}]}}}}"#)), Refusal::TooMany);
    let controls: Vec<String> = (0..60_001).map(|at| format!(r#"{{"id":"c{at}"}}"#)).collect();
    let uuid = "613fca2d-704a-42e7-8e2b-b206fb92b456";
    let text = format!(r#"{{"catalog": {{"uuid": "{uuid}", "metadata": {{"title": "T"}}, "controls": [{}]}}}}"#, controls.join(","));
    assert_eq!(refusal(&text), Refusal::TooMany);
    let nodes: String = (0..60_001).map(|at| format!("- urn: n{at}\n")).collect();
    assert_eq!(refusal(&format!("urn: a:b\nname: N\nrequirement_nodes:\n{nodes}")), Refusal::TooMany);
}

#[test]
fn bombs_are_refused_quickly() {
    let start = Instant::now();
    let mut billion = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for at in 1..12 {
        let aliases = vec![format!("*a{}", at - 1); 9].join(", ");
        billion.push_str(&format!("a{at}: &a{at} [{aliases}]\n"));
    }
    billion.push_str("urn: x:y\nobjects: {framework: *a11}\n");
    assert_eq!(refusal(&billion), Refusal::Expansion);
    assert_eq!(refusal(&format!("a: {}\n", "[".repeat(1_000_000))), Refusal::TooDeep);
    let stairs: String = (0..2000).map(|at| format!("{}a:\n", " ".repeat(at))).collect();
    assert_eq!(refusal(&stairs), Refusal::TooDeep);
    assert!(matches!(refusal(&"[".repeat(5_000_000)), Refusal::Truncated { .. }));
    assert!(matches!(refusal(&format!("{}{}", "[".repeat(1_000_000), "]".repeat(1_000_000))), Refusal::NotFramework { .. }));
    assert!(start.elapsed() < PATIENCE, "{:?}", start.elapsed());
}

#[test]
fn parameters_that_refer_to_one_another_end() {
    let start = Instant::now();
    let many = "{{ insert: param, p }}".repeat(30);
    let uuid = "613fca2d-704a-42e7-8e2b-b206fb92b456";
    let controls: Vec<String> =
        (0..20).map(|at| format!(r#"{{"id": "c{at}", "title": "T", "parts": [{{"name": "statement", "prose": "{many}"}}]}}"#)).collect();
    let text = format!(
        r#"{{"catalog": {{"uuid": "{uuid}", "metadata": {{"title": "T"}},
            "params": [{{"id": "p", "select": {{"choice": ["{many}", "{many}"]}}}}], "controls": [{}]}}}}"#,
        controls.join(",")
    );
    let read = draft(&text);
    assert_eq!(problems(&read)[0], "1 c0: The description is longer than 20000 characters; shorten it in the file.");
    assert!(start.elapsed() < PATIENCE, "{:?}", start.elapsed());
}

#[test]
fn prose_full_of_markup_is_read_in_time() {
    let start = Instant::now();
    let uuid = "613fca2d-704a-42e7-8e2b-b206fb92b456";
    for piece in ["*a ", "**", "[", "[a](", "{{", "\\\\", "[a](b", "{{ insert: param, "] {
        let prose = piece.repeat(100_000);
        let text = format!(
            r#"{{"catalog": {{"uuid": "{uuid}", "metadata": {{"title": "T"}}, "controls": [{{"id": "a", "parts": [{{"name": "statement", "prose": "{prose}"}}]}}]}}}}"#
        );
        assert_eq!(problems(&draft(&text)).len(), 1, "{piece}");
    }
    assert!(start.elapsed() < PATIENCE, "{:?}", start.elapsed());
}

#[test]
fn flipped_bytes_never_panic() {
    let json = r##"{"catalog": {"uuid": "613fca2d-704a-42e7-8e2b-b206fb92b456", "metadata": {"title": "T", "parties": [{"uuid": "u", "name": "é"}]},
        "params": [{"id": "p", "select": {"choice": ["a", "{{ insert: param, p }}"]}}],
        "groups": [{"id": "g", "title": "G", "controls": [{"id": "c", "props": [{"name": "label", "value": "C"}, {"name": "status", "value": "withdrawn"}],
        "links": [{"href": "#c_smt", "rel": "moved-to"}], "parts": [{"id": "c_smt", "name": "statement", "prose": "*{{ insert: param, p }}* [é](#x) \\* end"}]}]}]}}"##;
    let yaml = "urn: urn:x:library:demo\nlocale: fr\nname: Démo\nobjects:\n  framework:\n    requirement_nodes: &n\n    - urn: a\n      assessable: false\n      depth: 1\n      name: \"A\\u00e9\"\n      translations:\n        fr: {name: é}\n    - urn: b\n      assessable: true\n      depth: 2\n      parent_urn: a\n      description: >-\n        long\n        text\n";
    assert!(plain(json.as_bytes()).is_ok() && plain(yaml.as_bytes()).is_ok());
    let mut state = 0x5eed_1234_5678_9abc_u64;
    let utf16: Vec<u8> = "\u{feff}".encode_utf16().chain(yaml.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let mut read = 0;
    for original in [json.as_bytes(), yaml.as_bytes(), &utf16] {
        for _ in 0..3000 {
            let mut bytes = original.to_vec();
            for _ in 0..=random(&mut state) % 3 {
                let at = random(&mut state) % bytes.len();
                bytes[at] = if random(&mut state).is_multiple_of(2) {
                    bytes[at] ^ (1 << (random(&mut state) % 8))
                } else {
                    b"{}[]:-\"'\\\n &*#|>,?!%@\0"[random(&mut state) % 22]
                };
            }
            read += usize::from(plain(&bytes).is_ok());
        }
    }
    assert!(read > 500, "most flips inside texts leave a framework: {read}");
}
