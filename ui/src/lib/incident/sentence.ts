/** One sentence for each entry of a timeline, in the person's language. */
import type { IncidentStatus, Severity, TimelineEntry, Tlp } from '../api/types';
import { moment } from '../i18n/format';
import { m } from '../i18n/index.svelte';
import { incidentStatusWord as statusWord, severityWord } from '../words';
import { SEVERITIES, STATUSES, isOpen } from './rules';
import { fieldWord, tlpWord } from './words';

/** A sentence in pieces; strong pieces are set in medium weight. */
export interface Piece {
  text: string;
  strong: boolean;
}

// Stand in for values while a message is written, so that they can be found in it again.
const MARK = '\uE000';
const END = '\uE001';
const strong = (value: string) => MARK + value + END;

function pieces(text: string): Piece[] {
  return text
    .split(/(\uE000[^\uE001]*\uE001)/)
    .filter((part) => part !== '')
    .map((part) =>
      part.startsWith(MARK) ? { text: part.slice(1, -1), strong: true } : { text: part, strong: false },
    );
}

/** A value of a field, for people. */
export function valueWord(field: string, value: string): string {
  switch (field) {
    case 'severity':
      return SEVERITIES.includes(value as Severity) ? severityWord(value as Severity) : value;
    case 'status':
      return value === 'dismissed' || STATUSES.includes(value as IncidentStatus)
        ? statusWord(value as IncidentStatus)
        : value;
    case 'tlp':
      return tlpWord(value as Tlp);
    case 'title':
      return m.incident_quoted({ text: value });
    default:
      return field.endsWith('_at') ? moment(value) : value;
  }
}

function ofStatus(actor: string, from: string, to: string): string {
  const words = {
    actor,
    from: strong(valueWord('status', from)),
    to: strong(valueWord('status', to)),
  };
  if (to === 'dismissed') return m.incident_told_dismissed(words);
  if (to === 'triaged' && !isOpen(from as IncidentStatus)) return m.incident_told_reopened(words);
  const back = STATUSES.indexOf(to as IncidentStatus) < STATUSES.indexOf(from as IncidentStatus);
  return back ? m.incident_told_back(words) : m.incident_told_forward(words);
}

function ofSeverity(actor: string, from: string, to: string): string {
  const words = {
    actor,
    from: strong(valueWord('severity', from)),
    to: strong(valueWord('severity', to)),
  };
  const raised = SEVERITIES.indexOf(to as Severity) < SEVERITIES.indexOf(from as Severity);
  return raised ? m.incident_told_raised(words) : m.incident_told_lowered(words);
}

function ofLead(entry: TimelineEntry, actor: string): string {
  const from = entry.from === null ? null : strong(entry.from);
  const to = entry.to === null ? null : strong(entry.to);
  if (to === null) return m.incident_told_lead_off({ actor, from: from ?? '' });
  if (entry.to === entry.actor) return m.incident_told_lead_taken({ actor });
  return from === null
    ? m.incident_told_lead_set({ actor, to })
    : m.incident_told_lead_passed({ actor, from, to });
}

function ofChange(entry: TimelineEntry, actor: string): string {
  const field = entry.field ?? '';
  const name = fieldWord(field);
  if (field === 'description') return m.incident_told_rewritten({ actor, field: name });
  if (field === 'risk_ids' || field === 'asset_ids') {
    const [before, after] = [Number(entry.from ?? 0), Number(entry.to ?? 0)];
    const words = { actor, field: name, n: String(after) };
    return after > before ? m.incident_told_linked(words) : m.incident_told_unlinked(words);
  }
  if (entry.to === null) return m.incident_told_cleared({ actor, field: name });
  const to = strong(valueWord(field, entry.to));
  if (entry.from === null) return m.incident_told_set({ actor, field: name, to });
  return m.incident_told_changed({ actor, field: name, from: strong(valueWord(field, entry.from)), to });
}

function ofUndo(entry: TimelineEntry, actor: string): string {
  const field = entry.field ?? '';
  const name = fieldWord(field);
  if (field === 'description' || entry.to === null)
    return m.incident_told_undone_plain({ actor, field: name });
  return m.incident_told_undone({ actor, field: name, to: strong(valueWord(field, entry.to)) });
}

function told(entry: TimelineEntry): string {
  const actor = strong(entry.actor);
  switch (entry.kind) {
    case 'reported':
      return entry.to === null
        ? m.incident_told_reported({ actor })
        : m.incident_told_reported_as({ actor, severity: strong(valueWord('severity', entry.to)) });
    case 'status':
      return ofStatus(actor, entry.from ?? '', entry.to ?? '');
    case 'severity':
      return ofSeverity(actor, entry.from ?? '', entry.to ?? '');
    case 'lead':
      return ofLead(entry, actor);
    case 'changed':
      return ofChange(entry, actor);
    case 'comment':
      return m.incident_told_comment({ actor });
    case 'undone':
      return ofUndo(entry, actor);
  }
}

/** What an entry tells, without the text that a person wrote with it. */
export function sentence(entry: TimelineEntry): Piece[] {
  return pieces(told(entry));
}

const APART_MS = 60_000;

/** Whether it was written down at another time than it happened. */
export function enteredLater(entry: TimelineEntry): boolean {
  return Math.abs(Date.parse(entry.entered_at) - Date.parse(entry.at)) >= APART_MS;
}
