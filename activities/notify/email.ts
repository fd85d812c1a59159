import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { ApplicationFailure } from '@temporalio/common';
import { createTransport } from 'nodemailer';
import type { Channel } from '../../domain/notifications.js';
import { redact } from '../redact.js';
import { notDeliverable, notYet, secretOf } from './failure.js';
import type { Message } from './message.js';

type Email = Extract<Channel, { kind: 'email' }>;
type Smtp = Email['smtp'];

/** A mail server may look at a message for a while; the last word of a run has 30 s for everything. */
const LIMIT_MS = 20_000;
const STEP_MS = 10_000;

const PORTS: Record<Smtp['security'], number> = { starttls: 587, tls: 465, none: 25 };

/** Hands a message to the site's mail server. Errors have neither the password nor what the server said about it. */
export async function sendMail({ smtp, from, to }: Email, message: Message): Promise<string> {
  const { host, port = PORTS[smtp.security] } = smtp;
  const server = `the mail server ${host}:${port}`;
  const transport = createTransport({
    host,
    port,
    ...tlsOf(smtp, smtp.caFile === undefined ? undefined : await authorityIn(smtp.caFile)),
    ...(smtp.user !== undefined && {
      auth: { user: smtp.user, pass: await secretOf(smtp.password ?? '', 'the password of the mail server') },
      // Or the message would go without a login where none is offered.
      forceAuth: true,
    }),
    dnsTimeout: STEP_MS,
    connectionTimeout: STEP_MS,
    greetingTimeout: STEP_MS,
    socketTimeout: STEP_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    const sent = await transport.sendMail({
      ...mailOf(message),
      from: { name: `Ostler ${message.cloud}`, address: from },
      to,
      signal: AbortSignal.timeout(LIMIT_MS),
    });
    const refused = sent.rejectedErrors ?? [];
    if (refused.length === 0) return `${server} accepted it for ${sent.accepted.join(', ')}`;
    const most = `${server} accepted it for ${sent.accepted.join(', ')} and not for ${sent.rejected.join(', ')}`;
    throw refused.some(mayPass) ? notYet(most) : notDeliverable(most);
  } catch (error) {
    throw error instanceof ApplicationFailure ? error : failureOf(error as SmtpError, server);
  } finally {
    transport.close();
  }
}

const tlsOf = ({ security }: Smtp, ca: string | undefined) => ({
  secure: security === 'tls',
  requireTLS: security === 'starttls',
  ignoreTLS: security === 'none',
  tls: { minVersion: 'TLSv1.2' as const, ...(ca !== undefined && { ca }) },
});

const authorityIn = (file: string): Promise<string> =>
  readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw notDeliverable(`the caFile ${file} of the mail server cannot be read (${error.code})`);
  });

/** Everything of a mail but who sends and gets it. It is the same at every attempt, so that whoever gets it twice can tell. */
function mailOf({ id, cloud, at, thread, words }: Message) {
  const { subject, body } = words((text) => text);
  const place = `ostler.${cloud.replace(/[^A-Za-z0-9-]/g, '-')}`;
  const first = thread && `<${createHash('sha256').update(thread).digest('hex').slice(0, 32)}@${place}>`;
  return {
    messageId: `<${id}@${place}>`,
    date: at,
    // Nobody has ever sent the first message of a thread; that all others refer to it keeps them together.
    ...(first && { inReplyTo: first, references: first }),
    subject,
    text: body,
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All', 'Ostler-Event-Id': id },
  };
}

interface SmtpError extends Error {
  code?: string | undefined;
  /** What the system or TLS called it. */
  originalCode?: string | undefined;
  responseCode?: number | undefined;
  response?: string | undefined;
}

/** A server's 4xx may pass, its 5xx will not (RFC 5321); neither will what it does not offer. Whatever else happens on a network may. */
const mayPass = ({ responseCode, code }: SmtpError): boolean =>
  responseCode === undefined ? !NEVER.includes(code ?? '') : responseCode < 500;

const NEVER: readonly string[] = ['EAUTH', 'ECONFIG', 'EENVELOPE'];

function failureOf(error: SmtpError, server: string): ApplicationFailure {
  const failure = `${server} ${whatHappened(error)}`;
  return mayPass(error) ? notYet(failure) : notDeliverable(failure);
}

/** What the server said of a login is left out: it may repeat the password. */
function whatHappened({ code, originalCode, responseCode, response = '', name }: SmtpError): string {
  if (code === 'EAUTH') return `refused the login${responseCode === undefined ? '' : ` (${responseCode})`}`;
  if (code === 'ETLS' && responseCode !== undefined) return 'does not offer STARTTLS';
  if (code === 'EABORT') return `was not done within ${LIMIT_MS / 1_000} s`;
  if (responseCode !== undefined) return `refused the message: ${redact(response.slice(0, 200))}`;
  return `cannot be used: ${originalCode ?? code ?? name}`;
}
