import { beforeEach, expect, test, vi } from 'vitest';
import { href, matchPath, router } from './router.svelte';

beforeEach(() => router.go('/risks', { replace: true }));

test('a path names a place and its parts', () => {
  expect(matchPath('/frameworks/iso-27001/controls/a%2F1')).toEqual({
    name: 'control',
    params: { id: 'iso-27001', control: 'a/1' },
  });
  expect(matchPath('/risks/')).toEqual({ name: 'risks', params: {} });
});

test('a path that names nothing, or cannot be read, matches nothing', () => {
  expect(matchPath('/nowhere')).toBeNull();
  expect(matchPath('/risks/%E0%A4%A')).toBeNull();
});

test('an address is written so that it can be read back', () => {
  const address = href('risk', { id: 'a b/c' }, { view: 'target', owner: null, q: '' });
  expect(address).toBe('/risks/a%20b%2Fc?view=target');
  router.go(address);
  expect(router.params).toEqual({ id: 'a b/c' });
  expect(router.query.get('view')).toBe('target');
});

test('changing one filter keeps the others, and null removes one', () => {
  router.go('/risks?owner=Priya&level=high');
  router.patch({ level: null, category: 'Third parties' });
  expect(router.here).toBe('/risks?owner=Priya&category=Third+parties');
});

test('back undoes a filter, forward does it again', async () => {
  router.patch({ owner: 'Priya' });
  expect(router.canBack).toBe(true);
  router.back();
  await vi.waitFor(() => expect(router.query.get('owner')).toBeNull());
  expect(router.canForward).toBe(true);
  router.forward();
  await vi.waitFor(() => expect(router.query.get('owner')).toBe('Priya'));
});

test('a link of the app does not load the page again; one to elsewhere is left alone', () => {
  const inside = document.body.appendChild(document.createElement('a'));
  inside.href = '/incidents';
  const click = new MouseEvent('click', { bubbles: true, cancelable: true });
  inside.dispatchEvent(click);
  expect(click.defaultPrevented).toBe(true);
  expect(router.match?.name).toBe('incidents');

  const beside = new MouseEvent('click', { bubbles: true, cancelable: true, ctrlKey: true });
  inside.dispatchEvent(beside);
  expect(beside.defaultPrevented).toBe(false);
});
