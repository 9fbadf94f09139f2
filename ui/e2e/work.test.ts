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

interface Incident {
  id: string;
  ref: string;
  title: string;
  status: string;
  severity: string;
  lead: string | null;
  risk_ids: string[];
  occurred_at: string | null;
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

async function incident(id: string): Promise<Incident> {
  return (await call(page, 'GET', `/v1/incidents/${id}`)) as Incident;
}

async function make(title: string, severity = 'low'): Promise<Incident> {
  return (await call(page, 'POST', '/v1/incidents', { title, severity })) as Incident;
}

async function open(one?: Incident): Promise<void> {
  await visit(page, engine, one ? `/incidents/${one.id}` : '/incidents');
  await page.locator('h2').first().waitFor();
  await page.getByRole('list', { name: 'Timeline' }).getByRole('listitem').first().waitFor();
}

function step(name: string): Locator {
  return page.getByRole('list', { name: 'Status' }).getByRole('button', { name, exact: true });
}

async function current(): Promise<string> {
  return page.locator('[aria-current=step]').innerText();
}

function told(text: string): Locator {
  return page.getByRole('list', { name: 'Timeline' }).getByText(text);
}

test('report, severity, advance by key and by click, back with a note, told by the timeline, undone', async () => {
  await open();
  await page.keyboard.press('r');
  const dialog = page.getByRole('dialog', { name: 'Report an incident' });
  await dialog.waitFor();
  await page.keyboard.press('Enter');
  await dialog.getByText('Say in one line what happened.').waitFor();
  await expectSound(page);
  await shot(page, 'incident-report');
  await page.keyboard.type('Vault broker refuses every login');
  await page.keyboard.press('Enter');
  await dialog.waitFor({ state: 'detached' });
  await page.getByRole('heading', { name: 'Vault broker refuses every login' }).waitFor();
  const id = new URL(page.url()).pathname.split('/').at(-1) ?? '';
  expect(await incident(id)).toMatchObject({ status: 'new', severity: 'medium' });

  await page.keyboard.press('s');
  await page.getByRole('option', { name: 'Critical', exact: true }).click();
  await told('raised the severity from Medium to Critical').waitFor();

  await page.locator('h2').hover();
  await page.keyboard.press('e');
  await expect.poll(current).toBe('Triaged');
  await told('moved it from New to Triaged').waitFor();
  await step('Recovered').click();
  await expect.poll(current).toBe('Recovered');
  await told('moved it from Triaged to Recovered').waitFor();

  await page.keyboard.press('Shift+E');
  const ask = page.getByRole('dialog', { name: 'Go back to Eradicated' });
  await ask.waitFor();
  await page.keyboard.press('Enter');
  await ask.getByText('Say why; it stays in the timeline.').waitFor();
  await expectSound(page);
  await page.keyboard.type('The malware came back on one host.');
  await page.keyboard.press('Enter');
  await ask.waitFor({ state: 'detached' });
  await expect.poll(current).toBe('Eradicated');
  await told('moved it back from Recovered to Eradicated').waitFor();
  await told('The malware came back on one host.').waitFor();
  await shot(page, 'incident-timeline');

  await page.keyboard.press('Control+z');
  await expect.poll(current).toBe('Recovered');
  await told('With undo or redo').waitFor();
  expect(await incident(id)).toMatchObject({ status: 'recovered', severity: 'critical' });
});

test('several steps pressed at once are all kept, in their order', async () => {
  const one = await make('Keys pressed fast');
  await open(one);
  for (let press = 0; press < 4; press += 1) await page.keyboard.press('e');
  await expect.poll(async () => (await incident(one.id)).status).toBe('recovered');
  expect(await current()).toBe('Recovered');
});

test('the keyboard goes through the queue and the detail keeps step', async () => {
  await open();
  const title = () => page.locator('h2').first().innerText();
  const first = await title();
  await page.keyboard.press('j');
  await expect.poll(title).not.toBe(first);
  await page.keyboard.press('k');
  await expect.poll(title).toBe(first);
  const queue = page.getByRole('listbox', { name: 'Incident queue' });
  await queue.focus();
  await page.keyboard.press('End');
  await expect.poll(title).not.toBe(first);
  const active = await queue.getAttribute('aria-activedescendant');
  expect(await page.locator(`#${active}`).getAttribute('aria-selected')).toBe('true');
  await page.keyboard.press('Home');
  await expect.poll(title).toBe(first);
});

test('a title, a lead, a time, a risk and an entry are changed where they stand', async () => {
  const one = await make('Draft title');
  await open(one);
  await page.getByRole('button', { name: 'Draft title' }).click();
  await page.keyboard.type('Branch printers print at night');
  await page.keyboard.press('Enter');
  await expect.poll(async () => (await incident(one.id)).title).toBe('Branch printers print at night');

  await page.keyboard.press('a');
  await page.getByRole('combobox', { name: 'Lead' }).fill('Olivier Baptiste');
  await page.keyboard.press('Enter');
  await expect.poll(async () => (await incident(one.id)).lead).toBe('Olivier Baptiste');

  await page.getByRole('button', { name: 'Occurred: Not known' }).click();
  await page.getByRole('button', { name: 'Now', exact: true }).click();
  await page.getByRole('dialog', { name: 'Occurred' }).getByRole('button', { name: 'Save' }).click();
  await expect.poll(async () => (await incident(one.id)).occurred_at).not.toBeNull();
  await page.getByRole('button', { name: /Occurred: today/ }).waitFor();

  await page.keyboard.press('l');
  await page.getByRole('combobox', { name: 'Find a risk to link' }).fill('R-0142');
  await page
    .getByRole('listbox', { name: 'Find a risk to link' })
    .getByRole('option')
    .filter({ hasText: 'R-0142' })
    .waitFor();
  await page.keyboard.press('Enter');
  await expect.poll(async () => (await incident(one.id)).risk_ids.length).toBe(1);
  const link = page.getByRole('list', { name: 'Risks it touches' }).getByRole('link');
  expect(await link.getAttribute('href')).toMatch(/^\/risks\//);
  await link.hover();
  await page.getByRole('button', { name: 'Unlink R-0142' }).click();
  await expect.poll(async () => (await incident(one.id)).risk_ids.length).toBe(0);

  await page.keyboard.press('n');
  await page.keyboard.type('Called the branch.');
  await page.keyboard.press('Enter');
  await told('Called the branch.').waitFor();
  await expectSound(page);
});

test('dismissing asks for a reason, and reopening for a note', async () => {
  const one = await make('A drill, announced');
  await open(one);
  await page.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'Dismiss…' }).click();
  const ask = page.getByRole('dialog', { name: 'Dismiss this incident' });
  await ask.getByRole('button', { name: 'Dismiss' }).click();
  await ask.getByText('Choose why it is dismissed.').waitFor();
  await ask.getByRole('combobox', { name: 'Reason' }).click();
  await page.getByRole('option', { name: 'Not an incident' }).click();
  await ask.getByRole('button', { name: 'Dismiss' }).click();
  await expect.poll(async () => (await incident(one.id)).status).toBe('dismissed');
  await page.getByText('Not an incident').first().waitFor();
  await expectSound(page);

  await page.keyboard.press('Shift+E');
  await page.getByRole('dialog', { name: 'Reopen this incident' }).waitFor();
  await page.keyboard.type('It was real after all.');
  await page.keyboard.press('Enter');
  await expect.poll(async () => (await incident(one.id)).status).toBe('triaged');
});

