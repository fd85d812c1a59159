import type { LabHost } from '../host.js';

/** Longer than any resource of the lab may take to start or to stop, for commands that wait. */
const limitMs = 120_000;

/** Run a cluster command (`crm_mon`, `pcs`, ...) on `host` as root and return what it says. Rejects when it fails. */
export async function crm(host: LabHost, argv: string[]): Promise<string> {
  const { code, stdout, stderr } = await host.exec(argv, { timeoutMs: limitMs });
  if (code === 0) return stdout;
  throw new Error(`${host.name}: ${argv.join(' ')}: exit ${code}: ${stderr.trim() || stdout.trim()}`);
}
