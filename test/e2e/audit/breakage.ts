import { expect } from 'vitest';
import type { LabHost, RealFleet } from '../../../lab/real/index.js';
import type { Audited } from '../audit-on-trial.js';

/** One thing that is broken for real, and what an audit is to say of it. */
export interface Breakage {
  what: string;
  /** `severity key` of the finding. */
  finds: string;
  /** What the evidence of it has to hold, and where it is telling the sentence. */
  shows: { value: RegExp; threshold?: RegExp; command: RegExp; what?: RegExp };
  /** `severity key` of what follows from it. */
  brings?: readonly string[];
  make(): Promise<unknown>;
  /** Does nothing where there is nothing to heal, as when `make` failed half way. */
  heal(): Promise<unknown>;
}

/** Breakages that do not influence each other, broken at the same time. */
export interface Round {
  name: string;
  /** The checks or modules, with commas between them, that its audits are narrowed to; without them everything is asked, and nothing else may be found anywhere. */
  checks?: string;
  breakages: readonly Breakage[];
}

/** The hosts that are broken. */
export interface Hosts {
  /** Runs a script as root on a host, and rejects when it fails. */
  on(name: string, script: string): Promise<string>;
  host(name: string): LabHost;
}

export const hostsOf = (fleet: () => RealFleet): Hosts => ({
  async on(name, script) {
    const { code, stdout, stderr } = await fleet().host(name).exec(['/bin/sh', '-ec', script], { timeoutMs: 180_000 });
    if (code !== 0) throw new Error(`${name}: exit ${code}: ${stderr.trim()}\n${script}`);
    return stdout;
  },
  host: (name) => fleet().host(name),
});

/** What an audit finds while all of a round is broken. */
export const findsOf = ({ breakages }: Round): string[] => [
  ...new Set(breakages.flatMap(({ finds, brings = [] }) => [finds, ...brings])),
];

export function expectEvidence({ findings }: Audited, { finds, shows }: Breakage): void {
  const found = findings.find(({ severity, key }) => `${severity} ${key}` === finds);
  if (!found) throw new Error(`there is no ${finds}`);
  const { value, threshold, command, what } = shows;
  if (what) expect(found.what).toMatch(what);
  expect(found.evidence).toContainEqual(
    expect.objectContaining({
      value: expect.stringMatching(value),
      command: expect.stringMatching(command),
      ...(threshold && { threshold: expect.stringMatching(threshold) }),
    }),
  );
  expect(found.next).not.toBe('');
}

/** SIGSTOP of everything that a unit runs, and SIGCONT: it is there, it is active, and does nothing. */
export const freeze = ({ on }: Hosts, name: string, unit: string): Pick<Breakage, 'make' | 'heal'> => ({
  make: () => on(name, `systemctl kill -s STOP ${unit}`),
  heal: () => on(name, `systemctl kill -s CONT ${unit}`),
});

export const stop = ({ on }: Hosts, name: string, unit: string): Pick<Breakage, 'make' | 'heal'> => ({
  make: () => on(name, `systemctl stop ${unit}`),
  heal: () => on(name, `systemctl start ${unit}`),
});
