import type { Component } from 'svelte';

/** One choice of a select, a filter chip or a segmented control. */
export interface Option {
  value: string;
  label: string;
  /** At the end of the row: a count, for example. */
  detail?: string;
  icon?: Component;
  disabled?: boolean;
}

/** One row of a menu; a string is a heading, null a line. */
export type MenuItem =
  | {
      label: string;
      icon?: Component;
      keys?: string;
      danger?: boolean;
      disabled?: boolean;
      /** Shows a tick when it is on. */
      checked?: boolean;
      /** The menu stays open, for more than one choice. */
      stays?: boolean;
      run: () => unknown;
    }
  | string
  | null;

export interface Step {
  key: string;
  label: string;
  state: 'done' | 'current' | 'next';
}
