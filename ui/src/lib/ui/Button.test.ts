import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { createRawSnippet } from 'svelte';
import { expect, test, vi } from 'vitest';
import Button from './Button.svelte';

const children = createRawSnippet(() => ({ render: () => '<span>New risk</span>' }));

test('a press runs it', async () => {
  const onclick = vi.fn();
  render(Button, { children, onclick });
  await userEvent.click(screen.getByRole('button', { name: 'New risk' }));
  expect(onclick).toHaveBeenCalledOnce();
});

test('while it is busy it takes no second press and says so', async () => {
  const onclick = vi.fn();
  render(Button, { children, onclick, busy: true });
  const button = screen.getByRole('button');
  await userEvent.click(button);
  expect(onclick).not.toHaveBeenCalled();
  expect(button).toHaveAttribute('aria-busy', 'true');
});

test('when it cannot be pressed it can be reached and says why', async () => {
  const onclick = vi.fn();
  render(Button, { children, onclick, reason: 'Add a finding first' });
  await userEvent.tab();
  const button = screen.getByRole('button');
  expect(button).toHaveFocus();
  expect(button).toHaveAccessibleDescription('Add a finding first');
  await userEvent.click(button);
  expect(onclick).not.toHaveBeenCalled();
});
