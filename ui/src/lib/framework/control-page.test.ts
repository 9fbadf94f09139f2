import { screen } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import { fakeEngine, renderView } from '../../test/render';
import type { ControlDetail } from '../api/types';
import { locale } from '../i18n/index.svelte';
import ControlPage from './ControlPage.svelte';

const control = {
  id: 'c1',
  framework_id: 'nist',
  ref: 'AC-2(10)',
  title: 'Shared accounts',
  description: 'Withdrawn: incorporated into AC-2k and ZZ-9.',
  withdrawn: true,
  path: [],
  previous: null,
  next: null,
  related: [],
  risks: [],
} as unknown as ControlDetail;

test('a withdrawn control leads to where it went, as far as the framework knows the place', async () => {
  locale.set('en');
  const { calls } = fakeEngine({
    'GET /v1/frameworks/nist/controls': ({ path }: { path: string }) => ({
      data: path.includes('q=AC-2')
        ? [
            { id: 'c20', ref: 'AC-20' },
            { id: 'c2', ref: 'AC-2' },
          ]
        : [],
      next_cursor: null,
      total: 2,
    }),
  });
  renderView(ControlPage, { control, framework: undefined });
  const link = await screen.findByRole('link', { name: 'AC-2k' });
  expect(link).toHaveAttribute('href', '/frameworks/nist/controls/c2');
  expect(screen.queryByRole('link', { name: 'ZZ-9' })).toBeNull();
  expect(screen.getByText(/Withdrawn: incorporated into/)).toHaveTextContent(
    'Withdrawn: incorporated into AC-2k and ZZ-9.',
  );
  expect(calls.map(({ path }) => new URL(path, 'http://x').searchParams.get('q'))).toEqual(['AC-2', 'ZZ-9']);
});
