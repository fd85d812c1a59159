import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { settingsOf, systemd } from './on-node.js';
import { onShell, shells } from './on-shell.js';

const folder = mkdtempSync(join(tmpdir(), 'ostler-proofs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const EVERYWHERE = ['10.20.0.4', '10.20.0.5', '10.20.0.6'];

const path = { kolla: '/auth/login/', rdo: '/dashboard/auth/login/', debian: '/horizon/auth/login/' };

/** What is found of a Horizon that listens at these addresses, on a host whose curl is this. */
async function horizon(shell: readonly string[], curl: string, listening = ['10.20.0.3']) {
  const settings = settingsOf();
  const lines = listening.map((address) => `LISTEN 0 128 ${address}:80 0.0.0.0:*`).join('\n');
  const states = (await systemd({ 'apache2.service': {} }, settings)).split('\n-- active')[0];
  const { findings, argv } = await onShell(shell, ['horizon-node'], settings, {
    programs: {
      systemctl: `case "$*" in *list-units*) ;; *) cat <<'STATES'\n${states}\nSTATES\n;; esac`,
      ss: `cat <<'SOCKETS'\n${lines}\nSOCKETS`,
      curl,
    },
    files: { '/etc/openstack-dashboard/local_settings.py': '' },
  });
  return { evidence: findings.flatMap((one) => one.evidence), argv };
}

/** Waits, for a tenth of a second at a time, until all nine of three paths at three addresses have come. */
const untilAllAreHere = (
  marks: string,
): string => `echo here >>${marks}; left=30; while [ "$(wc -l <${marks})" -lt 9 ]; do
  left=$((left - 1)); [ $left -gt 0 ] || break; sleep 0.1; done`;

describe.each(shells)('an HTTP service, asked by %s', (...shell) => {
  it('is asked for all its paths everywhere at the same time, and every answer has its line', async () => {
    const marks = join(folder, shell.join('-'));
    const { evidence } = await horizon(shell, `${untilAllAreHere(marks)}\n[ $left -gt 0 ] && printf 503`, EVERYWHERE);
    expect(readFileSync(marks, 'utf8')).toBe('here\n'.repeat(9));
    expect(evidence).toMatchObject(
      EVERYWHERE.map((at) => ({ value: 'HTTP 503', command: `curl -i http://${at}:80${path.kolla}` })),
    );
  });

  it('that takes too long is told from one that ends the connection, and is asked once', async () => {
    const slow = await horizon(shell, `case "$*" in *${path.debian}) printf 000; exit 28 ;; *) printf 404 ;; esac`);
    expect(slow.evidence).toMatchObject([
      { value: 'no answer within 7 s', command: expect.stringContaining('/horizon/') },
    ]);
    expect(slow.argv).toContain('-m 7 ');
    expect(slow.argv).not.toContain('https:');
    const refused = await horizon(shell, 'printf 000; exit 7');
    expect(refused.evidence).toMatchObject([{ value: 'no answer' }]);
  });

  it('that speaks TLS alone has answered', async () => {
    for (const plain of ['printf 000; exit 52', 'printf 400'])
      expect((await horizon(shell, `case "$*" in *https:*) printf 200 ;; *) ${plain} ;; esac`)).evidence).toEqual([]);
  });

  it('that says 400 to an address and speaks no TLS has answered, too', async () => {
    const strict = 'case "$*" in *https:*) printf 000; exit 35 ;; *) printf 400 ;; esac';
    expect((await horizon(shell, strict)).evidence).toEqual([]);
  });

  it('whose TLS hangs has not', async () => {
    const hangs = 'case "$*" in *https:*) printf 000; exit 28 ;; *) printf 400 ;; esac';
    expect((await horizon(shell, hangs)).evidence).toMatchObject([{ value: 'no answer within 7 s' }]);
  });
});
