//! What the sample promises.

use super::risks::{APPETITE, CELLS, COUNT, UNASSESSED, score};
use super::text::{controls, lines};
use super::{Sample, SampleIncident, SampleRisk, corvane, incidents, moment, stock};
use amtia_domain::assessed_control::ControlResult;
use amtia_domain::assessment::AssessmentStatus;
use amtia_domain::asset::AssetType;
use amtia_domain::incident::{DismissalReason, Incident, IncidentPatch, IncidentStatus, Severity, StatusChange, Tlp};
use amtia_domain::risk::{RiskStatus, Treatment};
use amtia_domain::vulnerability::{VulnerabilitySeverity, VulnerabilityStatus, is_cve};
use amtia_domain::words::Word;
use jiff::civil::{Date, date};
use std::collections::{BTreeSet, HashMap, HashSet};

const TODAY: Date = date(2026, 11, 24);

fn sample() -> Sample {
    corvane(TODAY, 1)
}

fn number(sample: &Sample, number: usize) -> &SampleRisk {
    &sample.risks[number - 1]
}

#[test]
fn there_are_1243_risks_with_names_of_their_own() {
    for seed in 1..=5 {
        let sample = corvane(TODAY, seed);
        assert_eq!(sample.risks.len(), 1243);
        let names: HashSet<String> = sample.risks.iter().map(|risk| risk.name.to_lowercase()).collect();
        assert_eq!(names.len(), 1243, "two names are equal");
        assert!(sample.risks.iter().all(|risk| (1..=200).contains(&risk.name.chars().count())));
    }
}

/// Names that only differ in a word or two would look made by a machine.
#[test]
fn no_two_names_look_alike() {
    let sample = sample();
    let words: Vec<BTreeSet<&str>> = sample
        .risks
        .iter()
        .map(|risk| risk.name.split(|letter: char| !letter.is_alphanumeric()).filter(|word| word.len() > 3).collect())
        .collect();
    let mut users: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, words) in words.iter().enumerate() {
        words.iter().for_each(|word| users.entry(word).or_default().push(at));
    }
    let mut shared: HashMap<(usize, usize), usize> = HashMap::new();
    for users in users.values() {
        for (nth, one) in users.iter().enumerate() {
            users[nth + 1..].iter().for_each(|other| *shared.entry((*one, *other)).or_default() += 1);
        }
    }
    assert!(!shared.is_empty());
    for ((one, other), shared) in shared {
        let all = words[one].len() + words[other].len() - shared;
        assert!(shared * 2 <= all, "{} / {}", sample.risks[one].name, sample.risks[other].name);
    }
}

#[test]
fn the_map_has_its_counts_whatever_the_seed() {
    for seed in [1, 2, 99] {
        let sample = corvane(TODAY, seed);
        let mut counts = [[0; 5]; 5];
        for (likelihood, impact) in sample.risks.iter().filter_map(|risk| risk.current) {
            counts[usize::from(likelihood) - 1][usize::from(impact) - 1] += 1;
        }
        assert_eq!(counts, CELLS);
        assert_eq!(sample.risks.iter().filter(|risk| risk.current.is_none()).count(), UNASSESSED);
        let above = sample.risks.iter().filter(|risk| risk.current.is_some_and(|cell| score(cell) > APPETITE)).count();
        assert_eq!(above, 232);
    }
}

#[test]
fn the_same_seed_gives_the_same_and_another_seed_another() {
    assert_eq!(corvane(TODAY, 5), corvane(TODAY, 5));
    assert_ne!(corvane(TODAY, 5).risks, corvane(TODAY, 6).risks);
}

#[test]
fn assessments_fit_one_another() {
    for seed in 1..=5 {
        for risk in corvane(TODAY, seed).risks {
            let name = &risk.name;
            for (likelihood, impact) in [risk.inherent, risk.current, risk.residual, risk.target].into_iter().flatten() {
                assert!((1..=5).contains(&likelihood) && (1..=5).contains(&impact), "{name}");
            }
            let Some(current) = risk.current else {
                assert!(risk.inherent.is_none() && risk.residual.is_none() && risk.target.is_none(), "{name}");
                assert_eq!((risk.status, risk.treatment), ("identified", "open"), "{name}");
                continue;
            };
            assert!(risk.inherent.is_none_or(|inherent| score(current) <= score(inherent)), "{name}");
            assert!(risk.residual.is_none_or(|residual| score(residual) <= score(current)), "{name}");
            if let Some(target) = risk.target {
                assert!(risk.residual.is_some_and(|residual| score(target) <= score(residual)), "{name}");
            }
        }
    }
}

