import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { caps, isSingle, keys } from './keys.svelte';

let unbind: (() => void)[] = [];

function bind(pressed: string, run: () => unknown, everywhere = false): void {
  unbind.push(keys.bind([{ keys: pressed, run, everywhere }]));
}

function press(
  key: string,
  init: KeyboardEventInit = {},
  target: EventTarget = document.body,
): KeyboardEvent {
  const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...init });
  target.dispatchEvent(event);
  return event;
}

beforeEach(() => {
  keys.singles = true;
  document.body.innerHTML = '';
});
afterEach(() => {
  unbind.forEach((off) => off());
  unbind = [];
});

test('a key with Ctrl runs its binding and nothing else sees it', () => {
  const run = vi.fn();
  bind('Ctrl+K', run);
  expect(press('k', { ctrlKey: true }).defaultPrevented).toBe(true);
  press('k');
  press('k', { ctrlKey: true, shiftKey: true });
  expect(run).toHaveBeenCalledOnce();
});

test('the newest binding wins, and passes on by answering false', () => {
  const old = vi.fn();
  const passes = vi.fn(() => false);
  bind('e', old);
  bind('e', passes);
  press('e');
  expect(passes).toHaveBeenCalledOnce();
  expect(old).toHaveBeenCalledOnce();
});

test('a binding is gone once it is removed', () => {
  const run = vi.fn();
  bind('e', run);
  unbind.pop()?.();
  expect(press('e').defaultPrevented).toBe(false);
  expect(run).not.toHaveBeenCalled();
});

test('a sequence runs on its second key, and not when another key comes between', () => {
  const go = vi.fn();
  const risks = vi.fn();
  bind('g r', go);
  bind('r', risks);
  press('g');
  press('r');
  expect(go).toHaveBeenCalledOnce();
  expect(risks).not.toHaveBeenCalled();
  press('g');
  press('x');
  press('r');
  expect(go).toHaveBeenCalledOnce();
  expect(risks).toHaveBeenCalledOnce();
});

test('single letters rest in a field, keys with Ctrl do not', () => {
  const letter = vi.fn();
  const palette = vi.fn();
  bind('e', letter);
  bind('Ctrl+K', palette);
  const input = document.body.appendChild(document.createElement('input'));
  expect(press('e', {}, input).defaultPrevented).toBe(false);
  press('k', { ctrlKey: true }, input);
  expect(letter).not.toHaveBeenCalled();
  expect(palette).toHaveBeenCalledOnce();
});

test('letters choose from a focused list and do nothing else', () => {
  const letter = vi.fn();
  bind('e', letter);
  const list = document.body.appendChild(document.createElement('button'));
  list.setAttribute('role', 'combobox');
  press('e', {}, list);
  expect(letter).not.toHaveBeenCalled();
});

test('nothing behind an open menu runs, unless it is meant to', () => {
  const arrow = vi.fn();
  const close = vi.fn();
  bind('ArrowDown', arrow);
  bind('Ctrl+K', close, true);
  const menu = document.body.appendChild(document.createElement('div'));
  menu.className = 'menu';
  press('ArrowDown', {}, menu);
  press('k', { ctrlKey: true }, menu);
  expect(arrow).not.toHaveBeenCalled();
  expect(close).toHaveBeenCalledOnce();
});

test('nothing behind a modal dialog runs, wherever the focus is, until it closes', () => {
  const ran = vi.fn();
  for (const one of ['e', '?', 'g r', 'F6', 'Ctrl+Z', 'Ctrl+,']) bind(one, ran);
  bind('Ctrl+K', ran, true);
  const dialog = document.body.appendChild(document.createElement('div'));
  dialog.setAttribute('aria-modal', 'true');
  const pressAll = (target: Element) => {
    for (const key of ['e', '?', 'g', 'r', 'F6']) press(key, {}, target);
    for (const key of ['z', ',']) press(key, { ctrlKey: true }, target);
    return press('k', { ctrlKey: true }, target);
  };
  for (const target of [document.body, dialog]) {
    expect(pressAll(target).defaultPrevented, 'the browser does not search the web with it').toBe(true);
  }
  expect(ran).not.toHaveBeenCalled();
  const field = dialog.appendChild(document.createElement('input'));
  expect(press('z', { ctrlKey: true }, field).defaultPrevented, 'a field’s own undo').toBe(false);
  dialog.dataset['state'] = 'closed';
  pressAll(document.body);
  expect(ran).toHaveBeenCalledTimes(7);
});

test('single keys can be turned off; keys with Ctrl stay', () => {
  const single = vi.fn();
  const undo = vi.fn();
  bind('e', single);
  bind('g r', single);
  bind('?', single);
  bind('Ctrl+Z', undo);
  keys.singles = false;
  press('e');
  press('g');
  press('r');
  press('?', { shiftKey: true });
  press('z', { ctrlKey: true });
  expect(single).not.toHaveBeenCalled();
  expect(undo).toHaveBeenCalledOnce();
});

test('the digit row of a French keyboard counts as digits', () => {
  const first = vi.fn();
  bind('1', first);
  press('&', { code: 'Digit1' });
  press('1', { code: 'Numpad1' });
  expect(first).toHaveBeenCalledTimes(2);
});

test('Shift tells letters apart, but not signs', () => {
  const back = vi.fn();
  const sheet = vi.fn();
  bind('Shift+E', back);
  bind('?', sheet);
  press('e');
  press('E', { shiftKey: true });
  press('?', { shiftKey: true });
  press('?');
  expect(back).toHaveBeenCalledOnce();
  expect(sheet).toHaveBeenCalledTimes(2);
});

test('which keys are single characters', () => {
  expect(['e', 'g r', '?', 'Shift+E', '['].map(isSingle)).toEqual([true, true, true, true, true]);
  expect(['Ctrl+K', 'F6', 'Enter', 'ArrowUp'].map(isSingle)).toEqual([false, false, false, false]);
});

test('keys are drawn as caps', () => {
  expect(caps('Ctrl+Shift+Z')).toEqual(['Ctrl', 'Shift', 'Z']);
  expect(caps('g r')).toEqual(['G', 'R']);
  expect(caps('ArrowUp')).toEqual(['↑']);
  expect(caps('+')).toEqual(['+']);
});
