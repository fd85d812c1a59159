import { chmod, copyFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FleetNode } from '../fleet-state.js';
import { must } from '../process.js';
import { type ApiService, apiServices, galeraCheckPort } from './services.js';

const lab = '/usr/local/lib/ostler-lab';
const galeraCheck = `${lab}/galera-check.py`;

/** Write the units of `node` that no package brings onto its disk at `root`, and enable them with MariaDB and RabbitMQ. */
export async function writeUnits(root: string, node: FleetNode): Promise<void> {
  const units: [string, string][] = [
    ['galera-check', galeraCheckUnit(node)],
    ...apiServices.map((api): [string, string] => [api.unit, apiUnit(api, node)]),
  ];
  for (const [name, text] of units) await writeFile(join(root, `usr/lib/systemd/system/${name}.service`), text);
  for (const { unit } of apiServices) {
    const page = join(root, pagesOf(unit), 'index.html');
    await mkdir(dirname(page), { recursive: true });
    await writeFile(page, `${unit} on ${node.name}\n`);
  }
  await copyFile(fileURLToPath(new URL('./galera-check.py', import.meta.url)), join(root, galeraCheck));
  await chmod(join(root, galeraCheck), 0o755);
  const enabled = ['mariadb', 'rabbitmq-server', 'epmd.socket', ...units.map(([name]) => name)];
  await must(['chroot', root, 'systemctl', 'enable', '--quiet', ...enabled]);
}

const pagesOf = (unit: string) => `${lab}/${unit}`;

const apiUnit = ({ unit, port }: ApiService, { address }: FleetNode) => `[Unit]
Description=OpenStack API (${unit})
After=network.target

[Service]
ExecStart=/usr/bin/busybox httpd -f -p ${address}:${port} -h ${pagesOf(unit)}

[Install]
WantedBy=multi-user.target
`;

const galeraCheckUnit = ({ address }: FleetNode) => `[Unit]
Description=Health of this Galera node over HTTP
After=network.target

[Service]
User=galera-check
ExecStart=${galeraCheck} ${address} ${galeraCheckPort}
Restart=always

[Install]
WantedBy=multi-user.target
`;
