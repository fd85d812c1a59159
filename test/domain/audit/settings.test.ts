import { describe, expect, it } from 'vitest';
import { limitsOf } from '../../../domain/audit/check.js';
import { checks } from '../../../domain/audit/checks.js';
import { auditSchema } from '../../../domain/audit/settings.schema.js';

const problems = (section: object): string[] =>
  (auditSchema.safeParse(section).error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);

describe('audit: of ostler.yaml', () => {
  it('may be empty', () => {
    expect(problems({})).toEqual([]);
  });

  it('sets numbers of checks, and leaves the others as they are', () => {
    const { thresholds } = auditSchema.parse({ thresholds: { 'root-filesystem': { warn: 70 } } });
    const check = checks.get('root-filesystem');
    expect(check && limitsOf(check, thresholds)).toEqual({ warn: 70, error: 95 });
  });

  it('takes no number that a check does not have, nor one of a check that there is not', () => {
    expect(problems({ thresholds: { memory: { warm: 1 } } })).toEqual([
      'thresholds.memory.warm: is no number of this check; it has error',
    ]);
    expect(problems({ thresholds: { reachable: { warn: 1 } } })).toEqual([
      'thresholds.reachable.warn: has no number to set',
    ]);
    expect(problems({ thresholds: { memry: { warn: 1 } } })).toHaveLength(1);
    expect(problems({ off: ['memry'] })).toHaveLength(1);
  });

  it('refuses an error that would come before its warning', () => {
    expect(problems({ thresholds: { 'root-filesystem': { warn: 96 } } })).toEqual([
      'thresholds.root-filesystem: would be an error (95) before it is a warning (96)',
    ]);
    expect(problems({ thresholds: { 'ceph-capacity': { error: 50 } } })).toHaveLength(1);
  });

  it('refuses negative numbers and what is no number', () => {
    expect(problems({ thresholds: { memory: { error: -1 } } })).toHaveLength(1);
    expect(problems({ thresholds: { memory: { error: 'much' } } })).toHaveLength(1);
    expect(problems({ samples: 0 })).toHaveLength(1);
  });
});
