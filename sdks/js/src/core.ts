/**
 * What the client is built on, for a page that has its own way to the API and needs neither a token nor names in two
 * styles: calls over any transport with their idempotency keys, waits and retries, typed errors, pages, uploads.
 *
 * ```js
 * import { Caller, segment } from '@amtia/sdk/core';
 * const caller = new Caller({ transport: (url, init) => fetch(url, init), maxRetries: 2, maxRetryWait: 60 });
 * const response = await caller.send('PUT', `/v1/risks/${segment(id)}`, { body: { owner: 'Ines Duarte' }, ifMatch });
 * ```
 */
export { path, queryString, segment } from './address.js';
export { jsonOf, refusalOf } from './answer.js';
export { Caller, newKey, type Call, type CallerSettings, type Transport } from './caller.js';
export * from './errors.js';
export { pagesFrom } from './pages.js';
export { multipart, type Upload } from './upload.js';
