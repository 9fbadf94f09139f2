/** The recovery key as something a person can keep: a file or a printed page. */
import type { Workspace } from './api/types';
import { dayYear } from './i18n/format';
import { m } from './i18n/index.svelte';

/** The text of the file and of the page. */
export function recoverySheet(key: string, workspace: Workspace, now = new Date()): string {
  return [
    m.recovery_file_head(),
    '',
    `${m.recovery_workspace()}: ${workspace.name ?? ''}`,
    `${m.damaged_file()}: ${workspace.file ?? ''}`,
    `${m.recovery_made()}: ${dayYear(now.toISOString())}`,
    '',
    key,
    '',
    m.recovery_text(),
    m.recovery_keep_apart(),
    '',
  ].join('\n');
}

/** Hands a text to the browser's downloads. */
export function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
