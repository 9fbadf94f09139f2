/**
 * Sends one file to the engine, and tells how much of it is there.
 *
 * Only `XMLHttpRequest` tells the progress of what goes up. In the window a file that was chosen goes by
 * its path, and one that was dropped through the window's own door, which takes it in one piece.
 */
import { request, withFile } from '../api/client';
import { ApiConnectionError, errorFor, refusalOf } from '@amtia/sdk/core';
import { token } from '../api/transport';
import { inWindow } from '../host';
import { locale } from '../i18n/pick.svelte';
import { saveState } from '../save.svelte';
import type { DocumentRecord } from './types';

const UPLOAD = '/v1/documents/upload';

/** What is sent: a file of the page, or in the window the path of one. */
export type Source = { file: File } | { path: string };

export async function sendDocument(
  source: Source,
  onprogress: (sent: number, total: number) => void,
  signal: AbortSignal,
): Promise<DocumentRecord> {
  if ('path' in source) return request('POST', UPLOAD, { body: { path: source.path }, signal });
  const { form, idempotencyKey } = withFile(source.file);
  if (inWindow) return request('POST', UPLOAD, { form, idempotencyKey, signal });
  const done = saveState.begin();
  try {
    const made = await overHttp(form, onprogress, signal);
    done();
    return made;
  } catch (error) {
    // Whoever stopped it wanted nothing saved.
    done(signal.aborted ? undefined : error);
    throw error;
  }
}

function overHttp(
  form: Blob,
  onprogress: (sent: number, total: number) => void,
  signal: AbortSignal,
): Promise<DocumentRecord> {
  return new Promise((resolve, reject) => {
    const call = new XMLHttpRequest();
    const refuse = () => reject(signal.reason as Error);
    call.open('POST', UPLOAD);
    const bearer = token.get();
    if (bearer) call.setRequestHeader('authorization', `Bearer ${bearer}`);
    call.setRequestHeader('accept-language', locale.current);
    call.upload.onprogress = ({ loaded, total }) => onprogress(loaded, total);
    call.onload = () => {
      const { status, statusText, responseText } = call;
      if (status === 201) resolve(JSON.parse(responseText) as DocumentRecord);
      else
        void refusalOf(new Response(responseText, { status, statusText })).then((it) => reject(errorFor(it)));
    };
    call.onerror = () => reject(new ApiConnectionError('The connection broke off.'));
    call.onabort = refuse;
    if (signal.aborted) {
      refuse();
      return;
    }
    signal.addEventListener('abort', () => call.abort(), { once: true });
    call.send(form);
  });
}
