//! Frameworks and their controls (ISO/IEC 27001 Annex A, NIST CSF, OSCAL catalogs …): a tree of nodes of which
//! only some can be assessed.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

crate::words! {
    /// Where a framework came from.
    FrameworkSource {
        /// Written for the sample workspace.
        Sample = "sample",
        /// An OSCAL catalog (NIST OSCAL 1.x JSON).
        Oscal = "oscal",
        /// A CISO Assistant YAML library.
        CisoAssistant = "ciso_assistant",
    }
}

/// A compliance framework.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Framework {
    /// A slug from the publisher's short name and version, such as `iso-27001`.
    #[schema(example = "iso-27001")]
    pub id: String,
    /// The name people use.
    pub name: String,
    /// The publisher's own version, as written.
    pub version: Option<String>,
    /// Who publishes it.
    pub publisher: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Controls and enhancements, withdrawn ones included; groups are not counted.
    pub control_count: u32,
    /// Where it came from.
    pub source: FrameworkSource,
    /// Language of its texts (BCP 47).
    pub locale: Option<String>,
    /// RFC 3339, UTC.
    pub created_at: String,
    /// RFC 3339, UTC.
    pub updated_at: String,
}

/// One node of a framework's tree: a group, a control or an enhancement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Control {
    /// Opaque id.
    pub id: String,
    /// The framework it belongs to.
    pub framework_id: String,
    /// The publisher's short reference, such as `AC-2(1)` or `A.5.1`.
    #[serde(rename = "ref")]
    pub reference: Option<String>,
    /// Its title.
    pub title: Option<String>,
    /// What it asks for, as plain text.
    pub description: Option<String>,
    /// The node above, or null for a root.
    pub parent_id: Option<String>,
    /// Whether a result can be recorded for it.
    pub assessable: bool,
    /// Withdrawn by its publisher: kept, never assessable.
    pub withdrawn: bool,
    /// 1 for a root.
    pub depth: u8,
    /// Place in the publisher's order, from 0.
    pub position: u32,
    /// The id in the file it was imported from (URN or OSCAL id), kept for export.
    pub source_id: String,
    /// How many nodes stand directly below.
    pub child_count: u32,
    /// Related nodes of this or other frameworks, by their source ids.
    pub mappings: Vec<Mapping>,
    /// Where it went, when it is withdrawn and the publisher says so.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub successors: Vec<Successor>,
    /// RFC 3339, UTC.
    pub created_at: String,
    /// RFC 3339, UTC.
    pub updated_at: String,
}

/// A link from one control to another (set relations as in NIST IR 8477, or `related` where the file says no more).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Mapping {
    /// `related`, `equal`, `subset`, `superset` or `intersects`.
    pub relation: String,
    /// The other node's id in its source (OSCAL id or URN).
    pub target: String,
}

/// Where a withdrawn control went: another node of its framework, or a part of one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Successor {
    /// `incorporated_into` or `moved_to`.
    pub relation: String,
    /// The place as the publisher prints it: `AC-2`, or `AC-2k` for a part of it.
    #[serde(rename = "ref")]
    pub reference: String,
    /// The node's id in its source; null where the file does not hold the place.
    pub target: Option<String>,
}

/// A framework as read from a file, before anything is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct FrameworkDraft {
    /// What makes two files the same framework: a URN or an OSCAL UUID.
    pub identity: String,
    /// The slug proposed for it.
    pub slug: String,
    /// See [`Framework::name`].
    pub name: String,
    /// See [`Framework::version`].
    pub version: Option<String>,
    /// See [`Framework::publisher`].
    pub publisher: Option<String>,
    /// See [`Framework::description`].
    pub description: Option<String>,
    /// See [`Framework::locale`].
    pub locale: Option<String>,
    /// Where it came from.
    pub source: FrameworkSource,
    /// Every node in the publisher's order, parents before their children.
    pub nodes: Vec<ControlDraft>,
    /// What is wrong with single rows; a draft with any cannot be applied.
    pub problems: Vec<RowProblem>,
}

/// One node as read from a file.
#[derive(Clone, Debug, PartialEq)]
pub struct ControlDraft {
    /// The id in the file, unique in it.
    pub source_id: String,
    /// Index of the parent in [`FrameworkDraft::nodes`], always smaller than the node's own.
    pub parent: Option<usize>,
    /// See [`Control::reference`].
    pub reference: Option<String>,
    /// See [`Control::title`].
    pub title: Option<String>,
    /// See [`Control::description`].
    pub description: Option<String>,
    /// See [`Control::assessable`].
    pub assessable: bool,
    /// See [`Control::withdrawn`].
    pub withdrawn: bool,
    /// Whether it counts as a control (groups do not).
    pub is_control: bool,
    /// See [`Control::mappings`].
    pub mappings: Vec<Mapping>,
    /// See [`Control::successors`].
    pub successors: Vec<Successor>,
}

/// What is wrong with one row of an imported file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowProblem {
    /// The node's place in the file, from 1.
    pub row: usize,
    /// The reference or id by which a person finds it in the file.
    pub label: String,
    /// One plain sentence.
    pub message: String,
}

/// The deepest tree that is accepted (DOMAIN: nine deep).
pub const MAX_DEPTH: u8 = 9;
/// The most nodes one framework may hold (DOMAIN: 60,000 across a large library).
pub const MAX_NODES: usize = 60_000;
