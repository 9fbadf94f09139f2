/** The names and colours that the workspace's matrix gives to the levels. The gate feeds them. */
import type { Level } from '../api/types';

interface Shade {
  solid: string;
  wash: string;
  on: string;
  ink: string;
}

export interface Look {
  level: Level;
  label: string;
  own: boolean;
  shades: { light: Shade; dark: Shade };
}

/** The five levels in order; the number is the step of the colour scale. */
export const LEVELS: readonly Level[] = ['very_low', 'low', 'medium', 'high', 'critical'];

/** Tokens of the levels that have a colour of their own; the others keep those of the palette. */
export function tokensOf(looks: readonly Look[], theme: 'light' | 'dark'): Record<string, string> {
  const tokens: Record<string, string> = {};
  for (const { level, own, shades } of looks) {
    if (!own) continue;
    const name = `--risk-${LEVELS.indexOf(level) + 1}`;
    const { solid, wash, on, ink } = shades[theme];
    Object.assign(tokens, {
      [name]: solid,
      [`${name}-wash`]: wash,
      [`${name}-on`]: on,
      [`${name}-ink`]: ink,
    });
  }
  return tokens;
}

/** The same as declarations. */
export function declarations(tokens: Record<string, string>): string {
  return Object.entries(tokens)
    .map(([name, colour]) => `${name}:${colour}`)
    .join(';');
}

class LevelLooks {
  /** What the levels are called, where the workspace is known. */
  names = $state.raw<ReadonlyMap<Level, string>>(new Map());
  #sheet: CSSStyleSheet | null = null;
  #told = '';

  set(looks: readonly Look[]): void {
    const told = JSON.stringify(looks);
    if (told === this.#told) return;
    this.#told = told;
    this.names = new Map(looks.map((look) => [look.level, look.label]));
    const any = looks.some((look) => look.own);
    if (!any && !this.#sheet) return;
    if (!this.#sheet) {
      this.#sheet = new CSSStyleSheet();
      document.adoptedStyleSheets = [...document.adoptedStyleSheets, this.#sheet];
    }
    // Twice the selector, so that it goes before the palette wherever that stands.
    const rule = (theme: 'light' | 'dark') =>
      `:root:root[data-theme='${theme}']{${declarations(tokensOf(looks, theme))}}`;
    this.#sheet.replaceSync(rule('light') + rule('dark'));
  }
}

export const levelLooks = new LevelLooks();
