import type { ClusterFailure, ClusterNode, ClusterResource } from '../../domain/cluster.js';
import { type ClusterStatus, operationOf } from './crm-mon.js';
import { UnreadableCluster } from './read-script.js';
import { resourceLine } from './status-text-resource.js';

const DC = /^Current DC: (\S+)/m;
const WITH_QUORUM = /partition with quorum/;

/** `Node node-3.domain.tld (3): UNCLEAN (offline)`; the number came and went between versions. */
const NODE = /^(Remote)?Node (\S+)(?: \(\d+\))?: (.+)$/;
/** `Online: [ node-1 node-2 ]`, `RemoteOnline: [ ... ]`. */
const NODES = /^(Remote|Guest)?(Online|OFFLINE): \[ (.*) \]$/;

const CLONE = /^(?:Clone|Master\/Slave) Set: (\S+) \[(\S+)\](.*)$/;
const GROUP = /^Resource Group: (\S+)(.*)$/;
/** `Started: [ node-1 node-2 ]` under a clone. */
const INSTANCES = /^(Started|Stopped|Masters|Slaves)( \(disabled\))?: \[ (.*) \]$/;

/** `p_mysql_start_0 on node-3 'unknown error' (1): call=120, status=complete, ...`; until 1.1.10 the result stood behind `status=`. */
const FAILURE = /^(\S+_[a-z-]+_\d+) on (\S+) '([^']*)' \(\d+\): (.*)$/;

/** Since 1.1.13 a failure takes two lines. */
const CONTINUED = /,\n\s+(?=last-rc-change=)/g;

/** A clone's summary speaks of many, a resource of one. */
const ROLES: Record<string, string> = { Masters: 'Master', Slaves: 'Slave' };

/** What the lines that are indented further belong to. */
interface Nest {
  id: string;
  kind: 'clone-instance' | 'group-member';
  /** The primitive of a clone. */
  primitive: string;
  flags: { managed: boolean; disabled: boolean };
  indent: number;
}

/**
 * Reads the text of `pcs status` as pcs 0.9 prints it, where `crm_mon` prints no XML that we know. What a text cannot tell is left at
 * what is usual: a resource that nothing is said of is managed.
 * @throws {UnreadableCluster} when it names no nodes
 */
export function parsePcsStatus(text: string): ClusterStatus {
  const dc = DC.exec(text)?.[1];
  const nodes = new Map<string, ClusterNode>();
  const resources: ClusterResource[] = [];
  const failures: ClusterFailure[] = [];
  let nest: Nest | undefined;
  for (const raw of text.replace(CONTINUED, ', ').split('\n')) {
    const line = raw.trim().replace(/^\* /, '');
    const indent = raw.length - raw.trimStart().length;
    if (nest && indent <= nest.indent) nest = undefined;
    for (const one of nodesIn(line, dc)) nodes.set(one.name, { ...nodes.get(one.name), ...one });
    const failure = failureIn(line);
    if (failure) failures.push(failure);
    const opened = nestIn(line, indent);
    if (opened) nest = opened;
    else resources.push(...(nest ? nestedIn(line, nest) : primitiveIn(line)));
  }
  if (nodes.size === 0) throw new UnreadableCluster('what pcs printed names no nodes');
  return {
    quorum: WITH_QUORUM.test(text),
    ...(dc !== undefined && dc !== 'NONE' && { dc }),
    nodes: [...nodes.values()],
    resources,
    failures,
  };
}

function nodesIn(line: string, dc: string | undefined): ClusterNode[] {
  const [, remoteOne, name = '', states = ''] = NODE.exec(line) ?? [];
  if (name !== '') return [nodeOf(name, states, dc, remoteOne !== undefined)];
  const [, remoteMany, state = '', names = ''] = NODES.exec(line) ?? [];
  return names.split(' ').flatMap((one) => (one ? [nodeOf(one, state, dc, remoteMany !== undefined)] : []));
}

/** States as `crm_mon` writes them: `standby`, `OFFLINE (standby)`, `UNCLEAN (offline)`, `standby (on-fail)`, `maintenance`, `pending`. */
const nodeOf = (name: string, states: string, dc: string | undefined, isRemote: boolean): ClusterNode => ({
  name,
  online: !/offline/i.test(states),
  standby: /standby/.test(states),
  standbyOnFail: /standby \(on-fail\)/.test(states),
  maintenance: /maintenance/.test(states),
  pending: /pending/.test(states),
  unclean: /UNCLEAN/.test(states),
  shutdown: false,
  isDc: name === dc,
  isRemote,
});

function nestIn(line: string, indent: number): Nest | undefined {
  const flags = (text: string) => ({ managed: !text.includes('unmanaged'), disabled: text.includes('disabled') });
  const [, clone, primitive = '', ofClone = ''] = CLONE.exec(line) ?? [];
  if (clone) return { id: clone, kind: 'clone-instance', primitive, flags: flags(ofClone), indent };
  const [, group, ofGroup = ''] = GROUP.exec(line) ?? [];
  return group ? { id: group, kind: 'group-member', primitive: '', flags: flags(ofGroup), indent } : undefined;
}

function primitiveIn(line: string): ClusterResource[] {
  const one = resourceLine(line);
  return one ? [{ ...one, kind: 'primitive' }] : [];
}

/** A line under a clone or a group: one resource with something to say of it, or all instances in one state. */
function nestedIn(line: string, { id: parent, kind, primitive, flags }: Nest): ClusterResource[] {
  const one = resourceLine(line);
  if (one)
    return [
      {
        ...one,
        ...(kind === 'clone-instance' && { id: one.id.replace(/:\d+$/, '') }),
        kind,
        parent,
        managed: one.managed && flags.managed,
        disabled: one.disabled || flags.disabled,
      },
    ];
  const [, state = '', disabled, names = ''] = INSTANCES.exec(line) ?? [];
  const remarks = { ...flags, disabled: flags.disabled || disabled !== undefined, failed: false, blocked: false };
  const instance = { id: primitive, kind, parent, ...remarks };
  return names
    .split(' ')
    .filter(Boolean)
    .map((node) => ({ ...instance, role: ROLES[state] ?? state, nodes: state === 'Stopped' ? [] : [node] }));
}

function failureIn(line: string): ClusterFailure | undefined {
  const [, key, node = '', result = '', details = ''] = FAILURE.exec(line) ?? [];
  if (key === undefined) return undefined;
  const detail = (name: string): string | undefined =>
    new RegExp(`\\b${name}='([^']*)'`).exec(details)?.[1] || undefined;
  const [reason, at] = [detail('exitreason'), detail('last-rc-change')];
  return { ...operationOf(key), node, result, ...(reason && { reason }), ...(at && { at }) };
}
