import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findingKey } from '../../../domain/audit/finding.js';
import { type GaleraHealth, judgeGalera } from '../../../domain/audit/judge-galera.js';
import type { Answered, ServiceAnswer } from '../../../domain/audit/service-answer.js';
import { names } from '../cluster-samples.js';
import { aGalera } from '../controller-samples.js';

const limits = { paused: 0.1, queue: 1 };
const member = (more: Partial<GaleraHealth> = {}): ServiceAnswer<GaleraHealth> => ({
  state: 'read',
  view: { ...aGalera(), ...more },
});
const unreached = { state: 'unreached', why: 'no route to host' } as const;
const absent = { state: 'absent' } as const;
const silent = { state: 'silent', why: 'ERROR 2002' } as const;
const unasked = { state: 'unasked', why: 'access denied', next: 'give it a login' } as const;

/** What is found where all members are well, and some answer otherwise. */
const judge = (otherwise: Record<string, ServiceAnswer<GaleraHealth>> = {}, all = member()) =>
  judgeGalera(
    names.map((controller): Answered<GaleraHealth> => ({ ...(otherwise[controller] ?? all), controller })),
    limits,
  );
const short = (findings: ReturnType<typeof judge>) => findings.map((one) => `${one.severity} ${findingKey(one)}`);

describe('the check of Galera', () => {
  it('finds nothing in three synced members of one state', () => {
    expect(judge()).toEqual([]);
  });

  it('finds nothing where no controller has it, reached or not', () => {
    expect(judge({}, absent)).toEqual([]);
    expect(judge({ c3: unreached }, absent)).toEqual([]);
  });

  it('is unknown once where no controller was reached, and says why of each', () => {
    const findings = judge({}, unreached);
    expect(short(findings)).toEqual(['unknown galera/']);
    expect(findings[0]?.evidence.map(({ value }) => value)).toEqual(names.map((name) => `${name}: no route to host`));
  });

  it('is unknown once where no controller could be asked, and says what to do', () => {
    const findings = judge({ c2: absent }, unasked);
    expect(short(findings)).toEqual(['unknown galera/']);
    expect(findings[0]?.next).toBe('give it a login');
  });

  it('judges the rest where one could not be asked', () => {
    expect(short(judge({ c2: unasked }))).toEqual(['unknown galera/c2']);
  });

  it('tells of a controller that is off what the others miss, and nothing else', () => {
    const findings = judge({ c3: unreached }, member({ size: 2 }));
    expect(short(findings)).toEqual(['error galera//size']);
    expect(findings[0]).toMatchObject({
      what: 'Galera counts 2 of 3 members; c3 could not be asked',
      evidence: [
        { value: 'wsrep_cluster_size 2', command: expect.stringContaining('# on c1') },
        { value: 'wsrep_cluster_size 2', command: expect.stringContaining('# on c2') },
      ],
    });
  });

  it.each([
    ['does not answer', silent],
    ['has none', absent],
    ['is in no majority', member({ status: 'non-Primary', size: 1 })],
    ['has another state', member({ stateUuid: 'u2', size: 1 })],
  ])('tells of one that %s, and not that the others count one less', (_what, answer) => {
    expect(short(judge({ c3: answer }, member({ size: 2 })))).toEqual(['error galera/c3']);
  });

  it('still says that a member is missing when another is a donor', () => {
    const donor = member({ size: 2, state: 'Donor/Desynced', isSynced: false });
    const findings = judge({ c1: donor, c3: unreached }, member({ size: 2 }));
    expect(short(findings)).toEqual(['error galera/c1', 'error galera//size']);
    expect(findings[0]?.next).toContain('do not stop it');
  });

  it('says that members which count differently do', () => {
    expect(judge({ c3: member({ size: 1 }) }, member({ size: 2 }))[0]?.what).toBe(
      'the members of Galera count differently: 1 to 2 of 3',
    );
  });

  it('warns of more members than controllers', () => {
    expect(short(judge({}, member({ size: 4 })))).toEqual(['warn galera//size']);
  });

  it('tells what keeps a member from serving', () => {
    expect(judge({ c2: member({ ready: false }) })[0]?.what).toBe('Galera on c2 is not ready: it refuses queries');
    expect(judge({ c2: member({ connected: false }) })[0]?.what).toBe(
      'Galera on c2 is not connected: it refuses queries',
    );
  });

  it('warns above its limits, and not at them', () => {
    expect(judge({ c2: member({ flowControlPaused: 0.1, receiveQueue: 1 }) })).toEqual([]);
    const findings = judge({ c2: member({ flowControlPaused: 0.11, receiveQueue: 1.5 }) });
    expect(short(findings)).toEqual(['warn galera/c2/flow-control', 'warn galera/c2/receive-queue']);
    expect(findings[0]?.evidence).toMatchObject([
      { value: 'wsrep_flow_control_paused 0.11', threshold: 'warn above 0.1' },
    ]);
  });

  it('never tells two findings apart by what varies, and is never silent about a member that is not synced', () => {
    const answer = fc.oneof(
      fc.constantFrom(silent, absent, unasked, unreached),
      fc
        .record({
          size: fc.integer({ min: 0, max: 4 }),
          status: fc.constantFrom('Primary', 'non-Primary'),
          stateUuid: fc.constantFrom('u1', 'u2'),
          isSynced: fc.boolean(),
          ready: fc.boolean(),
        })
        .map((more) => member(more)),
    );
    fc.assert(
      fc.property(fc.tuple(answer, answer, answer), ([c1, c2, c3]) => {
        const answers = { c1, c2, c3 };
        const findings = judge(answers);
        const keys = findings.map(findingKey);
        expect(new Set(keys).size).toBe(keys.length);
        expect(keys.join()).not.toMatch(/\/\d/);
        for (const [name, one] of Object.entries(answers))
          if (one.state === 'read' && !one.view.isSynced)
            expect(findings.some(({ node, severity }) => node === name && severity === 'error')).toBe(true);
      }),
    );
  });
});
