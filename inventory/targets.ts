import type { SshIdentity, SshTarget } from '../activities/ssh/types.js';
import type { Node, SshSettings } from '../domain/inventory.js';
import type { SiteInventory } from './load.js';
import { resolveSecret } from './secrets.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** A key file or an agent, as an ssh section or a bastion names it. */
interface Proof {
  identityFile?: string | undefined;
  passphrase?: string | undefined;
  agent?: string | true | undefined;
}

/** An agent is asked for, and there is none to be found. */
export class NoAgent extends Error {
  override name = 'NoAgent';
}

/**
 * Where a node is and how to reach it: the site's ssh settings, with what the node has of its own in their place.
 * @throws {UnknownNode} for a name that is not in the inventory
 * @throws {NoAgent} for `agent: true` without SSH_AUTH_SOCK
 */
export function sshTarget(site: SiteInventory, name: string, env: Environment = process.env): SshTarget {
  const node = site.node(name);
  const ssh = settingsOf(node, site.ssh);
  const identity = identityOf(ssh, site, env);
  const hop = {
    identity,
    knownHosts: [ssh.knownHosts].flat(),
    connectTimeoutMs: ssh.connectTimeout,
    keepaliveMs: ssh.keepalive,
  };
  const jump = ssh.proxyJump;
  const target: SshTarget = { ...hop, name, address: node.address, port: ssh.port, user: ssh.user };
  if (jump === undefined) return target;
  return {
    ...target,
    proxyJump: {
      ...hop,
      name: jump.address,
      address: jump.address,
      port: jump.port,
      user: jump.user ?? ssh.user,
      identity: jump.identityFile === undefined ? identity : identityOf(jump, site, env),
    },
  };
}

/** A node's own key file takes the place of the site's agent and passphrase, and its own agent that of the site's key file. */
function settingsOf({ ssh: own = {} }: Node, site: SshSettings): SshSettings {
  const { identityFile, passphrase, agent, proxyJump: siteJump, ...shared } = site;
  const { proxyJump: ownJump, ...rest } = own;
  const proof: Proof = provesAnew(own) ? {} : { identityFile, passphrase, agent };
  const merged = { ...shared, ...defined(proof), ...defined(rest) };
  if (ownJump === 'none') return merged;
  const proxyJump = ownJump ? unlocking(ownJump, merged) : siteJump && unlocking(siteJump, site);
  return proxyJump === undefined ? merged : { ...merged, proxyJump };
}

/** A bastion's passphrase without a key file is that of the key file in force where the bastion is written. */
const unlocking = <Jump extends Proof>(jump: Jump, { identityFile }: Proof): Jump =>
  jump.passphrase === undefined ? jump : { ...defined({ identityFile }), ...jump };

const provesAnew = ({ identityFile, agent }: Proof): boolean => identityFile !== undefined || agent !== undefined;

/** The same without its undefined properties, which must not hide others when spread. */
const defined = <T extends object>(record: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as never;

function identityOf(proof: Proof, { file }: SiteInventory, env: Environment): SshIdentity {
  const { identityFile: path, passphrase, agent } = proof;
  if (path === undefined) return { kind: 'agent', socket: typeof agent === 'string' ? agent : agentOf(file, env) };
  // References are absolute already, so they need no folder to start from.
  return {
    kind: 'file',
    path,
    ...(passphrase !== undefined && { passphrase: () => resolveSecret(passphrase, '/', env) }),
  };
}

function agentOf(file: string, { SSH_AUTH_SOCK: socket }: Environment): string {
  if (socket) return socket;
  throw new NoAgent(
    `${file} asks for an SSH agent (agent: true), but SSH_AUTH_SOCK is not set; start an agent, or name its socket or an identityFile`,
  );
}
