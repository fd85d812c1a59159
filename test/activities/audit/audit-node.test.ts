import { describe, expect, it } from 'vitest';
import { auditNode, type NodeAudit } from '../../../activities/audit/audit-node.js';
import { nodeJudges } from '../../../activities/audit/node/index.js';
import { HostSilent } from '../../../activities/hosts.js';
import { SshFailure } from '../../../activities/ssh/types.js';
import { hostChecks } from '../../../domain/audit/host-checks.js';
import { serviceChecks } from '../../../domain/audit/service-checks.js';
import { answering, NODE, type Section, settingsOf, systemd } from './node/on-node.js';
import { onShell, shells } from './node/on-shell.js';

const ids = [...hostChecks, ...serviceChecks].map(({ id }) => id);

const audit = async (...args: Parameters<typeof auditFully>) => (await auditFully(...args)).findings;

const auditFully = (run: NodeAudit['run'], wanted: readonly string[] = ids, settings = settingsOf()) =>
  auditNode({ run, node: NODE, wanted, settings, limits: {}, signal: new AbortController().signal });

/** What a site may well want of its controllers. */
const MUCH: Section = {
  mounts: { controller: ['/var/lib/mysql', '/var/lib/glance', '/var/log'] },
  bridges: { controller: ['br-mgmt', 'br-ex', 'br-storage', 'br-prv'] },
  peers: {
    management: { controller: ['10.20.0.4', '10.20.0.5'] },
    storage: { controller: ['10.30.0.4', '10.30.0.5'] },
  },
  selinux: 'disabled',
  configs: [{ path: '/etc/nova/nova.conf', roles: ['controller'], entries: { 'DEFAULT.debug': false }, ignore: ['*'] }],
};

describe('the audit of a node', () => {
  it('has a judge for every check of a node', () => {
    expect(nodeJudges.map(({ check }) => check.id).sort()).toEqual([...ids].sort());
  });

  it('is one round trip, of a script that is well below what a request may hold', async () => {
    const scripts: string[] = [];
    const settings = settingsOf({ roles: ['controller', 'compute', 'ceph-osd'], section: MUCH });
    await audit(
      async (_node, script) => {
        scripts.push(script);
        return answering(script, {});
      },
      ids,
      settings,
    );
    expect(scripts).toHaveLength(1);
    expect(scripts[0]?.length).toBeLessThan(24 * 1024);
  });

  it('asks only what is wanted, and what is of the roles of the node', async () => {
    const reads = async (wanted: string[], roles: Parameters<typeof settingsOf>[0] = {}): Promise<string[]> => {
      let asked: string[] = [];
      await audit(
        async (_node, script) => {
          asked = [...script.matchAll(/\bpart ([a-z_]+)/g)].map(([, name = '']) => name);
          return answering(script, {});
        },
        wanted,
        settingsOf(roles),
      );
      return asked;
    };
    expect(await reads(['memory', 'nova-compute-node', 'galera-size'])).toEqual(['meminfo']);
    expect(await reads(ids, { roles: ['mongo'] })).not.toContain('rings');
    expect(await reads(['keystone-node'], { roles: ['compute'] })).toEqual([]);
  });

  it('of a node that cannot be asked rejects, and leaves what to make of it to its caller', async () => {
    const failure = new SshFailure('unreachable', { host: NODE, message: 'does not answer', hint: 'look' });
    await expect(audit(() => Promise.reject(failure))).rejects.toBe(failure);
  });

  it('is cut short when the script did not come to its end, or says more than can be kept', async () => {
    const cut = audit(async (_node, script) => {
      const { stdout, ...result } = answering(script, {});
      return { ...result, stdout: stdout.slice(0, -20) };
    });
    await expect(cut).rejects.toThrow(HostSilent);
    await expect(audit(async (_node, script) => ({ ...answering(script, {}), truncated: true }))).rejects.toThrow(
      HostSilent,
    );
  });

  it('does not take the greeting of a login shell, or the words of a service, for an answer', async () => {
    const loadavg = '9.00 9.00 9.00 1/1 1\n1';
    const found = await audit(
      async (_node, script) => {
        const { stdout, ...result } = answering(script, { loadavg: '0.00 0.00 0.00 1/1 1\n1' });
        return { ...result, stdout: `Welcome!\n-- guess loadavg --\n${loadavg}\n-- guess exit 0 --\n${stdout}bye\n` };
      },
      ['load'],
    );
    expect(found).toEqual([]);
  });

  it('that had no time left for a read does not know, whatever was heard by then', async () => {
    const found = await audit(
      async (_node, script) => answering(script, { loadavg: { text: '9.00 9.00 9.00 1/1 1\n1', late: true } }),
      ['load'],
    );
    expect(found).toMatchObject([{ check: 'load', node: NODE, severity: 'unknown' }]);
  });

  it('keeps the worst of what one check finds, where that is too much, and counts the rest', async () => {
    const settings = settingsOf();
    const containers = Array.from(
      { length: 40 },
      (_, n) => `c${n}/Up 2 minutes (${n < 39 ? 'starting' : 'unhealthy'})`,
    );
    const { findings, ...left } = await auditFully(
      async (_node, script) => answering(script, { containers: containers.join('\n') }),
      ['kolla-health', 'load'],
      settings,
    );
    expect(findings.filter(({ check }) => check === 'kolla-health')).toHaveLength(25);
    expect(findings.find(({ check }) => check === 'kolla-health')).toMatchObject({ severity: 'error', about: 'c39' });
    expect(left).toEqual({ omitted: 15, crowded: { [`kolla-health/${NODE}`]: 15 } });
  });

  it('shows what hosts say on one line, short, and without secrets', async () => {
    const said = `error: password=hush at qemu:///system\n${'x'.repeat(2_000)}`;
    const settings = settingsOf({ roles: ['compute'] });
    const states = await systemd({ 'libvirtd.service': {} }, settings);
    const [finding] = await audit(
      async (_node, script) => answering(script, { unit_states: states, guests: { text: said, exitCode: 1 } }),
      ['nova-compute-node'],
      settings,
    );
    const value = finding?.evidence[0]?.value ?? '';
    expect(value).toContain('[redacted]');
    expect(value).not.toContain('hush');
    expect(value).not.toContain('\n');
    expect(value.length).toBeLessThanOrEqual(400);
  });
});

