import type { Level } from '../api/types';
import { m } from '../i18n/index.svelte';
import { LEVELS, levelLooks } from './level-looks.svelte';

export { LEVELS };

/** 1 to 5: the step of the colour scale (`s1`…`s5`, `k1`…`k5`, `--risk-1`…). */
export function levelStep(level: Level): number {
  return LEVELS.indexOf(level) + 1;
}

/** Names that the app itself gives to levels, in English as the engine keeps them. */
const KNOWN: Record<string, () => string> = {
  'Very low': m.level_very_low,
  Low: m.level_low,
  Medium: m.level_medium,
  Moderate: m.level_moderate,
  High: m.level_high,
  'Very high': m.level_very_high,
  Critical: m.level_critical,
};

/** A level under the name that a matrix gives it: translated where it is the app's own, as it is where it is somebody's. */
export function levelLabel(level: Level, label: string | undefined): string {
  return label === undefined ? plainLevelWord(level) : (KNOWN[label]?.() ?? label);
}

/** The level as a word of the app, whatever the matrix calls it. */
export function plainLevelWord(level: Level): string {
  const words: Record<Level, () => string> = {
    very_low: m.level_very_low,
    low: m.level_low,
    medium: m.level_medium,
    high: m.level_high,
    critical: m.level_critical,
  };
  return words[level]();
}

/** The level as a word, as the workspace's matrix calls it. */
export function levelWord(level: Level): string {
  return levelLabel(level, levelLooks.names.get(level));
}
