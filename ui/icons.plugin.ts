/**
 * Compiles the icons to plain SVG.
 *
 * The library's components put each icon together when it is drawn: a context, two objects and an element for each line.
 * A first screen has a score of them. Here an icon is what it will be anyway: an `svg` with its lines, copied whole. Its user
 * gives it a class and nothing else: it says nothing by itself, what it stands in has the name.
 */
import type { Plugin } from 'vite';

const FILE = /\/@lucide\/svelte\/dist\/icons\/[\w-]+\.svelte$/;
const DATA = /const iconData = (\{.*\});/;

interface IconData {
  name: string;
  size: number;
  node: [tag: string, attributes: Record<string, string | number>][];
}

/** The icon's component as plain SVG; an error for what is not written as expected. */
export function plainIcon(code: string): string {
  const data = DATA.exec(code)?.[1];
  if (!data) throw new Error('not written as this plugin expects');
  const { name, size, node } = JSON.parse(data) as IconData;
  const lines = node.map(([tag, attributes]) => {
    const given = Object.entries(attributes).map(([key, value]) => ` ${key}="${value}"`);
    return `<${tag}${given.join('')} />`;
  });
  return `<script lang="ts">let { class: extra = '' } = $props();</script>
<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}" viewBox="0 0 ${size} ${size}" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" class="lucide-icon lucide lucide-${name} {extra}">${lines.join('')}</svg>`;
}

export const plainIcons: Plugin = {
  name: 'plain-icons',
  enforce: 'pre',
  transform(code, id) {
    return FILE.test(id) ? { code: plainIcon(code), map: null } : null;
  },
};
