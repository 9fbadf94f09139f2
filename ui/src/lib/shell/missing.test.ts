import { screen, waitFor } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { beforeEach, expect, test, vi } from 'vitest';
import type { Workspace } from '../api/types';
import { queryClient } from '../queries';
import { renderView } from '../../test/render';
import Refused from './Refused.svelte';

/** The window around the page: what it was asked, and what its file dialog answers. */
const around = vi.hoisted(() => ({
  asked: [] as { path: string; body: unknown }[],
  picked: null as string | null,
  state: 'open',
}));
vi.mock('../host', async (original) => ({
  ...(await original()),
  inWindow: true,
  pickFile: () => Promise.resolve(around.picked),
  callApi: (_method: string, path: string, _headers: unknown, body: Uint8Array) => {
    around.asked.push({ path, body: JSON.parse(new TextDecoder().decode(body)) as unknown });
    const answer = new TextEncoder().encode(JSON.stringify({ state: around.state }));
    return Promise.resolve({ status: 200, headers: { 'content-type': 'application/json' }, body: answer });
  },
}));

const FILE = '/home/priya/Documents/Corvane Group.amtia';
const missing = { state: 'missing', file: FILE, message: `There is no workspace at ${FILE}.` } as Workspace;
const user = userEvent.setup({ pointerEventsCheck: 0 });

beforeEach(() => {
  Object.assign(around, { asked: [], picked: null, state: 'open' });
});

test('a workspace that is not where it was is named, and looked for where the person says', async () => {
  renderView(Refused, { workspace: missing, why: 'missing' as const });
  expect(screen.getByRole('heading')).toHaveTextContent('Your workspace was not found');
  expect(screen.getByText(FILE)).toBeVisible();
  const find = screen.getByRole('button', { name: 'Find the file…' });
  await user.click(find);
  expect(around.asked, 'the person thought better of it').toEqual([]);
  around.picked = '/media/Corvane Group.amtia';
  await user.click(find);
  await waitFor(() => expect(queryClient.getQueryData(['workspace'])).toEqual({ state: 'open' }));
  expect(around.asked).toEqual([{ path: '/v1/workspace/open', body: { path: around.picked } }]);
});

test('one goes on without it only by saying so', async () => {
  around.state = 'none';
  renderView(Refused, { workspace: missing, why: 'missing' as const });
  await user.click(screen.getByRole('button', { name: 'Go on without it' }));
  await waitFor(() => expect(queryClient.getQueryData(['workspace'])).toEqual({ state: 'none' }));
  expect(around.asked).toEqual([{ path: '/v1/workspace/open', body: { usual: true } }]);
});

test('a file that is there and refused is not gone on without', () => {
  const damaged: Workspace = { ...missing, state: 'damaged' };
  renderView(Refused, { workspace: damaged, why: 'damaged' as const });
  expect(screen.getByText(missing.message ?? '')).toBeVisible();
  expect(screen.queryByRole('button', { name: 'Go on without it' })).toBeNull();
});
