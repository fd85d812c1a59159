import { auditReads } from '../../domain/audit/node-commands.js';
import { intentUnit } from '../../domain/commands.js';
import type { IntentFacts } from '../../domain/intent.js';
import type { UnitReading } from '../../domain/unit-change.js';
import { redact } from '../redact.js';
import { shellCommand } from '../ssh/quote.js';
import {
  hostStateScript,
  intentFacts,
  parseHostState,
  UNIT_PROPERTIES,
  unexpected,
  unitFacts,
} from '../systemd/probe.js';

/** What tells how a unit came to be as it is, beside what is read of every unit. */
const PROPERTIES = [
  ...UNIT_PROPERTIES,
  'Type',
  'UnitFileState',
  'ExecMainCode',
  'ExecMainExitTimestampMonotonic',
  'ActiveExitTimestampMonotonic',
];

const CONTAINERS = '-- containers --';

/** What one read of a host told about every unit that was asked for, and about its containers where these were. */
export interface UnitsRead {
  bootId: string;
  /** By unit name. */
  units: Map<string, UnitReading>;
  /** The transient unit of the intent asked about, where there is one. */
  intent?: IntentFacts;
  /** By name, what the container engine says of each container, such as `Up 2 days (healthy)`. */
  containers: Map<string, string>;
  /** Why the containers could not be read, where there is an engine. */
  containersSilent?: string;
}

export interface UnitsAsked {
  units: readonly string[];
  intent?: string;
  /** Ask the container engines, too. */
  containers?: boolean;
}

/**
 * The script of one read: boot id, uptime, the state of each unit and of the intent's transient unit, which units of the host are failed and, if
 * asked for, how its containers are. One round trip; it changes nothing, and only the container engines want root.
 */
export function unitsScript({ units, intent, containers }: UnitsAsked): string {
  return `LC_ALL=C; export LC_ALL
${hostStateScript([...units, ...(intent ? [intentUnit(intent)] : [])], PROPERTIES)}
echo '${CONTAINERS}'
${containers ? ENGINES.map(engineRead).join('\n') : ':'}`;
}

/** The engines that Kolla may use, by where each is. Their sockets are root's. */
const ENGINES: readonly (readonly [path: string, argv: readonly string[]])[] = [
  ['/usr/bin/docker', auditReads.docker],
  ['/usr/bin/podman', auditReads.podman],
];

/** A refusal is a line of its own: no container's name begins with an exclamation mark. */
const engineRead = ([path, argv]: (typeof ENGINES)[number]): string =>
  `if [ -x ${path} ]; then
  if said=$(timeout -k 2 13 sudo -n ${shellCommand(argv)} 2>&1 </dev/null); then printf '%s\\n' "$said"; else printf '!%s\\n' "$said" | head -n 1; fi
fi`;

/**
 * Reads what {@link unitsScript} printed, of any systemd from 219 on: properties that it does not know are not there.
 * @throws {HostSilent} when the output is cut short or no systemd's
 */
export function parseUnits(stdout: string, { units, intent }: UnitsAsked): UnitsRead {
  const [state = '', containers] = stdout.split(`${CONTAINERS}\n`);
  if (containers === undefined) throw unexpected(stdout);
  const { blocks, ...host } = parseHostState(state, units.length + (intent ? 1 : 0));
  const transient = intent ? blocks.pop() : undefined;
  const readings = new Map(units.map((name) => [name, readingOf(name, blocks.shift() ?? new Map(), host)]));
  const lines = containers.split('\n').filter(Boolean);
  const refused = lines.find((line) => line.startsWith('!') && line.length > 1);
  return {
    bootId: host.bootId,
    units: readings,
    ...(transient && transient.get('LoadState') !== 'not-found' && { intent: intentFacts(transient) }),
    containers: new Map(
      lines.flatMap((line) => {
        const [, name, status] = /^([A-Za-z0-9][\w.-]*)\/(.+)$/.exec(line) ?? [];
        return name && status ? [[name, redact(status).slice(0, 100)] as const] : [];
      }),
    ),
    ...(refused && { containersSilent: redact(refused.slice(1)).slice(0, 200) }),
  };
}

function readingOf(name: string, block: Map<string, string>, host: Parameters<typeof unitFacts>[2]): UnitReading {
  const count = (key: string): number => Number(block.get(key) || 0);
  return {
    ...unitFacts(name, block, host),
    fileState: block.get('UnitFileState') ?? '',
    type: block.get('Type') ?? '',
    mainCode: count('ExecMainCode'),
    mainStatus: count('ExecMainStatus'),
    mainEndedUs: count('ExecMainExitTimestampMonotonic'),
    leftActiveUs: count('ActiveExitTimestampMonotonic'),
  };
}
