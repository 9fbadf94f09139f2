/** The shapes of assessments, their results and their gaps. */
import type { ListQuery, Severity } from '../api/types';

export type AssessmentStatus = 'planned' | 'in_progress' | 'in_review' | 'completed';

export type Result =
  'not_assessed' | 'compliant' | 'partially_compliant' | 'non_compliant' | 'not_applicable';

export type Counts = Record<Result, number>;

export interface Assessment {
  id: string;
  framework_id: string;
  name: string;
  scope: 'full' | string[];
  status: AssessmentStatus;
  due_date: string | null;
  progress: number;
  score: number | null;
  created_at: string;
  updated_at: string;
}

export interface AssessmentNew {
  framework_id: string;
  scope: 'full' | string[];
  name?: string;
  due_date?: string | null;
}

export type AssessmentWrite = Partial<Pick<Assessment, 'name' | 'status' | 'due_date'>>;

export interface AssessmentFilters {
  q?: string;
  framework_id?: string;
  status?: string;
}

/** Controls that stand under one heading of the framework. */
export interface Group {
  id: string;
  ref: string | null;
  title: string | null;
  controls: ControlResult[];
}

/** What an assessment says of one control. */
export interface ControlResult {
  /** The control's id: an assessment has one result for each. */
  id: string;
  control_id: string;
  assessment_id: string;
  ref: string | null;
  title: string | null;
  description: string | null;
  parent_id: string | null;
  position: number;
  result: Result;
  maturity: number | null;
  target: number | null;
  justification: string | null;
  evidence: string | null;
  missing_evidence: string | null;
  planned_control: string | null;
  owner: string | null;
  due_date: string | null;
  updated_at: string | null;
}

export type ResultWrite = Partial<
  Pick<
    ControlResult,
    | 'result'
    | 'maturity'
    | 'target'
    | 'justification'
    | 'evidence'
    | 'missing_evidence'
    | 'planned_control'
    | 'owner'
    | 'due_date'
  >
>;

export interface ResultFilters {
  q?: string;
  result?: string;
  owner?: string;
}

export interface Gap {
  control_id: string;
  ref: string | null;
  title: string | null;
  result: Result;
  maturity: number | null;
  target: number | null;
  delta: number | null;
  severity: Severity;
  missing_evidence: string | null;
  planned_control: string | null;
  owner: string | null;
  due_date: string | null;
  /** Risks that this control should hold down and that stand above appetite. */
  risks_above_appetite: number;
}

/** The assessment in numbers. */
export interface Summary extends Counts {
  controls: number;
  assessed: number;
  progress: number;
  score: number | null;
  gaps: Record<Severity, number>;
}

export interface Gaps {
  assessment_id: string;
  framework_id: string;
  summary: Summary;
  gaps: Gap[];
}

export type AssessmentQuery = AssessmentFilters & ListQuery;
export type ResultQuery = ResultFilters & ListQuery;
