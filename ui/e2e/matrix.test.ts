import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
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

interface Cell {
  likelihood: number;
  impact: number;
  count: number;
  level: string;
}
interface Heatmap {
  matrix: { likelihood: unknown[]; impact: unknown[]; appetite: number };
  cells: Cell[];
  totals: Record<string, number>;
}

const heatmap = async () => (await call(page, 'GET', '/v1/risks/heatmap')) as Heatmap;
const settings = (of: Page = page) => visit(of, engine, '/settings/matrix');
const cell = (of: Page, key: string) => of.locator(`.hm [data-cell="${key}"]`);
const keep = (of: Page = page) => of.getByRole('button', { name: 'Put this matrix in force' });

/** The number in front of a word in the sentence of what becomes of the risks. */
async function told(word: string): Promise<number> {
  const sentence = (await page.locator('.sum').textContent()) ?? '';
  return Number((new RegExp(`([\\d,]+) ${word}`).exec(sentence)?.[1] ?? 'NaN').replace(/,/g, ''));
}

beforeAll(async () => {
  browser = await startBrowser();
  engine = await startEngine();
  page = await openWorkspace(browser, engine, 'sample');
});

afterAll(async () => {
  await browser.close();
  await engine.remove();
});

test('the map goes into a file and onto the clipboard as a picture', async () => {
  await visit(page, engine, '/risks?status=in_treatment');
  await page.locator('.hm').waitFor();
  const open = () => page.getByRole('button', { name: 'Import and export' }).click();
  for (const [name, begins] of [
    ['Drawing (SVG)', '<svg '],
    ['Picture (PNG)', '\x89PNG'],
  ] as const) {
    await open();
    const waiting = page.waitForEvent('download');
    await page.getByRole('menuitem', { name }).click();
    const file = await waiting;
    const bytes = readFileSync((await file.path()) ?? '');
    expect(bytes.toString('latin1').startsWith(begins), file.suggestedFilename()).toBe(true);
    if (name.includes('SVG')) expect(bytes.toString('utf8')).toContain('Status: In treatment');
  }
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await expectSound(page);
  await open();
  await page.getByRole('menuitem', { name: 'Copy to the clipboard' }).click();
  await page.getByText('The risk map is on the clipboard').waitFor();
  const kinds = await page.evaluate(async () => (await navigator.clipboard.read())[0]?.types);
  expect(kinds).toEqual(['image/png']);
});

test('a cell is painted by pointer and by keys, and what becomes of its risks is told before it is kept', async () => {
  const before = await heatmap();
  const here = before.cells.find((one) => one.likelihood === 3 && one.impact === 3) as Cell;
  await settings();
  await cell(page, '3,3').waitFor();
  expect(await keep().count()).toBe(0);
  await page.getByText('Critical', { exact: true }).first().waitFor();
  await page.locator('.tool', { hasText: 'Critical' }).click();
  await cell(page, '3,3').click();
  await page.locator('.sum').waitFor();
  await expect.poll(() => told('rise')).toBe(here.count);
  await page.getByRole('table', { name: 'Each risk, now and then' }).waitFor();
  await expectSound(page);
  // The same by keys: back to what it was, and nothing is left to keep.
  await cell(page, '3,3').focus();
  await page.keyboard.press('3');
  await expect.poll(() => keep().count()).toBe(0);
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('5');
  const next = before.cells.find((one) => one.likelihood === 3 && one.impact === 4) as Cell;
  await expect.poll(() => told('rise')).toBe(next.count);
  await page.keyboard.press('a');
  await page.getByText('Appetite 12', { exact: true }).waitFor();
  await keep().click();
  await page.getByText('The risk matrix is in force').waitFor();
  const after = await heatmap();
  expect(after.matrix.appetite).toBe(12);
  expect(after.totals['critical']).toBe((before.totals['critical'] ?? 0) + next.count);
  await page.keyboard.press('Control+z');
  await page.getByText('Appetite 10', { exact: true }).waitFor();
  expect(await heatmap()).toEqual(before);
});

