/** The calls for audits and findings. */
import { segment as id } from '@amtia/sdk/core';
import { request, tagged } from '../api/client';
import type { ListQuery, Page } from '../api/types';
import type { Audit, AuditQuery, AuditWrite, Finding, FindingQuery, FindingWrite } from './types';

export const audits = {
  list: (query: AuditQuery, signal?: AbortSignal) =>
    request<Page<Audit>>('GET', '/v1/audits', { query, signal }),
  get: (audit: string, signal?: AbortSignal) => tagged<Audit>(`/v1/audits/${id(audit)}`, signal),
  create: (body: AuditWrite) => request<Audit>('POST', '/v1/audits', { body }),
  update: (audit: string, body: AuditWrite, ifMatch?: string) =>
    request<Audit>('PUT', `/v1/audits/${id(audit)}`, { body, ifMatch }),
  remove: (audit: string) => request<undefined>('DELETE', `/v1/audits/${id(audit)}`),
};

export const findings = {
  list: (audit: string, query: FindingQuery, signal?: AbortSignal) =>
    request<Page<Finding>>('GET', `/v1/audits/${id(audit)}/findings`, { query, signal }),
  get: (finding: string, signal?: AbortSignal) => tagged<Finding>(`/v1/findings/${id(finding)}`, signal),
  create: (audit: string, body: FindingWrite) =>
    request<Finding>('POST', `/v1/audits/${id(audit)}/findings`, { body }),
  update: (finding: string, body: FindingWrite, ifMatch?: string) =>
    request<Finding>('PUT', `/v1/findings/${id(finding)}`, { body, ifMatch }),
  remove: (finding: string) => request<undefined>('DELETE', `/v1/findings/${id(finding)}`),
};

/** What a finding needs of the documents that prove it. */
interface Evidence {
  id: string;
  title: string | null;
  name: string;
}

export const documents = {
  list: (query: ListQuery & { q?: string }, signal?: AbortSignal) =>
    request<Page<Evidence>>('GET', '/v1/documents', { query, signal }),
  get: (document: string, signal?: AbortSignal) => tagged<Evidence>(`/v1/documents/${id(document)}`, signal),
};
