/** Brings the register out of the workspace as a file, in the language of the page. */
import { request, send } from '../api/client';
import type { RegisterFormat } from '../api/types';
import { inWindow, pickSavePath } from '../host';
import { locale } from '../i18n/pick.svelte';
import { m } from '../i18n/index.svelte';
import { toast } from '../toast.svelte';
import { toastError } from '../undo.svelte';
import { board } from './board.svelte';

const PATH = '/v1/risks/export';

/** The filters of the address, the cell of the map among them. */
export function shownFilters(): Record<string, string | number | boolean> {
  const { view, ...filters } = board.filters;
  return {
    ...filters,
    ...(view ? { view } : {}),
    ...(board.cell ?? {}),
    ...(board.unassessed ? { assessed: false } : {}),
  };
}

/** In the window it is written where the person says; a browser keeps it with its downloads. */
export async function exportRegister(format: RegisterFormat, filters: object): Promise<void> {
  const today = new Date();
  const two = (value: number) => String(value).padStart(2, '0');
  const date = `${today.getFullYear()}-${two(today.getMonth() + 1)}-${two(today.getDate())}`;
  const name = `${m.register_file({ date })}.${format}`;
  const query = { ...filters, format, language: locale.current };
  try {
    if (inWindow) {
      const kind = { name: format.toUpperCase(), extensions: [format] };
      const path = await pickSavePath(m.register_export_title(), name, [kind]);
      if (path === null) return;
      await request<undefined>('POST', PATH, { query, body: { path }, quiet: true });
      const written = path.split(/[/\\]/).at(-1) ?? name;
      toast.show(m.register_exported({ name: written }), { bold: written });
      return;
    }
    const address = URL.createObjectURL(await (await send('GET', PATH, { query })).blob());
    const link = document.createElement('a');
    link.href = address;
    link.download = name;
    link.click();
    // The browser has taken it by then.
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  } catch (error) {
    toastError(error);
  }
}
