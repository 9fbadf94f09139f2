import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { svelteTesting } from '@testing-library/svelte/vite';
import type { HtmlTagDescriptor, Plugin } from 'vite';
import { defineConfig } from 'vitest/config';
import { plainIcons } from './icons.plugin.ts';
import { smallMessages } from './messages.plugin.ts';

/** The viewer of the API reference that `amtia serve` shows at /reference: files of their own, which no other page loads. */
const reference: Plugin = {
  name: 'api-reference',
  apply: 'build',
  generateBundle() {
    const { resolve } = createRequire(import.meta.url);
    for (const name of ['swagger-ui-bundle.js', 'swagger-ui-bundle.js.LICENSE.txt', 'swagger-ui.css']) {
      const source = readFileSync(resolve(`swagger-ui-dist/${name}`));
      this.emitFile({ type: 'asset', fileName: `reference/${name}`, source });
    }
  },
};

/**
 * The first screen in as few journeys as there can be, which count double in the window, where each goes through the thread
 * that also draws it: its style sheet in the page itself, its scripts and the fonts of its first words asked for at once.
 */
const firstScreen: Plugin = {
  name: 'first-screen',
  apply: 'build',
  transformIndexHtml: {
    order: 'post',
    handler(html, { bundle }) {
      const tags: HtmlTagDescriptor[] = [];
      let page = html.replaceAll(
        /<script type="module" crossorigin src="(?<href>[^"]+)"><\/script>/g,
        (tag, href: string) => {
          tags.push({
            tag: 'link',
            attrs: { rel: 'modulepreload', crossorigin: true, href },
            injectTo: 'head-prepend',
          });
          return tag;
        },
      );
      page = page.replaceAll(
        /<link rel="stylesheet" crossorigin href="\/(?<file>[^"]+)">/g,
        (tag, file: string) => {
          const sheet = bundle?.[file];
          if (sheet?.type !== 'asset') return tag;
          // Named still, so that a later screen that needs it too does not load it again; under a type that no browser fetches,
          // where a disabled one is fetched by WebKit all the same.
          return `<link rel="stylesheet" type="text/plain" href="/${file}"><style>${String(sheet.source)}</style>`;
        },
      );
      for (const file of Object.keys(bundle ?? {}).filter((name) =>
        /-latin-wght-normal-.*\.woff2$/.test(name),
      )) {
        const attrs = { rel: 'preload', as: 'font', type: 'font/woff2', crossorigin: true, href: `/${file}` };
        tags.push({ tag: 'link', attrs, injectTo: 'head-prepend' });
      }
      return { html: page, tags };
    },
  },
};

// The messages are compiled by `npm run messages`, which every script runs first.
export default defineConfig({
  plugins: [plainIcons, svelte(), svelteTesting(), smallMessages(), reference, firstScreen],
  base: '/',
  resolve: {
    alias: {
      $lib: fileURLToPath(new URL('./src/lib', import.meta.url)),
      // Its source, so that nothing has to be built or installed before the page.
      '@amtia/sdk/core': fileURLToPath(new URL('../sdks/js/src/core.ts', import.meta.url)),
    },
  },
  build: {
    target: ['safari16.4', 'chrome111'],
    outDir: 'dist',
    emptyOutDir: true,
    // The page's policy refuses data: addresses for scripts and fonts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
    rolldownOptions: {
      output: {
        codeSplitting: {
          // The shell and the map, which opens first, with all that they import: one script instead of a
          // score of small ones that wait for each other.
          groups: [
            { name: 'start', test: /\/src\/(main\.ts|views\/risk\/index\.svelte)$/, priority: 2 },
            // What floats above a page is one library that whoever opens a menu, a list or a dialog needs most of.
            {
              name: 'floating',
              test: /\/node_modules\/(?!.*(date|calendar))(bits-ui|@floating-ui|tabbable|svelte-toolbelt|runed|inline-style-parser|style-to-object)\//,
              priority: 1,
            },
            // So are a risk's record, its menus and dialogs, and the shell's own screens and dialogs: alone, each would be small.
            { name: 'risk', test: /\/src\/lib\/(risk|check)\//, priority: 1 },
            { name: 'shell', test: /\/src\/lib\/shell\//, priority: 1 },
            // So are the parts that every other screen's lists and records are made of.
            { name: 'record', test: /\/(src\/lib\/(record|ui)|node_modules\/@lucide)\//, priority: 1 },
          ],
        },
      },
    },
  },
  test: {
    environment: 'jsdom',
    include: ['src/**/*.test.ts'],
    setupFiles: ['src/test/setup.ts'],
    restoreMocks: true,
  },
});
