import { z } from 'zod';
import type { CephMonView } from '../../domain/ceph-mon.js';
import { checked } from '../pacemaker/xml.js';

const quorumStatus = z.object({
  quorum_names: z.array(z.string()),
  quorum_leader_name: z.string().optional(),
  monmap: z.object({ mons: z.array(z.object({ name: z.string() })) }),
});

/**
 * Reads `ceph quorum_status -f json`, which is the same from Firefly on.
 * @throws {Error} when it is something else
 */
export function parseQuorumStatus(text: string): CephMonView {
  const {
    quorum_names: quorum,
    quorum_leader_name: leader,
    monmap,
  } = checked(JSON.parse(text), quorumStatus, 'the status of Ceph');
  return { monitors: monmap.mons.map(({ name }) => name), quorum, ...(leader && { leader }) };
}
