import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
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

// Public files that nobody on the project wrote; where they are absent the tests say so and rest.
const samples = resolve(import.meta.dirname, '../..', process.env['AMTIA_SAMPLES'] ?? '../shared/data');
const catalog = join(samples, 'oscal/NIST_SP-800-53_rev5.0.1_full_catalog.json');
const library = join(samples, 'ciso-assistant/nist-csf-2.0.yaml');
const other = join(samples, 'monarc/risks.json');
const withCatalog = test.skipIf(!existsSync(catalog));
const withLibrary = test.skipIf(!existsSync(library));
const withOther = test.skipIf(!existsSync(other));

let browser: Browser;
let engine: Engine;
let page: Page;

beforeAll(async () => {
  browser = await startBrowser();
  engine = await startEngine();
  page = await openWorkspace(browser, engine, 'empty');
});
afterAll(async () => {
  await browser.close();
  await engine.remove();
});

interface Framework {
  id: string;
  name: string;
  control_count: number;
}

async function frameworks(): Promise<Framework[]> {
  return ((await call(page, 'GET', '/v1/frameworks')) as { data: Framework[] }).data;
}

async function choose(file: string): Promise<void> {
  await visit(page, engine, '/imports');
  await page.getByRole('button', { name: 'Choose a file…' }).waitFor();
  await page.getByTestId('import-file').setInputFiles(file);
}

function damaged(name: string, bytes: Uint8Array): string {
  const path = join(engine.folder, name);
  writeFileSync(path, bytes);
  return path;
}

async function expectRefused(file: string): Promise<void> {
  await choose(file);
  const alert = page.getByRole('alert').filter({ hasText: /nothing was imported/i });
  await alert.waitFor();
  await expectSound(page);
  expect(await page.getByRole('button', { name: /^Import \d/ }).count()).toBe(0);
  await page.getByRole('button', { name: 'Choose another file' }).click();
  await page.getByRole('button', { name: 'Choose a file…' }).waitFor();
}

test('an empty file is refused in a plain sentence', async () => {
  await expectRefused(damaged('empty.json', new Uint8Array()));
  expect(await frameworks()).toEqual([]);
});

test('a file that goes up tells its progress, and is stopped; nothing comes of it', async () => {
  // The upload is held until it is stopped.
  await page.route('**/v1/imports', () => new Promise(() => undefined));
  await choose(damaged('long.json', new Uint8Array(3_000_000).fill(32)));
  await page.getByRole('progressbar').waitFor();
  await expectSound(page);
  await shot(page, 'import-upload');
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('button', { name: 'Choose a file…' }).waitFor();
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  expect(await frameworks()).toEqual([]);
});

withCatalog('a truncated catalog is refused', async () => {
  await expectRefused(damaged('cut.json', readFileSync(catalog).subarray(0, 1_000_000)));
  expect(await frameworks()).toEqual([]);
});

withOther('a file of another kind is refused', async () => {
  await expectRefused(other);
  expect(await frameworks()).toEqual([]);
});

withCatalog(
  'the catalog of 1,189 controls: dry run, import, undo, redo, and nothing to do twice',
  async () => {
    await choose(catalog);
    const apply = page.getByRole('button', { name: 'Import 1,209 rows' });
    await apply.waitFor();
    await page.getByText('1,189 controls').waitFor();
    expect(await frameworks()).toEqual([]);
    expect(await page.getByRole('table', { name: 'Rows of the file' }).getByRole('row').count()).toBeLessThan(
      60,
    );
    await expectSound(page);
    await shot(page, 'import-dry-run');
    await page.getByLabel('Identifier in this workspace').fill('nist-800-53');
    await apply.click();
    await page.getByText('1,209 rows imported as nist-800-53.').waitFor();
    await expectSound(page);
    expect(await frameworks()).toMatchObject([{ id: 'nist-800-53', control_count: 1189 }]);

    await page.getByRole('button', { name: 'Undo' }).first().click();
    await expect.poll(frameworks).toEqual([]);
    await page.getByRole('button', { name: 'Redo' }).click();
    await expect.poll(async () => (await frameworks()).length).toBe(1);

    await choose(catalog);
    await page.getByText(/This framework is here already as nist-800-53/).waitFor();
    expect(await page.getByRole('button', { name: /^Import \d/ }).count()).toBe(0);
    await shot(page, 'import-unchanged');
  },
);

