import type { SiteInventory } from '../../inventory/load.js';
import { cephCloudChecks } from './ceph.js';
import type { CloudChecks } from './cloud-checks.js';
import { createEqlxChecks } from './eqlx.js';
import { createFuelChecks } from './fuel.js';
import { galeraCloudChecks } from './galera.js';
import { haproxyCloudChecks } from './haproxy.js';
import { createMongodbChecks } from './mongodb.js';
import { createOpenStackChecks } from './openstack.js';
import { pacemakerCloudChecks } from './pacemaker.js';
import { rabbitmqCloudChecks } from './rabbitmq.js';

/** The systems of a cloud that are asked once, in the order in which they start (domain reference, B9). */
export const systemsOf = ({ audit }: Pick<SiteInventory, 'audit'>): readonly CloudChecks[] => [
  createFuelChecks(audit.fuel),
  pacemakerCloudChecks,
  galeraCloudChecks,
  rabbitmqCloudChecks,
  haproxyCloudChecks,
  cephCloudChecks,
  createEqlxChecks(audit.eqlx),
  createMongodbChecks(audit.mongodb),
  createOpenStackChecks(audit.openstack),
];