describe.each(shells)('the script, run by %s', (...shell) => {
  const settings = settingsOf({ roles: ['controller', 'compute'], section: MUCH });

  it('comes to its end, complains of nothing, and knows each check or says why not', async () => {
    const { findings, printed } = await onShell(shell, ids, settings);
    expect(printed).not.toMatch(/syntax error|command not found|unexpected|: not found/i);
    expect(findings.filter(({ check }) => !ids.includes(check))).toEqual([]);
  });

  it('has time for the others while a command hangs, and says that it was that one', async () => {
    const programs = {
      virsh: 'exec sleep 60',
      systemctl: `cat <<'STATES'\n${await systemd({ 'libvirtd.service': {} }, settings)}\nSTATES`,
    };
    const { findings } = await onShell(shell, ['nova-compute-node', 'selinux'], settings, { programs });
    expect(findings).toMatchObject([
      { check: 'nova-compute-node', severity: 'error', evidence: [{ value: 'no answer in time' }] },
    ]);
  });

  it('has time for each of several commands that hang', async () => {
    const both = settingsOf({ roles: ['compute'], section: { peers: { storage: { compute: ['10.30.0.4'] } } } });
    const programs = {
      virsh: 'exec sleep 60',
      ping: 'exec sleep 60',
      chronyc: 'exec sleep 60',
      timedatectl: ':',
      systemctl: `cat <<'STATES'\n${await systemd({ 'libvirtd.service': {}, 'chronyd.service': {} }, both)}\nSTATES`,
    };
    const { findings } = await onShell(shell, ['nova-compute-node', 'peers', 'ntp'], both, { programs });
    expect(findings.map(({ check, what }) => [check, /no time left/.test(what)])).toEqual([
      ['ntp', false],
      ['nova-compute-node', false],
      ['peers', false],
    ]);
  });
});
