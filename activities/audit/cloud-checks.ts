import type { Check, SiteLimits } from '../../domain/audit/check.js';
import type { Finding } from '../../domain/audit/finding.js';
import type { SiteInventory } from '../../inventory/load.js';
import type { RunOnHost } from '../hosts.js';
import type { SshTransport } from '../ssh/types.js';

/** What checks of the cloud as a whole ask with. */
export interface CloudSite {
  inventory: SiteInventory;
  run: RunOnHost;
  ssh: SshTransport;
}

/**
 * The checks of one system that are asked together, once for the cloud. Never throws for what it cannot ask: that is a finding of the
 * severity `unknown` for each check that was wanted. Throws only the reason of `signal`.
 */
export interface CloudChecks {
  /** Name of the system: part of what the Temporal UI shows. */
  system: string;
  checks: readonly Check[];
  /** Whether a site has anything of it to ask, beyond nodes of the checks' roles; missing where that is all it takes. */
  isAt?(inventory: SiteInventory): boolean;
  /**
   * @param wanted ids, all of `checks`
   * @param limits a site's own numbers by check id
   */
  find(site: CloudSite, wanted: readonly string[], limits: SiteLimits, signal: AbortSignal): Promise<Finding[]>;
}
