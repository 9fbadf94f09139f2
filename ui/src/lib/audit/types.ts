/** The shapes of audits and findings. */
import type { ListQuery } from '../api/types';

export type AuditStatus = 'planned' | 'in_progress' | 'reporting' | 'closed';

export type Grade =
  | 'major_nonconformity'
  | 'minor_nonconformity'
  | 'observation'
  | 'opportunity_for_improvement'
  | 'conformity'
  | 'good_practice';

export type FindingStatus =
  'open' | 'assigned' | 'in_progress' | 'resolved' | 'verified' | 'closed' | 'dismissed';

export interface Audit {
  id: string;
  ref: string;
  name: string;
  scope: string | null;
  /** Ids of frameworks. */
  criteria: string[];
  status: AuditStatus;
  lead: string | null;
  team: string[];
  start_date: string | null;
  end_date: string | null;
  finding_counts: Record<Grade, number>;
  findings_open: number;
  created_at: string;
  updated_at: string;
}

export type AuditWrite = Partial<
  Pick<Audit, 'name' | 'scope' | 'criteria' | 'status' | 'lead' | 'team' | 'start_date' | 'end_date'>
>;

export interface AuditFilters {
  q?: string;
  status?: string;
  lead?: string;
  criteria?: string;
}

export interface Finding {
  id: string;
  ref: string;
  audit_id: string;
  title: string;
  grade: Grade;
  status: FindingStatus;
  description: string | null;
  root_cause: string | null;
  correction: string | null;
  corrective_action: string | null;
  effectiveness: string | null;
  verified_by: string | null;
  verified_at: string | null;
  owner: string | null;
  due_date: string | null;
  control_ids: string[];
  risk_ids: string[];
  evidence_ids: string[];
  created_at: string;
  updated_at: string;
}

export type FindingWrite = Partial<
  Omit<Finding, 'id' | 'ref' | 'audit_id' | 'verified_by' | 'verified_at' | 'created_at' | 'updated_at'>
> & {
  /** Why it goes back or is dismissed: kept in the history, not a field of the record. */
  reason?: string;
};

export interface FindingFilters {
  q?: string;
  grade?: string;
  status?: string;
  owner?: string;
}

export type AuditQuery = AuditFilters & ListQuery;
export type FindingQuery = FindingFilters & ListQuery;
