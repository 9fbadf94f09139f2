import { expect, test } from 'vitest';
import { fold, matchesWords, pieces } from './fold';

test('accents and case do not matter, and no character moves', () => {
  expect(fold('Événement ÉLEVÉ')).toBe('evenement eleve');
  expect(fold('ﬁle 🔑 İx').length).toBe('ﬁle 🔑 İx'.length);
});

test('the beginnings of words are marked, the middles are not', () => {
  expect(pieces('Supplier access, supper', 'sup ACC')).toEqual([
    { text: 'Sup', hit: true },
    { text: 'plier ', hit: false },
    { text: 'acc', hit: true },
    { text: 'ess, ', hit: false },
    { text: 'sup', hit: true },
    { text: 'per', hit: false },
  ]);
  expect(pieces('resupply', 'sup')).toEqual([{ text: 'resupply', hit: false }]);
});

test('the pieces are always the whole text', () => {
  const text = 'Réglages (…) [a+b]';
  expect(
    pieces(text, 'a+ re (')
      .map((piece) => piece.text)
      .join(''),
  ).toBe(text);
});

test('every word must begin a word', () => {
  expect(matchesWords('Go to the risk map', 'ri ma')).toBe(true);
  expect(matchesWords('Aller aux référentiels', 'REF')).toBe(true);
  expect(matchesWords('Go to the risk map', 'ap')).toBe(false);
  expect(matchesWords('anything', '')).toBe(true);
});
