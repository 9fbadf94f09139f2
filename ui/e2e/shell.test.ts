import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectedRoom } from '../src/lib/shell/room';
import {
  call,
  expectFits,
  expectRoomToGrow,
  expectSound,
  openAgain,
  openPage,
  openWorkspace,
  shot,
  signIn,
  startBrowser,
  startEngine,
  visit,
  type Engine,
} from './harness';

let browser: Browser;

beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

function title(page: Page): Promise<string | null> {
  return page.locator('h1').first().textContent();
}

/** Presses a sequence as one does: with the focus on nothing special. */
async function go(page: Page, ...keys: string[]): Promise<void> {
  await page.locator('body').click({ position: { x: 2, y: 2 } });
  for (const key of keys) await page.keyboard.press(key);
}

test('first run by keyboard: sample, recovery key shown, the map opens, and it is all there after a restart', async () => {
  const engine = await startEngine();
  try {
    const page = await openPage(browser);
    await signIn(page, engine);
    await page.getByRole('button', { name: /Look around a sample workspace/ }).waitFor();
    expect(page.url()).not.toContain('code=');
    await expectSound(page);
    await shot(page, 'first-run');
    await page.keyboard.press('1');
    const offer = page.getByRole('dialog', { name: 'Keep a recovery key' });
    await offer.waitFor();
    await expectSound(page);
    await shot(page, 'recovery-offer');
    // A question waits: no key does anything behind it, the browser's own focus wherever it is.
    for (const blurred of [false, true]) {
      if (blurred) await page.evaluate(() => (document.activeElement as HTMLElement).blur());
      for (const key of ['Control+k', '?', 'n', 'Control+z', 'Control+,']) await page.keyboard.press(key);
      expect(await page.getByRole('dialog').count()).toBe(1);
      expect(new URL(page.url()).pathname).toBe('/risks');
    }
    await page.getByRole('button', { name: /Show/ }).click();
    const key = await page.locator('output.key').innerText();
    expect(key.replace(/\s/g, '')).toMatch(/^[0-9A-Z]{40}$/);
    await expectSound(page);
    await page.emulateMedia({ media: 'print' });
    await page.getByText(key.replace(/\s+/g, '-')).waitFor();
    expect(await page.locator('.app').isVisible()).toBe(false);
    await page.emulateMedia({ media: 'screen' });
    await page.getByRole('button', { name: 'I have kept it' }).click();
    await offer.waitFor({ state: 'detached' });
    expect(new URL(page.url()).pathname).toBe('/risks');
    await page
      .getByRole('link', { name: /Risk map/ })
      .getByText('1,243')
      .waitFor();

    await engine.restart();
    await page.reload();
    await page.getByRole('heading', { name: 'This tab was signed out' }).waitFor();
    await expectSound(page);

    const again = await openAgain(browser, engine);
    await again
      .getByRole('link', { name: /Risk map/ })
      .getByText('1,243')
      .waitFor();
    await again.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await again.getByRole('dialog').count()).toBe(0);
  } finally {
    await engine.remove();
  }
});

