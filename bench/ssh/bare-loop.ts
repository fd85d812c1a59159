import { readFile } from 'node:fs/promises';
import pLimit from 'p-limit';
import ssh2 from 'ssh2';
import { shellWord } from '../../activities/ssh/quote.js';
import type { Sweeper } from '../sweep-when-told.js';
import type { Farm } from './farm.js';

export interface BareLoop {
  readonly addresses: readonly string[];
  readonly script: string;
  /** Hosts worked on at the same time. */
  readonly fanout: number;
  /** @throws when a host does not answer as it should */
  readonly expect: (address: string, said: string) => void;
}

/** The least that ssh2 needs: connect, exec, read. No host keys checked, no deadline, no retry, no cap; connections are kept. */
export function bareLoop(farm: Farm, { addresses, script, fanout, expect }: BareLoop): Sweeper {
  const clients = new Map<string, ssh2.Client>();
  const limit = pLimit(fanout);
  const privateKey = readFile(farm.identityFile);
  // Rule 9 of the design: a remote command is always one word of /bin/sh.
  const command = `/bin/sh -c ${shellWord(script)}`;
  const connected = async (address: string): Promise<ssh2.Client> => {
    const known = clients.get(address);
    if (known) return known;
    const client = new ssh2.Client();
    clients.set(address, client);
    const config = { host: address, port: farm.port, username: farm.user, privateKey: await privateKey };
    await new Promise<void>((resolve, reject) => {
      client
        .once('ready', resolve)
        .once('error', reject)
        .connect({ ...config, readyTimeout: 60_000 });
    });
    return client;
  };
  const visit = async (address: string): Promise<void> => {
    const client = await connected(address);
    const said = await new Promise<string>((resolve, reject) => {
      client.exec(command, (error, channel) => {
        if (error) return reject(error);
        let text = '';
        channel.setEncoding('utf8').on('data', (more: string) => {
          text += more;
        });
        channel.stderr.resume();
        channel.once('close', () => resolve(text));
      });
    });
    expect(address, said);
  };
  return {
    sweep: async () => void (await Promise.all(addresses.map((address) => limit(visit, address)))),
  };
}
