import type { CloudSite } from '../../../activities/audit/cloud-checks.js';
import { createSshPool } from '../../../activities/ssh/pool.js';
import { SshFailure } from '../../../activities/ssh/types.js';
import { parseInventory, siteOf } from '../../../inventory/load.js';
import { type FakeController, fakeController } from '../controllers/fake-controller.js';

/** What a host has installed, what its sudo does for each command line, and programs that need no sudo. */
export interface FakeHost {
  installed: string[];
  answers?: Record<string, string>;
  programs?: Record<string, string>;
}

/** No systemd, and none of the programs that would be the ones of the machine that the tests run on. */
const NOTHING = { systemctl: 'exit 1', pgrep: 'exit 1', ps: 'exit 1', mysql: 'exit 127' };

/** Three controllers and a host of OSDs; who is not named does not answer over SSH. */
export function clusterSite(
  hosts: Record<string, FakeHost>,
): CloudSite & { askedOf(node: string): string[]; sent: string[] } {
  const fakes = new Map<string, FakeController>(
    Object.entries(hosts).map(([name, { installed, answers = {}, programs }]) => [
      name,
      fakeController(
        Object.entries(answers)
          .map(([pattern, does]) => `${pattern}) ${does} ;;`)
          .join('\n'),
        { installed, programs: { ...NOTHING, ...programs } },
      ),
    ]),
  );
  const nodes = [
    ...['controller-1', 'controller-2', 'controller-3'].map(
      (name, index) => `{ name: ${name}, address: 10.0.0.${index + 1}, roles: [controller] }`,
    ),
    ...('storage-1' in hosts ? ['{ name: storage-1, address: 10.0.1.1, roles: [ceph-osd] }'] : []),
  ];
  const text = `cloud: prod\nssh: { user: ops, identityFile: /id }\nnodes:\n${nodes.map((node) => `  - ${node}`).join('\n')}\n`;
  const sent: string[] = [];
  return {
    inventory: siteOf(parseInventory(text, 'ostler.yaml'), '/etc/ostler/ostler.yaml'),
    ssh: createSshPool(),
    sent,
    askedOf: (node) => fakes.get(node)?.asked() ?? [],
    run: async (node, script, { signal }) => {
      signal?.throwIfAborted();
      sent.push(node);
      const fake = fakes.get(node);
      if (fake) return fake.run(script);
      throw new SshFailure('unreachable', { host: node, message: `${node} does not answer`, hint: 'look at it' });
    },
  };
}

export const never = new AbortController().signal;
