import { limitsOf } from '../../domain/audit/check.js';
import { galeraCheck, galeraChecks } from '../../domain/audit/galera-checks.js';
import { type GaleraHealth, type GaleraLimits, judgeGalera } from '../../domain/audit/judge-galera.js';
import type { ServiceAnswer } from '../../domain/audit/service-answer.js';
import { sshTarget } from '../../inventory/targets.js';
import { answerOf, askService, type ServiceQuestion } from '../ask-service.js';
import { parseGaleraHealth } from '../galera/health.js';
import type { CloudChecks, CloudSite } from './cloud-checks.js';
import { onEveryController } from './on-every-controller.js';

const question: ServiceQuestion = {
  name: 'Galera',
  programs: ['/usr/sbin/mysqld', '/usr/sbin/mariadbd', '/usr/libexec/mysqld'],
  entry: 'mysql',
  // Not as root: the account has a login of its own there, without any privilege.
  asks: `ask galera timeout -k 2 10 mysql -N -B -e "SHOW GLOBAL STATUS LIKE 'wsrep%'"`,
  limitMs: 20_000,
};

/** Galera, as every controller's own member sees it. */
export const galeraCloudChecks: CloudChecks = {
  system: 'galera',
  checks: galeraChecks,
  async find(site, _wanted, limits, signal) {
    const answers = await onEveryController(site, (node) => askMember(site, node, signal));
    return judgeGalera(answers, limitsOf(galeraCheck, limits) as GaleraLimits);
  },
};

async function askMember(site: CloudSite, node: string, signal: AbortSignal): Promise<ServiceAnswer<GaleraHealth>> {
  const answer = await askService(site, node, question, signal);
  if (answer.state !== 'printed') return answer;
  const printed = answer.printed.get('galera');
  const { user } = sshTarget(site.inventory, node);
  if (printed && /^ERROR (?:1045|1698|2054)\b/m.test(printed.stderr))
    return {
      state: 'unasked',
      why: printed.stderr.replace(/\s+/g, ' '),
      next: `give ${user} a login without privileges, in MariaDB: CREATE USER ${user}@localhost IDENTIFIED VIA unix_socket`,
    };
  const reading = answerOf(printed, parseGaleraHealth, { inventory: site.inventory, node });
  if (reading.state !== 'read') return reading;
  const { view } = reading;
  return view ? { state: 'read', view } : { state: 'absent', why: 'its database is no member of a Galera cluster' };
}
