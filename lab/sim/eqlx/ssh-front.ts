import { createServer, type Server as Listener, type Socket } from 'node:net';
import ssh2, { type AuthContext, type Connection } from 'ssh2';
import { type KeyPair, newKey } from '../keys.js';
import type { SimArray } from './array.js';
import { CommandLine } from './command-line.js';

/** Who may log in, and by what. */
export interface ArrayAccount {
  user: string;
  password?: string;
  /** `ssh-ed25519 AAAA...` */
  key?: string;
}

/** The management address of an array: an SSH server on loopback that has shells and runs no commands. */
export class ArrayFront {
  readonly hostKey: KeyPair = newKey();
  port = 0;
  private readonly array: SimArray;
  private readonly account: ArrayAccount;
  private readonly sockets = new Set<Socket>();
  private listener: Listener | undefined;

  constructor(array: SimArray, account: ArrayAccount) {
    this.array = array;
    this.account = account;
  }

  /** How many connections there are now. */
  get connections(): number {
    return this.sockets.size;
  }

  open(): Promise<void> {
    const listener = createServer((socket) => this.accept(socket));
    this.listener = listener;
    return new Promise((resolve, reject) => {
      listener.once('error', reject);
      listener.listen(0, '127.0.0.1', () => {
        const bound = listener.address();
        if (typeof bound === 'object' && bound) this.port = bound.port;
        resolve();
      });
    });
  }

  /** Stops listening and cuts every connection. */
  close(): void {
    this.listener?.close();
    this.cut();
  }

  /** Resets every connection, as a controller of the array that fails over does. */
  cut(): void {
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  /** The line of known_hosts for it. */
  get knownHost(): string {
    return `[127.0.0.1]:${this.port} ${this.hostKey.public}\n`;
  }

  private accept(socket: Socket): void {
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
    const server = new ssh2.Server({ hostKeys: [this.hostKey.private] }, (connection) =>
      this.serve(connection, socket),
    );
    server.injectSocket(socket);
  }

  private serve(connection: Connection, socket: Socket): void {
    connection.on('error', () => socket.destroy());
    connection.on('authentication', (context) => this.authenticate(context));
    connection.on('session', (acceptSession) => {
      const session = acceptSession();
      session.on('pty', (acceptTerminal) => acceptTerminal?.());
      session.on('shell', (acceptShell) => {
        const channel = acceptShell();
        const line = new CommandLine(
          this.array,
          (text) => channel.write(text),
          () => channel.end(),
        );
        channel.setEncoding('utf8');
        channel.on('data', (keys: string) => line.type(keys));
        for (const end of [channel, socket]) end.once('close', () => this.array.leave(line, 'byConnection'));
        channel.on('error', () => undefined);
        line.begin();
      });
    });
  }

  private authenticate(context: AuthContext): void {
    const { user, password, key } = this.account;
    const methods = [...(password === undefined ? [] : ['password' as const]), ...(key ? ['publickey' as const] : [])];
    if (context.username !== user) context.reject(methods);
    else if (context.method === 'password' && context.password === password) context.accept();
    else if (context.method === 'publickey' && key && proves(context, key)) context.accept();
    else context.reject(methods);
  }
}

function proves(context: Extract<AuthContext, { method: 'publickey' }>, text: string): boolean {
  const known = ssh2.utils.parseKey(text);
  if (known instanceof Error || !context.key.data.equals(known.getPublicSSH())) return false;
  const { signature, blob, hashAlgo } = context;
  return signature === undefined || (blob !== undefined && known.verify(blob, signature, hashAlgo) === true);
}
