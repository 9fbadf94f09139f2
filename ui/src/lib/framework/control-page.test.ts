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
  successors: [
    { relation: 'incorporated_into', ref: 'AC-2k', id: 'c2', title: 'Account management' },
    { relation: 'incorporated_into', ref: 'ZZ-9', id: null, title: null },
  ],
  related: [],
  risks: [],
} as unknown as ControlDetail;

test('a withdrawn control leads to where it went, as far as the framework knows the place', async () => {
  locale.set('en');
  const { calls } = fakeEngine({});
  renderView(ControlPage, { control, framework: undefined });
  const link = await screen.findByRole('link', { name: 'AC-2k' });
  expect(link).toHaveAttribute('href', '/frameworks/nist/controls/c2');
  expect(screen.queryByRole('link', { name: 'ZZ-9' })).toBeNull();
  expect(screen.getByText(/Withdrawn: incorporated into/)).toHaveTextContent(
    'Withdrawn: incorporated into AC-2k and ZZ-9.',
  );
  expect(calls, 'the control says it itself').toEqual([]);
});
