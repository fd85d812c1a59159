import type { LabHost } from '../host.js';

const table = 'inet ostler_lab_cut';

/** Cut `host` off from `peers`, both ways. They still reach one another, and this machine reaches all of them. */
export async function cutFromPeers(host: LabHost, peers: readonly LabHost[]): Promise<void> {
  const addresses = peers.map(({ address }) => address).join(', ');
  await nft(
    host,
    `table ${table} {
       chain from_peers { type filter hook input priority 0; ip saddr { ${addresses} } drop; }
       chain to_peers { type filter hook output priority 0; ip daddr { ${addresses} } drop; }
     }`,
  );
}

/** Take back {@link cutFromPeers}. */
export const rejoinPeers = (host: LabHost): Promise<void> => nft(host, `delete table ${table}`);

async function nft(host: LabHost, rules: string): Promise<void> {
  const { code, stderr } = await host.exec(['nft', '-f', '-'], { input: rules });
  if (code !== 0) throw new Error(`${host.name}: nft refuses (exit ${code}): ${stderr.trim()}`);
}
