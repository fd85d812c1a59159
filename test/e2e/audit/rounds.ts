import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Audited, AuditOnTrial } from '../audit-on-trial.js';
import { expectEvidence, findsOf, type Round } from './breakage.js';

/**
 * Tests that break each round for real, audit until exactly that is found, heal it, and audit until nothing is found.
 * @param secret what no report may hold
 */
export function describeRounds(trial: () => AuditOnTrial, rounds: readonly Round[], secret: string): void {
  describe.each(rounds)('$name', (round) => {
    const words = round.checks === undefined ? [] : ['--check', round.checks];
    let found: Audited;

    beforeAll(async () => {
      for (const { make } of round.breakages) await make();
      found = await trial().untilFound(findsOf(round), ...words);
    });
    afterAll(async () => {
      // One that fails to heal must not keep the others broken.
      const healed: PromiseSettledResult<unknown>[] = [];
      for (const { heal } of round.breakages) healed.push(...(await Promise.allSettled([heal()])));
      expect(healed.filter(({ status }) => status === 'rejected')).toEqual([]);
      await trial().untilFound([], ...words);
    });

    it.each(round.breakages)('finds $what, with what says so', (breakage) => expectEvidence(found, breakage));

    it('finds nothing beside it, and ends as its worst does', () => {
      expect(found.code).toBe(found.findings.some(({ severity }) => severity === 'error') ? 4 : 3);
      expect(JSON.stringify(found)).not.toContain(secret);
    });
  });
}
