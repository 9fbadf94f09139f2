/**
 * A small typed router on the History API.
 *
 * The path names the place, the query holds its state: filters live in the address, so Back undoes one.
 */
import { queryString } from '@amtia/sdk/core';

/** Every place of the app, by name. */
export const places = {
  risks: '/risks',
  risk: '/risks/:id',
  riskPage: '/risks/:id/page',
  checks: '/checks',
  incidents: '/incidents',
  incident: '/incidents/:id',
  assets: '/assets',
  asset: '/assets/:id',
  documents: '/documents',
  document: '/documents/:id',
  frameworks: '/frameworks',
  framework: '/frameworks/:id',
  control: '/frameworks/:id/controls/:control',
  assessments: '/assessments',
  assessment: '/assessments/:id',
  audits: '/audits',
  audit: '/audits/:id',
  workshops: '/workshops',
  workshop: '/workshops/:id',
  workshopRoom: '/workshops/:id/room',
  workshopMinutes: '/workshops/:id/minutes',
  imports: '/imports',
  import: '/imports/:id',
  settings: '/settings',
  settingsPage: '/settings/:page',
} as const;

export type PlaceName = keyof typeof places;

type ParamsOf<P extends string> = P extends `${string}:${infer Name}/${infer Rest}`
  ? Record<Name, string> & ParamsOf<Rest>
  : P extends `${string}:${infer Name}`
    ? Record<Name, string>
    : Record<never, string>;

export type PlaceParams<N extends PlaceName> = ParamsOf<(typeof places)[N]>;
export type Query = Record<string, string | number | boolean | null | undefined>;

export interface Match {
  name: PlaceName;
  params: Record<string, string>;
}

/** Finds the place that a path names; null when none does. */
export function matchPath(path: string): Match | null {
  const parts = path.split('/').filter(Boolean);
  for (const [name, pattern] of Object.entries(places) as [PlaceName, string][]) {
    const wanted = pattern.split('/').filter(Boolean);
    if (wanted.length !== parts.length) continue;
    const params: Record<string, string> = {};
    const fits = wanted.every((piece, index) => {
      const part = parts[index] ?? '';
      if (!piece.startsWith(':')) return piece === part;
      try {
        params[piece.slice(1)] = decodeURIComponent(part);
        return true;
      } catch {
        return false;
      }
    });
    if (fits) return { name, params };
  }
  return null;
}

/** The address of a place: `href('risk', { id }, { view: 'target' })`. */
export function href<N extends PlaceName>(name: N, params: PlaceParams<N>, query: Query = {}): string {
  const values = params as Record<string, string>;
  const path = places[name].replace(/:(\w+)/g, (_, key: string) => encodeURIComponent(values[key] ?? ''));
  return path + queryString(query);
}

interface State {
  index: number;
}

class Router {
  #url = $state.raw(new URL(location.href));
  #index = $state(0);
  #last = $state(0);
  readonly match = $derived(matchPath(this.#url.pathname));
  readonly query = $derived(this.#url.searchParams);

  constructor() {
    const state = history.state as State | null;
    this.#index = state?.index ?? 0;
    this.#last = this.#index;
    history.replaceState({ index: this.#index } satisfies State, '');
    window.addEventListener('popstate', (event) => {
      this.#index = (event.state as State | null)?.index ?? 0;
      this.#last = Math.max(this.#last, this.#index);
      this.#url = new URL(location.href);
    });
    document.addEventListener('click', (event) => this.#followLink(event));
  }

  get path(): string {
    return this.#url.pathname;
  }

  /** Path and query, as in the address bar. */
  get here(): string {
    return this.#url.pathname + this.#url.search;
  }

  get params(): Record<string, string> {
    return this.match?.params ?? {};
  }

  get canBack(): boolean {
    return this.#index > 0;
  }

  get canForward(): boolean {
    return this.#index < this.#last;
  }

  /** Goes to an address of the app. `replace` leaves no step to go back to. */
  go(to: string, { replace = false } = {}): void {
    const url = new URL(to, location.href);
    if (url.href === location.href) return;
    if (replace) {
      history.replaceState({ index: this.#index } satisfies State, '', url);
    } else {
      this.#index += 1;
      this.#last = this.#index;
      history.pushState({ index: this.#index } satisfies State, '', url);
    }
    this.#url = url;
  }

  /** Changes parts of the query and keeps the rest; null removes a part. */
  patch(query: Query, options: { replace?: boolean } = {}): void {
    const now = Object.fromEntries(this.query.entries());
    this.go(this.path + queryString({ ...now, ...query }), options);
  }

  back(): void {
    if (this.canBack) history.back();
  }

  forward(): void {
    if (this.canForward) history.forward();
  }

  /** Plain `<a href>` inside the app stays inside the app. */
  #followLink(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (!link || link.target || link.hasAttribute('download') || link.origin !== location.origin) return;
    event.preventDefault();
    this.go(link.href);
  }
}

export const router = new Router();
