import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FleetNode } from '../fleet-state.js';
import type { LabHost } from '../host.js';
import { vipAddress } from '../pacemaker/index.js';
import { until } from '../wait.js';
import { amqpPort, apiServices, galeraCheckPort, galeraPort, mysqldPort, rabbitmqPort, statsPort } from './services.js';

/** What whoever opens HAProxy's socket may do: `user` may look, `admin` may also drain servers. */
export type SocketLevel = 'user' | 'admin';

const configFile = 'etc/haproxy/haproxy.cfg';
const socket = '/run/haproxy/admin.sock';
const socketLine = (level: SocketLevel) => `stats socket ${socket} mode 660 level ${level}`;

/** haproxy.cfg of controller `node`, in front of `members`, all controllers. */
export function haproxyConf(node: FleetNode, members: readonly FleetNode[], level: SocketLevel): string {
  const management = vipAddress('vip__management', node.address);
  const everywhere = [management, vipAddress('vip__public', node.address)];
  const listen = (name: string, vips: readonly string[], port: number, lines: readonly string[]) =>
    [`listen ${name}`, ...vips.map((vip) => `bind ${vip}:${port}`), ...lines].join('\n  ');
  const servers = (port: number, more = '', ofOthers = '') =>
    members.map(({ name, address }, index) => `server ${name} ${address}:${port} check${more}${index ? ofOthers : ''}`);
  return `global
  ${socketLine(level)}
  stats timeout 30s
  log /dev/log local0 notice
  chroot /var/lib/haproxy
  user haproxy
  group haproxy
  nbthread 1
  maxconn 1000

defaults
  log global
  timeout connect 3s
  timeout client 5m
  timeout server 5m
  timeout check 2s
  default-server inter 1s fastinter 500ms downinter 1s rise 2 fall 2

listen stats
  bind ${node.address}:${statsPort}
  mode http
  stats enable
  stats uri /

${apiServices
  .map(({ proxy, port }) => listen(proxy, everywhere, port, ['mode http', 'option httpchk GET /', ...servers(port)]))
  .join('\n\n')}

# One writer at a time: who fails loses its sessions, and so do the backups when the first is back.
${listen('mysqld', [management], mysqldPort, [
  'mode tcp',
  'option httpchk GET /',
  'default-server on-marked-down shutdown-sessions on-marked-up shutdown-backup-sessions',
  ...servers(galeraPort, ` port ${galeraCheckPort}`, ' backup'),
])}

${listen('rabbitmq', [management], amqpPort, ['mode tcp', ...servers(rabbitmqPort)])}
`;
}

/** Write {@link haproxyConf} onto the disk of `node` at `root`. HAProxy's unit stays disabled: Pacemaker starts it. */
export const writeHaproxy = (root: string, node: FleetNode, members: readonly FleetNode[], level: SocketLevel) =>
  writeFile(join(root, configFile), haproxyConf(node, members, level));

/** Let those who open HAProxy's socket on `host` only look (`user`) or also change things (`admin`), from now on. */
export async function haproxySocketLevel(host: LabHost, level: SocketLevel): Promise<void> {
  const file = join(host.paths.root, configFile);
  const before = await readFile(file, 'utf8');
  await writeFile(file, before.replace(/^ *stats socket .*$/m, `  ${socketLine(level)}`));
  const reload = await host.exec(['systemctl', 'reload', 'haproxy.service']);
  if (reload.code !== 0) throw new Error(`${host.name}: haproxy cannot be reloaded: ${reload.stderr.trim()}`);
  await until(`the socket of HAProxy on ${host.name} to be of level ${level}`, 60_000, async () => {
    return (await haproxyCommand(host, 'show cli level')).trim() === level;
  });
}

/** What HAProxy on `host` answers to `command` on its socket. Rejects while it does not run. */
export async function haproxyCommand(host: LabHost, command: string): Promise<string> {
  const { code, stdout, stderr } = await host.exec(['socat', 'stdio', socket], { input: `${command}\n` });
  if (code !== 0) throw new Error(`${host.name}: HAProxy does not answer: ${stderr.trim()}`);
  return stdout;
}

/** One row of HAProxy's statistics. */
export interface HaproxyRow {
  proxy: string;
  /** A server's name, or FRONTEND or BACKEND. */
  server: string;
  status: string;
  /** How the last health check of a server ended; empty before the first, and for frontends and backends. */
  check: string;
}

/** What the HAProxy of `host` sees: the harness's view, beside the one under test. */
export async function haproxyView(host: LabHost): Promise<HaproxyRow[]> {
  const [header = '', ...lines] = (await haproxyCommand(host, 'show stat')).trim().split('\n');
  const columns = header.replace(/^# /, '').split(',');
  return lines.map((line) => {
    const fields = line.split(',');
    const field = (name: string) => fields[columns.indexOf(name)] ?? '';
    // An asterisk marks a check that is going on at this moment.
    const check = field('check_status').replace(/^\* /, '');
    return { proxy: field('pxname'), server: field('svname'), status: field('status'), check };
  });
}
