import { describe, expect, it } from 'vitest';
import { parseInventory, type SiteInventory, siteOf } from '../../inventory/load.js';
import { sshTarget } from '../../inventory/targets.js';
import { failureOf } from './scratch.js';

const site = (ssh: string, node = '{}'): SiteInventory =>
  siteOf(
    parseInventory(
      `cloud: prod\nssh: ${ssh}\nnodes: [{ name: c1, address: 10.0.0.1, roles: [compute], ssh: ${node} }, { name: c2, address: 10.0.0.2, roles: [compute] }]\n`,
      'ostler.yaml',
    ),
    '/etc/ostler/ostler.yaml',
  );

const KEY = '{ user: ops, identityFile: id, knownHosts: [a, /b] }';

describe('sshTarget', () => {
  it('takes the settings of the site', () => {
    expect(sshTarget(site(KEY), 'c2')).toEqual({
      name: 'c2',
      address: '10.0.0.2',
      port: 22,
      user: 'ops',
      identity: { kind: 'file', path: '/etc/ostler/id' },
      knownHosts: ['/etc/ostler/a', '/b'],
      connectTimeoutMs: 10_000,
      keepaliveMs: 10_000,
    });
  });

  it("puts a node's own settings in their place, and keeps the rest", () => {
    const own = '{ user: root, port: 2222, identityFile: own, knownHosts: k, connectTimeout: 3s, keepalive: 4s }';
    expect(sshTarget(site(KEY, own), 'c1')).toEqual({
      name: 'c1',
      address: '10.0.0.1',
      port: 2222,
      user: 'root',
      identity: { kind: 'file', path: '/etc/ostler/own' },
      knownHosts: ['/etc/ostler/k'],
      connectTimeoutMs: 3_000,
      keepaliveMs: 4_000,
    });
    const other = site('{ user: ops, port: 2200, agent: /s, connectTimeout: 7s, knownHosts: /k }', '{ user: root }');
    expect(sshTarget(other, 'c1')).toMatchObject({
      user: 'root',
      port: 2200,
      connectTimeoutMs: 7_000,
      knownHosts: ['/k'],
      identity: { kind: 'agent', socket: '/s' },
    });
  });

  it('asks the agent at SSH_AUTH_SOCK, or at the socket that is named', () => {
    expect(sshTarget(site('{ user: ops, agent: true }'), 'c2', { SSH_AUTH_SOCK: '/run/a' }).identity).toEqual({
      kind: 'agent',
      socket: '/run/a',
    });
    expect(sshTarget(site('{ user: ops, agent: run/b }'), 'c2', {}).identity).toEqual({
      kind: 'agent',
      socket: '/etc/ostler/run/b',
    });
  });

  it('says what to do when there is no agent', async () => {
    expect((await failureOf(() => sshTarget(site('{ user: ops, agent: true }'), 'c2', {}))).message).toBe(
      '/etc/ostler/ostler.yaml asks for an SSH agent (agent: true), but SSH_AUTH_SOCK is not set; start an agent, or name its socket or an identityFile',
    );
  });

  it('lets a key file of a node replace the agent of the site, and the other way round', () => {
    expect(sshTarget(site('{ user: ops, agent: true }', '{ identityFile: own }'), 'c1', {}).identity).toEqual({
      kind: 'file',
      path: '/etc/ostler/own',
    });
    const agent = sshTarget(site('{ user: ops, identityFile: id, passphrase: env:P }', '{ agent: /s }'), 'c1', {});
    expect(agent.identity).toEqual({ kind: 'agent', socket: '/s' });
  });

  it("does not try the site's passphrase on a node's own key", () => {
    const { identity } = sshTarget(
      site('{ user: ops, identityFile: id, passphrase: env:P }', '{ identityFile: own }'),
      'c1',
      {},
    );
    expect(identity).not.toHaveProperty('passphrase');
  });

  it('fetches a passphrase only when it is asked for it', async () => {
    const { identity } = sshTarget(site('{ user: ops, identityFile: id, passphrase: env:P }'), 'c2', {
      P: 'opensesame',
    });
    expect(JSON.stringify(identity)).not.toContain('opensesame');
    if (identity.kind !== 'file') throw new Error('no key file');
    expect(await identity.passphrase?.()).toBe('opensesame');
  });

  it('goes through the bastion with what proves us to the host behind it, unless it has its own', () => {
    const jump = '{ user: ops, identityFile: id, knownHosts: /k, proxyJump: { address: bastion } }';
    expect(sshTarget(site(jump), 'c2').proxyJump).toEqual({
      name: 'bastion',
      address: 'bastion',
      port: 22,
      user: 'ops',
      identity: { kind: 'file', path: '/etc/ostler/id' },
      knownHosts: ['/k'],
      connectTimeoutMs: 10_000,
      keepaliveMs: 10_000,
    });
    const own = site('{ user: ops, agent: /s, proxyJump: { address: b, port: 2222, user: jump, identityFile: jk } }');
    expect(sshTarget(own, 'c2')).toMatchObject({
      identity: { kind: 'agent' },
      proxyJump: { port: 2222, user: 'jump', identity: { kind: 'file', path: '/etc/ostler/jk' } },
    });
  });

  describe('a passphrase of the bastion without a key file of its own', () => {
    const PW = { JUMP: 'opensesame', NODE: 'other' };
    const unlocked = async (ssh: string, node = '{}'): Promise<unknown> => {
      const identity = sshTarget(site(ssh, node), 'c1', PW).proxyJump?.identity;
      if (identity?.kind !== 'file') throw new Error('no key file');
      return { path: identity.path, passphrase: await identity.passphrase?.() };
    };
    const JUMP = '{ user: ops, identityFile: id, proxyJump: { address: b, passphrase: env:JUMP } }';

    it('opens the key file of the hosts behind it', async () => {
      expect(await unlocked(JUMP)).toEqual({ path: '/etc/ostler/id', passphrase: 'opensesame' });
      const own = '{ proxyJump: { address: b, passphrase: env:JUMP } }';
      expect(await unlocked(KEY, own)).toEqual({ path: '/etc/ostler/id', passphrase: 'opensesame' });
      const ownKey = '{ identityFile: own, passphrase: env:NODE, proxyJump: { address: b, passphrase: env:JUMP } }';
      expect(await unlocked(KEY, ownKey)).toEqual({ path: '/etc/ostler/own', passphrase: 'opensesame' });
    });

    it("is not tried on a node's own key when it is the site's", async () => {
      expect(await unlocked(JUMP, '{ identityFile: own, passphrase: env:NODE }')).toEqual({
        path: '/etc/ostler/id',
        passphrase: 'opensesame',
      });
    });
  });

  it('lets a node have another bastion, or none', () => {
    const jump = '{ user: ops, agent: /s, proxyJump: { address: b1 } }';
    expect(sshTarget(site(jump, '{ proxyJump: { address: b2 } }'), 'c1').proxyJump?.address).toBe('b2');
    expect(sshTarget(site(jump, '{ proxyJump: none }'), 'c1')).not.toHaveProperty('proxyJump');
  });

  it('refuses a node that the inventory does not hold', async () => {
    expect((await failureOf(() => sshTarget(site(KEY), 'c3'))).message).toBe(
      'the node c3 is not in /etc/ostler/ostler.yaml; did you mean c1?',
    );
  });
});
