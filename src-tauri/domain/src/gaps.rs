//! The gaps of an assessment, in one object: what is missing, how badly, and who closes it by when.

use crate::assessed_control::{AssessmentResult, ControlResult, GapSeverity};
use crate::assessment::{Assessment, Tally};
use crate::words::Word;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One control that is not where it should be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Gap {
    /// The control.
    pub control_id: String,
    /// Its reference.
    #[serde(rename = "ref")]
    pub reference: Option<String>,
    /// Its title.
    pub title: Option<String>,
    /// What was found.
    pub result: ControlResult,
    /// Current maturity, 0 to 5.
    pub maturity: Option<u8>,
    /// Target maturity, 0 to 5.
    pub target: Option<u8>,
    /// How far the target lies above the current maturity.
    pub delta: Option<i8>,
    /// How bad it is.
    pub severity: GapSeverity,
    /// What is missing.
    pub missing_evidence: Option<String>,
    /// What is planned to close it.
    pub planned_control: Option<String>,
    /// Display name of who closes it.
    pub owner: Option<String>,
    /// When it should be closed, `YYYY-MM-DD`.
    #[schema(value_type = Option<String>, format = Date)]
    pub due_date: Option<Date>,
    /// Risks above the appetite that name this control.
    pub risks_above_appetite: u64,
}

/// Gaps by severity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GapCounts {
    /// Everything else waits.
    pub critical: u64,
    /// Next.
    pub high: u64,
    /// Planned.
    pub medium: u64,
    /// When it fits.
    pub low: u64,
}

/// The assessment in numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GapSummary {
    /// Assessable controls in scope.
    pub controls: u64,
    /// Those whose result is known.
    pub assessed: u64,
    /// Met.
    pub compliant: u64,
    /// Met in part.
    pub partially_compliant: u64,
    /// Not met.
    pub non_compliant: u64,
    /// Left out, with a justification.
    pub not_applicable: u64,
    /// Not looked at yet.
    pub not_assessed: u64,
    /// The share of controls whose result is known, in percent.
    pub progress: u8,
    /// The share that complies among those judged, in percent.
    pub score: Option<u8>,
    /// Gaps by severity.
    pub gaps: GapCounts,
}

/// The gap analysis of one assessment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct GapAnalysis {
    /// The assessment.
    pub assessment_id: String,
    /// Its framework.
    pub framework_id: String,
    /// The assessment in numbers.
    pub summary: GapSummary,
    /// The worst first; of equal ones, those that hold more risks above the appetite, then the framework's order.
    pub gaps: Vec<Gap>,
}

impl GapAnalysis {
    /// The gaps among the results. `risks` tells how many risks above the appetite name a control.
    ///
    /// # Errors
    /// Those of `risks`.
    pub fn of<E>(
        assessment: &Assessment,
        tally: &Tally,
        results: Vec<AssessmentResult>,
        mut risks: impl FnMut(&str) -> Result<u64, E>,
    ) -> Result<Self, E> {
        let mut gaps = Vec::new();
        for result in results {
            let Some(severity) = result.gap else { continue };
            gaps.push(Gap {
                risks_above_appetite: risks(&result.control_id)?,
                control_id: result.control_id,
                reference: result.reference,
                title: result.title,
                result: result.result,
                maturity: result.maturity,
                target: result.target,
                delta: result.delta,
                severity,
                missing_evidence: result.missing_evidence,
                planned_control: result.planned_control,
                owner: result.owner,
                due_date: result.due_date,
            });
        }
        let place = |severity: GapSeverity| GapSeverity::ALL.iter().position(|have| *have == severity);
        gaps.sort_by_key(|gap| (place(gap.severity), std::cmp::Reverse(gap.risks_above_appetite)));
        let of = |severity: GapSeverity| gaps.iter().filter(|gap| gap.severity == severity).count() as u64;
        let counts = GapCounts {
            critical: of(GapSeverity::Critical),
            high: of(GapSeverity::High),
            medium: of(GapSeverity::Medium),
            low: of(GapSeverity::Low),
        };
        let summary = GapSummary {
            controls: tally.controls,
            assessed: tally.assessed(),
            compliant: tally.compliant,
            partially_compliant: tally.partially_compliant,
            non_compliant: tally.non_compliant,
            not_applicable: tally.not_applicable,
            not_assessed: tally.controls.saturating_sub(tally.assessed()),
            progress: tally.progress(),
            score: tally.score(),
            gaps: counts,
        };
        Ok(Self { assessment_id: assessment.id.clone(), framework_id: assessment.framework_id.clone(), summary, gaps })
    }
}
