import type { SimulatedMove } from '../../domain/failover.js';

/** `* Move vip ( a -> b )`, `* Stop p_haproxy:0 ( a ) due to ...`, and the older `* Move vip (Started a -> b)`. */
const LINE = /^\s*\*\s+(Move|Migrate|Stop|Start|Restart|Recover|Promote|Demote)\s+(\S+)\s+\(\s*([^)]*?)\s*\).*$/gim;

const ROLES = /^(?:Started|Stopped|Master|Slave|Promoted|Unpromoted)$/;

/** Nothing will come of it: said behind the node before 1.1.18 (`* Start vip (node-1 - blocked)`), and behind the bracket since. */
const BLOCKED = /-\s*blocked\b|\bblocked\s*$/;

/**
 * Reads the actions from `crm_simulate -S`, of Pacemaker 1.1 and 2. What changes nothing is not in it, and neither is what is blocked, and so
 * will not be done.
 * @throws {Error} when it is cut short
 */
export function parseSimulation(text: string): SimulatedMove[] {
  if (!text.includes('Transition Summary:')) throw new Error('crm_simulate says no summary of its transition');
  return [...text.matchAll(LINE)]
    .filter(([line]) => !BLOCKED.test(line))
    .map(([, verb = '', instance = '', where = '']) => {
      // A resource that can move without a stop is said to migrate.
      const action = (verb === 'Migrate' ? 'move' : verb.toLowerCase()) as SimulatedMove['action'];
      const resource = instance.replace(/:\d+$/, '');
      const [from, to] = where.split(/\s*->\s*/).map((place) =>
        place
          .split(/\s+/)
          .filter((word) => !ROLES.test(word))
          .join(' '),
      );
      if (action === 'start') return { action, resource, ...(from && { to: from }) };
      return { action, resource, ...(from && { from }), ...(to && { to }) };
    });
}
