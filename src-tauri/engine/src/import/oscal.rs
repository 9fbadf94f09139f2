//! OSCAL 1.x catalogs in JSON.
//!
//! Read straight into the types of `catalog`, then written out as nodes in the catalog's order.

use super::catalog::{Catalog, Control, Group, Link, Metadata, Prop, label_of};
use super::detect::{self, short};
use super::index::{Index, group_reference, moved};
use super::prose::{self, Params};
use super::refusal::{Language, Refusal};
use super::{MAX_NAME, Meter, check_lengths, filled, slug};
use amtia_domain::framework::{ControlDraft, FrameworkDraft, FrameworkSource, MAX_DEPTH, Mapping, RowProblem, Successor};
use serde::Deserialize;
use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::collections::HashSet;

/// More objects than this cannot be a catalog of [`amtia_domain::framework::MAX_NODES`] nodes.
const MAX_OBJECTS: usize = 1_500_000;

/// What a JSON file turned out to be.
pub(super) enum Outcome {
    /// A catalog.
    Catalog(Box<FrameworkDraft>),
    /// A CISO Assistant library written as JSON, to be read by its own reader.
    Library,
}

/// The root of a JSON document.
enum Root {
    Object { catalog: Option<Box<Catalog>>, keys: Vec<String> },
    List,
    Scalar,
}

struct RootVisitor;

impl<'de> Visitor<'de> for RootVisitor {
    type Value = Root;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an OSCAL catalog")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Root, A::Error> {
        let mut catalog = None;
        let mut keys: Vec<String> = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            if key == "catalog" {
                if catalog.replace(map.next_value()?).is_some() {
                    return Err(serde::de::Error::duplicate_field("catalog"));
                }
            } else {
                map.next_value::<IgnoredAny>()?;
                if keys.len() < 40 {
                    keys.push(key);
                }
            }
        }
        Ok(Root::Object { catalog, keys })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Root, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Root::List)
    }

    fn visit_str<E>(self, _: &str) -> Result<Root, E> {
        Ok(Root::Scalar)
    }
}

impl<'de> Deserialize<'de> for Root {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RootVisitor)
    }
}

/// Reads JSON text.
pub(super) fn read(text: &str, meter: &mut Meter<'_>) -> Result<Outcome, Refusal> {
    if text.matches('{').count() > MAX_OBJECTS {
        return Err(Refusal::TooMany);
    }
    let root: Root = serde_json::from_str(text).map_err(|error| refusal(&error, text))?;
    match root {
        Root::Object { catalog: Some(catalog), .. } => draft(&catalog, meter).map(|draft| Outcome::Catalog(Box::new(draft))),
        Root::Object { catalog: None, keys } if keys.iter().any(|key| key == "objects" || key == "requirement_nodes") => {
            Ok(Outcome::Library)
        }
        Root::Object { catalog: None, keys } => Err(detect::other_json(&keys)),
        Root::List => Err(detect::json_root("a JSON list")),
        Root::Scalar => Err(detect::json_root("a single JSON value")),
    }
}

fn refusal(error: &serde_json::Error, text: &str) -> Refusal {
    if error.is_eof() {
        return Refusal::Truncated { line: detect::last_line(text), byte: text.len() };
    }
    let (line, column) = (error.line(), error.column());
    let full = error.to_string();
    let what = full.rsplit_once(" at line ").map_or(full.as_str(), |(what, _)| what);
    if what == "recursion limit exceeded" {
        return Refusal::TooDeep;
    }
    if let Some(key) = what.strip_prefix("duplicate field `") {
        return Refusal::DuplicateKey { key: short(key.trim_end_matches('`')), line, column };
    }
    Refusal::Malformed { language: Language::Json, line, column, what: detect::words(what) }
}

