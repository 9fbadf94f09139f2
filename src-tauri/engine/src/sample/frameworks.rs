//! The sample's frameworks, from their data files.
//!
//! A file holds `! identity | slug | name | version | publisher`, `? description`, and its nodes in order as
//! `depth kind reference | title | summary`; kind is `g` for a group, `c` for a control that can be assessed and `n`
//! for one that is only there for reading.

use super::text::{control, fields, lines, optional};
use amtia_domain::framework::{ControlDraft, FrameworkDraft, FrameworkSource, Mapping};

const FILES: [&str; 3] =
    [include_str!("data/frameworks/iso-27001.txt"), include_str!("data/frameworks/dora.txt"), include_str!("data/frameworks/nis2.txt")];
const MAPPINGS: &str = include_str!("data/frameworks/mappings.txt");

/// The three frameworks, linked to one another.
pub(super) fn all() -> Vec<FrameworkDraft> {
    let mut frameworks: Vec<FrameworkDraft> = FILES.into_iter().filter_map(read).collect();
    let links: Vec<_> = lines(MAPPINGS).filter_map(|line| link(&frameworks, line)).collect();
    for (from, to, relation) in links {
        add(&mut frameworks, from, to, relation);
        add(&mut frameworks, to, from, opposite(relation));
    }
    frameworks
}

fn read(file: &'static str) -> Option<FrameworkDraft> {
    let mut rows = lines(file);
    let head = fields(rows.next()?.strip_prefix("! ")?);
    let [identity, slug, name, version, publisher] = head[..] else { return None };
    let description = rows.next()?.strip_prefix("? ")?;
    let mut nodes: Vec<ControlDraft> = Vec::new();
    let mut branch: Vec<usize> = Vec::new();
    for row in rows {
        let (depth, kind, reference, title, summary) = node(row)?;
        if depth == 0 || depth > branch.len() + 1 {
            return None;
        }
        branch.truncate(depth - 1);
        let parent = branch.last().copied();
        branch.push(nodes.len());
        nodes.push(ControlDraft {
            source_id: source_id(identity, reference),
            parent,
            reference: optional(reference),
            title: optional(title),
            description: optional(summary),
            assessable: kind == "c",
            withdrawn: false,
            is_control: kind != "g",
            mappings: Vec::new(),
            successors: Vec::new(),
        });
    }
    Some(FrameworkDraft {
        identity: identity.to_owned(),
        slug: slug.to_owned(),
        name: name.to_owned(),
        version: optional(version),
        publisher: optional(publisher),
        description: optional(description),
        locale: Some("en".to_owned()),
        source: FrameworkSource::Sample,
        nodes,
        problems: Vec::new(),
    })
}

type Node = (usize, &'static str, &'static str, &'static str, &'static str);

fn node(row: &'static str) -> Option<Node> {
    let [head, title, summary] = fields(row)[..] else { return None };
    let mut words = head.splitn(3, ' ');
    let (depth, kind, reference) = (words.next()?.parse().ok()?, words.next()?, words.next()?);
    Some((depth, kind, reference, title, summary))
}

/// `Art. 9(4)(c)` becomes `urn:…:art.9-4-c`.
fn source_id(identity: &str, reference: &str) -> String {
    let tail: String = reference.to_lowercase().replace(' ', "").replace('(', "-").replace(')', "");
    format!("{identity}:{tail}")
}

type Place = (usize, usize);

fn find(frameworks: &[FrameworkDraft], text: &str) -> Option<Place> {
    let (slug, reference) = control(text);
    let framework = frameworks.iter().position(|framework| framework.slug == slug)?;
    let node = frameworks[framework].nodes.iter().position(|node| node.reference.as_deref() == Some(&reference))?;
    Some((framework, node))
}

fn link(frameworks: &[FrameworkDraft], line: &'static str) -> Option<(Place, Place, &'static str)> {
    let [from, relation, to] = fields(line)[..] else { return None };
    Some((find(frameworks, from)?, find(frameworks, to)?, relation))
}

