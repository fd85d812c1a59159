import { SUDO_REFUSED } from '../controllers/survey.js';
import type { Printed } from '../controllers/survey-script.js';

/** A version that does not know the question: it came with Luminous for OSDs, and with Nautilus for monitors. */
const TOO_OLD = /no valid command found|unrecognized command/i;

/** Whether Ceph lets daemons go, by its own `ok-to-stop`; a version without that command has no word in it. */
export type Leave = { state: 'given' } | { state: 'too-old' } | { state: 'refused'; why: string };

/** Reads the answer to `ok-to-stop`; undefined stands for none. */
export function okToStop(printed: Printed | undefined): Leave {
  if (printed?.exitCode === 0) return { state: 'given' };
  return TOO_OLD.test(printed?.stderr ?? '') ? { state: 'too-old' } : { state: 'refused', why: whyRefused(printed) };
}

function whyRefused(printed: Printed | undefined): string {
  if (!printed) return 'it was not asked';
  const { stderr, exitCode } = printed;
  const said = stderr.replace(/\s+/g, ' ').replace(/^Error E[A-Z]+: /, '');
  if (SUDO_REFUSED.test(stderr))
    return `sudo does not let us ask (${said}): install what \`ostler sudoers\` prints for its roles`;
  return exitCode === 124 || exitCode === 137
    ? 'it did not say in time'
    : said || `ok-to-stop ended with exit ${exitCode}`;
}