fn draft(catalog: &Catalog, meter: &mut Meter<'_>) -> Result<FrameworkDraft, Refusal> {
    let identity = catalog.uuid.as_deref().map(str::trim).filter(|uuid| is_uuid(uuid));
    let identity = identity.ok_or(Refusal::NoIdentity { field: "catalog uuid" })?.to_ascii_lowercase();
    let metadata = catalog.metadata.as_ref();
    let bare = Params::new();
    let title = metadata.and_then(|metadata| metadata.title.as_deref()).map(|title| prose::line(title, &bare));
    let fits = |title: &String| !title.is_empty() && title.chars().count() <= MAX_NAME;
    let name = title.filter(fits).ok_or(Refusal::NoName { field: "title" })?;

    let index = Index::of(catalog);
    meter.total = index.total;
    let mut build = Build { index, meter, nodes: Vec::new(), problems: Vec::new(), ids: HashSet::new() };
    build.level(&catalog.controls, &catalog.groups, None, 1)?;
    let Build { nodes, mut problems, .. } = build;
    if !nodes.iter().any(|node| node.is_control) && problems.is_empty() {
        return Err(Refusal::NoControls);
    }
    let description = metadata.and_then(|metadata| metadata.remarks.as_deref()).map(|text| prose::line(text, &bare));
    problems.extend(check_lengths(1, &name, None, description.as_deref()));
    let mut slug = slug::kebab(&name);
    if slug.is_empty() {
        slug = format!("catalog-{}", &identity[..8]);
    }
    Ok(FrameworkDraft {
        identity,
        slug,
        name,
        version: metadata.and_then(|metadata| filled(metadata.version.as_deref())),
        publisher: metadata.and_then(publisher),
        description: description.filter(|text| !text.is_empty()),
        locale: None,
        source: FrameworkSource::Oscal,
        nodes,
        problems,
    })
}

/// 8-4-4-4-12 hexadecimal digits.
fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// The party that created the catalog, else the one that publishes it, else the first organisation.
fn publisher(metadata: &Metadata) -> Option<String> {
    let named = |wanted: &str| {
        let role = metadata.responsible_parties.iter().find(|party| party.role_id.as_deref() == Some(wanted))?;
        let uuid = role.party_uuids.first()?;
        metadata.parties.iter().find(|party| party.uuid.as_ref() == Some(uuid))
    };
    let organisation = || metadata.parties.iter().find(|party| party.kind.as_deref() == Some("organization"));
    let party = named("creator").or_else(|| named("publisher")).or_else(organisation)?;
    filled(party.name.as_deref())
}

struct Build<'c, 'm, 'w> {
    index: Index<'c>,
    meter: &'m mut Meter<'w>,
    nodes: Vec<ControlDraft>,
    problems: Vec<RowProblem>,
    ids: HashSet<String>,
}

