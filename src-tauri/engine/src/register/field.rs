//! The columns of a register: their wire names, and their headings in both languages.

use super::fold;
use crate::french::Language;
use amtia_domain::matrix::View;
use amtia_domain::words::Word;

amtia_domain::words! {
    /// What a column of a register holds. In the order in which they are written.
    RegisterField {
        /// The short reference, such as `R-0142`.
        Ref = "ref",
        /// What could happen, in one line.
        Name = "name",
        /// Cause, event and consequence.
        Description = "description",
        /// The category it is filed under.
        Category = "category",
        /// Display name of who answers for it.
        Owner = "owner",
        /// Where it stands.
        Status = "status",
        /// What is done about it.
        Treatment = "treatment",
        /// With no controls.
        InherentLikelihood = "inherent_likelihood",
        /// With no controls.
        InherentImpact = "inherent_impact",
        /// Computed: written, never read.
        InherentLevel = "inherent_level",
        /// Today.
        Likelihood = "likelihood",
        /// Today.
        Impact = "impact",
        /// Computed: written, never read.
        Level = "level",
        /// Computed: written, never read.
        Score = "score",
        /// Once all planned actions are done.
        ResidualLikelihood = "residual_likelihood",
        /// Once all planned actions are done.
        ResidualImpact = "residual_impact",
        /// Computed: written, never read.
        ResidualLevel = "residual_level",
        /// What the owner aims for.
        TargetLikelihood = "target_likelihood",
        /// What the owner aims for.
        TargetImpact = "target_impact",
        /// Computed: written, never read.
        TargetLevel = "target_level",
        /// Before the treatment plan.
        BaselineLikelihood = "baseline_likelihood",
        /// Before the treatment plan.
        BaselineImpact = "baseline_impact",
        /// Whether today's scores were judged or follow the plan.
        CurrentFrom = "current_from",
        /// Whether the residual scores were judged or follow the plan.
        ResidualFrom = "residual_from",
        /// Why the current scores are what they are.
        Rationale = "rationale",
        /// Why the inherent ones are.
        InherentRationale = "inherent_rationale",
        /// Why the residual ones are.
        ResidualRationale = "residual_rationale",
        /// Why the target is.
        TargetRationale = "target_rationale",
        /// The treatment plan. In a workbook its actions have a sheet of their own.
        Actions = "actions",
        /// Who bears it and until when: written, never read, since a decision is made here or not at all.
        Acceptance = "acceptance",
        /// Controls that act on it, by framework and reference.
        Controls = "controls",
        /// Assets it touches, by reference and name.
        Assets = "assets",
        /// Documents that tell of it, by title: written, never read.
        Documents = "documents",
        /// Free labels.
        Tags = "tags",
        /// When it is looked at again.
        ReviewDate = "review_date",
        /// Reasons that people gave for changes. In a workbook they have a sheet of their own.
        Notes = "history_notes",
        /// Written, never read.
        CreatedAt = "created_at",
        /// Written, never read.
        UpdatedAt = "updated_at",
        /// The id, which tells two risks apart in any workspace.
        Id = "id",
    }
}

pub use RegisterField as Field;

/// Which half of an assessment a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    /// The likelihood.
    Likelihood,
    /// The impact.
    Impact,
}

impl RegisterField {
    /// The heading in English and in French.
    const fn headings(self) -> (&'static str, &'static str) {
        match self {
            Self::Ref => ("Reference", "Référence"),
            Self::Name => ("Name", "Nom"),
            Self::Description => ("Description", "Description"),
            Self::Category => ("Category", "Catégorie"),
            Self::Owner => ("Owner", "Responsable"),
            Self::Status => ("Status", "Statut"),
            Self::Treatment => ("Treatment", "Traitement"),
            Self::InherentLikelihood => ("Inherent likelihood", "Vraisemblance inhérente"),
            Self::InherentImpact => ("Inherent impact", "Impact inhérent"),
            Self::InherentLevel => ("Inherent level", "Niveau inhérent"),
            Self::Likelihood => ("Likelihood", "Vraisemblance"),
            Self::Impact => ("Impact", "Impact"),
            Self::Level => ("Level", "Niveau"),
            Self::Score => ("Score", "Score"),
            Self::ResidualLikelihood => ("Residual likelihood", "Vraisemblance résiduelle"),
            Self::ResidualImpact => ("Residual impact", "Impact résiduel"),
            Self::ResidualLevel => ("Residual level", "Niveau résiduel"),
            Self::TargetLikelihood => ("Target likelihood", "Vraisemblance cible"),
            Self::TargetImpact => ("Target impact", "Impact cible"),
            Self::TargetLevel => ("Target level", "Niveau cible"),
            Self::BaselineLikelihood => ("Likelihood before the plan", "Vraisemblance avant le plan"),
            Self::BaselineImpact => ("Impact before the plan", "Impact avant le plan"),
            Self::CurrentFrom => ("Source of the current scores", "Origine des notes actuelles"),
            Self::ResidualFrom => ("Source of the residual scores", "Origine des notes résiduelles"),
            Self::Rationale => ("Rationale", "Justification"),
            Self::InherentRationale => ("Inherent rationale", "Justification inhérente"),
            Self::ResidualRationale => ("Residual rationale", "Justification résiduelle"),
            Self::TargetRationale => ("Target rationale", "Justification cible"),
            Self::Actions => ("Actions", "Actions"),
            Self::Acceptance => ("Acceptance", "Acceptation"),
            Self::Documents => ("Documents", "Documents"),
            Self::Controls => ("Controls", "Mesures"),
            Self::Assets => ("Assets", "Actifs"),
            Self::Tags => ("Tags", "Étiquettes"),
            Self::ReviewDate => ("Review date", "Date de revue"),
            Self::Notes => ("History notes", "Notes d’historique"),
            Self::CreatedAt => ("Created", "Créé le"),
            Self::UpdatedAt => ("Changed", "Modifié le"),
            Self::Id => ("ID", "ID"),
        }
    }

