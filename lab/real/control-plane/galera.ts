import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FleetNode } from '../fleet-state.js';
import type { LabHost } from '../host.js';

/** Makes systemd's EnvironmentFile of mariadb.service at boot, as galera_new_cluster does by hand. */
const bootstrapAtBoot = 'etc/tmpfiles.d/bootstrap-galera.conf';
const bootstrapFile = '/run/mariadb-wsrep-new-cluster';

/** Write the Galera node of `node` onto its disk at `root`; the first of `members` begins the cluster at its next boot. */
export async function writeGalera(root: string, node: FleetNode, members: readonly FleetNode[]): Promise<void> {
  await writeFile(
    join(root, 'etc/mysql/mariadb.conf.d/70-node.cnf'),
    `[mariadbd]
bind-address = ${node.address}
wsrep_node_name = ${node.name}
wsrep_node_address = ${node.address}
wsrep_cluster_address = gcomm://${members.map(({ address }) => address).join(',')}
# The others wait for the first, which may boot later than they do.
wsrep_provider_options = "gcache.size=16M; pc.wait_prim_timeout=PT5M"
`,
  );
  if (node.name !== members[0]?.name) return;
  await writeFile(
    join(root, bootstrapAtBoot),
    `f ${bootstrapFile} 0644 root root - _WSREP_NEW_CLUSTER=--wsrep-new-cluster\n`,
  );
}

/** To be called once the cluster runs: whoever began it joins it from now on, like the others. */
export async function bootstrapNoMore(host: LabHost): Promise<void> {
  await rm(join(host.paths.root, bootstrapAtBoot), { force: true });
  await host.exec(['rm', '-f', bootstrapFile]);
}

/** The `wsrep%` status variables of the Galera node on `host`. Rejects while its MariaDB is down. */
export async function galeraView(host: LabHost): Promise<Map<string, string>> {
  const rows = await sql(host, "SHOW GLOBAL STATUS LIKE 'wsrep%'");
  return new Map(
    rows.map((row) => {
      const [name = '', value = ''] = row.split('\t');
      return [name, value];
    }),
  );
}

/** Run `statement` as the database's root on `host` and return the rows, tab-separated. */
export async function sql(host: LabHost, statement: string): Promise<string[]> {
  const { code, stdout, stderr } = await host.exec(['mysql', '-N', '-B', '-e', statement]);
  if (code !== 0) throw new Error(`${host.name}: MariaDB refuses: ${stderr.trim()}`);
  return stdout.split('\n').filter(Boolean);
}
