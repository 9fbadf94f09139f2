//! CISO Assistant libraries: YAML, or the same as JSON.

use super::detect::{self, short};
use super::ending;
use super::library::{Framework, Library, Node, Pass, Root, RootSeed};
use super::refusal::{Language, Refusal};
use super::{MAX_NAME, Meter, check_lengths, filled, slug};
use amtia_domain::framework::{ControlDraft, FrameworkDraft, FrameworkSource, MAX_DEPTH, RowProblem};
use serde::de::DeserializeSeed;
use serde_saphyr::options::{AliasLimits, DuplicateKeyPolicy, NonFiniteFloatPolicy};
use std::collections::HashMap;

/// Reads a library and takes its framework.
pub(super) fn read(text: &str, meter: &mut Meter<'_>) -> Result<FrameworkDraft, Refusal> {
    meter.total = text.matches("- urn:").count();
    let mut pass = Pass::new(meter);
    let root = serde_saphyr::with_deserializer_from_str_with_options(text, options(), |deserializer| {
        RootSeed(&mut pass).deserialize(deserializer)
    });
    let root = match (root, pass.stopped.take()) {
        (_, Some(refusal)) => return Err(refusal),
        (Ok(root), None) => root,
        (Err(error), None) => return Err(refusal(&error, text)),
    };
    let mut library = match root {
        Root::Library(library) => *library,
        Root::List => return Err(detect::yaml_root("a YAML list")),
        Root::Text => return Err(detect::yaml_root("plain text")),
    };
    let certain = ending::is_certain(text);
    if !certain && library.urn.is_some() {
        ending::check_line(text)?;
    }
    let framework = the_framework(&mut library, text)?;
    let nodes = framework.nodes.as_deref().ok_or_else(|| ending::missing(text, "requirement_nodes"))?;
    if !nodes.iter().any(|node| node.is_assessable() == Some(true)) {
        // A cut within the first requirements leaves no other sign.
        return Err(if certain || !library.nodes_last { Refusal::NoControls } else { ending::missing(text, "assessable requirement") });
    }
    let plan = Plan::of(nodes);
    if !certain && library.nodes_last {
        let last = nodes.len() - 1;
        ending::check_nodes(text, &pass.shapes, &plan.label(last), plan.childless_group(last).as_ref())?;
    }
    draft(&library, &framework, plan)
}

pub(super) fn options() -> serde_saphyr::Options {
    let mut options = serde_saphyr::Options::default();
    options.budget = serde_saphyr::budget! {
        max_events: 8_000_000,
        max_nodes: 4_000_000,
        max_depth: 64,
        max_documents: 2,
        max_aliases: 10_000,
        max_anchors: 10_000,
        max_merge_keys: 1_000,
    };
    let mut aliases = AliasLimits::default();
    aliases.max_total_replayed_events = 200_000;
    aliases.max_replay_stack_depth = 16;
    options.alias_limits = aliases;
    options.duplicate_keys = DuplicateKeyPolicy::Error;
    options.non_finite_float_policy = NonFiniteFloatPolicy::AsString;
    options.with_snippet = false;
    options
}

pub(super) fn refusal(error: &serde_saphyr::Error, text: &str) -> Refusal {
    use serde_saphyr::Error as Yaml;
    use serde_saphyr::budget::BudgetBreach;

    let error = error.without_snippet();
    if let Yaml::AliasError { error, .. } = error {
        return refusal(error, text);
    }
    let place = |location: serde_saphyr::Location| (location.line() as usize, location.column() as usize);
    let (line, column) = error.location().map_or((1, 1), place);
    if let Yaml::DuplicateMappingKey { key, .. } = error {
        let key = short(key.as_deref().unwrap_or("?"));
        return Refusal::DuplicateKey { key, line, column };
    }
    if let Yaml::Budget { breach, .. } = error {
        return if matches!(breach, BudgetBreach::Depth { .. }) {
            Refusal::TooDeep
        } else if matches!(breach, BudgetBreach::Events { .. } | BudgetBreach::Nodes { .. } | BudgetBreach::ScalarBytes { .. }) {
            Refusal::TooMany
        } else {
            Refusal::Expansion
        };
    }
    if matches!(error, Yaml::MultipleDocuments { .. }) {
        let what = "a second YAML document starts there".to_owned();
        return Refusal::Malformed { language: Language::Yaml, line, column, what };
    }
    if matches!(
        error,
        Yaml::AliasReplayCounterOverflow { .. }
            | Yaml::AliasReplayLimitExceeded { .. }
            | Yaml::AliasExpansionLimitExceeded { .. }
            | Yaml::AliasReplayStackDepthExceeded { .. }
    ) {
        return Refusal::Expansion;
    }
    let full = error.to_string();
    let first = full.lines().next().unwrap_or_default();
    let what = first.rsplit_once(" at line ").map_or(first, |(what, _)| what);
    if what.contains("nesting") || what.contains("recursion limit") {
        return Refusal::TooDeep;
    }
    let last = detect::last_line(text);
    let ended = matches!(error, Yaml::Eof { .. }) || ENDED.iter().any(|words| what.contains(words));
    let open = what.contains("unclosed quote") && ending::is_inside_last_value(text, line);
    let escape = what.starts_with("while parsing a quoted scalar") && ending::is_inside_escape(text);
    if ended || open || escape || line > last || (line == last && !text.ends_with('\n')) {
        return Refusal::Truncated { line: last, byte: text.len() };
    }
    Refusal::Malformed { language: Language::Yaml, line, column, what: detect::words(what) }
}

