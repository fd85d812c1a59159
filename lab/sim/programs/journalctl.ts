import type { ExecResult } from 'just-bash';
import { formatEntry, OUTPUT_FORMATS } from '../systemd/journal.js';
import { mangle } from '../systemd/unit.js';
import { type Call, complained, readOptions, said } from './program.js';

const TABLE = {
  '-u': 'unit',
  '--unit': 'unit',
  '-n': 'lines',
  '--lines': 'lines',
  '-o': 'output',
  '--output': 'output',
  '--no-pager': 'no-pager',
  '-q': 'quiet',
  '--quiet': 'quiet',
};

/** journalctl(1): the last lines of units. Without the group systemd-journal it sees nothing, and says so. */
export function journalctl({ session, args }: Call): ExecResult {
  const options = readOptions(args, TABLE, new Set(['unit', 'lines', 'output']));
  if (typeof options === 'string') return complained(`journalctl: ${options}`);
  const { host, user } = session;
  if (user !== 'root' && !host.settings.journalAccess) {
    const hint = [
      'Hint: You are currently not seeing messages from other users and the system.',
      "      Users in groups 'adm', 'systemd-journal' can see all messages.",
      '      Pass -q to turn off this notice.',
    ];
    const refusal = 'No journal files were opened due to insufficient permissions.';
    return complained([...(options.flags.has('quiet') ? [] : hint), refusal].join('\n'));
  }
  const asked = options.values('output').at(-1) ?? 'short';
  const format = OUTPUT_FORMATS.find((known) => known === asked);
  if (!format) return complained(`Unknown output format '${asked}'.`);
  const entries = host.journal.tail(options.values('unit').map(mangle), Number(options.values('lines').at(-1) ?? 1000));
  if (entries.length === 0) return said('-- No entries --\n');
  return said(entries.map((entry) => `${formatEntry(entry, host.name, format)}\n`).join(''));
}
