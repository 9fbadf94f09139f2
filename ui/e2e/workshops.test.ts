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

interface Workshop {
  id: string;
  status: string;
  applied_at: string | null;
  participants: { id: string; name: string }[];
  items: { id: string; risk_id: string; status: string; rounds: { votes: number }[] }[];
}
interface Risk {
  likelihood: number;
  impact: number;
  rationale: string | null;
  actions: { title: string }[];
}

let browser: Browser;
let engine: Engine;
let page: Page;

beforeAll(async () => {
  browser = await startBrowser();
  engine = await startEngine();
  page = await openWorkspace(browser, engine);
});
afterAll(async () => {
  await browser.close();
  await engine.remove();
});

const workshop = async (id: string) => (await call(page, 'GET', `/v1/workshops/${id}`)) as Workshop;
const risk = async (id: string) => (await call(page, 'GET', `/v1/risks/${id}`)) as Risk;
const heading = (name: string) => page.getByRole('heading', { name });

/** Each seat in turn goes from the lowest cell so many steps up and to the right. */
async function voteByHand(up: number, right: number, seats: string[]) {
  await page.keyboard.press('h');
  for (const name of seats) {
    await heading(`Vote of ${name}`).waitFor();
    await page.keyboard.press('Control+End');
    await page.keyboard.press('Home');
    for (let step = 0; step < up; step++) await page.keyboard.press('ArrowUp');
    for (let step = 0; step < right; step++) await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
  }
}

