import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Browser, Page } from 'playwright-core';
import { expectSound, openPage, startBrowser, startEngine, type Engine } from './harness';

interface Document {
  paths: Record<string, Record<string, { 'x-amtia-documented'?: boolean }>>;
}

let engine: Engine;
let browser: Browser;

beforeAll(async () => {
  [engine, browser] = await Promise.all([startEngine(), startBrowser()]);
});

afterAll(async () => {
  await browser.close();
  await engine.remove();
});

/** The viewer makes what is on screen alone: scrolls on by less than a screen; false at the end. */
const scrolled = (page: Page): Promise<boolean> =>
  page.evaluate(async () => {
    const before = scrollY;
    scrollBy(0, 300);
    // What comes into sight is made in the frames after.
    for (let frame = 0; frame < 6; frame++) await new Promise(requestAnimationFrame);
    return scrollY !== before;
  });

/** Scrolls to one of the operations and opens it: its example is what one would send. */
async function openExample(page: Page): Promise<void> {
  await page.locator('.opblock').first().waitFor();
  const operation = page.locator('.opblock', { hasText: 'Create a risk scenario' });
  while ((await operation.count()) === 0 && (await scrolled(page)));
  await operation.locator('.opblock-summary-control').click();
  await page.getByText('Ransomware stops the payment platform').waitFor();
}

/** Method and path of every operation, from the top of the page to its end. */
async function everyOperation(page: Page): Promise<Set<string>> {
  const all = new Set<string>();
  await page.evaluate(() => scrollTo(0, 0));
  do {
    const shown = page.locator('.opblock-summary');
    for (const text of await shown.evaluateAll((all) =>
      all.map((one) =>
        [...one.querySelectorAll('.opblock-summary-method, .opblock-summary-path')]
          .map((part) => part.textContent)
          .join(' '),
      ),
    ))
      all.add(text);
  } while (await scrolled(page));
  return all;
}

test('the API reference shows every operation, from this address alone and within its own policy', async () => {
  const page = await browser.newPage();
  const problems: string[] = [];
  const elsewhere: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.text().includes('Content Security Policy'))
      problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('request', (request) => {
    if (!request.url().startsWith(engine.ui) && !request.url().startsWith('data:'))
      elsewhere.push(request.url());
  });
  const answer = await page.goto(`${engine.ui}reference`);
  const policy = answer?.headers()['content-security-policy'] ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toMatch(/https?:|'unsafe-eval'|script-src[^;]*'unsafe-inline'/);

  const text = readFileSync(join(import.meta.dirname, '../../openapi.json'), 'utf8');
  const { paths } = JSON.parse(text) as Document;
  const operations = Object.values(paths).flatMap((methods) => Object.values(methods));
  await openExample(page);
  expect((await everyOperation(page)).size).toBe(operations.length);
  expect(elsewhere).toEqual([]);
  expect(problems).toEqual([]);
  await page.close();
});

test.each(['light', 'dark'] as const)('the API reference is sound: %s', async (theme) => {
  const page = await openPage(browser, { theme });
  await page.goto(`${engine.ui}reference`);
  await page.locator('.opblock').first().waitFor();
  await openExample(page);
  await expectSound(page);
  await page.close();
});
