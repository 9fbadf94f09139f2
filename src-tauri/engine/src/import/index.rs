//! What has to be known of a whole OSCAL catalog before its nodes are written.

use super::catalog::{Catalog, Control, Group, Link, Param, Part, label_of};
use super::filled;
use super::prose::Params;
use std::collections::{HashMap, HashSet};

/// Looked up while the nodes are written.
pub(super) struct Index<'c> {
    pub(super) params: Params<'c>,
    /// How the nodes and the labelled parts that withdrawn controls point at are printed: `AC-2`, `AC-2k`.
    pub(super) printed: HashMap<&'c str, String>,
    /// How many nodes there are.
    pub(super) total: usize,
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
        if let (Some(id), Some(reference)) = (group.id.as_deref(), group_reference(group)) {
            self.printed.entry(id).or_insert(reference);
        }
        group.controls.iter().for_each(|control| self.control(control, targets));
        group.groups.iter().for_each(|group| self.group(group, targets));
    }

    fn control(&mut self, control: &'c Control, targets: &mut HashSet<&'c str>) {
        self.total += 1;
        self.params(&control.params);
        if let Some(id) = control.id.as_deref() {
            self.printed.entry(id).or_insert_with(|| label_of(&control.props).unwrap_or(id).trim().to_owned());
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
            self.parts(&control.parts, label.trim(), targets);
            self.parts_of_controls(&control.controls, targets);
        }
    }

    fn parts(&mut self, parts: &'c [Part], path: &str, targets: &HashSet<&'c str>) {
        for part in parts {
            let path = format!("{path}{}", label_of(&part.props).unwrap_or_default().trim());
            if let Some(id) = part.id.as_deref().filter(|id| targets.contains(id)) {
                self.printed.entry(id).or_insert_with(|| path.trim_end_matches('.').to_owned());
            }
            self.parts(&part.parts, &path, targets);
        }
    }
}

/// Whether a link says where a withdrawn control went: how, and the id.
pub(super) fn moved(link: &Link) -> Option<(&'static str, &str)> {
    let how = match link.rel.as_deref()? {
        "incorporated-into" => "incorporated into",
        "moved-to" => "moved to",
        _ => return None,
    };
    Some((how, link.href.strip_prefix('#')?))
}

/// A group's printed reference: its label, or a control family's id in capitals.
pub(super) fn group_reference(group: &Group) -> Option<String> {
    let family = || group.id.as_deref().filter(|_| group.class.as_deref() == Some("family")).map(str::to_uppercase);
    filled(label_of(&group.props)).or_else(family)
}