    /// What else registers of other tools call it.
    const fn others(self) -> &'static [&'static str] {
        match self {
            Self::Ref => &["Ref", "Ref ID", "Risk ref", "Risk reference", "Réf", "Référence du risque"],
            Self::Name => &["Risk", "Title", "Risk name", "Risk title", "Risque", "Titre", "Intitulé", "Nom du risque", "Libellé"],
            Self::Description => &["Risk description", "Description du risque"],
            Self::Category => &["Risk category", "Catégorie de risque", "Catégorie du risque"],
            Self::Owner => &["Risk owner", "Propriétaire", "Propriétaire du risque", "Porteur", "Responsable du risque"],
            Self::Status => &["Risk status", "État", "Statut du risque"],
            Self::Treatment => &["Risk treatment", "Response", "Treatment option", "Option de traitement", "Traitement du risque"],
            Self::InherentLikelihood => &["Inherent probability", "Gross likelihood", "Probabilité inhérente", "Vraisemblance brute"],
            Self::InherentImpact => &["Gross impact", "Impact brut"],
            Self::InherentLevel => &["Gross level", "Niveau brut"],
            Self::Likelihood => &["Probability", "Current likelihood", "Current probability", "Probabilité", "Vraisemblance actuelle"],
            Self::Impact => &["Current impact", "Severity", "Impact actuel", "Gravité"],
            Self::Level => &["Risk level", "Current level", "Niveau de risque", "Niveau actuel"],
            Self::Score => &["Risk score", "Current score"],
            Self::ResidualLikelihood => &["Residual probability", "Net likelihood", "Probabilité résiduelle", "Vraisemblance nette"],
            Self::ResidualImpact => &["Net impact", "Impact net"],
            Self::ResidualLevel => &["Residual risk", "Net level", "Risque résiduel", "Niveau net"],
            Self::TargetLikelihood => &["Target probability", "Probabilité cible"],
            Self::BaselineLikelihood => &["Baseline likelihood", "Vraisemblance de départ"],
            Self::BaselineImpact => &["Baseline impact", "Impact de départ"],
            Self::Actions => &["Treatment plan", "Plan de traitement"],
            Self::TargetImpact
            | Self::TargetLevel
            | Self::CurrentFrom
            | Self::ResidualFrom
            | Self::InherentRationale
            | Self::ResidualRationale
            | Self::TargetRationale
            | Self::Acceptance
            | Self::Documents
            | Self::Assets
            | Self::Id => &[],
            Self::Rationale => &["Why these scores", "Justification of scores", "Pourquoi ces notes"],
            Self::Controls => &["Control IDs", "Existing controls", "Mesures existantes"],
            Self::Tags => &["Labels", "Libellés", "Tag"],
            Self::ReviewDate => &["Review", "Next review", "Next review date", "Revue", "Prochaine revue", "Date de la prochaine revue"],
            Self::Notes => &["Notes"],
            Self::CreatedAt => &["Created at", "Date de création"],
            Self::UpdatedAt => &["Changed at", "Updated", "Last changed", "Date de modification"],
        }
    }

    /// The heading that stands above it.
    #[must_use]
    pub fn heading(self, language: Language) -> &'static str {
        let (english, french) = self.headings();
        match language {
            Language::English => english,
            Language::French => french,
        }
    }

    /// The field of a heading: its wire name, or what either language or another tool calls it; case, accents and
    /// punctuation aside.
    #[must_use]
    pub fn of_heading(heading: &str) -> Option<Self> {
        let folded = fold(heading);
        let is = |name: &str| fold(name) == folded;
        let named = |field: &&Self| is(field.word()) || is(field.headings().0) || is(field.headings().1);
        let found = Self::ALL.iter().find(named);
        found.or_else(|| Self::ALL.iter().find(|field| field.others().iter().any(|name| is(name)))).copied()
    }

    /// Whether it follows from the others or from what was done or decided, so that it is written and never read.
    #[must_use]
    pub fn is_computed(self) -> bool {
        self.level_of().is_some() || matches!(self, Self::Score | Self::Acceptance | Self::Documents | Self::CreatedAt | Self::UpdatedAt)
    }

    /// The view whose level it holds.
    #[must_use]
    pub fn level_of(self) -> Option<View> {
        match self {
            Self::Level => Some(View::Current),
            Self::InherentLevel => Some(View::Inherent),
            Self::ResidualLevel => Some(View::Residual),
            Self::TargetLevel => Some(View::Target),
            _ => None,
        }
    }

    /// The half of an assessment that it holds, and in which field of a risk; without one, in the risk itself.
    #[must_use]
    pub fn half_of(self) -> Option<(Option<&'static str>, Half)> {
        match self {
            Self::Likelihood => Some((None, Half::Likelihood)),
            Self::Impact => Some((None, Half::Impact)),
            Self::InherentLikelihood => Some((Some("inherent"), Half::Likelihood)),
            Self::InherentImpact => Some((Some("inherent"), Half::Impact)),
            Self::ResidualLikelihood => Some((Some("residual"), Half::Likelihood)),
            Self::ResidualImpact => Some((Some("residual"), Half::Impact)),
            Self::TargetLikelihood => Some((Some("target"), Half::Likelihood)),
            Self::TargetImpact => Some((Some("target"), Half::Impact)),
            Self::BaselineLikelihood => Some((Some("baseline"), Half::Likelihood)),
            Self::BaselineImpact => Some((Some("baseline"), Half::Impact)),
            _ => None,
        }
    }

    /// The width of its column, in characters.
    #[must_use]
    pub fn width(self) -> u16 {
        match self {
            Self::Name | Self::Description | Self::Controls | Self::Assets | Self::Documents => 44,
            Self::Rationale | Self::InherentRationale | Self::ResidualRationale | Self::TargetRationale | Self::Actions => 44,
            Self::Id => 38,
            Self::Category | Self::Owner | Self::Tags | Self::Acceptance | Self::CreatedAt | Self::UpdatedAt => 22,
            _ => 14,
        }
    }
}

