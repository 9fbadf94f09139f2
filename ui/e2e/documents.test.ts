import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
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

interface DocumentRecord {
  id: string;
  title: string;
  status: string;
  kind: string | null;
  owner: string | null;
  review_date: string | null;
  expires_at: string | null;
  sha256: string;
}

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

async function record(id: string): Promise<DocumentRecord> {
  return (await call(page, 'GET', `/v1/documents/${id}`)) as DocumentRecord;
}

const grid = () => page.getByRole('grid', { name: 'Documents' });
const pane = (title: string) => page.getByRole('complementary', { name: title, exact: true });
const idOf = () => new URL(page.url()).pathname.split('/').at(-1) ?? '';
const file = (name: string, text: string) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(text) });

async function open(): Promise<void> {
  await visit(page, engine, '/documents');
  await page.getByRole('heading', { name: 'Documents', level: 1 }).waitFor();
  await page.getByTestId('document-file').waitFor({ state: 'attached' });
}

/** Gives the page files as a drop or a paste would. */
async function give(kind: 'drop' | 'paste', name: string, text: string): Promise<void> {
  await page.evaluate(
    ([kind, name, text]) => {
      const data = new DataTransfer();
      data.items.add(new File([text], name, { type: 'text/plain' }));
      if (kind === 'paste') {
        const paste = new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true });
        document.body.dispatchEvent(paste);
        return;
      }
      const zone = document.querySelector('.zone');
      for (const type of ['dragenter', 'dragover', 'drop'])
        zone?.dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
    },
    [kind, name, text] as const,
  );
}

test(
  'a document is uploaded, edited in place, downloaded as it was, deleted and brought back',
  async () => {
    await open();
    const text = 'Who may enter the vault, and when.';
    await page.getByTestId('document-file').setInputFiles(file('Quokka access.txt', text));
    await pane('Quokka access').waitFor();
    await page.getByText('Quokka access uploaded').waitFor();
    const id = idOf();
    const sha256 = createHash('sha256').update(text).digest('hex');
    expect(await record(id)).toMatchObject({ title: 'Quokka access', status: 'draft', sha256 });
    await expectSound(page);

    const inspector = pane('Quokka access');
    await inspector.getByRole('combobox', { name: 'Kind' }).click();
    await page.getByRole('option', { name: 'Policy' }).click();
    await expect.poll(async () => (await record(id)).kind).toBe('policy');
    await inspector.getByRole('combobox', { name: 'Owner' }).fill('Priya Raman');
    await page.keyboard.press('Enter');
    await expect.poll(async () => (await record(id)).owner).toBe('Priya Raman');
    await inspector.getByRole('combobox', { name: 'Status' }).click();
    // A policy is reviewed before it is published.
    expect(await page.getByRole('option').allInnerTexts()).toEqual(['Draft', 'In review', 'Retired']);
    await page.getByRole('option', { name: 'In review' }).click();
    await inspector.getByText('Status: Draft → In review').waitFor();
    await inspector.getByRole('button', { name: /^Expires/ }).click();
    await inspector.getByLabel('Expires').fill('2027-12-31');
    await page.keyboard.press('Enter');
    await expect.poll(async () => (await record(id)).expires_at).toMatch(/^2027-12-31T\d\d:59:59/);
    await inspector.getByText('31 Dec 2027').first().waitFor();

    const [down] = await Promise.all([
      page.waitForEvent('download'),
      inspector.getByRole('button', { name: 'Download' }).click(),
    ]);
    expect(down.suggestedFilename()).toBe('Quokka access.txt');
    expect(readFileSync(await down.path(), 'utf8')).toBe(text);

    await inspector.getByRole('button', { name: 'Actions on this document' }).click();
    await page.getByRole('menuitem', { name: 'Delete the document' }).click();
    await page.getByText('Quokka access deleted').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(async () => (await record(id)).title).toBe('Quokka access');
  },
  SLOW,
);

test(
  'files are dropped and pasted, and one that is refused stays with its reason',
  async () => {
    await open();
    await give('drop', 'Dropped.txt', 'dropped');
    await pane('Dropped').waitFor();
    await give('paste', 'Pasted.txt', 'pasted');
    await pane('Pasted').waitFor();

    await page.getByTestId('document-file').setInputFiles(file('Nothing in it.txt', ''));
    const tray = page.getByRole('region', { name: 'Uploads' });
    await tray.getByText('Nothing in it.txt was not uploaded. Nothing of it was kept.').waitFor();
    await expectSound(page);
    await shot(page, 'document-refused');
    await tray.getByRole('button', { name: 'Take Nothing in it.txt off the list' }).click();
    await tray.waitFor({ state: 'detached' });
  },
  SLOW,
);

test(
  'an upload tells its progress and is stopped; nothing of it is kept',
  async () => {
    await open();
    const before = ((await call(page, 'GET', '/v1/documents?limit=1')) as { total: number }).total;
    // The upload is held until it is stopped.
    await page.route('**/v1/documents/upload', () => new Promise(() => undefined));
    await page.getByTestId('document-file').setInputFiles(file('Large.bin', 'x'.repeat(3_000_000)));
    const tray = page.getByRole('region', { name: 'Uploads' });
    await tray.getByRole('progressbar').waitFor();
    await expectSound(page);
    await shot(page, 'document-upload');
    await tray.getByRole('button', { name: 'Stop uploading Large.bin' }).click();
    await tray.waitFor({ state: 'detached' });
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    expect(((await call(page, 'GET', '/v1/documents?limit=1')) as { total: number }).total).toBe(before);
  },
  SLOW,
);

test('a key and the palette lead to a document, a filter lives in the address', async () => {
  await visit(page, engine, '/risks');
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.keyboard.press('g');
  await page.keyboard.press('d');
  await page.getByRole('heading', { name: 'Documents', level: 1 }).waitFor();
  await page.keyboard.press('f');
  await page.getByRole('menuitem', { name: 'Kind' }).click();
  await page.getByRole('option', { name: 'Policy' }).click();
  await expect.poll(() => new URL(page.url()).searchParams.get('kind')).toBe('policy');
  await grid().locator('[data-id]').first().waitFor();
  await grid().focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect.poll(() => page.evaluate(() => document.activeElement?.closest('.insp') !== null)).toBe(true);
  await page.keyboard.press('Control+k');
  await page.getByRole('dialog').getByRole('combobox').waitFor();
  await page.keyboard.type('Quokka access');
  await page
    .getByRole('option', { name: /Quokka access/ })
    .first()
    .waitFor();
  await page.keyboard.press('Enter');
  await pane('Quokka access').waitFor();
});

for (const theme of ['light', 'dark'] as const) {
  for (const [locale, width, height] of [
    ['en', 1440, 900],
    ['fr', 1024, 700],
  ] as const) {
    test(
      `documents are sound and fit: ${theme}, ${locale}, ${width} × ${height}`,
      async () => {
        const own = await openAgain(browser, engine, '/documents', { theme, locale, width, height });
        await own.locator('[role=grid] [data-id]').first().click();
        await own.locator('.insp h2').waitFor();
        await expectSound(own);
        await expectFits(own);
        await shot(own, `documents-${theme}-${locale}`);
        await own.close();
      },
      SLOW,
    );
  }
}

test(
  'an empty workspace says what documents are for',
  async () => {
    const bare = await startEngine();
    const own = await openWorkspace(browser, bare, 'empty');
    await visit(own, bare, '/documents');
    await own.getByRole('heading', { name: 'No document yet' }).waitFor();
    await expectSound(own);
    await shot(own, 'documents-empty');
    await own.close();
    await bare.remove();
  },
  SLOW,
);
