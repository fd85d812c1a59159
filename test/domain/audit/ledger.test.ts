import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AuditEvent } from '../../../domain/audit/event.js';
import type { FindingSeverity } from '../../../domain/audit/finding.js';
import {
  type AuditRecord,
  acknowledge,
  emptyLedger,
  hasFinding,
  type LedgerState,
  mergedEvents,
  type RecordedFinding,
  recordAudit,
} from '../../../domain/audit/ledger.js';

const CHANNEL = 'ops';

/** Audits of one cloud, one after the other, five minutes apart. */
class Audits {
  readonly state: LedgerState = emptyLedger();
  #count = 0;

  constructor(readonly samples = 1) {}

  at(back = 0): string {
    return new Date(Date.UTC(2026, 10, 30) + (this.#count - back) * 300_000).toISOString();
  }

  audit(findings: readonly RecordedFinding[], more: Partial<AuditRecord> = {}) {
    this.#count++;
    const record: AuditRecord = {
      cloud: 'prod',
      run: `audit/prod@${this.#count}`,
      at: this.at(),
      isWhole: true,
      nodeChecks: ['reachable', 'memory', 'units'],
      cloudChecks: ['galera'],
      findings: [...findings],
      omitted: 0,
      samples: this.samples,
      channels: [CHANNEL],
      ...more,
    };
    return recordAudit(this.state, record, `event-${this.#count}`);
  }

  /** What the channel is to be told by now; forgets it, as a channel that has been told does. */
  told(): AuditEvent | undefined {
    const event = this.state.outgoing[CHANNEL]?.waiting;
    delete this.state.outgoing[CHANNEL];
    return event;
  }

  toldBriefly(): string[] {
    const event = this.told();
    if (!event) return [];
    return (['opened', 'worsened', 'eased', 'resolved'] as const).flatMap((turn) =>
      event[turn].map(({ key, severity }) => `${turn} ${key} ${severity}`),
    );
  }
}

const finding = (
  check: string,
  node: string | undefined,
  severity: FindingSeverity = 'error',
  about?: string,
): RecordedFinding => ({
  check,
  ...(node && { node }),
  ...(about && { about }),
  severity,
  what: `${check} of ${node ?? 'the cloud'}`,
  next: 'mend it',
});

const memory = finding('memory', 'c1');
const warning = finding('memory', 'c1', 'warn');

describe('since when a finding is there', () => {
  it('is the first audit that saw it, until one does not', () => {
    const audits = new Audits();
    expect(audits.audit([memory]).since).toEqual({});
    const first = audits.at();
    expect(audits.audit([memory]).since).toEqual({ 'memory/c1': first });
    audits.audit([]);
    expect(audits.audit([memory]).since).toEqual({});
  });

  it('stays when it gets worse', () => {
    const audits = new Audits();
    audits.audit([warning]);
    const first = audits.at();
    expect(audits.audit([memory]).since).toEqual({ 'memory/c1': first });
  });
});

describe('what an audit could not see', () => {
  const threeFindings = () => {
    const audits = new Audits();
    audits.audit([memory, finding('units', 'c1', 'error', 'glance-api.service'), finding('galera', undefined)]);
    audits.told();
    return audits;
  };

  it('is not gone because the node is out of reach', () => {
    const audits = threeFindings();
    audits.audit([finding('reachable', 'c1'), finding('galera', undefined)]);
    expect(audits.toldBriefly()).toEqual(['opened reachable/c1 error']);
    expect(audits.state.findings['memory/c1']).not.toHaveProperty('gone');
  });

  it('is not gone because a check of the cloud has nothing of a node that is out of reach', () => {
    const audits = new Audits();
    audits.audit([finding('galera', 'c1'), finding('galera', 'c2')]);
    audits.told();
    audits.audit([finding('reachable', 'c1')]);
    // Asked by itself, the check of the cloud does not ask for reach: what was known of that holds.
    audits.audit([], { isWhole: false, nodeChecks: [], nodes: [] });
    expect(audits.toldBriefly()).toEqual(['opened reachable/c1 error', 'resolved galera/c2 error']);
    audits.audit([]);
    expect(audits.toldBriefly()).toEqual(['resolved galera/c1 error', 'resolved reachable/c1 error']);
  });

  it('is not gone because the check could not be run', () => {
    const audits = threeFindings();
    audits.audit([
      finding('memory', 'c1', 'unknown'),
      finding('units', 'c1', 'unknown'),
      finding('galera', 'c2', 'unknown'),
    ]);
    expect(audits.state.findings['units/c1/glance-api.service']).not.toHaveProperty('gone');
    expect(audits.state.findings.galera).toBeUndefined();
    expect(audits.state.findings['galera/']).toHaveProperty('gone');
  });

  it('is not gone because it was not asked', () => {
    const audits = threeFindings();
    audits.audit([], { isWhole: false, nodes: ['c2'], cloudChecks: [] });
    audits.audit([], { isWhole: false, nodeChecks: ['reachable'], cloudChecks: [] });
    expect(audits.toldBriefly()).toEqual([]);
  });

  it('is not gone because there was too much to tell', () => {
    const audits = threeFindings();
    audits.audit([memory], { omitted: 1 });
    expect(audits.toldBriefly()).toEqual([]);
  });

  it('is not gone because its check had too much to tell of its node, which says nothing of others', () => {
    const audits = new Audits();
    const unit = finding('units', 'c1', 'error', 'nova-compute.service');
    audits.audit([unit, { ...unit, node: 'c2' }, memory]);
    audits.told();
    audits.audit([], { omitted: 3, crowded: { 'units/c1': 3 } });
    expect(audits.toldBriefly()).toEqual(['resolved units/c2/nova-compute.service error', 'resolved memory/c1 error']);
  });

  it('is not gone because something else of the same check and node could not be read', () => {
    const audits = new Audits();
    const differs = finding('units', 'c1', 'error', '/etc/nova.conf:DEFAULT.debug');
    audits.audit([differs, { ...differs, node: 'c2' }]);
    audits.told();
    audits.audit([finding('units', 'c1', 'unknown', '/etc/nova.conf')]);
    expect(audits.toldBriefly()).toEqual([
      'opened units/c1//etc/nova.conf unknown',
      'resolved units/c2//etc/nova.conf:DEFAULT.debug error',
    ]);
  });

  it('is forgotten, and not called mended, when an audit of everything does not ask for it any more', () => {
    const audits = threeFindings();
    audits.audit([], { nodeChecks: ['reachable', 'units'], cloudChecks: [] });
    expect(audits.toldBriefly()).toEqual(['resolved units/c1/glance-api.service error']);
    expect(hasFinding(audits.state, 'memory/c1')).toBe(false);
    expect(hasFinding(audits.state, 'galera/')).toBe(false);
  });

  it('is gone when it was asked and not found', () => {
    const audits = threeFindings();
    audits.audit([]);
    expect(audits.toldBriefly()).toEqual([
      'resolved memory/c1 error',
      'resolved units/c1/glance-api.service error',
      'resolved galera/ error',
    ]);
  });
});

describe('what people are told', () => {
  it('is told on change only', () => {
    const audits = new Audits();
    audits.audit([memory]);
    expect(audits.toldBriefly()).toEqual(['opened memory/c1 error']);
    audits.audit([memory]);
    expect(audits.toldBriefly()).toEqual([]);
  });

  it('is told when as many audits in a row have seen it as the site wants, and the same of its end', () => {
    const audits = new Audits(3);
    const told = [[memory], [memory], [memory], [], [], []].map((findings) => {
      audits.audit(findings);
      return audits.toldBriefly();
    });
    expect(told).toEqual([[], [], ['opened memory/c1 error'], [], [], ['resolved memory/c1 error']]);
  });

  it('is told when so many audits have seen it, however often it stands in one of them', () => {
    const audits = new Audits(2);
    audits.audit([memory, warning, memory]);
    expect(audits.toldBriefly()).toEqual([]);
    expect(audits.state.audits.at(-1)?.counts).toMatchObject({ error: 1, warn: 0 });
    audits.audit([memory, memory]);
    expect(audits.toldBriefly()).toEqual(['opened memory/c1 error']);
  });

  it('is what all of these audits agree on, so one bad moment makes no error of a warning', () => {
    const audits = new Audits(2);
    const told = [[warning], [memory], [memory], [warning], [warning]].map((findings) => {
      audits.audit(findings);
      return audits.toldBriefly();
    });
    expect(told).toEqual([[], ['opened memory/c1 warn'], ['worsened memory/c1 error'], [], ['eased memory/c1 warn']]);
  });

  it('is told once of what comes and goes, and its end when it has been quiet', () => {
    const audits = new Audits(2);
    const told = Array.from({ length: 12 }, (_, index) => {
      audits.audit(index % 2 === 0 ? [memory] : []);
      return audits.toldBriefly();
    }).flat();
    expect(told).toEqual(['opened memory/c1 error']);
    const end = Array.from({ length: 10 }, () => {
      audits.audit([]);
      return audits.toldBriefly();
    });
    expect(end.flat()).toEqual(['resolved memory/c1 error']);
    expect(end.slice(0, 4).flat()).toEqual([]);
  });

  it('is kept for a channel until it has been told, without what has passed meanwhile', () => {
    const audits = new Audits();
    audits.audit([memory, finding('galera', undefined)]);
    audits.audit([finding('galera', undefined, 'warn')]);
    expect(audits.toldBriefly()).toEqual(['opened galera/ warn']);
  });

  it('is nothing when all of it has passed before the channel was told', () => {
    const audits = new Audits();
    audits.audit([memory]);
    audits.audit([]);
    expect(audits.told()).toBeUndefined();
  });

  it('is cut to what a person reads, and says how much more there is', () => {
    const audits = new Audits();
    audits.audit(Array.from({ length: 300 }, (_, n) => finding('memory', `c${n}`)));
    const event = audits.told() as AuditEvent;
    expect(event.opened).toHaveLength(40);
    expect(event.omitted).toBe(260);
    expect(event.counts.error).toBe(300);
  });

  it('forgets channels that the site has no more', () => {
    const audits = new Audits();
    audits.audit([memory]);
    audits.audit([memory], { channels: [] });
    expect(audits.told()).toBeUndefined();
  });
});

describe('an acknowledged finding', () => {
  const acked = (until: string) => {
    const audits = new Audits();
    audits.audit([warning]);
    audits.told();
    acknowledge(audits.state, { key: 'memory/c1', actor: 'alice', reason: 'TICKET-1', until });
    return audits;
  };
  const far = '2027-01-01T00:00:00.000Z';

  it('is said to be so, and counted apart', () => {
    const audits = acked(far);
    const { acks, trend } = audits.audit([warning]);
    expect(acks).toEqual({ 'memory/c1': { actor: 'alice', reason: 'TICKET-1', until: far } });
    expect(trend.at(-1)?.counts).toEqual({ error: 0, unknown: 0, warn: 0, acked: 1 });
  });

  it('is told of again when it gets worse', () => {
    const audits = acked(far);
    expect(audits.audit([memory]).acks).toEqual({});
    expect(audits.toldBriefly()).toEqual(['worsened memory/c1 error']);
  });

  it('is told of when its time is over', () => {
    const audits = new Audits(2);
    audits.audit([warning]);
    acknowledge(audits.state, { key: 'memory/c1', actor: 'alice', reason: 'T', until: audits.at(-2) });
    audits.audit([warning]);
    expect(audits.toldBriefly()).toEqual([]);
    audits.audit([warning]);
    audits.audit([warning]);
    expect(audits.toldBriefly()).toEqual(['opened memory/c1 warn']);
  });

  it('must be there', () => {
    const audits = new Audits();
    expect(hasFinding(audits.state, 'memory/c1')).toBe(false);
    expect(hasFinding(audits.state, 'constructor')).toBe(false);
    audits.audit([memory]);
    expect(hasFinding(audits.state, 'memory/c1')).toBe(true);
    audits.audit([]);
    expect(hasFinding(audits.state, 'memory/c1')).toBe(false);
  });
});

it('changes nothing when the same audit is recorded twice', () => {
  const audits = new Audits(2);
  audits.audit([memory], { run: 'r1' });
  const before = structuredClone(audits.state);
  audits.audit([memory], { run: 'r1' });
  expect(audits.state).toEqual(before);
});

it('keeps each change, and of audits of everything the sum', () => {
  const audits = new Audits();
  audits.audit([warning]);
  audits.audit([memory]);
  audits.audit([], { isWhole: false });
  expect(audits.state.changes.map(({ key, from, to }) => `${key} ${from} ${to}`)).toEqual([
    'memory/c1 ok warn',
    'memory/c1 warn error',
    'memory/c1 error ok',
  ]);
  expect(audits.state.audits.map(({ counts }) => [counts.error, counts.warn])).toEqual([
    [0, 1],
    [1, 0],
  ]);
});

const anyFinding = fc.record({
  check: fc.constantFrom('memory', 'units', 'galera'),
  node: fc.constantFrom('c1', 'c2', 'c3'),
  severity: fc.constantFrom<FindingSeverity>('error', 'warn', 'unknown'),
});
const anyAudits = fc.array(
  fc.uniqueArray(anyFinding, { selector: ({ check, node }) => `${check} ${node}`, maxLength: 9 }),
  { maxLength: 40 },
);

it('tells every channel a story that adds up: nothing ends that was not told, nothing begins twice', () => {
  fc.assert(
    fc.property(
      anyAudits,
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 5 }),
      (list, samples, patience) => {
        const audits = new Audits(samples);
        const known = new Set<string>();
        list.forEach((found, index) => {
          audits.audit(found.map(({ check, node, severity }) => finding(check, node, severity)));
          if (index % patience > 0) return;
          const event = audits.told();
          for (const { key } of event?.resolved ?? []) expect(known.delete(key)).toBe(true);
          for (const { key } of event?.opened ?? []) known.add(key);
          for (const { key } of [...(event?.worsened ?? []), ...(event?.eased ?? [])]) expect(known).toContain(key);
        });
      },
    ),
  );
});

