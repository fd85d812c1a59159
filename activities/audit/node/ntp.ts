import { ntp } from '../../../domain/audit/host-checks.js';
import { catalogue } from '../../../domain/catalogue.js';
import { redact } from '../../redact.js';
import { type Asked, type Found, limit, type NodeCheck, type Said, Unread } from './node-check.js';
import { inUse, isActive, readUnitStates, type UnitState, unitStates } from './unit-states.js';

/** Each client is asked that is there: which of them is in charge, the unit says. Ordinary accounts may ask all of them. */
const clocks = {
  name: 'clocks',
  mayWait: true,
  lines:
    (): string => `has chronyc && { echo '-- chronyc --'; at_most 4 chronyc -n tracking && at_most 4 chronyc -n sources; }
has ntpq && { echo '-- ntpq --'; at_most 4 ntpq -pn; }
has timedatectl && { echo '-- timedatectl --'; at_most 4 timedatectl status; at_most 4 timedatectl timesync-status; }
true`,
};

type Client = 'chronyc' | 'ntpq' | 'timedatectl';

const COMMANDS: Record<Client, string> = {
  chronyc: 'chronyc -n tracking; chronyc -n sources',
  ntpq: 'ntpq -pn',
  timedatectl: 'timedatectl timesync-status',
};

const clientOf = ({ id }: UnitState): Client =>
  /chrony/.test(id) ? 'chronyc' : /timesyncd/.test(id) ? 'timedatectl' : 'ntpq';

/** What a time service says of itself. */
interface Clock {
  /** Whom it follows; missing while there is nobody. */
  peer?: string;
  /** How far the clock is off, in seconds; missing where the client does not tell. */
  offset?: number;
}

export const ntpCheck: NodeCheck = {
  check: ntp,
  reads: [unitStates, clocks],
  judge(said, asked, limits) {
    const { node } = asked;
    const states = readUnitStates(said, asked);
    const entry = catalogue.get('ntp');
    const unit = inUse(entry ? states.of(entry) : []);
    if (!unit) return [without(asked)];
    if (!isActive(unit)) return [stopped(unit, asked)];
    const disabled = unit.file === 'disabled' || unit.file.startsWith('masked') ? [notEnabled(unit, asked)] : [];
    const client = clientOf(unit);
    const { peer, offset } = clockOf(client, said(clocks), asked);
    const command = COMMANDS[client];
    const most = limit(limits, 'warn');
    const next = `look at the servers in the configuration of ${unit.id} on ${node}, and whether they answer; on a Fuel cloud that is the master`;
    if (peer === undefined) {
      const noPeer: Found = {
        about: 'peer',
        severity: 'error',
        what: `${unit.id} on ${node} follows no server: its clock runs free`,
        evidence: [{ value: 'no selected peer', threshold: 'one', command }],
        next,
      };
      return [...disabled, noPeer];
    }
    if (offset === undefined || Math.abs(offset) <= most) return disabled;
    const off: Found = {
      about: 'offset',
      severity: 'warn',
      what: `the clock of ${node} is ${Math.abs(offset).toFixed(2)} s off`,
      evidence: [{ value: `${offset.toFixed(3)} s from ${peer}`, threshold: `warn above ${most} s`, command }],
      next: `watch whether it comes nearer; a step with \`chronyc makestep\` or a restart of ${unit.id} disturbs databases and tokens, so take the node out of service first`,
    };
    return [...disabled, off];
  },
};

/** @throws {Unread} where the client is not there or gave no answer */
function clockOf(client: Client, { text }: Said, { node, settings: { roles } }: Asked): Clock {
  const [, fromThere] = text.split(`-- ${client} --\n`);
  const [part] = fromThere?.split(/^-- [a-z]+ --$/m) ?? [];
  const command = COMMANDS[client];
  if (part === undefined)
    throw new Unread(
      `there is no ${client} on ${node} to ask its time service by`,
      command,
      `install ${client} on ${node}`,
    );
  const clock = { chronyc: ofChrony, ntpq: ofNtp, timedatectl: ofTimesyncd }[client](part, roles.includes('fuel'));
  if (clock) return clock;
  const said = redact(part).trim().slice(0, 200);
  throw new Unread(
    `${client} on ${node} did not tell about the clock: ${said || 'no answer'}`,
    command,
    `run it on ${node}`,
  );
}