/// How the parser says that the text ended too early.
const ENDED: &[&str] = &["end of stream", "end of file", "end of input", "EOF"];

/// The one framework of a library.
fn the_framework(library: &mut Library, text: &str) -> Result<Framework, Refusal> {
    let count = library.frameworks.len() + usize::from(library.nodes.is_some());
    if count > 1 {
        return Err(Refusal::SeveralFrameworks { count });
    }
    if let Some(nodes) = library.nodes.take() {
        return Ok(Framework { nodes: Some(nodes), ..Framework::default() });
    }
    if let Some(framework) = library.frameworks.pop() {
        return Ok(framework);
    }
    let named = |wanted: &str| library.keys.iter().any(|key| key == wanted);
    match &library.objects {
        Some(objects) if objects.iter().any(|key| !key.starts_with("framework")) => Err(detect::other_library(objects)),
        Some(_) => Err(ending::missing(text, "framework")),
        None if named("objects") || named("requirement_nodes") || named("urn") || named("convert_library_version") => {
            Err(ending::missing(text, "objects after its head"))
        }
        None => Err(detect::other_yaml(&library.keys)),
    }
}

fn draft(library: &Library, framework: &Framework, plan: Plan<'_>) -> Result<FrameworkDraft, Refusal> {
    let urn = filled(library.urn.as_deref()).or_else(|| filled(framework.urn.as_deref()));
    let identity = urn.ok_or(Refusal::NoIdentity { field: "urn" })?;
    let name = filled(library.name.as_deref()).or_else(|| filled(framework.name.as_deref()));
    let fits = |name: &String| name.chars().count() <= MAX_NAME;
    let name = name.filter(fits).ok_or(Refusal::NoName { field: "name" })?;
    let last = slug::kebab(identity.rsplit(':').next().unwrap_or_default());
    let slug = if last.is_empty() { slug::kebab(&name) } else { last };
    let slug = if slug.is_empty() { "framework".to_owned() } else { slug };
    let locale = filled(library.locale.as_deref());
    let description = filled(library.description.as_deref()).or_else(|| filled(framework.description.as_deref()));
    let (nodes, mut problems) = plan.place(locale.as_deref())?;
    problems.extend(check_lengths(1, &name, None, description.as_deref()));
    Ok(FrameworkDraft {
        identity,
        slug,
        name,
        version: filled(library.version.as_deref()),
        publisher: filled(library.provider.as_deref()),
        description,
        locale,
        source: FrameworkSource::CisoAssistant,
        nodes,
        problems,
    })
}

/// Where each requirement of the file goes.
struct Plan<'n> {
    nodes: &'n [Node],
    /// The parent's place in the file.
    parents: Vec<Option<usize>>,
    children: Vec<Vec<usize>>,
    /// Rows that cannot be placed.
    dropped: Vec<bool>,
    problems: Vec<RowProblem>,
}

impl<'n> Plan<'n> {
    fn of(nodes: &'n [Node]) -> Self {
        let mut plan = Self {
            nodes,
            parents: vec![None; nodes.len()],
            children: vec![Vec::new(); nodes.len()],
            dropped: vec![false; nodes.len()],
            problems: Vec::new(),
        };
        let places = plan.places();
        for (at, node) in nodes.iter().enumerate() {
            if plan.dropped[at] {
                continue;
            }
            match (filled(node.parent.as_deref()), node.depth.as_deref().map(str::trim)) {
                (Some(urn), _) => match places.get(&urn.to_lowercase()) {
                    Some(parent) => {
                        plan.parents[at] = Some(*parent);
                        plan.children[*parent].push(at);
                    }
                    None => plan.problem(at, format!("Its parent \"{}\" is not in the file.", short(&urn))),
                },
                (None, Some(depth)) if depth.parse::<u8>().is_ok_and(|depth| depth > 1) => {
                    plan.problem(at, format!("It says that it stands at depth {depth} but names no parent_urn."));
                }
                (None, _) => {}
            }
        }
        plan
    }

