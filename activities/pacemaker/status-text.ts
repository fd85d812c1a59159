import type { ClusterFailure, ClusterNode, ClusterResource } from '../../domain/cluster.js';
import { redact } from '../redact.js';
import { type ClusterStatus, operationOf } from './crm-mon.js';
import { UnreadableCluster } from './read-script.js';
import { resourceLine } from './status-text-resource.js';

const DC = /^Current DC: (\S+)/m;
const QUORUM = /^Current DC: .*partition (with|WITHOUT) quorum/m;

/** Without it, resources would read as if there were none. `pcs` asks for those that are stopped, too, so there is no list of active ones. */
const RESOURCE_LIST = /^(?:full list of resources|resource list):|^no resources$/im;

/** `Node node-3.domain.tld (3): UNCLEAN (offline)`; the number came and went between versions. */
const NODE = /^(Remote)?Node (\S+)(?: \(\d+\))?: (.+)$/;
/** `Online: [ node-1 node-2 ]`, `RemoteOnline: [ ... ]`. */
const NODES = /^(Remote|Guest)?(Online|OFFLINE): \[ (.*) \]$/;

const CLONE = /^(?:Clone|Master\/Slave) Set: (\S+) \[(\S+)\](.*)$/;
const GROUP = /^Resource Group: (\S+)(.*)$/;
/** `Started: [ node-1 node-2 ]` under a clone. */
const INSTANCES = /^(Started|Stopped|Masters|Slaves)( \(disabled\))?: \[ (.*) \]$/;

/** `Failed actions:`, `Failed Resource Actions:`. Failed fencing has lines of its own, and no dialect tells of it. */
const FAILURES = /^Failed (?!Fencing ).*actions:$/i;
/** What ends the failures: the title of something else. */
const TITLE = /^[A-Z][^:]*:$/;
/** `p_mysql_start_0 on node-3 'unknown error' (1): call=120, status=complete, ...`. */
const FAILURE = /^(\S+_[a-z-]+_\d+) on (\S+) '([^']*)' \(-?\d+\): (.*)$/;
/** Before 1.1.10: `p_mysql_start_0 (node=node-3, call=12, rc=1, status=complete): unknown error`. */
const OLD_FAILURE = /^(\S+_[a-z-]+_\d+) \(node=([^\s,]+), (.*)\): (.+)$/;

/** A reason may have apostrophes in it: it ends where another detail follows, or nothing. */
const REASON = /\bexitreason='(.*?)'(?:, *(?:last-rc-change|last-run|queued|exec)=|,?$)/;
const AT = /\blast-rc-change='([^']*)'|\blast-run=([^,]+)/;

/** Since 1.1.13 a failure takes two lines, and before 1.1.10 it took three where the time was known. */
const CONTINUED = /(?<=,)\n\s+(?=last-rc-change=)|\n\s*(?=, queued=|\): )/g;

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
 * @throws {UnreadableCluster} when it names no nodes, has no list of resources, or lists a failure that we cannot read
 */
export function parsePcsStatus(text: string): ClusterStatus {
  const dc = DC.exec(text)?.[1];
  const nodes = new Map<string, ClusterNode>();
  const resources: ClusterResource[] = [];
  const failures: ClusterFailure[] = [];
  let nest: Nest | undefined;
  let inFailures = false;
  for (const raw of text.replace(CONTINUED, (_gap, at: number) => (text[at - 1] === ',' ? ' ' : '')).split('\n')) {
    const line = raw.trim().replace(/^\* /, '');
    const indent = raw.length - raw.trimStart().length;
    const isTitle = FAILURES.test(line) || TITLE.test(raw.trimEnd());
    if (isTitle) inFailures = FAILURES.test(line);
    const failure = failureIn(line);
    if (failure) failures.push(failure);
    else if (inFailures && !isTitle && line !== '')
      throw new UnreadableCluster(`what pcs printed has a failure that we cannot read: ${redact(line).slice(0, 200)}`);
    if (failure || inFailures) continue;
    if (nest && indent <= nest.indent) nest = undefined;
    for (const one of nodesIn(line, dc)) nodes.set(one.name, { ...nodes.get(one.name), ...one });
    const opened = nestIn(line, indent);
    if (opened) nest = opened;
    else resources.push(...(nest ? nestedIn(line, nest) : primitiveIn(line)));
  }
  if (nodes.size === 0) throw new UnreadableCluster('what pcs printed names no nodes');
  if (!RESOURCE_LIST.test(text)) throw new UnreadableCluster('what pcs printed has no list of resources');
  const quorum = QUORUM.exec(text)?.[1];
  const hasDc = dc !== undefined && dc !== 'NONE';
  return {
    ...(hasDc && { dc }),
    ...(hasDc && quorum !== undefined && { quorum: quorum === 'with' }),
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
  const [, oldKey, oldNode = '', oldDetails = '', oldResult = ''] = OLD_FAILURE.exec(line) ?? [];
  const [, key = oldKey, node = oldNode, result = oldResult, details = oldDetails] = FAILURE.exec(line) ?? [];
  if (key === undefined) return undefined;
  const reason = REASON.exec(details)?.[1];
  const [, quoted, bare] = AT.exec(details) ?? [];
  const at = quoted ?? bare;
  return { ...operationOf(key), node, result, ...(reason && { reason }), ...(at && { at }) };
}
