import type { Browser, Page } from 'playwright-core';
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
  score: number | null;
  treatment: string;
  residual: { score: number } | null;
  current_from: string;
  actions: { id: string; title: string; status: string; owner: string | null }[];
  acceptance: { void: boolean } | null;
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

const read = async (id: string) => (await call(page, 'GET', `/v1/risks/${id}`)) as Risk;

test('from the plan to the acceptance and its end, by keyboard and pointer, each step undone or told', async () => {
  const made = (await call(page, 'POST', '/v1/risks', {
    name: 'Ledger key is held by one person',
    owner: 'Priya Raman',
    likelihood: 5,
    impact: 4,
  })) as Risk;
  const { id } = made;
  const checks = async () => (await call(page, 'GET', '/v1/checks')) as { total: number };
  const before = (await checks()).total;

  // The checks find it, and one key leads to it.
  await visit(page, engine, '/checks');
  const row = page.locator('[data-check-risk]', { hasText: made.ref });
  await row.waitFor();
  await page.getByRole('heading', { name: /^Above appetite without a plan/ }).waitFor();
  await expectSound(page);
  await shot(page, 'checks');
  await page.keyboard.press('j');
  expect(await page.evaluate(() => document.activeElement?.hasAttribute('data-check-risk'))).toBe(true);
  await row.focus();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Ledger key is held by one person' }).waitFor();

  // An action: added, given an effect, done; the score follows.
  await page.getByRole('button', { name: 'Add an action' }).click();
  await page.getByLabel('New action').fill('Second holder of the key');
  await page.keyboard.press('Enter');
  const form = page.getByRole('group', { name: 'Second holder of the key' });
  await form.waitFor();
  await form.getByLabel('Effect on likelihood').click();
  await page.getByRole('option', { name: '−2' }).click();
  await expect.poll(async () => (await read(id)).residual?.score).toBe(12);
  expect((await read(id)).score).toBe(20);
  expect((await checks()).total, 'something is planned').toBe(before - 1);
  await form.getByLabel('Owner').fill('Noor de Vries');
  await page.keyboard.press('Tab');
  await expect.poll(async () => (await read(id)).actions[0]?.owner).toBe('Noor de Vries');
  await expectSound(page);
  await form.getByRole('button', { name: 'Close' }).click();
  const tick = page.getByRole('checkbox', { name: 'Done: Second holder of the key' });
  await tick.focus();
  await page.keyboard.press('Space');
  await expect.poll(async () => (await read(id)).score).toBe(12);
  await page.getByText('1 of 1 done').waitFor();
  await page.getByText('Follows the actions done.').waitFor();
  await page.keyboard.press('Control+z');
  await expect.poll(async () => (await read(id)).score).toBe(20);
  await page.keyboard.press('Control+Shift+z');
  await expect.poll(async () => (await read(id)).score).toBe(12);
  expect((await checks()).total, 'nothing is left to do, and it is still above the appetite').toBe(before);

  // Why, beside its score.
  await page.getByLabel('Why: Current').fill('Seen twice in the past year.');
  await page.keyboard.press('Tab');
  await page.getByRole('button', { name: 'Changed: Why: Current' }).waitFor();

  // Set by hand, it says so; it follows again when told to.
  await page.getByRole('button', { name: /^Current: / }).click();
  const move = page.getByRole('dialog', { name: `Move ${made.ref}` });
  await move.getByLabel('Likelihood', { exact: true }).click();
  await page.getByRole('option', { name: /^Rare/ }).click();
  await move.getByRole('button', { name: 'Move here' }).click();
  await expect.poll(async () => (await read(id)).current_from).toBe('hand');
  await page.getByText(/^Set by hand\. The plan gives 12/).waitFor();
  await shot(page, 'risk-page');
  await page.getByRole('button', { name: 'Follow the plan' }).click();
  await expect.poll(async () => (await read(id)).score).toBe(12);

  // An older value comes back from the history.
  await page.getByRole('button', { name: 'Changed: Treatment plan' }).last().click();
  await page.getByRole('button', { name: 'Restore what was before' }).click();
  await expect.poll(async () => (await read(id)).actions.length).toBe(0);
  await page.keyboard.press('Control+z');
  await expect.poll(async () => (await read(id)).actions.length).toBe(1);

  // Acceptance: what is missing is said, the one who asks does not decide.
  await page.getByRole('button', { name: 'Ask for acceptance' }).click();
  await page.getByLabel('Why the risk is borne').fill('More would cost more than it saves.');
  await page.getByRole('button', { name: 'Submit', exact: true }).click();
  await expect.poll(() => page.getByLabel('Approver').getAttribute('aria-invalid')).toBe('true');
  await expectSound(page);
  await page.getByLabel('Approver').fill('Ines Okafor');
  await page.getByLabel('Until').fill('2999-12-31');
  await page.getByRole('button', { name: 'Submit', exact: true }).click();
  const accept = page.getByRole('button', { name: 'Accept the risk' });
  await accept.waitFor();
  await expect.poll(() => accept.getAttribute('aria-disabled')).toBe('true');
  await shot(page, 'risk-submitted');
  await call(page, 'PUT', '/v1/workspace', { profile_name: 'Ines Okafor' });
  await page.reload();
  await accept.waitFor();
  await expect.poll(() => accept.getAttribute('aria-disabled')).toBeNull();
  await accept.click();
  await expect.poll(async () => (await read(id)).treatment).toBe('accept');
  await page.getByText('Accepted', { exact: true }).first().waitFor();
  await expectSound(page);

  // A material change makes it void, and says so.
  await call(page, 'PUT', `/v1/risks/${id}`, { likelihood: 4 });
  await page.getByText('No longer holds. Changed since: Current.').waitFor();
  await page.getByText('Void', { exact: true }).waitFor();
  expect((await read(id)).acceptance?.void).toBe(true);
  await expectSound(page);
  await shot(page, 'risk-void');
  await page.getByRole('button', { name: 'Revoke' }).click();
  const why = page.getByRole('dialog', { name: 'Revoke' });
  await why.getByLabel('Why').fill('It is another risk now.');
  await why.getByRole('button', { name: 'Revoke' }).click();
  await expect.poll(async () => (await read(id)).treatment).toBe('open');
  await page.keyboard.press('Control+z');
  await expect.poll(async () => (await read(id)).treatment).toBe('accept');

  // Links, from this side too.
  await page.getByRole('button', { name: 'Link an asset' }).click();
  const pick = page.getByRole('dialog', { name: 'Link an asset' });
  await pick.getByRole('combobox').fill('vault');
  await pick.getByRole('option').first().waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('list', { name: 'Assets that it touches' }).getByRole('listitem').waitFor();
  await page.keyboard.press('Escape');
  await page.waitForURL(new RegExp(`/risks/${id}$`));
  await page
    .locator('aside.insp')
    .getByRole('heading', { name: 'Ledger key is held by one person' })
    .waitFor();
}, 120_000);

