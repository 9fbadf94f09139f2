import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectSound, openWorkspace, startBrowser, startEngine, visit, type Engine } from './harness';

const MANY = 10_000;
let browser: Browser;
let engine: Engine;
let page: Page;

/** Measures are printed: what they may be at most is the benchmark's business. */
function report(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Makes the risks through the API, many requests at a time. */
async function fill(page: Page): Promise<void> {
  const refused = await page.evaluate(async (many) => {
    const headers = {
      authorization: `Bearer ${sessionStorage.getItem('amtia.token') ?? ''}`,
      'content-type': 'application/json',
    };
    let next = 0;
    let refused = 0;
    const worker = async () => {
      while (next < many) {
        const n = next++;
        const body = JSON.stringify({
          name: `Risk number ${n}`,
          owner: ['Priya Raman', 'Sanna Virtanen', 'Hugo Marchetti'][n % 3],
          category: ['Third parties', 'Access', 'Continuity'][n % 3],
          likelihood: 1 + (n % 5),
          impact: 1 + (Math.floor(n / 5) % 5),
        });
        const answer = await fetch('/v1/risks', { method: 'POST', headers, body });
        if (!answer.ok) refused += 1;
      }
    };
    await Promise.all(Array.from({ length: 24 }, worker));
    return refused;
  }, MANY);
  expect(refused).toBe(0);
}

beforeAll(async () => {
  browser = await startBrowser();
  engine = await startEngine();
  page = await openWorkspace(browser, engine, 'empty');
  // Another address: the map is not drawn ten thousand times while it fills.
  await visit(page, engine, '/settings');
  await fill(page);
}, 180_000);
afterAll(async () => {
  await browser.close();
  await engine.remove();
});

test('ten thousand risks: a dot stands for ten, and every count is right', async () => {
  await visit(page, engine, '/risks');
  await page.locator('[data-risk]').first().waitFor();
  await page.getByText(/^10,000 risks/).waitFor();
  await page.getByText('One dot is 10 risks').waitFor();
  const counts = await page.locator('.cell .n').allInnerTexts();
  expect(counts.map(Number)).toEqual(Array.from({ length: 25 }, () => 400));
  await expectSound(page);
});

test('the register scrolls through all of them with few rows and no lasting blank', async () => {
  const most = await page.evaluate(async () => {
    const list = document.querySelector('.reg .table') as HTMLElement;
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    let most = 0;
    let waited = 0;
    const step = list.clientHeight * 4;
    for (let top = 0; top < list.scrollHeight; top += step) {
      list.scrollTop = top;
      // The rows on screen: those read, and bars for those that are not yet.
      const shown = () => {
        const from = Math.floor(list.scrollTop / 34);
        const rows = [...list.querySelectorAll<HTMLElement>('.tr')];
        const there = rows.some((row) => Number(row.getAttribute('aria-rowindex')) === from + 2);
        return { rows: rows.length, there };
      };
      const start = performance.now();
      do {
        await frame();
        most = Math.max(most, shown().rows);
      } while (!shown().there && performance.now() - start < 5000);
      if (!shown().there) return { most, waited, blank: top };
      waited = Math.max(waited, performance.now() - start);
    }
    list.scrollTop = list.scrollHeight;
    await frame();
    await frame();
    return { most, waited, blank: null };
  });
  report(`register: at most ${most.most} rows in the page, the longest wait ${Math.round(most.waited)} ms`);
  expect(most.blank).toBeNull();
  expect(most.most).toBeLessThanOrEqual(60);
  await expect
    .poll(() => page.locator('[data-risk]').last().getAttribute('aria-rowindex'))
    .toBe(String(MANY));
});

test('a jump to the end shows the last rows', async () => {
  await visit(page, engine, '/risks');
  await page.locator('[data-risk]').first().waitFor();
  const took = await page.evaluate(async () => {
    const list = document.querySelector('.reg .table') as HTMLElement;
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    const start = performance.now();
    list.scrollTop = list.scrollHeight;
    await frame();
    await frame();
    while (list.querySelector('.wait') && performance.now() - start < 10_000) await frame();
    return list.querySelector('.wait') ? null : performance.now() - start;
  });
  report(`register: the last rows ${Math.round(took ?? -1)} ms after a jump to the end`);
  expect(took).not.toBeNull();
});

test('dragging over the map of ten thousand: the frames, printed', async () => {
  await visit(page, engine, '/risks');
  const chip = page.locator('.cell [data-chip]').first();
  await chip.waitFor();
  const box = await chip.boundingBox();
  const map = await page.locator('.hm').boundingBox();
  if (!box || !map) throw new Error('no chip on the map');
  await page.mouse.move(box.x + 10, box.y + 10);
  await page.mouse.down();
  await page.evaluate(() => {
    const times: number[] = [];
    (window as unknown as { frames: number[] }).frames = times;
    let last = performance.now();
    const tick = (now: number) => {
      times.push(now - last);
      last = now;
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  });
  for (let round = 0; round < 4; round++) {
    await page.mouse.move(map.x + map.width - 20, map.y + map.height - 20, { steps: 40 });
    await page.mouse.move(map.x + 20, map.y + 20, { steps: 40 });
  }
  const frames = await page.evaluate(() =>
    (window as unknown as { frames: number[] }).frames.slice(2).sort((a, b) => a - b),
  );
  const at = (part: number) => (frames[Math.floor((frames.length - 1) * part)] ?? 0).toFixed(1);
  report(`drag: ${frames.length} frames, median ${at(0.5)} ms, 95 % ${at(0.95)} ms, longest ${at(1)} ms`);
  expect(frames.length).toBeGreaterThan(20);
  await page.keyboard.press('Escape');
  await page.mouse.up();
  await page.locator('.float').waitFor({ state: 'detached' });
});
