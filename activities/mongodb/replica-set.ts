import { z } from 'zod';
import type { MongoMember, MongoView } from '../../domain/mongodb.js';

/** A number as the shells print one: as it is, or with its type (`{"$numberInt":"1"}`, `{"floatApprox":1}`). */
const number = z.union([
  z.number(),
  z.union([
    z.object({ $numberInt: z.coerce.number() }).transform((one) => one.$numberInt),
    z.object({ $numberLong: z.coerce.number() }).transform((one) => one.$numberLong),
    z.object({ $numberDouble: z.coerce.number() }).transform((one) => one.$numberDouble),
    z.object({ floatApprox: z.number() }).transform((one) => one.floatApprox),
  ]),
]);

/** A moment in milliseconds: a string, or a date of Extended JSON in its relaxed or canonical form. */
const moment = z
  .union([z.string(), z.object({ $date: z.union([z.string(), number]) }).transform(({ $date }) => $date)])
  .transform((date) => (typeof date === 'string' ? Date.parse(date) : date))
  .refine(Number.isFinite);

/** A timestamp in milliseconds: `{"t":1,"i":2}`, the same in Extended JSON, or both halves in one number. */
const timestamp = z
  .union([
    z.object({ t: number }).transform(({ t }) => t),
    z.object({ $timestamp: z.object({ t: number }) }).transform((one) => one.$timestamp.t),
    z.object({ $timestamp: z.string().regex(/^\d+$/) }).transform((one) => Number(BigInt(one.$timestamp) >> 32n)),
  ])
  .transform((seconds) => seconds * 1000);

/** Old servers say the timestamp itself, those since 3.2 the timestamp with its term. */
const optime = z.union([z.object({ ts: timestamp }).transform(({ ts }) => ts), timestamp]);

const statusSchema = z.object({
  set: z.string(),
  members: z
    .array(
      z
        .object({
          name: z.string(),
          stateStr: z.string(),
          health: number,
          optimeDate: moment.optional().catch(undefined),
          optime: optime.optional().catch(undefined),
          electionDate: moment.optional().catch(undefined),
          uptime: number.optional().catch(undefined),
          self: z.boolean().optional().catch(undefined),
        })
        .transform(
          ({ name, stateStr, health, optimeDate, optime: written, electionDate, uptime, self }): MongoMember => {
            const lastWriteMs = optimeDate ?? written;
            // One out of reach is `(not reachable/healthy)`, in brackets or without, by version.
            const state = stateStr.replace(/[()]/g, '');
            return {
              name,
              state,
              isHealthy: health > 0,
              ...(lastWriteMs !== undefined && { lastWriteMs }),
              ...(self && { isSelf: true as const }),
              ...(self && uptime !== undefined && { uptimeS: uptime }),
              ...(electionDate !== undefined && { electedMs: electionDate }),
            };
          },
        ),
    )
    .min(1),
});

/**
 * Reads the document of `rs.status()`, of any server from 2.6 on.
 * @returns undefined when it is something else
 */
export const parseReplicaSet = (document: unknown): MongoView | undefined => statusSchema.safeParse(document).data;
