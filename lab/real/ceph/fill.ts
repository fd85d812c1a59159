import type { LabHost } from '../host.js';
import { ceph, must } from './ceph.js';

/** What is written at once: below the largest object that Ceph takes. */
const pieceBytes = 64 * 1024 * 1024;

/** Writes into the pool `lab` until so many per cent of all disks are used, each byte three times. */
export async function fillTo(host: LabHost, percent: number): Promise<void> {
  const { stats } = JSON.parse(await ceph(host, 'df', '-f', 'json'));
  const missing = Math.floor(((stats.total_bytes * percent) / 100 - stats.total_used_raw_bytes) / 3);
  for (let written = 0; written < missing; written += pieceBytes) {
    const bytes = Math.min(pieceBytes, missing - written);
    await must(host, ['sh', '-euc', `head -c ${bytes} /dev/zero | rados -p lab put filling-${written} -`]);
  }
}
