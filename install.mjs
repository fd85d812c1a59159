// Makes a fresh clone run: `node install.mjs <command> [argument...]` installs what package-lock.json asks for, if that is
// not there yet, and then runs the command from node_modules/.bin in our place. Without a command it only installs.
// It runs before anything is installed, so it uses Node alone, and only what old versions of Node can read as well.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('.', import.meta.url));
const readJson = (file) => JSON.parse(readFileSync(join(root, file), 'utf8'));

refuseOldNode();
if (!isInstalled()) await installPackages();
const [command, ...args] = process.argv.slice(2);
if (command !== undefined) await runInOurPlace(command, args);

function refuseOldNode() {
  const wanted = readJson('package.json').engines.node.replace(/^>=/, '');
  const [major, minor] = wanted.split('.').map(Number);
  const [ownMajor, ownMinor] = process.versions.node.split('.').map(Number);
  if (ownMajor > major || (ownMajor === major && ownMinor >= minor)) return;
  process.stderr.write(
    `Ostler needs Node ${wanted} or newer; this is ${process.versions.node} (${process.execPath}).\n`,
  );
  process.exit(2);
}

/** npm notes what it installed, once it is done, in a lock file inside node_modules; it must hold all that ours asks for. */
function isInstalled() {
  let installed;
  try {
    installed = readJson('node_modules/.package-lock.json').packages;
  } catch {
    return false;
  }
  return Object.entries(readJson('package-lock.json').packages).every(([path, wanted]) => {
    const found = installed[path];
    // Packages for other platforms are optional, and rightly absent.
    if (path === '' || (found === undefined && (wanted.optional || wanted.devOptional))) return true;
    return found !== undefined && found.version === wanted.version && found.integrity === wanted.integrity;
  });
}

async function installPackages() {
  process.stderr.write('Installing the packages of package-lock.json (npm ci) ...\n');
  // npm reports to stderr here: stdout belongs to the command.
  const { code, error } = await run('npm', ['ci', '--no-fund', '--no-audit'], [0, 2, 2]);
  if (code === 0) return;
  process.stderr.write(`npm ci failed (${error ? error.message : `exit code ${code}`}); nothing was run.\n`);
  process.exit(1);
}

async function runInOurPlace(name, rest) {
  const { code, signal, error } = await run(name, rest, 'inherit');
  if (error) {
    process.stderr.write(`Cannot run ${name}: ${error.message}\n`);
    process.exit(127);
  }
  if (signal) process.kill(process.pid, signal);
  process.exitCode = code;
}

/** Run a program to its end, passing on the signals we get. A terminal sends Ctrl-C to the program by itself. */
function run(name, rest, stdio) {
  const path = [join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter);
  return new Promise((resolve) => {
    const child = spawn(name, rest, { cwd: root, stdio, env: { ...process.env, PATH: path } });
    const passOn = (signal) => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    };
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2'];
    const end = (result) => {
      for (const signal of signals) process.removeListener(signal, passOn);
      resolve(result);
    };
    for (const signal of signals) process.on(signal, passOn);
    child.on('error', (error) => end({ error }));
    child.on('close', (code, signal) => end({ code, signal }));
  });
}
