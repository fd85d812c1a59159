import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import ssh2, { type Connection, type ServerChannel, type Session } from 'ssh2';
import type { SshTarget } from '../../../../activities/ssh/types.js';
import { atEnd, generateKey, scratchDirectory } from './scratch.js';
import { publicKey } from './sshd.js';

export interface FakeSshd {
  target: SshTarget;
  /** TCP connections so far, dropped ones included, and the open ones of them. */
  connections: number;
  sockets: Set<Socket>;
  /** Commands received so far. */
  commands: string[];
}

export interface FakeBehaviour {
  /** Decides what to do with the nth TCP connection, counted from 1. Default: serve it. */
  onSocket?: (nth: number, socket: Socket) => 'serve' | 'handled';
  /** Answers one request to open a session. Default: accept. */
  onSession?: (accept: () => Session, reject: () => void) => Session | undefined;
  /** Runs one command. `accept` confirms the exec request. Default: exit 0 with no output. */
  onExec?: (command: string, accept: () => ServerChannel, connection: Connection) => void;
  publicKeyAccepted?: boolean;
}

/** An SSH server in this process that misbehaves as told. */
export async function startFakeSshd(behaviour: FakeBehaviour = {}): Promise<FakeSshd> {
  const directory = scratchDirectory();
  const hostKey = generateKey(join(directory, 'host'), 'ed25519');
  const identity = generateKey(join(directory, 'id'), 'ed25519');
  const fake: Omit<FakeSshd, 'target'> = { connections: 0, sockets: new Set(), commands: [] };

  const ssh = new ssh2.Server({ hostKeys: [readFileSync(hostKey)] }, (connection) => {
    connection.on('error', () => undefined);
    connection.on('authentication', (login) => {
      if (login.method === 'publickey' && behaviour.publicKeyAccepted !== false) login.accept();
      else login.reject();
    });
    connection.on('session', (accept, reject) => {
      const session = behaviour.onSession ? behaviour.onSession(accept, reject) : accept();
      session?.on('exec', (acceptExec, _reject, { command }) => {
        fake.commands.push(command);
        if (behaviour.onExec) behaviour.onExec(command, acceptExec, connection);
        else exit(acceptExec());
      });
    });
  });
  const front = createServer((socket) => {
    fake.connections++;
    fake.sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => fake.sockets.delete(socket));
    if ((behaviour.onSocket?.(fake.connections, socket) ?? 'serve') === 'serve') ssh.injectSocket(socket);
  });
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
  atEnd(() => {
    front.close();
    for (const socket of fake.sockets) socket.destroy();
  });

  const { port } = front.address() as { port: number };
  const knownHosts = join(directory, 'known_hosts');
  writeFileSync(knownHosts, `[127.0.0.1]:${port} ${publicKey(hostKey)}\n`);
  return Object.assign(fake, {
    target: {
      name: 'fake-1',
      address: '127.0.0.1',
      port,
      user: 'ops',
      identity: { kind: 'file' as const, path: identity },
      knownHosts: [knownHosts],
      connectTimeoutMs: 5_000,
      keepaliveMs: 10_000,
    },
  });
}

/** Ends a command as a well-behaved host does. */
export function exit(channel: ServerChannel, code = 0, output = ''): void {
  channel.write(output);
  channel.exit(code);
  channel.end();
}
