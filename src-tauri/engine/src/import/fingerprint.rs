//! A canonical byte string of a draft: what tells the same content from other content.

use amtia_domain::framework::{ControlDraft, FrameworkDraft};
use amtia_domain::words::Word;

/// Changes when the string's form or the rendering of texts does, so that an old and a new string never compare
/// equal by accident.
const FORM: &str = "amtia-framework-1";

/// Everything of `draft` that matters, as bytes to hash: the same content gives the same bytes whatever the key
/// order, white space or encoding of its file. The slug (a local choice) and the problems are left out.
///
/// Each value is preceded by its length, so that no two drafts share a string.
#[must_use]
pub fn fingerprint(draft: &FrameworkDraft) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(256 + draft.nodes.len() * 1024);
    text(&mut bytes, FORM);
    text(&mut bytes, draft.source.word());
    text(&mut bytes, &draft.identity);
    text(&mut bytes, &draft.name);
    for value in [&draft.version, &draft.publisher, &draft.description, &draft.locale] {
        option(&mut bytes, value.as_deref());
    }
    number(&mut bytes, draft.nodes.len());
    for node in &draft.nodes {
        text(&mut bytes, &node.source_id);
        option(&mut bytes, node.parent.map(|parent| draft.nodes[parent].source_id.as_str()));
        node_texts(&mut bytes, node);
    }
    bytes
}

fn node_texts(bytes: &mut Vec<u8>, node: &ControlDraft) {
    for value in [&node.reference, &node.title, &node.description] {
        option(bytes, value.as_deref());
    }
    bytes.push(u8::from(node.assessable) | u8::from(node.withdrawn) << 1 | u8::from(node.is_control) << 2);
    let mut mappings: Vec<(&str, &str)> =
        node.mappings.iter().map(|mapping| (mapping.relation.as_str(), mapping.target.as_str())).collect();
    mappings.sort_unstable();
    number(bytes, mappings.len());
    for (relation, target) in mappings {
        text(bytes, relation);
        text(bytes, target);
    }
}

fn number(bytes: &mut Vec<u8>, number: usize) {
    bytes.extend_from_slice(&(number as u64).to_be_bytes());
}

fn text(bytes: &mut Vec<u8>, text: &str) {
    number(bytes, text.len());
    bytes.extend_from_slice(text.as_bytes());
}

fn option(bytes: &mut Vec<u8>, value: Option<&str>) {
    bytes.push(u8::from(value.is_some()));
    if let Some(value) = value {
        text(bytes, value);
    }
}
