import { beforeEach, describe, expect, test, vi } from 'vitest';
import { locale } from '../i18n/index.svelte';
import { zone } from '../i18n/zone.svelte';
import { Held } from '../../test/held';
import { dayOf, endOfDay } from './days';
import { isControlled, nextStatuses } from './rules';
import { fileName, uploads } from './uploads.svelte';
import { mediaWord } from './words';

beforeEach(() => locale.set('en'));

describe('the life of a document', () => {
  test('what tells people what to do is approved in review before it is published', () => {
    expect(isControlled('policy')).toBe(true);
    expect(isControlled('evidence')).toBe(false);
    expect(isControlled(null)).toBe(false);
    expect(nextStatuses('draft', 'policy')).toEqual(['in_review', 'retired']);
    expect(nextStatuses('in_review', 'standard')).not.toContain('published');
    expect(nextStatuses('draft', 'evidence')).toContain('published');
    expect(nextStatuses('retired', null)).toEqual(['draft']);
  });
});

describe('words', () => {
  test('a file is named by what it is, and by its media type when nothing is known of it', () => {
    expect(mediaWord('application/pdf')).toBe('PDF');
    expect(mediaWord('text/csv')).toBe('Spreadsheet');
    expect(mediaWord('text/plain; charset=utf-8')).toBe('Plain text');
    expect(mediaWord('application/x-unheard-of')).toBe('application/x-unheard-of');
  });

  test('a path ends in its file’s name, on every system', () => {
    expect(fileName('/home/ada/Policy.pdf')).toBe('Policy.pdf');
    expect(fileName('C:\\Users\\Ada\\Policy.pdf')).toBe('Policy.pdf');
    expect(fileName('Policy.pdf')).toBe('Policy.pdf');
  });
});

describe('uploads', () => {
  beforeEach(() => {
    Held.all = [];
    uploads.all = [];
    vi.stubGlobal('XMLHttpRequest', Held);
  });

  test('go one after the other, tell their progress, and leave the list when they are there', async () => {
    const arrived: string[] = [];
    const end = uploads.onarrived((made) => arrived.push(made.title));
    uploads.addFiles([new File(['abc'], 'one.txt'), new File(['abcdef'], 'two.txt')]);
    await vi.waitFor(() => expect(Held.all).toHaveLength(1));
    Held.all[0]?.upload.onprogress({ loaded: 2, total: 3 });
    expect(uploads.all.map(({ name, state, sent, total }) => [name, state, sent, total])).toEqual([
      ['one.txt', 'sending', 2, 3],
      ['two.txt', 'waiting', 0, 6],
    ]);
    Held.all[0]?.answer(201, { title: 'one' });
    await vi.waitFor(() => expect(Held.all).toHaveLength(2));
    Held.all[1]?.answer(201, { title: 'two' });
    await vi.waitFor(() => expect(uploads.all).toEqual([]));
    expect(arrived).toEqual(['one', 'two']);
    end();
  });

  test('a refusal stays on the list with its reason, and can be tried again', async () => {
    uploads.addFiles([new File(['abc'], 'one.exe')]);
    await vi.waitFor(() => expect(Held.all).toHaveLength(1));
    const details = [{ field: 'file', message: 'is a program' }];
    Held.all[0]?.answer(400, { error: { code: 400, message: 'The request is not valid', details } });
    await vi.waitFor(() => expect(uploads.all[0]).toMatchObject({ state: 'failed', error: 'is a program' }));
    uploads.retry(uploads.all[0]?.id ?? 0);
    await vi.waitFor(() => expect(Held.all).toHaveLength(2));
    expect(uploads.all[0]).toMatchObject({ state: 'sending', error: null });
    uploads.drop(uploads.all[0]?.id ?? 0);
  });

  test('one that is stopped is gone at once, and the next goes on', async () => {
    uploads.addFiles([new File(['abc'], 'one.txt'), new File(['abc'], 'two.txt')]);
    await vi.waitFor(() => expect(Held.all).toHaveLength(1));
    uploads.drop(uploads.all[0]?.id ?? 0);
    expect(uploads.all.map(({ name }) => name)).toEqual(['two.txt']);
    await vi.waitFor(() => expect(Held.all).toHaveLength(2));
    uploads.drop(uploads.all[0]?.id ?? 0);
    expect(uploads.all).toEqual([]);
  });
});

describe('the day of expiry', () => {
  test.each(['Europe/Paris', 'America/Lima', 'Pacific/Auckland'])('is the same day again in %s', (name) => {
    zone.set(name);
    expect(dayOf(endOfDay('2026-12-12'))).toBe('2026-12-12');
    expect(dayOf(endOfDay('2027-03-28'))).toBe('2027-03-28');
  });

  test('ends with that day where the workspace is', () => {
    zone.set('Europe/Paris');
    expect(endOfDay('2026-12-12')).toBe('2026-12-12T22:59:59.000Z');
  });
});
