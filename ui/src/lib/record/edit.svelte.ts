/**
 * Editing one record in place: each field is saved when it is left, on the revision it was edited on.
 * A refusal stays at its field; a field that somebody else changed meanwhile shows both values.
 */
import type { Tagged } from '../api/client';
import { ApiError, PreconditionFailedError } from '@amtia/sdk/core';
import { invalidate, queryClient } from '../queries';
import { toastError, toastUndo } from '../undo.svelte';

export interface Record {
  id: string;
}

export type FieldOf<R> = Extract<keyof R, string>;

export interface Calls<R extends Record> {
  /** The first word of its queries' keys. */
  kind: string;
  /** The record as it was last read. */
  read: () => Tagged<R> | undefined;
  get: (id: string) => Promise<Tagged<R>>;
  update: (id: string, body: object, ifMatch?: string) => Promise<R>;
  /** What is said when it is saved, and which part of it is the record's name. */
  said: (record: R) => { text: string; bold: string | null };
}

export interface Refused<R> {
  field: FieldOf<R>;
  value: unknown;
  error: ApiError;
}

const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);

export class Editor<R extends Record> {
  refused = $state.raw<Refused<R> | null>(null);
  /** Rises when an edit is given up: the fields show what is saved. */
  round = $state(0);
  /** The field that has the focus: what others change meanwhile does not replace what is typed in it. */
  #editing = $state<string | null>(null);
  /** The record as it was when the edit began: what the edit is based on. */
  #base = $state.raw<Tagged<R> | null>(null);
  #calls: Calls<R>;

  constructor(calls: Calls<R>) {
    this.#calls = calls;
  }

  /** The edit of a field begins. */
  begin(field: FieldOf<R>): void {
    this.#editing = field;
    this.#base = this.#calls.read() ?? null;
  }

  /** The value that a field shows. */
  value<K extends FieldOf<R>>(field: K): R[K] | undefined {
    const now = this.#calls.read();
    const base = this.#base;
    return this.#editing === field && base && base.value.id === now?.value.id
      ? base.value[field]
      : now?.value[field];
  }

  /** What is wrong with a field; null when nothing is. A refused step may name fields that it wants first. */
  wrong(field: FieldOf<R>): string | null {
    const refused = this.refused;
    if (!refused || refused.error.code === 412) return null;
    return refused.error.field(field) ?? (refused.field === field ? refused.error.message : null);
  }

  /** The edit of a field ends: it is saved when the value is another one. */
  async end(field: FieldOf<R>, value: unknown): Promise<void> {
    this.#editing = null;
    const now = this.#calls.read();
    if (!now) return;
    if (!same(now.value[field] ?? null, value)) await this.change(field, value);
    else if (this.refused?.field === field) this.refused = null;
  }

  /** Gives the edit up. */
  revert(): void {
    this.#editing = null;
    this.#base = null;
    this.refused = null;
    this.round += 1;
  }

  /** Saves one field; `over` also over what somebody else wrote. */
  async change(field: FieldOf<R>, value: unknown, over = false): Promise<void> {
    const now = this.#calls.read();
    const from = this.#base && this.#base.value.id === now?.value.id ? this.#base : now;
    if (!from) return;
    this.refused = null;
    try {
      const saved = await this.#save(from, field, value, over);
      const { text, bold } = this.#calls.said(saved);
      toastUndo(text, bold);
    } catch (error) {
      if (error instanceof ApiError && (error.code === 400 || error.code === 412))
        this.refused = { field, value, error };
      else {
        toastError(error);
        this.round += 1;
      }
    } finally {
      this.#base = null;
      await queryClient.invalidateQueries({ queryKey: [this.#calls.kind] });
      invalidate([]);
    }
  }

  async #save(from: Tagged<R>, field: FieldOf<R>, value: unknown, over: boolean): Promise<R> {
    const { id } = from.value;
    const body = { [field]: value };
    try {
      return await this.#calls.update(id, body, over ? undefined : from.etag);
    } catch (error) {
      if (!(error instanceof PreconditionFailedError)) throw error;
      // Another field changed since, and this one is as it was: nothing is overwritten.
      const fresh = await this.#calls.get(id);
      if (!same(fresh.value[field], from.value[field])) throw error;
      return this.#calls.update(id, body, fresh.etag);
    }
  }
}
