import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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

const SLOW = 120_000;

beforeAll(async () => {
  browser = await startBrowser();
  engine = await startEngine();
  page = await openWorkspace(browser, engine);
});
afterAll(async () => {
  await browser.close();
  await engine.remove();
});

interface Risk {
  id: string;
  ref: string;
  name: string;
  owner: string | null;
  review_date: string | null;
}

async function risks(query: string): Promise<{ data: Risk[]; total: number }> {
  return (await call(page, 'GET', `/v1/risks?${query}`)) as { data: Risk[]; total: number };
}

function file(name: string, content: string): string {
  const path = join(engine.folder, name);
  writeFileSync(path, content);
  return path;
}

async function choose(on: Page, path: string, label = 'Choose a file…'): Promise<void> {
  await visit(on, engine, '/imports');
  await on.getByRole('button', { name: label }).waitFor();
  await on.getByTestId('import-file').setInputFiles(path);
}

const CSV = [
  'Risque;Porteur;Probabilité;Impact;Prochaine revue;Actifs concernés;Commentaire',
  'Panne du centre de calcul;Ann Leclerc;3;4;24/11/2027;Nowhere;un',
  'Fuite de données;Bob Marin;9;2;03/04/2027;;deux',
  ';Cy;1;1;;;trois',
  '',
].join('\n');

test(
  'the register is exported by keyboard as filtered and whole, and comes back the same',
  async () => {
    await visit(page, engine, '/risks?status=monitored');
    const menu = page.getByRole('button', { name: 'Import and export' });
    await menu.waitFor();
    await expectSound(page);
    await menu.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('menuitem', { name: 'Workbook (XLSX)' }).first().waitFor();
    await expectSound(page);
    await shot(page, 'register-export');
    await page.keyboard.press('ArrowDown');
    const [filtered] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
    expect(filtered.suggestedFilename()).toMatch(/^risks \d{4}-\d\d-\d\d\.(xlsx|csv)$/);
    await menu.click();
    const [whole] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: 'Workbook (XLSX)' }).last().click(),
    ]);
    const path = join(engine.folder, 'whole.xlsx');
    await whole.saveAs(path);
    expect(readFileSync(path).subarray(0, 2).toString()).toBe('PK');
    await choose(page, path);
    await page.getByText('Every row says what is here already.').first().waitFor({ timeout: 60_000 });
    expect(await page.getByRole('button', { name: /^Import \d/ }).count()).toBe(0);
    expect(
      await page.locator('.side [aria-current]').count(),
      'a file may hold a register or a framework',
    ).toBe(0);
    await expectSound(page);
  },
  SLOW,
);

test(
  'what a check finds is exported as it is shown',
  async () => {
    await visit(page, engine, '/risks?check=above_appetite_without_plan');
    await page.getByRole('button', { name: 'Import and export' }).click();
    const [download, asked] = await Promise.all([
      page.waitForEvent('download'),
      page.waitForRequest(/\/v1\/risks\/export\?/),
      page.getByRole('menuitem', { name: 'Data (JSON)' }).first().click(),
    ]);
    expect(new URL(asked.url()).searchParams.get('check')).toBe('above_appetite_without_plan');
    const path = join(engine.folder, 'found.json');
    await download.saveAs(path);
    const { risks: exported } = JSON.parse(readFileSync(path, 'utf8')) as { risks: Risk[] };
    const found = (await risks('check=above_appetite_without_plan&limit=1')).total;
    expect([exported.length, found < (await risks('limit=1')).total]).toEqual([found, true]);
  },
  SLOW,
);

test(
  'a register of another tool is mapped, checked, imported without its errors, and taken back whole',
  async () => {
    const before = (await risks('limit=1')).total;
    await choose(page, file('registre.csv', CSV));
    await page.getByText(/CSV in UTF-8, separated by semicolons/).waitFor();
    await page.getByText(/^2 rows have errors/).waitFor();
    const table = page.getByRole('table', { name: 'Rows of the file' });
    await table.getByText(/is no step of the scale/).waitFor();
    await expectSound(page);
    await shot(page, 'register-dry-run');

    // What the first reading could not know: which column holds the assets, and the order of the dates.
    await page.getByRole('combobox', { name: 'What column F holds' }).click();
    await page.getByRole('option', { name: 'Assets' }).click();
    await page.getByRole('switch', { name: /^Leave out links to what is not here/ }).click();
    await page.getByRole('combobox', { name: 'Dates such as 03/04/2026' }).click();
    await page.getByRole('option', { name: /^Day first/ }).click();
    const apply = page.getByRole('button', { name: 'Import 1 row, leave out 2' });
    await apply.waitFor();
    await expectSound(page);
    await apply.click();
    await page.getByText('1 risk made, 0 others changed.').waitFor();
    await expectSound(page);
    await shot(page, 'register-applied');
    const [made] = (await risks('q=centre+de+calcul')).data;
    expect(made).toMatchObject({ owner: 'Ann Leclerc', review_date: '2027-11-24' });
    expect((await risks('limit=1')).total).toBe(before + 1);

    await page.getByRole('button', { name: 'Undo' }).first().click();
    await expect.poll(async () => (await risks('limit=1')).total).toBe(before);

    // The next file with this heading is read as the person said.
    await choose(page, file('again.csv', CSV.replace('Panne du', 'Panne dans le')));
    await page.getByText('Columns as you mapped them the last time').waitFor();
  },
  SLOW,
);

test(
  'the import is at home in French, in the dark and in a small window',
  async () => {
    const dark = await openAgain(browser, engine, '/imports', {
      theme: 'dark',
      locale: 'fr',
      width: 1024,
      height: 700,
    });
    await choose(dark, file('sombre.csv', CSV), 'Choisir un fichier…');
    await dark.getByText(/CSV en UTF-8, séparé par des points-virgules/).waitFor();
    await dark.getByText(/n’est pas un degré de l’échelle/).waitFor();
    await expectFits(dark);
    await expectSound(dark);
    await shot(dark, 'register-dry-run-dark-fr');
    await expectRoomToGrow(dark);
    await dark.context().close();
  },
  SLOW,
);

test('a merged heading and half a file are refused in a plain sentence', async () => {
  const half = CSV.replace('Ann Leclerc', '"Ann');
  await choose(page, file('half.csv', half));
  await page.getByRole('alert').filter({ hasText: 'ends in the middle' }).waitFor();
  await expectSound(page);
});

test(
  'what floats above the page is in its main part: a filter, the filters to choose from, a tip, a list',
  async () => {
    await visit(page, engine, '/risks');
    await page.locator('.fchip button').first().click();
    await page.getByRole('listbox').waitFor();
    await expectSound(page);
    await page.keyboard.press('Escape');
    await page.getByRole('listbox').waitFor({ state: 'detached' });
    await page.keyboard.press('f');
    await page.getByRole('menu').waitFor();
    await expectSound(page);
    await page.keyboard.press('Escape');
    await page.getByRole('menu').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Sidebar', exact: true }).hover();
    await page.locator('.tip').waitFor();
    await expectSound(page);
    await choose(page, file('float.csv', CSV));
    await page.getByRole('combobox', { name: 'What column F holds' }).click();
    await page.getByRole('listbox').waitFor();
    await expectSound(page);
  },
  SLOW,
);
