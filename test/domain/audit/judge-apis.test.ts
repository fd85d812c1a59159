import { describe, expect, it } from 'vitest';
import { type ControllerAnswer, judgeApi } from '../../../domain/audit/judge-apis.js';

const refused = '192.0.2.2:9292 did not answer (ECONNREFUSED)';
const on = (...answers: ControllerAnswer['answer'][]): ControllerAnswer[] =>
  answers.map((answer, index) => ({ node: `node-${index + 1}`, port: 9292, answer }));
const outage = { why: 'the VIP answered 503', isCertain: true };

describe('an API', () => {
  it('is well when it answers through its endpoint and on every controller, whatever it thinks of no token', () => {
    expect(judgeApi('glance', { endpoint: 'well', controllers: on(200, 300, 401) })).toEqual([]);
    expect(judgeApi('glance', { endpoint: 'well', controllers: [] })).toEqual([]);
  });

  it('that is dead on one controller is an error there, which HAProxy hides from users', () => {
    expect(judgeApi('glance', { endpoint: 'well', controllers: on(300, refused, 503) })).toEqual([
      {
        check: 'api-glance',
        node: 'node-2',
        severity: 'error',
        what: `the API of Glance on node-2 is not well: ${refused}`,
        evidence: [
          {
            value: `node-2: ${refused}`,
            threshold: '200, 300, 401',
            command: "curl -so /dev/null -w '%{http_code}' http://node-2:9292/",
          },
        ],
        next: expect.stringContaining('on node-2'),
      },
      expect.objectContaining({ node: 'node-3', what: 'the API of Glance on node-3 is not well: it answers 503' }),
    ]);
  });

  it('that does not answer through its endpoint is an error of the cloud, with what controllers say', () => {
    const [finding, ...others] = judgeApi('glance', { endpoint: outage, controllers: on(300, 300) });
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ severity: 'error', what: expect.stringContaining('the VIP answered 503') });
    expect(finding).not.toHaveProperty('node');
    expect(finding?.evidence).toHaveLength(3);
    expect(finding?.next).toContain('HAProxy');
  });

  it('that answers nowhere is one error', () => {
    expect(judgeApi('glance', { endpoint: outage, controllers: on(refused, refused) })).toMatchObject([
      { severity: 'error', next: 'look at the units of Glance on the controllers and at their logs' },
    ]);
  });

  it('that answers through its endpoint and on no controller listens at other addresses, which is unknown', () => {
    expect(judgeApi('glance', { endpoint: 'well', controllers: on(refused, 404) })).toMatchObject([
      { severity: 'unknown', about: 'controllers', next: expect.stringContaining('audit.openstack.apis.glance') },
    ]);
  });

  it('that may not be asked is unknown', () => {
    const endpoint = { why: 'Glance at vip does not let this user ask (403)', isCertain: false };
    expect(judgeApi('glance', { endpoint, controllers: on(300) })).toMatchObject([{ severity: 'unknown' }]);
  });
});
