import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { call, openAgain, openWorkspace, startBrowser, startEngine, visit, type Engine } from './harness';

let browser: Browser;
let engine: Engine;
let page: Page;

interface Risk {
  id: string;
  ref: string;
  likelihood: number | null;
  impact: number | null;
  score: number | null;
  owner: string | null;
  treatment: string;
  review_date: string | null;
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

function cell(likelihood: number, impact: number): Locator {
  return page.locator(`[data-cell="${likelihood},${impact}"]`);
}

async function count(at: Locator): Promise<number> {
  return Number((await at.locator('.n').innerText()).replace(/\D/g, ''));
}

async function risk(id: string): Promise<Risk> {
  return (await call(page, 'GET', `/v1/risks/${id}`)) as Risk;
}

async function open(path = '/risks'): Promise<void> {
  await visit(page, engine, path);
  await page.locator('[data-cell="5,5"]').waitFor();
  await page.locator('[data-risk]').first().waitFor();
  await page.locator('[data-chip]').first().waitFor();
}

/** The sentences of the polite live region, from now on. */
async function listen(): Promise<() => Promise<string[]>> {
  await page.evaluate(() => {
    const heard: string[] = [];
    (window as unknown as { heard: string[] }).heard = heard;
    new MutationObserver((changes) => {
      for (const { target } of changes) {
        const element = target instanceof Element ? target : target.parentElement;
        const region = element?.closest('[aria-live=polite]');
        const text = region?.textContent?.trim();
        if (text && heard.at(-1) !== text) heard.push(text);
      }
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
  return () => page.evaluate(() => (window as unknown as { heard: string[] }).heard);
}

/** Drags by pointer in small steps, as a hand does. */
async function drag(chip: Locator, to: Locator): Promise<void> {
  const a = await chip.boundingBox();
  const b = await to.boundingBox();
  if (!a || !b) throw new Error('nothing to drag, or nowhere to drag it to');
  await page.mouse.move(a.x + a.width / 2, a.y + a.height / 2);
  await page.mouse.down();
  await page.mouse.move(b.x + b.width / 2, b.y + b.height / 2, { steps: 12 });
  await page.mouse.up();
}

/** The first chip of a cell, with its risk. */
async function chipIn(at: Locator): Promise<{ chip: Locator; id: string; ref: string }> {
  const id = await at.locator('[data-chip]').first().getAttribute('data-chip');
  if (id === null) throw new Error('the cell shows no chip');
  return { chip: page.locator(`.hm [data-chip="${id}"]`), id, ref: (await risk(id)).ref };
}

test('every risk is counted on the map, once', async () => {
  await open();
  const counts = await page.locator('.cell .n').allInnerTexts();
  expect(counts).toHaveLength(25);
  const placed = counts.reduce((sum, text) => sum + Number(text.replace(/\D/g, '')), 0);
  await page.getByText(/^1,243 risks, \d+ above appetite$/).waitFor();
  // Some of the sample are not assessed: the map names them, and the register lists them.
  expect(placed).toBeLessThan(1243);
  await page.getByRole('button', { name: `${1243 - placed} not assessed` }).click();
  await page
    .locator('.reg h2')
    .getByText(`${1243 - placed} of 1,243`)
    .waitFor();
  await expect.poll(() => page.locator('[data-risk]').count()).toBe(1243 - placed);
  await page.getByRole('button', { name: 'Show all cells' }).click();
  await page.locator('.reg h2').getByText('1,243 of 1,243').waitFor();
});

test('a chip dragged to another cell changes counts and score at once, and stays after reload and restart', async () => {
  await open();
  const from = cell(5, 5);
  const to = cell(2, 3);
  const { chip, id, ref } = await chipIn(from);
  const before = [await count(from), await count(to)] as const;
  let release: () => void = () => undefined;
  const held = new Promise<void>((done) => (release = done));
  await page.route(`**/v1/risks/${id}`, async (route) => {
    if (route.request().method() === 'PUT') await held;
    await route.continue();
  });
  await drag(chip, to);
  // The engine has not heard of it yet: the map shows it all the same.
  expect([await count(from), await count(to)]).toEqual([before[0] - 1, before[1] + 1]);
  expect(await to.locator(`[data-chip="${id}"]`).count()).toBe(1);
  expect((await risk(id)).score).toBe(25);
  release();
  await page.getByText(`${ref} moved to Unlikely × Serious, score 6`).waitFor();
  await page.unroute(`**/v1/risks/${id}`);
  expect(await risk(id)).toMatchObject({ likelihood: 2, impact: 3, score: 6 });
  const inspector = page.locator('aside.insp');
  await inspector.getByRole('button', { name: 'Current: Unlikely × Serious.' }).waitFor();

  await page.reload();
  await page.locator('[data-risk]').first().waitFor();
  expect([await count(from), await count(to)]).toEqual([before[0] - 1, before[1] + 1]);
  await engine.restart();
  page = await openAgain(browser, engine, '/risks');
  await page.locator('[data-risk]').first().waitFor();
  expect([await count(cell(5, 5)), await count(cell(2, 3))]).toEqual([before[0] - 1, before[1] + 1]);
  expect(await risk(id)).toMatchObject({ likelihood: 2, impact: 3, score: 6 });
});

test('Control Z takes a move back and Control Shift Z does it again', async () => {
  await open();
  const from = cell(4, 5);
  const to = cell(3, 2);
  const { chip, id, ref } = await chipIn(from);
  const before = await count(to);
  await drag(chip, to);
  await page.getByText(`${ref} moved to Possible × Limited, score 6`).waitFor();
  await page.keyboard.press('Control+z');
  await expect.poll(() => count(to)).toBe(before);
  await expect.poll(async () => (await risk(id)).score).toBe(20);
  await page.keyboard.press('Control+Shift+z');
  await expect.poll(() => count(to)).toBe(before + 1);
  await expect.poll(async () => (await risk(id)).score).toBe(6);
  await page.keyboard.press('Control+z');
  await expect.poll(() => count(to)).toBe(before);
});

test('a chip is moved by keys alone, and each step is spoken', async () => {
  await open();
  const from = cell(4, 5);
  const { id, ref } = await chipIn(from);
  const heard = await listen();
  await cell(1, 1).focus();
  await page.keyboard.press('Control+End');
  for (const key of ['ArrowUp', 'ArrowUp', 'ArrowUp']) await page.keyboard.press(key);
  expect(await page.evaluate(() => document.activeElement?.getAttribute('data-cell'))).toBe('4,5');
  await page.keyboard.press('Tab');
  expect(await page.evaluate(() => document.activeElement?.getAttribute('data-chip'))).toBe(id);
  await page.keyboard.press('m');
  await page.getByTestId('move-popover').waitFor();
  await page.keyboard.press('ArrowLeft');
  await page.getByTestId('move-popover').getByText('20 → 16').waitFor();
  await page.keyboard.press('Escape');
  await page.getByTestId('move-popover').waitFor({ state: 'detached' });
  expect((await risk(id)).score).toBe(20);
  expect(await page.evaluate(() => document.activeElement?.getAttribute('data-chip'))).toBe(id);

  await page.keyboard.press('m');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.getByText(`${ref} moved to Possible × Major, score 12`).waitFor();
  expect((await risk(id)).score).toBe(12);
  expect(await page.evaluate(() => document.activeElement?.getAttribute('data-chip'))).toBe(id);
  await expect.poll(heard).toContain(`${ref} placed. Undo with Control Z.`);
  const spoken = await heard();
  expect(spoken.some((text) => /^Likely, Critical\. \d+ risks\. Score 20, Critical\.$/.test(text))).toBe(
    true,
  );
  expect(spoken).toContain(`Moving ${ref}. Arrows to move, Enter to place, Escape to cancel.`);
  expect(spoken).toContain(`Move cancelled. ${ref} stays in Likely, Critical.`);
  expect(spoken).toContain('Likely, Major. 20 to 16. Within tolerance, 6 above appetite.');
  await page.keyboard.press('Control+z');
  await expect.poll(async () => (await risk(id)).score).toBe(20);
});

test('a click on a cell filters the register and the address; Back undoes it', async () => {
  await open();
  const at = cell(3, 4);
  const shown = await count(at);
  await at.click({ position: { x: 80, y: 50 } });
  await page.locator('.reg h2').getByText(`${shown} of 1,243`).waitFor();
  expect(new URL(page.url()).search).toContain('likelihood=3');
  await expect.poll(() => page.locator('.reg .table').getAttribute('aria-rowcount')).toBe(String(shown));
  const scores = await page.locator('[data-risk] .td:nth-child(5) .score').allTextContents();
  expect(scores.length).toBeGreaterThan(3);
  expect(scores.every((text) => text.startsWith('12'))).toBe(true);
  await page.goBack();
  await page.locator('.reg h2').getByText('1,243 of 1,243').waitFor();
  expect(new URL(page.url()).search).toBe('');
});
