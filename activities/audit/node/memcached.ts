import type { Evidence } from '../../../domain/audit/finding.js';
import { memcachedNode } from '../../../domain/audit/service-checks.js';
import { LISTENERS } from './listeners.js';
import { type Asked, type Found, type NodeCheck, Unread } from './node-check.js';
import { readUnitStates, runs, unitStates } from './unit-states.js';

const PORT = 11_211;

/** Of some fifty lines of statistics the two that prove an answer. */
const statistics = {
  name: 'statistics',
  mayWait: true,
  lines: ({ settings: { roles } }: Asked): string | undefined =>
    roles.includes('controller')
      ? `${LISTENERS}
for place in $(places ${PORT}); do
  echo "place $place"
  printf 'stats\\r\\nquit\\r\\n' | talk "$place" ${PORT} 4 | tr -d '\\r' | grep -E '^(STAT pid [0-9]+|END)$'
done
has bash || has python3 || has nc || return 127
echo asked`
      : undefined,
};

export const memcachedCheck: NodeCheck = {
  check: memcachedNode,
  reads: [unitStates, statistics],
  judge(said, asked) {
    const { node, settings } = asked;
    if (!runs(readUnitStates(said, asked), 'memcached')) return [];
    const { text, exitCode } = said(statistics);
    const by = (address: string) => `printf 'stats\\r\\nquit\\r\\n' | nc ${address} ${PORT}`;
    if (exitCode === 127)
      throw new Unread(
        `${node} has nothing to ask memcached with`,
        by(settings.address),
        `install bash or nc on ${node}`,
      );
    if (!/^asked$/m.test(text))
      throw new Unread(`memcached on ${node} was not asked in time`, by(settings.address), `run it on ${node}`);
    const [, ...places] = text.split(/^place /m);
    if (places.length === 0) {
      const value = `nothing listens on port ${PORT}`;
      return [finding(asked, [{ value, command: `ss -ltn | grep :${PORT}` }])];
    }
    const silent = places
      .filter((place) => !/^STAT pid \d+$/m.test(place) || !/^END$/m.test(place))
      .map((place) => ({ value: 'no statistics', command: by(place.split('\n')[0] ?? settings.address) }));
    return silent.length > 0 ? [finding(asked, silent)] : [];
  },
};

/** One for the service, wherever it listens. */
const finding = ({ node }: Asked, seen: readonly Pick<Evidence, 'value' | 'command'>[]): Found => ({
  severity: 'error',
  what: `memcached runs on ${node} and does not answer: ${seen[0]?.value}`,
  evidence: seen.map((one) => ({ ...one, threshold: 'STAT pid, and END' })),
  next: `\`ostler restart memcached --on ${node}\`, which logs users of Horizon out`,
});
