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

interface Asset {
  id: string;
  ref: string;
  name: string;
  owner: string | null;
  criticality: number | null;
  parent_id: string | null;
  tags: string[];
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

async function asset(id: string): Promise<Asset> {
  return (await call(page, 'GET', `/v1/assets/${id}`)) as Asset;
}

async function make(body: Partial<Asset>): Promise<Asset> {
  return (await call(page, 'POST', '/v1/assets', body)) as Asset;
}

async function open(one?: Asset, query = ''): Promise<void> {
  await visit(page, engine, (one ? `/assets/${one.id}` : '/assets') + query);
  await page.getByRole('grid', { name: 'Assets' }).getByRole('row').nth(1).waitFor();
  if (one) await inspector(one.name).getByRole('heading', { name: one.name }).waitFor();
}

const grid = () => page.getByRole('grid', { name: 'Assets' });
const rows = () => grid().locator('[data-id]');
const inspector = (name: string): Locator => page.getByRole('complementary', { name, exact: true });
const idOf = () => new URL(page.url()).pathname.split('/').at(-1) ?? '';

test('the sidebar, a key and the palette lead to the assets', async () => {
  await visit(page, engine, '/incidents');
  await page.getByRole('heading', { name: 'Incidents', level: 1 }).waitFor();
  await page.keyboard.press('g');
  await page.keyboard.press('a');
  await page.getByRole('heading', { name: 'Assets', level: 1 }).waitFor();
  const summary = (await call(page, 'GET', '/v1/summary')) as {
    assets: number;
    vulnerabilities_open: number;
  };
  await page
    .getByText(`${summary.assets} assets, ${summary.vulnerabilities_open} open vulnerabilities`)
    .waitFor();
  expect(await grid().getAttribute('aria-rowcount')).toBe(String(summary.assets + 1));

  const first = (await rows().first().locator('.med').innerText()).trim();
  await page.keyboard.press('Control+k');
  await page.getByRole('dialog').getByRole('combobox').waitFor();
  await page.keyboard.type(first);
  await page.getByRole('option', { name: first }).first().waitFor();
  await expectSound(page);
  await page.keyboard.press('Enter');
  await inspector(first).waitFor();
});

test('an asset is made, read, changed in place and deleted, and undo brings it back', async () => {
  await open();
  await page.keyboard.press('c');
  const dialog = page.getByRole('dialog', { name: 'New asset' });
  await dialog.waitFor();
  await page.keyboard.press('Enter');
  await dialog.locator('.msg').first().waitFor();
  await expectSound(page);
  await shot(page, 'asset-new');
  await page.keyboard.type('Branch printers');
  await dialog.getByRole('combobox', { name: 'Kind' }).click();
  await page.getByRole('option', { name: 'Hardware' }).click();
  await dialog.getByLabel('Owner').fill('Tomasz Wrona');
  await dialog.getByRole('button', { name: 'Create the asset' }).click();
  await dialog.waitFor({ state: 'detached' });
  const pane = inspector('Branch printers');
  await pane.waitFor();
  const id = idOf();
  expect(await asset(id)).toMatchObject({ name: 'Branch printers', type: 'hardware', owner: 'Tomasz Wrona' });

  await pane.getByRole('combobox', { name: 'Criticality' }).click();
  await page.getByRole('option', { name: 'High', exact: false }).first().click();
  await expect.poll(async () => (await asset(id)).criticality).toBe(4);
  await pane.getByText(/^Criticality: .+ → High$/).waitFor();

  await pane.getByRole('textbox', { name: 'Add a tag' }).fill('print');
  await page.keyboard.press('Enter');
  await expect.poll(async () => (await asset(id)).tags).toEqual(['print']);
  await pane.getByRole('button', { name: 'Remove the tag print' }).click();
  await expect.poll(async () => (await asset(id)).tags).toEqual([]);

  const owner = pane.getByRole('combobox', { name: 'Owner' });
  await owner.fill('Somebody else');
  await page.keyboard.press('Escape');
  expect((await asset(id)).owner).toBe('Tomasz Wrona');
  await owner.fill('Priya Raman');
  await page.keyboard.press('Enter');
  await expect.poll(async () => (await asset(id)).owner).toBe('Priya Raman');

  await pane.getByRole('button', { name: 'Actions on this asset' }).click();
  await page.getByRole('menuitem', { name: 'Delete the asset' }).click();
  await page.getByText('Branch printers deleted').waitFor();
  await pane.waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect.poll(async () => (await asset(id)).name).toBe('Branch printers');
});

test('what it is part of is chosen by typing, drawn, and followed', async () => {
  const whole = await make({ name: 'Data centre Lille', criticality: 5 } as Partial<Asset>);
  const part = await make({ name: 'Rack seven' });
  await open(part);
  const pane = inspector('Rack seven');
  await pane.getByRole('button', { name: /^Part of/ }).click();
  await page.getByRole('combobox', { name: 'Find an asset' }).fill('Data centre Lille');
  await page.getByRole('option', { name: /Data centre Lille/ }).waitFor();
  await page.keyboard.press('Enter');
  await expect.poll(async () => (await asset(part.id)).parent_id).toBe(whole.id);
  await pane.getByRole('group', { name: 'Part of' }).getByRole('link', { name: 'Data centre Lille' }).click();
  const other = inspector('Data centre Lille');
  await other.getByRole('group', { name: 'Its parts' }).getByRole('link', { name: 'Rack seven' }).waitFor();
  await expectSound(page);
});

test('a vulnerability is added, changed and deleted beside its asset', async () => {
  const one = await make({ name: 'Card gateway' });
  await open(one);
  const pane = inspector('Card gateway');
  await pane.getByText('None recorded on this asset.').waitFor();
  await page.keyboard.press('v');
  const dialog = page.getByRole('dialog', { name: 'Add a vulnerability' });
  await dialog.getByLabel('Title').fill('Session cache mixes keys');
  await dialog.getByLabel('CVE').fill('CVE-20');
  await dialog.getByLabel('CVSS score').fill('11');
  await dialog.getByRole('button', { name: 'Add the vulnerability' }).click();
  await expect.poll(() => dialog.locator('.msg').count()).toBe(2);
  await expectSound(page);
  await dialog.getByLabel('CVE').fill('CVE-2026-31142');
  await dialog.getByLabel('CVSS score').fill('9,1');
  await dialog.getByRole('button', { name: 'Add the vulnerability' }).click();
  await dialog.waitFor({ state: 'detached' });

  await pane.getByRole('heading', { name: 'Session cache mixes keys' }).waitFor();
  expect(await pane.getByRole('combobox', { name: 'Severity' }).innerText()).toContain('Critical');
  await pane.getByRole('combobox', { name: 'Status' }).click();
  await page.getByRole('option', { name: 'Exploitable' }).click();
  await pane.getByText('Status: Open → Exploitable').waitFor();
  await expectSound(page);
  await page.locator('h1').click();
  await page.keyboard.press('Escape');
  await pane.getByText('Vulnerabilities, 1 open').waitFor();
  await pane.getByText('Exploitable here').waitFor();
  await rows()
    .filter({ hasText: 'Card gateway' })
    .filter({ hasText: /1\s*crit\./ })
    .waitFor();

  await pane.getByRole('button', { name: /CVE-2026-31142/ }).click();
  await pane.getByRole('button', { name: 'Actions on this vulnerability' }).click();
  await page.getByRole('menuitem', { name: 'Delete the vulnerability' }).click();
  await pane.getByText('None recorded on this asset.').waitFor();
  await page.keyboard.press('Control+z');
  await pane.getByText('Vulnerabilities, 1 open').waitFor();
});

test('filters and words live in the address, and Back undoes them', async () => {
  await open();
  const all = Number(await grid().getAttribute('aria-rowcount'));
  await page.keyboard.press('f');
  await page.getByRole('menu', { name: 'Choose a filter' }).waitFor();
  await shot(page, 'filter-key');
  await page.keyboard.press('Escape');
  await page.getByRole('menu').waitFor({ state: 'detached' });
  await page.keyboard.press('f');
  await page.getByRole('menuitem', { name: /Kind/ }).waitFor();
  await page.keyboard.press('k');
  await page.keyboard.press('Enter');
  await page.getByRole('option', { name: /Supplier/ }).click();
  await expect.poll(() => new URL(page.url()).searchParams.get('type')).toBe('supplier');
  await expect.poll(async () => Number(await grid().getAttribute('aria-rowcount'))).toBeLessThan(all);
  await page.goBack();
  await expect.poll(async () => Number(await grid().getAttribute('aria-rowcount'))).toBe(all);

  await page.keyboard.press('/');
  await page.keyboard.type('zzzz nothing');
  await page.getByText('No asset matches').waitFor();
  await expectSound(page);
  await page.getByRole('button', { name: 'Clear the filters' }).click();
  await expect.poll(async () => Number(await grid().getAttribute('aria-rowcount'))).toBe(all);
});

test('the keyboard goes through the list; the inspector keeps step; a head sorts', async () => {
  await open();
  await grid().focus();
  await page.keyboard.press('ArrowDown');
  await expect.poll(() => idOf()).toBe(await rows().first().getAttribute('data-id'));
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await page.keyboard.press('k');
  await expect.poll(() => idOf()).toBe(await rows().nth(1).getAttribute('data-id'));
  const active = await grid().getAttribute('aria-activedescendant');
  expect(await page.locator(`[id="${active}"]`).getAttribute('aria-selected')).toBe('true');
  await page.keyboard.press('End');
  await expect
    .poll(async () => page.locator('[aria-selected=true]').getAttribute('aria-rowindex'))
    .toBe(await grid().getAttribute('aria-rowcount'));
  await page.keyboard.press('Enter');
  await expect.poll(() => page.evaluate(() => document.activeElement?.closest('.insp') !== null)).toBe(true);
  await page.keyboard.press('Escape');
  await expect.poll(() => page.locator('.insp').count()).toBe(0);

  const name = grid().getByRole('columnheader', { name: 'Asset' });
  await name.getByRole('button').click();
  await expect.poll(() => name.getAttribute('aria-sort')).toBe('ascending');
  const first = () => rows().first().locator('.med').innerText();
  const up = await first();
  await name.getByRole('button').click();
  await expect.poll(() => name.getAttribute('aria-sort')).toBe('descending');
  await expect.poll(first).not.toBe(up);
});

test('a change on an older revision shows both values', async () => {
  const one = await make({ name: 'Changed twice', owner: 'Ada' } as Partial<Asset>);
  await open(one);
  let first = true;
  await page.route(`**/v1/assets/${one.id}`, async (route) => {
    if (first && route.request().method() === 'PUT') {
      // Somebody else is faster, once.
      first = false;
      await call(page, 'PUT', `/v1/assets/${one.id}`, { owner: 'Tomasz Wrona' });
    }
    await route.continue();
  });
  const pane = inspector('Changed twice');
  await pane.getByRole('combobox', { name: 'Owner' }).fill('Olivier Baptiste');
  await page.keyboard.press('Enter');
  const box = pane.getByRole('alert');
  await box.getByText('Tomasz Wrona').waitFor();
  await box.getByText('Olivier Baptiste').waitFor();
  await expectSound(page);
  await box.getByRole('button').first().click();
  await expect.poll(async () => (await asset(one.id)).owner).toBe('Olivier Baptiste');
  await page.unrouteAll();
});

test('an asset that is not here says so', async () => {
  await visit(page, engine, '/assets/019aa6c3-f21b-7c0a-9d3e-000000000000');
  await page.getByText('This asset is not here any more').waitFor();
  await expectSound(page);
});

for (const theme of ['light', 'dark'] as const) {
  for (const [locale, width, height] of [
    ['en', 1440, 900],
    ['fr', 1024, 700],
  ] as const) {
    test(`assets are sound and fit: ${theme}, ${locale}, ${width} × ${height}`, async () => {
      const own = await openAgain(browser, engine, '/assets?q=gateway', { theme, locale, width, height });
      await own.locator('[role=grid] [data-id]').first().click();
      await own.locator('.insp .v').first().waitFor();
      await own.locator('.insp .lk').first().waitFor();
      await expectSound(own);
      await expectFits(own);
      await shot(own, `assets-${theme}-${locale}`);
      await own.locator('.insp .v').first().click();
      await own.locator('.insp h2').waitFor();
      await expectSound(own);
      await shot(own, `vulnerability-${theme}-${locale}`);
      await own.close();
    });
  }
}

test('an empty workspace says what assets are for, in both languages', async () => {
  const bare = await startEngine();
  for (const [locale, title] of [
    ['en', 'No asset yet'],
    ['fr', 'Aucun actif pour l’instant'],
  ] as const) {
    const own =
      locale === 'en'
        ? await openWorkspace(browser, bare, 'empty', { locale })
        : await openAgain(browser, bare, '/assets', { locale, theme: 'dark', width: 1024, height: 700 });
    await visit(own, bare, '/assets');
    await own.getByRole('heading', { name: title }).waitFor();
    await expectSound(own);
    await expectFits(own);
    await shot(own, `assets-empty-${locale}`);
    await own.close();
  }
  await bare.remove();
});

test('every severity of an asset is told, the inspector open or not', async () => {
  const one = await make({ name: 'Crowded gateway' });
  for (const severity of ['critical', 'high', 'medium', 'low']) {
    await call(page, 'POST', `/v1/assets/${one.id}/vulnerabilities`, {
      title: `Flaw, ${severity}`,
      severity,
    });
  }
  for (const width of [1440, 1280, 1024]) {
    await page.setViewportSize({ width, height: 900 });
    await open(one);
    const lost = await grid().evaluate((table) =>
      [...table.querySelectorAll('[role=gridcell] .all')]
        .filter((cell) => {
          const row = cell.closest('[role=row]')?.getBoundingClientRect();
          const own = cell.getBoundingClientRect();
          return (
            cell.scrollWidth > cell.clientWidth + 1 ||
            cell.scrollHeight > cell.clientHeight + 1 ||
            !row ||
            own.top < row.top - 1 ||
            own.bottom > row.bottom + 1
          );
        })
        .map((cell) => cell.textContent),
    );
    expect([width, lost]).toEqual([width, []]);
  }
  await page.setViewportSize({ width: 1440, height: 900 });
});

test('a message at the bottom covers no row', async () => {
  await open();
  await grid().focus();
  await page.keyboard.press('End');
  await page.evaluate(() => new Promise((done) => setTimeout(done, 300)));
  const last = (await rows().last().getAttribute('data-id')) ?? '';
  await visit(page, engine, `/assets/${last}`);
  await grid().waitFor();
  await page.keyboard.press('Control+z');
  await page.locator('.toast').waitFor();
  await expect
    .poll(async () => {
      const [list, toast] = [await grid().boundingBox(), await page.locator('.toast').boundingBox()];
      return list && toast ? toast.y - (list.y + list.height) : null;
    })
    .toBeGreaterThanOrEqual(0);
});