#[test]
fn status_and_treatment_fit_the_score() {
    for seed in 1..=5 {
        let sample = corvane(TODAY, seed);
        for risk in &sample.risks {
            let name = &risk.name;
            assert!(RiskStatus::from_word(risk.status).is_some() && Treatment::from_word(risk.treatment).is_some(), "{name}");
            let started = !matches!(risk.status, "identified" | "analysed");
            assert_eq!(started, risk.treatment != "open", "{name}");
            if risk.treatment == "accept" {
                assert!(risk.rationale.as_deref().is_some_and(|text| text.contains("Accepted")), "{name}");
                assert_eq!(risk.residual, risk.current, "{name}");
            }
            if risk.status == "closed" {
                assert!(risk.current.is_some_and(|cell| score(cell) <= 6) && risk.review_date.is_none(), "{name}");
            }
        }
        let closed = sample.risks.iter().filter(|risk| risk.status == "closed").count();
        assert!((5..=40).contains(&closed), "{closed} are closed");
        let above = |risk: &&SampleRisk| risk.treatment == "accept" && risk.current.is_some_and(|cell| score(cell) > APPETITE);
        let accepted = sample.risks.iter().filter(above).count();
        assert!((4..=20).contains(&accepted), "{accepted} are accepted above appetite");
    }
}

#[test]
fn the_risks_people_know_stand_in_their_places() {
    let sample = sample();
    assert_eq!(number(&sample, 142).name, "Supplier administrators keep access after contract end");
    assert_eq!(number(&sample, 142).current, Some((3, 4)));
    assert_eq!(number(&sample, 142).inherent, Some((4, 5)));
    assert_eq!(number(&sample, 142).owner.as_deref(), Some("Priya Raman"));
    assert_eq!(number(&sample, 142).review_date, Some(date(2026, 12, 12)));
    assert_eq!(number(&sample, 117).name, "Ransomware reaches the payment switch through the jump hosts");
    for risk in stock::named() {
        assert_eq!(number(&sample, risk.number).name, risk.name);
    }
}

#[test]
fn owners_categories_and_reviews_are_spread() {
    let sample = sample();
    let categories: BTreeSet<&str> = sample.risks.iter().map(|risk| risk.category.as_str()).collect();
    assert_eq!(categories.len(), 14, "{categories:?}");
    let mut owners: HashMap<&str, usize> = HashMap::new();
    for owner in sample.risks.iter().filter_map(|risk| risk.owner.as_deref()) {
        *owners.entry(owner).or_default() += 1;
    }
    assert!((22..=26).contains(&owners.len()) && owners.values().all(|count| (10..=120).contains(count)), "{owners:?}");
    let days = |risk: &SampleRisk| risk.review_date.and_then(|day| TODAY.until(day).ok()).map(|span| span.get_days());
    let overdue = sample.risks.iter().filter(|risk| days(risk).is_some_and(|days| days < 0)).count();
    let soon = sample.risks.iter().filter(|risk| days(risk).is_some_and(|days| (0..=14).contains(&days))).count();
    assert!((20..=90).contains(&overdue) && (40..=150).contains(&soon), "{overdue} overdue, {soon} soon");
}

#[test]
fn risks_were_entered_one_after_the_other_and_in_the_past() {
    for today in [TODAY, date(2026, 11, 29), date(2028, 2, 29)] {
        let sample = corvane(today, 3);
        assert!(sample.risks.is_sorted_by_key(|risk| risk.created));
        let latest = moment(today, -1, 600);
        assert!(sample.risks.iter().all(|risk| risk.created <= latest));
        for risk in &sample.risks {
            let weekday = risk.created.to_zoned_datetime(jiff::tz::TimeZone::UTC).weekday().to_monday_one_offset();
            assert!(weekday <= 5, "{} was entered on a weekend", risk.name);
        }
    }
}

#[test]
fn every_control_reference_resolves() {
    let sample = sample();
    let known: HashSet<(&str, &str)> = sample
        .frameworks
        .iter()
        .flat_map(|framework| framework.nodes.iter().map(move |node| (framework, node)))
        .filter(|(_, node)| node.assessable)
        .filter_map(|(framework, node)| Some((framework.slug.as_str(), node.reference.as_deref()?)))
        .collect();
    for risk in &sample.risks {
        let mut seen = HashSet::new();
        for (slug, reference) in &risk.controls {
            assert!(known.contains(&(*slug, reference.as_str())), "{}: {slug} {reference}", risk.name);
            assert!(seen.insert((slug, reference)), "{}: {reference} twice", risk.name);
        }
        let tags: HashSet<&String> = risk.tags.iter().collect();
        assert!(tags.len() == risk.tags.len() && !risk.tags.is_empty(), "{}: {:?}", risk.name, risk.tags);
        if risk.current.is_some_and(|cell| score(cell) > APPETITE) && risk.treatment != "open" {
            assert!(!risk.controls.is_empty(), "{}", risk.name);
        }
    }
    for line in lines(include_str!("data/keywords.txt")) {
        for (slug, reference) in controls(line.rsplit('|').next().expect("a last field")) {
            assert!(known.contains(&(slug, reference.as_str())), "{line}");
        }
    }
}

