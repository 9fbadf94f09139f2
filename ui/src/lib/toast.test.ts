import { render, screen } from '@testing-library/svelte';
import { tick } from 'svelte';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { toast } from './toast.svelte';
import ToastHost from './ui/ToastHost.svelte';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  toast.close();
  vi.useRealTimers();
});

test('a toast goes after eight seconds', async () => {
  render(ToastHost);
  toast.show('R-0142 moved', { bold: 'R-0142' });
  await tick();
  expect(screen.getByRole('status')).toHaveTextContent('R-0142 moved');
  expect(screen.getByText('R-0142').tagName).toBe('B');
  vi.advanceTimersByTime(7900);
  await tick();
  expect(screen.getByRole('status')).not.toBeEmptyDOMElement();
  vi.advanceTimersByTime(200);
  await tick();
  expect(screen.getByRole('status').textContent.trim()).toBe('');
});

test('its time stands still while a pointer is on it', () => {
  toast.show('Saved');
  vi.advanceTimersByTime(5000);
  toast.pause();
  vi.advanceTimersByTime(60_000);
  expect(toast.current?.text).toBe('Saved');
  toast.resume();
  vi.advanceTimersByTime(2900);
  expect(toast.current).not.toBeNull();
  vi.advanceTimersByTime(200);
  expect(toast.current).toBeNull();
});

test('an error stays until it is closed', async () => {
  render(ToastHost);
  toast.error('Not saved: disk is full.');
  vi.advanceTimersByTime(600_000);
  await tick();
  expect(screen.getByText('Not saved: disk is full.')).toBeVisible();
  screen.getByRole('button', { name: 'Close' }).click();
  expect(toast.current).toBeNull();
});

test('its one action runs once and closes it', async () => {
  const run = vi.fn();
  render(ToastHost);
  toast.show('Moved', { action: { label: 'Undo', keys: 'Ctrl+Z', run } });
  await tick();
  screen.getByRole('button', { name: 'Undo' }).click();
  expect(run).toHaveBeenCalledOnce();
  expect(toast.current).toBeNull();
});

test('a new toast takes the place of the old one, and its time', () => {
  toast.show('one');
  vi.advanceTimersByTime(7000);
  toast.show('two');
  vi.advanceTimersByTime(7000);
  expect(toast.current?.text).toBe('two');
});