test('first run: skipping the recovery key warns; import goes to the import', async () => {
  const engine = await startEngine();
  try {
    const page = await openPage(browser, { locale: 'fr', theme: 'dark', width: 1024, height: 700 });
    await signIn(page, engine);
    await page.getByRole('button', { name: /Importer l’existant/ }).waitFor();
    await expectSound(page);
    await expectRoomToGrow(page);
    await page.keyboard.press('2');
    await page.getByRole('button', { name: 'Passer' }).click();
    await page.getByRole('dialog', { name: 'Continuer sans clé de secours ?' }).waitFor();
    await page.getByRole('button', { name: 'Passer pour l’instant' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(new URL(page.url()).pathname).toBe('/imports');
    await page.reload();
    await page.locator('.app').waitFor();
    await page.waitForTimeout(300);
    expect(await page.getByRole('dialog').count()).toBe(0);
  } finally {
    await engine.remove();
  }
});

test('a link works once, and a page without one says where to find it', async () => {
  const engine = await startEngine();
  try {
    const first = await openPage(browser);
    await signIn(first, engine);
    const second = await openPage(browser, { theme: 'dark' });
    await second.goto(engine.link);
    await second.getByRole('heading', { name: 'This link was used already' }).waitFor();
    await expectSound(second);
    const third = await openPage(browser);
    await third.goto(engine.ui);
    await third.getByRole('heading', { name: 'Open AMTIA from its link' }).waitFor();
    await expectSound(third);
  } finally {
    await engine.remove();
  }
});

test('a locked workspace and one that cannot be opened say why and what to do', async () => {
  // `serve` refuses to start on such a file: only the window shows these screens, on the same answers.
  const engine = await startEngine();
  const titles = new Set<string>();
  try {
    for (const [theme, locale] of [
      ['light', 'en'],
      ['dark', 'fr'],
    ] as const) {
      const page = await openPage(browser, { theme, locale, width: 1024, height: 700 });
      let state = 'locked';
      await page.route('**/v1/workspace', async (route) => {
        const answer = await route.fetch();
        const body = (await answer.json()) as Record<string, unknown>;
        await route.fulfill({
          response: answer,
          json: { ...body, state, message: 'The keyring did not answer.' },
        });
      });
      await signIn(page, engine);
      await page.locator('input[type=password]').waitFor();
      await expectSound(page);
      await expectFits(page);
      await shot(page, `locked-${theme}-${locale}`);
      for (const why of ['damaged', 'in_use', 'newer', 'foreign', 'unreadable']) {
        state = why;
        await page.reload();
        await page.getByRole('alert').waitFor();
        titles.add(await page.locator('h1').innerText());
        await expectSound(page);
        await expectFits(page);
        await shot(page, `${why}-${theme}-${locale}`);
      }
      await page.context().close();
    }
    expect(titles.size).toBe(10);
  } finally {
    await engine.remove();
  }
});

let engine: Engine;
let page: Page;

beforeAll(async () => {
  engine = await startEngine();
  page = await openWorkspace(browser, engine, 'sample');
});
afterAll(() => engine.remove());

test('the keyboard map: places, back and forward, sidebar, panes', async () => {
  await visit(page, engine, '/risks');
  await page.locator('.app').waitFor();
  await go(page, 'g', 'i');
  await page.waitForURL('**/incidents');
  await go(page, 'g', 'f');
  await page.waitForURL('**/frameworks');
  await go(page, '[');
  await page.waitForURL('**/incidents');
  await go(page, ']');
  await page.waitForURL('**/frameworks');
  await go(page, 'Control+,');
  await page.waitForURL('**/settings');

  expect(await page.locator('.app.narrow').count()).toBe(0);
  await go(page, 'Control+b');
  await page.locator('.app.narrow').waitFor();
  await page.reload();
  await page.locator('.app.narrow').waitFor();
  await go(page, 'Control+b');
  await page.locator('.app:not(.narrow)').waitFor();

  const panes: (string | null)[] = [];
  for (let step = 0; step < 4; step += 1) {
    await page.keyboard.press('F6');
    panes.push(
      await page.evaluate(
        () => document.activeElement?.closest('[data-pane]')?.getAttribute('aria-label') ?? null,
      ),
    );
  }
  expect(panes.slice(0, 4).sort()).toEqual(['Profile', 'Settings', 'Sidebar', 'Title bar']);
});

test('a button says what it does, and its keys, to who rests on it or reaches it by Tab', async () => {
  const tip = page.locator('.tip');
  await visit(page, engine, '/risks');
  await page.getByRole('button', { name: 'Sidebar', exact: true }).hover();
  await tip.waitFor();
  expect((await tip.textContent())?.replace(/\s+/g, ' ')).toMatch(/Sidebar.*Ctrl.*B/);
  await page.mouse.move(700, 500);
  await tip.waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Sidebar', exact: true }).focus();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Shift+Tab');
  await tip.waitFor();
  await page.keyboard.press('Escape');
  await tip.waitFor({ state: 'detached' });
});

test('what comes after the first frame moves nothing that was in it', async () => {
  const fresh = await openPage(browser);
  await signIn(fresh, engine);
  await fresh.addInitScript(() => {
    const moved = ((window as unknown as { moved: string[] }).moved = []) as string[];
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { sources: { node: Node | null }[] })[])
        for (const { node } of entry.sources)
          if (node instanceof Element && node.closest('h1, .content'))
            moved.push(`${node.tagName} ${node.className}`);
    }).observe({ type: 'layout-shift', buffered: true });
  });
  await visit(fresh, engine, '/risks');
  await fresh.locator('.reg [data-risk]').first().waitFor();
  await fresh.waitForTimeout(300);
  expect(await fresh.evaluate(() => (window as unknown as { moved: string[] }).moved)).toEqual([]);
  await fresh.close();
});

