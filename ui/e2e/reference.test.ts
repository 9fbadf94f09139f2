import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Browser } from 'playwright-core';
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
  await page
    .locator('.opblock')
    .nth(operations.length - 1)
    .waitFor();
  expect(await page.locator('.opblock').count()).toBe(operations.length);

  // One of them opened: its example is what one would send.
  await page
    .locator('.opblock', { hasText: 'Create a risk scenario' })
    .locator('.opblock-summary-control')
    .click();
  await page.getByText('Ransomware stops the payment platform').waitFor();
  expect(elsewhere).toEqual([]);
  expect(problems).toEqual([]);
  await page.close();
});

test.each(['light', 'dark'] as const)('the API reference is sound: %s', async (theme) => {
  const page = await openPage(browser, { theme });
  await page.goto(`${engine.ui}reference`);
  await page.locator('.opblock').first().waitFor();
  await page
    .locator('.opblock', { hasText: 'Create a risk scenario' })
    .locator('.opblock-summary-control')
    .click();
  await page.getByText('Ransomware stops the payment platform').waitFor();
  await expectSound(page);
  await page.close();
});
