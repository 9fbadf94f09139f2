/** The risk map as a picture: to a file, and to the clipboard. */
import { send } from '../api/client';
import { m } from '../i18n/index.svelte';
import { locale } from '../i18n/pick.svelte';
import { theme } from '../theme.svelte';
import { toast } from '../toast.svelte';
import { toastError } from '../undo.svelte';
import { board } from './board.svelte';
import { bringOut } from './export';

export type PictureFormat = 'svg' | 'png';

const PATH = '/v1/risks/heatmap';

/** What a picture shows: the map as it is on screen. */
const look = () => ({ ...board.filters, theme: theme.shown, language: locale.current });

export const savePicture = (format: PictureFormat) =>
  bringOut({
    get: `${PATH}.${format}`,
    post: `${PATH}/save`,
    query: look(),
    name: m.picture_file,
    format,
    title: m.picture_save_title(),
  });

/** Puts it on the clipboard as PNG. Where that is not allowed, says so and offers to save it. */
export async function copyPicture(): Promise<void> {
  const blob = send('GET', `${PATH}.png`, { query: look() }).then((response) => response.blob());
  try {
    // The promise is handed over unsettled: the person's press allows it only as long as it is fresh.
    await navigator.clipboard.write([new ClipboardItem({ 'image/png': blob })]);
    toast.show(m.picture_copied());
  } catch {
    try {
      await blob;
      toast.error(m.picture_not_copied(), { label: m.picture_save_png(), run: () => savePicture('png') });
    } catch (error) {
      toastError(error);
    }
  }
}
