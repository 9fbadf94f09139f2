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
  ref: string;
  likelihood: number;
  impact: number;
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

const cell = (likelihood: number, impact: number, on = page) =>
  on.locator(`[data-cell="${likelihood},${impact}"]`);
const chip = (id: string, on = page) => on.locator(`.hm [data-chip="${id}"]`);
const risk = async (id: string) => (await call(page, 'GET', `/v1/risks/${id}`)) as Risk;
const place = async (id: string) => {
  const { likelihood, impact } = await risk(id);
  return `${likelihood},${impact}`;
};

async function open(on = page): Promise<void> {
  await visit(on, engine, '/risks');
  await on.locator('[data-risk]').first().waitFor();
  await on.locator('[data-chip]').first().waitFor();
}

/** The ids of the chips of a cell. */
const chipsOf = (at: Locator) =>
  at
    .locator('[data-chip]')
    .evaluateAll((all) => all.map((one) => (one as HTMLElement).dataset['chip'] ?? ''));

async function dragTo(from: Locator, to: Locator, on = page): Promise<void> {
  const [a, b] = [await from.boundingBox(), await to.boundingBox()];
  if (!a || !b) throw new Error('nothing to drag, or nowhere to drag it to');
  await on.mouse.move(a.x + a.width / 2, a.y + a.height / 2);
  await on.mouse.down();
  await on.mouse.move(b.x + b.width / 2, b.y + b.height / 2, { steps: 8 });
}

test('several are picked, dragged as a stack to one cell, and taken back in one step', async () => {
  await open();
  const [one = '', two = ''] = await chipsOf(cell(5, 5));
  const [three = ''] = await chipsOf(cell(4, 5));
  await chip(one).click({ modifiers: ['Control'] });
  await chip(two).click({ modifiers: ['Control'] });
  await chip(three).click({ modifiers: ['Shift'] });
  await page.getByText('3 risks picked').waitFor();
  expect(await chip(two).getAttribute('aria-pressed')).toBe('true');
  expect(await page.locator('.hm [data-chip][aria-pressed="true"]').count()).toBe(3);
  await expectSound(page);
  await dragTo(chip(two), cell(2, 3));
  await page.locator('.float .stack .of').getByText('3').waitFor();
  await page.getByTestId('move-popover').getByText('All of them go to this cell.').waitFor();
  expect(await page.locator('.hm .rc.ghost').count()).toBe(3);
  await shot(page, 'several-stack');
  await page.keyboard.press('Escape');
  await page.mouse.up();
  expect(await place(two)).toBe('5,5');
  await page.getByText('3 risks picked').waitFor();

  const before = Number(await cell(2, 3).locator('.n').innerText());
  await dragTo(chip(two), cell(2, 3));
  await page.mouse.up();
  await page.getByText('3 risks moved to Unlikely × Serious, score 6').waitFor();
  expect(await Promise.all([one, two, three].map(place))).toEqual(['2,3', '2,3', '2,3']);
  await expect.poll(async () => Number(await cell(2, 3).locator('.n').innerText())).toBe(before + 3);
  await page.keyboard.press('Control+z');
  await expect.poll(() => Promise.all([one, two, three].map(place))).toEqual(['5,5', '5,5', '4,5']);
  await page.keyboard.press('Control+Shift+z');
  await expect.poll(() => place(three)).toBe('2,3');

  // They stand below the appetite now: going above it again asks why, once, and each keeps the answer.
  await page.keyboard.press('m');
  const dialog = page.getByRole('dialog', { name: 'Move 3 risks' });
  await dialog.getByText('Each by steps').click();
  await expectSound(page);
  await dialog.getByRole('combobox', { name: 'Likelihood' }).click();
  await page.getByRole('option', { name: '2 up' }).click();
  await dialog.getByTestId('foreseen').getByText('3 risks move, 0 stay.').waitFor();
  await shot(page, 'several-dialog');
  await dialog.getByRole('button', { name: 'Move here' }).click();
  await page.getByLabel('Above appetite: why?').fill('The supplier was breached');
  await expectSound(page);
  await shot(page, 'several-why');
  await page.keyboard.press('Enter');
  await page.getByText('The reason is kept in the history.').waitFor();
  for (const id of [one, two, three]) {
    expect(await place(id)).toBe('4,3');
    const history = (await call(page, 'GET', `/v1/risks/${id}/history`)) as { data: { reason: string }[] };
    expect(history.data[0]?.reason).toBe('The supplier was breached');
  }
  await page.keyboard.press('Escape');
  await page.getByText('3 risks picked').waitFor({ state: 'detached' });
});

