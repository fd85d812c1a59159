import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const folders = ['activities', 'cli', 'domain', 'inventory', 'worker', 'workflows'];
const sources = folders
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
  )
  .filter((file) => file.endsWith('.ts'));

interface Import {
  /** A path from the root, or a package's name. */
  of: string;
  /** What stays when types are gone: `import { type A }` does, as `import {}`, under verbatimModuleSyntax. */
  kind: 'runtime' | 'type' | 'lazy';
}

const STATEMENT = /^(?:import|export)\s+(type\s)?(?:[^'";]*?\sfrom\s+)?'([^']+)'/gm;
const LAZY = /\bimport\('([^']+)'\)/g;

/** Every import of a source file, read from its text. */
function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8');
  const resolved = (specifier: string): string =>
    specifier.startsWith('.') ? join(dirname(file), specifier).replace(/\.js$/, '.ts') : packageOf(specifier);
  return [
    ...[...text.matchAll(STATEMENT)].map(
      ([, type, specifier = '']): Import => ({ of: resolved(specifier), kind: type ? 'type' : 'runtime' }),
    ),
    ...[...text.matchAll(LAZY)].map(([, specifier = '']): Import => ({ of: resolved(specifier), kind: 'lazy' })),
  ];
}

const packageOf = (specifier: string): string =>
  specifier.startsWith('node:')
    ? specifier
    : specifier
        .split('/')
        .slice(0, specifier.startsWith('@') ? 2 : 1)
        .join('/');

const all = new Map(sources.map((file) => [file, importsOf(file)]));
const isOurs = (of: string): boolean => of.includes('/') && !of.startsWith('@') && !of.startsWith('node:');

/** Imports that a rule does not allow, one line each. */
function offences(files: RegExp, allowed: (one: Import) => boolean): string[] {
  return [...all]
    .filter(([file]) => files.test(file))
    .flatMap(([file, imports]) =>
      imports.filter((one) => !allowed(one)).map(({ of, kind }) => `${file} -> ${of} (${kind})`),
    );
}

const inFolders =
  (...names: string[]) =>
  ({ of }: Import): boolean =>
    names.some((name) => of.startsWith(`${name}/`));
const packages =
  (...names: string[]) =>
  ({ of }: Import): boolean =>
    names.includes(of);
const anyPackage = ({ of }: Import): boolean => !isOurs(of);

/** Everything that is loaded with a file: what it imports at run time, and so on. */
function loadedWith(file: string): string[] {
  const loaded = new Set<string>();
  const load = (one: string): void => {
    if (loaded.has(one)) return;
    loaded.add(one);
    for (const { of, kind } of all.get(one) ?? []) if (kind === 'runtime') load(of);
  };
  load(file);
  return [...loaded].filter((one) => one !== file).sort();
}

describe('the reader of imports', () => {
  it('finds the sources and their imports', () => {
    expect(sources.length).toBeGreaterThan(100);
    expect(importsOf('domain/inventory.ts')).toEqual([{ of: 'domain/inventory.schema.ts', kind: 'type' }]);
    expect(importsOf('domain/commands.ts')).toContainEqual({ of: 'domain/catalogue.ts', kind: 'runtime' });
    expect(importsOf('cli/commands/check.ts')).toContainEqual({ of: 'cli/commands/check.impl.ts', kind: 'lazy' });
  });

  it('meets no import of a file that is not there', () => {
    const known = new Set(sources);
    expect(offences(/./, ({ of }) => !isOurs(of) || known.has(of) || of === 'package.json')).toEqual([]);
  });
});

describe('imports point one way', () => {
  it('domain imports nothing but itself, and zod in its schemas only', () => {
    expect(offences(/^domain\/.*(?<!\.schema)\.ts$/, inFolders('domain'))).toEqual([]);
    const schema = (one: Import): boolean => inFolders('domain')(one) || packages('zod')(one);
    expect(offences(/^domain\/.*\.schema\.ts$/, schema)).toEqual([]);
  });

  it('domain loads no schema at run time outside of schemas', () => {
    const files = /^domain\/.*(?<!\.schema)\.ts$/;
    expect(offences(files, ({ of, kind }) => kind === 'type' || !of.endsWith('.schema.ts'))).toEqual([]);
  });

  it('messages import domain, and of Temporal what clients and workflows share', () => {
    const allowed = (one: Import): boolean =>
      inFolders('workflows/messages', 'domain')(one) || packages('@temporalio/common')(one);
    expect(offences(/^workflows\/messages\//, allowed)).toEqual([]);
  });

  it('workflows import workflows and domain, and only types of activities', () => {
    const allowed = (one: Import): boolean =>
      inFolders('workflows', 'domain')(one) ||
      packages('@temporalio/workflow', '@temporalio/common')(one) ||
      (one.kind === 'type' && inFolders('activities')(one));
    expect(offences(/^workflows\//, allowed)).toEqual([]);
  });

  it('what a workflow loads is free of schemas, builtins, SSH and clients', () => {
    const loaded = loadedWith('workflows/index.ts');
    expect(loaded).toContain('domain/progress.ts');
    expect(loaded.filter((one) => !isOurs(one))).toEqual(['@temporalio/common', '@temporalio/workflow']);
    expect(loaded.filter((one) => one.endsWith('.schema.ts') || !/^(?:workflows|domain)\/|^@/.test(one))).toEqual([]);
  });

  it('inventory imports domain, and only types of the transport', () => {
    const allowed = (one: Import): boolean =>
      inFolders('inventory', 'domain')(one) ||
      anyPackage(one) ||
      (one.kind === 'type' && one.of === 'activities/ssh/types.ts');
    expect(offences(/^inventory\//, allowed)).toEqual([]);
  });

  it('activities import inventory and domain, and of workflows only messages', () => {
    const allowed = (one: Import): boolean =>
      inFolders('activities', 'inventory', 'domain', 'workflows/messages')(one) || anyPackage(one);
    expect(offences(/^activities\//, allowed)).toEqual([]);
    const outside = packages('@temporalio/workflow', '@temporalio/worker');
    expect(offences(/^activities\//, (one) => !outside(one))).toEqual([]);
  });

  it('the transport knows nothing of Temporal, inventories and catalogues', () => {
    const allowed = (one: Import): boolean =>
      inFolders('activities/ssh')(one) || (anyPackage(one) && !one.of.startsWith('@temporalio/'));
    expect(offences(/^activities\/ssh\//, allowed)).toEqual([]);
  });

  it('the worker imports what it runs, and no command', () => {
    const allowed = (one: Import): boolean =>
      inFolders('worker', 'workflows', 'activities', 'inventory', 'domain')(one) || anyPackage(one);
    expect(offences(/^worker\//, allowed)).toEqual([]);
  });

  it('commands import messages, inventory and domain; only dev, worker and check load what does the work', () => {
    const usual = (one: Import): boolean =>
      inFolders('cli', 'workflows/messages', 'inventory', 'domain')(one) ||
      anyPackage(one) ||
      one.kind === 'type' ||
      // How Temporal is reached is one page for commands and workers.
      one.of === 'worker/temporal-settings.ts' ||
      one.of === 'package.json';
    expect(offences(/^cli\/(?!commands\/(?:dev|worker|check)[.-])/, usual)).toEqual([]);
    const working = (one: Import): boolean => usual(one) || inFolders('worker', 'activities')(one);
    expect(offences(/^cli\//, working)).toEqual([]);
  });

  it('a command line that only asks for help loads none of that', () => {
    const heavy = /^(?:activities|worker|workflows\/rollout)\/|^@temporalio\/|^(?:zod|ssh2|yaml)$/;
    expect(loadedWith('cli/main.ts').filter((one) => heavy.test(one))).toEqual([]);
  });

  it('nothing that is shipped imports a lab, a bench or a test', () => {
    expect(offences(/./, (one) => !inFolders('lab', 'bench', 'test')(one))).toEqual([]);
  });
});
