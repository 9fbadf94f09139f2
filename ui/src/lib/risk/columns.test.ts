import { beforeEach, expect, test, vi } from 'vitest';

beforeEach(() => {
  localStorage.clear();
  vi.resetModules();
});

/** The columns as they are after a start. */
async function started() {
  return (await import('./columns.svelte')).columns;
}

test('columns that are chosen, sized and moved are so after the next start; reset is as at first', async () => {
  const columns = await started();
  const first = [...columns.fields];
  columns.toggle('treatment');
  columns.toggle('residual_score');
  columns.move('residual_score', -4);
  columns.size('owner', 201.4);
  expect(columns.fields).toEqual([
    'ref',
    'name',
    'residual_score',
    'owner',
    'inherent_score',
    'score',
    'review_date',
  ]);
  vi.resetModules();
  const again = await started();
  expect(again.fields).toEqual(columns.fields);
  expect(again.shown(300).map((column) => again.track(column))).toEqual([
    '76px',
    'minmax(120px, 1fr)',
    '84px',
    '201px',
    '84px',
    '92px',
    '104px',
  ]);
  again.reset();
  expect(again.fields).toEqual(first);
  expect(localStorage.getItem('amtia.register')).toBeNull();
});

test('a narrow register leaves the treatment out unless it was chosen; one column stays', async () => {
  const columns = await started();
  const shown = (width: number) => columns.shown(width).map(({ field }) => field);
  expect(shown(700)).not.toContain('treatment');
  expect(shown(900)).toContain('treatment');
  columns.toggle('ref');
  expect(shown(700)).toContain('treatment');
  for (const field of [...columns.fields]) columns.toggle(field);
  expect(columns.fields).toHaveLength(1);
});

test('what is kept and makes no sense is left', async () => {
  localStorage.setItem(
    'amtia.register',
    '{"shown":["moon","name","name"],"widths":{"name":3,"owner":"x","score":90}}',
  );
  const columns = await started();
  expect(columns.fields).toEqual(['name']);
  expect(columns.shown(900).map((column) => columns.track(column))).toEqual(['minmax(120px, 1fr)']);
  vi.resetModules();
  localStorage.setItem('amtia.register', '{');
  expect((await started()).fields).toContain('owner');
});
