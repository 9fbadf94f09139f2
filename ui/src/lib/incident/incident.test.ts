import { beforeEach, describe, expect, test } from 'vitest';
import type { Incident, IncidentStatus, Severity, TimelineEntry } from '../api/types';
import { locale } from '../i18n/index.svelte';
import { zone } from '../i18n/zone.svelte';
import { inOrder, rowsOf, stepTo } from './queue';
import { STATUSES, bars, isOpen, next, previous, step } from './rules';
import { enteredLater, sentence } from './sentence';

beforeEach(() => {
  locale.set('en');
  zone.set('Europe/Paris');
});

function entry(values: Partial<TimelineEntry>): TimelineEntry {
  return {
    id: 'e',
    at: '2026-11-24T10:14:00.000Z',
    entered_at: '2026-11-24T10:14:00.000Z',
    actor: 'Sanna Virtanen',
    kind: 'comment',
    text: null,
    from: null,
    to: null,
    field: null,
    ...values,
  };
}

const told = (values: Partial<TimelineEntry>) =>
  sentence(entry(values))
    .map((piece) => piece.text)
    .join('');

describe('what an entry tells', () => {
  const cases: [Partial<TimelineEntry>, string, string][] = [
    [{ kind: 'reported' }, 'Sanna Virtanen reported it', 'Sanna Virtanen a signalé l’incident'],
    [
      { kind: 'status', from: 'triaged', to: 'contained' },
      'Sanna Virtanen moved it from Triaged to Contained',
      'Sanna Virtanen a avancé le statut (Qualifié → Contenu)',
    ],
    [
      { kind: 'status', from: 'recovered', to: 'contained' },
      'Sanna Virtanen moved it back from Recovered to Contained',
      'Sanna Virtanen a ramené le statut en arrière (Rétabli → Contenu)',
    ],
    [
      { kind: 'status', from: 'closed', to: 'triaged' },
      'Sanna Virtanen reopened it, from Closed to Triaged',
      'Sanna Virtanen a rouvert l’incident (Clos → Qualifié)',
    ],
    [
      { kind: 'status', from: 'new', to: 'dismissed' },
      'Sanna Virtanen dismissed it, from New to Dismissed',
      'Sanna Virtanen a écarté l’incident (Nouveau → Écarté)',
    ],
    [
      { kind: 'severity', from: 'high', to: 'critical' },
      'Sanna Virtanen raised the severity from High to Critical',
      'Sanna Virtanen a relevé la gravité (Élevée → Critique)',
    ],
    [
      { kind: 'severity', from: 'high', to: 'low' },
      'Sanna Virtanen lowered the severity from High to Low',
      'Sanna Virtanen a abaissé la gravité (Élevée → Faible)',
    ],
    [
      { kind: 'lead', to: 'Sanna Virtanen' },
      'Sanna Virtanen took the lead',
      'Sanna Virtanen a pris le pilotage',
    ],
    [
      { kind: 'lead', from: 'Maëlle Kerbrat', to: 'Tomasz Wrona' },
      'Sanna Virtanen passed the lead from Maëlle Kerbrat to Tomasz Wrona',
      'Sanna Virtanen a transmis le pilotage (Maëlle Kerbrat → Tomasz Wrona)',
    ],
    [
      { kind: 'changed', field: 'tlp', from: 'amber', to: 'amber+strict' },
      'Sanna Virtanen changed the sharing label from TLP:AMBER to TLP:AMBER+STRICT',
      'Sanna Virtanen a modifié le marquage de diffusion (TLP:AMBER → TLP:AMBER+STRICT)',
    ],
    [
      { kind: 'changed', field: 'aware_at', from: '2026-11-23T05:20:00Z', to: null },
      'Sanna Virtanen cleared the time of awareness',
      'Sanna Virtanen a effacé la date de connaissance',
    ],
    [
      { kind: 'changed', field: 'risk_ids', from: '1', to: '2' },
      'Sanna Virtanen added to the linked risks, 2 now',
      'Sanna Virtanen a complété les risques liés, 2 à présent',
    ],
    [
      { kind: 'undone', field: 'status', from: 'contained', to: 'triaged' },
      'With undo or redo, Sanna Virtanen set the status to Triaged',
      'Par annulation ou rétablissement, Sanna Virtanen a remis le statut\u00a0: Qualifié',
    ],
  ];

  test.each(cases)('%o', (values, en, fr) => {
    expect(told(values)).toBe(en);
    locale.set('fr');
    expect(told(values)).toBe(fr);
  });

  test('names and values stand out, also when a name looks like one of them', () => {
    const pieces = sentence(entry({ kind: 'lead', actor: 'Lead {to}', to: 'to' }));
    expect(pieces.filter((piece) => piece.strong).map((piece) => piece.text)).toEqual(['Lead {to}', 'to']);
  });

  test('an entry that was written down later says so, one written at once does not', () => {
    expect(enteredLater(entry({}))).toBe(false);
    expect(enteredLater(entry({ entered_at: '2026-11-24T11:00:00.000Z' }))).toBe(true);
  });
});

