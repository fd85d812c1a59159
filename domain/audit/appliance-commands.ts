import type { Role } from '../inventory.js';

/**
 * The reads of the Fuel node that only root may do. dockerctl asks Docker twice for each of a dozen containers, so it gets more time than other
 * reads. Where it is gone and Docker is there, Docker is asked itself.
 */
export const fuelReads = {
  dockerctl: ['/usr/bin/timeout', '-k', '2', '30', '/usr/bin/dockerctl', 'list', '-l'],
  docker: ['/usr/bin/timeout', '-k', '2', '10', '/usr/bin/docker', 'ps', '--all'],
} as const;

/** What the checks of appliances read as root on hosts of a role. MongoDB is asked as a client, and needs nothing. */
export const applianceReadsOf = (role: Role): string[][] =>
  role === 'fuel' ? Object.values(fuelReads).map((argv) => [...argv]) : [];
