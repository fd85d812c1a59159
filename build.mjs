// `npm run build`: compiles the product into dist/ and bundles the workflows, each only when its inputs changed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

process.chdir(import.meta.dirname);

const { include: parts } = JSON.parse(readFileSync('tsconfig.build.json', 'utf8'));
const settings = ['build.mjs', 'package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json'];
const bundle = 'dist/workflow-bundle.js';
const program = 'dist/cli/main.js';
/** What dist/ was made from: the hash of the sources, and of the compiled modules a workflow can import. */
const stamp = 'dist/inputs.json';

const filesIn = (folder, suffix) =>
  readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith(suffix))
    .map((name) => join(folder, name))
    .sort();

/** What the program reads as it is: templates, styles, and scripts that are meant for a browser. */
const assets = parts.flatMap((part) => ['.mustache', '.css', '.js'].flatMap((suffix) => filesIn(part, suffix)));

function hashOf(files) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(`${file}\0`).update(readFileSync(file)).update('\0');
  return hash.digest('hex');
}

function compile() {
  const { stdout, status } = spawnSync(
    process.execPath,
    ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'],
    {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
      maxBuffer: 1 << 28,
    },
  );
  const lines = stdout.split('\n').filter((line) => line !== '');
  const emitted = lines.filter((line) => line.startsWith('TSFILE: '));
  if (status !== 0) {
    process.stderr.write(`${lines.filter((line) => !emitted.includes(line)).join('\n')}\n`);
    process.exit(1);
  }
  const compiled = emitted.map((line) => line.slice('TSFILE: '.length));
  const copied = assets.map((file) => join('dist', file));
  removeAllBut(new Set([...compiled, ...copied].map((file) => resolve(file))));
  for (const file of assets) cpSync(file, join('dist', file));
  chmodSync(program, 0o755);
}

/** What was compiled from a source that is gone must not be imported any more. */
function removeAllBut(emitted) {
  const files = parts
    .filter((part) => existsSync(join('dist', part)))
    .flatMap((part) => filesIn(join('dist', part), ''));
  for (const file of files) if (/\.(js|map|mustache|css)$/.test(file) && !emitted.has(resolve(file))) rmSync(file);
}

async function bundleWorkflows() {
  const { bundleWorkflowCode, DefaultLogger } = await import('@temporalio/worker');
  const { code } = await bundleWorkflowCode({
    workflowsPath: resolve('dist/workflows/index.js'),
    logger: new DefaultLogger('WARN'),
  });
  // A worker that starts meanwhile must never read half a bundle.
  writeWhole(bundle, code);
}

/** Writes a file so that nobody reads a part of it, whoever else builds at the same time. */
function writeWhole(file, text) {
  const own = `${file}.${process.pid}.new`;
  writeFileSync(own, text);
  renameSync(own, file);
}

const made = existsSync(stamp) ? JSON.parse(readFileSync(stamp, 'utf8')) : {};
const sources = hashOf([...settings, ...assets, ...parts.flatMap((part) => filesIn(part, '.ts'))]);
if (made.sources !== sources || !existsSync(program)) compile();
const modules = hashOf([...settings, ...['workflows', 'domain'].flatMap((part) => filesIn(join('dist', part), '.js'))]);
if (made.modules !== modules || !existsSync(bundle)) await bundleWorkflows();
writeWhole(stamp, JSON.stringify({ sources, modules }));
