import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  call,
  expectFits,
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
  owner: string | null;
  treatment: string;
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

const grid = (): Locator => page.locator('.reg .table');
const rows = (): Locator => page.locator('.reg [data-risk]');
const chosen = (): Locator => page.locator('.reg [data-risk][aria-selected=true]');

async function risk(id: string): Promise<Risk> {
  return (await call(page, 'GET', `/v1/risks/${id}`)) as Risk;
}

async function open(path: string): Promise<string[]> {
  await visit(page, engine, path);
  await rows().first().waitFor();
  return rows().evaluateAll((all) => all.map((row) => row.getAttribute('data-risk') ?? ''));
}

async function selected(n: number): Promise<void> {
  await page
    .locator('.reg header')
    .getByText(`${n.toLocaleString('en')} selected`, { exact: true })
    .waitFor();
}

test('rows are selected by Shift and Control, by Space and x, and all that the filters find', async () => {
  const ids = await open('/risks?sort=ref');
  await rows().nth(1).click();
  await rows()
    .nth(4)
    .click({ modifiers: ['Shift'] });
  await selected(4);
  await rows()
    .nth(2)
    .click({ modifiers: ['Control'] });
  await selected(3);
  expect(await chosen().evaluateAll((all) => all.map((row) => row.getAttribute('data-risk')))).toEqual([
    ids[1],
    ids[3],
    ids[4],
  ]);
  await grid().focus();
  await page.keyboard.press('Home');
  await page.keyboard.press(' ');
  await selected(4);
  await page.keyboard.press('x');
  await selected(3);
  await page.keyboard.press('Escape');
  await expect.poll(() => page.locator('.reg header').getByText('selected').count()).toBe(0);
  await page.keyboard.press('Home');
  await page.keyboard.press('Shift+ArrowDown');
  await page.keyboard.press('Shift+ArrowDown');
  await selected(3);
  await page.keyboard.press('Shift+ArrowUp');
  await selected(2);
  await page.keyboard.press('Control+a');
  await selected(1243);
  await expectSound(page);
  await page.keyboard.press('Escape');
  const some = await open('/risks?treatment=transfer&q=supplier');
  const found = Number(await grid().getAttribute('aria-rowcount'));
  expect(found).toBeGreaterThan(0);
  expect(some.length).toBeGreaterThan(0);
  await grid().focus();
  await page.keyboard.press('Control+a');
  await selected(found);
});

test('many are changed at once: each one’s fate is shown first, and undo takes all of it back in one step', async () => {
  const ids = await open('/risks?sort=ref');
  const [first, second, third, fourth] = ids as [string, string, string, string];
  await call(page, 'PUT', `/v1/risks/${second}`, { owner: 'Noor de Vries' });
  const before = await Promise.all([first, third, fourth].map(risk));
  await rows().nth(0).click();
  await rows()
    .nth(3)
    .click({ modifiers: ['Shift'] });
  await selected(4);
  await page.getByRole('button', { name: 'Change…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Change 4 risks' });
  await dialog.getByLabel('New value').fill('Noor de Vries');
  await dialog.locator('[data-fate=changed]').nth(2).waitFor();
  expect(await dialog.locator('[data-fate=unchanged]').count()).toBe(1);
  await expect.poll(() => dialog.locator('.told').innerText()).toMatch(/3\s+change\s+1\s+stays as it is/);
  expect(await dialog.locator('[data-fate=changed]').first().innerText()).toContain('→ Noor de Vries');
  await expectSound(page);
  await shot(page, 'register-bulk');
  expect(await risk(first)).toEqual(before[0]);

  // Somebody changes one of them and deletes another while one looks.
  await call(page, 'PUT', `/v1/risks/${third}`, { owner: 'Theirs' });
  await call(page, 'DELETE', `/v1/risks/${fourth}`);
  await dialog.locator('[data-fate=stale]').waitFor();
  await dialog.locator('[data-fate=gone]').waitFor();
  await expectSound(page);
  await shot(page, 'register-bulk-stale');
  await dialog.getByRole('button', { name: 'Change 1 risk', exact: true }).click();
  await expect.poll(async () => (await risk(first)).owner).toBe('Noor de Vries');
  expect((await risk(third)).owner).toBe('Theirs');
  await dialog.getByText('These did not change.').waitFor();
  expect(await dialog.locator('[data-fate]').count()).toBe(2);
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  await page.keyboard.press('Control+z');
  await expect.poll(async () => (await risk(first)).owner).toBe(before[0]?.owner);
});

test('all that the filters find are changed by keys alone, and come back together', async () => {
  await open('/risks?q=ransomware&sort=ref');
  const list = (await call(page, 'GET', '/v1/risks?q=ransomware&limit=200')) as { data: Risk[] };
  const ids = list.data.map(({ id }) => id);
  const found = Number(await grid().getAttribute('aria-rowcount'));
  const before = await Promise.all(ids.map(risk));
  await grid().focus();
  await page.keyboard.press('Control+a');
  await selected(found);
  await page.getByRole('button', { name: 'Change…' }).focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog');
  await dialog
    .getByRole('button', { name: 'Field' })
    .or(dialog.getByRole('combobox', { name: 'Field' }))
    .first()
    .focus();
  await page.keyboard.press('Enter');
  await page.getByRole('option', { name: 'Treatment' }).waitFor();
  await page.keyboard.type('Treat');
  await page.keyboard.press('Enter');
  await dialog.getByText('Choose…').waitFor();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.getByRole('option', { name: 'Avoid' }).waitFor();
  await page.keyboard.type('Avoid');
  await page.keyboard.press('Enter');
  const changes = before.filter(({ treatment }) => treatment !== 'avoid').length;
  const save = dialog.getByRole('button', {
    name: changes === 1 ? 'Change 1 risk' : `Change ${changes} risks`,
  });
  await save.focus();
  await page.keyboard.press('Enter');
  await expect
    .poll(async () => (await Promise.all(ids.map(risk))).every((one) => one.treatment === 'avoid'))
    .toBe(true);
  await dialog.waitFor({ state: 'detached' });
  await page.keyboard.press('Control+z');
  await expect
    .poll(async () => (await Promise.all(ids.map(risk))).map(({ treatment }) => treatment))
    .toEqual(before.map(({ treatment }) => treatment));
});

test('the preview in the dark, in French, in a small window', async () => {
  const other = await openAgain(browser, engine, '/risks', {
    theme: 'dark',
    locale: 'fr',
    width: 1024,
    height: 700,
  });
  await other.locator('[data-chip]').first().waitFor();
  const show = other.getByRole('button', { name: 'Montrer le registre' });
  if (await show.isVisible()) await show.click();
  await other.locator('.reg [data-risk]').first().click();
  await other.locator('.reg .table').focus();
  await other.keyboard.press('Control+a');
  await other.getByRole('button', { name: 'Modifier…' }).click();
  await other.getByLabel('Nouvelle valeur').fill('Inès Delacroix');
  await other.locator('[data-fate=changed]').first().waitFor();
  await expectSound(other);
  await expectFits(other);
  await shot(other, 'register-bulk-dark-fr-1024');
  await other.context().close();
});
