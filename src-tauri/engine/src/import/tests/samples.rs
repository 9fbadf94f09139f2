//! Real files that nobody on this project wrote.

use super::super::{Fate, Format, Refusal, compare, fingerprint};
use super::{plain, random, sample};

const CATALOG: &str = "oscal/NIST_SP-800-53_rev5.0.1_full_catalog.json";
const CSF: &str = "ciso-assistant/nist-csf-2.0.yaml";

#[test]
fn every_sample_is_read_or_refused_with_the_right_words() {
    let frameworks = [
        (CATALOG, Format::OscalCatalog, 1209, 1189),
        ("oscal/basic-catalog.json", Format::OscalCatalog, 8, 4),
        (CSF, Format::CisoAssistant, 134, 106),
        ("ciso-assistant/nist-csf-1.1.yaml", Format::CisoAssistant, 136, 108),
        ("ciso-assistant/anssi-guide-hygiene.yaml", Format::CisoAssistant, 71, 61),
        ("ciso-assistant/cisa-cpg-2.0.yaml", Format::CisoAssistant, 40, 34),
    ];
    for (path, format, nodes, controls) in frameworks {
        let Some(bytes) = sample("every_sample_is_read_or_refused_with_the_right_words", path) else {
            return;
        };
        let (found, draft) = plain(&bytes).expect(path);
        let counted = draft.nodes.iter().filter(|node| node.is_control).count();
        assert_eq!((found, draft.nodes.len(), counted, draft.problems.len()), (format, nodes, controls, 0), "{path}");
        assert!(draft.nodes.iter().enumerate().all(|(at, node)| node.parent.is_none_or(|parent| parent < at)), "{path}");
        let texts = draft.nodes.iter().flat_map(|node| [&node.title, &node.description]).flatten();
        assert!(texts.clone().all(|text| !text.contains("{{") && !text.contains("](")), "{path}: markup left");
        assert!(texts.clone().all(|text| text.trim() == text && !text.is_empty()), "{path}: white space left");
    }
    let others = [
        ("oscal/NIST_SP-800-53_rev5_LOW-baseline_profile.json", "an OSCAL profile"),
        ("oscal/NIST_SP-800-53_rev5_MODERATE-baseline_profile.json", "an OSCAL profile"),
        ("oscal/example-component-definition.json", "an OSCAL component definition"),
        ("oscal/ifa_assessment-results-example.json", "OSCAL assessment results"),
        ("oscal/ifa_plan-of-action-and-milestones.json", "an OSCAL plan of action and milestones (POA&M)"),
        ("oscal/oscal_complete_schema.json", "a JSON schema"),
        ("ciso-assistant/example_framework.xlsx", "an XLSX workbook; frameworks come as OSCAL JSON or CISO Assistant YAML"),
        ("ciso-assistant/mapping-nist-csf-2.0-to-iso27001-2022.yaml", "a CISO Assistant library of a crosswalk"),
        ("cisa/known_exploited_vulnerabilities.json", "the CISA catalogue"),
        ("cisa/CVE-2024-3400.json", "a CVE record"),
        ("cyclonedx/sbom_juice-shop_11.1.2.json", "a CycloneDX bill of materials"),
        ("cyclonedx/VEX_CISA-Use-Cases_Case-2_vex.json", "a CycloneDX document"),
        ("incidents/HHSCyberSecurityBreaches.csv", "a table (CSV)"),
        ("monarc/risks.json", "a JSON list"),
        ("scanners/anchore_grype__many_vulns3.json", "a Grype scan report"),
        ("scanners/sarif__codeQL-output.sarif", "a SARIF report"),
        ("scanners/tenable__nessus__nessus_with_cvssv3.nessus", "a Nessus scan report"),
        ("scanners/trivy__issue_9170.json", "a Trivy scan report"),
    ];
    for (path, what) in others {
        let Some(bytes) = sample("every_sample_is_read_or_refused_with_the_right_words", path) else {
            return;
        };
        let sentence = plain(&bytes).expect_err(path).to_string();
        assert!(sentence.starts_with(&format!("This is {what}")), "{path}: {sentence}");
    }
}

