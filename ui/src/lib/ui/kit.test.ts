import { render, screen, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { createRawSnippet } from 'svelte';
import { expect, test, vi } from 'vitest';
import { ApiError } from '@amtia/sdk/core';
import { locale } from '../i18n/index.svelte';
import Avatar, { hue, initials } from './Avatar.svelte';
import Dialog from './Dialog.svelte';
import ErrorState from './ErrorState.svelte';
import Field from './Field.svelte';
import FilterChip from './FilterChip.svelte';
import FilterKey from './FilterKey.svelte';
import IconButton from './IconButton.svelte';
import Menu from './Menu.svelte';
import Progress from './Progress.svelte';
import ScoreBadge from './ScoreBadge.svelte';
import Segmented from './Segmented.svelte';
import Select from './Select.svelte';
import Stepper from './Stepper.svelte';
import Switch from './Switch.svelte';
import VirtualList from './VirtualList.svelte';
import X from '@lucide/svelte/icons/x';

const options = [
  { value: 'mitigate', label: 'Mitigate' },
  { value: 'accept', label: 'Accept' },
  { value: 'avoid', label: 'Avoid', disabled: true },
];
const user = () => userEvent.setup({ pointerEventsCheck: 0 });

test('a field is named, and says what is wrong with it', () => {
  render(Field, { label: 'Impact', value: '9', error: 'Must be 1 to 5.', hint: 'From the matrix' });
  const field = screen.getByRole('textbox', { name: 'Impact' });
  expect(field).toBeInvalid();
  expect(field).toHaveAccessibleDescription('Must be 1 to 5. From the matrix');
});

test('a select is chosen from by keyboard', async () => {
  const onchange = vi.fn();
  render(Select, { label: 'Treatment', options, value: 'mitigate', onchange });
  const trigger = screen.getByRole('combobox', { name: 'Treatment' });
  expect(trigger).toHaveTextContent('Mitigate');
  trigger.focus();
  await user().keyboard('{ArrowDown}');
  const list = await screen.findByRole('listbox', { hidden: true });
  expect(
    within(list)
      .getAllByRole('option', { hidden: true })
      .map((option) => option.textContent?.trim()),
  ).toEqual(['Mitigate', 'Accept', 'Avoid']);
  await user().keyboard('{ArrowDown}{Enter}');
  expect(onchange).toHaveBeenCalledWith('accept');
});

test('a segmented control is a radio group moved by arrows', async () => {
  const onchange = vi.fn();
  render(Segmented, { label: 'View', options: options.slice(0, 2), value: 'mitigate', onchange });
  expect(screen.getByRole('radio', { name: 'Mitigate' })).toBeChecked();
  screen.getByRole('radio', { name: 'Mitigate' }).focus();
  await user().keyboard('{ArrowRight}');
  expect(onchange).toHaveBeenCalledWith('accept');
});

test('a switch answers to its label', async () => {
  const onchange = vi.fn();
  render(Switch, { label: 'Show movement', checked: false, onchange });
  await user().click(screen.getByText('Show movement'));
  expect(onchange).toHaveBeenCalledWith(true);
  expect(screen.getByRole('switch', { name: 'Show movement' })).toBeChecked();
});

test('a filter says what it filters, and is taken off by its cross', async () => {
  const onchange = vi.fn();
  const props = { label: 'Treatment', options, any: 'Any', onchange };
  const { rerender } = render(FilterChip, { ...props, value: null });
  expect(screen.getByRole('combobox', { name: 'Treatment: Any' })).toBeVisible();
  expect(screen.queryByRole('button', { name: /Clear/ })).toBeNull();
  await rerender({ ...props, value: 'accept' });
  await user().click(screen.getByRole('button', { name: 'Clear the filter Treatment' }));
  expect(onchange).toHaveBeenCalledWith(null);
});

test('the filter key offers the filters in sight; the chosen one opens its list', async () => {
  const onchange = vi.fn();
  render(FilterKey, { group: () => 'Risk map' });
  render(FilterChip, { label: 'Owner', options, any: 'Anyone', onchange, value: null });
  // Nothing is laid out here, so nothing finds its place beside a filter.
  const hidden = true;
  const shown = () => screen.findByRole('menu', { name: 'Choose a filter', hidden });

  await user().keyboard('f');
  expect(await screen.findByRole('listbox', { name: 'Owner' }), 'one filter is no question').toBeVisible();
  await user().keyboard('{Escape}');
  await vi.waitFor(() => expect(screen.queryByRole('listbox')).toBeNull());

  render(FilterChip, { label: 'Treatment', options, any: 'All', onchange, value: 'accept' });
  await user().keyboard('f');
  await shown();
  const rows = screen
    .getAllByRole('menuitem', { hidden })
    .map((row) => row.textContent.replace(/\s+/g, ' ').trim());
  expect(rows).toEqual(['Owner Anyone', 'Treatment Accept']);
  await vi.waitFor(() => expect(screen.getByRole('menuitem', { name: /Owner/, hidden })).toHaveFocus());
  await user().keyboard('{ArrowDown}{Enter}');
  const treatment = () => screen.getByRole('combobox', { name: 'Treatment: Accept', hidden });
  await vi.waitFor(() => expect(treatment()).toHaveAttribute('aria-expanded', 'true'));
  await vi.waitFor(() => expect(screen.queryByRole('menu', { hidden })).toBeNull());
});

test('a dialog is named, takes the focus to its field and closes on Escape', async () => {
  const onclose = vi.fn();
  const children = createRawSnippet(() => ({ render: () => '<div><input aria-label="Note"></div>' }));
  render(Dialog, {
    open: true,
    title: 'Reopen INC-0412',
    description: 'It needs a reason.',
    children,
    onclose,
  });
  const dialog = await screen.findByRole('dialog', { name: 'Reopen INC-0412' });
  expect(dialog).toHaveAccessibleDescription('It needs a reason.');
  await vi.waitFor(() => expect(screen.getByLabelText('Note')).toHaveFocus());
  await user().keyboard('{Escape}');
  expect(onclose).toHaveBeenCalledOnce();
});

test('a dialog that must be answered does not close on Escape', async () => {
  const onclose = vi.fn();
  render(Dialog, { open: true, title: 'Keep a recovery key', firm: true, onclose });
  await screen.findByRole('dialog');
  await user().keyboard('{Escape}');
  expect(onclose).not.toHaveBeenCalled();
  expect(screen.queryByRole('button', { name: 'Close' })).toBeNull();
});

test('a menu runs its item, and not one that is off', async () => {
  const [move, erase] = [vi.fn(), vi.fn()];
  const trigger = createRawSnippet(() => ({ render: () => '<button>More</button>' }));
  render(Menu, {
    label: 'R-0142',
    open: true,
    trigger,
    items: [
      { label: 'Move to…', keys: 'm', run: move },
      null,
      { label: 'Erase', disabled: true, run: erase },
    ],
  });
  await user().click(await screen.findByRole('menuitem', { name: /Erase/ }));
  expect(erase).not.toHaveBeenCalled();
  await user().click(screen.getByRole('menuitem', { name: /Move to…/ }));
  expect(move).toHaveBeenCalledOnce();
});

test('a score is a number and a word, in the language of the person', async () => {
  locale.set('en');
  const { rerender, container } = render(ScoreBadge, { score: 20, level: 'critical' });
  expect(container).toHaveTextContent('20, Critical');
  expect(container.querySelector('.score')).toHaveClass('s5');
  locale.set('fr');
  await rerender({ score: null, level: null });
  expect(container).toHaveTextContent('Non évalué');
  locale.set('en');
});

test('a person has the same colour everywhere, and at most two letters', () => {
  expect(initials('Inès de La Croix')).toBe('IC');
  expect(initials('  dpo ')).toBe('D');
  expect(initials('')).toBe('');
  expect(hue('Priya Raman')).toBe(hue('Priya Raman'));
  expect(new Set(['Priya', 'Tomasz', 'Jonas', 'Sanna', 'Maëlle', 'Hugo'].map(hue)).size).toBeGreaterThan(1);
  render(Avatar, { name: 'Priya Raman' });
  expect(screen.getByText('PR')).toHaveAttribute('aria-hidden', 'true');
});

test('a stepper says which step is the current one', async () => {
  const onselect = vi.fn();
  render(Stepper, {
    label: 'Status',
    steps: [
      { key: 'new', label: 'New', state: 'done' },
      { key: 'triaged', label: 'Triaged', state: 'current' },
      { key: 'contained', label: 'Contained', state: 'next' },
    ],
    onselect,
  });
  const current = screen
    .getAllByRole('listitem')
    .filter((item) => item.ariaCurrent === 'step' || item.getAttribute('aria-current') === 'step');
  expect(current).toHaveLength(1);
  expect(current[0]).toHaveTextContent('Triaged');
  await user().click(screen.getByRole('button', { name: 'Contained' }));
  expect(onselect).toHaveBeenCalledWith('contained');
});

test('progress has its numbers, or none while they are not known', async () => {
  const { rerender } = render(Progress, { label: 'Reading', done: 0, total: 0 });
  expect(screen.getByRole('progressbar')).not.toHaveAttribute('aria-valuenow');
  await rerender({ label: 'Importing, 600 of 1,189', done: 600, total: 1189 });
  expect(screen.getByRole('progressbar', { name: 'Importing, 600 of 1,189' })).toHaveAttribute(
    'aria-valuenow',
    '600',
  );
});

test('an icon button has a name', () => {
  render(IconButton, { label: 'Close the details', icon: X });
  expect(screen.getByRole('button', { name: 'Close the details' })).toBeVisible();
});

test('an error says what happened, offers to try again and gives its number', async () => {
  const retry = vi.fn();
  render(ErrorState, {
    title: 'The register could not be read',
    error: new ApiError({ code: 500, message: 'Something went wrong here.', requestId: 'req_01' }),
    retry,
  });
  expect(screen.getByRole('alert')).toHaveTextContent('Something went wrong here.');
  expect(screen.getByText('req_01')).toBeVisible();
  await user().click(screen.getByRole('button', { name: 'Try again' }));
  expect(retry).toHaveBeenCalledOnce();
});

test('of ten thousand rows only those on screen are in the page', async () => {
  vi.spyOn(HTMLElement.prototype, 'offsetHeight', 'get').mockReturnValue(600);
  const row = createRawSnippet<[number]>((index) => ({ render: () => `<p class="r">Row ${index()}</p>` }));
  const onrange = vi.fn();
  const { container } = render(VirtualList, {
    count: 10_000,
    rowHeight: 34,
    row,
    onrange,
    role: 'grid',
    label: 'Register',
  });
  await vi.waitFor(() => expect(container.querySelector('.r')).not.toBeNull());
  const rows = container.querySelectorAll('.r');
  expect(rows.length).toBeGreaterThan(10);
  expect(rows.length).toBeLessThan(60);
  expect(rows[0]).toHaveTextContent('Row 0');
  expect(onrange).toHaveBeenCalledWith(0, rows.length - 1);
  expect(screen.getByRole('grid', { name: 'Register' })).toBeVisible();
});
