/** The reference's own example, as it stands there. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { connect, key } from './served.mjs';

test('the example runs unchanged', async () => {
  const text = await readFile(join(import.meta.dirname, '../../reference-examples.txt'), 'utf8');
  const example = /^javascript\n(.*?)^PHP$/ms.exec(text)?.[1];
  assert.ok(example, 'the reference holds a JavaScript example');
  const { apiKey, secret } = key('ANALYST');
  // The two placeholders are what a person replaces; nothing else is touched. What it read is told behind it.
  const program = example.replace('your_api_key', apiKey).replace('your_secret', secret);
  const told = '\nprocess.stdout.write(JSON.stringify({ frameworks: frameworks.data.map(({ id }) => id), assessment }));\n';
  const folder = await mkdtemp(join(tmpdir(), 'amtia-sdk-'));
  try {
    await mkdir(join(folder, 'node_modules/@amtia'), { recursive: true });
    await symlink(join(import.meta.dirname, '..'), join(folder, 'node_modules/@amtia/sdk'), 'dir');
    await writeFile(join(folder, 'example.mjs'), program + told);
    const { stdout } = await promisify(execFile)(process.execPath, ['example.mjs'], { cwd: folder, timeout: 60_000 });
    const { frameworks, assessment } = JSON.parse(stdout);
    assert.ok(frameworks.includes('iso-27001'));
    assert.deepEqual([assessment.framework_id, assessment.scope], ['iso-27001', 'full']);
    const gaps = await connect('VIEWER').assessments.gaps(assessment.id);
    assert.equal(gaps.assessmentId, assessment.id);
    assert.equal(gaps.frameworkId, 'iso-27001');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
