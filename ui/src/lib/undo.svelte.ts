/** Undo and redo for the whole session, and the toasts that say what they did. */
import { api } from './api/client';
import { ApiError, PreconditionFailedError } from '@amtia/sdk/core';
import { why } from './api/why';
import type { Undone } from './api/types';
import { m } from './i18n/index.svelte';
import { invalidate, queryClient } from './queries';
import { toast } from './toast.svelte';

let running = false;

function said(step: Undone, redo: boolean): string {
  const { kind, action, changes: n } = step;
  const several = kind === 'risk' && n > 1 && (action === 'moved' || action === 'updated');
  const name =
    kind === 'matrix' ? m.settings_matrix() : several ? m.map_several({ n }) : step.ref || step.name || '';
  return redo ? m.undo_redone({ name }) : m.undo_undone({ name });
}

async function step(redo: boolean): Promise<void> {
  if (running) return;
  running = true;
  try {
    const done = redo ? await api.undo.redo() : await api.undo.undo();
    queryClient.setQueryData(['undo'], { undo: done.undo, redo: done.redo });
    invalidate([done.kind]);
    toast.show(said(done, redo), {
      bold: done.ref || null,
      action: redo
        ? { label: m.undo(), keys: 'Ctrl+Z', run: undo }
        : { label: m.redo(), keys: 'Ctrl+Shift+Z', run: redoStep },
    });
  } catch (error) {
    explain(error, redo);
  } finally {
    running = false;
  }
}

function explain(error: unknown, redo: boolean): void {
  if (error instanceof ApiError && error.code === 404) {
    toast.show(redo ? m.undo_nothing_to_redo() : m.undo_nothing());
  } else if (error instanceof PreconditionFailedError) {
    const fields = error.details.map((detail) => detail.field).join(', ');
    toast.error(m.undo_conflict({ fields }));
  } else {
    toast.error(why(error));
  }
}

/** Takes the last change back. */
export function undo(): Promise<void> {
  return step(false);
}

/** Does the last undone change again. */
export function redoStep(): Promise<void> {
  return step(true);
}

/** Says what a change did, with the button that takes it back. */
export function toastUndo(text: string, bold: string | null = null): void {
  toast.show(text, { bold, action: { label: m.undo(), keys: 'Ctrl+Z', run: undo } });
}

/** Says why a change was not made. */
export function toastError(error: unknown): void {
  toast.error(why(error));
}
