import { readFile } from 'node:fs/promises';
import pLimit from 'p-limit';
import ssh2 from 'ssh2';
import { createSshPool } from '../../activities/ssh/pool.js';
import { ANSWER, COMMAND, FANOUT } from './command.js';
import { type Farm, farmTarget } from './farm.js';

/** Runs the command on every host of the farm, and keeps the connections for the next time. */
export interface Sweeper {
  /** @throws when a host does not answer as it should */
  sweep(): Promise<void>;
}

const expectAnswer = (address: string, said: string): void => {
  if (said.trim() !== ANSWER) throw new Error(`${address} answered ${JSON.stringify(said)}`);
};

/** Ostler's transport, as a worker uses it. */
function ostler(farm: Farm): Sweeper {
  const pool = createSshPool({ maxConnections: farm.addresses.length, idleCloseMs: 3_600_000 });
  const limit = pLimit(FANOUT);
  const visit = async (address: string): Promise<void> => {
    const { stdout } = await pool.run(farmTarget(farm, address), COMMAND, { limitMs: 60_000 });
    expectAnswer(address, stdout);
  };
  return {
    sweep: async () => void (await Promise.all(farm.addresses.map((address) => limit(visit, address)))),
  };
}

/** The least that ssh2 needs: connect, exec, read. No host keys checked, no deadline, no retry, no cap. */
function bare(farm: Farm): Sweeper {
  const clients = new Map<string, ssh2.Client>();
  const limit = pLimit(FANOUT);
  const privateKey = readFile(farm.identityFile);
  const connected = async (address: string): Promise<ssh2.Client> => {
    const known = clients.get(address);
    if (known) return known;
    const client = new ssh2.Client();
    clients.set(address, client);
    const config = { host: address, port: farm.port, username: farm.user, privateKey: await privateKey };
    await new Promise<void>((resolve, reject) => {
      client.once('ready', resolve).once('error', reject).connect(config);
    });
    return client;
  };
  const visit = async (address: string): Promise<void> => {
    const client = await connected(address);
    const said = await new Promise<string>((resolve, reject) => {
      // Rule 9 of the design: a remote command is always one word of /bin/sh.
      client.exec(`/bin/sh -c '${COMMAND}'`, (error, channel) => {
        if (error) return reject(error);
        let text = '';
        channel.setEncoding('utf8').on('data', (more: string) => {
          text += more;
        });
        channel.stderr.resume();
        channel.once('close', () => resolve(text));
      });
    });
    expectAnswer(address, said);
  };
  return {
    sweep: async () => void (await Promise.all(farm.addresses.map((address) => limit(visit, address)))),
  };
}

export const sweepers = { ostler, bare } as const;