test('the room that a page is drawn for before it is measured is the room it has', async () => {
  await visit(page, engine, '/risks');
  const content = page.locator('.content > .fill');
  await content.waitFor();
  for (const size of [
    { width: 1440, height: 900 },
    { width: 1024, height: 700 },
  ]) {
    await page.setViewportSize(size);
    const has = () => content.evaluate((element) => [element.clientWidth, element.clientHeight]);
    const expected = expectedRoom(size.width < 1280, size);
    await expect.poll(has).toEqual([expected.width, expected.height]);
  }
  await page.setViewportSize({ width: 1440, height: 900 });
});

test('the key sheet lists the keys, and single letters can be turned off', async () => {
  await visit(page, engine, '/settings/keyboard');
  await page.locator('h1').waitFor();
  await go(page, '?');
  const sheet = page.getByRole('dialog', { name: 'Keyboard map' });
  await sheet.getByText('Search and commands').waitFor();
  await expectSound(page);
  await page.keyboard.press('Escape');
  await sheet.waitFor({ state: 'detached' });

  await page.getByRole('switch', { name: 'Single-letter keys' }).click();
  await page.getByText('Saved on this device').waitFor();
  await go(page, 'g', 'i');
  await page.waitForTimeout(200);
  expect(new URL(page.url()).pathname).toBe('/settings/keyboard');
  await page.reload();
  await page.locator('h1').waitFor();
  expect(await page.getByRole('switch', { name: 'Single-letter keys' }).getAttribute('aria-checked')).toBe(
    'false',
  );
  await page.getByRole('switch', { name: 'Single-letter keys' }).click();
  await expect.poll(() => call(page, 'GET', '/v1/workspace')).toMatchObject({ single_key_shortcuts: true });
});

test('the palette finds records by word and by number, and opens them by keyboard', async () => {
  await visit(page, engine, '/settings');
  await page.locator('h1').waitFor();
  const { data } = (await call(page, 'GET', '/v1/risks?sort=-score&limit=1')) as {
    data: [{ ref: string; name: string; id: string }];
  };
  const [risk] = data;
  await page.keyboard.press('Control+k');
  const box = page.getByRole('combobox', { name: 'Search records and actions' });
  await box.waitFor();
  await expectSound(page);
  await page.keyboard.type(`#${Number(risk.ref.replace(/\D/g, ''))}`);
  await page.getByRole('option', { name: new RegExp(risk.ref) }).waitFor();
  await page.getByText(/results? in \d+ ms, searched on this device/).waitFor();
  await expectSound(page);
  await shot(page, 'palette');
  await page.keyboard.press('Enter');
  await page.waitForURL(`**/risks/${risk.id}`);

  await page.keyboard.press('Control+k');
  await page.keyboard.type('zzzzqq');
  await page.getByText('Nothing matches “zzzzqq”').waitFor();
  await page.keyboard.press('Control+a');
  await page.keyboard.type('> dark');
  await page.getByRole('option', { name: 'Dark theme' }).waitFor();
  expect(await page.getByRole('option').count()).toBe(1);
  await page.keyboard.press('Enter');
  await expect.poll(() => page.locator('html').getAttribute('data-theme')).toBe('dark');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('> light');
  await page.keyboard.press('Enter');
  await expect.poll(() => page.locator('html').getAttribute('data-theme')).toBe('light');
});

test('the palette’s focus goes back to where it came from', async () => {
  await visit(page, engine, '/settings');
  const link = page.getByRole('link', { name: 'Appearance' });
  await link.focus();
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: 'Search records and actions' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  expect(await link.evaluate((node) => node === document.activeElement)).toBe(true);
});

