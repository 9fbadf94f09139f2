/**
 * What every browser test needs: the real `amtia serve` on a workspace of its own, and a real Chromium.
 *
 * `AMTIA_BIN` names the binary (the debug build when left out), `CHROMIUM` the browser.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { chromium, type Browser, type Page } from 'playwright-core';
import { expect } from 'vitest';

const BINARY = resolve(process.env['AMTIA_BIN'] ?? join(import.meta.dirname, '../../target/debug/amtia'));
const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const PASSPHRASE = 'correct horse battery staple';

/** A running `amtia serve`. */
export interface Engine {
  /** The page's address, with a slash at the end. */
  ui: string;
  /** The API's address, without one. */
  url: string;
  /** A sign-in link that nobody used yet; each works once, the server prints one at its start. */
  link: string;
  /** The workspace file. */
  file: string;
  folder: string;
  /** Stops the server and leaves its files. */
  stop: () => Promise<void>;
  /** Stops it and starts it again on the same file: a new link, the same records. */
  restart: () => Promise<void>;
  /** Stops it and removes its folder. */
  remove: () => Promise<void>;
}

interface Running {
  child: ChildProcess;
  ui: string;
  url: string;
  link: string;
}

function start(file: string, port = 0): Promise<Running> {
  if (!existsSync(BINARY)) throw new Error(`${BINARY} is missing: build it with cargo build -p amtia-cli`);
  const child = spawn(BINARY, ['serve', file, '--port', String(port)], {
    env: { ...process.env, AMTIA_PASSPHRASE: PASSPHRASE },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return new Promise((done, fail) => {
    let out = '';
    let err = '';
    const look = () => {
      const line = out.split('\n').find((text) => text.startsWith('{'));
      const link = /https?:\/\/\S+#code=\S+/.exec(err)?.[0];
      if (!line || !out.includes('\n') || !link) return;
      const { url, ui } = JSON.parse(line) as { url: string; ui: string };
      done({ child, url, ui, link });
    };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
      look();
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text;
      look();
    });
    child.once('error', fail);
    child.once('exit', (code) => fail(new Error(`amtia serve ended with ${String(code)}: ${err}`)));
  });
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((done) => {
    child.once('exit', () => done());
    child.kill('SIGTERM');
  });
}

/** Starts a server on a workspace that is not there yet: the browser shows first run. */
export async function startEngine(): Promise<Engine> {
  const folder = mkdtempSync(join(tmpdir(), 'amtia-e2e-'));
  const file = join(folder, 'Corvane Group.amtia');
  let running = await start(file);
  const engine: Engine = {
    ui: running.ui,
    url: running.url,
    link: running.link,
    file,
    folder,
    stop: () => ended(running.child),
    restart: async () => {
      await ended(running.child);
      // At the same address, as a person would start it again.
      running = await start(file, Number(new URL(engine.url).port));
      Object.assign(engine, { ui: running.ui, url: running.url, link: running.link });
    },
    remove: async () => {
      await ended(running.child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return engine;
}

/** One Chromium for a test file. */
export function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
}

/** How a page is looked at. */
export interface Look {
  theme?: 'light' | 'dark';
  locale?: 'en' | 'fr';
  width?: number;
  height?: number;
}

/** What went wrong in a page while it was used. */
const faults = new WeakMap<Page, string[]>();

/** Opens a page with its own storage. Nothing is signed in yet. */
export async function openPage(browser: Browser, look: Look = {}): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: look.width ?? 1440, height: look.height ?? 900 },
    timezoneId: 'Europe/Paris',
    reducedMotion: 'reduce',
  });
  await context.addInitScript(
    ([theme, locale]) => {
      localStorage.setItem('amtia.theme', theme);
      localStorage.setItem('amtia.locale', locale);
    },
    [look.theme ?? 'light', look.locale ?? 'en'] as const,
  );
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const found: string[] = [];
  faults.set(page, found);
  page.on('pageerror', (error) => found.push(`error: ${error.message}`));
  page.on('console', (message) => {
    // A refused request is the engine's answer and the test's business; the rest is ours.
    const text = message.text();
    if (message.type() === 'error' && !text.startsWith('Failed to load resource')) found.push(text);
  });
  return page;
}

