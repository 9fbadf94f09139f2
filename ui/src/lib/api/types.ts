/**
 * The shapes of the API.
 *
 * Records come from the engine's own description (`schema.ts`, made by `cargo xtask gen`). By hand are the
 * bodies of requests, and the answers that the description leaves open.
 */
import type { components } from './schema';

type Schemas = components['schemas'];

/** The description marks what may be null as optional; in an answer it is always there. */
type Solid<V> = V extends (infer Item)[]
  ? Solid<Item>[]
  : V extends object
    ? { -readonly [Key in keyof V]-?: Solid<Exclude<V[Key], undefined>> }
    : V;

export interface Page<T> {
  data: T[];
  next_cursor: string | null;
  total: number | null;
}

export type WorkspaceState = Schemas['WorkspaceState'];
export type Protection = Schemas['SlotKind'];

export type Workspace = Solid<Schemas['WorkspaceInfo']>;

export interface WorkspaceNew {
  kind: 'sample' | 'empty';
  name?: string | null;
  path?: string | null;
}

export interface WorkspaceOpen {
  path?: string | null;
  passphrase?: string | null;
  recovery_key?: string | null;
  /** Goes on without the one that is missing: with what is at the usual place, or with first run. */
  usual?: boolean;
}

export interface WorkspacePatch {
  profile_name?: string;
  name?: string;
  single_key_shortcuts?: boolean;
  recovery_offered?: boolean;
}

export interface Backup {
  path: string;
  bytes: number;
  made_at: string;
}

export type Summary = Solid<Schemas['Summary']>;

export type ChangeKind =
  | 'risk'
  | 'acceptance'
  | 'incident'
  | 'asset'
  | 'vulnerability'
  | 'document'
  | 'assessment'
  | 'assessment_result'
  | 'audit'
  | 'finding'
  | 'framework'
  | 'webhook'
  | 'api_key'
  | 'workspace'
  | 'matrix'
  | 'workshop'
  | 'import';

export interface Change {
  change: number;
  kinds: ChangeKind[];
}

/** A step that can be undone or redone. */
export type UndoStep = Schemas['UndoStep'];

export type UndoState = Solid<Schemas['Steps']>;

export type UndoAction = Schemas['Action'];

export interface Undone extends UndoState {
  kind: string;
  id: string;
  ref: string | null;
  name: string | null;
  action: UndoAction;
  /** How many changes it was made of. */
  changes: number;
}

export interface SearchHit {
  kind:
    | 'risk'
    | 'incident'
    | 'asset'
    | 'vulnerability'
    | 'assessment'
    | 'audit'
    | 'finding'
    | 'document'
    | 'control'
    | 'framework';
  id: string;
  ref: string | null;
  title: string | null;
  /** What follows comes only with the kinds that have it. */
  score?: number | null;
  level?: Level | null;
  framework_id?: string | null;
  asset_id?: string;
  audit_id?: string;
  grade?: string;
  severity?: string | null;
  status?: string | null;
  cve?: string | null;
  due_date?: string | null;
  /** The asset, framework or audit that it is a part of, in words. */
  part_of?: string | null;
}

// ---- risks

export type Level = Schemas['Level'];
export type RiskStatus = Schemas['RiskStatus'];
export type Treatment = Schemas['Treatment'];
export type RiskView = Schemas['View'];

export interface Position {
  likelihood: number;
  impact: number;
}

export type Assessment = Solid<Schemas['RiskAssessment']>;

export type Risk = Solid<Schemas['Risk']>;

export interface RiskWrite {
  name?: string;
  description?: string | null;
  category?: string | null;
  owner?: string | null;
  status?: RiskStatus;
  treatment?: Treatment;
  likelihood?: number | null;
  impact?: number | null;
  inherent?: Position | null;
  residual?: Position | null;
  target?: Position | null;
  rationale?: string | null;
  inherent_rationale?: string | null;
  residual_rationale?: string | null;
  target_rationale?: string | null;
  baseline?: Position | null;
  current_from?: 'hand' | 'plan';
  residual_from?: 'hand' | 'plan';
  document_ids?: string[];
  asset_ids?: string[];
  control_ids?: string[];
  tags?: string[];
  review_date?: string | null;
  /** Kept with the history entry; not a field of the record. */
  reason?: string;
}

