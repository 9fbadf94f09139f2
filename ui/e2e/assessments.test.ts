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

interface Assessment {
  id: string;
  name: string;
  status: string;
  scope: 'full' | string[];
  progress: number;
}

interface Result {
  control_id: string;
  ref: string;
  result: string;
  maturity: number | null;
  justification: string | null;
  owner: string | null;
  missing_evidence: string | null;
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

async function assessment(id: string): Promise<Assessment> {
  return (await call(page, 'GET', `/v1/assessments/${id}`)) as Assessment;
}

async function results(id: string, query = ''): Promise<Result[]> {
  const answer = await call(page, 'GET', `/v1/assessments/${id}/results?limit=200${query}`);
  return (answer as { data: Result[] }).data;
}

async function start(name: string, scope: 'full' | string[] = 'full'): Promise<Assessment> {
  const body = { framework_id: 'iso-27001', scope, name };
  return (await call(page, 'POST', '/v1/assessments', body)) as Assessment;
}

test('an assessment of chosen groups is started by keyboard, renamed, taken through its statuses, deleted and undone', async () => {
  await visit(page, engine, '/assessments');
  await page.getByRole('heading', { name: 'Assessments', level: 1 }).waitFor();
  await page.keyboard.press('c');
  const dialog = page.getByRole('dialog', { name: 'New assessment' });
  await dialog.waitFor();
  await page.keyboard.press('Enter');
  await dialog.getByText('Choose the framework first.').waitFor();
  await dialog.getByRole('combobox', { name: 'Framework' }).click();
  await page.getByRole('option', { name: /ISO\/IEC 27001:2022/ }).click();
  await dialog.getByLabel('Name').fill('People and places');
  await dialog.getByRole('radio', { name: 'Chosen groups' }).click();
  await dialog.getByRole('checkbox').first().waitFor();
  await dialog.getByRole('button', { name: 'Start assessment' }).click();
  await dialog.getByText('Choose at least one group.').waitFor();
  await expectSound(page);
  await shot(page, 'assessment-new');
  await dialog.getByRole('checkbox', { name: /A\.6/ }).check();
  await dialog.getByRole('button', { name: 'Start assessment' }).click();
  await page.getByRole('heading', { name: 'People and places', level: 1 }).waitFor();
  const id = new URL(page.url()).pathname.split('/').at(-1) ?? '';
  expect(await assessment(id)).toMatchObject({ name: 'People and places', status: 'planned' });
  const inScope = await results(id);
  expect(inScope.length).toBe(8);
  expect(inScope.every(({ ref }) => ref.startsWith('A.6'))).toBe(true);

  await page.keyboard.press('e');
  await page.getByText('In progress, step 2 of 4').first().waitFor();
  await page.keyboard.press('Shift+E');
  await page.getByText('Planned, step 1 of 4').first().waitFor();

  await facts().getByRole('button', { name: 'People and places' }).click();
  await page.keyboard.press('Control+a');
  await page.keyboard.type('People');
  await page.keyboard.press('Enter');
  await expect.poll(async () => (await assessment(id)).name).toBe('People');
  await facts().getByRole('button', { name: 'Actions for this assessment' }).click();
  await page.getByRole('menuitem', { name: 'Delete assessment' }).click();
  await page.getByRole('heading', { name: 'Assessments', level: 1 }).waitFor();
  await expect
    .poll(() =>
      rows()
        .filter({ has: page.getByText('People', { exact: true }) })
        .count(),
    )
    .toBe(0);
  await page.keyboard.press('Control+z');
  await rows()
    .filter({ has: page.getByText('People', { exact: true }) })
    .waitFor();
});

test('the controls are answered with the keyboard alone, one after the other', async () => {
  const one = await start('By keys');
  await visit(page, engine, `/assessments/${one.id}`);
  await rows().first().waitFor();
  const [first, second, third] = await results(one.id);
  await page.keyboard.press('n');
  await facts()
    .getByText(first?.ref ?? '', { exact: true })
    .waitFor();
  await page.keyboard.press('1');
  await expect.poll(async () => (await results(one.id))[0]?.result).toBe('compliant');
  await page.keyboard.press('n');
  await facts()
    .getByText(second?.ref ?? '', { exact: true })
    .waitFor();
  await facts().getByRole('radio', { name: 'Compliant', exact: true }).waitFor();
  await page.keyboard.press('2');
  await expect.poll(async () => (await results(one.id))[1]?.result).toBe('partially_compliant');
  await page.keyboard.press('n');
  await facts()
    .getByText(third?.ref ?? '', { exact: true })
    .waitFor();

  // That a control does not apply needs its why.
  await page.keyboard.press('4');
  const ask = page.getByRole('dialog', { name: 'This control does not apply' });
  await ask.waitFor();
  await page.keyboard.press('Enter');
  await ask.getByText('Say why; an auditor will ask.').waitFor();
  await expectSound(page);
  await page.keyboard.type('There is no such site.');
  await page.keyboard.press('Enter');
  await expect
    .poll(async () => (await results(one.id))[2])
    .toMatchObject({ result: 'not_applicable', justification: 'There is no such site.' });
  await facts().getByLabel('Justification').waitFor();

  await page.keyboard.press('k');
  await facts()
    .getByText(second?.ref ?? '', { exact: true })
    .waitFor();
  await page.getByRole('grid').focus();
  await page.keyboard.press('Enter');
  await expect.poll(() => page.evaluate(() => document.activeElement?.closest('.insp') !== null)).toBe(true);
  await facts().getByRole('combobox', { name: 'Maturity' }).click();
  await page.getByRole('option', { name: '2, managed' }).click();
  await facts().getByLabel('Missing evidence').fill('No baseline for network devices');
  await facts().getByLabel('Owner').fill('Tomasz Wrona');
  await page.getByRole('heading', { level: 1 }).click();
  await expect
    .poll(async () => (await results(one.id))[1])
    .toMatchObject({
      maturity: 2,
      missing_evidence: 'No baseline for network devices',
      owner: 'Tomasz Wrona',
    });
  await page.keyboard.press('Control+z');
  await expect.poll(async () => (await results(one.id))[1]?.owner).toBeNull();
  await page.getByText('3 of 93 answered').first().waitFor();
  await shot(page, 'assessment-answered');
});

test('the gaps are told, drawn, ordered and opened', async () => {
  const one = await start('With gaps');
  const all = await results(one.id);
  const put = (index: number, body: object) =>
    call(page, 'PUT', `/v1/assessments/${one.id}/results/${all[index]?.control_id}`, body);
  await put(0, { result: 'compliant' });
  await put(1, { result: 'non_compliant', missing_evidence: 'No register' });
  await put(2, { result: 'partially_compliant', maturity: 2, target: 3 });
  await visit(page, engine, `/assessments/${one.id}`);
  await rows().first().waitFor();
  await page.keyboard.press('v');
  await page.getByRole('heading', { name: /^2 gaps to close/ }).waitFor();
  await expect.poll(() => rows().count()).toBe(2);
  await rows().filter({ hasText: 'No register' }).waitFor();
  await expectSound(page);
  const squares = page.locator('.map button');
  await expect.poll(() => squares.count()).toBe(93);
  await squares.first().focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await facts()
    .getByText(all[1]?.ref ?? '', { exact: true })
    .waitFor();
  await page.keyboard.press('1');
  await page.getByRole('heading', { name: /^1 gap to close/ }).waitFor();
  await page.keyboard.press('Control+z');
  await page.getByRole('heading', { name: /^2 gaps to close/ }).waitFor();
  await page.keyboard.press('n');
  await facts()
    .getByText(all[3]?.ref ?? '', { exact: true })
    .waitFor();
  expect(new URL(page.url()).searchParams.get('view')).toBeNull();
});

test('the list keeps its filters in the address, and Back undoes one', async () => {
  await visit(page, engine, '/assessments');
  await rows().first().waitFor();
  await page.keyboard.press('f');
  await page.getByRole('menuitem', { name: 'Status' }).click();
  await page.getByRole('option', { name: 'Completed' }).click();
  await expect.poll(() => new URL(page.url()).searchParams.get('status')).toBe('completed');
  await expect.poll(() => rows().filter({ hasText: 'By keys' }).count()).toBe(0);
  await page.goBack();
  await rows().filter({ hasText: 'By keys' }).waitFor();
  await visit(page, engine, '/assessments/0190a000-0000-7000-8000-000000000000');
  await page.getByText('This assessment is not here any more').waitFor();
});

for (const look of [
  { theme: 'light', locale: 'en', width: 1440, height: 900 },
  { theme: 'dark', locale: 'fr', width: 1440, height: 900 },
  { theme: 'light', locale: 'fr', width: 1024, height: 700 },
  { theme: 'dark', locale: 'en', width: 1024, height: 700 },
] as const) {
  test(`the sample's assessments are sound and fit: ${look.theme}, ${look.locale}, ${look.width}`, async () => {
    const { data } = (await call(page, 'GET', '/v1/assessments?framework_id=iso-27001&sort=created_at')) as {
      data: Assessment[];
    };
    const id = data.find(({ progress }) => progress > 20)?.id ?? '';
    const open = (await results(id, '&result=partially_compliant'))[0]?.control_id;
    const name = `${look.theme}-${look.locale}-${look.width}`;
    const other = await openAgain(browser, engine, `/assessments?on=${id}`, look);
    try {
      await other.locator('aside.insp h2').waitFor();
      await expectSound(other);
      await expectFits(other);
      await shot(other, `assessments-${name}`);
      await visit(other, engine, `/assessments/${id}?control=${open}`);
      await other.locator('aside.insp h2').waitFor();
      await other.getByRole('gridcell').first().waitFor();
      await expectSound(other);
      await expectFits(other);
      await shot(other, `assessment-${name}`);
      await visit(other, engine, `/assessments/${id}?view=gaps`);
      await other.locator('.map button').first().waitFor();
      await expectSound(other);
      await expectFits(other);
      await shot(other, `gaps-${name}`);
      if (look.width === 1024) await expectRoomToGrow(other);
    } finally {
      await other.context().close();
    }
  });
}
