import { connect, createServer, type Server as Listener, type Socket } from 'node:net';
import ssh2, { type AuthContext, type Connection, type ServerChannel } from 'ssh2';
import type { SimHost } from './host.js';
import { pause } from './pause.js';

/** sshd's default MaxSessions (sshd_config(5)): channels of one connection that may be open at once. */
const MAX_SESSIONS = 10;

/**
 * The sshd of one simulated host: a listener on a loopback address, public key authentication of user ops, exec
 * requests, and forwarding to loopback for ProxyJump. A command's standard input is empty.
 */
export class SshFront {
  readonly address: string;
  port = 0;
  startupsToRefuse = 0;
  private readonly host: SimHost;
  private readonly userKey: string;
  private readonly sockets = new Set<Socket>();
  private listener: Listener | undefined;

  constructor(host: SimHost, userKey: string, address: string) {
    this.host = host;
    this.userKey = userKey;
    this.address = address;
  }

  /** Listens on `port`, or on the port it had; 0 takes any free one. Rejects when the port is taken. */
  open(port = this.port): Promise<void> {
    if (this.listener) return Promise.resolve();
    const listener = createServer((socket) => this.accept(socket));
    this.listener = listener;
    return new Promise((resolve, reject) => {
      listener.once('error', (error) => {
        this.listener = undefined;
        reject(error);
      });
      listener.listen(port, this.address, () => {
        const bound = listener.address();
        if (typeof bound === 'object' && bound) this.port = bound.port;
        resolve();
      });
    });
  }

  /** Stops listening; connections that exist go on. */
  close(): Promise<void> {
    this.listener?.close();
    this.listener = undefined;
    return Promise.resolve();
  }

  /** Resets every connection. */
  dropAll(): void {
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  private accept(socket: Socket): void {
    if (this.startupsToRefuse > 0) {
      this.startupsToRefuse--;
      socket.destroy();
      return;
    }
    socket.setNoDelay(true);
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
    // A server object per connection: ten thousand idle hosts would otherwise hold one each.
    const server = new ssh2.Server({ hostKeys: [this.host.hostKey.private] }, (connection) =>
      this.serve(connection, socket),
    );
    server.injectSocket(socket);
  }

  private serve(connection: Connection, socket: Socket): void {
    let open = 0;
    connection.on('error', () => socket.destroy());
    connection.on('authentication', (context) => this.authenticate(context));
    connection.on('session', (acceptSession, rejectSession) => {
      if (open >= MAX_SESSIONS) {
        rejectSession();
        return;
      }
      open++;
      const session = acceptSession();
      session.once('close', () => open--);
      session.on('exec', (acceptExec, _reject, { command }) => void this.exec(acceptExec(), socket, command));
    });
    connection.on('tcpip', (acceptForward, rejectForward, { destIP, destPort }) => {
      if (!destIP.startsWith('127.')) {
        rejectForward();
        return;
      }
      const target = connect(destPort, destIP);
      target.once('error', rejectForward);
      target.once('connect', () => {
        target.off('error', rejectForward);
        const channel = acceptForward();
        for (const end of [target, channel]) end.on('error', () => target.destroy());
        channel.pipe(target).pipe(channel);
      });
    });
  }

  private authenticate(context: AuthContext): void {
    const key = ssh2.utils.parseKey(this.userKey);
    const known = key instanceof Error ? undefined : key;
    if (context.method !== 'publickey' || context.username !== 'ops' || !known) {
      context.reject(['publickey']);
      return;
    }
    const same = context.key.algo === known.type && context.key.data.equals(known.getPublicSSH());
    const signed =
      context.signature === undefined ||
      (context.blob !== undefined && known.verify(context.blob, context.signature, context.hashAlgo) === true);
    if (same && signed) context.accept();
    else context.reject(['publickey']);
  }

  private async exec(channel: ServerChannel, socket: Socket, command: string): Promise<void> {
    const { faults, powerLost } = this.host;
    channel.on('error', () => undefined);
    channel.resume();
    const { execStallMs } = faults;
    await this.host.beforeExec?.(command);
    if (!(await pause(execStallMs, powerLost))) return;
    const drop = faults.dropReply && command.includes(faults.dropReply.containing) ? faults.dropReply : undefined;
    if (drop) faults.dropReply = undefined;
    const result = await this.host.run(command);
    if (powerLost.aborted) return;
    if (drop?.closes === 'connection') {
      socket.resetAndDestroy();
      return;
    }
    if (socket.destroyed) return;
    if (drop === undefined) {
      if (result.stderr) channel.stderr.write(result.stderr);
      if (result.stdout) channel.write(result.stdout);
      channel.exit(result.exitCode);
    }
    channel.end();
  }
}
