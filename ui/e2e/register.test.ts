import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  call,
  expectFits,
  expectRoomToGrow,
  expectSound,
  openAgain,
  openWorkspace,
  shot,
  startBrowser,
  startEngine,
  visit,
  type Engine,
} from './harness';

let browser: Browser;
let engine: Engine;
let page: Page;

interface Risk {
  id: string;
  ref: string;
  name: string;
  owner: string | null;
  category: string | null;
  status: string;
  treatment: string;
  review_date: string | null;
}
interface Group {
  key: string | null;
  name: string | null;
  count: number;
}

beforeAll(async () => {
  browser = await startBrowser();
  engine = await startEngine();
  page = await openWorkspace(browser, engine);
});
afterAll(async () => {
  await browser.close();
  await engine.remove();
});

const grid = (at = page): Locator => at.locator('.reg .table');
const rows = (at = page): Locator => at.locator('.reg [data-risk]');
const query = () => new URL(page.url()).searchParams;

async function risk(id: string): Promise<Risk> {
  return (await call(page, 'GET', `/v1/risks/${id}`)) as Risk;
}

async function open(path = '/risks'): Promise<void> {
  await visit(page, engine, path);
  await rows().first().waitFor();
}

/** The id of the risk on a row. */
async function idOf(row: Locator): Promise<string> {
  return (await row.getAttribute('data-risk')) ?? '';
}

test('filters and words stand in the address, Back takes a filter off, and words are found while they are typed', async () => {
  await open();
  const all = await grid().getAttribute('aria-rowcount');
  await page.locator('.switches').waitFor();
  await page.getByRole('combobox', { name: 'Treatment: All' }).hover();
  await page.locator('[role=combobox][data-state]').first().waitFor();
  await page.getByRole('combobox', { name: 'Treatment: All' }).click();
  await page.getByRole('option', { name: 'Mitigate' }).click();
  await expect.poll(() => query().get('treatment')).toBe('mitigate');
  await expect.poll(() => grid().getAttribute('aria-rowcount')).not.toBe(all);
  const some = await grid().getAttribute('aria-rowcount');
  const field = page.getByRole('searchbox', { name: 'Find in the register' });
  // A list that is closed takes letters too: from the rows, the key finds.
  await grid().focus();
  await page.keyboard.press('/');
  await page.keyboard.type('supplier');
  await expect.poll(() => query().get('q')).toBe('supplier');
  expect(await field.evaluate((element) => element === document.activeElement)).toBe(true);
  await expect
    .poll(async () => Number(await grid().getAttribute('aria-rowcount')))
    .toBeLessThan(Number(some));
  const found = Number(await grid().getAttribute('aria-rowcount'));
  await page.locator('.reg h2').getByText(`${found} of 1,243`).waitFor();
  // Down goes from the words to the rows; Escape in the field takes the words away.
  await page.keyboard.press('ArrowDown');
  expect(await grid().evaluate((element) => element === document.activeElement)).toBe(true);
  await page.keyboard.press('ArrowDown');
  await expect.poll(() => rows().first().getAttribute('aria-selected')).toBe('true');
  await field.focus();
  await page.keyboard.press('Escape');
  await expect.poll(() => grid().getAttribute('aria-rowcount')).toBe(some);
  expect(query().get('treatment')).toBe('mitigate');
  await page.goBack();
  await expect.poll(() => grid().getAttribute('aria-rowcount')).toBe(all);
  expect(page.url()).not.toContain('treatment');
  // Both are there again after a start at that address.
  await open('/risks?treatment=mitigate&q=supplier');
  expect(await field.inputValue()).toBe('supplier');
  await expect.poll(() => grid().getAttribute('aria-rowcount')).toBe(String(found));
});

