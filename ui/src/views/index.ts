/** The views, each loaded when it is first shown. A view is the default export of its `index.svelte`. */
import type { Component } from 'svelte';
import type { PlaceName } from '../lib/router.svelte';

interface Load {
  (): Promise<Component>;
  /** Once it was loaded: then nobody has to wait for it again. */
  view: Component | null;
}

function view(load: () => Promise<{ default: Component }>): Load {
  const loading: Load = async () => (loading.view ??= (await load()).default);
  loading.view = null;
  return loading;
}

const risk = view(() => import('./risk/index.svelte'));
const riskPage = view(() => import('./risk-page/index.svelte'));
const checks = view(() => import('./checks/index.svelte'));
const incidents = view(() => import('./incidents/index.svelte'));
const assets = view(() => import('./assets/index.svelte'));
const documents = view(() => import('./documents/index.svelte'));
const frameworks = view(() => import('./frameworks/index.svelte'));
const assessments = view(() => import('./assessments/index.svelte'));
const audits = view(() => import('./audits/index.svelte'));
const workshops = view(() => import('./workshops/index.svelte'));
const workshopRoom = view(() => import('./workshop-room/index.svelte'));
const workshopMinutes = view(() => import('./workshop-minutes/index.svelte'));
const imports = view(() => import('./imports/index.svelte'));
const settings = view(() => import('./settings/index.svelte'));

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
  workshops,
  workshop: workshops,
  workshopRoom,
  workshopMinutes,
  imports,
  import: imports,
  settings,
  settingsPage: settings,
};
