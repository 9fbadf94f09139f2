/** The matrix editor in words. */
import type { Level, Matrix } from '../api/types';
import { number } from '../i18n/format';
import { m } from '../i18n/index.svelte';
import { locale } from '../i18n/pick.svelte';
import { cellName } from '../risk/words';
import { levelLabel } from '../ui/levels';
import type { Fate, Preset, Remark } from './types';

export function presetName(preset: Preset): { name: string; text: string } {
  const words: Record<Preset, [() => string, () => string]> = {
    iso_27005: [m.matrix_preset_iso, m.matrix_preset_iso_text],
    ebios_rm: [m.matrix_preset_ebios, m.matrix_preset_ebios_text],
    simple: [m.matrix_preset_simple, m.matrix_preset_simple_text],
    nist_800_30: [m.matrix_preset_nist, m.matrix_preset_nist_text],
  };
  const [name, text] = words[preset];
  return { name: name(), text: text() };
}

export function fateWord(fate: Fate): string {
  const words: Record<Fate, () => string> = {
    raised: m.matrix_fate_raised,
    lowered: m.matrix_fate_lowered,
    rescored: m.matrix_fate_rescored,
    other_views: m.matrix_fate_other_views,
    unchanged: m.matrix_fate_unchanged,
  };
  return words[fate]();
}

/** What becomes of the risks, in a sentence that leaves out what becomes of none. */
export function outcomeSentence(fates: Record<Fate, number>): string {
  const parts: [Fate, (count: { count: number; n: string }) => string][] = [
    ['raised', m.matrix_sum_raised],
    ['lowered', m.matrix_sum_lowered],
    ['rescored', m.matrix_sum_rescored],
    ['other_views', m.matrix_sum_other_views],
    ['unchanged', m.matrix_sum_unchanged],
  ];
  const told = parts.filter(([fate]) => fates[fate] > 0);
  return `${list(told.map(([fate, say]) => say({ count: fates[fate], n: number(fates[fate]) })))}.`;
}

const list = (parts: string[]) => new Intl.ListFormat(locale.current, { type: 'conjunction' }).format(parts);

const nameOf = (matrix: Matrix, level: Level) =>
  levelLabel(level, matrix.levels.find((have) => have.level === level)?.label);

function sightWord(sight: NonNullable<Remark['sight']>): string {
  const words = {
    full: m.matrix_sight_full,
    protanopia: m.matrix_sight_protanopia,
    deuteranopia: m.matrix_sight_deuteranopia,
    tritanopia: m.matrix_sight_tritanopia,
    grey: m.matrix_sight_grey,
  };
  return words[sight]();
}

/** What there is to say about a matrix, one sentence each; the same pair of colours is told once, with all to whom it is alike. */
export function remarkSentences(matrix: Matrix, remarks: readonly Remark[]): string[] {
  const sentences: string[] = [];
  const alike = new Map<string, string[]>();
  for (const remark of remarks) {
    const [a, b] = remark.levels.map((level) => nameOf(matrix, level));
    if (remark.kind === 'colours_alike' && remark.sight) {
      const pair = m.matrix_remark_pair({ a: a ?? '', b: b ?? '' });
      alike.set(pair, [...(alike.get(pair) ?? []), sightWord(remark.sight)]);
    } else if (remark.kind === 'order_broken') {
      sentences.push(m.matrix_remark_order({ a: a ?? '', b: b ?? '' }));
    } else if (remark.kind === 'level_unused') {
      sentences.push(m.matrix_remark_unused({ level: a ?? '' }));
    } else if (remark.kind === 'level_falls' && remark.likelihood && remark.impact) {
      const cell = cellName(matrix, { likelihood: remark.likelihood, impact: remark.impact });
      sentences.push(m.matrix_remark_falls({ cell, level: a ?? '', higher: b ?? '' }));
    }
  }
  for (const [pair, who] of alike) sentences.push(m.matrix_remark_alike({ pair, who: list(who) }));
  return sentences;
}