it('fits into one payload whatever it is told', () => {
  const audits = new Audits();
  for (let round = 0; round < 20; round++) {
    audits.audit(
      Array.from({ length: 1_200 }, (_, n) => ({
        ...finding('memory', `compute-${n}.domain.tld`, round % 2 ? 'warn' : 'error', 'a rather long name of a thing'),
        what: 'x'.repeat(400),
      })),
    );
  }
  expect(JSON.stringify(audits.state).length).toBeLessThan(256_000);
});

it('tracks the worst where there is too much, and those for good', () => {
  const audits = new Audits(2);
  const warnings = Array.from({ length: 500 }, (_, n) => finding('memory', `c${n}`, 'warn'));
  for (let round = 0; round < 3; round++) audits.audit(warnings);
  expect(audits.state.changes.filter(({ at }) => at !== audits.at(2))).toEqual([]);
  const known = Object.keys(audits.state.findings);
  audits.audit([...warnings, finding('galera', undefined)]);
  expect(audits.state.findings).toHaveProperty('galera/');
  expect(Object.keys(audits.state.findings).filter((key) => known.includes(key))).toHaveLength(known.length - 1);
});

it('merges two events into what a channel does not know yet', () => {
  const event = (turns: Partial<AuditEvent>): AuditEvent => ({
    id: 'e',
    cloud: 'prod',
    at: '2026-11-30T00:00:00.000Z',
    run: 'r',
    opened: [],
    worsened: [],
    eased: [],
    resolved: [],
    omitted: 0,
    counts: { error: 0, unknown: 0, warn: 0, acked: 0 },
    ...turns,
  });
  const one = { key: 'memory/c1', check: 'memory', severity: 'error' as const, what: 'w', since: 's' };
  expect(mergedEvents(event({ opened: [one] }), event({ resolved: [one] }))).toBeUndefined();
  expect(mergedEvents(event({ resolved: [one] }), event({ opened: [one] }))?.opened).toEqual([one]);
});
