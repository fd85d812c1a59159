import { describe, expect, it } from 'vitest';
import { okToStop } from '../../../activities/ceph/ok-to-stop.js';

const said = (exitCode: number, stderr = '', stdout = '') => okToStop({ exitCode, stderr, stdout });

/** What Ceph 16.2 says of one OSD of three, of two, and of a monitor of three; the third line is the beginning of what it says to what it does not know. */
describe('what Ceph says to `ok-to-stop`', () => {
  it('is leave where it ends well', () => {
    expect(said(0, '', '{"ok_to_stop":true,"osds":[0],"num_ok_pgs":9,"num_not_ok_pgs":0}')).toEqual({ state: 'given' });
    expect(said(0, 'quorum should be preserved (ceph-2,ceph-3) after stopping [ceph-1]')).toEqual({ state: 'given' });
  });

  it('is a refusal with its number', () => {
    const stderr = 'Error EBUSY: unsafe to stop osd(s) at this time (9 PGs are or would become offline)';
    expect(said(16, stderr)).toEqual({
      state: 'refused',
      why: 'unsafe to stop osd(s) at this time (9 PGs are or would become offline)',
    });
  });

  it('is left to the other gates where the version does not know the question', () => {
    expect(said(22, 'no valid command found; 10 closest matches:\nosd perf\nError EINVAL: invalid command')).toEqual({
      state: 'too-old',
    });
  });

  it('is no leave where nobody could ask', () => {
    expect(said(1, 'sudo: a password is required')).toMatchObject({ why: expect.stringContaining('`ostler sudoers`') });
    expect(said(124)).toMatchObject({ why: 'it did not say in time' });
    expect(said(2, 'Error ENOENT: "nope" does not exist')).toMatchObject({ why: '"nope" does not exist' });
    expect(okToStop(undefined)).toMatchObject({ why: 'it was not asked' });
  });
});