test('a change on an older revision shows both values', async () => {
  const one = await make('Changed twice');
  await open(one);
  let first = true;
  await page.route(`**/v1/incidents/${one.id}`, async (route) => {
    if (first && route.request().method() === 'PUT') {
      // Somebody else is faster, once.
      first = false;
      await call(page, 'PUT', `/v1/incidents/${one.id}`, { lead: 'Tomasz Wrona' });
    }
    await route.continue();
  });
  await page.keyboard.press('a');
  await page.getByRole('combobox', { name: 'Lead' }).fill('Olivier Baptiste');
  await page.keyboard.press('Enter');
  const box = page.getByRole('alert').filter({ hasText: 'Somebody changed this incident meanwhile' });
  await box.getByText('Saved: Tomasz Wrona').waitFor();
  await box.getByText('Yours: Olivier Baptiste').waitFor();
  await expectSound(page);
  await box.getByRole('button', { name: 'Save mine' }).click();
  await expect.poll(async () => (await incident(one.id)).lead).toBe('Olivier Baptiste');
  await page.unrouteAll();
});

test('a deleted incident comes back by undo', async () => {
  const one = await make('To be deleted');
  await open(one);
  await page.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await page.getByText(`${one.ref} deleted`).waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect.poll(async () => (await incident(one.id)).title).toBe('To be deleted');
});

test('the timeline speaks French', async () => {
  const own = await openAgain(browser, engine, '/incidents', { locale: 'fr', width: 1024, height: 700 });
  await own.getByText('a avancé le statut').first().waitFor();
  await own.close();
});

for (const theme of ['light', 'dark'] as const) {
  for (const [locale, width, height] of [
    ['en', 1440, 900],
    ['fr', 1024, 700],
  ] as const) {
    test(`incidents are sound and fit: ${theme}, ${locale}, ${width} × ${height}`, async () => {
      const own = await openAgain(browser, engine, '/incidents', { theme, locale, width, height });
      await own.getByRole('option', { name: /Settlement API/ }).click();
      await own.locator('.rail .lk a').first().waitFor();
      await expectSound(own);
      await expectFits(own);
      await shot(own, `incidents-${theme}-${locale}`);
      await own.close();
    });
  }
}
