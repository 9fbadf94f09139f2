/**
 * Sends one file to the engine, and tells how much of it is there.
 *
 * In the window a file that was chosen goes by its path, and one that was dropped through the window's own
 * door, which takes it in one piece.
 */
import { request, withFile } from '../api/client';
import { sendForm, type Progress } from '../api/upload';
import { inWindow } from '../host';
import { saveState } from '../save.svelte';
import type { DocumentRecord } from './types';

const UPLOAD = '/v1/documents/upload';

/** What is sent: a file of the page, or in the window the path of one. */
export type Source = { file: File } | { path: string };

export async function sendDocument(
  source: Source,
  onprogress: Progress,
  signal: AbortSignal,
): Promise<DocumentRecord> {
  if ('path' in source) return request('POST', UPLOAD, { body: { path: source.path }, signal });
  const { form, idempotencyKey } = withFile(source.file);
  if (inWindow) return request('POST', UPLOAD, { form, idempotencyKey, signal });
  const done = saveState.begin();
  try {
    const made = await sendForm<DocumentRecord>(UPLOAD, form, onprogress, signal);
    done();
    return made;
  } catch (error) {
    // Whoever stopped it wanted nothing saved.
    done(signal.aborted ? undefined : error);
    throw error;
  }
}
