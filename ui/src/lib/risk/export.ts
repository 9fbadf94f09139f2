/** Brings the register and its map out of the workspace as files, in the language of the page. */
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

interface Outgoing {
  /** Where a browser reads it, and where the window has it written. */
  get: string;
  post: string;
  query: object;
  /** Its name for the day that it is told. */
  name: (date: { date: string }) => string;
  format: string;
  /** The title of the window's dialog. */
  title: string;
}

/** In the window it is written where the person says; a browser keeps it with its downloads. */
export async function bringOut({ get, post, query, name, format, title }: Outgoing): Promise<void> {
  const today = new Date();
  const two = (value: number) => String(value).padStart(2, '0');
  const date = `${today.getFullYear()}-${two(today.getMonth() + 1)}-${two(today.getDate())}`;
  const file = `${name({ date })}.${format}`;
  try {
    if (inWindow) {
      const path = await pickSavePath(title, file, [{ name: format.toUpperCase(), extensions: [format] }]);
      if (path === null) return;
      await request<undefined>('POST', post, {
        query: { format, ...query },
        body: { path },
        quiet: true,
      });
      const written = path.split(/[/\\]/).at(-1) ?? file;
      toast.show(m.register_exported({ name: written }), { bold: written });
      return;
    }
    const address = URL.createObjectURL(await (await send('GET', get, { query })).blob());
    const link = document.createElement('a');
    link.href = address;
    link.download = file;
    link.click();
    // The browser has taken it by then.
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  } catch (error) {
    toastError(error);
  }
}

export const exportRegister = (format: RegisterFormat, filters: object) =>
  bringOut({
    get: PATH,
    post: PATH,
    query: { ...filters, format, language: locale.current },
    name: m.register_file,
    format,
    title: m.register_export_title(),
  });
