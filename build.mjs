// `npm run build`: compiles the product into dist/ and bundles the workflows, each only when its inputs changed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
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
  removeAllBut(new Set(emitted.map((line) => resolve(line.slice('TSFILE: '.length)))));
  chmodSync(program, 0o755);
}

/** What was compiled from a source that is gone must not be imported any more. */
function removeAllBut(emitted) {
  const files = parts
    .filter((part) => existsSync(join('dist', part)))
    .flatMap((part) => filesIn(join('dist', part), ''));
  for (const file of files) if (/\.(js|map)$/.test(file) && !emitted.has(resolve(file))) rmSync(file);
}

async function bundleWorkflows() {
  const { bundleWorkflowCode, DefaultLogger } = await import('@temporalio/worker');
  const { code } = await bundleWorkflowCode({
    workflowsPath: resolve('dist/workflows/index.js'),
    logger: new DefaultLogger('WARN'),
  });
  // A worker that starts meanwhile must never read half a bundle.
  writeFileSync(`${bundle}.new`, code);
  renameSync(`${bundle}.new`, bundle);
}

const made = existsSync(stamp) ? JSON.parse(readFileSync(stamp, 'utf8')) : {};
const sources = hashOf([...settings, ...parts.flatMap((part) => filesIn(part, '.ts'))]);
if (made.sources !== sources || !existsSync(program)) compile();
const modules = hashOf([...settings, ...['workflows', 'domain'].flatMap((part) => filesIn(join('dist', part), '.js'))]);
if (made.modules !== modules || !existsSync(bundle)) await bundleWorkflows();
writeFileSync(stamp, JSON.stringify({ sources, modules }));
