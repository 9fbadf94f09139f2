//! What has to be known of a whole OSCAL catalog before its nodes are written.

use super::catalog::{Catalog, Control, Group, Link, Param, Part, label_of};
use super::filled;
use super::prose::Params;
use std::collections::{HashMap, HashSet};

/// Looked up while the nodes are written.
pub(super) struct Index<'c> {
    pub(super) params: Params<'c>,
    /// The nodes and the labelled parts that withdrawn controls point at.
    pub(super) printed: HashMap<&'c str, Printed<'c>>,
    /// How many nodes there are.
    pub(super) total: usize,
}

/// A node or a labelled part of one.
pub(super) struct Printed<'c> {
    /// As it is printed: `AC-2`, `AC-2k`.
    pub(super) text: String,
    /// The node's id.
    pub(super) node: &'c str,
}

impl<'c> Index<'c> {
    pub(super) fn of(catalog: &'c Catalog) -> Self {
        let mut index = Self { params: Params::new(), printed: HashMap::new(), total: 0 };
        let mut targets = HashSet::new();
        index.params(&catalog.params);
        for control in &catalog.controls {
            index.control(control, &mut targets);
        }
        for group in &catalog.groups {
            index.group(group, &mut targets);
        }
        targets.retain(|target| !index.printed.contains_key(target));
        if !targets.is_empty() {
            index.parts_of_groups(&catalog.groups, &targets);
            index.parts_of_controls(&catalog.controls, &targets);
        }
        index
    }

    fn params(&mut self, params: &'c [Param]) {
        for param in params {
            self.params.entry(&param.id).or_insert(param);
        }
    }

    fn group(&mut self, group: &'c Group, targets: &mut HashSet<&'c str>) {
        self.total += 1;
        self.params(&group.params);
        if let (Some(id), Some(text)) = (group.id.as_deref(), group_reference(group)) {
            self.printed.entry(id).or_insert(Printed { text, node: id });
        }
        group.controls.iter().for_each(|control| self.control(control, targets));
        group.groups.iter().for_each(|group| self.group(group, targets));
    }

    fn control(&mut self, control: &'c Control, targets: &mut HashSet<&'c str>) {
        self.total += 1;
        self.params(&control.params);
        if let Some(id) = control.id.as_deref() {
            let printed = || Printed { text: label_of(&control.props).unwrap_or(id).trim().to_owned(), node: id };
            self.printed.entry(id).or_insert_with(printed);
        }
        targets.extend(control.links.iter().filter_map(|link| moved(link).map(|(_, target)| target)));
        control.controls.iter().for_each(|control| self.control(control, targets));
    }

    fn parts_of_groups(&mut self, groups: &'c [Group], targets: &HashSet<&'c str>) {
        for group in groups {
            self.parts_of_controls(&group.controls, targets);
            self.parts_of_groups(&group.groups, targets);
        }
    }

    fn parts_of_controls(&mut self, controls: &'c [Control], targets: &HashSet<&'c str>) {
        for control in controls {
            let label = label_of(&control.props).or(control.id.as_deref()).unwrap_or_default();
            self.parts(&control.parts, label.trim(), control.id.as_deref().unwrap_or_default(), targets);
            self.parts_of_controls(&control.controls, targets);
        }
    }

    fn parts(&mut self, parts: &'c [Part], path: &str, node: &'c str, targets: &HashSet<&'c str>) {
        for part in parts {
            let path = format!("{path}{}", label_of(&part.props).unwrap_or_default().trim());
            if let Some(id) = part.id.as_deref().filter(|id| targets.contains(id)) {
                self.printed.entry(id).or_insert_with(|| Printed { text: path.trim_end_matches('.').to_owned(), node });
            }
            self.parts(&part.parts, &path, node, targets);
        }
    }
}

/// Whether a link says where a withdrawn control went: how (a [`Successor`]'s relation), and the id.
///
/// [`Successor`]: amtia_domain::framework::Successor
pub(super) fn moved(link: &Link) -> Option<(&'static str, &str)> {
    let how = match link.rel.as_deref()? {
        "incorporated-into" => "incorporated_into",
        "moved-to" => "moved_to",
        _ => return None,
    };
    Some((how, link.href.strip_prefix('#')?))
}

/// A group's printed reference: its label, or a control family's id in capitals.
pub(super) fn group_reference(group: &Group) -> Option<String> {
    let family = || group.id.as_deref().filter(|_| group.class.as_deref() == Some("family")).map(str::to_uppercase);
    filled(label_of(&group.props)).or_else(family)
}