test('settings: names are kept and shown everywhere', async () => {
  await visit(page, engine, '/settings/profile');
  await page.getByLabel('Your name').fill('Inès Delacroix');
  await page.keyboard.press('Enter');
  await page.getByText('Name saved').waitFor();
  await page.locator('.side').getByText('Inès Delacroix').waitFor();
  await page.getByLabel('Your name').fill('   ');
  await page.keyboard.press('Enter');
  await page.getByText('Give it a name.').waitFor();

  await visit(page, engine, '/settings/general');
  await page.getByLabel('Workspace name').fill('Corvane Ouest');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.locator('.side').getByText('Corvane Ouest').waitFor();
  expect(await call(page, 'GET', '/v1/workspace')).toMatchObject({
    name: 'Corvane Ouest',
    profile: { name: 'Inès Delacroix' },
  });
});

test('settings: language and theme change at once and are kept', async () => {
  const own = await openAgain(browser, engine, '/settings/language');
  await own.getByRole('radio', { name: 'Français' }).click();
  await own.getByRole('heading', { name: 'Langue et formats' }).waitFor();
  expect(await own.locator('html').getAttribute('lang')).toBe('fr');
  await own.getByRole('link', { name: 'Apparence' }).click();
  await own.getByRole('radio', { name: 'Sombre' }).click();
  expect(await own.locator('html').getAttribute('data-theme')).toBe('dark');
  expect(
    await own.evaluate(() => [localStorage.getItem('amtia.locale'), localStorage.getItem('amtia.theme')]),
  ).toEqual(['fr', 'dark']);
  await own.close();
});

test('settings: a backup is made and says where it is', async () => {
  await visit(page, engine, '/settings/security');
  await page.getByRole('button', { name: 'Back up now' }).click();
  await page.getByText(/Backup saved, /).waitFor();
  await page.getByText(/Last one today .*Backups/).waitFor();
  await shot(page, 'settings-security');
});

test('a change made elsewhere is seen without a reload', async () => {
  const other = await openAgain(browser, engine);
  const before = await page
    .locator('.side')
    .getByRole('link', { name: /Risk map/ })
    .locator('.n')
    .innerText();
  await call(other, 'POST', '/v1/risks', { name: 'Made elsewhere' });
  await expect
    .poll(() =>
      page
        .locator('.side')
        .getByRole('link', { name: /Risk map/ })
        .locator('.n')
        .innerText(),
    )
    .not.toBe(before);
  await other.close();
});

test('undo and redo take a change back and say so', async () => {
  await visit(page, engine, '/settings');
  await page.locator('h1').waitFor();
  const made = (await call(page, 'POST', '/v1/risks', { name: 'To be taken back' })) as { ref: string };
  await go(page, 'Control+z');
  await page.getByText(`Undone: ${made.ref}`).waitFor();
  await page.getByRole('button', { name: 'Redo' }).click();
  await page.getByText(`Done again: ${made.ref}`).waitFor();
  await expectSound(page);
  await go(page, 'Control+z');
  await page.getByText(`Undone: ${made.ref}`).waitFor();
});

test('an address that is nowhere opens the map', async () => {
  await visit(page, engine, '/nowhere/at/all');
  await page.waitForURL('**/risks');
});

const PLACES = [
  '/settings/profile',
  '/settings/appearance',
  '/settings/language',
  '/settings/keyboard',
  '/settings/general',
  '/settings/security',
];

for (const theme of ['light', 'dark'] as const) {
  for (const [locale, width, height] of [
    ['en', 1440, 900],
    ['fr', 1024, 700],
  ] as const) {
    test(`settings are sound and fit: ${theme}, ${locale}, ${width} × ${height}`, async () => {
      const own = await openAgain(browser, engine, '/', { theme, locale, width, height });
      for (const place of PLACES) {
        await visit(own, engine, place);
        await own.locator('h1').waitFor();
        await expectSound(own);
        await expectFits(own);
        await shot(own, `${place.replaceAll('/', '-').slice(1)}-${theme}-${locale}`);
        if (theme === 'light' && locale === 'fr') await expectRoomToGrow(own);
      }
      await own.close();
    });
  }
}

test('at twice the size every function of the shell is still there', async () => {
  const own = await openAgain(browser, engine, '/settings/security', { width: 720, height: 450 });
  await own.locator('h1').waitFor();
  await expectFits(own);
  expect(await title(own)).toBe('Encryption and backup');
  await own.getByRole('button', { name: 'Back up now' }).scrollIntoViewIfNeeded();
  await own.getByRole('button', { name: 'Search or run a command' }).click();
  await own.getByRole('combobox', { name: 'Search records and actions' }).waitFor();
  await own.close();
});
