import { inspect } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type ComputeServices,
  type ComputeServicesOptions,
  createComputeServices,
} from '../../../activities/openstack/compute-services.js';
import { CredentialsError, type OpenStackCredentials, type ReadCredentials } from '../../../inventory/openstack.js';
import { SecretError } from '../../../inventory/secrets.js';
import { type FakeCloud, fakeCloud, PASSWORD, service } from './fake-cloud.js';
import { ownAuthority } from './own-authority.js';

const never = new AbortController().signal;

/** A deadline for what will not happen: long enough for many requests on a busy machine, as every one is waited for in full. */
const IN_VAIN_MS = 2_000;

let cloud: FakeCloud;
beforeEach(async () => {
  cloud = await fakeCloud();
});
afterEach(() => cloud.close());

interface Asked extends ComputeServicesOptions {
  credentials?: Partial<OpenStackCredentials>;
  readCredentials?: ReadCredentials;
}

function servicesOf(nodes: string[], { credentials, readCredentials, ...options }: Asked = {}): ComputeServices {
  return createComputeServices(
    readCredentials ?? (async () => ({ ...cloud.credentials, ...credentials })),
    nodes.map((name) => ({ name })),
    { pollMs: 10, reportsWithinMs: 100, ...options },
  );
}

const disabled = async (services: ComputeServices, withinMs = 0): Promise<string[]> =>
  [...(await services.disabledNodes('nova-compute', { deadline: Date.now() + withinMs, signal: never }))].sort();

const reports = (services: ComputeServices, node = 'compute-1', withinMs = 30_000) =>
  services.reportsAnew(node, 'nova-compute', { deadline: Date.now() + withinMs, signal: never });

/** Nova's row hears from its service: every list shows a second more. */
const advance = (host = 'compute-1') => {
  const row = cloud.services.find((one) => one.host === host);
  let second = 0;
  cloud.onList = () => {
    second += 1;
    if (row) row.updated_at = `2015-04-28T03:13:${String(second % 60).padStart(2, '0')}.000000`;
  };
};

/** The error, once it is sure that neither it nor anything it carries holds the password. */
async function failureOf(asked: Promise<unknown>): Promise<Error & { passing?: boolean }> {
  const error = await asked.then(
    (value) => expect.fail(`it did not fail: ${inspect(value)}`),
    (thrown: Error) => thrown,
  );
  expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(PASSWORD);
  return error;
}

describe('disabled services', () => {
  it('are those that an operator disabled, by the names of the inventory', async () => {
    cloud.services = [
      service('compute-1.example.org', { status: 'disabled', disabled_reason: 'bad RAM' }),
      service('compute-2.example.org', { state: 'down' }),
      service('COMPUTE-3', { status: 'disabled' }),
      service('controller-1', { binary: 'nova-conductor', status: 'disabled' }),
      service('unmanaged', { status: 'disabled' }),
    ];
    expect(await disabled(servicesOf(['compute-1', 'compute-2', 'compute-3', 'controller-1']))).toEqual([
      'compute-1',
      'compute-3',
    ]);
  });

  it('are found under a short name too, where the inventory has full names', async () => {
    cloud.services = [service('compute-1', { status: 'disabled' })];
    expect(await disabled(servicesOf(['compute-1.example.org', 'compute-2.example.org']))).toEqual([
      'compute-1.example.org',
    ]);
  });

  it('are not guessed at where a short name may be that of two nodes', async () => {
    cloud.services = [service('compute-1', { status: 'disabled' })];
    expect(await disabled(servicesOf(['compute-1.a.example', 'compute-1.b.example']))).toEqual([]);
    cloud.services = [service('compute-1.a.example', { status: 'disabled' }), service('compute-1.b.example')];
    expect(await disabled(servicesOf(['compute-1.a.example', 'compute-1.b.example']))).toEqual(['compute-1.a.example']);
  });
});

