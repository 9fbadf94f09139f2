import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
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

/** What a receiver got. */
interface Received {
  headers: IncomingHttpHeaders;
  body: string;
}

/** A receiver on this device; it answers with `status`. */
class Receiver {
  status = 200;
  received: Received[] = [];
  #server: Server;
  constructor() {
    this.#server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (text: string) => (body += text));
      request.on('end', () => {
        this.received.push({ headers: request.headers, body });
        response.writeHead(this.status).end();
      });
    });
  }
  async start(): Promise<void> {
    await new Promise<void>((done) => this.#server.listen(0, '127.0.0.1', done));
  }
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/in`;
  }
  stop(): Promise<unknown> {
    return new Promise((done) => this.#server.close(done));
  }
}

const receiver = new Receiver();

/** Whether a delivery is signed with this secret, as Standard Webhooks has it. */
function isSigned({ headers, body }: Received, secret: string): boolean {
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const text = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
  const wanted = `v1,${createHmac('sha256', key).update(text).digest('base64')}`;
  return String(headers['webhook-signature']).split(' ').includes(wanted);
}

beforeAll(async () => {
  browser = await startBrowser();
  engine = await startEngine();
  page = await openWorkspace(browser, engine);
  await receiver.start();
});
afterAll(async () => {
  await browser.close();
  await engine.remove();
  await receiver.stop();
});

interface Webhook {
  id: string;
  url: string;
  events: string[];
  active: boolean;
  description: string | null;
}

async function webhooks(): Promise<Webhook[]> {
  return ((await call(page, 'GET', '/v1/webhooks')) as { data: Webhook[] }).data;
}

const SLOW = 120_000;

test(
  'a webhook is made with consent, its secret shown once, tested, paused, and its events chosen',
  async () => {
    await visit(page, engine, '/settings/webhooks');
    await page.getByRole('heading', { name: 'No webhook yet' }).waitFor();
    await expectSound(page);
    await shot(page, 'webhooks-empty');
    await page.getByRole('button', { name: 'New webhook' }).click();
    const form = page.getByRole('dialog', { name: 'New webhook' });
    await form.getByLabel('Address of the receiver').fill(receiver.url);
    await form.getByLabel('What it is for').fill('SOC bridge');
    await form.getByRole('button', { name: 'Create the webhook' }).click();
    await form.locator('.msg').first().waitFor();
    await expectSound(page);
    await shot(page, 'webhook-new');
    await form.getByRole('switch').click();
    await form.getByRole('button', { name: 'risk.updated' }).click();
    await form.getByRole('button', { name: 'Create the webhook' }).click();

    const once = page.getByRole('dialog', { name: 'The secret of SOC bridge' });
    const secret = (await once.locator('code').innerText()).trim();
    expect(secret).toMatch(/^whsec_/);
    await expectSound(page);
    await once.getByRole('button', { name: 'I have it' }).click();
    await once.waitFor({ state: 'detached' });
    const [made] = await webhooks();
    expect(made).toMatchObject({ url: receiver.url, events: ['risk.created'], description: 'SOC bridge' });

    await page.getByRole('button', { name: 'Send a test' }).click();
    await expect.poll(() => receiver.received.length, { timeout: 20_000 }).toBe(1);
    const got = receiver.received[0];
    expect(got && isSigned(got, secret)).toBe(true);
    await page.getByText('The receiver took it (200).').waitFor();
    await page.getByRole('grid', { name: 'Deliveries' }).getByText('webhook.test').waitFor();
    await expectSound(page);

    await page.getByRole('button', { name: 'Pause' }).click();
    await expect.poll(async () => (await webhooks())[0]?.active).toBe(false);
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(async () => (await webhooks())[0]?.active).toBe(true);
    await page
      .getByRole('group', { name: 'Events' })
      .getByRole('button', { name: 'incident.created' })
      .click();
    await expect
      .poll(async () => (await webhooks())[0]?.events)
      .toEqual(['risk.created', 'incident.created']);
  },
  SLOW,
);

test(
  'a refused delivery tells its story and is sent again; a new secret signs it',
  async () => {
    const before = receiver.received.length;
    receiver.status = 503;
    await call(page, 'POST', '/v1/risks', { name: 'Session mix-up at the gateway' });
    await expect.poll(() => receiver.received.length, { timeout: 20_000 }).toBeGreaterThan(before);
    const log = page.getByRole('grid', { name: 'Deliveries' });
    await log.getByText('risk.created').first().click();
    await page.getByText(/The receiver answered 503/).waitFor();
    await page.getByText(/Session mix-up at the gateway/).waitFor();
    await expectSound(page);
    await shot(page, 'webhook-refused');
    receiver.status = 200;
    await page.getByRole('button', { name: 'Send again' }).click();
    await page.getByText('The receiver took it (200).').waitFor({ timeout: 30_000 });

    await page.getByRole('button', { name: 'Actions on this webhook' }).click();
    await page.getByRole('menuitem', { name: 'New secret' }).click();
    const ask = page.getByRole('dialog', { name: 'New secret' });
    await ask.getByRole('button', { name: 'Make a new secret' }).click();
    const once = page.getByRole('dialog', { name: 'The secret of SOC bridge' });
    const secret = (await once.locator('code').innerText()).trim();
    await once.getByRole('button', { name: 'I have it' }).click();
    await page.getByText(/The secret before counts until/).waitFor();
    await page.getByRole('button', { name: 'Send a test' }).click();
    await expect
      .poll(() => receiver.received.some((one) => isSigned(one, secret)), { timeout: 20_000 })
      .toBe(true);
  },
  SLOW,
);

test('a receiver that is gone stops it, and it says so', async () => {
  receiver.status = 410;
  await call(page, 'POST', '/v1/risks', { name: 'Told to one that is gone' });
  await page.getByText(/The receiver said that it is gone/).waitFor({ timeout: 30_000 });
  await expectSound(page);
  receiver.status = 200;
  await page
    .getByRole('note')
    .or(page.getByRole('alert'))
    .getByRole('button', { name: 'Deliver again' })
    .click();
  await expect.poll(async () => (await webhooks())[0]?.active).toBe(true);
});

for (const theme of ['light', 'dark'] as const) {
  for (const [locale, width, height] of [
    ['en', 1440, 900],
    ['fr', 1024, 700],
  ] as const) {
    test(
      `webhooks are sound and fit: ${theme}, ${locale}, ${width} × ${height}`,
      async () => {
        const own = await openAgain(browser, engine, '/settings/webhooks', { theme, locale, width, height });
        await own.locator('.pane pre').waitFor();
        await expectSound(own);
        await expectFits(own);
        await shot(own, `webhooks-${theme}-${locale}`);
        await own.close();
      },
      SLOW,
    );
  }
}

test('what the engine refuses is told under its field in French, to who reads French', async () => {
  const own = await openAgain(browser, engine, '/settings/webhooks', { locale: 'fr' });
  await own.getByRole('button', { name: 'Nouveau webhook' }).click();
  const form = own.getByRole('dialog', { name: 'Nouveau webhook' });
  const url = form.getByLabel('Adresse du destinataire');
  await url.fill('ftp://example.com/in');
  await form.getByRole('button', { name: 'Créer le webhook' }).click();
  await form.getByText('doit commencer par https://', { exact: true }).waitFor();
  expect(await url.getAttribute('aria-invalid')).toBe('true');
  await own.context().close();
});

test('deleting a webhook asks first', async () => {
  await visit(page, engine, '/settings/webhooks');
  await page.getByRole('button', { name: 'Actions on this webhook' }).click();
  await page.getByRole('menuitem', { name: 'Delete the webhook' }).click();
  const ask = page.getByRole('dialog', { name: 'Delete SOC bridge' });
  await expectSound(page);
  await ask.getByRole('button', { name: 'Delete the webhook' }).click();
  await page.getByRole('heading', { name: 'No webhook yet' }).waitFor();
  expect(await webhooks()).toEqual([]);
});

/** What `POST /auth/token` answers to a key. */
async function signs(key: string, secret: string): Promise<number> {
  const answer = await fetch(`${engine.url}/auth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ api_key: key, secret }),
  });
  return answer.status;
}

