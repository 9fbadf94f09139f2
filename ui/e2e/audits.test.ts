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

interface Audit {
  id: string;
  ref: string;
  name: string;
  status: string;
  lead: string | null;
  team: string[];
  criteria: string[];
  end_date: string | null;
  findings_open: number;
}

interface Finding {
  id: string;
  ref: string;
  title: string;
  grade: string;
  status: string;
  owner: string | null;
  root_cause: string | null;
  verified_by: string | null;
  control_ids: string[];
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

const rows = () =>
  page
    .getByRole('grid')
    .getByRole('row')
    .filter({ has: page.getByRole('gridcell') });
const facts = () => page.locator('aside.insp');

async function audit(id: string): Promise<Audit> {
  return (await call(page, 'GET', `/v1/audits/${id}`)) as Audit;
}

async function finding(id: string): Promise<Finding> {
  return (await call(page, 'GET', `/v1/findings/${id}`)) as Finding;
}

async function plan(name: string): Promise<Audit> {
  return (await call(page, 'POST', '/v1/audits', { name })) as Audit;
}

async function raise(of: Audit, title: string, grade: string, rest: object = {}): Promise<Finding> {
  return (await call(page, 'POST', `/v1/audits/${of.id}/findings`, { title, grade, ...rest })) as Finding;
}

test('an audit is planned by keyboard, changed in place, taken through its statuses, deleted and undone', async () => {
  await visit(page, engine, '/audits');
  await page.getByRole('heading', { name: 'Audits & findings' }).waitFor();
  await page.keyboard.press('c');
  const dialog = page.getByRole('dialog', { name: 'New audit' });
  await dialog.waitFor();
  await page.keyboard.press('Enter');
  await dialog.getByText('Give the audit a name.').waitFor();
  await expectSound(page);
  await page.keyboard.type('Leavers of the branches');
  await dialog.getByLabel('First day').fill('2026-11-20');
  await dialog.getByLabel('Last day').fill('2026-11-02');
  await dialog.getByText('The last day is before the first.').waitFor();
  await dialog.getByLabel('Last day').fill('2026-11-27');
  await dialog.getByLabel('ISO/IEC 27001:2022').check();
  await dialog.getByRole('button', { name: 'Plan audit' }).click();
  await page.getByRole('heading', { name: 'Leavers of the branches', level: 1 }).waitFor();
  const id = new URL(page.url()).pathname.split('/').at(-1) ?? '';
  expect(await audit(id)).toMatchObject({
    status: 'planned',
    criteria: ['iso-27001'],
    end_date: '2026-11-27',
  });
  await page.getByText('No finding yet', { exact: true }).waitFor();
  await expectSound(page);
  await shot(page, 'audit-planned');

  await facts().getByLabel('Lead auditor').fill('Olivier Baptiste');
  await page.keyboard.press('Enter');
  await expect.poll(async () => (await audit(id)).lead).toBe('Olivier Baptiste');
  await facts().getByLabel('Add a name').fill('Sanna Virtanen');
  await page.keyboard.press('Enter');
  await expect.poll(async () => (await audit(id)).team).toEqual(['Sanna Virtanen']);
  await facts().getByRole('button', { name: 'Remove Sanna Virtanen from the team' }).click();
  await expect.poll(async () => (await audit(id)).team).toEqual([]);

  await page.getByRole('heading', { level: 1 }).click();
  await page.keyboard.press('e');
  await page.getByText('In progress, step 2 of 4').first().waitFor();
  expect((await audit(id)).status).toBe('in_progress');
  const closed = facts().getByRole('list', { name: 'Status' }).getByRole('button', { name: 'Closed' });
  expect(await closed.getAttribute('aria-disabled')).toBe('true');
  await page.keyboard.press('Shift+E');
  await page.getByText('Planned, step 1 of 4').first().waitFor();

  await facts().getByRole('button', { name: 'Leavers of the branches' }).click();
  await page.keyboard.press('Control+a');
  await page.keyboard.type('Leavers and movers');
  await page.keyboard.press('Enter');
  await expect.poll(async () => (await audit(id)).name).toBe('Leavers and movers');

  await facts().getByRole('button', { name: 'Actions for this audit' }).click();
  await page.getByRole('menuitem', { name: 'Delete audit' }).click();
  await page.getByRole('heading', { name: 'Audits & findings', level: 1 }).waitFor();
  await expect.poll(() => rows().filter({ hasText: 'Leavers and movers' }).count()).toBe(0);
  await page.keyboard.press('Control+z');
  await rows().filter({ hasText: 'Leavers and movers' }).waitFor();
});

test('a finding is raised, refused in words beside its fields, sent back with a reason, linked and dismissed', async () => {
  const of = await plan('Four eyes');
  await visit(page, engine, `/audits/${of.id}`);
  await page.getByRole('heading', { name: 'Four eyes', level: 1 }).waitFor();
  await page.keyboard.press('c');
  const dialog = page.getByRole('dialog', { name: 'New finding' });
  await dialog.waitFor();
  await page.keyboard.type('Two suppliers kept administrator rights');
  await dialog.getByRole('button', { name: 'Raise finding' }).click();
  await dialog.getByText('Choose how it is judged.').waitFor();
  await dialog.getByRole('combobox', { name: 'Grade' }).click();
  await page.getByRole('option', { name: 'Minor nonconformity' }).click();
  await dialog.getByRole('button', { name: 'Raise finding' }).click();
  await dialog.waitFor({ state: 'detached' });
  await facts().getByRole('heading', { name: 'Two suppliers kept administrator rights' }).waitFor();
  const id = new URL(page.url()).searchParams.get('finding') ?? '';

  await page.keyboard.press('e');
  await facts().getByText('Needed before it is “Assigned”.').waitFor();
  await expectSound(page);
  await facts().getByLabel('Owner').fill('Priya Raman');
  await page.keyboard.press('Enter');
  await expect.poll(async () => (await finding(id)).owner).toBe('Priya Raman');
  await facts()
    .getByRole('button', { name: /On to “Assigned”/ })
    .click();
  await expect.poll(async () => (await finding(id)).status).toBe('assigned');

  await facts().getByRole('list', { name: 'Status' }).getByRole('button', { name: 'Verified' }).click();
  await facts().getByText('Not moved to “Verified” yet: what it needs is marked below.').waitFor();
  expect(await facts().getByText('Needed before it is “Verified”.').count()).toBe(6);
  await expectSound(page);
  await shot(page, 'finding-refused');

  await facts()
    .getByLabel(/^Root cause/)
    .fill('Contract end dates do not reach the broker.');
  await page.getByRole('heading', { level: 1 }).click();
  await expect
    .poll(async () => (await finding(id)).root_cause)
    .toBe('Contract end dates do not reach the broker.');
  await page.keyboard.press('Control+z');
  await expect.poll(async () => (await finding(id)).root_cause).toBeNull();

  await facts().getByRole('list', { name: 'Status' }).getByRole('button', { name: 'Open' }).click();
  const ask = page.getByRole('dialog', { name: 'Go back to “Open”' });
  await ask.waitFor();
  await page.keyboard.press('Enter');
  await ask.getByText('Say why; it stays in the history.').waitFor();
  await page.keyboard.type('The owner was wrong.');
  await page.keyboard.press('Enter');
  await expect.poll(async () => (await finding(id)).status).toBe('open');

  await page.keyboard.press('l');
  await page.getByRole('combobox', { name: 'Link a control' }).fill('A.8.2');
  await page
    .getByRole('option', { name: /A\.8\.2/ })
    .first()
    .click();
  await expect.poll(async () => (await finding(id)).control_ids.length).toBe(1);
  await rows().filter({ hasText: 'A.8.2' }).waitFor();

  await facts().getByRole('button', { name: 'Actions for this finding' }).click();
  await page.getByRole('menuitem', { name: 'Dismiss…' }).click();
  await page.getByRole('dialog', { name: 'Dismiss this finding' }).waitFor();
  await page.keyboard.type('Seen in the wrong system.');
  await page.keyboard.press('Enter');
  await expect.poll(async () => (await finding(id)).status).toBe('dismissed');
  expect((await audit(of.id)).findings_open).toBe(0);
});

test('what somebody else saved meanwhile is shown beside what was typed, and either is kept', async () => {
  const of = await plan('Two at once');
  const one = await raise(of, 'Both write', 'observation', { description: 'First' });
  await visit(page, engine, `/audits/${of.id}?finding=${one.id}`);
  const field = facts().getByLabel('What we saw');
  await field.fill('Mine');
  await call(page, 'PUT', `/v1/findings/${one.id}`, { description: 'Theirs' });
  await page.getByRole('heading', { level: 1 }).click();
  await facts().getByRole('alert').getByText('Theirs').waitFor();
  await facts().getByRole('button', { name: 'Save mine' }).click();
  await expect
    .poll(
      async () =>
        ((await call(page, 'GET', `/v1/findings/${one.id}`)) as { description: string }).description,
    )
    .toBe('Mine');
});

test('the list is filtered by the address, walked by keyboard, and opened with Enter', async () => {
  await visit(page, engine, '/audits?status=planned');
  await rows().first().waitFor();
  expect(await rows().filter({ hasText: 'Reporting' }).count()).toBe(0);
  await page.getByRole('button', { name: 'Clear the filter Status' }).click();
  await expect.poll(() => new URL(page.url()).search).toBe('');
  await page.keyboard.press('j');
  await facts().waitFor();
  const first = await facts().getByRole('heading', { level: 2 }).innerText();
  await page.keyboard.press('j');
  await expect.poll(() => facts().getByRole('heading', { level: 2 }).innerText()).not.toBe(first);
  await page.keyboard.press('k');
  await expect.poll(() => facts().getByRole('heading', { level: 2 }).innerText()).toBe(first);
  await page.keyboard.press('/');
  await page.keyboard.type('nothing is called like this');
  await page.getByText('No audit fits these filters').waitFor();
  await page.getByRole('button', { name: 'Clear the filters' }).click();
  await rows().first().waitFor();
  await page.getByRole('grid').focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: first, level: 1 }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('heading', { name: 'Audits & findings', level: 1 }).waitFor();
});

