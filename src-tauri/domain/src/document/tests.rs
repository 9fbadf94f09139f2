use super::*;
use DocumentStatus::{Approved, ChangesRequested, Draft, InReview, Published, Retired};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn document(kind: Option<DocumentKind>, owner: Option<&str>) -> Document {
    let file = FoundFile { name: "rules.pdf".into(), media_type: "application/pdf".into(), size: 1, sha256: "0".repeat(64) };
    let patch = DocumentPatch { kind: Some(kind), owner: Some(owner.map(str::to_owned)), ..DocumentPatch::default() };
    Document::create(patch, file, "id".into(), 42, "Ines Okafor", NOW).expect("valid")
}

fn to(status: DocumentStatus) -> DocumentPatch {
    DocumentPatch { status: Some(status), ..DocumentPatch::default() }
}

fn fields(result: Result<(), Problems>) -> Vec<String> {
    result.err().map(|problems| problems.0.into_iter().map(|problem| problem.field).collect()).unwrap_or_default()
}

#[test]
fn a_new_document_is_a_draft_named_after_its_file() {
    let document = document(None, None);
    assert_eq!((document.reference.as_str(), document.title.as_str(), document.status), ("DOC-0042", "rules", Draft));
}

#[test]
fn a_policy_is_approved_in_review_by_somebody_who_is_not_its_owner() {
    for kind in [DocumentKind::Policy, DocumentKind::Procedure, DocumentKind::Standard] {
        let mut policy = document(Some(kind), Some("Hugo Marchetti"));
        for too_early in [Approved, Published] {
            assert_eq!(fields(policy.apply(to(too_early), "Ines Okafor", NOW)), ["status"], "{kind:?}: reviewed first");
        }
        policy.apply(to(InReview), "Hugo Marchetti", NOW).expect("its owner sends it to review");
        assert_eq!(fields(policy.apply(to(Approved), "hugo marchetti ", NOW)), ["approver"], "{kind:?}: and does not approve it");
        policy.apply(to(Approved), "Ines Okafor", NOW).expect("another approves it");
        assert_eq!((policy.approver.as_deref(), policy.approved_at), (Some("Ines Okafor"), Some(NOW)));
        policy.apply(to(Published), "Hugo Marchetti", NOW).expect("published");
        assert_eq!(policy.approver.as_deref(), Some("Ines Okafor"), "the approval holds");
        let owned = DocumentPatch { owner: Some(Some("Ines Okafor".into())), ..DocumentPatch::default() };
        assert_eq!(fields(policy.apply(owned, "Hugo Marchetti", NOW)), ["approver"], "the approver does not become its owner");
        policy.apply(to(InReview), "Hugo Marchetti", NOW).expect("looked at again");
        assert_eq!((policy.approver, policy.approved_at), (None, None), "and has to be approved anew");
    }
    let mut nobodys = document(Some(DocumentKind::Policy), None);
    nobodys.apply(to(InReview), "Ines Okafor", NOW).expect("in review");
    assert_eq!(fields(nobodys.apply(to(Approved), "Ines Okafor", NOW)), ["owner"], "a policy has an owner");
    let mut evidence = document(Some(DocumentKind::Evidence), Some("Ines Okafor"));
    evidence.apply(to(Published), "Ines Okafor", NOW).expect("evidence is filed at once");
    let policy = DocumentPatch { kind: Some(Some(DocumentKind::Policy)), ..DocumentPatch::default() };
    assert_eq!(fields(evidence.apply(policy, "Ines Okafor", NOW)), ["kind"], "and does not become a policy by that");
}

#[test]
fn the_life_cycle_goes_by_the_table() {
    let all = [Draft, InReview, ChangesRequested, Approved, Published, Retired];
    let controlled = ["-x---x", "x-xx--", "xx---x", "xx--xx", "-x---x", "x-----"];
    let others = ["-x-xxx", "x-xxx-", "xx---x", "xx--xx", "-x---x", "x-----"];
    for (kind, table) in [(DocumentKind::Policy, controlled), (DocumentKind::Record, others)] {
        for (from, row) in all.into_iter().zip(table) {
            for (status, mark) in all.into_iter().zip(row.chars()) {
                let mut document = document(Some(kind), Some("Hugo Marchetti"));
                (document.status, document.approver) = (from, Some("Ines Okafor".into()));
                let result = document.apply(to(status), "Ines Okafor", NOW);
                assert_eq!(result.is_ok(), mark == 'x' || from == status, "{kind:?} {from:?} → {status:?}: {result:?}");
                assert_eq!(document.status, if mark == 'x' { status } else { from });
            }
        }
    }
}

#[test]
fn dates_are_in_order_and_everything_wrong_is_told_at_once() {
    let mut document = document(None, None);
    let patch = |effective: &str, review: &str, expires: &str| DocumentPatch {
        effective_date: Some(effective.parse().ok()),
        review_date: Some(review.parse().ok()),
        expires_at: Some(expires.parse().ok()),
        ..DocumentPatch::default()
    };
    assert_eq!(fields(document.apply(patch("2026-05-02", "2026-05-01", "2026-04-30T00:00:00Z"), "a", NOW)), ["review_date", "expires_at"]);
    document.apply(patch("2026-05-02", "2026-05-02", "2026-05-02T00:00:00Z"), "a", NOW).expect("the same day is in order");
    let body = serde_json::json!({ "title": "", "kind": "poem", "expires_at": "2026-05-01", "status": "draft", "sha256": "0" });
    let fields = |creating: bool| {
        let problems = DocumentPatch::read(body.as_object().expect("an object").clone(), creating).expect_err("wrong");
        let mut fields: Vec<String> = problems.0.into_iter().map(|problem| problem.field).collect();
        fields.sort();
        fields
    };
    assert_eq!(fields(true), ["expires_at", "kind", "sha256", "status", "title"], "a new one takes no status");
    assert_eq!(fields(false), ["expires_at", "kind", "title"], "a change does, and ignores what is read-only");
}

#[test]
fn a_file_name_is_its_last_part_without_what_misleads() {
    let cases = [
        ("rules.pdf", "rules.pdf"),
        ("Règles de sécurité (v2).pdf", "Règles de sécurité (v2).pdf"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\windows\\system32\\cmd.exe", "cmd.exe"),
        ("/etc/shadow", "shadow"),
        ("C:\\x\\y.txt", "y.txt"),
        ("C:y.txt", "C_y.txt"),
        ("a\0b.txt", "ab.txt"),
        ("a\r\nSet-Cookie: x.txt", "aSet-Cookie_ x.txt"),
        ("invoice\u{202e}fdp.exe", "invoicefdp.exe"),
        ("a\u{200b}\u{2066}b\u{2069}.txt", "ab.txt"),
        ("  spaced .txt  ", "spaced .txt"),
        ("ends in dots...", "ends in dots"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("COM1.log", "_COM1.log"),
        ("COMB.log", "COMB.log"),
        ("a<b>\"c|d?*.txt", "a_b__c_d__.txt"),
        ("", "file"),
        ("..", "file"),
        ("/", "file"),
        ("\u{202e}", "file"),
        (".hidden", ".hidden"),
    ];
    for (sent, expected) in cases {
        assert_eq!(file_name(sent), expected, "{sent:?}");
    }
    for sent in [format!("{}.pdf", "é".repeat(500)), "x".repeat(500), format!("CON.{}", "y".repeat(500))] {
        let name = file_name(&sent);
        assert!(name.chars().count() <= NAME_MAX, "{name}");
        assert_eq!(name.ends_with(".pdf"), sent.ends_with(".pdf"), "the ending is kept");
    }
}