describe('a token', () => {
  it('serves many requests, also when they come at once', async () => {
    const services = servicesOf(['compute-1']);
    await Promise.all([disabled(services), disabled(services), disabled(services)]);
    await disabled(services);
    expect(cloud).toMatchObject({ tokensIssued: 1, lists: 4 });
  });

  it('is asked for with the password as it is then', async () => {
    const passwords = ['changed meanwhile', PASSWORD];
    let reads = 0;
    const readCredentials = async () => ({ ...cloud.credentials, password: passwords[reads++] ?? 'not asked for' });
    const services = servicesOf(['compute-1'], { readCredentials });
    expect(reads).toBe(0);
    expect((await failureOf(disabled(services))).message).toContain('(401)');
    expect(await disabled(services)).toEqual([]);
    expect(await disabled(services)).toEqual([]);
    expect(reads).toBe(2);
  });

  it('is replaced shortly before it expires, whatever time Keystone thinks it is', async () => {
    for (const clockAheadMs of [-86_400_000, 0, 86_400_000]) {
      Object.assign(cloud, { clockAheadMs, tokensIssued: 0, tokenLifeMs: 3_600_000 });
      const lasting = servicesOf(['compute-1']);
      await disabled(lasting);
      await disabled(lasting);
      expect(cloud.tokensIssued).toBe(1);
      cloud.tokenLifeMs = 59_000;
      const brief = servicesOf(['compute-1']);
      await disabled(brief);
      await disabled(brief);
      expect(cloud.tokensIssued).toBe(3);
    }
  });

  it('that Nova refuses is replaced, once', async () => {
    const services = servicesOf(['compute-1']);
    await disabled(services);
    cloud.revoke();
    await disabled(services);
    expect(cloud.tokensIssued).toBe(2);
    cloud.novaMishaps = [401, 401];
    expect(await failureOf(disabled(services))).toMatchObject({
      message: expect.stringContaining('refuses a token that was just issued'),
      passing: true,
    });
  });

  it('that could not be had is asked for again the next time', async () => {
    const services = servicesOf(['compute-1']);
    cloud.keystoneMishaps = [500];
    expect(await failureOf(disabled(services))).toMatchObject({
      message: expect.stringMatching(/^Keystone at 127\.0\.0\.1:\d+ answered 500 when asked for a token$/),
      passing: true,
    });
    expect(await disabled(services)).toEqual([]);
  });
});

describe('an API that restarts', () => {
  it('is asked again after resets and gateway errors, Keystone and Nova alike', async () => {
    cloud.services = [service('compute-1', { status: 'disabled' })];
    cloud.keystoneMishaps = ['reset', 503];
    cloud.novaMishaps = ['reset', 502];
    expect(await disabled(servicesOf(['compute-1']))).toEqual(['compute-1']);
  });

  it('is asked again until the deadline after a failure that may pass, and for no other', async () => {
    cloud.services = [service('compute-1', { status: 'disabled' })];
    cloud.novaMishaps = [500, 429, 'no-json'];
    expect(await disabled(servicesOf(['compute-1']), 30_000)).toEqual(['compute-1']);
    expect(cloud.lists).toBe(1);
    cloud.novaMishaps = [500, 403, 500, 500];
    const asked = (withinMs: number) => failureOf(disabled(servicesOf(['compute-1']), withinMs));
    expect((await asked(30_000)).message).toContain('(403)');
    expect((await asked(0)).message).toContain('answered 500');
    expect(cloud.novaMishaps).toEqual([500]);
  });

  it('is given up on within the limit when it says nothing', async () => {
    cloud.novaMishaps = ['silence'];
    const failure = await failureOf(disabled(servicesOf(['compute-1'], { requestLimitMs: IN_VAIN_MS })));
    expect(failure).toMatchObject({ message: expect.stringContaining('gave no answer within 2 s'), passing: true });
  });

  it('that nobody listens at is named by host and port', async () => {
    await cloud.close();
    const failure = await failureOf(disabled(servicesOf(['compute-1'], { requestLimitMs: 300 })));
    expect(failure.message).toMatch(
      /^127\.0\.0\.1:\d+ (did not answer \(ECONNREFUSED\)|gave no answer within 0\.3 s)$/,
    );
  });
});

