import { expect, test } from 'vitest';
import { fakeEngine, refusal } from '../test/render';
import { toast } from './toast.svelte';
import { redoStep, undo } from './undo.svelte';

const done = { kind: 'risk', id: 'r', ref: 'R-0142', name: 'Name', action: 'moved', undo: null, redo: null };

test('undo takes the last change back and offers to do it again', async () => {
  const { calls } = fakeEngine({ 'POST /v1/undo': done, 'POST /v1/redo': done });
  await undo();
  expect(toast.current?.text).toBe('Undone: R-0142');
  expect(toast.current?.action?.label).toBe('Redo');
  await toast.current?.action?.run();
  expect(calls.map((call) => call.path)).toEqual(['/v1/undo', '/v1/redo']);
  expect(toast.current?.text).toBe('Done again: R-0142');
});

test('two presses at once take one change back', async () => {
  const { calls } = fakeEngine({ 'POST /v1/undo': done });
  await Promise.all([undo(), undo()]);
  expect(calls).toHaveLength(1);
});

test('with nothing to take back it says so', async () => {
  fakeEngine({});
  await undo();
  expect(toast.current?.text).toBe('Nothing to undo');
  await redoStep();
  expect(toast.current?.text).toBe('Nothing to redo');
});

test('when somebody changed it since, it says which field and what was kept', async () => {
  fakeEngine({
    'POST /v1/undo': refusal(412, 'Changed.', [{ field: 'impact', message: '', yours: 4, current: 5 }]),
  });
  await undo();
  expect(toast.current?.tone).toBe('error');
  expect(toast.current?.text).toContain('impact');
});
