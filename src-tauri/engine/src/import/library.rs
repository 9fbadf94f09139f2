//! The parts of a CISO Assistant library that are used, read in one pass over the YAML.
//!
//! Scalars are asked for as text, so that an unquoted reference such as `5.10` stays what the file says.

use super::Meter;
use super::ending::Shapes;
use super::refusal::Refusal;
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// What the pass found.
#[derive(Default)]
pub(super) struct Library {
    pub(super) urn: Option<String>,
    pub(super) name: Option<String>,
    pub(super) version: Option<String>,
    pub(super) provider: Option<String>,
    pub(super) locale: Option<String>,
    pub(super) description: Option<String>,
    /// Every key at the top.
    pub(super) keys: Vec<String>,
    /// Every key of `objects`, where there is one.
    pub(super) objects: Option<Vec<String>>,
    pub(super) frameworks: Vec<Framework>,
    /// Older libraries: requirements at the top.
    pub(super) nodes: Option<Vec<Node>>,
    /// Whether the requirements are the last thing in the file.
    pub(super) nodes_last: bool,
}

/// One framework of a library.
#[derive(Default)]
pub(super) struct Framework {
    pub(super) urn: Option<String>,
    pub(super) name: Option<String>,
    pub(super) description: Option<String>,
    pub(super) nodes: Option<Vec<Node>>,
}

/// One requirement node as written.
#[derive(Default)]
pub(super) struct Node {
    pub(super) urn: Option<String>,
    pub(super) parent: Option<String>,
    pub(super) assessable: Option<String>,
    pub(super) depth: Option<String>,
    pub(super) reference: Option<String>,
    pub(super) name: Option<String>,
    pub(super) description: Option<String>,
    pub(super) annotation: Option<String>,
    pub(super) evidence: Option<String>,
}

impl Node {
    /// Whether it can be assessed, if it says so in a word of YAML 1.1 or 1.2.
    pub(super) fn is_assessable(&self) -> Option<bool> {
        match self.assessable.as_deref()?.trim().to_lowercase().as_str() {
            "true" | "yes" | "on" => Some(true),
            "false" | "no" | "off" => Some(false),
            _ => None,
        }
    }
}

/// What the seeds share.
pub(super) struct Pass<'m, 'w> {
    pub(super) meter: &'m mut Meter<'w>,
    pub(super) shapes: Shapes,
    /// Why the pass was given up, when it was not the YAML's fault.
    pub(super) stopped: Option<Refusal>,
    nodes_last: bool,
}

impl<'m, 'w> Pass<'m, 'w> {
    pub(super) fn new(meter: &'m mut Meter<'w>) -> Self {
        Self { meter, shapes: Shapes::default(), stopped: None, nodes_last: false }
    }
}

/// Most keys remembered for messages.
const MOST_KEYS: usize = 40;

fn remember(keys: &mut Vec<String>, key: String) {
    if keys.len() < MOST_KEYS {
        keys.push(key);
    }
}

/// The root of the document.
pub(super) enum Root {
    Library(Box<Library>),
    List,
    Text,
}

pub(super) struct RootSeed<'p, 'm, 'w>(pub(super) &'p mut Pass<'m, 'w>);

impl<'de> DeserializeSeed<'de> for RootSeed<'_, '_, '_> {
    type Value = Root;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Root, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for RootSeed<'_, '_, '_> {
    type Value = Root;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a CISO Assistant library")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Root, A::Error> {
        let mut library = Library::default();
        while let Some(key) = map.next_key::<String>()? {
            self.0.nodes_last = false;
            match key.as_str() {
                "urn" => library.urn = map.next_value()?,
                "name" => library.name = map.next_value()?,
                "version" => library.version = map.next_value()?,
                "provider" => library.provider = map.next_value()?,
                "locale" => library.locale = map.next_value()?,
                "description" => library.description = map.next_value()?,
                "objects" => map.next_value_seed(ObjectsSeed { pass: self.0, library: &mut library })?,
                "requirement_nodes" => library.nodes = map.next_value_seed(NodesSeed(self.0))?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
            remember(&mut library.keys, key);
        }
        library.nodes_last = self.0.nodes_last;
        Ok(Root::Library(Box::new(library)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Root, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Root::List)
    }

    fn visit_str<E>(self, _: &str) -> Result<Root, E> {
        Ok(Root::Text)
    }

    fn visit_unit<E>(self) -> Result<Root, E> {
        Ok(Root::Text)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Root, E> {
        Ok(Root::Text)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Root, E> {
        Ok(Root::Text)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Root, E> {
        Ok(Root::Text)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Root, E> {
        Ok(Root::Text)
    }
}

struct ObjectsSeed<'p, 'm, 'w> {
    pass: &'p mut Pass<'m, 'w>,
    library: &'p mut Library,
}

impl<'de> DeserializeSeed<'de> for ObjectsSeed<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ObjectsSeed<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the objects of a library")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut keys = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            self.pass.nodes_last = false;
            if key == "framework" || key == "frameworks" {
                map.next_value_seed(FrameworksSeed { pass: self.pass, found: &mut self.library.frameworks })?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
            remember(&mut keys, key);
        }
        self.library.objects = Some(keys);
        Ok(())
    }
}

/// One framework, or a list of them.
struct FrameworksSeed<'p, 'm, 'w> {
    pass: &'p mut Pass<'m, 'w>,
    found: &'p mut Vec<Framework>,
}

