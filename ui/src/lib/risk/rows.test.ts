import { expect, test } from 'vitest';
import { fakeEngine } from '../../test/render';
import { PAGE, Rows } from './rows.svelte';

const MANY = 100_000;

/** An engine with this many risks for each list; a cursor is the number of the row before. */
function register(counts: Record<string, number>) {
  const risk = (list: string, at: number) => ({ id: `${list}${at}`, ref: `R-${at}` });
  const which = (path: string) => {
    const query = new URLSearchParams(path.split('?')[1]);
    return { list: query.get('owner') ?? query.get('without') ?? '', from: Number(query.get('cursor') ?? 0) };
  };
  return fakeEngine({
    'GET /v1/risks': ({ path }: { path: string }) => {
      const { list, from } = which(path);
      const count = counts[list] ?? 0;
      const end = Math.min(count, from + PAGE);
      return {
        data: Array.from({ length: end - from }, (_, at) => risk(list, from + at)),
        next_cursor: end < count ? String(end) : null,
        total: count,
      };
    },
    'GET /v1/risks/marks': ({ path }: { path: string }) => {
      const count = counts[which(path).list] ?? 0;
      const cursors = Array.from({ length: Math.floor(count / PAGE) }, (_, at) => String((at + 1) * PAGE));
      return { total: count, cursors };
    },
    'GET /v1/risks/groups': {
      groups: Object.entries(counts).map(([key, count]) => ({
        key: key === 'owner' ? null : key,
        name: key === 'owner' ? null : key,
        count,
        levels: {},
        unassessed: count,
      })),
    },
  });
}

test('the last of 100,000 rows is there after three requests more, and so is the way back', async () => {
  const { calls } = register({ '': MANY });
  const rows = new Rows();
  await rows.read({ sort: '-score' }, null);
  expect(rows.count).toBe(MANY);
  await expect.poll(() => rows.at(50).risk?.id).toBe('50');
  const before = calls.length;
  rows.want(MANY - 30, MANY - 1);
  expect(rows.at(MANY - 1).risk).toBeUndefined();
  await expect.poll(() => rows.at(MANY - 1).risk?.id).toBe(String(MANY - 1));
  expect(calls.length - before).toBeLessThanOrEqual(4);
  rows.want(50_000, 50_040);
  await expect.poll(() => rows.at(50_040).risk?.id).toBe('50040');
  expect(rows.find('50040')).toBe(50_040);
});

test('what is far from the screen is let go of, and read again', async () => {
  register({ '': MANY });
  const rows = new Rows();
  await rows.read({ sort: '-score' }, null);
  for (let at = 0; at < 80; at += 1) {
    const line = at * PAGE * 3;
    rows.want(line, line + 20);
    await expect.poll(() => rows.at(line + 20).risk?.id).toBe(String(line + 20));
  }
  expect(rows.at(0).risk).toBeUndefined();
  rows.want(0, 20);
  await expect.poll(() => rows.at(0).risk?.id).toBe('0');
});

test('headings stand among the rows; a closed group hides its own and nothing of it is read', async () => {
  const { calls } = register({ Mara: 250, Ines: 3, owner: 2 });
  const rows = new Rows();
  await rows.read({ sort: 'name' }, 'owner');
  expect(rows.count).toBe(250 + 3 + 2 + 3);
  expect(rows.at(0)).toMatchObject({ heading: true, group: { key: 'Mara', count: 250 } });
  expect(rows.headingOf('Ines')).toBe(251);
  expect(rows.headingOf(null)).toBe(255);
  rows.want(0, 257);
  await expect.poll(() => rows.at(1).risk?.id).toBe('Mara0');
  await expect.poll(() => rows.at(254).risk?.id).toBe('Ines2');
  await expect.poll(() => rows.at(257).risk?.id).toBe('owner1');
  expect(calls.some(({ path }) => path.includes('without=owner'))).toBe(true);
  const mara = rows.at(0).group;
  if (!mara) throw new Error('no group');
  rows.toggle(mara);
  expect(rows.count).toBe(3 + 2 + 3);
  expect(rows.at(1)).toMatchObject({ heading: true, group: { key: 'Ines' } });
  expect(rows.find('Mara0')).toBe(-1);
  const before = calls.length;
  await rows.read({ sort: 'name' }, 'owner');
  expect(rows.count).toBe(3 + 2 + 3);
  expect(calls.slice(before).some(({ path }) => path.includes('owner=Mara'))).toBe(false);
});

test('a range is read where it was not', async () => {
  register({ '': 1000 });
  const rows = new Rows();
  await rows.read({ sort: 'name' }, null);
  expect((await rows.between(490, 505)).map(({ id }) => id)).toEqual(
    Array.from({ length: 16 }, (_, at) => String(490 + at)),
  );
});
