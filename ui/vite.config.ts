import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { svelteTesting } from '@testing-library/svelte/vite';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';
import { smallMessages } from './messages.plugin';

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

// The messages are compiled by `npm run messages`, which every script runs first.
export default defineConfig({
  plugins: [svelte(), svelteTesting(), smallMessages, reference],
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
          groups: [{ name: 'start', test: /\/src\/(main\.ts|views\/risk\/index\.svelte)$/ }],
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
