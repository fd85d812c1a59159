import { describe, expect, it } from 'vitest';
import { settingsOf, systemd } from './on-node.js';
import { onShell, shells } from './on-shell.js';

const KEYSTONE = 5000;

/** The addresses that Keystone is asked at, sorted, of a host whose `ss` prints these local addresses. */
async function asked(shell: readonly string[], listening: readonly string[], address = '10.20.0.3'): Promise<string[]> {
  const settings = settingsOf({ address });
  const lines = listening.map((local) => `LISTEN 0 128 ${local} 0.0.0.0:*`).join('\n');
  const states = (await systemd({ 'keystone.service': {} }, settings)).split('\n-- active')[0];
  const { argv } = await onShell(shell, ['keystone-node'], settings, {
    programs: {
      systemctl: `case "$*" in *list-units*) ;; *) cat <<'STATES'\n${states}\nSTATES\n;; esac`,
      ss: `cat <<'SOCKETS'\nState Recv-Q Send-Q Local Address:Port Peer Address:Port\n${lines}\nSOCKETS`,
      curl: 'echo 200',
    },
  });
  return [...argv.matchAll(new RegExp(`^curl .* http://(\\S+):${KEYSTONE}/$`, 'gm'))]
    .map(([, at = '']) => at)
    .toSorted();
}

describe.each(shells)('a service on its own host, found by %s', (...shell) => {
  it('is asked at the node’s own address, and not at a VIP that any controller may answer', async () => {
    expect(await asked(shell, ['10.20.0.100:5000', '10.20.0.3:5000', '10.20.0.101:5000'])).toEqual(['10.20.0.3']);
  });

  it('is asked there too where it listens everywhere, as old and new tools write it', async () => {
    for (const everywhere of ['*:5000', '0.0.0.0:5000', ':::5000', '[::]:5000'])
      expect(await asked(shell, [everywhere, '10.20.0.4:50001']), everywhere).toEqual(['10.20.0.3']);
  });

  it('is asked where it listens when that is on another network', async () => {
    expect(await asked(shell, ['192.168.0.3:5000', '127.0.0.1:5000'])).toEqual(['127.0.0.1', '192.168.0.3']);
    expect(await asked(shell, ['[fd00::3]:5000'], 'fd00::3')).toEqual(['[fd00::3]']);
  });

  it('is not asked at all where nothing listens', async () => {
    expect(await asked(shell, ['10.20.0.3:22', '10.20.0.3:15000'])).toEqual([]);
  });
});
