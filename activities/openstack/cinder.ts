import { z } from 'zod';
import type { Volume } from '../../domain/audit/judge-stuck.js';
import type { ServiceReport } from '../../domain/audit/service-report.js';
import type { Rest } from './rest.js';
import { said, surelySaid } from './said.js';
import { serviceReportsSchema } from './service-reports.js';

/** Every service that reports to Cinder, one cinder-volume for each backend. */
export async function readCinderServices(rest: Rest): Promise<ServiceReport[]> {
  const asked = { module: 'cinder', path: '/os-services', what: 'its list of services' } as const;
  return (await rest.read({ ...asked, schema: serviceReportsSchema })).services;
}

const volumeSchema = z
  .object({ id: z.string(), name: said, status: surelySaid, created_at: said, updated_at: said })
  .transform(({ created_at: created, updated_at: updated, ...row }): Volume => ({ ...row, created, updated }));

/** The volumes of all projects: Cinder filters by one status at a time, and those of error are many. */
export const readVolumes = (rest: Rest): Promise<Volume[]> =>
  rest.readAll({
    module: 'cinder',
    path: '/volumes/detail?all_tenants=1',
    what: 'its list of volumes',
    key: 'volumes',
    row: volumeSchema,
  });
