import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FailoverEvidence, judgeFailover } from '../../lab/demo/failover-judge.js';
import { complaints, countLines, type Evidence } from '../../lab/demo/judge.js';
import { SharedTerminal } from '../../lab/demo/terminal.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** A demo ends by itself after five minutes. */
const limitMs = 320_000;

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'ostler-test-'));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

/** `npm run demo` in a pipe, for a user whose own settings point to nowhere. */
function demo(...story: string[]) {
  const env = { ...process.env, TMPDIR: scratch, TEMPORAL_ADDRESS: '127.0.0.1:1', OSTLER_INVENTORY: '/nowhere.yaml' };
  const child = spawn(process.execPath, ['install.mjs', 'tsx', 'lab/demo.ts', ...story], { cwd: root, env });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  return {
    output: () => output,
    ended: new Promise<number | null>((resolve) => child.once('close', resolve)),
    signal: (name: NodeJS.Signals) => child.kill(name),
  };
}

/** Fails with what the demo said, should it end by itself. */
async function endsTooEarly(ended: Promise<number | null>, output: () => string): Promise<never> {
  throw new Error(`the demo ended by itself with ${await ended}:\n${output()}`);
}

const leftBehind = async () => (await readdir(scratch)).filter((name) => name.startsWith('ostler-demo-'));
const serverOf = (output: string) => /Temporal server of our own at (\S+),/.exec(output)?.[1];

