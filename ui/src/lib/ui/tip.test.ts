import X from '@lucide/svelte/icons/x';
import { fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import IconButton from './IconButton.svelte';
import TipHost from './TipHost.svelte';

beforeEach(() => {
  vi.useFakeTimers();
  render(TipHost);
  render(IconButton, { label: 'Close the details', icon: X, keys: 'Ctrl+I' });
});
afterEach(() => vi.useRealTimers());

const shown = () => document.querySelector('.tip');

test('a press or a key takes it away, and a finger gets none', async () => {
  const button = screen.getByRole('button', { name: 'Close the details' });
  await fireEvent.pointerOver(button, { pointerType: 'touch' });
  await vi.advanceTimersByTimeAsync(2000);
  expect(shown()).toBeNull();
  await fireEvent.pointerOver(button, { pointerType: 'mouse' });
  await fireEvent.keyDown(button, { key: 'a' });
  await vi.advanceTimersByTimeAsync(2000);
  expect(shown()).toBeNull();
});
