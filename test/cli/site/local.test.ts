import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildOstler } from '../../../cli/app.js';
import { completion } from '../../../cli/commands/completion.impl.js';
import { propose } from '../../../cli/commands/completion-propose.js';
import { init } from '../../../cli/commands/init.impl.js';
import { nodes } from '../../../cli/commands/nodes.impl.js';
import { sudoers } from '../../../cli/commands/sudoers.impl.js';
import type { OstlerContext } from '../../../cli/context.js';
import { UsageError } from '../../../cli/exit.js';
import { everyAuditRead } from '../../../domain/audit/commands.js';
import { InventoryError, loadInventory, parseInventory, type SiteInventory, siteOf } from '../../../inventory/load.js';
import { record } from './context.js';

let folder: string;
let inventory: SiteInventory;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ostler-local-'));
  const text = `
cloud: prod
distribution: debian
ssh: { user: deploy, agent: true }
units: { nova-compute: [site-nova.service] }
nodes:
  - { name: compute-10, address: 10.0.0.10, roles: [compute], failureDomain: rack-b }
  - { name: compute-2, address: 10.0.0.2, roles: [compute], failureDomain: rack-b, labels: { gen: "2" } }
  - { name: controller-1, address: 10.0.0.1, roles: [controller, fuel], failureDomain: rack-a }
`;
  inventory = siteOf(parseInventory(text, 'ostler.yaml'), join(folder, 'ostler.yaml'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('ostler init', () => {
  it('writes an inventory that loads as it stands', async () => {
    const cwd = await mkdtemp(join(folder, 'init-'));
    const recorded = record({ cwd });
    await init.call(recorded.context, { cloud: 'east' });
    expect((await loadInventory(join(cwd, 'ostler.yaml'))).cloud).toBe('east');
    expect(recorded.out()).toContain('ostler check');
  });

  it('leaves a file that is there as it is', async () => {
    const cwd = await mkdtemp(join(folder, 'init-'));
    await writeFile(join(cwd, 'ostler.yaml'), 'mine');
    const failure = await init.call(record({ cwd }).context, {}).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(UsageError);
    expect(failure).toMatchObject({ what: expect.stringContaining('is there already') });
    expect(await readFile(join(cwd, 'ostler.yaml'), 'utf8')).toBe('mine');
  });
});

describe('ostler nodes', () => {
  const names = async (on?: string): Promise<string[]> => {
    const recorded = record({ inventory });
    await nodes.call(recorded.context, { json: true, ...(on !== undefined && { on }) });
    return (recorded.json() as { nodes: { node: string }[] }).nodes.map(({ node }) => node);
  };

  it('lists every node in the order in which it would be worked on', async () => {
    expect(await names()).toEqual(['controller-1', 'compute-2', 'compute-10']);
  });

  it('selects nodes of any role', async () => {
    expect(await names('controller-1,label.gen=2')).toEqual(['controller-1', 'compute-2']);
    expect(await names('role=compute,!compute-2')).toEqual(['compute-10']);
  });

  it.each([
    ['compute-1O', 'the node compute-1O is not in the inventory', 'did you mean compute-10?'],
    ['compute-2,!compute-2', 'no host is left by this selection', undefined],
    ['', 'the selection is empty', undefined],
  ])('refuses the selection %j', async (on, what, tryNext) => {
    const failure = await names(on).catch((error: unknown) => error);
    expect(failure).toMatchObject({ exitCode: 2, what: expect.stringContaining(what), ...(tryNext && { tryNext }) });
  });

  it('draws a table', async () => {
    const recorded = record({ inventory });
    await nodes.call(recorded.context, { on: 'compute-2' });
    expect(recorded.out()).toBe(
      'NODE       ADDRESS   ROLES    DOMAIN  LABELS\ncompute-2  10.0.0.2  compute  rack-b  gen=2\n',
    );
  });
});

describe('ostler sudoers', () => {
  const text = async (context: OstlerContext, flags = {}): Promise<void> =>
    sudoers.call(context, { role: 'compute', ...flags });

  const withoutInventory = (kind: 'missing' | 'invalid'): ReturnType<typeof record> => {
    const recorded = record({});
    const cause = new InventoryError([{ file: 'ostler.yaml', path: '', reason: kind }], kind);
    const failure = Promise.reject(new UsageError(cause.message, undefined, { cause }));
    failure.catch(() => {});
    return { ...recorded, context: { ...recorded.context, inventory: () => failure } };
  };

  it('takes user, distribution and unit names from the inventory', async () => {
    const recorded = record({ inventory });
    await text(recorded.context);
    const rules = recorded
      .out()
      .split('\n')
      .filter((line) => line.startsWith('deploy ALL=(root) NOPASSWD: '));
    expect(rules.filter((rule) => rule.endsWith(' try-restart site-nova.service'))).toHaveLength(1);
    expect(rules.filter((rule) => rule.endsWith(' try-restart nova-compute.service'))).toHaveLength(1);
    expect(recorded.out()).not.toContain('openstack-nova-compute');
    expect(recorded.out()).not.toMatch(/^[^#]*[*?]/m);
    expect(recorded.out()).toContain('!requiretty');
  });

  it('has the changes of the controllers that the inventory names', async () => {
    const recorded = record({ inventory });
    await text(recorded.context, { role: 'controller' });
    expect(recorded.out()).toMatch(/^deploy ALL=.* \/usr\/sbin\/crm_attribute -N controller-1 -n standby -v on$/m);
    expect(recorded.out()).toMatch(/^deploy ALL=.* echo "disable server mysqld\/controller-1" \| socat -t5 /m);
    expect(recorded.out()).not.toMatch(/[*?]/);
  });

  it('has the reads of the cluster for controllers that nobody names, and no act on it', async () => {
    const recorded = withoutInventory('missing');
    await text(recorded.context, { role: 'controller' });
    const rules = recorded
      .out()
      .split('\n')
      .filter(
        (line) => line !== '' && !line.startsWith('#') && !line.includes('systemctl') && !line.includes('systemd-run'),
      );
    const may = (command: string): string => `ops ALL=(root) NOPASSWD: /usr/bin/timeout -k 2 10 ${command}`;
    const words = (argv: readonly string[]): string => argv.join(' ').replace(/[,:=]/g, '\\$&');
    const looks = new Set(everyAuditRead('controller').map((argv) => `ops ALL=(root) NOPASSWD: ${words(argv)}`));
    expect([...looks].filter((rule) => !rules.includes(rule))).toEqual([]);
    expect(rules.filter((rule) => !looks.has(rule))).toEqual([
      'Defaults!/usr/bin/timeout !requiretty',
      may('/usr/sbin/crm_mon --output-as\\=xml -1'),
      may('/usr/sbin/crm_mon -X'),
      may('/usr/sbin/pcs status'),
      may('/usr/sbin/cibadmin -Q -oconstraints'),
      may('/usr/sbin/cibadmin -Q -ocrm_config'),
    ]);
  });

  it('works without an inventory, for every distribution', async () => {
    const recorded = withoutInventory('missing');
    await text(recorded.context);
    expect(recorded.out()).toMatch(/^ops ALL=.* try-restart openstack-nova-compute\.service$/m);
    expect(recorded.out()).toMatch(/^ops ALL=.* try-restart kolla-nova_compute-container\.service$/m);
  });

  it('does not guess past an inventory with mistakes', async () => {
    await expect(text(withoutInventory('invalid').context)).rejects.toThrow('invalid');
  });

  it.each([
    [{ user: 'ops ALL' }, '"ops ALL" is not a user name'],
    [{ role: 'eqlx' }, 'nothing to do as root on hosts with the role eqlx'],
  ])('refuses %o', async (flags, what) => {
    await expect(text(record({ inventory }).context, flags)).rejects.toThrow(what);
  });
});

describe('ostler completion', () => {
  const script = (shell: 'bash' | 'zsh' | 'fish'): string => {
    const recorded = record({});
    completion.call(recorded.context, {}, shell);
    return recorded.out();
  };

  it('gives bash the words typed so far, and takes the first column of what comes back', () => {
    const standIn = `ostler() { printf '%s|' "$@" > ${folder}/asked; printf 'restart\\tRestart it\\nretry\\tAgain\\n'; }`;
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is bash's own
    const typed = 'COMP_WORDS=(ostler show re); COMP_CWORD=2; _ostler; printf "%s," "${COMPREPLY[@]}"';
    const out = execFileSync('bash', ['-c', `${script('bash')}\n${standIn}\n${typed}; cat ${folder}/asked`], {
      encoding: 'utf8',
    });
    expect(out).toBe('restart,retry,__complete|show|re|');
  });

  it.each([
    [['re'], ['restart', 'return', 'resume', 'retry']],
    [
      ['sudoers', '--role', 'co'],
      ['controller', 'compute'],
    ],
    [['completion', 'f'], ['fish']],
    [
      ['init', '--from'],
      ['--from-ansible', '--from-astute', '--from-ssh-config'],
    ],
  ])('proposes for %j', async (words, proposals) => {
    const recorded = record({});
    await propose(buildOstler(), words, recorded.context);
    expect(
      recorded
        .out()
        .trim()
        .split('\n')
        .map((line) => line.split('\t')[0]),
    ).toEqual(proposals);
  });

  it('registers itself in zsh and fish', () => {
    expect(script('zsh')).toContain('compdef _ostler ostler');
    expect(script('fish')).toContain('complete -c ostler');
  });
});
