import { MockActivityEnvironment } from '@temporalio/testing';
import pLimit from 'p-limit';
import { describe, expect, it } from 'vitest';
import { auditNodes } from '../../../activities/audit/nodes.js';
import type { RunOnHost } from '../../../activities/hosts.js';
import { SshFailure } from '../../../activities/ssh/types.js';
import type { Fitted } from '../../../domain/audit/fit.js';
import { siteOf } from '../../../inventory/load.js';
import { aNode, anInventory } from '../../domain/samples.js';

const names = ['c1', 'c2', 'c3'];
const inventory = siteOf(anInventory(names.map((name) => aNode(name))), '/etc/ostler/ostler.yaml');

const silent = new SshFailure('unreachable', {
  host: 'c2',
  message: 'c2 (10.20.0.1:22) did not answer: password=hunter2',
  hint: 'is it up?',
});

/** What a script prints at its end that has nothing to read. */
const end = (script: string): string => `${/-- [0-9a-f-]+ end --/.exec(script)?.[0]}\n`;
const empty = async (_node: string, script: string) => ({
  exitCode: 0,
  stdout: end(script),
  stderr: '',
  truncated: false,
});

function ask(run: RunOnHost, checks = ['reachable', 'load'], heartbeatDetails?: unknown): Promise<Fitted> {
  const environment = new MockActivityEnvironment({ heartbeatDetails });
  const deps = { inventory, run, atOnce: pLimit(2) };
  return environment.run(() => auditNodes(deps, { nodes: names, checks })) as Promise<Fitted>;
}

describe('asking nodes about themselves', () => {
  it('makes a finding of a node that cannot be asked, without secrets and with what to do', async () => {
    const { findings } = await ask(async (node, script) => {
      if (node === 'c2') throw silent;
      return empty(node, script);
    });
    const [unreachable, ...others] = findings.filter(({ node }) => node === 'c2');
    expect(unreachable).toMatchObject({ check: 'reachable', severity: 'error', next: 'is it up?' });
    expect(unreachable?.evidence[0]?.value).toContain('did not answer');
    expect(others).toEqual([]);
    expect(JSON.stringify(findings)).not.toContain('hunter2');
    expect(findings.filter(({ check }) => check === 'load').map(({ node, severity }) => [node, severity])).toEqual([
      ['c1', 'unknown'],
      ['c3', 'unknown'],
    ]);
  });

  it('never calls a node well that answers something else', async () => {
    const { findings } = await ask(async () => ({ exitCode: 0, stdout: 'Welcome!\n', stderr: '', truncated: false }));
    expect(new Set(findings.map(({ node }) => node))).toEqual(new Set(names));
    expect(findings.every(({ severity }) => severity !== 'warn')).toBe(true);
  });

  it('asks only whether it can be asked where that is all that is wanted', async () => {
    const asked: string[] = [];
    const { findings } = await ask(
      async (node, script) => {
        asked.push(node);
        if (node === 'c2') throw silent;
        return empty(node, script);
      },
      ['reachable'],
    );
    expect(asked.sort()).toEqual(names);
    expect(findings.map(({ check, node }) => `${check} ${node}`)).toEqual(['reachable c2']);
  });

  it('does not ask those again that had answered when a worker died', async () => {
    const asked: string[] = [];
    const finding = { check: 'load', node: 'c1', severity: 'warn', what: 'c1 is busy', evidence: [], next: 'wait' };
    const { findings, omitted } = await ask(
      async (node) => {
        asked.push(node);
        throw silent;
      },
      ['reachable', 'load'],
      { c1: { findings: [finding], omitted: 2 }, c3: { findings: [], omitted: 0 } },
    );
    expect(asked).toEqual(['c2']);
    expect(findings).toMatchObject([{ check: 'reachable', node: 'c2' }, finding]);
    expect(omitted).toBe(2);
  });

  it('keeps to the number of nodes that may be asked at the same time', async () => {
    let now = 0;
    let most = 0;
    await ask(async () => {
      most = Math.max(most, ++now);
      await new Promise((resolve) => setImmediate(resolve));
      now--;
      throw silent;
    });
    expect(most).toBe(2);
  });

  it('ends with the cancellation, and calls nobody unreachable for it', async () => {
    const environment = new MockActivityEnvironment();
    const deps = {
      inventory,
      atOnce: pLimit(2),
      run: (_node: string, _script: string, { signal }: { signal?: AbortSignal }) =>
        new Promise<never>((_, reject) => signal?.addEventListener('abort', () => reject(silent))),
    };
    const running = environment.run(() => auditNodes(deps, { nodes: names, checks: ['reachable', 'load'] }));
    environment.cancel();
    await expect(running).rejects.not.toBe(silent);
  });
});
