/**
 * Writes the typed models and operations of the three SDKs from openapi.json: `node sdks/generate/index.mjs`.
 * With `--check` it writes nothing and names what is stale. `cargo xtask gen` and the tests run it.
 *
 * Only the documented operations are described: a remote AMTIA has no others.
 */
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { php } from './php.mjs';
import { python } from './python.mjs';
import { read } from './read.mjs';
import { typescript } from './typescript.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const api = read(JSON.parse(readFileSync(join(root, 'openapi.json'), 'utf8')));

/** Path from the root to text. */
const files = new Map([...python(api), ...(await typescript(api, root)), ...php(api)]);
/** Folders that hold generated files only. */
const wholly = ['sdks/php/src/Model', 'sdks/php/src/Resource'];

const stale = [];
for (const [name, text] of files) {
  const path = join(root, name);
  if (!existsSync(path) || readFileSync(path, 'utf8') !== text) stale.push(name);
}
const leftover = wholly
  .flatMap((folder) => (existsSync(join(root, folder)) ? readdirSync(join(root, folder)).map((name) => join(folder, name)) : []))
  .filter((name) => !files.has(name.replaceAll('\\', '/')));

if (process.argv.includes('--check')) {
  const wrong = [...stale, ...leftover];
  if (wrong.length > 0) {
    process.stderr.write(`Stale or changed by hand, run \`cargo xtask gen\`:\n  ${wrong.join('\n  ')}\n`);
    process.exitCode = 1;
  }
} else {
  for (const name of stale) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), files.get(name));
  }
  for (const name of leftover) rmSync(join(root, name));
  for (const name of [...stale, ...leftover]) process.stdout.write(`${relative('.', name)}\n`);
}
