/** The domain's fixed values as words, in the person's language. */
import type { IncidentStatus, RiskStatus, RiskView, Severity, Treatment } from './api/types';
import { m } from './i18n/index.svelte';

/** How a risk is treated. */
export function treatmentWord(treatment: Treatment): string {
  const words: Record<Treatment, () => string> = {
    open: m.treatment_open,
    mitigate: m.treatment_mitigate,
    accept: m.treatment_accept,
    transfer: m.treatment_transfer,
    avoid: m.treatment_avoid,
  };
  return words[treatment]();
}

/** Where a risk is in its life. */
export function riskStatusWord(status: RiskStatus): string {
  const words: Record<RiskStatus, () => string> = {
    identified: m.risk_status_identified,
    analysed: m.risk_status_analysed,
    in_treatment: m.risk_status_in_treatment,
    monitored: m.risk_status_monitored,
    closed: m.risk_status_closed,
  };
  return words[status]();
}

/** Which assessment of a risk is meant. */
export function viewWord(view: RiskView): string {
  const words: Record<RiskView, () => string> = {
    current: m.view_current,
    inherent: m.view_inherent,
    residual: m.view_residual,
    target: m.view_target,
  };
  return words[view]();
}

/** How severe an incident is. */
export function severityWord(severity: Severity): string {
  const words: Record<Severity, () => string> = {
    critical: m.severity_critical,
    high: m.severity_high,
    medium: m.severity_medium,
    low: m.severity_low,
  };
  return words[severity]();
}

/** Where an incident is in its life. */
export function incidentStatusWord(status: IncidentStatus): string {
  const words: Record<IncidentStatus, () => string> = {
    new: m.incident_status_new,
    triaged: m.incident_status_triaged,
    contained: m.incident_status_contained,
    eradicated: m.incident_status_eradicated,
    recovered: m.incident_status_recovered,
    resolved: m.incident_status_resolved,
    closed: m.incident_status_closed,
    dismissed: m.incident_status_dismissed,
  };
  return words[status]();
}

/** Why something changed, as the history has it; what the app itself wrote there is told in the person's language. */
export function reasonWords(reason: string): string {
  return reason === 'The risk matrix was changed.' ? m.matrix_reason() : reason;
}
