import { addressRead } from '../../domain/controller-commands.js';
import type { Before } from '../../domain/failover.js';
import { shellCommand, shellWord } from '../ssh/quote.js';
import type { ControllerSite } from './site.js';

/** How a knock at an address ended: a connection that is refused is refused by somebody. */
export type Knocked = 'answered' | 'silent' | 'not asked';

/** sshd's own port: whoever has an address either listens there or refuses. */
const PORT = 22;

const KNOCK = `exec 3<>/dev/tcp/"$0"/${PORT}`;

/** Whether one controller gets any answer from an address. */
export async function knock(
  { run }: Pick<ControllerSite, 'run'>,
  from: string,
  address: string,
  signal: AbortSignal,
): Promise<Knocked> {
  const script = `LC_ALL=C; export LC_ALL
said=$(timeout -k 1 5 bash -c ${shellWord(KNOCK)} ${shellWord(address)} 2>&1); code=$?
printf '%s %s\\n' "$code" "$said"`;
  try {
    const { stdout } = await run(from, script, { limitMs: 20_000, signal });
    if (stdout.startsWith('0 ') || /refused/i.test(stdout)) return 'answered';
    // GNU timeout(1): 124. What is said otherwise is the kernel's.
    return /^124 |no route|unreachable|timed out/i.test(stdout) ? 'silent' : 'not asked';
  } catch (error) {
    if (signal.aborted) throw error;
    return 'not asked';
  }
}

/** The address of a VIP as Pacemaker has it, asked on the first controller that says it. */
export async function addressOf(
  { controllers, run }: Pick<ControllerSite, 'controllers' | 'run'>,
  vip: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  for (const { name } of controllers) {
    const { stdout, exitCode } = await run(name, `exec sudo -n ${shellCommand(addressRead(vip))}`, {
      limitMs: 20_000,
      signal,
    }).catch(() => ({ stdout: '', exitCode: 1 }));
    if (exitCode === 0 && stdout.trim() !== '') return stdout.trim();
  }
  return undefined;
}

/** The addresses that answer the other controllers now: those that must answer them as well without the node. */
export async function answeringVips(
  site: ControllerSite,
  node: string,
  vips: Record<string, string>,
  signal: AbortSignal,
): Promise<Before['answering']> {
  const answering: Before['answering'] = {};
  for (const [vip, holder] of Object.entries(vips)) {
    if (!site.inventory.cluster.vips.includes(vip)) continue;
    const from = site.controllers.find(({ name }) => name !== node && name !== holder)?.name;
    const address = from && (await addressOf(site, vip, signal));
    if (from && address && (await knock(site, from, address, signal)) === 'answered') answering[vip] = address;
  }
  return answering;
}

/** Those of the addresses that answered before and do not answer a surviving controller now. */
export async function silentVips(
  site: ControllerSite,
  node: string,
  answering: Before['answering'],
  signal: AbortSignal,
): Promise<string[]> {
  const from = site.controllers.find(({ name }) => name !== node)?.name;
  if (!from) return [];
  const knocked = await Promise.all(
    Object.entries(answering).map(async ([vip, address]) =>
      (await knock(site, from, address, signal)) === 'silent' ? [`${vip} (${address}) does not answer ${from}`] : [],
    ),
  );
  return knocked.flat();
}
