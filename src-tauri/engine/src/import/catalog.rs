//! The parts of an OSCAL catalog that are used. Unknown keys are skipped without being built.

use serde::Deserialize;

/// The whole.
#[derive(Deserialize)]
pub(super) struct Catalog {
    pub(super) uuid: Option<String>,
    pub(super) metadata: Option<Metadata>,
    #[serde(default)]
    pub(super) params: Vec<Param>,
    #[serde(default)]
    pub(super) controls: Vec<Control>,
    #[serde(default)]
    pub(super) groups: Vec<Group>,
}

/// What the catalog says about itself.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Metadata {
    pub(super) title: Option<String>,
    pub(super) version: Option<String>,
    pub(super) remarks: Option<String>,
    #[serde(default)]
    pub(super) parties: Vec<Party>,
    #[serde(default)]
    pub(super) responsible_parties: Vec<Responsible>,
}

/// A person or an organisation.
#[derive(Deserialize)]
pub(super) struct Party {
    pub(super) uuid: Option<String>,
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    pub(super) name: Option<String>,
}

/// Who has a role.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Responsible {
    pub(super) role_id: Option<String>,
    #[serde(default)]
    pub(super) party_uuids: Vec<String>,
}

/// A family of controls.
#[derive(Deserialize)]
pub(super) struct Group {
    pub(super) id: Option<String>,
    pub(super) class: Option<String>,
    pub(super) title: Option<String>,
    #[serde(default)]
    pub(super) params: Vec<Param>,
    #[serde(default)]
    pub(super) props: Vec<Prop>,
    #[serde(default)]
    pub(super) parts: Vec<Part>,
    #[serde(default)]
    pub(super) groups: Vec<Group>,
    #[serde(default)]
    pub(super) controls: Vec<Control>,
}

/// A control or an enhancement.
#[derive(Deserialize)]
pub(super) struct Control {
    pub(super) id: Option<String>,
    pub(super) title: Option<String>,
    #[serde(default)]
    pub(super) params: Vec<Param>,
    #[serde(default)]
    pub(super) props: Vec<Prop>,
    #[serde(default)]
    pub(super) links: Vec<Link>,
    #[serde(default)]
    pub(super) parts: Vec<Part>,
    #[serde(default)]
    pub(super) controls: Vec<Control>,
}

/// A place in a text that an organisation fills in.
#[derive(Deserialize)]
pub(super) struct Param {
    pub(super) id: String,
    pub(super) label: Option<String>,
    pub(super) select: Option<Select>,
    #[serde(default)]
    pub(super) values: Vec<String>,
}

/// The values to choose from.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Select {
    pub(super) how_many: Option<String>,
    #[serde(default)]
    pub(super) choice: Vec<String>,
}

/// A named value.
#[derive(Deserialize)]
pub(super) struct Prop {
    pub(super) name: String,
    pub(super) value: String,
    pub(super) class: Option<String>,
}

/// A reference to another node or a resource.
#[derive(Deserialize)]
pub(super) struct Link {
    pub(super) href: String,
    pub(super) rel: Option<String>,
}

/// A piece of text, with pieces of its own.
#[derive(Deserialize)]
pub(super) struct Part {
    pub(super) id: Option<String>,
    #[serde(default)]
    pub(super) name: String,
    pub(super) title: Option<String>,
    #[serde(default)]
    pub(super) props: Vec<Prop>,
    pub(super) prose: Option<String>,
    #[serde(default)]
    pub(super) parts: Vec<Part>,
}

/// The label among `props`: the one without a class, which is the printed one, before any other.
pub(super) fn label_of(props: &[Prop]) -> Option<&str> {
    let mut labels = props.iter().filter(|prop| prop.name == "label");
    let first = labels.clone().next();
    labels.find(|prop| prop.class.is_none()).or(first).map(|prop| prop.value.as_str())
}