export interface RiskFilters {
  q?: string;
  category?: string;
  owner?: string;
  status?: string;
  treatment?: string;
  level?: string;
  likelihood?: number;
  impact?: number;
  tag?: string;
  check?: string;
  asset_id?: string;
  framework_id?: string;
  without?: 'owner' | 'category' | 'asset' | 'framework';
  review_before?: string;
  view?: RiskView;
  assessed?: boolean;
}

export interface ListQuery {
  limit?: number;
  cursor?: string;
  sort?: string;
}

/** One step of an axis of the matrix. */
export type MatrixStep = Matrix['likelihood'][number];

export type Matrix = Solid<Schemas['Matrix']>;

export type HeatCell = Solid<Schemas['HeatmapCell']>;

export type Heatmap = Solid<Schemas['Heatmap']>;

export interface RiskChip {
  id: string;
  ref: string;
  name: string;
  owner: string | null;
  score: number | null;
  level: Level | null;
  review_date: string | null;
  inherent: Position | null;
  current: Position | null;
}

export interface RiskMap {
  view: RiskView;
  cells: (Position & { chips: RiskChip[] })[];
}

export interface RiskLens {
  total: number;
  groups: { key: string; count: number; chips: RiskChip[] }[];
  more_groups: number;
  more_risks: number;
}

export interface FacetValue {
  value: string;
  count: number;
}

export interface RiskFacets {
  owners: FacetValue[];
  categories: FacetValue[];
  statuses: FacetValue[];
  treatments: FacetValue[];
  tags: FacetValue[];
}

export type HistoryEntry = Omit<Solid<Schemas['HistoryEntry']>, 'before' | 'after'> & {
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
};

// ---- incidents

export type Severity = Schemas['Severity'];
export type IncidentStatus = Schemas['IncidentStatus'];
export type Tlp = Schemas['Tlp'];
export type DismissalReason = Schemas['DismissalReason'];

export type Incident = Solid<Schemas['Incident']>;

export interface IncidentWrite {
  title?: string;
  severity?: Severity;
  description?: string | null;
  tlp?: Tlp | null;
  lead?: string | null;
  occurred_at?: string | null;
  detected_at?: string | null;
  aware_at?: string | null;
  classified_at?: string | null;
  risk_ids?: string[];
  asset_ids?: string[];
}

export interface IncidentStatusWrite {
  status: IncidentStatus;
  note?: string | null;
  reason?: DismissalReason;
}

export interface IncidentFilters {
  q?: string;
  severity?: string;
  status?: string;
  lead?: string;
  tlp?: string;
  open?: boolean;
}

export type TimelineEntry = Solid<Schemas['TimelineEntry']>;

// ---- frameworks

export type Framework = Solid<Schemas['Framework']>;

export type Control = Solid<Schemas['Control']>;

export interface ControlLink {
  id: string;
  ref: string | null;
  title: string | null;
}

export interface ControlDetail extends Omit<Control, 'successors'> {
  path: ControlLink[];
  previous: ControlLink | null;
  next: ControlLink | null;
  /** Where it went, when it is withdrawn; the control that holds the place, where that is here. */
  successors: { relation: string; ref: string; id: string | null; title: string | null }[];
  /** The controls that its mappings name, of any framework that is here. */
  related: (ControlLink & { framework_id: string; relation: string | null })[];
  risks: { id: string; ref: string; name: string; score: number | null; level: Level | null }[];
}

export interface ControlFilters {
  q?: string;
  /** `none` gives the roots. */
  parent_id?: string;
  assessable?: boolean;
  withdrawn?: boolean;
}

// ---- imports

export type ImportState = Schemas['ImportState'];
export type RowFate = Schemas['RowFate'];
export type RegisterField = Schemas['RegisterField'];
export type RegisterFormat = Schemas['RegisterFormat'];
export type DateOrder = Schemas['DateOrder'];

type ImportShape = Schemas['Import'];
export type ImportedRegister = Solid<NonNullable<ImportShape['register']>>;
export type RegisterColumn = ImportedRegister['columns'][number];

export interface Import extends Solid<Omit<ImportShape, 'counts' | 'framework' | 'register'>> {
  framework: Solid<NonNullable<ImportShape['framework']>> | null;
  register: ImportedRegister | null;
  counts: Record<RowFate, number>;
}

/** What a person chooses for a register; what is absent stays as it was. */
export interface ImportChoices {
  sheet?: string;
  columns?: { column: number; field: RegisterField | null }[];
  dates?: DateOrder | null;
  leave_out_links?: boolean;
}

export type ImportRow = Solid<Schemas['ImportRow']>;