describe('what nobody but a person can mend', () => {
  it.each([
    ['a wrong password', { password: `${PASSWORD}!` }, /refuses the user admin in the project admin \(401\)/],
    [
      'an interface that is not in the catalogue',
      { interface: 'admin' },
      /no admin endpoint of compute, but: internal in one/,
    ],
    ['a region that is not in the catalogue', { region: 'two' }, /no internal endpoint of compute in the region two/],
  ] as const)('is said at once: %s', async (_what, credentials, message) => {
    const failure = await failureOf(disabled(servicesOf(['compute-1'], { credentials })));
    expect(failure).toMatchObject({ message: expect.stringMatching(message), passing: false });
  });

  it('is a choice between regions that the site has not made', async () => {
    const [one] = cloud.endpoints;
    cloud.endpoints = [one, { ...one, region: 'two', url: 'http://127.0.0.1:1/' }] as typeof cloud.endpoints;
    expect((await failureOf(disabled(servicesOf(['compute-1'])))).message).toMatch(
      /more than one internal endpoint of compute: internal in one, internal in two; set openstack\.region/,
    );
    expect(await disabled(servicesOf(['compute-1'], { credentials: { region: 'one' } }))).toEqual([]);
  });

  it('is a user without the right to list services', async () => {
    cloud.novaMishaps = [403];
    const failure = await failureOf(disabled(servicesOf(['compute-1'])));
    expect(failure).toMatchObject({ message: expect.stringContaining('needs the admin role'), passing: false });
  });

  it.each([
    new SecretError('env:OS_PASSWORD is not set in the environment of this process'),
    new CredentialsError('clouds.yaml has no cloud prod'),
  ])('is a password that is not where the site says: $message', async (error) => {
    const services = servicesOf(['compute-1'], { readCredentials: () => Promise.reject(error) });
    const told = `the OpenStack credentials cannot be read: ${error.message}`;
    expect(await failureOf(disabled(services))).toMatchObject({ message: told, passing: false });
    expect(await reports(services, 'compute-1', 3_600_000)).toMatchObject({
      state: 'unknown',
      why: expect.stringContaining(told),
    });
  });

  it('is a Keystone that is none', async () => {
    const failure = await failureOf(
      disabled(servicesOf(['compute-1'], { credentials: { authUrl: 'http://x.invalid' }, requestLimitMs: 300 })),
    );
    expect(failure.message).toContain('x.invalid');
  });

  it.each(['', '/', '/v3/', '/v2.0', '/v2.0/'])('is not the version an authUrl ends with: %j', async (end) => {
    const authUrl = `${new URL(cloud.credentials.authUrl).origin}${end}`;
    expect(await disabled(servicesOf(['compute-1'], { credentials: { authUrl } }))).toEqual([]);
  });
});

describe('TLS', () => {
  it('trusts the authority that the site names, and no unknown one', async () => {
    const authority = await ownAuthority();
    const trusted = await fakeCloud(authority);
    try {
      const asked = (more: Partial<OpenStackCredentials>) =>
        disabled(servicesOf([], { credentials: { ...trusted.credentials, ...more } }));
      expect(await asked({ caFile: authority.caFile })).toEqual([]);
      expect(await asked({ verify: false })).toEqual([]);
      expect(await failureOf(asked({}))).toMatchObject({
        message: expect.stringMatching(/is not trusted \(.+\); name the authority .+ as openstack\.caFile/),
        passing: false,
      });
    } finally {
      await trusted.close();
      await authority.remove();
    }
  });

  it('needs the file of authorities that the site names', async () => {
    const failure = await failureOf(disabled(servicesOf([], { credentials: { caFile: '/nonexistent/ca.pem' } })));
    expect(failure).toMatchObject({
      message: 'openstack.caFile /nonexistent/ca.pem cannot be read (ENOENT)',
      passing: false,
    });
  });
});

