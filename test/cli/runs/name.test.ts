import { describe, expect, it } from 'vitest';
import { parseRunReference } from '../../../cli/runs/name.js';
import { runName } from '../../../workflows/messages/names.js';

const runId = '01a2063d-d6ba-7518-9ddb-01c41a0bc73b';

describe('the name of a run', () => {
  it('is the workflow id and the last eight characters of its first run id, which are random', () => {
    expect(runName('restart/prod/nova-compute', runId)).toBe('restart/prod/nova-compute@1a0bc73b');
  });

  it('is read back', () => {
    expect(parseRunReference(runName('restart/prod/nova-compute', runId))).toEqual({
      kind: 'run',
      workflowId: 'restart/prod/nova-compute',
      digits: '1a0bc73b',
    });
  });

  it('may have the whole run id', () => {
    expect(parseRunReference(`restart/prod/nova-compute@${runId}`)).toMatchObject({ digits: '1a0bc73b' });
  });

  it.each([
    ['restart/prod/nova-compute', { kind: 'workflow', workflowId: 'restart/prod/nova-compute' }],
    ['nova-compute', { kind: 'target', target: 'nova-compute' }],
  ])('%s stands for its latest run', (text, reference) => {
    expect(parseRunReference(text)).toEqual(reference);
  });

  it.each(['', '-x', 'a b', 'restart/prod', 'restart/prod/x@', 'restart/prod/x@12', "x'y", 'a/b/c/d', 'x@01a2063d'])(
    '"%s" is none',
    (text) => {
      expect(parseRunReference(text)).toBeUndefined();
    },
  );
});
