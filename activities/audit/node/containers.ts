import { auditReads } from '../../../domain/audit/node-commands.js';
import { kollaHealth } from '../../../domain/audit/service-checks.js';
import { redact } from '../../redact.js';
import { shellCommand } from '../../ssh/quote.js';
import { type Asked, type Found, type NodeCheck, Unread } from './node-check.js';
import { refusal } from './refusal.js';

/** Kolla's containers and what their engine says of them. Asked only where Kolla has put its configuration. */
const containers = {
  name: 'containers',
  mayWait: true,
  lines: ({ settings: { roles } }: Asked): string | undefined =>
    roles.includes('controller') || roles.includes('compute')
      ? `[ -d /etc/kolla ] || { echo absent; return 0; }
if [ -x /usr/bin/docker ]; then as_root ${shellCommand(auditReads.docker)}
elif [ -x /usr/bin/podman ]; then as_root ${shellCommand(auditReads.podman)}
else return 127; fi`
      : undefined,
};

const COMMAND = 'docker ps --all --filter label=kolla_version';

export const kollaHealthCheck: NodeCheck = {
  check: kollaHealth,
  reads: [containers],
  judge(said, { node, settings }) {
    const { text, exitCode } = said(containers);
    if (text.trim() === 'absent') return [];
    if (exitCode === 127)
      throw new Unread(
        `${node} has /etc/kolla, and neither docker nor podman`,
        COMMAND,
        `look at /etc/kolla on ${node}`,
      );
    const refused = refusal(text, settings.roles);
    if (refused)
      throw new Unread(`the containers of ${node} could not be listed: ${refused.what}`, COMMAND, refused.next);
    if (exitCode !== 0)
      throw new Unread(
        `the containers of ${node} could not be listed: ${redact(text).trim().slice(0, 200) || 'no answer in time'}`,
        COMMAND,
        `see whether docker or podman answers on ${node}`,
      );
    return [...text.matchAll(/^([A-Za-z0-9][\w.-]*)\/(.+)$/gm)].flatMap(([, name = '', status = '']) => {
      const trouble = troubleOf(status);
      return trouble ? [finding(name, status, trouble, node)] : [];
    });
  },
};

/**
 * `Up 2 hours (healthy)`; without a health in brackets there is no check for the container. One that has ended with 0 has done its work, as those do
 * that prepare others; one that is on its way is told by the next audit.
 */
function troubleOf(status: string): 'unhealthy' | 'starting' | 'not running' | undefined {
  if (/\(unhealthy\)/.test(status)) return 'unhealthy';
  if (/\((?:health: )?starting\)/.test(status)) return 'starting';
  if (/^(?:Up|Exited \(0\)|Created|Initialized)/.test(status) && !/\(Paused\)/i.test(status)) return undefined;
  return 'not running';
}

const finding = (name: string, status: string, trouble: string, node: string): Found => ({
  about: name,
  severity: trouble === 'starting' ? 'warn' : 'error',
  what: `the container ${name} on ${node} is ${trouble}`,
  // How long it has been so would make another finding of it each time.
  evidence: [{ value: status, threshold: 'healthy', command: `docker inspect -f '{{json .State.Health}}' ${name}` }],
  next: `read \`docker logs --tail 100 ${name}\` and /var/log/kolla on ${node}, mend the cause, then \`ostler restart\` the service`,
});