amtia_domain::words! {
    /// What is told of an action. In the order in which it is written.
    RegisterActionField {
        /// What is to be done, in one line.
        Title = "title",
        /// How, and what it takes.
        Description = "description",
        /// Display name of who does it.
        Owner = "owner",
        /// When it has to be done.
        DueDate = "due_date",
        /// Where it stands.
        Status = "status",
        /// Per cent of the work done.
        Progress = "progress",
        /// Steps by which it lowers the likelihood.
        LowersLikelihood = "lowers_likelihood",
        /// Steps by which it lowers the impact.
        LowersImpact = "lowers_impact",
        /// The control that it puts in place, by framework and reference.
        Control = "control",
        /// When it was done.
        DoneAt = "done_at",
        /// The id, which tells two actions of one title apart.
        Id = "id",
    }
}

pub use RegisterActionField as ActionField;

impl RegisterActionField {
    const fn headings(self) -> (&'static str, &'static str) {
        match self {
            Self::Title => ("Action", "Action"),
            Self::Description => ("Description", "Description"),
            Self::Owner => ("Owner", "Responsable"),
            Self::DueDate => ("Due date", "Échéance"),
            Self::Status => ("Status", "Statut"),
            Self::Progress => ("Progress (%)", "Avancement (%)"),
            Self::LowersLikelihood => ("Effect on likelihood", "Effet sur la vraisemblance"),
            Self::LowersImpact => ("Effect on impact", "Effet sur l’impact"),
            Self::Control => ("Control", "Mesure"),
            Self::DoneAt => ("Done at", "Réalisée le"),
            Self::Id => ("Action ID", "ID de l’action"),
        }
    }

    /// The heading that stands above it.
    #[must_use]
    pub fn heading(self, language: Language) -> &'static str {
        let (english, french) = self.headings();
        match language {
            Language::English => english,
            Language::French => french,
        }
    }

    /// The field of a heading in either language, or of a wire name.
    #[must_use]
    pub fn of_heading(heading: &str) -> Option<Self> {
        let folded = fold(heading);
        let is = |name: &str| fold(name) == folded;
        // As the API calls it, by the control's id.
        let found = Self::ALL.iter().find(|field| is(field.word()) || is(field.headings().0) || is(field.headings().1)).copied();
        found.or_else(|| is("control_id").then_some(Self::Control))
    }
}

/// The columns beside those of the action's own fields, by which a row names its risk: in English and in French.
pub(super) const RISK: [(&str, &str); 2] = [("Risk ID", "ID du risque"), ("Risk reference", "Référence du risque")];

/// Which of these a heading is.
pub(super) fn names_risk(heading: &str) -> Option<usize> {
    let folded = fold(heading);
    RISK.iter().position(|(english, french)| fold(english) == folded || fold(french) == folded)
}
