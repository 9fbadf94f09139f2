/** The shapes of the API, as the contract gives them. */

export interface Page<T> {
  data: T[];
  next_cursor: string | null;
  total: number | null;
}

export type WorkspaceState = 'none' | 'open' | 'locked' | 'damaged';
export type Protection = 'keychain' | 'passphrase' | 'recovery_key' | 'key_file';

export interface Workspace {
  state: WorkspaceState;
  name: string | null;
  file: string | null;
  /** Where a new one would be made. */
  folder: string | null;
  protection: Protection[];
  key_file: string | null;
  message: string | null;
  door: 'window' | 'api';
  profile: { name: string | null };
  single_key_shortcuts: boolean;
  time_zone: string;
  version: string;
  recovery_offered: boolean;
  integrity: 'checking' | 'sound' | 'damaged' | 'unknown';
}

export interface WorkspaceNew {
  kind: 'sample' | 'empty';
  name?: string | null;
  path?: string | null;
}

export interface WorkspaceOpen {
  path?: string | null;
  passphrase?: string | null;
  recovery_key?: string | null;
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

export interface Summary {
  risks: number;
  risks_above_appetite: number;
  incidents_open: number;
  frameworks: number;
}

export type ChangeKind = 'risk' | 'incident' | 'framework' | 'workspace' | 'import';

export interface Change {
  change: number;
  kinds: ChangeKind[];
}

/** A step that can be undone or redone. */
export interface UndoStep {
  label_key: string;
  kind: string;
  ref: string | null;
  name: string | null;
}

export interface UndoState {
  undo: UndoStep | null;
  redo: UndoStep | null;
}

export type UndoAction =
  'created' | 'updated' | 'deleted' | 'restored' | 'moved' | 'status_changed' | 'imported' | 'commented';

export interface Undone extends UndoState {
  kind: string;
  id: string;
  ref: string | null;
  name: string | null;
  action: UndoAction;
}

export interface SearchHit {
  kind: 'risk' | 'incident' | 'control' | 'framework';
  id: string;
  ref: string | null;
  title: string | null;
  /** What follows comes only with the kinds that have it. */
  score?: number | null;
  level?: Level | null;
  framework_id?: string | null;
  severity?: Severity | null;
  status?: string | null;
}

// ---- risks

export type Level = 'very_low' | 'low' | 'medium' | 'high' | 'critical';
export type RiskStatus = 'identified' | 'analysed' | 'in_treatment' | 'monitored' | 'closed';
export type Treatment = 'open' | 'mitigate' | 'accept' | 'transfer' | 'avoid';
export type RiskView = 'current' | 'inherent' | 'residual' | 'target';

export interface Position {
  likelihood: number;
  impact: number;
}

export interface Assessment extends Position {
  level: Level;
  score: number;
}

export interface Risk {
  id: string;
  ref: string;
  name: string;
  description: string | null;
  category: string | null;
  owner: string | null;
  status: RiskStatus;
  treatment: Treatment;
  likelihood: number | null;
  impact: number | null;
  level: Level | null;
  score: number | null;
  inherent: Assessment | null;
  residual: Assessment | null;
  target: Assessment | null;
  rationale: string | null;
  asset_ids: string[];
  control_ids: string[];
  tags: string[];
  review_date: string | null;
  created_at: string;
  updated_at: string;
}

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
  framework_id?: string;
  review_before?: string;
  view?: RiskView;
  assessed?: boolean;
}

export interface ListQuery {
  limit?: number;
  cursor?: string;
  sort?: string;
}

export interface MatrixStep {
  value: number;
  key: string;
  label: string;
  detail: string | null;
}

export interface Matrix {
  likelihood: MatrixStep[];
  impact: MatrixStep[];
  levels: { level: Level; label: string }[];
  /** `grid[likelihood - 1][impact - 1]` */
  grid: Level[][];
  appetite: number;
  tolerance: number;
}

export interface HeatCell extends Position {
  level: Level;
  score: number;
  count: number;
}

export interface Heatmap {
  view: RiskView;
  matrix: Matrix;
  cells: HeatCell[];
  totals: Record<Level, number>;
  unassessed: number;
}

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

export interface HistoryEntry {
  at: string;
  actor: string;
  door: 'window' | 'api' | 'import' | 'command_line';
  action: 'created' | 'updated' | 'moved' | 'deleted' | 'restored' | 'undone' | 'redone';
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
  reason: string | null;
}

// ---- incidents

export type Severity = 'critical' | 'high' | 'medium' | 'low';
export type IncidentStatus =
  'new' | 'triaged' | 'contained' | 'eradicated' | 'recovered' | 'resolved' | 'closed' | 'dismissed';
export type Tlp = 'red' | 'amber+strict' | 'amber' | 'green' | 'clear';
export type DismissalReason = 'false_positive' | 'duplicate' | 'not_an_incident';

export interface Incident {
  id: string;
  ref: string;
  title: string;
  severity: Severity;
  description: string | null;
  status: IncidentStatus;
  occurred_at: string | null;
  detected_at: string | null;
  aware_at: string | null;
  classified_at: string | null;
  resolved_at: string | null;
  tlp: Tlp | null;
  lead: string | null;
  dismissal_reason: DismissalReason | null;
  asset_ids: string[];
  risk_ids: string[];
  created_at: string;
  updated_at: string;
}

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

export interface TimelineEntry {
  id: string;
  at: string;
  entered_at: string;
  actor: string;
  kind: 'reported' | 'status' | 'severity' | 'lead' | 'changed' | 'comment' | 'undone';
  text: string | null;
  from: string | null;
  to: string | null;
  field: string | null;
}

// ---- frameworks

export interface Framework {
  id: string;
  name: string;
  version: string | null;
  publisher: string | null;
  description: string | null;
  control_count: number;
  source: 'sample' | 'oscal' | 'ciso_assistant';
  locale: string | null;
  created_at: string;
  updated_at: string;
}

export interface Control {
  id: string;
  framework_id: string;
  ref: string | null;
  title: string | null;
  description: string | null;
  parent_id: string | null;
  assessable: boolean;
  withdrawn: boolean;
  depth: number;
  position: number;
  source_id: string | null;
  child_count: number;
  mappings: unknown[];
  created_at: string;
  updated_at: string;
}

export interface ControlLink {
  id: string;
  ref: string | null;
  title: string | null;
}

export interface ControlDetail extends Control {
  path: ControlLink[];
  previous: ControlLink | null;
  next: ControlLink | null;
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

export type ImportState = 'reading' | 'checked' | 'refused' | 'applying' | 'applied' | 'cancelled' | 'failed';
export type RowFate = 'create' | 'unchanged' | 'change' | 'remove' | 'error';

export interface Import {
  id: string;
  state: ImportState;
  file_name: string;
  format: 'oscal_catalog' | 'ciso_assistant' | null;
  message: string | null;
  framework: {
    id: string;
    name: string;
    version: string | null;
    publisher: string | null;
    locale: string | null;
    control_count: number;
  } | null;
  verdict: 'new' | 'unchanged' | 'update' | null;
  counts: Record<RowFate, number>;
  done: number;
  total: number;
  created_at: string;
}

export interface ImportRow {
  row: number;
  ref: string | null;
  title: string | null;
  fate: RowFate;
  message: string | null;
  depth: number;
}
