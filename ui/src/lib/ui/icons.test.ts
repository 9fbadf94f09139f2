import Search from '@lucide/svelte/icons/search';
import { render } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import { plainIcon } from '../../../icons.plugin';

test('an icon is an svg with its lines, hidden from a screen reader, in the class that its user gives', () => {
  const { container } = render(Search, { class: 's' });
  const svg = container.querySelector('svg');
  expect(svg?.getAttribute('class')).toBe('lucide-icon lucide lucide-search s');
  expect(svg?.getAttribute('viewBox')).toBe('0 0 24 24');
  expect(svg?.getAttribute('aria-hidden')).toBe('true');
  expect([...(svg?.children ?? [])].map((line) => line.tagName)).toEqual(['path', 'circle']);
  expect(svg?.querySelector('circle')?.getAttribute('r')).toBe('8');
});

test('an icon can have a name, and be shown to everyone', () => {
  const { container } = render(Search, { 'aria-hidden': undefined, 'aria-label': 'Search' });
  const svg = container.querySelector('svg');
  expect([svg?.getAttribute('aria-hidden'), svg?.getAttribute('aria-label')]).toEqual([null, 'Search']);
});

test('what the library writes otherwise is told when the page is built', () => {
  expect(() => plainIcon('<script>const icon = {};</script>')).toThrow('not written');
});
