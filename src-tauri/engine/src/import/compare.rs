//! What an update would do: the differences between a stored framework and a file.

use amtia_domain::framework::ControlDraft;
use std::collections::HashMap;

/// What becomes of one node. `old` and `new` are places in the two lists that were compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The same in both.
    Unchanged {
        /// Its place in the old list.
        old: usize,
        /// Its place in the new list.
        new: usize,
    },
    /// Only in the new list.
    Create {
        /// Its place in the new list.
        new: usize,
    },
    /// In both, not the same.
    Change {
        /// Its place in the old list.
        old: usize,
        /// Its place in the new list.
        new: usize,
        /// The names of the fields that differ, as the API writes them.
        fields: Vec<&'static str>,
    },
    /// Only in the old list.
    Remove {
        /// Its place in the old list.
        old: usize,
    },
}

/// Compares by source id: the fates of the new nodes in their order, then those of the old that are gone. A node
/// has moved (`position`) only when its order among the nodes that are in both changed; neighbours that come or go
/// move nothing.
#[must_use]
pub fn compare(old: &[ControlDraft], new: &[ControlDraft]) -> Vec<Fate> {
    let places: HashMap<&str, usize> = old.iter().enumerate().map(|(at, node)| (node.source_id.as_str(), at)).collect();
    let pairs: Vec<Option<usize>> = new.iter().map(|node| places.get(node.source_id.as_str()).copied()).collect();
    let mut kept = vec![false; old.len()];
    let common: Vec<usize> = pairs.iter().flatten().copied().collect();
    let steady = steady(&common, old.len());
    let mut fates: Vec<Fate> = Vec::with_capacity(new.len());
    for (at, pair) in pairs.iter().enumerate() {
        let Some(was) = *pair else {
            fates.push(Fate::Create { new: at });
            continue;
        };
        kept[was] = true;
        let mut fields = differing(old, was, new, at);
        if !steady[was] {
            fields.push("position");
        }
        fates.push(if fields.is_empty() { Fate::Unchanged { old: was, new: at } } else { Fate::Change { old: was, new: at, fields } });
    }
    fates.extend(kept.iter().enumerate().filter(|(_, kept)| !**kept).map(|(at, _)| Fate::Remove { old: at }));
    fates
}

fn differing(old: &[ControlDraft], was: usize, new: &[ControlDraft], at: usize) -> Vec<&'static str> {
    let (before, after) = (&old[was], &new[at]);
    let parent = |nodes: &[ControlDraft], node: &ControlDraft| node.parent.map(|at| nodes[at].source_id.clone());
    let targets = |node: &ControlDraft| {
        let mut targets = node.mappings.clone();
        targets.sort_unstable_by(|a, b| (&a.relation, &a.target).cmp(&(&b.relation, &b.target)));
        targets
    };
    let rows = [
        ("ref", before.reference != after.reference),
        ("title", before.title != after.title),
        ("description", before.description != after.description),
        ("parent_id", parent(old, before) != parent(new, after)),
        ("assessable", before.assessable != after.assessable || before.is_control != after.is_control),
        ("withdrawn", before.withdrawn != after.withdrawn),
        ("mappings", before.mappings != after.mappings && targets(before) != targets(after)),
    ];
    rows.into_iter().filter(|(_, differs)| *differs).map(|(field, _)| field).collect()
}

/// Marks the old places that belong to one longest increasing run of `places`: the fewest others moved.
fn steady(places: &[usize], length: usize) -> Vec<bool> {
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(places.len());
    for (at, place) in places.iter().enumerate() {
        let rank = ends.partition_point(|end| places[*end] < *place);
        before.push(rank.checked_sub(1).map(|below| ends[below]));
        if rank == ends.len() { ends.push(at) } else { ends[rank] = at }
    }
    let mut steady = vec![false; length];
    let mut next = ends.last().copied();
    while let Some(at) = next {
        steady[places[at]] = true;
        next = before[at];
    }
    steady
}

#[cfg(test)]
mod tests {
    use super::*;
    use amtia_domain::framework::Mapping;

    fn node(id: &str, parent: Option<usize>) -> ControlDraft {
        ControlDraft {
            source_id: id.to_owned(),
            parent,
            reference: Some(id.to_uppercase()),
            title: Some(format!("Title of {id}")),
            description: None,
            assessable: true,
            withdrawn: false,
            is_control: true,
            mappings: ["x", "y"].map(|target| Mapping { relation: "related".into(), target: target.into() }).into(),
            successors: Vec::new(),
        }
    }

    fn words(old: &[ControlDraft], new: &[ControlDraft]) -> Vec<String> {
        let word = |fate: &Fate| match fate {
            Fate::Unchanged { new: at, .. } => format!("{} unchanged", new[*at].source_id),
            Fate::Create { new: at } => format!("{} create", new[*at].source_id),
            Fate::Change { new: at, fields, .. } => format!("{} change {}", new[*at].source_id, fields.join(",")),
            Fate::Remove { old: at } => format!("{} remove", old[*at].source_id),
        };
        compare(old, new).iter().map(word).collect()
    }

    #[test]
    fn fates() {
        let old = [node("a", None), node("b", Some(0)), node("c", Some(0)), node("d", None)];
        assert_eq!(words(&old, &old), ["a unchanged", "b unchanged", "c unchanged", "d unchanged"]);
        assert_eq!(words(&[], &old[..1]), ["a create"]);
        assert_eq!(words(&old[..1], &[]), ["a remove"]);

        let mut new = vec![node("z", None), node("a", None), node("c", Some(1)), node("d", Some(1))];
        new[2].title = None;
        new[2].withdrawn = true;
        new[1].mappings.reverse();
        assert_eq!(words(&old, &new), ["z create", "a unchanged", "c change title,withdrawn", "d change parent_id", "b remove"]);
    }

    #[test]
    fn one_node_that_moved_is_one_change() {
        let old = ["a", "b", "c", "d"].map(|id| node(id, None));
        let new = ["d", "a", "b", "c"].map(|id| node(id, None));
        assert_eq!(words(&old, &new), ["d change position", "a unchanged", "b unchanged", "c unchanged"]);
    }
}