/** `System time     : 0.000012345 seconds slow of NTP time`, and a source that is marked `^*`. */
function ofChrony(text: string): Clock | undefined {
  if (!/^Reference ID/m.test(text)) return undefined;
  const [, seconds, way] = /^System time\s*:\s*([\d.]+) seconds (slow|fast)/m.exec(text) ?? [];
  const peer = /^[\^=#]\*\s+(\S+)/m.exec(text)?.[1];
  return {
    ...(peer !== undefined && { peer }),
    ...(seconds !== undefined && { offset: Number(seconds) * (way === 'slow' ? -1 : 1) }),
  };
}

/**
 * The line of the peer that is followed begins with `*`, or with `o` where a pulse does; the ninth column is the offset in milliseconds. A `+`
 * alone is a candidate of a choice that was not made yet, and good enough (domain reference, C14). 127.127.1.x is the host's own clock, which old
 * configurations fall back to when no server answers: who follows that follows nobody, but for the master of a cloud without a network outside.
 */
function ofNtp(text: string, isMaster: boolean): Clock | undefined {
  if (/No association ID/i.test(text)) return {};
  if (!/^\s*remote\s+refid/m.test(text)) return undefined;
  const others = isMaster ? text : text.replace(/^.127\.127\.1\..*$/gm, '');
  const line = /^[*o](\S.*)$/m.exec(others)?.[1] ?? /^\+(\S.*)$/m.exec(others)?.[1];
  if (line === undefined) return {};
  const columns = line.trim().split(/\s+/);
  const offset = Number(columns[8]) / 1_000;
  return { peer: columns[0] as string, ...(!Number.isNaN(offset) && { offset }) };
}

const SECONDS: Record<string, number> = { us: 1e-6, µs: 1e-6, ms: 1e-3, s: 1, min: 60, h: 3600 };

/** timesyncd follows one server. Its own status came with systemd 239; before, only whether the clock is synchronized is told. */
function ofTimesyncd(text: string): Clock | undefined {
  const synchronized = /^\s*(?:System clock|NTP) synchronized: (yes|no)$/m.exec(text)?.[1];
  if (synchronized === undefined) return undefined;
  if (synchronized === 'no') return {};
  const peer = /^\s*Server: (.+)$/m.exec(text)?.[1] ?? 'its server';
  const spans = /^\s*Offset: ([+-]?)(.+)$/m.exec(text);
  if (!spans) return { peer };
  const seconds = [...(spans[2] ?? '').matchAll(/([\d.]+)\s*(us|µs|ms|min|s|h)/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (SECONDS[unit ?? ''] ?? 0),
    0,
  );
  return { peer, offset: spans[1] === '-' ? -seconds : seconds };
}

const without = ({ node }: Asked): Found => ({
  about: 'service',
  severity: 'error',
  what: `${node} has no time service: its clock runs free`,
  evidence: [
    { value: 'none installed', threshold: 'chronyd, ntpd or systemd-timesyncd', command: 'timedatectl status' },
  ],
  next: `install chrony on ${node}, with the servers that the other nodes have`,
});

const stopped = (unit: UnitState, { node }: Asked): Found => ({
  about: 'service',
  severity: 'error',
  what: `${unit.id} on ${node} is ${unit.active}: its clock runs free`,
  evidence: [
    { value: `${unit.active} (${unit.sub})`, threshold: 'active and enabled', command: `systemctl status ${unit.id}` },
  ],
  next: `read \`journalctl -u ${unit.id} -n 50\` on ${node}, then \`systemctl enable --now ${unit.id}\``,
});

const notEnabled = (unit: UnitState, { node }: Asked): Found => ({
  about: 'service',
  severity: 'warn',
  what: `${unit.id} runs on ${node}, and will not after its next boot: it is ${unit.file}`,
  evidence: [{ value: unit.file, threshold: 'enabled', command: `systemctl is-enabled ${unit.id}` }],
  next: `\`systemctl enable ${unit.id}\` on ${node}`,
});