test('columns are chosen, sized, moved and sorted by, by pointer and keys, and stay after a new start', async () => {
  await open();
  const heads = () => page.locator('.reg [role=columnheader]').allInnerTexts();
  const first = await heads();
  await page.getByRole('button', { name: 'Columns and groups' }).click();
  const shown = (name: string) => page.getByRole('menuitemcheckbox', { name }).getAttribute('aria-checked');
  await page.getByRole('menuitemcheckbox', { name: 'Residual' }).click();
  await expect.poll(() => shown('Residual')).toBe('true');
  // By keys, from there on.
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect.poll(() => shown('Treatment')).toBe('false');
  await expectSound(page);
  await page.keyboard.press('Escape');
  await expect.poll(heads).toEqual([...first.filter((head) => head !== 'Treatment'), 'Residual']);

  const head = (field: string) => page.locator(`.reg [data-head=${field}]`);
  const wide = async (field: string) => Math.round((await head(field).boundingBox())?.width ?? 0);
  const before = await wide('owner');
  const handle = await head('owner').locator('.size').boundingBox();
  if (!handle) throw new Error('no handle');
  await page.mouse.move(handle.x + 4, handle.y + 10);
  await page.mouse.down();
  await page.mouse.move(handle.x + 44, handle.y + 10, { steps: 4 });
  await page.mouse.up();
  await expect.poll(() => wide('owner')).toBe(before + 40);
  await head('owner').getByRole('button').focus();
  await page.keyboard.press('Control+ArrowRight');
  await expect.poll(() => wide('owner')).toBe(before + 56);
  await page.keyboard.press('Control+Shift+ArrowLeft');
  await expect.poll(async () => (await heads()).slice(0, 3)).toEqual(['ID', 'Owner', 'Risk']);
  expect(
    await page.evaluate(() => document.activeElement?.closest('[data-head]')?.getAttribute('data-head')),
  ).toBe('owner');

  const residual = page.getByRole('columnheader', { name: 'Residual' });
  await residual.getByRole('button').click();
  await residual.getByRole('button').click();
  await expect.poll(() => residual.getAttribute('aria-sort')).toBe('descending');
  const worst = (await call(page, 'GET', '/v1/risks?sort=-residual_score&limit=1')) as { data: Risk[] };
  await expect.poll(() => idOf(rows().first())).toBe(worst.data[0]?.id);

  await open('/risks');
  expect((await heads()).slice(0, 3)).toEqual(['ID', 'Owner', 'Risk']);
  expect(await wide('owner')).toBe(before + 56);
  await page.getByRole('button', { name: 'Columns and groups' }).click();
  await page.getByRole('menuitem', { name: 'Columns as at first' }).click();
  await expect.poll(heads).toEqual(first);
  expect(await wide('owner')).toBe(before);
});

test('the register is grouped by owner, category, entity and framework, by keys, with any filter', async () => {
  await open();
  const groups = page.locator('.reg .group');
  for (const [name, by] of [
    ['Owner', 'owner'],
    ['Category', 'category'],
    ['Entity', 'asset'],
    ['Framework', 'framework'],
  ] as const) {
    await page.getByRole('button', { name: 'Columns and groups' }).click();
    await page.getByRole('menuitemcheckbox', { name }).first().click();
    await expect.poll(() => query().get('group')).toBe(by);
    const told = (await call(page, 'GET', `/v1/risks/groups?by=${by}`)) as { groups: Group[] };
    const lines = told.groups.reduce((sum, { count }) => sum + count + 1, 0);
    await expect.poll(() => grid().getAttribute('aria-rowcount')).toBe(String(lines));
    const one = told.groups[0];
    await expect.poll(() => groups.first().innerText()).toContain(one?.name ?? '');
    expect(await groups.first().innerText()).toMatch(new RegExp(`${one?.count} risks?`));
    // Closed one by one with the arrow keys, the headings come together.
    await grid().focus();
    await page.keyboard.press('Home');
    for (let at = 0; at < Math.min(3, told.groups.length); at += 1) {
      await page.keyboard.press('ArrowLeft');
      await page.keyboard.press('ArrowDown');
    }
    await expect.poll(() => groups.first().getAttribute('aria-expanded')).toBe('false');
    await expectSound(page);
    await shot(page, `register-groups-${by}`);
  }
  await page.goBack();
  await expect.poll(() => query().get('group')).toBe('asset');
  await open('/risks?group=owner&treatment=accept');
  const told = (await call(page, 'GET', '/v1/risks/groups?by=owner&treatment=accept')) as { groups: Group[] };
  const lines = told.groups.reduce((sum, { count }) => sum + count + 1, 0);
  await expect.poll(() => grid().getAttribute('aria-rowcount')).toBe(String(lines));
  // The last line of the last group, wherever it is.
  await grid().focus();
  await page.keyboard.press('End');
  await expect.poll(() => rows().last().getAttribute('aria-rowindex')).toBe(String(lines));
  await expect.poll(() => rows().last().getAttribute('aria-selected')).toBe('true');
});

