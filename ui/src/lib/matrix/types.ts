/** The risk matrix as the API tells it. */
import type { components } from '../api/schema';
import type { Level, Matrix } from '../api/types';

type Schemas = components['schemas'];

export type Axis = 'likelihood' | 'impact';
export type Fate = Schemas['Fate'];
export type Preset = Schemas['Preset'];
export type Mapping = Schemas['MatrixMapping'];
export type Remark = Schemas['MatrixRemark'];
export type Shades = Schemas['Shades'];

export interface LevelLook {
  level: Level;
  label: string;
  own: boolean;
  shades: Shades;
}

export interface MatrixInForce {
  matrix: Matrix;
  levels: LevelLook[];
  remarks: Remark[];
  standard: boolean;
}

export interface PresetMatrix {
  preset: Preset;
  matrix: Matrix;
  levels: LevelLook[];
}

export interface Standing {
  levels: Partial<Record<Level, number>>;
  above_appetite: number;
  above_tolerance: number;
  unassessed: number;
}

export interface RiskFate {
  id: string;
  ref: string;
  name: string;
  fate: Fate;
  /** Null where only its plan begins elsewhere. */
  view: Schemas['View'] | null;
  before: Schemas['RiskAssessment'] | null;
  after: Schemas['RiskAssessment'] | null;
  voids_acceptance: boolean;
}

export interface Preview {
  matrix: Matrix;
  levels: LevelLook[];
  mapping: Mapping;
  remarks: Remark[];
  outcome: { fates: Record<Fate, number>; before: Standing; after: Standing; acceptances_void: number };
  data: RiskFate[];
  next_cursor: string | null;
}

export interface ReadMatrix {
  name: string;
  description: string | null;
  matrix: Matrix | null;
  problems: { field: string; message: string }[];
}
