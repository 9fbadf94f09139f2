/**
 * The AMTIA REST API v1.
 *
 * ```js
 * import { AmtiaClient } from '@amtia/sdk';
 * const client = new AmtiaClient({ apiKey: 'your_api_key', secret: 'your_secret' });
 * for await (const risk of client.risks.list({ level: 'critical' })) console.info(risk.name, risk.reviewDate);
 * ```
 */
export { etagOf, type CallOptions, type ChangeOptions, type CreateOptions } from './api.js';
export { AmtiaClient, DEFAULT_BASE_URL, type ClientOptions } from './client.js';
export type { Transport } from './caller.js';
export * from './errors.js';
export { ResultList, type Listing, type Page } from './lists.js';
export type { Both, Camel, Write } from './names.js';
export * from './operations.js';
export type { Upload } from './upload.js';