    /// Where each URN stands, whatever its case. Rows without one, or with one that is taken, are dropped.
    fn places(&mut self) -> HashMap<String, usize> {
        let mut places: HashMap<String, usize> = HashMap::with_capacity(self.nodes.len());
        for (at, node) in self.nodes.iter().enumerate() {
            let Some(urn) = filled(node.urn.as_deref()) else {
                self.dropped[at] = true;
                self.problem(at, "It has no urn; give it one in the file.".to_owned());
                continue;
            };
            let first = *places.entry(urn.to_lowercase()).or_insert(at);
            if first != at {
                self.dropped[at] = true;
                self.problem(at, format!("Its urn stands in row {} already; URNs must be unique.", first + 1));
            }
        }
        places
    }

    fn problem(&mut self, at: usize, message: String) {
        self.problems.push(RowProblem { row: at + 1, label: self.label(at), message });
    }

    fn label(&self, at: usize) -> String {
        let node = &self.nodes[at];
        let names = [&node.reference, &node.urn, &node.name, &node.description];
        names.into_iter().find_map(|name| filled(name.as_deref())).map_or_else(|| "?".to_owned(), |name| short(&name))
    }

    /// For a group without children: how it compares with the groups that name the same depth.
    fn childless_group(&self, at: usize) -> Option<ending::Childless> {
        let is_group = |node: &Node| node.is_assessable() == Some(false);
        if !is_group(&self.nodes[at]) || !self.children[at].is_empty() {
            return None;
        }
        let depth = &self.nodes[at].depth;
        let alike = |other: &usize| *other != at && is_group(&self.nodes[*other]) && self.nodes[*other].depth == *depth;
        let others: Vec<usize> = (0..self.nodes.len()).filter(alike).collect();
        let alone = others.iter().all(|other| !self.children[*other].is_empty());
        Some(ending::Childless { others: others.len(), alone })
    }

    /// The nodes, parents first and siblings in the file's order.
    fn place(mut self, locale: Option<&str>) -> Result<(Vec<ControlDraft>, Vec<RowProblem>), Refusal> {
        let mut nodes = Vec::with_capacity(self.nodes.len());
        let mut placed = vec![false; self.nodes.len()];
        let roots = (0..self.nodes.len()).rev().filter(|at| !self.dropped[*at] && self.parents[*at].is_none());
        let mut waiting: Vec<(usize, Option<usize>, u8)> = roots.map(|at| (at, None, 1)).collect();
        while let Some((at, parent, depth)) = waiting.pop() {
            if depth > MAX_DEPTH {
                return Err(Refusal::TooDeep);
            }
            placed[at] = true;
            let node = self.node(at, parent, locale);
            nodes.push(node);
            let here = Some(nodes.len() - 1);
            waiting.extend(self.children[at].iter().rev().map(|child| (*child, here, depth + 1)));
        }
        for (at, placed) in placed.into_iter().enumerate() {
            if !placed && !self.dropped[at] {
                self.problem(at, "It stands below itself: its line of parents leads round in a circle.".to_owned());
            }
        }
        Ok((nodes, self.problems))
    }

    fn node(&mut self, at: usize, parent: Option<usize>, locale: Option<&str>) -> ControlDraft {
        let node = &self.nodes[at];
        let title = filled(node.name.as_deref());
        let reference = filled(node.reference.as_deref());
        let description = description(node, locale);
        let assessable = node.is_assessable();
        if assessable.is_none() && filled(node.assessable.as_deref()).is_some() {
            self.problem(at, "Its assessable is neither true nor false.".to_owned());
        }
        if title.is_none() && reference.is_none() && description.is_none() {
            self.problem(at, "It has no ref_id, name or description.".to_owned());
        }
        let label = self.label(at);
        self.problems.extend(check_lengths(at + 1, &label, title.as_deref(), description.as_deref()));
        let assessable = assessable.unwrap_or(false);
        ControlDraft {
            source_id: filled(node.urn.as_deref()).unwrap_or_default(),
            parent,
            reference,
            title,
            description,
            assessable,
            withdrawn: false,
            is_control: assessable,
            mappings: Vec::new(),
            successors: Vec::new(),
        }
    }
}

/// The description, the annotation and, under a heading, the typical evidence.
fn description(node: &Node, locale: Option<&str>) -> Option<String> {
    let heading = if locale.is_some_and(|locale| locale.starts_with("fr")) { "Preuves typiques" } else { "Typical evidence" };
    let evidence = filled(node.evidence.as_deref()).map(|text| format!("{heading}\n{text}"));
    let texts = [filled(node.description.as_deref()), filled(node.annotation.as_deref()), evidence];
    let texts: Vec<String> = texts.into_iter().flatten().collect();
    Some(texts.join("\n\n")).filter(|text| !text.is_empty())
}
