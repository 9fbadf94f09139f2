//! Assets: what the organisation depends on (ISO/IEC 27005:2022), how much of confidentiality, integrity and availability
//! each needs, and what it is part of.

use crate::input::{Input, Patch, Problems, set};
use crate::time::instant;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The most of a need or of criticality.
pub const MOST: u8 = 5;

crate::words! {
    /// What an asset is.
    AssetType {
        /// Something offered to others.
        Service = "service",
        /// A program.
        Application = "application",
        /// Information.
        Data = "data",
        /// A machine.
        Hardware = "hardware",
        /// What connects machines.
        Network = "network",
        /// A team or a role.
        People = "people",
        /// A place.
        Site = "site",
        /// Another organisation.
        Supplier = "supplier",
    }
}

/// An asset.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Asset {
    /// UUIDv7.
    pub id: String,
    /// The short reference people say aloud, such as `AS-0012`.
    #[serde(rename = "ref")]
    pub reference: String,
    /// What people call it.
    pub name: String,
    /// What it is.
    #[serde(rename = "type")]
    pub kind: Option<AssetType>,
    /// Display name of who answers for it.
    pub owner: Option<String>,
    /// What is known of it.
    pub description: Option<String>,
    /// Need of confidentiality, 1 to 5.
    pub confidentiality: Option<u8>,
    /// Need of integrity, 1 to 5.
    pub integrity: Option<u8>,
    /// Need of availability, 1 to 5.
    pub availability: Option<u8>,
    /// How much depends on it, 1 to 5.
    pub criticality: Option<u8>,
    /// The asset it is part of.
    pub parent_id: Option<String>,
    /// Free labels.
    pub tags: Vec<String>,
    /// RFC 3339, UTC.
    #[serde(with = "instant")]
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// RFC 3339, UTC.
    #[serde(with = "instant")]
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

/// The fields of an asset that may be written. Absent fields stay as they are; null clears.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct AssetPatch {
    /// 1–200 characters.
    #[schema(min_length = 1, max_length = 200)]
    pub name: Option<String>,
    /// See [`AssetType`].
    #[serde(rename = "type")]
    #[schema(value_type = Option<AssetType>)]
    pub kind: Patch<AssetType>,
    /// A display name.
    #[schema(value_type = Option<String>, max_length = 200)]
    pub owner: Patch<String>,
    /// Up to 20,000 characters.
    #[schema(value_type = Option<String>, max_length = 20000)]
    pub description: Patch<String>,
    /// Need of confidentiality.
    #[schema(value_type = Option<u8>, minimum = 1, maximum = 5)]
    pub confidentiality: Patch<u8>,
    /// Need of integrity.
    #[schema(value_type = Option<u8>, minimum = 1, maximum = 5)]
    pub integrity: Patch<u8>,
    /// Need of availability.
    #[schema(value_type = Option<u8>, minimum = 1, maximum = 5)]
    pub availability: Patch<u8>,
    /// How much depends on it.
    #[schema(value_type = Option<u8>, minimum = 1, maximum = 5)]
    pub criticality: Patch<u8>,
    /// Id of the asset it is part of.
    #[schema(value_type = Option<String>, max_length = 200)]
    pub parent_id: Patch<String>,
    /// Free labels.
    pub tags: Option<Vec<String>>,
}

/// A new asset: a name, and any field that may be written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NewAsset {
    /// What people call it, 1–200 characters.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// Everything else.
    #[serde(flatten)]
    pub fields: AssetPatch,
}

const READ_ONLY: &[&str] = &["id", "ref", "created_at", "updated_at"];

impl AssetPatch {
    /// Reads a body. With `creating`, a name is required.
    ///
    /// # Errors
    /// Every offending field.
    pub fn read(body: serde_json::Map<String, serde_json::Value>, creating: bool) -> Result<Self, Problems> {
        let mut input = Input::new(body);
        if creating && !input.has("name") {
            input.problems.add("name", "is required");
        }
        let patch = Self {
            name: input.name("name"),
            kind: input.choice("type"),
            owner: input.short("owner"),
            description: input.text("description"),
            confidentiality: input.step("confidentiality", MOST),
            integrity: input.step("integrity", MOST),
            availability: input.step("availability", MOST),
            criticality: input.step("criticality", MOST),
            parent_id: input.short("parent_id"),
            tags: input.list("tags"),
        };
        input.finish(READ_ONLY)?;
        Ok(patch)
    }
}

