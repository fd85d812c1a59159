import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';

/** The only address that servers of ours are bound to. */
export const loopback = '127.0.0.1';

/**
 * A free port that stays free for us: it is used once and closed from our side first, which leaves it in TIME_WAIT for a
 * minute. Meanwhile the kernel gives it to nobody who asks for any port, while a server may still listen on it.
 */
export async function anyFreePort(): Promise<number> {
  const probe = createServer().listen(0, loopback);
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  const client = connect({ host: loopback, port });
  const [accepted] = await once(probe, 'connection');
  client.resume();
  accepted.end();
  await once(client, 'close');
  probe.close();
  await once(probe, 'close');
  return port;
}

/**
 * Make sure that nobody else listens on `port`: a Temporal server of somebody else there would answer in place of ours.
 *
 * @returns the port
 * @throws when it cannot be listened on, with what to do
 */
export async function freeForUs(port: number): Promise<number> {
  const probe = createServer().listen(port, loopback);
  try {
    await once(probe, 'listening');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'EADDRINUSE' ? 'another process listens there' : message;
    throw new Error(`Port ${port} of ${loopback} cannot be used: ${why}. Choose another port.`);
  }
  probe.close();
  await once(probe, 'close');
  return port;
}

/** Whether somebody listens on `port` now. */
export function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: loopback, port });
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}