test('a workshop goes by keyboard from its plan to decisions that are applied and undone, over a restart in the middle', async () => {
  await visit(page, engine, '/');
  await page.locator('.app h1').waitFor();
  await page.keyboard.press('g');
  await page.keyboard.press('w');
  await page.getByRole('link', { name: /Third-party risks/ }).waitFor();
  await expectSound(page);
  await page.keyboard.press('c');
  await page.getByLabel('Name', { exact: true }).fill('Suppliers, winter');
  await page.getByLabel('Name', { exact: true }).blur();
  await page.getByRole('heading', { name: 'Suppliers, winter', level: 1 }).waitFor();
  const id = new URL(page.url()).pathname.split('/')[2] ?? '';

  await page.getByRole('button', { name: 'Add risks' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add risks' });
  await dialog.getByRole('combobox', { name: 'Category' }).click();
  await page.getByRole('option', { name: 'Third parties' }).click();
  await dialog.getByRole('combobox', { name: 'Level' }).click();
  await page.getByRole('option', { name: 'Critical' }).click();
  await dialog.getByRole('checkbox').first().waitFor();
  await expectSound(page);
  await dialog.getByLabel('Find in the register').fill('');
  const boxes = dialog.getByRole('checkbox');
  for (let at = (await boxes.count()) - 1; at >= 2; at--) await boxes.nth(at).uncheck();
  await dialog.getByRole('button', { name: 'Add 2' }).click();
  await heading('Agenda: 2 risks, 10 min').waitFor();
  await page.getByLabel('Add participants').fill('Ada, Security\nBo, Payments\nCy');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await heading('Participants: 3').waitFor();
  await expectSound(page);
  await shot(page, 'workshop-plan');
  const plan = await workshop(id);
  const [one = '', two = ''] = plan.items.map((item) => item.risk_id);
  const before = [await risk(one), await risk(two)];

  await page.getByRole('button', { name: 'Begin' }).click();
  await page.waitForURL(/\/room$/);
  await page.getByRole('button', { name: /Take it up/ }).waitFor();
  await page.keyboard.press('Enter');
  await page.getByText('0 of 3 have voted').waitFor();
  expect(await page.locator('.aplab, .was, .side').count()).toBe(0);
  await voteByHand(1, 3, ['Ada', 'Bo', 'Cy']);
  await page.getByText('3 of 3 have voted').waitFor();
  await expectSound(page);
  await shot(page, 'workshop-voting');
  await page.keyboard.press('Space');
  await page.getByText('Unanimous: 3 of 3 votes in one cell').waitFor();
  await page.getByText('Appetite 10').waitFor();
  await expectSound(page);
  await expectFits(page);
  await page.keyboard.press('v');
  await page.getByText('0 of 3 have voted').waitFor();
  await voteByHand(2, 3, ['Ada', 'Bo']);
  await page.getByText('2 of 3 have voted').waitFor();

  // The app ends in the middle of a round, and the room goes on where it was.
  await engine.restart();
  await page.context().close();
  page = await openAgain(browser, engine, `/workshops/${id}/room`);
  await page.getByText('2 of 3 have voted').waitFor();
  await page.keyboard.press('Space');
  await page.getByText('Unanimous: 2 of 2 votes in one cell').waitFor();
  await page.getByText('Round 1: Unanimous').waitFor();
  await page.getByLabel('Rationale').fill('The leaver list is monthly');
  await page.getByLabel('What is to be done').fill('Weekly leaver list');
  await page.getByRole('button', { name: 'Add an action' }).click();
  await page.getByRole('button', { name: 'Remove the action' }).waitFor();
  await page.getByLabel('For the minutes').fill('Vault logs it since October');
  await page.getByLabel('For the minutes').blur();
  await shot(page, 'workshop-reveal');
  await page.getByRole('button', { name: /Accept and go on/ }).click();
  await page.getByText('0 of 3 have voted').waitFor();
  await page.keyboard.press('s');
  await heading('Every risk of the agenda was taken up').waitFor();
  await page.getByRole('button', { name: 'Close the workshop' }).click();

  await heading('Decisions for the register').waitFor();
  expect((await workshop(id)).items[0]?.rounds.map((round) => round.votes)).toEqual([3, 2]);
  await expectSound(page);
  await shot(page, 'workshop-review');
  await page.getByRole('button', { name: 'Apply 1' }).click();
  await page
    .getByText(/Applied to the register/)
    .first()
    .waitFor();
  const after = await risk(one);
  expect([after.likelihood, after.impact, after.rationale]).toEqual([3, 4, 'The leaver list is monthly']);
  expect(after.actions.at(-1)?.title).toBe('Weekly leaver list');
  await page.keyboard.press('Control+z');
  await page.getByRole('button', { name: 'Apply 1' }).waitFor();
  expect(
    [await risk(one), await risk(two)].map(({ likelihood, impact, rationale }) => [
      likelihood,
      impact,
      rationale,
    ]),
  ).toEqual(before.map(({ likelihood, impact, rationale }) => [likelihood, impact, rationale]));

  await page.getByRole('button', { name: 'Minutes' }).click();
  await page.getByText('Vault logs it since October').waitFor();
  await page.getByText(/Unanimous: 2 votes in one cell/).waitFor();
  await expectSound(page);
  await shot(page, 'workshop-minutes');
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Markdown' }).click();
  expect((await download).suggestedFilename()).toMatch(/^WS-\d{4}\.md$/);
  await page.emulateMedia({ media: 'print' });
  expect(await page.locator('.side, .tbar, .ph').filter({ visible: true }).count()).toBe(0);
  await page.emulateMedia({ media: null });
}, 180_000);

test('the room in French, dark and on a small window has all of it', async () => {
  const planned = ((await call(page, 'GET', '/v1/workshops?status=planned')) as { data: Workshop[] }).data[0];
  const id = planned?.id ?? '';
  await call(page, 'PUT', `/v1/workshops/${id}/status`, { status: 'running' });
  const item = planned?.items[0]?.id ?? '';
  await call(page, 'PUT', `/v1/workshops/${id}/items/${item}/status`, { status: 'voting' });
  for (const [at, seat] of (planned?.participants ?? []).entries())
    await call(page, 'PUT', `/v1/workshops/${id}/items/${item}/votes/${seat.id}`, {
      likelihood: 1 + (at % 5),
      impact: 1 + ((at * 2) % 5),
      comment: 'Vu deux fois cette année',
    });
  const look = { theme: 'dark', locale: 'fr', width: 1024, height: 700 } as const;
  const other = await openAgain(browser, engine, `/workshops/${id}/room`, look);
  await other.getByText('9 sur 9 ont voté').waitFor();
  await expectSound(other);
  await expectFits(other);
  await other.keyboard.press('Space');
  await other.getByText(/votes sur 9 à un échelon près/).waitFor();
  await expectSound(other);
  await expectFits(other);
  await shot(other, 'workshop-reveal-dark-fr');
  for (const path of ['/workshops', `/workshops/${id}`, `/workshops/${id}/minutes`]) {
    await visit(other, engine, path);
    await other.locator('.app h1').waitFor();
    await expectSound(other);
    await expectFits(other);
  }
  await other.context().close();
}, 120_000);
