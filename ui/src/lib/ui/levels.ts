import type { Level } from '../api/types';
import { m } from '../i18n/index.svelte';

/** The five levels in order; the number is the step of the colour scale. */
export const LEVELS: readonly Level[] = ['very_low', 'low', 'medium', 'high', 'critical'];

/** 1 to 5: the step of the colour scale (`s1`…`s5`, `k1`…`k5`, `--risk-1`…). */
export function levelStep(level: Level): number {
  return LEVELS.indexOf(level) + 1;
}

/** The level as a word. */
export function levelWord(level: Level): string {
  const words: Record<Level, () => string> = {
    very_low: m.level_very_low,
    low: m.level_low,
    medium: m.level_medium,
    high: m.level_high,
    critical: m.level_critical,
  };
  return words[level]();
}
