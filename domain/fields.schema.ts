import { z } from 'zod';
import { isHostName, isUnitName, isWord } from './names.js';
import { whyNotTimeZone } from './time-zone.js';

export const hostName = z.string().refine(isHostName, 'must be a host name (letters, digits, hyphens, dots)');
/** Digits and dots alone are meant as IPv4, so `10.20.0.256` is no host name. */
export const address = z.union(
  [z.ipv4(), z.ipv6(), hostName.refine((text) => !/^[\d.]+$/.test(text))],
  'must be an IP address or a host name',
);
export const word = z.string().refine(isWord, 'must be a word of letters, digits, dots, hyphens and underscores');
export const unitName = z
  .string()
  .refine(isUnitName, 'must be a systemd unit name with its suffix, such as nova-compute.service');
export const timeZone = z.string().superRefine((text, context) => {
  const message = whyNotTimeZone(text);
  if (message !== undefined) context.addIssue({ code: 'custom', message });
});
export const port = z.int().min(1).max(65535);
export const path = z
  .string()
  .min(1, 'must not be empty')
  .refine((text) => !/[\0\n\r]/.test(text), 'must be a path on one line');

/** http(s) without `user:password@`, which would be a secret written in the file. */
export const httpUrl = (error: string) =>
  z
    .url({ protocol: /^https?$/, error })
    .refine((text) => !/^https?:\/\/[^/?#]*@/i.test(text), 'must not hold a user name or a password');

/** A secret is only ever named: where it stands is written, never the secret itself (design, rule 8). */
export const secretReferenceSchema = z
  .string()
  .regex(
    /^(?:env:[A-Za-z_][A-Za-z0-9_]*|file:[^\0\n\r]+)$/,
    'must name where the secret is kept: env:VARIABLE or file:PATH, never the secret itself',
  );
