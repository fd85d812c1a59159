import type { Inventory, Role } from '../inventory.js';
import { applianceReadsOf } from './appliance-commands.js';
import { clusterAuditReads } from './cluster-commands.js';
import { auditReadsOf } from './node-commands.js';

/**
 * What an audit reads as root on hosts of a role, beside the reads that operations need.
 * @param site names the configuration files that are compared, and the checks that it leaves out; without it no file is compared
 */
export const everyAuditRead = (role: Role, site: Partial<Pick<Inventory, 'audit'>> = {}): string[][] => [
  ...auditReadsOf(role, site.audit?.node, site.audit?.off),
  ...clusterAuditReads(role),
  ...applianceReadsOf(role),
];
