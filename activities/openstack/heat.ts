import { z } from 'zod';
import type { HeatEngine } from '../../domain/audit/judge-heat-services.js';
import { type Rest, UnexpectedStatus } from './rest.js';
import { said, surelySaid } from './said.js';

const servicesSchema = z.object({
  services: z.array(
    z
      .object({ host: said, status: surelySaid, updated_at: said, deleted_at: said })
      .transform(({ updated_at: updatedAt, deleted_at: deletedAt, ...row }) => ({ ...row, updatedAt, deletedAt })),
  ),
});

/** The engines that report to Heat, as far as they were not deleted; undefined where Heat is too old to have that list. */
export async function readHeatEngines(rest: Rest): Promise<HeatEngine[] | undefined> {
  try {
    const asked = { module: 'heat', path: '/services', what: 'its list of engines' } as const;
    const { services } = await rest.read({ ...asked, schema: servicesSchema });
    return services.filter(({ deletedAt }) => deletedAt === '');
  } catch (error) {
    if (error instanceof UnexpectedStatus && error.status === 404) return undefined;
    throw error;
  }
}
