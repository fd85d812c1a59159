import { auditNode } from '../../activities/audit/audit-node.js';
import type { RunOnHost } from '../../activities/hosts.js';
import type { Fitted } from '../../domain/audit/fit.js';
import { nodeAuditSettings } from '../../domain/audit/node-settings.js';
import type { SiteInventory } from '../../inventory/load.js';
import { nodeChecks } from './site.js';

/** Asks a node every check and judges the answer, as an activity does (activities/audit/nodes.ts). */
export const audited = (site: SiteInventory, run: RunOnHost, node: string, signal: AbortSignal): Promise<Fitted> =>
  auditNode({
    run,
    node,
    wanted: nodeChecks,
    settings: nodeAuditSettings(site, site.node(node), site.audit.node),
    limits: site.audit.thresholds,
    signal,
  });

/** What an audit sends to the first node of a site, and what is unique in it. */
export async function scriptOf(site: SiteInventory): Promise<{ script: string; nonce: string }> {
  let sent = '';
  const listen: RunOnHost = async (_node, script) => {
    sent = script;
    return { exitCode: 0, stdout: `-- ${nonceOf(script)} end --\n`, stderr: '', truncated: false };
  };
  await audited(site, listen, site.nodes[0]?.name ?? '', new AbortController().signal);
  return { script: sent, nonce: nonceOf(sent) };
}

/** Its last line is printed between nothing else (activities/audit/node-script.ts). */
function nonceOf(script: string): string {
  const [, nonce] = /-- (\S+) end --'$/.exec(script) ?? [];
  if (nonce === undefined) throw new Error('the script of an audit does not end as it should');
  return nonce;
}

/** @throws when a host did not run the script to its end */
export const expectEnd =
  (nonce: string) =>
  (address: string, said: string): void => {
    if (!said.trimEnd().endsWith(`-- ${nonce} end --`))
      throw new Error(`${address} answered ${JSON.stringify(said.slice(-300))}`);
  };
