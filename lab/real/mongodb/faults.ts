import type { LabHost } from '../host.js';
import { type MongodbCloud, rightPassword, untilMongodbRuns } from './mongodb.js';

const unit = 'mongod.service';
const orders = '/etc/ostler-lab';
const table = 'inet ostler_lab_mongodb';

/** Has a SECONDARY be behind the primary by so many seconds, at once. It means nothing to a PRIMARY while it is one. */
export const lag = (host: LabHost, seconds: number): Promise<void> => give(host, 'mongod-lag', String(seconds));

export const lagNoMore = (host: LabHost): Promise<void> => take(host, 'mongod-lag');

/** Puts a member into a state that it does not leave by itself; a PRIMARY steps down first. */
export const putInto = (host: LabHost, state: 'ROLLBACK' | 'RECOVERING'): Promise<void> =>
  give(host, 'mongod-state', state);

/** Takes back {@link putInto}: it is a SECONDARY again. */
export const recover = (host: LabHost): Promise<void> => take(host, 'mongod-state');

/** SIGSTOP of mongod: its port takes connections, its unit is active, and nothing answers. */
export const freeze = (host: LabHost): Promise<void> => shell(host, `systemctl kill -s STOP ${unit}`);

/** SIGCONT. Does nothing where mongod does not run. */
export const thaw = (host: LabHost): Promise<void> =>
  shell(host, `! systemctl -q is-active ${unit} || systemctl kill -s CONT ${unit}`);

export const stop = (host: LabHost): Promise<void> => shell(host, `systemctl stop ${unit}`);

export const start = (host: LabHost): Promise<void> =>
  shell(host, `systemctl reset-failed ${unit}; systemctl start ${unit}`);

/** Cuts a host off from the others, both ways. They still reach one another, and this machine reaches all of them. */
export const cutOff = (host: LabHost, { hosts }: Pick<MongodbCloud, 'hosts'>): Promise<void> => {
  const others = hosts.filter((one) => one !== host).map(({ address }) => address);
  return shell(
    host,
    `nft -f - <<'NFT'
table ${table} {
  chain in { type filter hook input priority 0; ip saddr { ${others.join(', ')} } drop; }
  chain out { type filter hook output priority 0; ip daddr { ${others.join(', ')} } drop; }
}
NFT`,
  );
};

/** Takes back {@link cutOff}. Does nothing where nothing is cut. */
export const rejoin = (host: LabHost): Promise<void> =>
  shell(host, `! nft list table ${table} >/dev/null 2>&1 || nft delete table ${table}`);

/** Takes back everything that is here, and power cuts, on every host, and waits until the replica set runs. It returns its primary. */
export async function heal(cloud: MongodbCloud): Promise<LabHost> {
  await rightPassword(cloud.fleet);
  for (const host of cloud.hosts) {
    await host.powerOn();
    for (const takeBack of [thaw, rejoin, lagNoMore, recover, start]) await takeBack(host);
  }
  return untilMongodbRuns(cloud);
}

const give = (host: LabHost, order: string, text: string): Promise<void> =>
  shell(host, `echo ${text} >${orders}/.new && mv ${orders}/.new ${orders}/${order}`);

const take = (host: LabHost, order: string): Promise<void> => shell(host, `rm -f ${orders}/${order}`);

async function shell(host: LabHost, script: string): Promise<void> {
  const { code, stderr } = await host.exec(['/bin/sh', '-ec', script], { timeoutMs: 180_000 });
  if (code !== 0) throw new Error(`${host.name}: exit ${code}: ${stderr.trim()}\n${script}`);
}
