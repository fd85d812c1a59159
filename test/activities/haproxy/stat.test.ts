import { describe, expect, it } from 'vitest';
import { NotStatistics, parseStat } from '../../../activities/haproxy/stat.js';
import type { HaproxyServer } from '../../../domain/haproxy.js';
import { fixture } from '../pacemaker/recorded.js';

const of = (name: string) => parseStat(fixture(`${name}.csv`));
const serverOf = (name: string, proxy: string, server: string): HaproxyServer | undefined =>
  of(name).servers.find((one) => one.proxy === proxy && one.server === server);

describe('the statistics of HAProxy 2.6, recorded', () => {
  const proxies = ['stats', 'keystone-1', 'glance-api', 'nova-api', 'mysqld', 'rabbitmq'];

  it('have every frontend, backend and server, by the names of the configuration', () => {
    const { frontends, backends, servers } = of('haproxy-2.6/all-up');
    expect(frontends).toEqual(proxies.map((proxy) => ({ proxy, status: 'OPEN' })));
    expect(backends).toEqual(proxies.map((proxy) => ({ proxy, status: 'UP' })));
    expect(servers.map(({ proxy, server }) => `${proxy}/${server}`)).toEqual(
      proxies
        .slice(1)
        .flatMap((proxy) => ['controller-1', 'controller-2', 'controller-3'].map((server) => `${proxy}/${server}`)),
    );
    expect(servers.every(({ status }) => status === 'UP')).toBe(true);
  });

  it('tell the writer of the database from its backups', () => {
    const { servers } = of('haproxy-2.6/all-up');
    expect(servers.filter(({ isBackup }) => isBackup).map(({ proxy, server }) => `${proxy}/${server}`)).toEqual([
      'mysqld/controller-2',
      'mysqld/controller-3',
    ]);
  });

  it.each([
    ['disabled', 'MAINT'],
    ['going-down', 'UP 1/2'],
    ['down', 'DOWN'],
    ['coming-up', 'DOWN 1/2'],
  ])('of a server that is %s say %s, and nothing else is otherwise', (name, status) => {
    expect(serverOf(`haproxy-2.6/${name}`, 'keystone-1', 'controller-2')?.status).toBe(status);
    const { servers, ...rest } = of(`haproxy-2.6/${name}`);
    const { servers: healthy, ...all } = of('haproxy-2.6/all-up');
    expect(rest).toEqual(all);
    expect(servers.filter((one) => one.status !== 'UP')).toHaveLength(1);
    expect(servers).toHaveLength(healthy.length);
  });
});

it('of HAProxy 2.6 tell what somebody took out of service from what is down', () => {
  expect(of('haproxy-2.6/draining').servers.filter(({ status }) => status !== 'UP')).toEqual([
    { proxy: 'keystone-1', server: 'controller-2', status: 'MAINT', isBackup: false, sessions: 0 },
    { proxy: 'glance-api', server: 'controller-2', status: 'DRAIN', isBackup: false, sessions: 0 },
    { proxy: 'nova-api', server: 'controller-3', status: 'DOWN', isBackup: false, sessions: 0 },
    { proxy: 'mysqld', server: 'controller-2', status: 'MAINT', isBackup: true, sessions: 0 },
  ]);
});

it('of HAProxy 1.5, which has fewer columns and quotes a cell with a comma, are read by name', () => {
  expect(of('haproxy-1.5/draining').servers).toEqual([
    { proxy: 'mysqld', server: 'node-1', status: 'UP 2/3', isBackup: false, sessions: 12 },
    { proxy: 'mysqld', server: 'node-2', status: 'UP', isBackup: true, sessions: 0 },
    { proxy: 'mysqld', server: 'node-3', status: 'MAINT', isBackup: true, sessions: 0 },
    { proxy: 'keystone-1', server: 'node-1', status: 'UP', isBackup: false, sessions: 2 },
    { proxy: 'keystone-1', server: 'node-2', status: 'no check', isBackup: false, sessions: 2 },
    { proxy: 'keystone-1', server: 'node-3', status: 'MAINT', isBackup: false, sessions: 0 },
  ]);
});

describe('what is no statistics', () => {
  const whole = fixture('haproxy-2.6/all-up.csv');
  const lines = whole.split('\n');

  it.each([
    ['nothing', '', /it says nothing/],
    ['a refusal, with exit 0', fixture('haproxy-2.6/refused-level-user.txt'), /: Permission denied$/],
    ['another refusal', fixture('haproxy-2.6/no-such-server.txt'), /: No such server\.$/],
    ['a command that it does not know', 'Unknown command: "show stats", but maybe one of:\n', /Unknown command/],
    ['the page of a web server', '<html><body>OK</body></html>', /<html>/],
    ['a row that is none', `${lines[0]}\nkeystone-1\n\n`, /no row of HAProxy's statistics: keystone-1/],
    ['a row without a name', `${lines[0]}\n,controller-1,0\n\n`, /no row/],
    ['a quote that never ends', `${lines[0]}\nkeystone-1,"controller-1,0\n\n`, NotStatistics],
  ])('%s, is refused with what it says', (_what, text, message) => {
    expect(() => parseStat(text)).toThrow(NotStatistics);
    expect(() => parseStat(text)).toThrow(message);
  });

  it('an answer that breaks off, wherever, is refused: a server that is missing would be well', () => {
    const upTo = whole.trimEnd().length;
    const accepted = Array.from({ length: upTo }, (_, length) => whole.slice(0, length)).filter((text) => {
      try {
        return parseStat(text) !== undefined;
      } catch (error) {
        return !(error instanceof NotStatistics);
      }
    });
    expect(accepted).toEqual([]);
  });
});

it('reads rows that are longer or shorter than the first line, as long as they have what is asked', () => {
  const text = '# pxname,svname,scur,status,bck,\napi,a,1,UP,0,7,8,9,\napi,b,,UP,1\n\n';
  expect(parseStat(text).servers).toEqual([
    { proxy: 'api', server: 'a', status: 'UP', isBackup: false, sessions: 1 },
    { proxy: 'api', server: 'b', status: 'UP', isBackup: true, sessions: 0 },
  ]);
});
