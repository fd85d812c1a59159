import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { afterwards } from './receivers.js';

/** A mail as the server got it. */
export interface Mail {
  isSecure: boolean;
  user: unknown;
  to: string[];
  /** Header lines unfolded, by name in lower case. */
  headers: Record<string, string>;
  body: string;
}

/** Who may log in. */
export const LOGIN = { user: 'ostler', password: 'hunter2' };

/** A real SMTP server on this machine that takes mail from who logs in. */
export async function mailServer(options: SMTPServerOptions = {}): Promise<{ port: number; mails: Mail[] }> {
  const mails: Mail[] = [];
  const server = new SMTPServer({
    logger: false,
    onAuth: ({ username, password }, _session, done) =>
      username === LOGIN.user && password === LOGIN.password
        ? done(null, { user: username })
        : done(new Error(`${password} is not it`)),
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.once('end', () => {
        const [head = '', ...rest] = Buffer.concat(chunks).toString().split('\r\n\r\n');
        const lines = head.replace(/\r\n[ \t]+/g, ' ').split('\r\n');
        const headers = lines.map((line) => [
          line.split(':', 1)[0]?.toLowerCase() ?? '',
          line.replace(/^[^:]*: ?/, ''),
        ]);
        mails.push({
          isSecure: session.secure,
          user: session.user,
          to: session.envelope.rcptTo.map(({ address }) => address),
          headers: Object.fromEntries(headers),
          body: rest.join('\r\n\r\n'),
        });
        done();
      });
    },
    ...options,
  });
  server.on('error', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterwards(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return { port: (server.server.address() as AddressInfo).port, mails };
}

/** An error that the server answers with this code. */
export const refusal = (responseCode: number, text: string): Error => Object.assign(new Error(text), { responseCode });
