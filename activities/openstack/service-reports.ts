import { z } from 'zod';
import type { ServiceReport } from '../../domain/audit/service-report.js';
import { said, surelySaid } from './said.js';

/** The list of what reports to Nova or to Cinder, which are alike; only Nova's can be forced down. */
export const serviceReportsSchema = z.object({
  services: z.array(
    z
      .object({
        binary: surelySaid,
        host: said,
        status: surelySaid,
        state: surelySaid,
        updated_at: said,
        disabled_reason: said,
        forced_down: z.boolean().nullish(),
      })
      .transform(
        ({ updated_at: updatedAt, disabled_reason: disabledReason, forced_down, ...row }): ServiceReport => ({
          ...row,
          updatedAt,
          disabledReason,
          forcedDown: forced_down === true,
        }),
      ),
  ),
});