test('an audit that is not there any more says so', async () => {
  await visit(page, engine, '/audits/0190a000-0000-7000-8000-000000000000');
  await page.getByText('This audit is not here any more').waitFor();
});

for (const look of [
  { theme: 'light', locale: 'en', width: 1440, height: 900 },
  { theme: 'dark', locale: 'fr', width: 1440, height: 900 },
  { theme: 'light', locale: 'fr', width: 1024, height: 700 },
  { theme: 'dark', locale: 'en', width: 1024, height: 700 },
] as const) {
  test(`the sample's audits are sound and fit: ${look.theme}, ${look.locale}, ${look.width}`, async () => {
    const { data } = (await call(page, 'GET', '/v1/audits?limit=10')) as { data: Audit[] };
    const of = data.find((one) => one.findings_open > 0) ?? data[0];
    const list = (await call(page, 'GET', `/v1/audits/${of?.id}/findings?limit=5`)) as { data: Finding[] };
    const name = `${look.theme}-${look.locale}-${look.width}`;
    const other = await openAgain(browser, engine, `/audits?on=${of?.id}`, look);
    try {
      await other.locator('aside.insp h2').waitFor();
      await expectSound(other);
      await expectFits(other);
      await shot(other, `audits-${name}`);
      await visit(other, engine, `/audits/${of?.id}?finding=${list.data[0]?.id}`);
      await other.locator('aside.insp h2').waitFor();
      await other.getByRole('gridcell').first().waitFor();
      await expectSound(other);
      await expectFits(other);
      await shot(other, `audit-${name}`);
      if (look.width === 1024) await expectRoomToGrow(other);
    } finally {
      await other.context().close();
    }
  });
}