impl Build<'_, '_, '_> {
    /// The controls and groups that stand side by side at one level.
    fn level(&mut self, controls: &[Control], groups: &[Group], parent: Option<usize>, depth: u8) -> Result<(), Refusal> {
        if depth > MAX_DEPTH && !(controls.is_empty() && groups.is_empty()) {
            return Err(Refusal::TooDeep);
        }
        for control in controls {
            let at = self.control(control, parent)?;
            self.level(&control.controls, &[], at.or(parent), depth + 1)?;
        }
        for group in groups {
            let at = self.group(group, parent)?;
            self.level(&group.controls, &group.groups, at.or(parent), depth + 1)?;
        }
        Ok(())
    }

    fn group(&mut self, group: &Group, parent: Option<usize>) -> Result<Option<usize>, Refusal> {
        let title = group.title.as_deref().map(|title| prose::line(title, &self.index.params));
        // OSCAL does not ask for a group's id; its place among the nodes then stands in for it.
        let id = filled(group.id.as_deref()).unwrap_or_else(|| format!("group-{}", self.meter.done + 1));
        self.push(ControlDraft {
            source_id: id,
            parent,
            reference: group_reference(group),
            title: title.filter(|title| !title.is_empty()),
            description: Some(prose::description(&group.parts, &self.index.params)).filter(|text| !text.is_empty()),
            assessable: false,
            withdrawn: false,
            is_control: false,
            mappings: Vec::new(),
            successors: Vec::new(),
        })
    }

    fn control(&mut self, control: &Control, parent: Option<usize>) -> Result<Option<usize>, Refusal> {
        let is_withdrawn = |prop: &Prop| prop.name == "status" && prop.value.eq_ignore_ascii_case("withdrawn");
        let withdrawn = control.props.iter().any(is_withdrawn);
        let mut description = prose::description(&control.parts, &self.index.params);
        let successors = if withdrawn { self.successors(control) } else { Vec::new() };
        if withdrawn {
            description = said_of_withdrawn(&successors, &description);
        }
        let id = filled(control.id.as_deref()).unwrap_or_default();
        let title = control.title.as_deref().map(|title| prose::line(title, &self.index.params));
        self.push(ControlDraft {
            reference: filled(label_of(&control.props)).or_else(|| filled(Some(&id))),
            source_id: id,
            parent,
            title: title.filter(|title| !title.is_empty()),
            description: Some(description).filter(|text| !text.is_empty()),
            assessable: !withdrawn,
            withdrawn,
            is_control: true,
            mappings: related(&control.links),
            successors,
        })
    }

    /// Where a withdrawn control went, as the publisher prints it.
    fn successors(&self, control: &Control) -> Vec<Successor> {
        let successor = |(relation, id): (&str, &str)| {
            let known = self.index.printed.get(id);
            Successor {
                relation: relation.to_owned(),
                reference: known.map_or(id, |printed| &printed.text).to_owned(),
                target: known.and_then(|printed| filled(Some(printed.node))),
            }
        };
        control.links.iter().filter_map(moved).map(successor).collect()
    }

    /// Adds a node, unless its id is missing or taken: then a problem, and its children go to its parent.
    fn push(&mut self, node: ControlDraft) -> Result<Option<usize>, Refusal> {
        self.meter.step()?;
        let row = self.meter.done;
        let label = node.reference.as_ref().or(node.title.as_ref()).map_or_else(|| "?".to_owned(), |label| short(label));
        let message = if node.source_id.is_empty() {
            Some("It has no id; give it one in the file.".to_owned())
        } else if self.ids.contains(&node.source_id) {
            Some(format!("The id \"{}\" stands for another node already; ids must be unique.", short(&node.source_id)))
        } else {
            None
        };
        if let Some(message) = message {
            self.problems.push(RowProblem { row, label, message });
            return Ok(None);
        }
        self.problems.extend(check_lengths(row, &label, node.title.as_deref(), node.description.as_deref()));
        self.ids.insert(node.source_id.clone());
        self.nodes.push(node);
        Ok(Some(self.nodes.len() - 1))
    }
}

/// What a withdrawn control says: where it went, then its own words if it has any.
fn said_of_withdrawn(successors: &[Successor], own: &str) -> String {
    let mut clauses: Vec<String> = Vec::new();
    for (relation, how) in [("incorporated_into", "incorporated into"), ("moved_to", "moved to")] {
        let places: Vec<&str> =
            successors.iter().filter(|one| one.relation == relation).map(|successor| successor.reference.as_str()).collect();
        if let Some((last, before)) = places.split_last() {
            let list = if before.is_empty() { (*last).to_owned() } else { format!("{} and {last}", before.join(", ")) };
            clauses.push(format!("{how} {list}"));
        }
    }
    match (clauses.is_empty(), own.is_empty()) {
        (true, true) => "Withdrawn by its publisher.".to_owned(),
        (true, false) => format!("Withdrawn: {own}"),
        (false, true) => format!("Withdrawn: {}.", clauses.join("; ")),
        (false, false) => format!("Withdrawn: {}.\n\n{own}", clauses.join("; ")),
    }
}

/// Links to related controls of the same catalog, each once.
fn related(links: &[Link]) -> Vec<Mapping> {
    let mut seen = HashSet::new();
    let related = links.iter().filter(|link| link.rel.as_deref() == Some("related"));
    let targets = related.filter_map(|link| link.href.strip_prefix('#')).filter(|target| seen.insert(*target));
    targets.map(|target| Mapping { relation: "related".to_owned(), target: target.to_owned() }).collect()
}