impl<'de> DeserializeSeed<'de> for FrameworksSeed<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for FrameworksSeed<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a framework")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(FrameworksSeed { pass: &mut *self.pass, found: &mut *self.found })?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut framework = Framework::default();
        while let Some(key) = map.next_key::<String>()? {
            self.pass.nodes_last = false;
            match key.as_str() {
                "urn" => framework.urn = map.next_value()?,
                "name" => framework.name = map.next_value()?,
                "description" => framework.description = map.next_value()?,
                "requirement_nodes" => framework.nodes = map.next_value_seed(NodesSeed(self.pass))?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        self.found.push(framework);
        Ok(())
    }
}

struct NodesSeed<'p, 'm, 'w>(&'p mut Pass<'m, 'w>);

impl<'de> DeserializeSeed<'de> for NodesSeed<'_, '_, '_> {
    type Value = Option<Vec<Node>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for NodesSeed<'_, '_, '_> {
    type Value = Option<Vec<Node>>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a list of requirements")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut nodes = Vec::new();
        while let Some(node) = seq.next_element_seed(NodeSeed(&mut *self.0))? {
            if let Err(refusal) = self.0.meter.step() {
                self.0.stopped = Some(refusal);
                return Err(A::Error::custom("stopped"));
            }
            nodes.push(node);
        }
        self.0.nodes_last = true;
        Ok(Some(nodes))
    }
}

struct NodeSeed<'p, 'm, 'w>(&'p mut Pass<'m, 'w>);

impl<'de> DeserializeSeed<'de> for NodeSeed<'_, '_, '_> {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for NodeSeed<'_, '_, '_> {
    type Value = Node;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a requirement")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut node = Node::default();
        let mut shape = String::new();
        while let Some(key) = map.next_key::<String>()? {
            note(&mut shape, 1, &key);
            match key.as_str() {
                "urn" => node.urn = map.next_value()?,
                "parent_urn" => node.parent = map.next_value()?,
                "assessable" => node.assessable = map.next_value()?,
                "depth" => node.depth = map.next_value()?,
                "ref_id" => node.reference = map.next_value()?,
                "name" => node.name = map.next_value()?,
                "description" => node.description = map.next_value()?,
                "annotation" => node.annotation = map.next_value()?,
                "typical_evidence" => node.evidence = map.next_value()?,
                "translations" => map.next_value_seed(KeysSeed { shape: &mut shape, depth: 2 })?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        let assessable = node.is_assessable();
        self.0.shapes.note(shape, assessable);
        Ok(node)
    }
}

/// The longest key structure that is compared.
const LONGEST_SHAPE: usize = 4096;

fn note(shape: &mut String, depth: u8, key: &str) {
    if shape.len() + key.len() < LONGEST_SHAPE {
        shape.push(';');
        shape.push(char::from(b'0' + depth));
        shape.push_str(key);
    }
}

/// Notes the keys of nested mappings and skips their values.
struct KeysSeed<'s> {
    shape: &'s mut String,
    depth: u8,
}

impl<'de> DeserializeSeed<'de> for KeysSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.depth > 3 {
            return IgnoredAny::deserialize(deserializer).map(|_| ());
        }
        deserializer.deserialize_option(self)
    }
}

impl<'de> Visitor<'de> for KeysSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("translations by language")
    }

    fn visit_none<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            note(self.shape, self.depth, &key);
            map.next_value_seed(KeysSeed { shape: &mut *self.shape, depth: self.depth + 1 })?;
        }
        Ok(())
    }
}
