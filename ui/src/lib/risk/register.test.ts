import { screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { fakeEngine, refusal, renderView } from '../../test/render';
import { locale } from '../i18n/index.svelte';
import type { Heatmap } from '../api/types';
import Register from './Register.svelte';
import { PAGE } from './rows.svelte';

const heatmap = { matrix: { rows: [], likelihood: [], impact: [] }, cells: [] } as unknown as Heatmap;

function rows(from: number, count: number) {
  return Array.from({ length: count }, (_, at) => ({
    id: `r${from + at}`,
    ref: `R-${from + at}`,
    name: `Risk ${from + at}`,
    owner: null,
    score: null,
    level: null,
    inherent: null,
    likelihood: null,
    impact: null,
    treatment: 'open',
    review_date: null,
  }));
}

test('a later page that is not read is told beside the rows that are, and read again on demand', async () => {
  locale.set('en');
  let broken = true;
  const { calls } = fakeEngine({
    'GET /v1/risks': ({ path }: { path: string }) => {
      if (!path.includes('cursor=')) return { data: rows(1, PAGE), next_cursor: 'c', total: 2 * PAGE };
      return broken
        ? refusal(500, 'The disk is gone.')
        : { data: rows(PAGE + 1, PAGE), next_cursor: null, total: null };
    },
  });
  const nothing = () => undefined;
  renderView(Register, {
    heatmap,
    total: 2 * PAGE,
    changed: 0,
    shown: true,
    ontoggle: nothing,
    onnew: nothing,
    onopen: nothing,
  });
  expect(await screen.findByText('Risk 1')).toBeVisible();
  expect(await screen.findByRole('alert')).toHaveTextContent(
    'Some rows could not be read: The disk is gone.',
  );
  broken = false;
  const before = calls.length;
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
  await expect.poll(() => screen.queryByRole('alert')).toBeNull();
  expect(calls.slice(before).map(({ path }) => path.includes('cursor=c'))).toEqual([true]);
});