describe('npm run demo', () => {
  it('survives the kill and the failed host, shows the counts, and exits with 0', { timeout: limitMs }, async () => {
    const { output, ended } = demo();
    const code = await ended;
    expect(code, output()).toBe(0);
    const lines = output().split('\n');
    const counts = lines.map((line) => /^ {2}✓ (compute-\d+) +(once|twice) /.exec(line)?.slice(1, 3)).filter(Boolean);
    const expected = Array.from({ length: 12 }, (_, index) => [`compute-${index + 1}`, index === 8 ? 'twice' : 'once']);
    expect(counts).toEqual(expected);
    expect(output()).toMatch(/^\$ ostler restart nova-compute /m);
    expect(output()).toMatch(/kill -9 \d+: the worker is dead. It was restarting .*compute-[567]/);
    expect(output()).toMatch(/^\$ ostler retry restart\/demo\/nova-compute@[0-9a-f]{8} compute-9 /m);
    expect(output()).toMatch(/Most down at once {2}[123] \(budget 3\)/);
    expect(output()).toMatch(/In Temporal's UI +http:\/\/127\.0\.0\.1:\d+\/\S+restart%2Fdemo%2Fnova-compute/);
    expect(output()).not.toContain('Warning');
    expect(await leftBehind()).toEqual([]);
  });

  it('fails a controller over and takes it back, and every order is run once', { timeout: limitMs }, async () => {
    const { output, ended } = demo('failover');
    const code = await ended;
    expect(code, output()).toBe(0);
    expect(output()).toMatch(/^\$ ostler failover controller-2 --until-returned /m);
    expect(output()).toMatch(/kill -9 \d+: the worker is dead. It had just put controller-2 into standby/);
    expect(output()).toContain('The hosts say: standby controller-2,');
    expect(output()).toMatch(/^\$ ostler return controller-2 /m);
    expect(output()).toMatch(/✓ vip__management +controller-1: (\d+) of \1 knocks answered/);
    expect(output()).toMatch(/✓ vip__public +controller-2 → controller-3: no answer for \d+ ms at most/);
    for (const what of ['standby flags', 'marks', 'cli- constraints', 'disabled servers'])
      expect(output()).toMatch(new RegExp(`✓ ${what} +none`));
    expect(output()).toMatch(/✓ standby +once, on controller-[13]/);
    expect(output()).toMatch(/Run +failover\/demo\/controller-2@[0-9a-f]{8}/);
    expect(output()).toMatch(/In Temporal's UI +http:\/\/127\.0\.0\.1:\d+\/\S+failover%2Fdemo%2Fcontroller-2/);
    expect(output()).not.toMatch(/✗|Warning/);
    expect(await leftBehind()).toEqual([]);
  });

  it('says which there are, asked for another', async () => {
    const { output, ended } = demo('nothing');
    expect(await ended).toBe(2);
    expect(output()).toContain('there is no demo nothing; there are: restart, failover');
  });

  it('leaves nothing behind when it is interrupted', { timeout: limitMs }, async () => {
    const { output, ended, signal } = demo();
    const started = expect.poll(output, { timeout: limitMs, interval: 50 });
    await Promise.race([started.toContain('started restart/demo/nova-compute@'), endsTooEarly(ended, output)]);
    const address = serverOf(output());
    signal('SIGTERM');
    expect(await ended).toBe(143);
    await expect(Connection.connect({ address: address ?? '', connectTimeout: 500 })).rejects.toThrow();
    expect(await leftBehind()).toEqual([]);
  });
});

describe('judging the counts', () => {
  const hosts = ['a', 'b', 'c'].map((name) => ({ name, starts: name === 'b' ? 2 : 1, up: true }));
  const right: Evidence = { hosts, failing: 'b', mostDown: 2, budget: 2 };
  const but = (name: string, change: object): Evidence => ({
    ...right,
    hosts: hosts.map((host) => (host.name === name ? { ...host, ...change } : host)),
  });

  it('finds no fault with one start each, and two where a start failed', () => {
    expect(complaints(right)).toEqual([]);
    expect(countLines(right)).toEqual([
      '✓ a  once     (expected 1)',
      '✓ b  twice    (expected 2, one for the start that failed)',
      '✓ c  once     (expected 1)',
    ]);
  });

  it.each([
    ['a host that was restarted twice', but('a', { starts: 2 }), 'a started its unit twice, not once'],
    ['a host that was left out', but('c', { starts: 0 }), 'c started its unit 0 times, not once'],
    ['a failed host that nobody tried again', but('b', { starts: 1 }), 'b started its unit once, not twice'],
    ['a host that is down', but('a', { up: false }), 'a is down'],
    ['too many down at once', { ...right, mostDown: 3 }, '3 hosts were down at once, and the budget is 2'],
    ['a fleet that was never touched', { ...right, mostDown: 0 }, 'no host was ever down, so nothing was restarted'],
    ['a failing host that is not there', { ...right, failing: 'd' }, 'nothing is known of d, whose start failed'],
  ])('complains about %s', (_, evidence, complaint) => {
    expect(complaints(evidence)).toContain(complaint);
  });

  it('marks the line of a wrong count', () => {
    expect(countLines(but('a', { starts: 3, up: false }))[0]).toBe('✗ a  3 times  (expected 1)  DOWN');
  });
});

describe('judging a failover', () => {
  const node = 'b';
  const controllers = ['a', 'b', 'c'];
  const attribute = `/usr/sbin/crm_attribute -N ${node} -n`;
  const server = (verb: string, proxy: string): string =>
    `/bin/sh -c echo "${verb} server ${proxy}/${node}" | socat -t5 stdio unix-connect:/run/haproxy/admin.sock`;
  const once = (host: string, command: string) => ({ host, command });
  const ran = [
    once('a', `${attribute} ostler -v 0123456789abcdef`),
    ...controllers.flatMap((host) => [once(host, server('disable', 'x')), once(host, server('disable', 'y'))]),
    once('a', `${attribute} standby -v on`),
    once('c', '/bin/true'),
    once('a', `${attribute} standby -D`),
    ...['a', 'c'].flatMap((host) => [once(host, server('enable', 'x')), once(host, server('enable', 'y'))]),
    once('a', `${attribute} ostler -D`),
  ];
  const right: FailoverEvidence = {
    node,
    controllers,
    backends: ['x', 'y'],
    vip: 'v',
    ran,
    knocked: {
      v: { knocks: 100, unanswered: 20, longestGapMs: 400, holders: ['b', 'c'] },
      w: { knocks: 100, unanswered: 0, longestGapMs: 20, holders: ['a'] },
    },
    cluster: {
      vips: [
        { id: 'v', address: '', port: 1, holder: 'c', gaps: [] },
        { id: 'w', address: '', port: 1, holder: 'a', gaps: [] },
      ],
      isAtWork: false,
      standby: [],
      marks: {},
      constraints: [],
      disabled: [],
    },
  };
  const cluster = (change: object) => ({ ...right, cluster: { ...right.cluster, ...change } });
  const knocked = (id: string, change: object) => ({
    ...right,
    knocked: { ...right.knocked, [id]: { ...right.knocked[id], ...change } as FailoverEvidence['knocked'][string] },
  });
  const and = (host: string, command: string) => ({ ...right, ran: [...ran, once(host, command)] });

  it('finds no fault when every order was run once and nothing is left', () => {
    const judged = judgeFailover(right);
    expect(judged.wrong).toEqual([]);
    expect(judged.voids).toBe(1);
    expect([...judged.vips, ...judged.left, ...judged.ran].every((line) => line.startsWith('✓'))).toBe(true);
  });

  it('lets the HAProxy that was stopped meanwhile be told to enable what it has forgotten', () => {
    expect(judgeFailover(and(node, server('enable', 'x'))).wrong).toEqual([]);
  });

  it.each([
    ['a standby that was run twice', and('c', `${attribute} standby -v on`), 'standby: 2 times, on a and c'],
    ['a standby that was never run', { ...right, ran: ran.slice(0, 7) }, 'standby: 0 times'],
    [
      'a server that was disabled twice',
      and('c', server('disable', 'x')),
      'disable its 2 servers in 3 HAProxys: 6 of 6 commands, some more than once',
    ],
    ['an order that nobody needs', and('a', '/bin/systemctl reboot'), 'a was told /bin/systemctl reboot'],
    ['a standby that is left', cluster({ standby: [node] }), 'standby flags: b'],
    ['a mark that is left', cluster({ marks: { b: '00' } }), 'marks: 00 on b'],
    ['a constraint that is left', cluster({ constraints: ['cli-prefer-v'] }), 'cli- constraints: cli-prefer-v'],
    ['a server that is left disabled', cluster({ disabled: ['a: x/b'] }), 'disabled servers: a: x/b'],
    ['an address that never moved', knocked('v', { holders: ['b'] }), 'v: b: no answer for 400 ms at most'],
    [
      'an address that was away too long',
      knocked('v', { longestGapMs: 11_000 }),
      'v: b → c: no answer for 11000 ms at most',
    ],
    ['another address that was away', knocked('w', { unanswered: 1 }), 'w: a: 99 of 100 knocks answered'],
  ])('complains about %s', (_, evidence, complaint) => {
    expect(judgeFailover(evidence).wrong).toContain(complaint);
  });
});

describe('the terminal that the narrator shares with a live picture', () => {
  const draw = (lines: string[], over = 0) =>
    `${over > 0 ? `\u001b[${over}A\r\u001b[J` : ''}${lines.map((line) => `${line}\n`).join('')}`;

  function shared() {
    let written = '';
    const terminal = new SharedTerminal((text) => {
      written += text;
    });
    return { terminal, screen: () => screenOf(written) };
  }

  /** What a terminal shows after `\u001b[nA\r\u001b[J` and lines. */
  function screenOf(written: string): string[] {
    const lines: string[] = [];
    // biome-ignore lint/suspicious/noControlCharactersInRegex: this is what a terminal reads
    for (const [, up, text = ''] of written.matchAll(/(?:\u001b\[(\d+)A\r\u001b\[J)|([^\n\u001b]*)\n/g)) {
      if (up === undefined) lines.push(text);
      else lines.splice(lines.length - Number(up));
    }
    return lines;
  }

  it('puts what is said above the picture, and the next picture where it was', () => {
    const { terminal, screen } = shared();
    terminal.begin(true);
    terminal.pass('plan\n');
    terminal.pass(draw(['bar 0/2', 'batch']));
    terminal.pass(draw(['bar 1/2', 'batch'], 2));
    terminal.say('killed');
    expect(screen()).toEqual(['plan', 'killed', 'bar 1/2', 'batch']);
    terminal.pass(draw(['bar 2/2'], 2));
    terminal.say('over');
    expect(screen()).toEqual(['plan', 'killed', 'over', 'bar 2/2']);
  });

  it('holds back what is said before it knows where the picture begins', () => {
    const { terminal, screen } = shared();
    terminal.begin(true);
    terminal.pass(`plan\n${draw(['bar 0/2'])}`);
    terminal.say('killed');
    expect(screen()).toEqual(['plan', 'bar 0/2']);
    terminal.pass(draw(['bar 1/2'], 1));
    expect(screen()).toEqual(['plan', 'killed', 'bar 1/2']);
  });

  it('loses nothing that was held back when the command ends', () => {
    const { terminal, screen } = shared();
    terminal.begin(true);
    terminal.pass('refused\n');
    terminal.say('killed');
    terminal.end();
    terminal.say('over');
    expect(screen()).toEqual(['refused', 'killed', 'over']);
  });

  it('writes line after line where nothing is redrawn', () => {
    const { terminal, screen } = shared();
    terminal.begin(false);
    terminal.pass('ok: a\n');
    terminal.say('killed');
    terminal.pass('ok: b\n');
    expect(screen()).toEqual(['ok: a', 'killed', 'ok: b']);
  });
});