withLibrary('a CISO Assistant library is imported from the dry run', async () => {
  await choose(library);
  await page.getByRole('button', { name: 'Import 134 rows' }).click();
  await page.getByText(/134 rows imported/).waitFor();
  await page.getByRole('button', { name: 'Open the framework' }).click();
  await page.getByRole('heading', { level: 1, name: /NIST CSF/ }).waitFor();
  expect((await frameworks()).find(({ id }) => id === 'nist-csf-2.0')?.control_count).toBe(106);
});

withCatalog('the tree is walked by keyboard and a control is read', async () => {
  await visit(page, engine, '/frameworks/nist-800-53');
  const tree = page.getByRole('tree', { name: 'Frameworks and their controls' });
  await tree.getByRole('treeitem').first().waitFor();
  await page.getByRole('heading', { level: 1, name: /800-53/ }).waitFor();
  await tree.focus();
  await page.keyboard.press('ArrowRight');
  const control = tree.getByRole('treeitem', { name: /^AC\b.*Access Control/ });
  await control.waitFor();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await tree
    .getByRole('treeitem', { name: /AC-1\b/ })
    .first()
    .waitFor();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: /AC-1/ }).waitFor();
  await page.getByText('What it asks for').waitFor();
  await expectSound(page);
  await shot(page, 'control');
  await page.keyboard.press('j');
  await page.getByRole('heading', { level: 1, name: /AC-2/ }).waitFor();
  const related = page.getByRole('link', { name: /AC-3 /i }).first();
  await related.click();
  await page.getByRole('heading', { level: 1, name: /AC-3/ }).waitFor();
  expect(new URL(page.url()).pathname).toMatch(/^\/frameworks\/nist-800-53\/controls\//);
});

withCatalog('controls are found across frameworks, by keyboard', async () => {
  await visit(page, engine, '/frameworks');
  await page.getByRole('tree').waitFor();
  await page.keyboard.press('/');
  await page.keyboard.type('multi-factor authentication');
  const found = page.getByRole('list', { name: 'Controls found' }).getByRole('link');
  await found.first().waitFor();
  await expectSound(page);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.getByText('What it asks for').waitFor();
});

withCatalog('a framework is removed and comes back by undo', async () => {
  await visit(page, engine, '/frameworks/nist-800-53');
  const before = (await frameworks()).length;
  await page.getByRole('button', { name: 'Remove this framework' }).click();
  await expect.poll(async () => (await frameworks()).length).toBe(before - 1);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect.poll(async () => (await frameworks()).length).toBe(before);
});

for (const theme of ['light', 'dark'] as const) {
  for (const [locale, width, height] of [
    ['en', 1440, 900],
    ['fr', 1024, 700],
  ] as const) {
    test(`frameworks and import are sound and fit: ${theme}, ${locale}, ${width} × ${height}`, async () => {
      const own = await openAgain(browser, engine, '/imports', { theme, locale, width, height });
      await own.locator('h1').first().waitFor();
      await expectSound(own);
      await expectFits(own);
      await shot(own, `import-${theme}-${locale}`);
      const [first] = await frameworks();
      await visit(own, engine, first ? `/frameworks/${first.id}` : '/frameworks');
      await own
        .locator('h1')
        .nth(first ? 1 : 0)
        .waitFor();
      await expectSound(own);
      await expectFits(own);
      await shot(own, `frameworks-${theme}-${locale}`);
      await own.close();
    });
  }
}