#[test]
fn every_incident_and_every_entry_is_read() {
    let sample = sample();
    let starting = |with: &str| incidents::FILES.into_iter().flat_map(lines).filter(|line| line.starts_with(with)).count();
    assert_eq!(sample.incidents.len(), starting("= "));
    assert_eq!(sample.incidents.iter().map(|incident| incident.timeline.len()).sum::<usize>(), starting("+"));
    let links: usize =
        incidents::FILES.into_iter().flat_map(lines).filter(|line| line.starts_with("& ")).map(|line| line.split(';').count()).sum();
    assert_eq!(sample.incidents.iter().map(|incident| incident.risks.len()).sum::<usize>(), links, "a touched risk is unknown");
}

#[test]
fn about_ten_incidents_are_open_over_all_severities() {
    let sample = sample();
    let open: Vec<&SampleIncident> =
        sample.incidents.iter().filter(|incident| !matches!(incident.status, "resolved" | "closed" | "dismissed")).collect();
    assert!((9..=12).contains(&open.len()), "{}", open.len());
    let severities: HashSet<&str> = open.iter().map(|incident| incident.severity).collect();
    assert_eq!(severities.len(), 4);
    assert!((55..=75).contains(&sample.incidents.len()));
    let first = sample.incidents.first().expect("there are some").created;
    assert!(first >= moment(TODAY, -550, 0), "older than eighteen months");
    for status in ["new", "triaged", "contained", "recovered", "resolved", "closed", "dismissed"] {
        assert!(sample.incidents.iter().any(|incident| incident.status == status), "none is {status}");
    }
}

#[test]
fn times_of_an_incident_are_in_order() {
    for today in [TODAY, date(2026, 11, 28), date(2028, 2, 29)] {
        let latest = moment(today, -1, 600);
        for incident in corvane(today, 1).incidents {
            let title = &incident.title;
            let detected = incident.detected_at.expect("detected");
            let aware = incident.aware_at.expect("aware");
            assert!(incident.occurred_at.is_none_or(|occurred| occurred <= detected) && detected <= aware, "{title}");
            assert!(incident.classified_at.is_none_or(|classified| aware <= classified), "{title}");
            let entries = &incident.timeline;
            assert!(entries.is_sorted_by_key(|entry| entry.at), "{title}");
            assert_eq!(entries[0].kind, "reported", "{title}");
            assert_eq!(entries[0].entered_at, incident.created, "{title}");
            assert!(entries[0].at >= detected, "{title}");
            for entry in entries {
                assert!(entry.at <= entry.entered_at && entry.entered_at < latest, "{title}");
                let changes = matches!(entry.kind, "status" | "severity" | "lead");
                assert_eq!(changes, entry.to.is_some(), "{title}");
            }
        }
    }
}

/// Plays every timeline through the rules of the domain and compares where it ends.
#[test]
fn timelines_follow_the_status_rules() {
    for incident in sample().incidents {
        let title = &incident.title;
        let patch =
            IncidentPatch { title: Some(title.clone()), severity: Severity::from_word(incident.severity), ..IncidentPatch::default() };
        assert!(incident.tlp.is_none_or(|word| Tlp::from_word(word).is_some()), "{title}");
        let mut replay = Incident::create(patch, String::new(), 1, incident.created).expect("title and severity are given");
        let (mut severity, mut lead): (Option<&str>, Option<&str>) = (None, None);
        for entry in &incident.timeline {
            match entry.kind {
                "status" => {
                    assert_eq!(entry.from.as_deref(), Some(replay.status.word()), "{title}");
                    let status = entry.to.as_deref().and_then(IncidentStatus::from_word).expect("a status");
                    let reason = incident.dismissal_reason.and_then(DismissalReason::from_word);
                    let change = StatusChange { status, note: entry.text.clone(), reason };
                    assert_eq!(replay.change_status(&change, entry.at), Ok(true), "{title}");
                }
                "severity" => {
                    assert!(severity.is_none() || severity == entry.from.as_deref(), "{title}");
                    assert_ne!(entry.from, entry.to, "{title}");
                    severity = entry.to.as_deref();
                }
                "lead" => {
                    assert_eq!(entry.from.as_deref(), lead, "{title}");
                    lead = entry.to.as_deref();
                }
                kind => assert!(matches!(kind, "reported" | "comment"), "{title}: {kind}"),
            }
        }
        assert_eq!(replay.status.word(), incident.status, "{title}");
        assert_eq!(replay.resolved_at, incident.resolved_at, "{title}");
        assert_eq!(replay.dismissal_reason.map(Word::word), incident.dismissal_reason, "{title}");
        assert!(severity.is_none_or(|word| word == incident.severity), "{title}");
        assert_eq!(lead, incident.lead.as_deref(), "{title}");
    }
}