#[test]
fn the_nist_catalog_reads_as_printed() {
    let Some(bytes) = sample("the_nist_catalog_reads_as_printed", CATALOG) else {
        return;
    };
    let (_, draft) = plain(&bytes).expect("the catalog");
    assert_eq!(draft.identity, "613fca2d-704a-42e7-8e2b-b206fb92b456");
    assert_eq!(draft.slug, "nist-special-publication-800-53-revision-5-security-and-privacy-controls-for");
    assert_eq!(
        (draft.version.as_deref(), draft.publisher.as_deref()),
        (Some("5.0.1"), Some("Joint Task Force, Interagency Working Group"))
    );
    let node = |id: &str| draft.nodes.iter().find(|node| node.source_id == id).expect(id);
    let text = |id: &str| node(id).description.as_deref().expect(id);

    assert_eq!((node("ac").reference.as_deref(), node("ac").title.as_deref()), (Some("AC"), Some("Access Control")));
    assert_eq!(node("ac-2").mappings.len(), 28);
    assert_eq!(draft.nodes[node("ac-2.1").parent.expect("a parent")].source_id, "ac-2");
    assert_eq!(node("ac-2.1").reference.as_deref(), Some("AC-2(1)"));
    let start = "a. Develop, document, and disseminate to [Assignment: organization-defined personnel or roles]:\n  \
                 1. [Selection (one or more): Organization-level; Mission/business process-level; System-level] access control policy that:\n    \
                 (a) Addresses purpose,";
    assert!(text("ac-1").starts_with(start), "{}", text("ac-1"));
    assert!(text("ac-1").contains("\n\nGuidance\nAccess control policy and procedures address"), "{}", text("ac-1"));

    let withdrawn = draft.nodes.iter().filter(|node| node.withdrawn);
    assert_eq!(withdrawn.clone().count(), 182);
    assert!(withdrawn.clone().all(|node| !node.assessable && node.is_control));
    assert!(withdrawn.clone().all(|node| { node.description.as_ref().is_some_and(|text| text.starts_with("Withdrawn: ")) }));
    let successors = || withdrawn.clone().flat_map(|node| &node.successors);
    assert!(successors().count() > 180 && successors().all(|one| one.target.is_some()), "every place is a node of it, or in one");
    assert_eq!(text("ac-2.10"), "Withdrawn: incorporated into AC-2k.");
    assert_eq!(text("ac-13"), "Withdrawn: incorporated into AC-2 and AU-6.");
    assert_eq!(text("sa-12"), "Withdrawn: incorporated into SR.");
    assert_eq!(text("cp-10.3"), "Withdrawn: Addressed through tailoring.");
}

#[test]
fn a_compact_copy_is_the_same_catalog() {
    let Some(bytes) = sample("a_compact_copy_is_the_same_catalog", CATALOG) else {
        return;
    };
    let (_, draft) = plain(&bytes).expect("the catalog");
    let value: serde_json::Value = serde_json::from_slice(&bytes).expect("JSON");
    let mut copy = serde_json::to_vec(&value).expect("JSON");
    assert!(copy.len() < bytes.len());
    let (_, same) = plain(&copy).expect("the copy");
    assert_eq!(fingerprint(&draft), fingerprint(&same));

    let text = String::from_utf8(copy).expect("UTF-8");
    copy = text.replacen("Monitor the use of accounts;", "Watch the use of accounts;", 1).into_bytes();
    let (_, other) = plain(&copy).expect("the copy");
    assert_ne!(fingerprint(&draft), fingerprint(&other));
    let changed: Vec<Fate> =
        compare(&draft.nodes, &other.nodes).into_iter().filter(|fate| !matches!(fate, Fate::Unchanged { .. })).collect();
    let [Fate::Change { new, fields, .. }] = &changed[..] else { panic!("{changed:?}") };
    assert_eq!((other.nodes[*new].source_id.as_str(), &fields[..]), ("ac-2", &["description"][..]));
}

#[test]
fn a_cut_catalog_is_never_a_framework() {
    cut_everywhere("a_cut_catalog_is_never_a_framework", CATALOG);
}

#[test]
fn a_cut_library_is_never_a_framework() {
    cut_everywhere("a_cut_library_is_never_a_framework", CSF);
}

/// Cuts a file at 200 places, evenly and where chance has it.
fn cut_everywhere(test: &str, path: &str) {
    let Some(bytes) = sample(test, path) else {
        return;
    };
    let even = (0..100).map(|step| bytes.len() * step / 100);
    let mut state = 0x00c0_ffee_u64;
    let chance = std::iter::repeat_with(|| random(&mut state) % bytes.len()).take(100);
    for at in even.chain(chance) {
        match plain(&bytes[..at]) {
            Err(Refusal::Truncated { byte, .. }) => assert_eq!(byte, at, "{path}"),
            Err(Refusal::Incomplete { line, .. }) => assert!(line <= 1 + at, "{path}"),
            Err(Refusal::Empty) => assert_eq!(at, 0, "{path}"),
            // The head of a library is text before its first colon, and a document before its urn.
            Err(Refusal::NotFramework { .. }) if at < 150 => {}
            other => panic!("{path} cut at byte {at}: {other:?}"),
        }
    }
    assert!(plain(bytes.trim_ascii_end()).is_ok(), "{path} without its last line break");
}
