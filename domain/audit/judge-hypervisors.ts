import type { Finding } from './finding.js';
import { type NodeOf, placeOf } from './place.js';

/** A hypervisor as Nova lists it. */
export interface Hypervisor {
  /** The name of its host, or the id of a machine of Ironic. */
  host: string;
  /** `up` or `down`. */
  state: string;
  status: string;
}

/** Hypervisors that are not up. One that is disabled is a disabled service, which is the finding of another check. */
export const judgeHypervisors = (hypervisors: readonly Hypervisor[], nodeOf: NodeOf): Finding[] =>
  hypervisors
    .filter(({ state }) => state !== 'up')
    .map(({ host, state, status }) => {
      const { where, ...place } = placeOf(nodeOf, host, 'hypervisor');
      return {
        check: 'hypervisors',
        ...place,
        severity: 'error',
        what: `the hypervisor on ${where} is ${state || 'in no state'} for Nova`,
        evidence: [
          {
            value: `state ${state || 'none'}, status ${status || 'none'}`,
            threshold: 'state up',
            command: 'openstack hypervisor list --long',
          },
        ],
        next: 'see whether the host is on and whether its nova-compute reports; do not evacuate guests before the host is known to be off',
      };
    });
