import { spawn } from 'node:child_process';
import type { Channel } from '../../domain/notifications.js';
import { redact } from '../redact.js';
import { notDeliverable, notYet } from './failure.js';
import type { Message } from './message.js';

/** Whatever takes longer is ended and tried again. */
const LIMIT_MS = 10_000;

type Command = Extract<Channel, { kind: 'command' }>;

/** Runs the site's own command on the worker's machine: no shell, the message on its stdin, ended by SIGKILL at the limit. */
export function runCommand({ command: [program = '', ...args] }: Command, { document }: Message): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['pipe', 'ignore', 'pipe'], timeout: LIMIT_MS, killSignal: 'SIGKILL' });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-500);
    });
    child.once('error', (error: NodeJS.ErrnoException) => {
      reject(notDeliverable(`the notification command ${program} cannot be started (${error.code})`));
    });
    child.once('close', (exitCode, signal) => {
      if (exitCode === 0) return resolve(`the notification command ${program} exited with 0`);
      const how =
        signal === null ? `exited with ${exitCode}` : `was ended by ${signal} after at most ${LIMIT_MS / 1000} s`;
      reject(notYet(`the notification command ${program} ${how}${said && `: ${redact(said.trim())}`}`));
    });
    // It need not read what it is told.
    child.stdin.on('error', () => {});
    child.stdin.end(`${JSON.stringify(document)}\n`);
  });
}