/** The key and the secret that the dialog shows this once. */
async function shownOnce(title: string): Promise<[string, string]> {
  const once = page.getByRole('dialog', { name: title });
  await once.locator('code').nth(1).waitFor();
  const [key = '', secret = ''] = await once.locator('code').allInnerTexts();
  await expectSound(page);
  await once.getByRole('button', { name: 'I have it' }).click();
  await once.waitFor({ state: 'detached' });
  return [key.trim(), secret.trim()];
}

test(
  'a key is made and signs in; a new secret ends the old one; revoked, it signs in no more',
  async () => {
    await visit(page, engine, '/settings/api');
    await page.getByText('No key yet. A tool needs one, with a role of its own.').waitFor();
    await expectSound(page);
    await page.getByRole('button', { name: 'New key' }).click();
    const form = page.getByRole('dialog', { name: 'New key' });
    await form.getByRole('button', { name: 'Create the key' }).click();
    await form.locator('.msg').first().waitFor();
    await expectSound(page);
    await shot(page, 'key-new');
    await form.getByLabel('Name').fill('Power BI, risk committee');
    await form.getByRole('combobox', { name: 'Role' }).click();
    await page.getByRole('option', { name: 'Analyst' }).click();
    await form.getByRole('button', { name: 'Create the key' }).click();
    const [key, secret] = await shownOnce('The key for Power BI, risk committee');
    expect(await signs(key, secret)).toBe(200);

    const row = page.getByRole('row').filter({ hasText: 'Power BI, risk committee' }).first();
    await row.getByText('Analyst').waitFor();
    const menu = page.getByRole('button', { name: 'Actions on the key Power BI, risk committee' });
    await menu.click();
    await page.getByRole('menuitem', { name: 'New secret' }).click();
    const ask = page.getByRole('dialog', { name: 'A new secret for Power BI, risk committee' });
    await ask.getByRole('button', { name: 'Make a new secret' }).click();
    const [, next] = await shownOnce('The key for Power BI, risk committee');
    expect(await signs(key, secret)).toBe(401);

    const token = await fetch(`${engine.url}/auth/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ api_key: key, secret: next }),
    });
    const { token: bearer } = (await token.json()) as { token: string };
    const called = await fetch(`${engine.url}/risks/heatmap`, {
      headers: { authorization: `Bearer ${bearer}` },
    });
    expect(called.status).toBe(200);
    const request = called.headers.get('x-request-id') ?? '';
    expect(request).toMatch(/^req_/);
    await page.getByRole('row').filter({ hasText: request }).getByText('Power BI, risk committee').waitFor();

    await menu.click();
    await page.getByRole('menuitem', { name: 'Revoke' }).click();
    const sure = page.getByRole('dialog', { name: 'Revoke Power BI, risk committee' });
    await expectSound(page);
    await sure.getByRole('button', { name: 'Revoke the key' }).click();
    await sure.waitFor({ state: 'detached' });
    await page.getByText(/^revoked /).waitFor();
    expect(await signs(key, next)).toBe(401);
  },
  SLOW,
);

for (const theme of ['light', 'dark'] as const) {
  for (const [locale, width, height] of [
    ['en', 1440, 900],
    ['fr', 1024, 700],
  ] as const) {
    test(
      `the local API is sound and fits: ${theme}, ${locale}, ${width} × ${height}`,
      async () => {
        const own = await openAgain(browser, engine, '/settings/api', { theme, locale, width, height });
        await own.getByText('Power BI, risk committee').first().waitFor();
        await own.locator('pre').waitFor();
        await expectSound(own);
        await expectFits(own);
        await shot(own, `local-api-${theme}-${locale}`);
        await own.close();
      },
      SLOW,
    );
  }
}
