import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { accepts, anyFreePort, freeForUs, loopback } from '../../../worker/server/ports.js';

describe('ports for servers of ours', () => {
  it('can be listened on at once', async () => {
    const port = await anyFreePort();
    expect(await accepts(port)).toBe(false);
    const server = createServer().listen(port, loopback);
    await once(server, 'listening');
    expect(await accepts(port)).toBe(true);
    server.close();
  });

  it('are not given to others who ask for any port', async () => {
    const ours = await Promise.all(Array.from({ length: 50 }, anyFreePort));
    expect(new Set(ours).size).toBe(50);
    const servers = Array.from({ length: 500 }, () => createServer().listen(0, loopback));
    await Promise.all(servers.map((server) => once(server, 'listening')));
    const theirs = servers.map((server) => (server.address() as AddressInfo).port);
    for (const server of servers) server.close();
    expect(theirs.filter((port) => ours.includes(port))).toEqual([]);
  });

  it('are refused while another process listens there, and only then', async () => {
    const other = createServer().listen(0, loopback);
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    await expect(freeForUs(port)).rejects.toThrow(
      `Port ${port} of 127.0.0.1 cannot be used: another process listens there`,
    );
    other.close();
    await once(other, 'close');
    expect(await freeForUs(port)).toBe(port);
  });
});
