import { judgePacemaker } from '../../domain/audit/judge-pacemaker.js';
import { pacemakerChecks } from '../../domain/audit/pacemaker-checks.js';
import { notAsked, unitsRead, withoutProgram } from '../ask-service.js';
import type { RunOnHost } from '../hosts.js';
import { createAskCluster } from '../pacemaker/ask.js';
import type { CloudChecks, CloudSite } from './cloud-checks.js';
import { controllersOf } from './on-every-controller.js';

/** Pacemaker, as every controller sees it. */
export const pacemakerCloudChecks: CloudChecks = {
  system: 'pacemaker',
  checks: pacemakerChecks,
  async find(site, _wanted, _limits, signal) {
    const absent = new Set<string>();
    const unreached = new Set<string>();
    const ask = createAskCluster({ inventory: site.inventory, run: askingWhetherItIsThere(site, absent, unreached) });
    const answers = await Promise.all(controllersOf(site).map((controller) => ask(controller, signal)));
    return judgePacemaker(answers, { absent, unreached });
  },
};

const NOT_THERE = '-- no pacemaker --';

/** A host without the tools of Pacemaker cannot say how it sees the cluster; that it has none is told in the same round trip. */
const askingWhetherItIsThere =
  ({ inventory, run }: CloudSite, absent: Set<string>, unreached: Set<string>): RunOnHost =>
  async (node, script, options) => {
    const first = `if ! [ -x /usr/sbin/cibadmin ]; then
LC_ALL=C ${unitsRead(inventory, node, 'pacemaker')}
echo '${NOT_THERE}'
exit 0
fi
`;
    try {
      const result = await run(node, `${first}${script}`, options);
      if (!result.stdout.trimEnd().endsWith(NOT_THERE)) return result;
      const found = withoutProgram('Pacemaker', result.stdout);
      if (found.state === 'absent') absent.add(node);
      throw new NoTools(found.state === 'absent' ? `there is no Pacemaker on ${node}` : found.why);
    } catch (error) {
      if (!(error instanceof NoTools) && notAsked(error, node).state === 'unreached') unreached.add(node);
      throw error;
    }
  };

class NoTools extends Error {
  override name = 'NoTools';
}
