/**
 * Changes of incidents: shown at once, sent one after the other, each on the revision it was made on.
 * A refusal puts the old values back and says why at the field.
 */
import type { InfiniteData } from '@tanstack/svelte-query';
import { api, type Tagged } from '../api/client';
import { ApiError, PreconditionFailedError, type ErrorDetail } from '@amtia/sdk/core';
import type { Incident, IncidentStatusWrite, IncidentWrite, Page, TimelineEntry } from '../api/types';
import { invalidate, queryClient } from '../queries';
import { toastError, toastUndo } from '../undo.svelte';

export const incidentKeys = {
  list: (filters: object) => ['incident', 'list', filters] as const,
  one: (id: string) => ['incident', 'one', id] as const,
  timeline: (id: string) => ['incident', 'timeline', id] as const,
};

/** A change that met a newer one. */
export interface Conflict {
  id: string;
  details: ErrorDetail[];
  retry: () => Promise<boolean>;
}

interface Pending {
  id: string;
  values: Partial<Incident>;
}

type Pages = InfiniteData<Page<Incident>>;

class Changes {
  /** What is wrong with which field of which incident. */
  #errors = $state.raw<{ id: string; fields: Record<string, string> } | null>(null);
  conflict = $state.raw<Conflict | null>(null);
  /** Not saved yet: laid over what was read, so that no answer of the engine hides them meanwhile. */
  #pending = $state.raw<readonly Pending[]>([]);
  #last: Promise<unknown> = Promise.resolve();

  /** The incident as the person left it: what is saved with what is still on its way. */
  shown(incident: Incident): Incident {
    const own = this.#pending.filter((pending) => pending.id === incident.id);
    return own.length === 0 ? incident : Object.assign({}, incident, ...own.map(({ values }) => values));
  }

  error(id: string, field: string): string | undefined {
    return this.#errors?.id === id ? this.#errors.fields[field] : undefined;
  }

  /** Takes the messages away: another record is shown, or a field is edited again. */
  clear(): void {
    this.#errors = null;
    this.conflict = null;
  }

  /** Changes fields. Answers whether it was saved. */
  patch(incident: Incident, write: IncidentWrite, said: string): Promise<boolean> {
    return this.#run(incident, write, said, (etag) => api.incidents.update(incident.id, write, etag));
  }

  /** Changes the status. */
  status(incident: Incident, write: IncidentStatusWrite, said: string): Promise<boolean> {
    const shown = { status: write.status, dismissal_reason: write.reason ?? null };
    return this.#run(incident, shown, said, (etag) => api.incidents.setStatus(incident.id, write, etag));
  }

  /** Writes into the timeline. Entries are only ever added, so there is nothing to undo. */
  async comment(id: string, actor: string, text: string, at: string | null): Promise<boolean> {
    const now = new Date().toISOString();
    const key = incidentKeys.timeline(id);
    const entry: TimelineEntry = {
      id: 'unsaved',
      at: at ?? now,
      entered_at: now,
      actor,
      kind: 'comment',
      text,
      from: null,
      to: null,
      field: null,
    };
    await queryClient.cancelQueries({ queryKey: key });
    queryClient.setQueryData<InfiniteData<Page<TimelineEntry>>>(key, (old) => {
      const [first, ...rest] = old?.pages ?? [];
      if (!old || !first) return old;
      return { ...old, pages: [{ ...first, data: [entry, ...first.data] }, ...rest] };
    });
    try {
      await api.incidents.comment(id, at === null ? { text } : { text, at });
      return true;
    } catch (error) {
      toastError(error);
      return false;
    } finally {
      invalidate(['incident']);
    }
  }

  async remove(incident: Incident, said: string): Promise<boolean> {
    try {
      await api.incidents.remove(incident.id);
      toastUndo(said, incident.ref);
      return true;
    } catch (error) {
      toastError(error);
      return false;
    } finally {
      invalidate(['incident']);
    }
  }

  #run(
    incident: Incident,
    shown: Partial<Incident>,
    said: string,
    send: (etag: string | undefined) => Promise<Incident>,
  ): Promise<boolean> {
    const { id } = incident;
    const pending: Pending = { id, values: shown };
    this.clear();
    this.#pending = [...this.#pending, pending];
    const turn = this.#last.then(async () => {
      try {
        const etag = queryClient.getQueryData<Tagged<Incident>>(incidentKeys.one(id))?.etag;
        keep(id, await send(etag));
        // The next change of this record needs the revision that this one made.
        queryClient.setQueryData(incidentKeys.one(id), await api.incidents.get(id));
        toastUndo(said, incident.ref);
        return true;
      } catch (error) {
        this.#explain(id, error, () => this.#again(incident, shown, said, send));
        return false;
      } finally {
        this.#pending = this.#pending.filter((one) => one !== pending);
        invalidate(['incident']);
      }
    });
    this.#last = turn;
    return turn;
  }

  async #again(
    incident: Incident,
    shown: Partial<Incident>,
    said: string,
    send: (etag: string | undefined) => Promise<Incident>,
  ): Promise<boolean> {
    queryClient.setQueryData(incidentKeys.one(incident.id), await api.incidents.get(incident.id));
    return this.#run(incident, shown, said, send);
  }

  #explain(id: string, error: unknown, retry: () => Promise<boolean>): void {
    if (error instanceof PreconditionFailedError) {
      this.conflict = { id, details: error.details, retry };
    } else if (error instanceof ApiError && error.code === 400 && error.details.length > 0) {
      const fields = error.details.map(({ field, message }) => [field, message] as const);
      this.#errors = { id, fields: Object.fromEntries(fields) };
      toastError(error);
    } else {
      toastError(error);
    }
  }
}

/** Puts what is saved into the lists that show the incident. */
function keep(id: string, saved: Incident): void {
  queryClient.setQueriesData<Pages>({ queryKey: ['incident', 'list'] }, (old) => {
    if (!old?.pages) return old;
    const pages = old.pages.map((page) => ({
      ...page,
      data: page.data.map((incident) => (incident.id === id ? saved : incident)),
    }));
    return { ...old, pages };
  });
}

export const changes = new Changes();