test('several are picked and moved by keys alone, and it is spoken', async () => {
  await open();
  const said = page.locator('[aria-live=polite]');
  await cell(4, 4).focus();
  await page.keyboard.press('Tab');
  const first = (await page.evaluate(() => (document.activeElement as HTMLElement).dataset['chip'])) ?? '';
  await page.keyboard.press('Shift+ArrowRight');
  const second = (await page.evaluate(() => (document.activeElement as HTMLElement).dataset['chip'])) ?? '';
  expect(second).not.toBe(first);
  const refs = [(await risk(first)).ref, (await risk(second)).ref];
  await said.getByText(`${refs[1]} picked, 2 in all.`).first().waitFor({ state: 'attached' });
  await page.keyboard.press('Space');
  await said.getByText(`${refs[1]} no longer picked, 1 left.`).first().waitFor({ state: 'attached' });
  await page.keyboard.press('Space');
  const from = await place(second);
  await page.keyboard.press('m');
  await page.keyboard.press('ArrowDown');
  const target = `${Number(from.slice(0, 1)) - 1},${from.slice(2)}`;
  await said
    .getByText(/2 risks to \d+\./)
    .first()
    .waitFor({ state: 'attached' });
  await page.keyboard.press('Enter');
  await page.getByText(/2 risks moved to/).waitFor();
  expect([await place(first), await place(second)]).toEqual([target, target]);
  await page.keyboard.press('Control+z');
  await expect.poll(() => place(second)).toBe(from);
});

test('two windows: a move that somebody else was faster with is told with both places, and nothing is lost', async () => {
  await open();
  const other = await openAgain(browser, engine, '/risks');
  await other.locator('[data-chip]').first().waitFor();
  const [mine = ''] = await chipsOf(cell(5, 4));
  const [stays = ''] = await chipsOf(cell(4, 4));
  await chip(mine).click({ modifiers: ['Control'] });
  await chip(stays).click({ modifiers: ['Control'] });
  // This window hears of nothing until its move is on its way.
  await page.route('**/v1/changes*', (route) => route.abort());
  await page.route('**/v1/risks/bulk*', async (route) => {
    await call(other, 'PUT', `/v1/risks/${mine}`, { likelihood: 3, impact: 3 });
    await page.unroute('**/v1/risks/bulk*');
    await route.continue();
  });
  await dragTo(chip(mine), cell(2, 2));
  await page.mouse.up();
  const choice = page.getByRole('dialog', { name: 'Moved by somebody else meanwhile' });
  await choice.getByText('Unlikely × Limited').waitFor();
  await choice.getByText('Possible × Serious').waitFor();
  await shot(page, 'several-clash');
  await expectSound(page);
  expect([await place(mine), await place(stays)]).toEqual(['3,3', '2,2']);
  await choice.getByRole('button', { name: 'Save mine' }).click();
  await expect.poll(() => place(mine)).toBe('2,2');

  // One alone as well, this time leaving what is saved.
  const { ref } = await risk(mine);
  await call(other, 'PUT', `/v1/risks/${mine}`, { likelihood: 5, impact: 5 });
  await open();
  await page.route(`**/v1/risks/${mine}`, async (route) => {
    await page.unroute(`**/v1/risks/${mine}`);
    await call(other, 'PUT', `/v1/risks/${mine}`, { likelihood: 4, impact: 4 });
    await route.continue();
  });
  await dragTo(chip(mine), cell(1, 2));
  await page.mouse.up();
  await choice.getByText(`${ref}: moved meanwhile`).waitFor();
  await choice.getByRole('button', { name: 'Keep the saved one' }).click();
  await choice.waitFor({ state: 'detached' });
  expect(await place(mine)).toBe('4,4');
  await other.context().close();
});

test('in French, dark and small the bar of those picked fits, and axe finds nothing', async () => {
  const small = await openAgain(browser, engine, '/risks', {
    theme: 'dark',
    locale: 'fr',
    width: 1024,
    height: 700,
  });
  await small.locator('[data-chip]').nth(1).waitFor();
  for (const at of [0, 1])
    await small
      .locator('.hm [data-chip]')
      .nth(at)
      .click({ modifiers: ['Control'] });
  await small.getByText('2 risques choisis').waitFor();
  await expectSound(small);
  await expectFits(small);
  await shot(small, 'several-fr');
  await small.context().close();
});
