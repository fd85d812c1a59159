import { describe, expect, it } from 'vitest';
import { findingKey } from '../../../domain/audit/finding.js';
import { type HaproxyHealth, judgeHaproxy } from '../../../domain/audit/judge-haproxy.js';
import type { Answered, ServiceAnswer } from '../../../domain/audit/service-answer.js';
import { names } from '../cluster-samples.js';
import { aHaproxy } from '../controller-samples.js';

const sees = (...how: Parameters<typeof aHaproxy>): ServiceAnswer<HaproxyHealth> => ({
  state: 'read',
  view: aHaproxy(...how),
});
const judge = (all: ServiceAnswer<HaproxyHealth>, otherwise: Record<string, ServiceAnswer<HaproxyHealth>> = {}) =>
  judgeHaproxy(names.map((controller): Answered<HaproxyHealth> => ({ ...(otherwise[controller] ?? all), controller })));
const short = (findings: ReturnType<typeof judge>) => findings.map((one) => `${one.severity} ${findingKey(one)}`);

describe('the check of HAProxy', () => {
  it('finds nothing where everything is up, or has no check', () => {
    expect(judge(sees({ 'mysqld/c2': 'no check' }))).toEqual([]);
  });

  it('has one finding for all servers of a controller that is down, whoever sees it', () => {
    const findings = judge(sees({ 'keystone-1/c2': 'DOWN', 'mysqld/c2': 'DOWN' }), {
      c2: { state: 'unreached', why: 'off' },
    });
    expect(short(findings)).toEqual(['error haproxy/c2/servers']);
    expect(findings[0]?.what).toBe('c2 is DOWN for keystone-1, mysqld, say c1 and c3');
    expect(findings[0]?.evidence).toMatchObject([
      { value: 'keystone-1 DOWN, mysqld DOWN', threshold: 'UP', command: expect.stringContaining('# on c1') },
      { command: expect.stringContaining('# on c3') },
    ]);
  });

  it.each(['MAINT', 'DRAIN', 'NOLB', 'UP 1/2', 'DOWN 1/2', 'MAINT (via keystone-1/c2)'])('warns of %s', (status) => {
    expect(short(judge(sees({ 'keystone-1/c2': status })))).toEqual(['warn haproxy/c2/servers']);
  });

  it.each(['DOWN', 'DOWN (agent)', 'something new'])('takes %s for down', (status) => {
    expect(short(judge(sees({ 'keystone-1/c2': status })))).toEqual(['error haproxy/c2/servers']);
  });

  it('is as bad as the worst of a controller, and tells both', () => {
    const [found] = judge(sees({ 'keystone-1/c2': 'MAINT', 'mysqld/c2': 'DOWN' }));
    expect(found).toMatchObject({ severity: 'error', what: expect.stringContaining('MAINT, DOWN') });
  });

  it('tells a backend that is down everywhere once, and none of its servers', () => {
    const down = sees(Object.fromEntries(names.map((name) => [`mysqld/${name}`, 'DOWN'])), {
      backends: [
        { proxy: 'keystone-1', status: 'UP' },
        { proxy: 'mysqld', status: 'DOWN' },
      ],
    });
    const findings = judge(down);
    expect(short(findings)).toEqual(['error haproxy//backend:mysqld']);
    expect(findings[0]?.what).toBe('nobody serves mysqld: c1 and c2 and c3 have it DOWN');
  });

  it('tells of a controller that alone reaches nobody', () => {
    const cut = sees(Object.fromEntries(names.map((name) => [`mysqld/${name}`, 'DOWN'])), {
      backends: [{ proxy: 'mysqld', status: 'DOWN' }],
    });
    expect(short(judge(sees(), { c3: cut }))).toEqual(['error haproxy/c3/backends']);
  });

  it('tells of a frontend that is not open on its own controller', () => {
    const closed = sees({}, { frontends: [{ proxy: 'mysqld', status: 'STOP' }] });
    expect(short(judge(sees(), { c1: closed }))).toEqual(['error haproxy/c1/frontends']);
  });

  it('names a server that no controller can be told to be', () => {
    const { view } = sees() as { view: HaproxyHealth };
    const servers = [
      ...view.servers,
      { ...(view.servers[0] as HaproxyHealth['servers'][0]), server: 'old', status: 'DOWN' },
    ];
    expect(short(judge({ state: 'read', view: { ...view, servers } }))).toEqual(['error haproxy//server:old']);
  });

  it('tells of one that does not run, and of one that nobody has', () => {
    expect(short(judge(sees(), { c2: { state: 'silent', why: 'it does not run' } }))).toEqual(['error haproxy/c2']);
    expect(judge({ state: 'absent' })).toEqual([]);
  });
});
