/** Sends a file that is to be imported, and tells how much of it is there. */
import { api, withFile } from '../api/client';
import type { Import } from '../api/types';
import { sendForm, type Progress } from '../api/upload';
import { inWindow } from '../host';

export function sendImport(file: File, onprogress: Progress, signal: AbortSignal): Promise<Import> {
  if (inWindow) return api.imports.upload(file, signal);
  return sendForm('/v1/imports', withFile(file).form, onprogress, signal);
}