fn opposite(relation: &'static str) -> &'static str {
    match relation {
        "subset" => "superset",
        "superset" => "subset",
        same => same,
    }
}

fn add(frameworks: &mut [FrameworkDraft], from: Place, to: Place, relation: &str) {
    let target = frameworks[to.0].nodes[to.1].source_id.clone();
    frameworks[from.0].nodes[from.1].mappings.push(Mapping { relation: relation.to_owned(), target });
}

#[cfg(test)]
mod tests {
    use super::{FILES, MAPPINGS, all};
    use crate::sample::text::lines;
    use amtia_domain::framework::{ControlDraft, FrameworkDraft};
    use std::collections::HashSet;

    fn framework(slug: &str) -> FrameworkDraft {
        all().into_iter().find(|framework| framework.slug == slug).expect("one of the three")
    }

    fn count(framework: &FrameworkDraft, which: impl Fn(&ControlDraft) -> bool) -> usize {
        framework.nodes.iter().filter(|node| which(node)).count()
    }

    #[test]
    fn every_line_of_every_file_is_there() {
        let frameworks = all();
        assert_eq!(frameworks.iter().map(|framework| framework.slug.as_str()).collect::<Vec<_>>(), ["iso-27001", "dora", "nis2"]);
        for (file, framework) in FILES.into_iter().zip(&frameworks) {
            assert_eq!(lines(file).count() - 2, framework.nodes.len(), "{}", framework.slug);
            assert_eq!(framework.identity, format!("urn:amtia:sample:{}", framework.slug));
        }
    }

    #[test]
    fn annex_a_has_its_93_controls_in_four_themes() {
        let iso = framework("iso-27001");
        assert_eq!(iso.name, "ISO/IEC 27001:2022");
        assert_eq!(count(&iso, |node| node.is_control), 93);
        assert_eq!(count(&iso, |node| node.parent.is_none()), 4);
        for (theme, controls) in [("A.5", 37), ("A.6", 8), ("A.7", 14), ("A.8", 34)] {
            let at = iso.nodes.iter().position(|node| node.reference.as_deref() == Some(theme));
            assert_eq!(count(&iso, |node| node.parent == at), controls, "{theme}");
            for number in 1..=controls {
                let reference = format!("{theme}.{number}");
                assert_eq!(count(&iso, |node| node.reference.as_deref() == Some(&reference) && node.parent == at), 1, "{reference}");
            }
        }
    }

    #[test]
    fn dora_has_its_64_articles_and_nis2_its_ten_minimum_measures() {
        let dora = framework("dora");
        for number in 1..=64 {
            let reference = format!("Art. {number}");
            assert_eq!(count(&dora, |node| node.reference.as_deref() == Some(&reference)), 1, "{reference}");
        }
        assert_eq!(count(&dora, |node| node.parent.is_none()), 9);
        let nis2 = framework("nis2");
        let at = nis2.nodes.iter().position(|node| node.reference.as_deref() == Some("Art. 21(2)"));
        assert_eq!(count(&nis2, |node| node.parent == at && node.assessable), 10);
    }

    /// The reference itself says where a node belongs: `A.8.2` below `A.8`, `Art. 9(4)(c)` below `Art. 9`.
    #[test]
    fn every_parent_comes_first_and_fits_the_reference() {
        for framework in all() {
            let mut ids = HashSet::new();
            for (at, node) in framework.nodes.iter().enumerate() {
                assert!(ids.insert(&node.source_id), "{} twice", node.source_id);
                assert!(node.title.is_some() && node.description.is_some(), "{}", node.source_id);
                assert!(!node.assessable || node.is_control, "{}", node.source_id);
                let reference = node.reference.as_deref().expect("every node has one");
                let Some(parent) = node.parent else {
                    assert!(!reference.contains('('), "{reference} stands alone");
                    continue;
                };
                assert!(parent < at, "{reference}");
                let above = framework.nodes[parent].reference.as_deref().expect("every node has one");
                let fits = if reference.contains('(') || reference.starts_with("A.") {
                    reference.strip_prefix(above).is_some_and(|rest| rest.starts_with(['.', '(']))
                } else {
                    above.starts_with("Chapter ") || above.starts_with("Section ")
                };
                assert!(fits, "{reference} below {above}");
            }
        }
    }

    #[test]
    fn mappings_lead_to_nodes_and_back() {
        let frameworks = all();
        let nodes: Vec<&ControlDraft> = frameworks.iter().flat_map(|framework| &framework.nodes).collect();
        let mut found = 0;
        for node in &nodes {
            for mapping in &node.mappings {
                found += 1;
                assert!(["equal", "subset", "superset", "intersects", "related"].contains(&mapping.relation.as_str()));
                let target = nodes.iter().find(|other| other.source_id == mapping.target).expect("the target exists");
                assert!(target.mappings.iter().any(|back| back.target == node.source_id), "{}", node.source_id);
            }
        }
        assert_eq!(found, 2 * lines(MAPPINGS).count());
    }
}
