import { describe, expect, it } from 'vitest';
import { settingsOf, systemd } from './on-node.js';
import { onShell, type ShellHost, shells } from './on-shell.js';

/** A word that a leak of it can be found by, with everything that is special in URLs, shells and awk. */
const PASSWORD = `x@7/%:?#'"\\$(id)&`;
const IN_URL = encodeURIComponent(PASSWORD).replaceAll("'", '%27');

const CONTROLLER = settingsOf();

/** A MySQL client that lets in whoever has the password. */
const client = `[ "$MYSQL_PWD" = ${`'${PASSWORD.replaceAll("'", `'\\''`)}'`} ] && exit 0
echo "ERROR 1045 (28000): Access denied (using password: YES)" >&2; exit 1`;

async function host(connection: string, programs: Record<string, string> = {}): Promise<ShellHost> {
  return {
    programs: {
      systemctl: `case "$*" in *list-units*) ;; *) cat <<'STATES'\n${(await systemd({ 'nova-api.service': {} })).split('\n-- active')[0]}\nSTATES\n;; esac`,
      mariadb: client,
      mysql: client,
      ...programs,
    },
    files: {
      '/etc/nova/nova.conf': `[DEFAULT]\n# connection = nothing\n[api_database]\nmax_retries = -1\n[database]\nconnection = ${connection}\n`,
    },
  };
}

describe.each(shells)('the login of a service, tried by %s', (...shell) => {
  it('takes the password from its configuration, and shows it nowhere', async () => {
    const there = await host(`mysql+pymysql://nova:${IN_URL}@[fd00::1]:3307/nova?charset=utf8`);
    const { findings, printed, argv } = await onShell(shell, ['database-login'], CONTROLLER, there);
    expect(findings).toEqual([]);
    expect(argv).toContain('--protocol=tcp -h fd00::1 -P 3307 -u nova -e SELECT 1 nova');
    for (const text of [printed, argv]) {
      expect(text).not.toContain(PASSWORD);
      expect(text).not.toContain(IN_URL);
    }
  });

  it('tells that it was refused, and not with what', async () => {
    const there = await host('mysql://nova:other-word@10.20.0.1/nova');
    const { findings, printed, argv } = await onShell(shell, ['database-login'], CONTROLLER, there);
    expect(findings).toMatchObject([{ severity: 'error', about: 'nova:database' }]);
    expect(`${JSON.stringify(findings)}${printed}${argv}`).not.toContain('other-word');
  });

  it('goes by a socket where the configuration says so', async () => {
    const there = await host(`mysql+pymysql://nova:${IN_URL}@localhost/nova?unix_socket=/run/mysqld%2Fmysqld.sock&x=1`);
    const { findings, argv } = await onShell(shell, ['database-login'], CONTROLLER, there);
    expect(findings).toEqual([]);
    expect(argv).toContain('--protocol=socket -S /run/mysqld/mysqld.sock -u nova');
  });
});

describe.each(shells)('a configuration file, read by %s', (...shell) => {
  const path = '/etc/neutron/neutron.conf';
  const file = [
    'loose = 1',
    '[DEFAULT]',
    'debug=True',
    '; old = 1',
    'service_plugins = router,',
    '   metering',
    'workers : 4',
    'workers = 8',
    '[keystone_authtoken]',
    'password = do-not-send-this',
    'admin_token = nor-this',
    '[agent]',
    'root_helper = sudo neutron-rootwrap',
  ].join('\r\n');
  const config = (entries: Record<string, string | number | boolean | null>, ignore: string[] = ['*']) =>
    settingsOf({ section: { configs: [{ path, roles: ['controller'], entries, ignore }] } });

  it('is well with the values that ostler.yaml has', async () => {
    const entries = {
      'DEFAULT.debug': true,
      'DEFAULT.service_plugins': 'router, metering',
      'DEFAULT.workers': 8,
      'keystone_authtoken.password': null,
      'agent.root_helper': 'sudo neutron-rootwrap',
    };
    const { findings } = await onShell(shell, ['configs'], config(entries), { files: { [path]: file } });
    expect(findings).toEqual([]);
  });

  it('tells what differs, lacks and is more, and sends no value that nobody asked for', async () => {
    const settings = config({ 'DEFAULT.debug': false, 'DEFAULT.state_path': '/x' }, ['DEFAULT.*', 'agent.*', '.loose']);
    const { findings, printed } = await onShell(shell, ['configs'], settings, { files: { [path]: file } });
    expect(findings).toMatchObject([
      {
        severity: 'error',
        about: `${path}:DEFAULT.debug`,
        evidence: [{ value: 'DEFAULT.debug = True', threshold: 'false' }],
      },
      { severity: 'warn', about: `${path}:missing`, what: expect.stringContaining('DEFAULT.state_path') },
      { severity: 'warn', about: `${path}:more`, what: expect.stringContaining('keystone_authtoken.password') },
    ]);
    for (const value of ['do-not-send-this', 'nor-this', 'neutron-rootwrap']) expect(printed).not.toContain(value);
  });

  it('that is not there is an error, and that may not be read is unknown', async () => {
    const sudo = 'shift; exec "$@"';
    expect((await onShell(shell, ['configs'], config({}), { programs: { sudo } })).findings).toMatchObject([
      { severity: 'error', what: `there is no ${path} on node-1` },
    ]);
    const refuses = 'echo "sudo: a password is required" >&2; exit 1';
    expect((await onShell(shell, ['configs'], config({}), { programs: { sudo: refuses } })).findings).toMatchObject([
      { severity: 'unknown', next: 'install what `ostler sudoers --role controller` prints' },
    ]);
  });
});
