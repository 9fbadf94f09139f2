import { readFileSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

const folder = resolve(import.meta.dirname, '../../../messages');

type Catalog = Record<string, unknown>;

function read(language: string, file: string): Catalog {
  const { $schema: _, ...messages } = JSON.parse(
    readFileSync(`${folder}/${language}/${file}`, 'utf8'),
  ) as Catalog;
  return messages;
}

/** All the words of one message: one, or one for each plural. */
function texts(message: unknown): string[] {
  if (typeof message === 'string') return [message];
  return (message as { match: Record<string, string> }[]).flatMap((variant) => Object.values(variant.match));
}

function inputs(message: unknown): string[] {
  const names = texts(message).flatMap((text) =>
    [...text.matchAll(/\{(\w+)\}/g)].map((found) => found[1] ?? ''),
  );
  return [...new Set(names)].sort();
}

describe.each(readdirSync(`${folder}/en`))('%s', (file) => {
  const en = read('en', file);
  const fr = read('fr', file);

  test('both languages have the same messages', () => {
    expect(Object.keys(fr).sort()).toEqual(Object.keys(en).sort());
  });

  test('both languages say the same numbers and names', () => {
    for (const key of Object.keys(en)) expect([key, inputs(fr[key])]).toEqual([key, inputs(en[key])]);
  });

  test('nothing is empty, and every plural has the case for the rest', () => {
    for (const [key, message] of [...Object.entries(en), ...Object.entries(fr)]) {
      for (const text of texts(message)) expect([key, text.trim() === '']).toEqual([key, false]);
      if (typeof message === 'string') continue;
      for (const { match } of message as { match: Record<string, string> }[]) {
        expect([key, Object.keys(match).some((when) => when.endsWith('=*'))]).toEqual([key, true]);
      }
    }
  });

  test('French has a no-break space before its double signs and inside its quotation marks', () => {
    const wrong = Object.entries(fr).flatMap(([key, message]) =>
      texts(message)
        .filter((text) => / [:;!?%»]|« /.test(text) || /[\p{L})}][;!?»]|«[^\u00a0\u202f]/u.test(text))
        .map((text) => `${key}: ${text}`),
    );
    expect(wrong).toEqual([]);
  });

  test('words are calm', () => {
    const loud = Object.entries(en).flatMap(([key, message]) =>
      texts(message)
        .filter((text) => /\b(please|oops|successfully|sorry)\b|!/i.test(text))
        .map((text) => `${key}: ${text}`),
    );
    expect(loud).toEqual([]);
  });
});
