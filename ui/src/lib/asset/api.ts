/** The calls for assets and their vulnerabilities. */
import { segment } from '@amtia/sdk/core';
import { request, tagged } from '../api/client';
import type { HistoryEntry, Incident, Page, Risk } from '../api/types';
import type {
  Asset,
  AssetFacets,
  AssetFilters,
  AssetRow,
  AssetWrite,
  Standing,
  Vulnerability,
  VulnerabilityFilters,
  VulnerabilityWrite,
} from './types';

const path = (id: string) => `/v1/assets/${segment(id)}`;
const vulnerability = (id: string) => `/v1/vulnerabilities/${segment(id)}`;

export const assets = {
  list: (query: AssetFilters, signal?: AbortSignal) =>
    request<Page<Asset>>('GET', '/v1/assets', { query, signal }),
  /** A page of the list, each row with where it stands. */
  rows: async (query: AssetFilters): Promise<Page<AssetRow>> => {
    const page = await assets.list(query);
    if (page.data.length === 0) return { ...page, data: [] };
    const standings = await assets.standing(page.data.map(({ id }) => id));
    const by = new Map(standings.data.map((standing) => [standing.asset_id, standing]));
    return { ...page, data: page.data.map((asset) => ({ ...asset, standing: by.get(asset.id) ?? null })) };
  },
  standing: (ids: string[], signal?: AbortSignal) =>
    request<{ data: Standing[] }>('GET', '/v1/assets/standing', { query: { ids: ids.join(',') }, signal }),
  facets: (signal?: AbortSignal) => request<AssetFacets>('GET', '/v1/assets/facets', { signal }),
  history: (id: string, signal?: AbortSignal) =>
    request<Page<HistoryEntry>>('GET', `${path(id)}/history`, { query: { limit: 20 }, signal }),
  get: (id: string, signal?: AbortSignal) => tagged<Asset>(path(id), signal),
  create: (body: AssetWrite) => request<Asset>('POST', '/v1/assets', { body }),
  update: (id: string, body: AssetWrite, ifMatch?: string) =>
    request<Asset>('PUT', path(id), { body, ifMatch }),
  remove: (id: string) => request<undefined>('DELETE', path(id)),
  vulnerabilities: (id: string, query: VulnerabilityFilters, signal?: AbortSignal) =>
    request<Page<Vulnerability>>('GET', `${path(id)}/vulnerabilities`, { query, signal }),
  addVulnerability: (id: string, body: VulnerabilityWrite) =>
    request<Vulnerability>('POST', `${path(id)}/vulnerabilities`, { body }),
  /** The risks that name it, the highest first. */
  risks: (id: string, limit: number, signal?: AbortSignal) =>
    request<Page<Risk>>('GET', '/v1/risks', {
      query: { asset_id: id, sort: '-score', limit },
      signal,
    }),
  incidents: (id: string, limit: number, signal?: AbortSignal) =>
    request<Page<Incident>>('GET', '/v1/incidents', { query: { asset_id: id, limit }, signal }),
};

export const vulnerabilities = {
  get: (id: string, signal?: AbortSignal) => tagged<Vulnerability>(vulnerability(id), signal),
  update: (id: string, body: VulnerabilityWrite, ifMatch?: string) =>
    request<Vulnerability>('PUT', vulnerability(id), { body, ifMatch }),
  remove: (id: string) => request<undefined>('DELETE', vulnerability(id)),
  history: (id: string, signal?: AbortSignal) =>
    request<Page<HistoryEntry>>('GET', `${vulnerability(id)}/history`, { query: { limit: 20 }, signal }),
};
