/** Words for assets and vulnerabilities, in the person's language. */
import { m } from '../i18n/index.svelte';
import { LEVELS, plainLevelWord } from '../ui/levels';
import type { AssetType, VulnerabilitySeverity, VulnerabilityStatus } from './types';

/** What kind of thing an asset is. */
export function assetTypeWord(type: AssetType): string {
  const words: Record<AssetType, () => string> = {
    service: m.asset_type_service,
    application: m.asset_type_application,
    data: m.asset_type_data,
    hardware: m.asset_type_hardware,
    network: m.asset_type_network,
    people: m.asset_type_people,
    site: m.asset_type_site,
    supplier: m.asset_type_supplier,
  };
  return words[type]();
}

/** A step from 1 to 5 as the word for its level. */
export function stepWord(step: number): string {
  const level = LEVELS[step - 1];
  return level ? plainLevelWord(level) : String(step);
}

/** How severe a vulnerability is. */
export function vulnerabilitySeverityWord(severity: VulnerabilitySeverity): string {
  const words: Record<VulnerabilitySeverity, () => string> = {
    critical: m.severity_critical,
    high: m.severity_high,
    medium: m.severity_medium,
    low: m.severity_low,
    none: m.vulnerability_severity_none,
  };
  return words[severity]();
}

/** The same, short: for a count beside it. */
export function severityShort(severity: VulnerabilitySeverity): string {
  const words: Record<VulnerabilitySeverity, () => string> = {
    critical: m.vulnerability_short_critical,
    high: m.vulnerability_short_high,
    medium: m.vulnerability_short_medium,
    low: m.vulnerability_short_low,
    none: m.vulnerability_severity_none,
  };
  return words[severity]();
}

/** Where a vulnerability stands. */
export function vulnerabilityStatusWord(status: VulnerabilityStatus): string {
  const words: Record<VulnerabilityStatus, () => string> = {
    open: m.vulnerability_status_open,
    in_triage: m.vulnerability_status_in_triage,
    exploitable: m.vulnerability_status_exploitable,
    not_affected: m.vulnerability_status_not_affected,
    fixed: m.vulnerability_status_fixed,
    accepted: m.vulnerability_status_accepted,
    false_positive: m.vulnerability_status_false_positive,
  };
  return words[status]();
}
