import type { ClusterResource } from '../../../domain/cluster.js';
import { pacemakerReads } from '../../../domain/pacemaker-commands.js';
import { parseCrmMon } from '../../pacemaker/crm-mon.js';
import { UnreadableCluster } from '../../pacemaker/read-script.js';
import { parsePcsStatus } from '../../pacemaker/status-text.js';
import { shellCommand } from '../../ssh/quote.js';
import type { Asked, Said } from './node-check.js';

/** What Pacemaker on a controller manages. */
export type ClusterResources =
  | { state: 'read'; resources: ClusterResource[] }
  /** Pacemaker is not there, or does not run. */
  | { state: 'none' }
  | { state: 'unread'; why: string };

/** The state of the cluster in the first dialect that the host understands, as `ostler cluster status` reads it: no rule of its own is needed. */
export const clusterResources = {
  name: 'cluster_resources',
  mayWait: true,
  lines: ({ settings: { roles } }: Asked): string | undefined =>
    roles.includes('controller')
      ? `[ -x /usr/sbin/crm_mon ] || return 127
seen=$(as_root ${shellCommand(pacemakerReads.xml)}); code=$?
case $seen$code in *'<pacemaker-result'*|*124|*137) ;; *) seen=$(as_root ${shellCommand(pacemakerReads['old-xml'])}); code=$?
  case $seen$code in *'<crm_mon'*|*124|*137) ;; *) seen=$(as_root ${shellCommand(pacemakerReads.text)}); code=$? ;; esac ;;
esac
printf '%s\\n' "$seen" | sed '/<node_history>/,/<\\/node_history>/d'
return $code`
      : undefined,
};

/** How the tools say that no cluster runs on their host. */
const NOT_RUNNING = /not (?:currently )?(?:running|available)|not connected|connection to cluster failed/i;

export function readClusterResources({ text, exitCode }: Said): ClusterResources {
  if (exitCode === 127) return { state: 'none' };
  const isXml = /<pacemaker-result|<crm_mon/.test(text);
  if (NOT_RUNNING.test(text) && (exitCode !== 0 || !isXml)) return { state: 'none' };
  if (exitCode !== 0) return { state: 'unread', why: text.trim() || 'Pacemaker did not answer in time' };
  try {
    // What sudo or a tool said beside it, such as that it could not resolve a name, comes first.
    const { resources } = isXml
      ? parseCrmMon(text.slice(text.search(/<\?xml|<pacemaker-result|<crm_mon/)))
      : parsePcsStatus(text);
    return { state: 'read', resources };
  } catch (error) {
    if (error instanceof UnreadableCluster) return { state: 'unread', why: error.message };
    throw error;
  }
}