impl Asset {
    /// A new asset. `number` is the next of the workspace's sequence.
    ///
    /// # Errors
    /// A missing name.
    pub fn create(patch: AssetPatch, id: String, number: i64, now: Timestamp) -> Result<Self, Problems> {
        if patch.name.is_none() {
            return Err(Problems::one("name", "is required"));
        }
        let mut asset = Self {
            id,
            reference: Self::reference_of(number),
            name: String::new(),
            kind: None,
            owner: None,
            description: None,
            confidentiality: None,
            integrity: None,
            availability: None,
            criticality: None,
            parent_id: None,
            tags: Vec::new(),
            created_at: now,
            updated_at: now,
        };
        asset.apply(patch, now);
        Ok(asset)
    }

    /// `AS-0012` of 12.
    #[must_use]
    pub fn reference_of(number: i64) -> String {
        format!("AS-{number:04}")
    }

    /// Changes the fields that are present.
    pub fn apply(&mut self, patch: AssetPatch, now: Timestamp) {
        set(&mut self.name, patch.name);
        set(&mut self.kind, patch.kind);
        set(&mut self.owner, patch.owner);
        set(&mut self.description, patch.description);
        set(&mut self.confidentiality, patch.confidentiality);
        set(&mut self.integrity, patch.integrity);
        set(&mut self.availability, patch.availability);
        set(&mut self.criticality, patch.criticality);
        set(&mut self.parent_id, patch.parent_id);
        set(&mut self.tags, patch.tags);
        self.updated_at = now;
    }

    /// An asset is part of one that exists, and never of itself. `above` holds the parent, its parent and so on.
    ///
    /// # Errors
    /// What is wrong with the parent.
    pub fn check_parent(&self, above: &[String]) -> Result<(), Problems> {
        match &self.parent_id {
            Some(parent) if !above.contains(parent) => {
                Err(Problems::one("parent_id", format!("names an asset that does not exist: {parent}")))
            }
            Some(_) if above.contains(&self.id) => Err(Problems::one("parent_id", "would make the asset a part of itself")),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn read(body: Value, creating: bool) -> Result<AssetPatch, Problems> {
        let Value::Object(map) = body else { panic!("a test body is an object") };
        AssetPatch::read(map, creating)
    }

    fn asset(body: Value) -> Asset {
        Asset::create(read(body, true).expect("valid"), "me".into(), 12, Timestamp::UNIX_EPOCH).expect("valid")
    }

    #[test]
    fn every_offending_field_is_named_at_once() {
        let cases = [
            (json!({}), vec!["name"]),
            (json!({"name": null, "type": "database", "criticality": 0}), vec!["name", "type", "criticality"]),
            (
                json!({"name": "a", "confidentiality": 6, "integrity": "high", "availability": 2.5}),
                vec!["confidentiality", "integrity", "availability"],
            ),
            (json!({"name": "a", "kind": "service"}), vec!["kind"]),
        ];
        for (body, expected) in cases {
            let problems = read(body.clone(), true).expect_err("each of these is refused");
            let fields: Vec<&str> = problems.0.iter().map(|p| p.field.as_str()).collect();
            assert_eq!(fields, expected, "{body}");
        }
    }

    #[test]
    fn a_patch_changes_what_is_present_and_null_clears() {
        let mut asset = asset(json!({"name": "Ledger", "type": "data", "criticality": 5, "owner": "Tomasz Wrona", "tags": ["core"]}));
        assert_eq!((asset.reference.as_str(), asset.kind), ("AS-0012", Some(AssetType::Data)), "as sent");
        asset.apply(read(json!({"owner": null, "criticality": 4}), false).expect("valid"), Timestamp::UNIX_EPOCH);
        assert_eq!((asset.owner.as_deref(), asset.criticality, asset.tags.len()), (None, Some(4), 1), "only what was present");
    }

    #[test]
    fn a_parent_exists_and_is_never_below_its_own_part() {
        let part = asset(json!({"name": "Part", "parent_id": "whole"}));
        let chain = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
        assert!(part.check_parent(&chain(&["whole", "site"])).is_ok(), "an ordinary chain");
        assert!(part.check_parent(&[]).is_err(), "a parent that is not there");
        assert!(part.check_parent(&chain(&["whole", "me"])).is_err(), "a ring of two");
        let own = asset(json!({"name": "Own", "parent_id": "me"}));
        assert!(own.check_parent(&chain(&["me"])).is_err(), "a ring of one");
        assert!(asset(json!({"name": "Top"})).check_parent(&[]).is_ok(), "no parent is fine");
    }
}
