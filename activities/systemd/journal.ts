import { type RunOnHost, whyNot } from '../hosts.js';
import { redact } from '../redact.js';
import { shellWord } from '../ssh/quote.js';
import { REMOTE_READ } from './probe.js';

const LINES = 20;
const LINE_LENGTH = 240;

/** A unit's last journal lines, redacted and cut, for an operator to see why it failed; or why they cannot be shown. */
export async function lastLines(run: RunOnHost, node: string, unit: string): Promise<string[]> {
  const script = `LC_ALL=C; export LC_ALL
exec ${REMOTE_READ} journalctl -u ${shellWord(unit)} -n ${LINES} --no-pager -o short-iso`;
  try {
    const { stdout, stderr, exitCode } = await run(node, script, { limitMs: 20_000 });
    const lines = (exitCode === 0 ? stdout : stderr).trim().split('\n').slice(-LINES);
    return lines.map((line) => redact(line).slice(0, LINE_LENGTH));
  } catch (error) {
    return [`the journal could not be read: ${whyNot(error)}`];
  }
}
