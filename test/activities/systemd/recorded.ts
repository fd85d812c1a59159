import { readFileSync } from 'node:fs';

export type Version = 252 | 219;

export const BOOT_ID = '0e6cb5a4-3f6a-4c3f-9a57-0d6e5b8e2f11';

/**
 * What a probe of a host prints, around the recorded answer of its `systemctl show`.
 * @param name a file of test/fixtures/systemd-VERSION; its lines that start with `#` say where it comes from
 * @param uptime seconds, as /proc/uptime counts them
 * @param failed the lines of `systemctl list-units --state=failed`
 */
export function recordedProbe(version: Version, name: string, uptime = 3_000, failed: string[] = []): string {
  const file = new URL(`../../fixtures/systemd-${version}/${name}.txt`, import.meta.url);
  const shown = readFileSync(file, 'utf8').replace(/^#.*\n/gm, '');
  const list = failed.map((line) => `${line}\n`).join('');
  return `${BOOT_ID}\n${uptime.toFixed(2)} 9876.54\n${shown}-- failed units --\n${list}`;
}
