/** The ranges of the scales in French. In English the engine tells them. The rules are those of the engine's `ranges.rs`. */
import type { Matrix, MatrixStep } from '../api/types';
import { locale } from '../i18n/pick.svelte';

const number = (value: number) => String(Math.round(value * 100) / 100).replace('.', ',');

function scaled(value: number): [string, string] {
  const units: [number, string][] = [
    [1e9, 'Md'],
    [1e6, 'M'],
    [1e3, 'k'],
  ];
  const unit = units.find(([size]) => value >= size);
  return unit ? [number(value / unit[0]), unit[1]] : [number(value), ''];
}

function money(currency: string, low: number | null, high: number | null): string {
  const sign = { EUR: '€', USD: '$', GBP: '£', JPY: '¥' }[currency] ?? currency;
  const unit = (of: string) => (sign.length === 3 && of ? `${of} ${sign}` : `${of}${sign}`);
  const one = (value: number) => {
    const [amount, of] = scaled(value);
    return `${amount} ${unit(of)}`;
  };
  if (low === null || high === null) return low === null ? `< ${one(high ?? 0)}` : `> ${one(low)}`;
  const [[least, ofLeast], [most, ofMost]] = [scaled(low), scaled(high)];
  return ofLeast === ofMost
    ? `${least}–${most} ${unit(ofMost)}`
    : `${least} ${ofLeast}–${most} ${unit(ofMost)}`;
}

function chance(unit: Matrix['likelihood_unit'], low: number | null, high: number | null): string {
  const percent = unit === 'probability';
  const bare = (value: number) => number(percent ? value * 100 : value);
  const end = percent ? ' %' : '';
  const text =
    low === null
      ? `< ${bare(high ?? 0)}${end}`
      : high === null
        ? `> ${bare(low)}${end}`
        : `${bare(low)}–${bare(high)}${end}`;
  return percent && low !== null ? text : `${text} / an`;
}

/** What stands under a step's name: its range, or the words that somebody gave it. */
export function stepDetail(matrix: Matrix, axis: 'likelihood' | 'impact', step: MatrixStep): string {
  const { low, high } = step;
  if (locale.current !== 'fr' || (low === null && high === null)) return step.detail;
  return axis === 'impact' ? money(matrix.currency, low, high) : chance(matrix.likelihood_unit, low, high);
}