test('another size maps every step, and the map, the register and the inspector follow it', async () => {
  await settings();
  await page.getByRole('button', { name: /3×3/ }).click();
  await page.getByText('Each step of likelihood becomes').waitFor();
  await page.getByText(/\d+ acceptances will be void/).waitFor();
  await expectSound(page);
  await page.locator('.sum').scrollIntoViewIfNeeded();
  await shot(page, 'matrix-3x3-foreseen');
  await keep().click();
  await page.getByText('The risk matrix is in force').waitFor();
  await visit(page, engine, '/risks');
  await cell(page, '3,3').waitFor();
  expect(await page.locator('.hm [role=gridcell]').count()).toBe(9);
  expect((await heatmap()).cells).toHaveLength(9);
  await expectFits(page);
  await expectSound(page);
  // Who judges is told what the steps mean, and chooses among those that there are.
  await cell(page, '3,3').locator('[data-chip]').first().click();
  await page.locator('.insp').waitFor();
  await page.locator('.app h1').click();
  await page.keyboard.press('m');
  const dialog = page.getByRole('dialog');
  await dialog.getByText('Expected within a year.').waitFor();
  await dialog.getByLabel('Likelihood').click();
  expect(await page.getByRole('option').allTextContents()).toHaveLength(3);
  await page.keyboard.press('Escape');
  await expectSound(page);
  await page.keyboard.press('Escape');
  await settings();
  for (const axis of ['Likelihood', 'Impact']) {
    for (let step = 4; step <= 7; step++) {
      await page.getByRole('region', { name: axis }).getByRole('button', { name: 'Add a step' }).click();
    }
  }
  await page.getByRole('region', { name: 'Impact' }).getByLabel('Name of step 7').fill('Beyond everything');
  await page.keyboard.press('Tab');
  await cell(page, '7,7').click();
  await expect.poll(async () => (await keep().getAttribute('aria-disabled')) ?? 'free').toBe('free');
  await keep().click();
  await page.getByText('The risk matrix is in force').waitFor();
  for (const [width, height] of [
    [1440, 900],
    [1024, 700],
  ] as const) {
    for (const [theme, locale] of [
      ['light', 'en'],
      ['dark', 'fr'],
    ] as const) {
      const other = await openAgain(browser, engine, '/risks', { width, height, theme, locale });
      await cell(other, '7,7').waitFor();
      expect(await other.locator('.hm [role=gridcell]').count()).toBe(49);
      await expectFits(other);
      await expectSound(other);
      await shot(other, `matrix-7x7-${width}-${theme}-${locale}`);
      await visit(other, engine, '/settings/matrix');
      await cell(other, '7,7').waitFor();
      await expectFits(other);
      await expectSound(other);
      await shot(other, `matrix-editor-${width}-${theme}-${locale}`);
      await cell(other, '1,1').scrollIntoViewIfNeeded();
      await shot(other, `matrix-editor-grid-${width}-${theme}-${locale}`);
      await other.context().close();
    }
  }
});

const LIBRARY = `urn: urn:amtia:risk:library:house
name: House
objects:
  risk_matrix:
    - name: Our 4 by 4
      probability: [{id: 0, name: Seldom}, {id: 1, name: Now and then}, {id: 2, name: Often}, {id: 3, name: Always}]
      impact: [{id: 0, name: Small}, {id: 1, name: Fair}, {id: 2, name: Large}, {id: 3, name: Vast}]
      risk: [{id: 0, name: Green, hexcolor: "#00b050"}, {id: 1, name: Amber, hexcolor: "#ffc000"}, {id: 2, name: Red, hexcolor: "#ff0000"}]
      grid: [[0, 0, 1, 1], [0, 1, 1, 2], [1, 1, 2, 2], [1, 2, 2, 2]]
`;

test('a matrix of a library is read, its colours are judged in words, and its names are used everywhere', async () => {
  await settings();
  const file = join(engine.folder, 'house.yaml');
  writeFileSync(file, LIBRARY);
  await page.getByTestId('matrix-file').setInputFiles(file);
  await page
    .getByText(/are in the wrong order of lightness/)
    .first()
    .waitFor();
  await expectSound(page);
  await page
    .getByText(/are in the wrong order of lightness/)
    .first()
    .scrollIntoViewIfNeeded();
  await shot(page, 'matrix-library');
  await keep().click();
  await page.getByText('The risk matrix is in force').waitFor();
  await visit(page, engine, '/risks');
  await cell(page, '4,4').waitFor();
  await page.getByText(/^Red /).first().waitFor();
  const ground = () => cell(page, '4,4').evaluate((node) => getComputedStyle(node).backgroundColor);
  const wash = await ground();
  await expectSound(page);
  await shot(page, 'matrix-library-map');
  await page.keyboard.press('Control+z');
  await cell(page, '7,7').waitFor();
  await expect.poll(() => page.getByText(/^Red /).count()).toBe(0);
  await call(page, 'POST', '/v1/redo', {});
  await expect.poll(async () => ((await cell(page, '7,7').count()) === 0 ? await ground() : '')).toBe(wash);
});
