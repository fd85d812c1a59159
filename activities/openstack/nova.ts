import { z } from 'zod';
import { OpenStackFailure } from './http.js';
import type { Access, Keystone } from './keystone.js';

/**
 * What is read of an answer to GET /os-services: without a version header, which is 2.1 on today's Nova and what Juno's v2 with its
 * extensions says too. `updated_at` is null until the service has reported once.
 */
const servicesSchema = z.object({
  services: z.array(
    z
      .object({
        host: z.string(),
        status: z.enum(['enabled', 'disabled']),
        state: z.enum(['up', 'down']),
        updated_at: z.string().nullable(),
        disabled_reason: z.string().nullish(),
      })
      .transform(({ updated_at, disabled_reason, ...row }) => ({
        ...row,
        updatedAt: updated_at ?? '',
        disabledReason: disabled_reason ?? '',
      })),
  ),
});

/** One service of Nova. `updatedAt` is Nova's own time, to be compared with nothing but itself; '' before the first report. */
export type ServiceRow = z.output<typeof servicesSchema>['services'][number];

/**
 * Every service of one binary, such as nova-compute. A token that Nova refuses is replaced once.
 * @throws {OpenStackFailure}
 */
export async function listServices(keystone: Keystone, binary: string): Promise<ServiceRow[]> {
  const ask = ({ token, endpoint, http }: Access) =>
    http({
      method: 'GET',
      url: `${endpoint}/os-services?binary=${encodeURIComponent(binary)}`,
      headers: { 'x-auth-token': token },
    });
  let access = await keystone.access('compute');
  let answer = await ask(access);
  if (answer.status === 401) {
    keystone.refused(access);
    access = await keystone.access('compute');
    answer = await ask(access);
  }
  const where = `Nova at ${new URL(access.endpoint).host}`;
  if (answer.status === 401) throw new OpenStackFailure(`${where} refuses a token that was just issued (401)`, true);
  if (answer.status === 403)
    throw new OpenStackFailure(
      `${where} does not let this user list services (403); it needs the admin role, or os_compute_api:os-services:list in Nova's policy`,
      false,
    );
  if (answer.status !== 200)
    throw new OpenStackFailure(
      `${where} answered ${answer.status} when asked for its services`,
      answer.status >= 500 || answer.status === 429,
    );
  const read = servicesSchema.safeParse(answer.body);
  if (!read.success) throw new OpenStackFailure(`${where} answered with something that is no list of services`, true);
  return read.data.services;
}