describe('a service after its restart', () => {
  it('is well once its time has advanced since the first look', async () => {
    cloud.services = [service('compute-1')];
    advance();
    expect(await reports(servicesOf(['compute-1']))).toBeUndefined();
    expect(cloud.lists).toBe(2);
  });

  it('is not well by what had been read before it was asked about', async () => {
    cloud.services = [service('compute-1'), service('compute-2')];
    advance('compute-1');
    const services = servicesOf(['compute-1', 'compute-2']);
    expect(await reports(services, 'compute-1')).toBeUndefined();
    cloud.onList = () => {};
    expect(await reports(services, 'compute-1', IN_VAIN_MS)).toMatchObject({
      why: expect.stringMatching(/^nova-compute on compute-1 does not report to Nova/),
    });
  });

  it('that does not report again has failed at the deadline, with what Nova said of it', async () => {
    cloud.services = [
      service('compute-1', { state: 'down', status: 'disabled', disabled_reason: 'bad RAM,\npassword=hunter2' }),
    ];
    expect(await reports(servicesOf(['compute-1']), 'compute-1', IN_VAIN_MS)).toEqual({
      state: 'failed',
      why: expect.stringMatching(
        /^nova-compute on compute-1 does not report to Nova: last at 2015-04-28T03:12:03\.000000, not again in \d+ m?s; Nova calls it down and disabled \(bad RAM, password=\[redacted\]\)$/,
      ),
    });
    expect(cloud.lists).toBeGreaterThan(1);
  });

  it('that was watched for less than a few of its reports take may still be well', async () => {
    cloud.services = [service('compute-1')];
    expect(await reports(servicesOf(['compute-1'], { reportsWithinMs: 30_000 }), 'compute-1', IN_VAIN_MS)).toEqual({
      state: 'unknown',
      why: expect.stringMatching(/not again in \d+ m?s, which is too short to tell; Nova calls it up$/),
    });
  });

  it('that no time was left for may still be well', async () => {
    expect(await reports(servicesOf(['compute-1']), 'compute-1', 0)).toMatchObject({ state: 'unknown' });
  });

  it('is not waited for past the deadline, though garbage is collected meanwhile', async () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    cloud.services = [service('compute-1')];
    cloud.onList = collectGarbage;
    expect(await reports(servicesOf(['compute-1']), 'compute-1', IN_VAIN_MS)).toMatchObject({
      why: expect.stringContaining('does not report to Nova'),
    });
  });

  it('that reports anew and is called down all the same has failed', async () => {
    cloud.services = [service('compute-1', { state: 'down' })];
    advance();
    expect(await reports(servicesOf(['compute-1']), 'compute-1', IN_VAIN_MS)).toEqual({
      state: 'failed',
      why: expect.stringMatching(
        /^nova-compute on compute-1 reports to Nova again \(2015-04-28T03:13:\d\d\.000000\), but Nova calls it down$/,
      ),
    });
  });

  it('that was disabled before is well when it reports, and stays disabled', async () => {
    cloud.services = [service('compute-1', { status: 'disabled' })];
    advance();
    expect(await reports(servicesOf(['compute-1']))).toBeUndefined();
    expect(cloud.services[0]?.status).toBe('disabled');
  });

  it('is not taken for well because a person disabled it meanwhile, which moves its time as well', async () => {
    cloud.services = [service('compute-1')];
    cloud.onList = (list) => {
      const steered = { status: 'disabled', updated_at: '2015-04-28T03:12:30.000000' } as const;
      if (list > 1) cloud.services = [service('compute-1', steered)];
    };
    expect(await reports(servicesOf(['compute-1']), 'compute-1', IN_VAIN_MS)).toMatchObject({
      why: expect.stringMatching(
        /does not report to Nova: last at 2015-04-28T03:12:30\.000000, .+ calls it up and disabled$/,
      ),
    });
  });

  it('is believed after the clock of Nova was set back', async () => {
    cloud.services = [service('compute-1', { updated_at: '2016-01-01T00:00:00.000000' })];
    const times = ['2016-01-01T00:00:00.000000', '2015-12-31T23:00:00.000000', '2015-12-31T23:00:10.000000'];
    cloud.onList = (list) => {
      cloud.services = [service('compute-1', { updated_at: times[list - 1] ?? null })];
    };
    expect(await reports(servicesOf(['compute-1']))).toBeUndefined();
    expect(cloud.lists).toBe(3);
  });

  it('is well with its first report ever', async () => {
    cloud.services = [service('compute-1', { updated_at: null })];
    cloud.onList = (list) => {
      if (list === 3) cloud.services = [service('compute-1')];
    };
    expect(await reports(servicesOf(['compute-1']))).toBeUndefined();
  });

  it('whose row is missing, or one of two, may be well', async () => {
    cloud.services = [service('compute-2.a'), service('compute-2.b')];
    const services = servicesOf(['compute-1', 'compute-2']);
    const verdicts = ['compute-1', 'compute-2'].map((node) => reports(services, node, IN_VAIN_MS));
    expect(await Promise.all(verdicts)).toEqual([
      { state: 'unknown', why: 'Nova lists no such service on compute-1' },
      {
        state: 'unknown',
        why: 'Nova lists 2 services that may be that of compute-2: compute-2.a, compute-2.b',
      },
    ]);
  });

  it('is waited for through errors that pass, and they are told at the deadline', async () => {
    cloud.services = [service('compute-1')];
    advance();
    cloud.novaMishaps = [500, 'no-json', 500];
    const services = servicesOf(['compute-1']);
    expect(await reports(services)).toBeUndefined();
    cloud.novaMishaps = Array(1_000).fill(500);
    expect(await reports(services, 'compute-1', IN_VAIN_MS)).toEqual({
      state: 'unknown',
      why: expect.stringMatching(
        /^whether nova-compute on compute-1 reports to Nova is not known: Nova at 127\.0\.0\.1:\d+ answered 500/,
      ),
    });
  });

  it('is not waited for when the password is wrong', async () => {
    const services = servicesOf(['compute-1'], { credentials: { password: 'other' } });
    expect(await reports(services, 'compute-1', 3_600_000)).toEqual({
      state: 'unknown',
      why: expect.stringMatching(/is not known: Keystone at .+ refuses the user admin/),
    });
  });

  it('shares every read with all hosts that wait', async () => {
    const nodes = Array.from({ length: 50 }, (_, index) => `compute-${index + 1}`);
    cloud.services = nodes.map((node) => service(node));
    cloud.onList = (list) => {
      if (list === 3) cloud.services = nodes.map((node) => service(node, { updated_at: '2015-04-28T03:12:13.000000' }));
    };
    const services = servicesOf(nodes);
    const answers = await Promise.all(nodes.map((node) => reports(services, node)));
    expect(answers).toEqual(nodes.map(() => undefined));
    expect(cloud).toMatchObject({ lists: 3, tokensIssued: 1 });
  });

  it('is no longer waited for once that is cancelled', async () => {
    cloud.services = [service('compute-1')];
    const cancel = new AbortController();
    cloud.onList = (list) => {
      if (list === 2) cancel.abort(new Error('cancelled by a person'));
    };
    const limits = { deadline: Date.now() + 3_600_000, signal: cancel.signal };
    await expect(servicesOf(['compute-1']).reportsAnew('compute-1', 'nova-compute', limits)).rejects.toThrow(
      'cancelled by a person',
    );
  });
});
