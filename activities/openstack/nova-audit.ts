import { z } from 'zod';
import type { Hypervisor } from '../../domain/audit/judge-hypervisors.js';
import type { TroubledServer } from '../../domain/audit/judge-stuck.js';
import type { ServiceReport } from '../../domain/audit/service-report.js';
import type { Rest } from './rest.js';
import { said, surelySaid } from './said.js';
import { serviceReportsSchema } from './service-reports.js';

/** `forced_down` came with Liberty's 2.11; whoever has no versions leaves it out. */
const SINCE_LIBERTY = { 'openstack-api-version': 'compute 2.11', 'x-openstack-nova-api-version': '2.11' };

/** Every service that reports to Nova, of every binary. */
export async function readNovaServices(rest: Rest): Promise<ServiceReport[]> {
  const asked = { module: 'nova', path: '/os-services', what: 'its list of services' } as const;
  return (await rest.read({ ...asked, schema: serviceReportsSchema, version: SINCE_LIBERTY })).services;
}

const hypervisorsSchema = z.object({
  hypervisors: z.array(
    z
      .object({ hypervisor_hostname: said, state: surelySaid, status: said })
      .transform(({ hypervisor_hostname: host, ...row }): Hypervisor => ({ host, ...row })),
  ),
});

/** Every hypervisor. Without a version header Nova gives them all at once. */
export async function readHypervisors(rest: Rest): Promise<Hypervisor[]> {
  const asked = { module: 'nova', path: '/os-hypervisors', what: 'its list of hypervisors' } as const;
  return (await rest.read({ ...asked, schema: hypervisorsSchema })).hypervisors;
}

const serverSchema = z
  .object({ id: z.string(), name: said, status: surelySaid, created: said, 'OS-EXT-SRV-ATTR:host': said })
  .transform(({ 'OS-EXT-SRV-ATTR:host': host, ...row }): TroubledServer => ({ ...row, host }));

/** The servers of all projects that are in BUILD or in ERROR. */
export const readTroubledServers = (rest: Rest): Promise<TroubledServer[]> =>
  rest.readAll({
    module: 'nova',
    path: '/servers/detail?all_tenants=1&status=BUILD&status=ERROR',
    what: 'its list of servers',
    key: 'servers',
    row: serverSchema,
  });