/** The token that the one link of a server became: later pages of the same person use it. */
const tokens = new Map<string, string>();

/** Signs a page in: by the link, as a person would, the first time; with the same token after that. */
export async function signIn(page: Page, engine: Engine): Promise<void> {
  const known = tokens.get(engine.link);
  if (known !== undefined) {
    await page.context().addInitScript((token) => sessionStorage.setItem('amtia.token', token), known);
    await page.goto(engine.ui);
    return;
  }
  await page.goto(engine.link);
  const handle = await page.waitForFunction(() => sessionStorage.getItem('amtia.token'));
  tokens.set(engine.link, (await handle.jsonValue()) ?? '');
}

/** Opens the signed-in page at another address, keeping its tab. */
export async function visit(page: Page, engine: Engine, path: string): Promise<void> {
  await page.goto(engine.ui + path.replace(/^\//, ''));
}

/** A signed-in page on a workspace that is made first, with the recovery key skipped. */
export async function openWorkspace(
  browser: Browser,
  engine: Engine,
  kind: 'sample' | 'empty' = 'sample',
  look: Look = {},
): Promise<Page> {
  const page = await openPage(browser, look);
  await signIn(page, engine);
  await call(page, 'POST', '/v1/workspace', { kind });
  await call(page, 'PUT', '/v1/workspace', { recovery_offered: true });
  await page.reload();
  await page.locator('.app').waitFor();
  return page;
}

/** One request to the API with the page's own token. Fails unless it is answered with 2xx. */
export async function call(page: Page, method: string, path: string, body?: unknown): Promise<unknown> {
  const answer = await page.evaluate(
    async ([method, path, body]) => {
      const response = await fetch(path, {
        method,
        headers: {
          authorization: `Bearer ${sessionStorage.getItem('amtia.token') ?? ''}`,
          ...(body === null ? {} : { 'content-type': 'application/json' }),
        },
        body,
      });
      return { status: response.status, text: await response.text() };
    },
    [method, path, body === undefined ? null : JSON.stringify(body)] as const,
  );
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
  return answer.text === '' ? null : (JSON.parse(answer.text) as unknown);
}

/** Another signed-in page on the workspace that is open already. */
export async function openAgain(
  browser: Browser,
  engine: Engine,
  path = '/',
  look: Look = {},
): Promise<Page> {
  const page = await openPage(browser, look);
  await signIn(page, engine);
  await visit(page, engine, path);
  await page.locator('.app').waitFor();
  return page;
}

/** Whether axe finds nothing, and whether the page itself reported nothing. */
export async function expectSound(page: Page): Promise<void> {
  await page.waitForFunction(() => document.getAnimations().every((one) => one.playState !== 'running'));
  const { violations } = await new AxeBuilder({ page }).analyze();
  const found = violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.target.join(' ')} ${node.failureSummary ?? ''}`),
  );
  expect(found).toEqual([]);
  expect(faults.get(page) ?? []).toEqual([]);
}

/** Nothing of the page lies outside the window, sideways. */
export async function expectFits(page: Page): Promise<void> {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(wide).toBeLessThanOrEqual(0);
}

/** Every label may grow by 35 % in another language: then nothing to press leaves the window. */
export async function expectRoomToGrow(page: Page): Promise<void> {
  const lost = await page.evaluate(() => {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = texts.nextNode(); node; node = texts.nextNode()) {
      const text = node.nodeValue ?? '';
      const words = text.trim();
      if (words !== '') node.nodeValue = `${text}${'ẽ'.repeat(Math.ceil(words.length * 0.35))}`;
    }
    const width = document.documentElement.clientWidth;
    return [...document.querySelectorAll('button, a[href], input, [role=radio], [role=switch]')]
      .filter((element) => element.getClientRects().length > 0)
      .filter((element) => {
        const { left, right } = element.getBoundingClientRect();
        return left < -1 || right > width + 1;
      })
      .map((element) => element.outerHTML.slice(0, 160));
  });
  expect(lost).toEqual([]);
  await expectFits(page);
}

/** Saves a picture where `AMTIA_SHOTS` says; without it, nothing. */
export async function shot(page: Page, name: string): Promise<void> {
  const folder = process.env['AMTIA_SHOTS'];
  if (folder) await page.screenshot({ path: join(folder, `${name}.png`) });
}
