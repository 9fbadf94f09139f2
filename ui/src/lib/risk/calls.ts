/** The calls for what belongs to one risk. */
import { segment as id } from '@amtia/sdk/core';
import { request } from '../api/client';
import type { Page, Risk } from '../api/types';
import type { Acceptance, AcceptanceStatus, AcceptanceWrite, ActionWrite, RiskLinks } from './types';

const at = (risk: string, rest: string) => `/v1/risks/${id(risk)}/${rest}`;
const one = (acceptance: string) => `/v1/acceptances/${id(acceptance)}`;

export const actions = {
  add: (risk: string, body: ActionWrite) => request<Risk>('POST', at(risk, 'actions'), { body }),
  change: (risk: string, action: string, body: ActionWrite) =>
    request<Risk>('PUT', at(risk, `actions/${id(action)}`), { body }),
  remove: (risk: string, action: string) => request<undefined>('DELETE', at(risk, `actions/${id(action)}`)),
};

export const linksOf = (risk: string, signal?: AbortSignal) =>
  request<RiskLinks>('GET', at(risk, 'links'), { signal });

export const restore = (risk: string, entry: number, side: 'before' | 'after') =>
  request<Risk>('POST', at(risk, 'restore'), { body: { entry, side } });

export const acceptances = {
  list: (risk: string, signal?: AbortSignal) =>
    request<Page<Acceptance>>('GET', at(risk, 'acceptances'), { signal }),
  create: (risk: string, body: AcceptanceWrite) =>
    request<Acceptance>('POST', at(risk, 'acceptances'), { body }),
  update: (acceptance: string, body: AcceptanceWrite) =>
    request<Acceptance>('PUT', one(acceptance), { body }),
  go: (acceptance: string, status: AcceptanceStatus, note: string | null = null) =>
    request<Acceptance>('PUT', `${one(acceptance)}/status`, { body: { status, note } }),
  remove: (acceptance: string) => request<undefined>('DELETE', one(acceptance)),
};