#[test]
fn the_sample_has_its_name_and_three_frameworks() {
    let sample = sample();
    assert_eq!(sample.workspace_name, "Corvane Group");
    assert_eq!(sample.frameworks.len(), 3);
    assert_eq!(sample.risks.len(), COUNT);
}

#[test]
fn assets_have_a_place_an_owner_and_names_of_their_own_and_risks_name_them() {
    let sample = sample();
    assert!(sample.assets.len() >= 40, "{}", sample.assets.len());
    let names: HashSet<&str> = sample.assets.iter().map(|asset| asset.name).collect();
    assert_eq!(names.len(), sample.assets.len(), "no two have one name");
    for asset in &sample.assets {
        assert!(AssetType::from_word(asset.kind).is_some(), "{}: {}", asset.name, asset.kind);
        assert!(asset.needs.iter().all(|need| (1..=5).contains(need)) && asset.description.is_some(), "{}", asset.name);
    }
    let linked = sample.risks.iter().filter(|risk| sample.assets.iter().any(|asset| asset.is_named_in(&risk.name))).count();
    assert!((200..800).contains(&linked), "some risks are about assets, not all: {linked}");
    let gateway = sample.assets.iter().find(|asset| asset.name == "ATM network").expect("it is there");
    assert!(gateway.is_named_in("ATM line cut") && !gateway.is_named_in("Treatment is late"), "a word begins where a word begins");
    let vulnerabilities = &sample.vulnerabilities;
    assert!(vulnerabilities.len() >= 100, "{}", vulnerabilities.len());
    for one in vulnerabilities {
        assert!(VulnerabilityStatus::from_word(one.status).is_some(), "{}: {}", one.title, one.status);
        assert_ne!(one.cvss.is_some(), one.severity.is_some(), "{}: a score or a severity", one.title);
        assert!(one.severity.is_none_or(|word| VulnerabilitySeverity::from_word(word).is_some()), "{}", one.title);
        assert!(one.cve.as_deref().is_none_or(is_cve), "{:?}", one.cve);
        assert!(one.first_seen <= one.last_seen && one.last_seen < Some(TODAY), "{}: seen in order, before today", one.title);
    }
}

#[test]
fn each_framework_is_assessed_and_every_exception_names_one_of_its_controls() {
    let sample = sample();
    for framework in &sample.frameworks {
        let own: Vec<_> = sample.assessments.iter().filter(|one| one.framework == framework.slug).collect();
        assert!((1..=2).contains(&own.len()), "{}: {}", framework.slug, own.len());
        for one in own {
            assert!(AssessmentStatus::from_word(one.status).is_some(), "{}: {}", one.name, one.status);
            for found in &one.exceptions {
                let controls = framework.nodes.iter().filter(|node| node.assessable && node.reference.as_deref() == Some(found.reference));
                assert_eq!(controls.count(), 1, "{}: {}", one.name, found.reference);
                assert!(ControlResult::from_word(found.result).is_some(), "{}", found.result);
                assert_eq!(found.justification.is_some(), found.result == "not_applicable", "{}: {}", one.name, found.reference);
            }
        }
    }
    assert!(sample.assessments.iter().all(|one| sample.frameworks.iter().any(|framework| framework.slug == one.framework)), "no other");
}

#[test]
fn a_workshop_is_planned_for_a_room_and_an_agenda_of_one_category() {
    let sample = sample();
    let [workshop] = sample.workshops.as_slice() else { panic!("one workshop") };
    assert!(workshop.held_on > TODAY, "it is ahead");
    assert_eq!((workshop.risks.len(), workshop.participants.len()), (14, 9));
    for place in &workshop.risks {
        let risk = &sample.risks[*place];
        assert!(risk.category == "Third parties" && risk.current.is_some(), "{}", risk.name);
    }
}
