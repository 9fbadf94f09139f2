/** The calls for assessments. */
import { segment as id } from '@amtia/sdk/core';
import { request, tagged, type Tagged } from '../api/client';
import type { Page } from '../api/types';
import type {
  Assessment,
  AssessmentNew,
  AssessmentQuery,
  AssessmentWrite,
  ControlResult,
  Gaps,
  ResultQuery,
  ResultWrite,
} from './types';

/** A result is named by its control. */
function named(result: Omit<ControlResult, 'id'>): ControlResult {
  return { ...result, id: result.control_id };
}

export const assessments = {
  list: (query: AssessmentQuery, signal?: AbortSignal) =>
    request<Page<Assessment>>('GET', '/v1/assessments', { query, signal }),
  get: (assessment: string, signal?: AbortSignal) =>
    tagged<Assessment>(`/v1/assessments/${id(assessment)}`, signal),
  create: (body: AssessmentNew) => request<Assessment>('POST', '/v1/assessments', { body }),
  update: (assessment: string, body: AssessmentWrite, ifMatch?: string) =>
    request<Assessment>('PUT', `/v1/assessments/${id(assessment)}`, { body, ifMatch }),
  remove: (assessment: string) => request<undefined>('DELETE', `/v1/assessments/${id(assessment)}`),
  gaps: (assessment: string, signal?: AbortSignal) =>
    request<Gaps>('GET', `/v1/assessments/${id(assessment)}/gaps`, { signal }),
};

export const results = {
  list: async (assessment: string, query: ResultQuery, signal?: AbortSignal) => {
    const path = `/v1/assessments/${id(assessment)}/results`;
    const page = await request<Page<ControlResult>>('GET', path, { query, signal });
    return { ...page, data: page.data.map(named) };
  },
  get: async (assessment: string, control: string, signal?: AbortSignal): Promise<Tagged<ControlResult>> => {
    const path = `/v1/assessments/${id(assessment)}/results/${id(control)}`;
    const { value, etag } = await tagged<ControlResult>(path, signal);
    return { value: named(value), etag };
  },
  update: async (assessment: string, control: string, body: ResultWrite, ifMatch?: string) => {
    const path = `/v1/assessments/${id(assessment)}/results/${id(control)}`;
    return named(await request<ControlResult>('PUT', path, { body, ifMatch }));
  },
};
