/** The calls for workshops. */
import { segment as id } from '@amtia/sdk/core';
import { everyRow, request } from '../api/client';
import type { Page, Position } from '../api/types';
import { invalidate } from '../queries';
import type { Change, ItemStatus, Minutes, Room, RoomAction, Workshop, WorkshopWrite } from './types';

const at = (workshop: string) => `/v1/workshops/${id(workshop)}`;

/** A change, after which all that is shown of workshops is read again. */
async function change<R>(method: string, path: string, body?: object): Promise<R> {
  try {
    return await request<R>(method, path, { body });
  } finally {
    invalidate(['workshop']);
  }
}

export const workshops = {
  all: (signal?: AbortSignal) =>
    everyRow((cursor) =>
      request<Page<Workshop>>('GET', '/v1/workshops', {
        query: { limit: 200, ...(cursor ? { cursor } : {}) },
        signal,
      }),
    ),
  get: (workshop: string, signal?: AbortSignal) => request<Workshop>('GET', at(workshop), { signal }),
  create: (body: WorkshopWrite & { name: string }) => change<Workshop>('POST', '/v1/workshops', body),
  update: (workshop: string, body: WorkshopWrite) => change<Workshop>('PUT', at(workshop), body),
  remove: (workshop: string) => change<undefined>('DELETE', at(workshop)),
  go: (workshop: string, status: 'running' | 'closed') =>
    change<Workshop>('PUT', `${at(workshop)}/status`, { status }),
  room: (workshop: string, signal?: AbortSignal) => request<Room>('GET', `${at(workshop)}/room`, { signal }),
  item: (
    workshop: string,
    item: string,
    body: { minutes?: number; notes?: string | null; actions?: RoomAction[] },
  ) => change<Workshop>('PUT', `${at(workshop)}/items/${id(item)}`, body),
  turn: (workshop: string, item: string, status: ItemStatus) =>
    change<Workshop>('PUT', `${at(workshop)}/items/${id(item)}/status`, { status }),
  vote: (workshop: string, item: string, seat: string, body: object) =>
    change<unknown>('PUT', `${at(workshop)}/items/${id(item)}/votes/${id(seat)}`, body),
  decide: (
    workshop: string,
    item: string,
    body: Position & { rationale: string | null; dissent: { seat_id: string | null; reason: string }[] },
  ) => change<Workshop>('PUT', `${at(workshop)}/items/${id(item)}/decision`, body),
  changes: (workshop: string, signal?: AbortSignal) =>
    request<{ data: Change[]; rev: number }>('GET', `${at(workshop)}/changes`, { signal }),
  /** `rev` is the workshop's, as its decisions were reviewed. */
  apply: (workshop: string, rev: number, changes: { item_id: string; rev: number }[]) =>
    change<Workshop>('POST', `${at(workshop)}/apply`, { changes, rev }),
  minutesPath: (workshop: string) => `${at(workshop)}/minutes`,
  minutes: (workshop: string, signal?: AbortSignal) =>
    request<Minutes>('GET', `${at(workshop)}/minutes`, { signal }),
};
