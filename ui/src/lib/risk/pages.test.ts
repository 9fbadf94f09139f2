import { expect, test, vi } from 'vitest';
import type { Page } from '../api/types';
import { PAGE, Pages } from './pages.svelte';

function source(count: number, total: number | null = count) {
  return vi.fn(async (cursor: string | undefined, limit: number) => {
    const from = Number(cursor ?? 0);
    const data = Array.from({ length: Math.min(limit, count - from) }, (_, index) => from + index);
    const next = from + data.length;
    return { data, next_cursor: next < count ? String(next) : null, total };
  });
}

test('room is made for every row before it is read', async () => {
  const pages = new Pages<number>(source(1000));
  await pages.reload();
  expect(pages.rows).toHaveLength(PAGE);
  expect(pages.count).toBe(1000);
});

test('rows ahead of what is looked at are read in order, each page once', async () => {
  const load = source(1000);
  const pages = new Pages<number>(load);
  await pages.reload();
  pages.want(700);
  await vi.waitFor(() => expect(pages.rows.length).toBeGreaterThanOrEqual(900));
  expect(pages.rows.every((row, index) => row === index)).toBe(true);
  expect(load.mock.calls.length).toBe(5);
});

test('without a total there is room for one row more than is known', async () => {
  const pages = new Pages<number>(source(250, null));
  await pages.reload();
  expect(pages.count).toBe(PAGE + 1);
  pages.want(PAGE);
  await vi.waitFor(() => expect(pages.complete).toBe(true));
  expect(pages.count).toBe(250);
});

test('an answer that comes after a newer reload is dropped', async () => {
  let first: (value: unknown) => void = () => undefined;
  const pages = new Pages<string>(
    async () => new Promise<Page<string>>((resolve) => (first = resolve as never)),
  );
  const old = pages.reload();
  const late = first;
  await pages.reload(async () => ({ data: ['new'], next_cursor: null, total: 1 }));
  late({ data: ['old'], next_cursor: null, total: 1 });
  await old;
  expect(pages.rows).toEqual(['new']);
});

test('a failed first page is told, and reading again mends it', async () => {
  let fail = true;
  const pages = new Pages<number>(async () => {
    if (fail) throw new Error('no');
    return { data: [1], next_cursor: null, total: 1 };
  });
  await pages.reload();
  expect(pages.error).toBeInstanceOf(Error);
  fail = false;
  await pages.reload();
  expect([pages.error, pages.rows]).toEqual([null, [1]]);
});

test('rows far down are read again after a reload, with nobody scrolling', async () => {
  const pages = new Pages<number>(source(3000));
  await pages.reload();
  pages.want(2999);
  await vi.waitFor(() => expect(pages.complete).toBe(true));
  await pages.reload();
  await vi.waitFor(() => expect(pages.rows).toHaveLength(3000));
  expect(pages.rows.every((row, index) => row === index)).toBe(true);
});

test('scrolling while a reload runs puts no row in a wrong place', async () => {
  const load = source(3000);
  let slow: (() => void) | null = null;
  let hold = false;
  const pages = new Pages<number>(async (cursor, limit) => {
    if (hold && cursor === '1200') {
      hold = false;
      await new Promise<void>((done) => (slow = done));
    }
    return load(cursor, limit);
  });
  await pages.reload();
  pages.want(999);
  await vi.waitFor(() => expect(pages.rows).toHaveLength(1200));
  hold = true;
  const again = pages.reload();
  pages.want(1500);
  await again;
  hold = false;
  (slow as (() => void) | null)?.();
  await vi.waitFor(() => expect(pages.rows.length).toBeGreaterThan(1700));
  expect(pages.rows.every((row, index) => row === index)).toBe(true);
});

test('a reload that ends while a page is on its way still reads what is looked at', async () => {
  const load = source(1000);
  let slow: (() => void) | null = null;
  const pages = new Pages<number>(async (cursor, limit) => {
    if (cursor === '200' && slow === null) await new Promise<void>((done) => (slow = done));
    return load(cursor, limit);
  });
  await pages.reload();
  pages.want(500);
  await pages.reload();
  expect(pages.rows).toHaveLength(PAGE);
  (slow as (() => void) | null)?.();
  await vi.waitFor(() => expect(pages.rows.length).toBeGreaterThanOrEqual(700));
  expect(pages.rows.every((row, index) => row === index)).toBe(true);
});

test('all reads to the last row, also while pages are on their way', async () => {
  const pages = new Pages<number>(source(3000));
  await pages.reload();
  pages.want(500);
  expect(await pages.all()).toBe(true);
  expect(pages.rows).toHaveLength(3000);
  expect(pages.rows.every((row, index) => row === index)).toBe(true);
});
