import { spawn } from 'node:child_process';
import { ApplicationFailure } from '@temporalio/common';
import type { Inventory, NotifySettings } from '../domain/inventory.js';
import { webhookUrlSchema } from '../domain/inventory.schema.js';
import { resolveSecret, SecretError } from '../inventory/secrets.js';
import { redact } from './redact.js';

/** One message to the people of a site: what a webhook gets as its body, and a command on its stdin. */
export interface Notification {
  event: 'paused' | 'needs-person' | 'ended';
  /** `<workflow id>@<8 characters of its first run id>`. */
  run: string;
  cloud: string;
  operation: string;
  target: string;
  /** One sentence for a person. */
  summary: string;
}

/** A chat's webhook answers in well under a second; whoever takes longer is tried again. */
const LIMIT_MS = 10_000;

/** Type of the failure that no retry mends: a wrong URL, a secret or a command that is not there. */
const NOT_DELIVERABLE = 'NotificationNotDeliverable';

/**
 * Tells the site's people about a run, the way `notify:` of ostler.yaml says. Changes nothing in the cloud. A retry may tell them
 * twice, which is better than not at all. Errors name the webhook's host and never its path, which is often a secret.
 */
export const createNotifyActivities = ({ inventory }: { inventory: Pick<Inventory, 'notify'> }) => ({
  /** Does nothing when the site has not configured `notify:`. */
  async notify(notification: Notification): Promise<void> {
    if (inventory.notify) await deliver(inventory.notify, JSON.stringify(notification));
  },
});

const deliver = (settings: NotifySettings, message: string): Promise<void> =>
  'webhook' in settings ? post(settings.webhook, message) : run(settings.command, message);

async function post(webhook: string, body: string): Promise<void> {
  const url = await urlOf(webhook);
  const { host } = new URL(url);
  const response = await fetch(url, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json' },
    // The path is a secret, and must not be carried to another host.
    redirect: 'manual',
    signal: AbortSignal.timeout(LIMIT_MS),
  }).catch((error: unknown) => {
    throw failed(`the webhook at ${host} did not answer: ${whyNoAnswer(error)}`);
  });
  await response.body?.cancel();
  if (response.ok) return;
  const passing = response.status >= 500 || response.status === 429 || response.status === 408;
  throw failed(`the webhook at ${host} answered ${response.status}`, passing);
}

/** The webhook's URL: as it is written, or from where it is kept. */
async function urlOf(webhook: string): Promise<string> {
  if (!/^(?:env|file):/.test(webhook)) return webhook;
  // References are absolute already, so they need no folder to start from.
  const url = await resolveSecret(webhook, '/').catch((error: unknown) => {
    throw error instanceof SecretError ? failed(`the webhook's URL cannot be had: ${error.message}`, false) : error;
  });
  if (webhookUrlSchema.safeParse(url).success) return url;
  throw failed(`${webhook} holds no URL with http or https, or one with a user name or a password`, false);
}

/** The code of the network error, or the name of the time limit; never its message, which may hold the URL. */
function whyNoAnswer(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error';
  if (error.name === 'TimeoutError') return `nothing within ${LIMIT_MS / 1000} s`;
  const { code } = (error.cause ?? {}) as { code?: string };
  return code ?? error.name;
}

/** Runs the site's own command on the worker's machine: no shell, the message on its stdin, ended by SIGKILL at the limit. */
function run([program = '', ...args]: readonly string[], message: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['pipe', 'ignore', 'pipe'], timeout: LIMIT_MS, killSignal: 'SIGKILL' });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-500);
    });
    child.once('error', (error: NodeJS.ErrnoException) => {
      reject(failed(`the notification command ${program} cannot be started (${error.code})`, false));
    });
    child.once('close', (exitCode, signal) => {
      if (exitCode === 0) return resolve();
      const how =
        signal === null ? `exited with ${exitCode}` : `was ended by ${signal} after at most ${LIMIT_MS / 1000} s`;
      reject(failed(`the notification command ${program} ${how}${said && `: ${redact(said.trim())}`}`));
    });
    // It need not read what it is told.
    child.stdin.on('error', () => {});
    child.stdin.end(`${message}\n`);
  });
}

const failed = (message: string, mayPass = true): ApplicationFailure =>
  mayPass ? ApplicationFailure.retryable(message) : ApplicationFailure.nonRetryable(message, NOT_DELIVERABLE);
