/** The shapes of assets and their vulnerabilities. */
import type { FacetValue, Level, ListQuery } from '../api/types';

export const ASSET_TYPES = [
  'service',
  'application',
  'data',
  'hardware',
  'network',
  'people',
  'site',
  'supplier',
] as const;
export type AssetType = (typeof ASSET_TYPES)[number];

export const VULNERABILITY_SEVERITIES = ['critical', 'high', 'medium', 'low', 'none'] as const;
export type VulnerabilitySeverity = (typeof VULNERABILITY_SEVERITIES)[number];

export const VULNERABILITY_STATUSES = [
  'open',
  'in_triage',
  'exploitable',
  'not_affected',
  'fixed',
  'accepted',
  'false_positive',
] as const;
export type VulnerabilityStatus = (typeof VULNERABILITY_STATUSES)[number];

/** Still to be dealt with. */
export const OPEN_STATUSES: readonly VulnerabilityStatus[] = ['open', 'in_triage', 'exploitable'];

export interface Asset {
  id: string;
  ref: string;
  name: string;
  type: AssetType | null;
  owner: string | null;
  description: string | null;
  confidentiality: number | null;
  integrity: number | null;
  availability: number | null;
  criticality: number | null;
  parent_id: string | null;
  tags: string[];
  created_at: string;
  updated_at: string;
}

export type AssetWrite = Partial<Omit<Asset, 'id' | 'ref' | 'created_at' | 'updated_at'>>;

/** Where an asset stands: its open vulnerabilities by severity, and the highest of its risks. */
export interface Standing {
  asset_id: string;
  vulnerabilities: Record<VulnerabilitySeverity, number>;
  /** Whether any was ever recorded, open or not. */
  any_vulnerability: boolean;
  highest_risk: { id: string; ref: string; score: number; level: Level } | null;
}

/** An asset as a row of the list. */
export type AssetRow = Asset & { standing: Standing | null };

export interface AssetFacets {
  types: FacetValue[];
  owners: FacetValue[];
  tags: FacetValue[];
}

export interface AssetFilters extends ListQuery {
  q?: string;
  type?: string;
  criticality?: string;
  owner?: string;
  tag?: string;
  /** `none` gives those that are part of nothing. */
  parent_id?: string;
}

export interface Vulnerability {
  id: string;
  asset_id: string;
  title: string;
  cve: string | null;
  severity: VulnerabilitySeverity;
  cvss: number | null;
  epss: number | null;
  kev: boolean;
  status: VulnerabilityStatus;
  first_seen: string | null;
  last_seen: string | null;
  due_date: string | null;
  source: string | null;
  created_at: string;
  updated_at: string;
}

export type VulnerabilityWrite = Partial<
  Omit<Vulnerability, 'id' | 'asset_id' | 'created_at' | 'updated_at'>
>;

export interface VulnerabilityFilters extends ListQuery {
  q?: string;
  severity?: string;
  status?: string;
}
