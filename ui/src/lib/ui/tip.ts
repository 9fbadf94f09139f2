/** What a tip says and where it stands: attributes for the element that it is about. `TipHost` shows it. */
export type TipSide = 'top' | 'right' | 'bottom' | 'left';

export interface TipAttributes {
  'data-tip': string;
  'data-tip-keys': string | undefined;
  'data-tip-side': TipSide;
}

/** `keys` as in the keyboard map: `Ctrl+K`, `g r`. */
export function tip(text: string, keys: string | undefined, side: TipSide): TipAttributes {
  return { 'data-tip': text, 'data-tip-keys': keys, 'data-tip-side': side };
}
