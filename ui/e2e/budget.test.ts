import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { openWorkspace, startBrowser, startEngine } from './harness';

const ASSETS = join(import.meta.dirname, '../dist/assets');
const names = readdirSync(ASSETS);

/** In thousands of bytes. */
function zipped(files: string[]): number {
  return files.reduce((sum, name) => sum + gzipSync(readFileSync(join(ASSETS, name))).length, 0) / 1000;
}

test('the whole of the scripts is at most 320 kB, the fonts are at most 80 kB, the French texts 20 kB', () => {
  expect(zipped(names.filter((name) => name.endsWith('.js')))).toBeLessThanOrEqual(320);
  const french = names.filter((name) => name.endsWith('.json'));
  expect(french).toHaveLength(1);
  expect(zipped(french)).toBeLessThanOrEqual(20);
  const fonts = names.filter((name) => name.endsWith('.woff2'));
  expect(fonts.reduce((sum, name) => sum + statSync(join(ASSETS, name)).size, 0) / 1000).toBeLessThanOrEqual(
    80,
  );
});

test('what the map needs to start is at most 120 kB', async () => {
  const engine = await startEngine();
  const browser = await startBrowser();
  try {
    const page = await openWorkspace(browser, engine);
    const loaded = new Set<string>();
    page.on('request', (request) => {
      const name = new URL(request.url()).pathname.split('/').at(-1) ?? '';
      if (name.endsWith('.js') && names.includes(name)) loaded.add(name);
    });
    await page.goto(`${engine.ui}risks`);
    await page.locator('.app h1').waitFor();
    await page.waitForTimeout(1500);
    expect(loaded.size).toBeGreaterThan(0);
    expect(zipped([...loaded])).toBeLessThanOrEqual(120);
  } finally {
    await browser.close();
    await engine.remove();
  }
});