test('page, inspector and checks in both themes and languages, large and small', async () => {
  const { data } = (await call(page, 'GET', '/v1/risks?treatment=mitigate&sort=-score&limit=1')) as {
    data: Risk[];
  };
  const id = data[0]?.id ?? '';
  for (const look of [
    { theme: 'light', locale: 'en', width: 1440, height: 900 },
    { theme: 'dark', locale: 'fr', width: 1440, height: 900 },
    { theme: 'light', locale: 'fr', width: 1024, height: 700 },
    { theme: 'dark', locale: 'en', width: 1024, height: 700 },
  ] as const) {
    const name = `${look.theme}-${look.locale}-${look.width}`;
    const other = await openAgain(browser, engine, `/risks/${id}/page`, look);
    await other.locator('.whole h2').waitFor();
    expect(
      await other
        .locator('main')
        .getByText(/^R-\d+$/)
        .count(),
      'its ref is its heading, once',
    ).toBe(1);
    await other.locator('.tl li').first().waitFor();
    await expectSound(other);
    await expectFits(other);
    await shot(other, `risk-page-${name}`);
    await other.locator('.what').first().click();
    await other.locator('.form').waitFor();
    await expectSound(other);
    await shot(other, `risk-page-${name}-action`);
    await expectRoomToGrow(other);
    await visit(other, engine, `/risks/${id}`);
    await other.locator('aside.insp h2').waitFor();
    await other.locator('aside.insp .tl li').first().waitFor();
    await expectSound(other);
    await expectFits(other);
    await shot(other, `risk-plan-${name}-inspector`);
    await other.locator('#risk-acceptance').scrollIntoViewIfNeeded();
    await shot(other, `risk-plan-${name}-inspector-low`);
    await visit(other, engine, '/checks');
    await other.locator('[data-check-risk]').first().waitFor();
    await expectSound(other);
    await expectFits(other);
    await shot(other, `checks-${name}`);
    await expectRoomToGrow(other);
    await other.context().close();
  }
}, 180_000);