describe('which steps are offered', () => {
  test('forward is free and may skip, back takes a note, dismissing a reason', () => {
    expect(step('new', 'triaged')).toBe('free');
    expect(step('new', 'closed')).toBe('free');
    expect(step('contained', 'new')).toBe('note');
    expect(step('resolved', 'triaged')).toBe('note');
    expect(step('recovered', 'dismissed')).toBe('reason');
  });

  test('what has ended is only reopened', () => {
    for (const from of ['closed', 'dismissed'] as const) {
      for (const to of [...STATUSES, 'dismissed'] as const) {
        expect([from, to, step(from, to)]).toEqual([from, to, to === 'triaged' ? 'note' : 'none']);
      }
    }
  });

  test('the next and the previous step, to the ends', () => {
    expect(STATUSES.map(next)).toEqual([...STATUSES.slice(1), null]);
    expect(next('dismissed')).toBeNull();
    expect(previous('new')).toBeNull();
    expect(previous('contained')).toBe('triaged');
    expect(previous('closed')).toBe('triaged');
  });

  test('open means that the response goes on', () => {
    const open = ([...STATUSES, 'dismissed'] as IncidentStatus[]).filter(isOpen);
    expect(open).toEqual(['new', 'triaged', 'contained', 'eradicated', 'recovered']);
  });

  test('the glyph has a bar more for each severity', () => {
    expect((['low', 'medium', 'high', 'critical'] as Severity[]).map(bars)).toEqual([1, 2, 3, 4]);
  });
});

describe('the queue', () => {
  const one = (id: string, severity: Severity) => ({ id, severity }) as Incident;
  const list = [one('a', 'low'), one('b', 'critical'), one('c', 'low')];

  test('groups by severity, worst first, and counts only whole groups', () => {
    const rows = rowsOf(list, false);
    expect(rows.map((row) => (row.kind === 'group' ? [row.severity, row.count] : row.incident.id))).toEqual([
      ['critical', 1],
      'b',
      ['low', null],
      'a',
      'c',
    ]);
    expect(rowsOf(list, true)[2]).toEqual({ kind: 'group', severity: 'low', count: 2 });
    expect(rowsOf([], true)).toEqual([]);
  });

  test('steps stay inside the list, and go on from where a removed one stood', () => {
    const order = inOrder(rowsOf(list, true));
    expect(order.map(({ id }) => id)).toEqual(['b', 'a', 'c']);
    expect(stepTo(order, 'b', 1)?.id).toBe('a');
    expect(stepTo(order, 'b', -1)?.id).toBe('b');
    expect(stepTo(order, 'b', Infinity)?.id).toBe('c');
    expect(stepTo(order, 'gone', 1, 1)?.id).toBe('a');
    expect(stepTo(order, 'gone', -1, 1)?.id).toBe('b');
    expect(stepTo([], 'gone', 1, 1)).toBeUndefined();
  });
});
