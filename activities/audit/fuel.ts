import type { FuelAuditSettings } from '../../domain/audit/appliance-settings.js';
import { type Check, limitsOf, type SiteLimits } from '../../domain/audit/check.js';
import type { Finding } from '../../domain/audit/finding.js';
import { fuelBackup, fuelChecks, fuelContainers, fuelNtp, fuelSpace } from '../../domain/audit/fuel-checks.js';
import { judgeBackup, judgeClock, judgeContainers, judgeSpace } from '../../domain/audit/judge-fuel.js';
import { unasked } from '../../domain/audit/unasked.js';
import { backupsOf, clockOf, containersOf, type Fact, freeOf } from '../fuel/facts.js';
import { FUEL_READ_MS, fuelScript, parseFuel } from '../fuel/read-script.js';
import { whyNot } from '../hosts.js';
import { SshFailure } from '../ssh/types.js';
import type { CloudChecks, CloudSite } from './cloud-checks.js';

/**
 * The checks of the deployment master. One script reads all of them, and changes nothing.
 * @param settings `audit.fuel` of ostler.yaml
 */
export const createFuelChecks = ({ backupDir }: FuelAuditSettings): CloudChecks => ({
  system: 'fuel',
  checks: fuelChecks,
  async find(site, wanted, limits, signal) {
    const nodes = site.inventory.nodes.filter(({ roles }) => roles.includes('fuel'));
    const found = await Promise.all(nodes.map(({ name }) => findOn(site, name, backupDir, limits, signal)));
    return found.flat().filter(({ check }) => wanted.includes(check));
  },
});

async function findOn(
  { run, inventory }: CloudSite,
  node: string,
  dir: string,
  limits: SiteLimits,
  signal: AbortSignal,
): Promise<Finding[]> {
  try {
    const { stdout } = await run(node, fuelScript(dir), { limitMs: FUEL_READ_MS, signal });
    const { user } = inventory.node(node).ssh ?? {};
    return judgeAll(node, dir, parseFuel(stdout), limits, user ?? inventory.ssh.user);
  } catch (error) {
    signal.throwIfAborted();
    const next = error instanceof SshFailure ? error.hint : `log in to ${node} and see whether it answers`;
    return fuelChecks.map((check) =>
      unasked(check, { node, why: whyNot(error), command: `ostler check --on ${node}`, next }),
    );
  }
}

function judgeAll(
  node: string,
  dir: string,
  answers: ReturnType<typeof parseFuel>,
  limits: SiteLimits,
  user: string,
): Finding[] {
  const listing = answers.has('docker') ? 'docker ps --all' : 'dockerctl list -l';
  const sudoers = `if sudo refuses it, install on ${node} what \`ostler sudoers --role fuel --user ${user}\` prints; then try \`${listing}\` there`;
  const judge = <T>(check: Check, fact: Fact<T>, command: string, judged: (value: T) => Finding[], next?: string) =>
    'value' in fact
      ? judged(fact.value)
      : [unasked(check, { node, why: fact.why, command, next: next ?? `log in to ${node} and try \`${command}\`` })];
  return [
    ...judge(
      fuelContainers,
      containersOf(answers),
      listing,
      (containers) => judgeContainers(node, containers, listing),
      sudoers,
    ),
    ...judge(fuelBackup, backupsOf(answers), `ls -lR ${dir}`, (backups) =>
      judgeBackup(node, backups, dir, limitsOf(fuelBackup, limits)),
    ),
    ...judge(fuelNtp, clockOf(answers), 'ntpq -pn; chronyc -n sources', (clock) => judgeClock(node, clock)),
    ...judge(fuelSpace, freeOf(answers), `df -h ${dir}`, (free) =>
      judgeSpace(node, free, dir, limitsOf(fuelSpace, limits)),
    ),
  ];
}
