import { SEVERITIES } from '../../../../domain/audit/finding.js';
import type { AuditMark } from '../../../../domain/audit/report.js';
import { countsText } from '../severity.js';
import { timeOf } from './words.js';

/** So many audits are drawn, the last of them at the right edge. */
const SLOTS = 40;
const SLOT_WIDTH = 10;
const BAR_WIDTH = 7;
const HEIGHT = 60;

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** One bar for each of the last audits: errors at the bottom, what is unknown, warnings on top. */
export function trendView(marks: readonly AuditMark[]) {
  const last = marks.slice(-SLOTS);
  const [oldest, newest] = [last[0], last.at(-1)];
  if (last.length < 2 || !oldest || !newest) return undefined;
  const most = Math.max(1, ...last.map(openOf));
  return {
    width: SLOTS * SLOT_WIDTH,
    height: HEIGHT,
    caption: `The last ${last.length} audits`,
    label: `Findings of the last ${last.length} audits: from ${openOf(oldest)} to ${openOf(newest)}, ${most} at most`,
    from: timeOf(oldest.at).text,
    most: `at most ${most}`,
    to: 'now',
    audits: last.map((mark, index) => {
      const x = (SLOTS - last.length + index) * SLOT_WIDTH;
      return {
        title: `${timeOf(mark.at).text}: ${countsText(mark.counts)}`,
        x,
        width: BAR_WIDTH,
        bars: barsOf(mark, x, HEIGHT / most),
      };
    }),
  };
}

const openOf = ({ counts }: AuditMark): number => SEVERITIES.reduce((sum, severity) => sum + counts[severity], 0);

/** One above the other. */
function barsOf({ counts }: AuditMark, x: number, scale: number): (Box & { state: string })[] {
  let top = HEIGHT;
  return SEVERITIES.filter((severity) => counts[severity] > 0).map((state) => {
    const height = Math.round(counts[state] * scale * 100) / 100;
    top -= height;
    return { state, x, y: Math.round(top * 100) / 100, width: BAR_WIDTH, height };
  });
}
