import { names as controllers } from '../controller-rules.js';
import type { Hosts } from './breakage.js';

const job = (script: string): string => `systemd-run --quiet --unit lab-load sh -c '${script}'`;

const noJob = 'systemctl stop lab-load 2>/dev/null || true';

const sql = (statement: string): string => `mysql -e "${statement}"`;

/** More than it may have waiting, and it has the others wait; sixteen is Galera's own number. */
const mostWaiting = (count: number): string => sql(`SET GLOBAL wsrep_provider_options = 'gcs.fc_limit=${count}'`);

/** Statements by four clients at once, until the job is stopped. */
const write = job(`for writer in 1 2 3 4; do
  while :; do seq 1000 | sed "s/.*/REPLACE INTO ledger.entries VALUES (&$writer, RAND() * 1000);/" | mysql; done &
done
wait`);

/** Runs a ninth of the time. */
const stutter = job('while :; do pkill -STOP -x mariadbd; sleep 0.8; pkill -CONT -x mariadbd; sleep 0.1; done');

/** Has the first controller write and the last be slow at it. The averages of all begin now. */
export async function slowMember({ on }: Hosts): Promise<void> {
  for (const name of controllers) await on(name, sql('FLUSH STATUS'));
  await on('controller-3', `${mostWaiting(1)}; ${stutter}`);
  await on('controller-1', write);
}

/** Takes {@link slowMember} back, and lets the averages begin anew. */
export async function slowMemberNoMore({ on }: Hosts): Promise<void> {
  await on('controller-1', noJob);
  await on('controller-3', `${noJob}; pkill -CONT -x mariadbd; ${mostWaiting(16)}`);
  for (const name of controllers) await on(name, sql('FLUSH STATUS'));
}
