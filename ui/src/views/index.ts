/** The views, each loaded when it is first shown. A view is the default export of its `index.svelte`. */
import type { Component } from 'svelte';
import type { PlaceName } from '../lib/router.svelte';

type Load = () => Promise<{ default: Component }>;

const risk: Load = () => import('./risk/index.svelte');
const riskPage: Load = () => import('./risk-page/index.svelte');
const checks: Load = () => import('./checks/index.svelte');
const incidents: Load = () => import('./incidents/index.svelte');
const assets: Load = () => import('./assets/index.svelte');
const documents: Load = () => import('./documents/index.svelte');
const frameworks: Load = () => import('./frameworks/index.svelte');
const assessments: Load = () => import('./assessments/index.svelte');
const audits: Load = () => import('./audits/index.svelte');
const imports: Load = () => import('./imports/index.svelte');
const settings: Load = () => import('./settings/index.svelte');

/** Which view shows a place. Places of one view share its component, so its state lives on between them. */
export const views: Record<PlaceName, Load> = {
  risks: risk,
  risk,
  riskPage,
  checks,
  incidents,
  incident: incidents,
  assets,
  asset: assets,
  documents,
  document: documents,
  frameworks,
  framework: frameworks,
  control: frameworks,
  assessments,
  assessment: assessments,
  audits,
  audit: audits,
  imports,
  import: imports,
  settings,
  settingsPage: settings,
};
