/** The shapes of workshops. */
import type { Level, Matrix, Position, RiskView } from '../api/types';

export type WorkshopStatus = 'planned' | 'running' | 'closed';
export type ItemStatus = 'waiting' | 'voting' | 'revealed' | 'decided' | 'skipped';
export type Decides = 'facilitator' | 'owner' | 'room';
export type Agreement = 'none' | 'unanimous' | 'close' | 'mixed' | 'divided';
export type Fate = 'changes' | 'same' | 'stale' | 'outside' | 'gone';

export interface Seat {
  id: string;
  name: string;
  group: string | null;
  present: boolean;
}

export interface Decision extends Position {
  rationale: string | null;
  by: string | null;
  dissent: { seat_id: string | null; reason: string }[];
}

export interface RoomAction {
  id?: string;
  title: string;
  owner: string | null;
  due_date: string | null;
}

export interface Item {
  id: string;
  risk_id: string;
  ref: string;
  name: string;
  minutes: number;
  status: ItemStatus;
  decision: Decision | null;
}

export interface Workshop {
  id: string;
  ref: string;
  name: string;
  status: WorkshopStatus;
  held_on: string | null;
  place: string | null;
  facilitator: string | null;
  question: string | null;
  view: RiskView;
  blind: boolean;
  anonymous: boolean;
  decides: Decides;
  participants: Seat[];
  items: Item[];
  parking: string[];
  applied_at: string | null;
}

/** Lists go whole; members without an id are new. */
export interface WorkshopWrite extends Partial<Omit<Workshop, 'participants' | 'items'>> {
  participants?: { id?: string; name: string; group?: string | null; present?: boolean }[];
  items?: { id?: string; risk_id: string; minutes?: number }[];
}

export interface AxisTally {
  median: number;
  lowest: number;
  highest: number;
  spread: number;
}

export interface Tally {
  votes: number;
  cannot_judge: number;
  likelihood: AxisTally | null;
  impact: AxisTally | null;
  cells: (Position & { count: number; apart: boolean })[];
  near: number;
  agreement: Agreement;
}

export interface RoundTold {
  round: number;
  tally: Tally;
  votes: { name: string; likelihood: number | null; impact: number | null }[];
  comments: { name: string | null; text: string; apart: boolean }[];
}

export interface RoomItem {
  id: string;
  ref: string;
  name: string;
  description: string | null;
  status: ItemStatus;
  minutes: number;
  round: number;
  ends_at: string | null;
  told: RoundTold | null;
  earlier: RoundTold[];
  before: Position | null;
  notes: string | null;
  actions: RoomAction[];
}

export interface AgendaLine {
  id: string;
  ref: string;
  name: string;
  status: ItemStatus;
  minutes: number;
  score: number | null;
  level: Level | null;
}

/** What the room is shown. The appetite is told once the votes are revealed. */
export interface Room {
  id: string;
  ref: string;
  name: string;
  status: WorkshopStatus;
  place: string | null;
  question: string | null;
  decides: Decides;
  minutes: number;
  started_at: string | null;
  seats: (Seat & { voted: boolean })[];
  agenda: AgendaLine[];
  item: RoomItem | null;
  parking: string[];
  matrix: Omit<Matrix, 'appetite' | 'tolerance'> & { appetite: number | null };
}

export interface Change {
  item_id: string;
  ref: string;
  name: string;
  fate: Fate;
  before: Position | null;
  now: Position | null;
  decided: Position;
  rationale: string | null;
  actions: number;
  rev: number | null;
}

export interface Minutes extends Omit<Workshop, 'participants' | 'items'> {
  started_at: string | null;
  attendance: { name: string; group: string | null; present: boolean }[];
  items: {
    ref: string;
    name: string;
    status: ItemStatus;
    rounds: RoundTold[];
    before: Position | null;
    decision: Decision | null;
    dissent: { name: string | null; reason: string }[];
    notes: string | null;
    actions: RoomAction[];
  }[];
  divided: string[];
  places: (Position & { before: number; after: number })[];
  /** How far the room agreed in each round of each item, in words. */
  agreement: string[][];
}
