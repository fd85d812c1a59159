import { z } from 'zod';
import { SEVERITIES } from './audit/finding.js';
import { address, httpUrl, path, port, secretReferenceSchema, timeZone, word } from './fields.schema.js';
import { DAYS } from './quiet-hours.js';

/** Where a webhook listens, as it is used: read from the file, or from where the file says that it is kept. */
export const webhookUrlSchema = httpUrl(
  'must be a URL with http or https, or name where that is kept: env:VARIABLE or file:PATH',
);

const url = z
  .union([webhookUrlSchema, secretReferenceSchema])
  .describe('Gets a POST with JSON: its URL or, as that often is a secret, where it is kept: env:NAME or file:PATH');

const command = z
  .array(z.string().min(1, 'must not be empty'))
  .min(1, 'needs a program')
  .describe('Gets JSON on stdin');

const severities = z.array(z.enum(SEVERITIES));

const timeOfDay = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'must be a time of the day, such as "22:00"');

const quietHours = z
  .strictObject({
    from: timeOfDay.describe('When they begin, such as "22:00"'),
    to: z
      .union([timeOfDay, z.literal('24:00')], 'must be a time of the day, such as "07:00", or "24:00"')
      .describe('When they are over; on the next day where it is not after from'),
    timeZone: timeZone.describe('Whose clocks, such as Europe/Berlin'),
    days: z.array(z.enum(DAYS)).min(1, 'needs at least one day').optional().describe('On which they begin; every day'),
    except: severities.default(['error']).describe('Findings that are told at once all the same'),
  })
  .refine(({ from, to }) => from !== to, {
    path: ['to'],
    error: 'must differ from from; a whole day is 00:00 to 24:00',
  })
  .refine(({ from, to, days }) => from !== '00:00' || to !== '24:00' || new Set(days ?? DAYS).size < DAYS.length, {
    path: ['days'],
    error: 'must leave a day out, or these hours are never over',
  });

const common = {
  severities: severities
    .min(1, 'needs at least one severity')
    .default([...SEVERITIES])
    .describe('Findings that it is told of'),
  quietHours: quietHours.optional().describe('When it is not told of findings; they are told afterwards'),
  template: z
    .strictObject({
      subject: z.string().min(1, 'must not be empty').max(200, 'must have at most 200 characters').optional(),
      body: z.string().min(1, 'must not be empty').max(10_000, 'must have at most 10000 characters').optional(),
    })
    .optional()
    .describe('How findings are told, as Mustache templates; see docs/notifications.md'),
};

/** As browsers check it, so that `root@localhost` is one. */
const mailAddress = z.email({ pattern: z.regexes.html5Email, error: 'must be an e-mail address' });

const smtp = z
  .strictObject({
    host: address,
    port: port.optional().describe('By default 587 for starttls, 465 for tls, 25 for none'),
    security: z
      .enum(['starttls', 'tls', 'none'])
      .default('starttls')
      .describe('starttls: refuses a server that does not offer it; tls: from the first byte on; none: in clear text'),
    user: z.string().min(1, 'must not be empty').optional(),
    password: secretReferenceSchema.optional().describe('Where the password is kept: env:NAME or file:PATH'),
    caFile: path.optional().describe('Certificates of the authority that the server is checked against'),
  })
  .refine(
    ({ user, password }) => (user === undefined) === (password === undefined),
    'needs both user and password, or neither',
  )
  .refine(({ security, password }) => security !== 'none' || password === undefined, {
    path: ['security'],
    error: 'must be starttls or tls, or the password would be sent in clear text',
  });

const channel = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({
      kind: z.literal('webhook'),
      url,
      secret: secretReferenceSchema
        .optional()
        .describe('Where the key is kept that messages are signed with: env:NAME or file:PATH'),
      ...common,
    }),
    z.strictObject({ kind: z.literal('slack'), url, ...common }),
    z.strictObject({
      kind: z.literal('email'),
      smtp,
      from: mailAddress,
      to: z.array(mailAddress).min(1, 'needs at least one address').max(50, 'must have at most 50 addresses'),
      ...common,
    }),
    z.strictObject({ kind: z.literal('command'), command, ...common }),
  ],
  { error: ({ code }) => (code === 'invalid_union' ? 'must be webhook, slack, email or command' : undefined) },
);

/** `notify:` of ostler.yaml: channels by name or, as it was at first, one webhook or command. */
export const notifySchema = z.union([
  z.strictObject({ webhook: url }),
  z.strictObject({ command }),
  z.strictObject({
    channels: z
      .record(word, channel)
      .refine((channels) => Object.keys(channels).length > 0, 'needs at least one channel')
      .describe('Who is told, by a name of your own'),
  }),
]);

export type NotifySettings = z.output<typeof notifySchema>;
export type ChannelSettings = z.output<typeof channel>;
