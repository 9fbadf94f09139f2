/** The shapes of a risk's plan, links and acceptances. */
import type { Risk } from '../api/types';

export type Action = Risk['actions'][number];
export type ActionStatus = Action['status'];

export interface ActionWrite {
  title?: string;
  description?: string | null;
  owner?: string | null;
  due_date?: string | null;
  status?: ActionStatus;
  progress?: number | null;
  lowers_likelihood?: number | null;
  lowers_impact?: number | null;
  control_id?: string | null;
}

export interface Linked {
  id: string;
  ref: string | null;
  name: string;
  status: string | null;
  gravity: string | null;
  part_of: string | null;
}

export type LinkKind = 'assets' | 'controls' | 'planned_controls' | 'documents' | 'incidents' | 'findings';
export type RiskLinks = Record<LinkKind, Linked[]>;

export type AcceptanceStatus = 'created' | 'submitted' | 'accepted' | 'rejected' | 'revoked' | 'expired';

export interface Acceptance {
  id: string;
  ref: string;
  risk_id: string;
  status: AcceptanceStatus;
  justification: string | null;
  approver: string | null;
  expires_on: string | null;
  single_person: boolean;
  submitted_by: string | null;
  submitted_at: string | null;
  state_hash: string | null;
  decided_by: string | null;
  decided_at: string | null;
  decision_note: string | null;
  revoked_by: string | null;
  revoked_at: string | null;
  revocation_note: string | null;
  void: boolean;
  void_fields: string[];
}

export interface AcceptanceWrite {
  justification?: string | null;
  approver?: string | null;
  expires_on?: string | null;
  single_person?: boolean;
}
