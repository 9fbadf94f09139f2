/**
 * Sends a form to the engine from a browser, and tells how much of it is there.
 *
 * Only `XMLHttpRequest` tells the progress of what goes up.
 */
import { ApiConnectionError, errorFor, refusalOf } from '@amtia/sdk/core';
import { locale } from '../i18n/pick.svelte';
import { token } from './transport';

/** How much of it is there, in bytes. */
export type Progress = (sent: number, total: number) => void;

export function sendForm<R>(path: string, form: Blob, onprogress: Progress, signal: AbortSignal): Promise<R> {
  return new Promise((resolve, reject) => {
    const call = new XMLHttpRequest();
    const refuse = () => reject(signal.reason as Error);
    call.open('POST', path);
    const bearer = token.get();
    if (bearer) call.setRequestHeader('authorization', `Bearer ${bearer}`);
    call.setRequestHeader('accept-language', locale.current);
    call.upload.onprogress = ({ loaded, total }) => onprogress(loaded, total);
    call.onload = () => {
      const { status, statusText, responseText } = call;
      if (status === 201) resolve(JSON.parse(responseText) as R);
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
