//! What a file with a framework would do, and doing it.

use super::{ImportRow, RowFate, Verdict};
use crate::crypto;
use crate::error::Error;
use crate::import::{self, Fate, Format};
use crate::store::{Store, Tx, frameworks};
use amtia_domain::framework::{ControlDraft, FrameworkDraft};
use flate2::Compression;
use flate2::write::ZlibEncoder;
use serde::{Deserialize, Serialize};
use std::io::Write;
use utoipa::ToSchema;

/// The framework that an import brings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportedFramework {
    /// Its id here: the slug that it gets, or that it has.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: Option<String>,
    /// Who publishes it.
    pub publisher: Option<String>,
    /// The language of its text.
    pub locale: Option<String>,
    /// Controls and enhancements; groups not.
    pub control_count: usize,
}

/// A framework that was read and compared.
pub(super) struct FrameworkPlan {
    pub(super) format: Format,
    draft: FrameworkDraft,
    fingerprint: [u8; 32],
    file: Vec<u8>,
    pub(super) verdict: Verdict,
    pub(super) slug: String,
    pub(super) rows: Vec<ImportRow>,
}

impl FrameworkPlan {
    /// Compares a framework with the workspace.
    pub(super) fn new(store: &Store, bytes: &[u8], format: Format, draft: FrameworkDraft) -> Result<Self, Error> {
        let fingerprint = crypto::sha256(&[&import::fingerprint(&draft)]);
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).map_err(Error::internal)?;
        let file = encoder.finish().map_err(Error::internal)?;
        let (verdict, slug, old) = store.read(|connection| match frameworks::find_identity(connection, &draft.identity)? {
            None => Ok((Verdict::New, frameworks::free_slug(connection, &draft.slug)?, Vec::new())),
            Some((slug, have, _)) if have == fingerprint => Ok((Verdict::Unchanged, slug, Vec::new())),
            Some((slug, _, seq)) => Ok((Verdict::Update, slug, frameworks::drafts(connection, seq)?)),
        })?;
        let rows = rows(&draft, verdict, &old);
        Ok(Self { format, draft, fingerprint, file, verdict, slug, rows })
    }

    /// About how many bytes of memory it takes.
    pub(super) fn weight(&self) -> usize {
        let length = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        let node = |node: &ControlDraft| size_of::<ControlDraft>() + length(&node.title) + length(&node.description);
        let row = |row: &ImportRow| size_of::<ImportRow>() + length(&row.title) + length(&row.message);
        self.file.len() + self.draft.nodes.iter().map(node).sum::<usize>() + self.rows.iter().map(row).sum::<usize>()
    }

    /// Whether it may be stored.
    pub(super) fn applicable(&self, slug: Option<&str>) -> Result<(), Error> {
        if !self.draft.problems.is_empty() {
            return Err(Error::bad(format!(
                "{} rows have errors. Nothing was imported; correct the file and choose it again.",
                self.draft.problems.len()
            )));
        }
        if self.verdict == Verdict::Update {
            return Err(Error::bad(format!(
                "The workspace holds other content of this framework as {}. Updating a framework is not possible; nothing was changed.",
                self.slug
            )));
        }
        let well_formed = |slug: &str| {
            (1..=80).contains(&slug.len()) && slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'.' || b == b'-')
        };
        if slug.is_some_and(|slug| !well_formed(slug)) {
            return Err(Error::field("slug", "must be 1 to 80 of a-z, 0-9, dot and hyphen"));
        }
        Ok(())
    }

    /// Stores it; answers the id that it got.
    pub(super) fn store(&self, tx: &Tx<'_>, slug: Option<String>, going: &dyn Fn(usize) -> bool) -> Result<String, Error> {
        if frameworks::find_identity(tx.connection, &self.draft.identity)?.is_some() {
            return Err(Error::bad("This framework was imported meanwhile. Nothing was imported a second time."));
        }
        let mut draft = self.draft.clone();
        if let Some(slug) = slug {
            draft.slug = slug;
        }
        Ok(frameworks::create(tx, &draft, &self.fingerprint, Some(&self.file), going)?.record.id)
    }

    /// The framework as the API answers it.
    pub(super) fn describe(&self, id: Option<&str>) -> ImportedFramework {
        let draft = &self.draft;
        ImportedFramework {
            id: id.unwrap_or(&self.slug).to_owned(),
            name: draft.name.clone(),
            version: draft.version.clone(),
            publisher: draft.publisher.clone(),
            locale: draft.locale.clone(),
            control_count: draft.nodes.iter().filter(|node| node.is_control).count(),
        }
    }
}

fn depth(nodes: &[ControlDraft], mut place: usize) -> usize {
    let mut depth = 1;
    while let Some(parent) = nodes[place].parent {
        place = parent;
        depth += 1;
    }
    depth
}

fn rows(draft: &FrameworkDraft, verdict: Verdict, old: &[ControlDraft]) -> Vec<ImportRow> {
    let row = |nodes: &[ControlDraft], place: usize, fate: RowFate, message: Option<String>| ImportRow {
        row: place + 1,
        reference: nodes[place].reference.clone().or_else(|| nodes[place].title.is_none().then(|| nodes[place].source_id.clone())),
        title: nodes[place].title.clone(),
        fate,
        message,
        depth: depth(nodes, place),
        fields: Vec::new(),
        problems: Vec::new(),
    };
    let mut rows: Vec<ImportRow> = draft
        .problems
        .iter()
        .map(|problem| ImportRow {
            row: problem.row,
            reference: Some(problem.label.clone()),
            title: None,
            fate: RowFate::Error,
            message: Some(problem.message.clone()),
            depth: 1,
            fields: Vec::new(),
            problems: Vec::new(),
        })
        .collect();
    match verdict {
        Verdict::New => rows.extend((0..draft.nodes.len()).map(|place| row(&draft.nodes, place, RowFate::Create, None))),
        Verdict::Unchanged => rows.extend((0..draft.nodes.len()).map(|place| row(&draft.nodes, place, RowFate::Unchanged, None))),
        Verdict::Update => rows.extend(import::compare(old, &draft.nodes).into_iter().map(|fate| match fate {
            Fate::Unchanged { new, .. } => row(&draft.nodes, new, RowFate::Unchanged, None),
            Fate::Create { new } => row(&draft.nodes, new, RowFate::Create, None),
            Fate::Change { new, fields, .. } => row(&draft.nodes, new, RowFate::Change, Some(fields.join(", "))),
            Fate::Remove { old: place } => row(old, place, RowFate::Remove, None),
        })),
    }
    rows
}
