import { describe, expect, it } from 'vitest';
import { parseGaleraStatus } from '../../../activities/galera/status.js';
import { fixture } from '../pacemaker/recorded.js';

const of = (name: string) => parseGaleraStatus(fixture(`galera-26.4/${name}.txt`));

describe('the status of Galera 26.4, recorded', () => {
  const synced = {
    size: 3,
    status: 'Primary',
    stateUuid: '86cb07ce-e86f-11f1-9ae5-9f24db0fccb5',
    ready: true,
    connected: true,
    state: 'Synced',
    isSynced: true,
  };

  it('of a member that is well', () => {
    expect(of('synced')).toEqual(synced);
  });

  it('of a cluster that one has left in order is Primary, and smaller', () => {
    expect(of('two-synced')).toEqual({ ...synced, size: 2 });
  });

  it('of one that is desynced, as a donor is, is Primary and ready, and not Synced', () => {
    expect(of('desynced')).toEqual({ ...synced, state: 'Donor/Desynced', isSynced: false });
  });

  it('of one that is cut off is connected, and neither Primary nor ready', () => {
    expect(of('non-primary')).toEqual({
      ...synced,
      size: 1,
      status: 'non-Primary',
      ready: false,
      state: 'Initialized',
      isSynced: false,
    });
  });
});

describe('what is no status of Galera', () => {
  const rows = (change: Record<string, string> = {}): string =>
    Object.entries({
      wsrep_cluster_size: '3',
      wsrep_cluster_status: 'Primary',
      wsrep_cluster_state_uuid: 'u',
      wsrep_ready: 'ON',
      wsrep_connected: 'ON',
      wsrep_local_state_comment: 'Synced',
      ...change,
    })
      .map(([name, value]) => `${name}\t${value}\n`)
      .join('');

  it.each([
    ['nothing', '', /no wsrep_local_state_comment: it is not a member/],
    ['what a stopped server answers', fixture('galera-26.4/stopped.txt'), /not a member/],
    ['what one without a majority answers to anything else', fixture('galera-26.4/non-primary-select.txt'), /not a m/],
    ['a refusal', 'Permission denied\n', /not a member/],
    ['a database without Galera', 'wsrep_cluster_size\t0\n', /not a member/],
    ['a size that is no number, which is never too small', rows({ wsrep_cluster_size: 'many' }), /many.*no number/],
    ['an empty size', rows({ wsrep_cluster_size: '' }), /no number/],
  ])('%s, is refused', (_what, text, message) => {
    expect(() => parseGaleraStatus(text)).toThrow(message);
  });

  it('a status that breaks off is refused, or is not well', () => {
    const whole = fixture('galera-26.4/synced.txt').trimEnd();
    const well = Array.from({ length: whole.lastIndexOf('wsrep_ready') + 'wsrep_ready\tO'.length }, (_, length) => {
      try {
        const { ready } = parseGaleraStatus(whole.slice(0, length + 1));
        return ready;
      } catch {
        return false;
      }
    });
    expect(well).not.toContain(true);
  });

  it('an old one is read past carriage returns and other rows', () => {
    expect(parseGaleraStatus(`Warning: a password is insecure\r\n${rows().replaceAll('\n', '\r\n')}`)).toMatchObject({
      size: 3,
      isSynced: true,
      ready: true,
    });
  });
});
