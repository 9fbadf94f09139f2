import { readFileSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import Search from '@lucide/svelte/icons/search';
import { render } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import { plainIcon } from '../../../icons.plugin';

const sources = resolve(import.meta.dirname, '../..');

test('an icon is an svg with its lines, hidden from a screen reader, in the class that its user gives', () => {
  const { container } = render(Search, { class: 's' });
  const svg = container.querySelector('svg');
  expect(svg?.getAttribute('class')).toBe('lucide-icon lucide lucide-search s');
  expect(svg?.getAttribute('viewBox')).toBe('0 0 24 24');
  expect(svg?.getAttribute('aria-hidden')).toBe('true');
  expect([...(svg?.children ?? [])].map((line) => line.tagName)).toEqual(['path', 'circle']);
  expect(svg?.querySelector('circle')?.getAttribute('r')).toBe('8');
});

test('nobody gives an icon what it does not take', () => {
  const wrong: string[] = [];
  let told = 0;
  for (const file of readdirSync(sources, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.svelte')) continue;
    const text = readFileSync(`${sources}/${file}`, 'utf8');
    const names = [...text.matchAll(/import (\w+) from '@lucide\/svelte\/icons/g)].map(([, name]) => name);
    for (const [use, given] of text.matchAll(
      RegExp(`<(?:${[...names, 'Icon'].join('|')})(\\s[^>]*)/>`, 'g'),
    )) {
      told += 1;
      if (given?.replace(/(class=(\{[^}]*\}|"[^"]*")|aria-hidden="true")/g, '').trim())
        wrong.push(`${file}: ${use}`);
    }
  }
  expect(told).toBeGreaterThan(60);
  expect(wrong).toEqual([]);
});

test('what the library writes otherwise is told when the page is built', () => {
  expect(() => plainIcon('<script>const icon = {};</script>')).toThrow('not written');
});
