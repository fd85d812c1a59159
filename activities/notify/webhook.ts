import { createHmac } from 'node:crypto';
import type { Channel } from '../../domain/notifications.js';
import { secretOf } from './failure.js';
import type { Message } from './message.js';
import { post } from './post.js';

type Webhook = Extract<Channel, { kind: 'webhook' }>;

/** Posts a message for programs, signed where the site has a key for that. */
export async function postSigned({ url, secret }: Webhook, { id, document }: Message): Promise<string> {
  const body = JSON.stringify(document);
  const signature = secret && signatureOf(body, await secretOf(secret, 'the key to sign with'), Date.now());
  return post({ url, body, headers: { 'Ostler-Event-Id': id, ...(signature && { 'Ostler-Signature': signature }) } });
}

/** The time of the attempt is signed too, so that what somebody has recorded is worth nothing some minutes later. */
export function signatureOf(body: string, key: string, atMs: number): string {
  const seconds = Math.floor(atMs / 1_000);
  return `t=${seconds},v1=${createHmac('sha256', key).update(`${seconds}.${body}`).digest('hex')}`;
}