test('cells are edited where they stand, by keys and by pointer; a stale edit tells both values', async () => {
  await open('/risks?sort=ref');
  const row = rows().nth(2);
  const id = await idOf(row);
  const before = await risk(id);
  await row.locator('[data-field=ref]').click();
  await grid().focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('F2');
  const field = row.getByRole('combobox', { name: 'Owner' });
  await field.waitFor();
  await expect.poll(() => field.inputValue()).toBe(before.owner ?? '');
  await page.keyboard.type('Noor de Vries');
  await page.keyboard.press('Enter');
  await expect.poll(async () => (await risk(id)).owner).toBe('Noor de Vries');
  await expect.poll(() => grid().evaluate((element) => element === document.activeElement)).toBe(true);
  await expect.poll(() => row.locator('[data-field=owner]').innerText()).toContain('N. de Vries');
  await page.keyboard.press('F2');
  await field.waitFor();
  await page.keyboard.type('Nobody');
  await page.keyboard.press('Escape');
  await field.waitFor({ state: 'detached' });
  expect((await risk(id)).owner).toBe('Noor de Vries');
  await page.keyboard.press('Control+z');
  await expect.poll(async () => (await risk(id)).owner).toBe(before.owner);

  // By pointer: a list opens at once, and Tab goes on to the next cell.
  await row.locator('[data-field=treatment]').dblclick();
  await page.getByRole('option', { name: 'Transfer' }).click();
  await expect.poll(async () => (await risk(id)).treatment).toBe('transfer');
  await row.locator('[data-field=name]').dblclick();
  const name = row.getByRole('textbox', { name: 'Name' });
  await name.waitFor();
  await expect.poll(() => name.inputValue()).toBe(before.name);
  await page.keyboard.type('Written in the row');
  await page.keyboard.press('Tab');
  await expect.poll(async () => (await risk(id)).name).toBe('Written in the row');
  await field.waitFor();
  await page.keyboard.press('Escape');

  // What a rule refuses is said at the cell, and can be put right there.
  await row.locator('[data-field=name]').dblclick();
  await name.waitFor();
  await expect.poll(() => name.inputValue()).toBe('Written in the row');
  await name.fill('');
  await page.keyboard.press('Enter');
  await page.locator('.pop').getByRole('alert').waitFor();
  await expectSound(page);
  await page.getByRole('button', { name: 'Back to the field' }).click();
  await name.fill('Put right');
  await page.keyboard.press('Enter');
  await expect.poll(async () => (await risk(id)).name).toBe('Put right');

  // At once: what ends one edit does not end the next.
  await row.locator('[data-field=owner]').dblclick();
  await expect.poll(() => field.inputValue()).toBe(before.owner ?? '');
  await page.keyboard.type('Mine');
  await call(page, 'PUT', `/v1/risks/${id}`, { owner: 'Theirs' });
  await page.waitForTimeout(300);
  expect(await field.inputValue()).toBe('Mine');
  await page.keyboard.press('Enter');
  const both = page.locator('.pop').getByRole('alert');
  await both.getByText('Mine', { exact: true }).waitFor();
  await both.getByText('Theirs', { exact: true }).waitFor();
  expect((await risk(id)).owner).toBe('Theirs');
  await expectSound(page);
  await shot(page, 'register-stale');
  await both.getByRole('button', { name: 'Save mine' }).click();
  await expect.poll(async () => (await risk(id)).owner).toBe('Mine');
  await both.waitFor({ state: 'detached' });

  await row.locator('[data-field=review_date]').dblclick();
  await row.locator('input[type=date]').fill('2027-03-09');
  await page.keyboard.press('Enter');
  await expect.poll(async () => (await risk(id)).review_date).toBe('2027-03-09');
});

test('both themes and languages, small and large, with groups and columns', async () => {
  for (const look of [
    { theme: 'light', locale: 'en', width: 1440, height: 900 },
    { theme: 'dark', locale: 'fr', width: 1024, height: 700 },
  ] as const) {
    const other = await openAgain(browser, engine, '/risks?group=owner', look);
    const show = other.getByRole('button', { name: /^Show register|^Montrer le registre/ });
    await other.locator('[data-chip]').first().waitFor();
    if (await show.isVisible()) await show.click();
    await rows(other).first().waitFor();
    await expectSound(other);
    await expectFits(other);
    await shot(other, `register-${look.theme}-${look.locale}-${look.width}`);
    await rows(other).first().click();
    await other.locator('aside.insp .ladder').waitFor();
    await expectSound(other);
    await shot(other, `register-${look.theme}-${look.locale}-${look.width}-inspector`);
    await other.getByRole('button', { name: /^Columns and groups|^Colonnes et groupes/ }).click();
    await other.getByRole('menu').waitFor();
    await expectSound(other);
    await shot(other, `register-${look.theme}-${look.locale}-${look.width}-menu`);
    await other.keyboard.press('Escape');
    await expectRoomToGrow(other);
    await other.context().close();
  }
});
