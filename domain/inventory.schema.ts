import { z } from 'zod';
import { auditSchema } from './audit/settings.schema.js';
import { catalogue } from './catalogue.js';
import { durationSchema } from './duration.schema.js';
import { address, hostName, httpUrl, path, port, secretReferenceSchema, unitName, word } from './fields.schema.js';
import { notifySchema } from './notifications.schema.js';
import { schedulesSchema } from './schedules.schema.js';
import { parseShare, type Share } from './share.js';

export const roleSchema = z.enum(['controller', 'compute', 'mongo', 'ceph-osd', 'eqlx', 'fuel']);
export const distributionSchema = z.enum(['rdo', 'debian', 'kolla']);

const userName = z.string().regex(/^[a-z_][a-z0-9_-]{0,31}$/, 'must be a POSIX user name');

/** Nothing waits for ever and nothing is probed all the time (design, rule 6): 1 s to 10 min. */
const connectionTime = durationSchema.refine((ms) => ms >= 1_000 && ms <= 600_000, 'must be between 1s and 10m');

/** A count of hosts or a percentage. */
export const shareSchema = z
  .union([z.int().min(0), z.string()], 'must be a whole number or a percentage, such as 2 or "20%"')
  .refine(
    (value) => parseShare(String(value)) !== undefined,
    'must be a whole number or a percentage, such as 2 or "20%"',
  )
  .transform((value) => parseShare(String(value)) as Share);

const proxyJump = z.strictObject({
  address: address.describe('Address of the bastion'),
  port: port.default(22),
  user: userName.optional().describe('By default the user of the host behind it'),
  identityFile: path.optional().describe('By default what proves us to the host behind it'),
  passphrase: secretReferenceSchema
    .optional()
    .describe('Where the passphrase of its identityFile is kept; without one of its own, that of the hosts behind it'),
});

const user = userName.describe('The account to log in as');
const identityFile = path.describe('Private key file, readable by its owner only; this or agent');
const passphrase = secretReferenceSchema.describe(
  'Where the passphrase of identityFile is kept: env:NAME or file:PATH',
);
const agent = z
  .union([z.literal(true), path], 'must be true, for the agent at SSH_AUTH_SOCK, or the path of its socket')
  .describe('true for the agent at SSH_AUTH_SOCK, or the path of its socket; this or identityFile');
const knownHosts = z
  .union([path, z.array(path).min(1)], 'must be a path or a list of paths')
  .describe('known_hosts files that hold every host key');
const connectTimeout = connectionTime.describe('Limit for one hop, from the first attempt to the end of login');
const keepalive = connectionTime.describe('Silence after which a connection is probed');

interface Identity {
  identityFile?: string | undefined;
  passphrase?: string | undefined;
  agent?: unknown;
}

const eitherFileOrAgent = [
  (ssh: Identity): boolean => ssh.identityFile === undefined || ssh.agent === undefined,
  'has both identityFile and agent; keep one',
] as const;

const passphraseOfFile = [
  (ssh: Identity): boolean => ssh.passphrase === undefined || ssh.identityFile !== undefined,
  'has a passphrase and no identityFile that it belongs to',
] as const;

export const sshSchema = z
  .strictObject({
    user,
    port: port.default(22),
    identityFile: identityFile.optional(),
    passphrase: passphrase.optional(),
    agent: agent.optional(),
    knownHosts: knownHosts.default('~/.ssh/known_hosts'),
    connectTimeout: connectTimeout.default(10_000),
    keepalive: keepalive.default(10_000),
    proxyJump: proxyJump.optional().describe('The bastion through which hosts are reached'),
  })
  .refine(...eitherFileOrAgent)
  .refine((ssh) => ssh.identityFile !== undefined || ssh.agent !== undefined, 'needs identityFile or agent')
  .refine(...passphraseOfFile);

/** What one node does otherwise. Nothing here has a default, which would hide the site's own setting. */
const nodeSshSchema = z
  .strictObject({
    user,
    port,
    identityFile,
    passphrase,
    agent,
    knownHosts,
    connectTimeout,
    keepalive,
    proxyJump: z.union([proxyJump, z.literal('none')]).describe('A bastion of its own, or none'),
  })
  .partial()
  .refine(...eitherFileOrAgent)
  .refine(...passphraseOfFile);

export const nodeSchema = z.strictObject({
  name: hostName.describe('How people, Nova and this tool call the host'),
  address: address.describe('Where SSH reaches it'),
  roles: z.array(roleSchema).min(1, 'needs at least one role'),
  failureDomain: word.default('default').describe('What fails together, such as a rack'),
  labels: z.record(word, word).default({}).describe('Words to select hosts by'),
  distribution: distributionSchema.optional().describe('A hint for this node; without one its units are looked up'),
  clusterName: hostName
    .optional()
    .describe('Its full name in Pacemaker, where its name is only the first label of that'),
  ssh: nodeSshSchema.optional().describe('What differs from the ssh settings of the site'),
});

/** Both are told to be the same host by that. */
const sameLabel = ({ name, clusterName = name }: { name: string; clusterName?: string | undefined }): boolean =>
  name.split('.', 1)[0]?.toLowerCase() === clusterName.split('.', 1)[0]?.toLowerCase();

const openStackSchema = z.union([
  z.strictObject({
    cloudsYaml: path.describe('A clouds.yaml as the openstack command reads it'),
    cloud: z.string().min(1, 'must not be empty').describe('Its entry'),
  }),
  z.strictObject({
    authUrl: httpUrl('must be a URL with http or https').describe('Keystone, such as https://vip:5000/v3'),
    username: z.string().min(1, 'must not be empty'),
    password: secretReferenceSchema.describe('Where the password is kept: env:NAME or file:PATH'),
    project: z.string().min(1, 'must not be empty'),
    userDomain: z.string().default('Default'),
    projectDomain: z.string().default('Default'),
    region: z.string().optional(),
    interface: z.enum(['public', 'internal', 'admin']).default('internal'),
    caFile: path.optional(),
  }),
]);

/** A path that may stand inside a command: nothing that a shell would read as more than a path. */
const socketPath = z.string().regex(/^\/[A-Za-z0-9._/-]{1,100}$/, 'must be an absolute path of plain characters');

/** The backends of Fuel's HAProxy (domain reference, B3), and the names that today's distributions have for the same services. */
const BACKENDS = [
  'horizon',
  'keystone-1',
  'keystone-2',
  'nova-api-1',
  'nova-api-2',
  'nova-api',
  'nova-metadata-api',
  'nova-novncproxy',
  'cinder-api',
  'glance-api',
  'glance-registry',
  'neutron',
  'placement',
  'ceilometer',
  'heat-api',
  'heat-api-cfn',
  'heat-api-cloudwatch',
  'mysqld',
  'rabbitmq',
];

const clusterSchema = z.strictObject({
  vips: z
    .array(word)
    .default(['vip__management', 'vip__public'])
    .describe('Resources of Pacemaker that are addresses of the cloud and may be moved'),
  resources: z
    .array(word)
    .default([...catalogue.values()].flatMap(({ resource }) => resource ?? []))
    .describe(
      'Resources of Pacemaker that are services and may be stopped, started and restarted on one controller; a clone by the name of the clone',
    ),
  backends: z.array(word).default(BACKENDS).describe('Backends of HAProxy that a controller may be taken out of'),
  haproxySockets: z
    .array(socketPath)
    .min(1, 'needs at least one path')
    .default(['/run/haproxy/admin.sock', '/var/lib/haproxy/stats'])
    .describe("Where HAProxy's admin socket may be; the first that answers is used"),
  powerStatus: z
    .array(z.string().min(1, 'must not be empty'))
    .min(1, 'needs a program')
    .optional()
    .describe(
      'Run on the worker with the name of a node as its last argument; prints "off" when that node has no power',
    ),
});

/** Each section of the file by itself. */
const sections = z.strictObject({
  cloud: word.describe('Name of the cloud; part of workflow ids and queue names'),
  distribution: z
    .enum(['auto', ...distributionSchema.options])
    .default('auto')
    .describe('Which unit names to expect; auto looks them up on each node'),
  ssh: sshSchema.describe('How hosts are reached'),
  nodes: z
    .array(nodeSchema.refine(sameLabel, { path: ['clusterName'], error: 'must begin with the same label as the name' }))
    .min(1, 'needs at least one node'),
  units: z
    .partialRecord(z.enum([...catalogue.keys()]), z.array(unitName).min(1, 'needs at least one unit name'))
    .default({})
    .transform((named) => named as Record<string, string[]>)
    .describe("A site's own unit names by catalogue id, tried before the catalogue's"),
  maxUnavailable: z
    .partialRecord(roleSchema, shareSchema)
    .default({})
    .describe('How many nodes of a role may be down, whatever the cause; 20 % of computes, 1 of any other role'),
  cluster: clusterSchema.prefault({}).describe("The controllers' cluster"),
  openstack: openStackSchema.optional().describe('Credentials for health checks against the Nova API'),
  notify: notifySchema.optional().describe('Who is told of runs that pause, need a person or end, and of findings'),
  audit: auditSchema.prefault({}).describe('What an audit asks, and when something is trouble'),
  schedules: schedulesSchema.default({}).describe('Audits that begin by themselves, by name; `ostler schedule apply`'),
});

export const inventorySchema = sections
  // Also when something else is wrong, so that everything is reported at once; a part may be missing or of any kind then.
  .superRefine(refuseTwins, { when: () => true })
  .superRefine(refuseIdlePassphrases);

/** One host listed twice would be restarted twice. What is no text is wrong by itself, and nobody's twin. */
function refuseTwins({ nodes, ssh }: Inventory, context: z.core.$RefinementCtx<Inventory>): void {
  if (!Array.isArray(nodes)) return;
  const names = new Map<string, number>();
  const addresses = new Map<string, number>();
  nodes.forEach((node, index) => {
    const refuse = (key: 'name' | 'address', first: number): void =>
      context.addIssue({
        code: 'custom',
        path: ['nodes', index, key],
        message: `${node[key]} is already the ${key} of nodes[${first}]; one host listed twice would be restarted twice`,
      });
    const sameName = claim(names, textOf(node?.name)?.toLowerCase(), index);
    const sameAddress = claim(addresses, endpoint(node, ssh), index);
    if (sameName !== undefined) refuse('name', sameName);
    else if (sameAddress !== undefined) refuse('address', sameAddress);
  });
}

/** Who had `key` before; otherwise it belongs to `index` from now on. */
function claim(owners: Map<string, number>, key: string | undefined, index: number): number | undefined {
  if (key === undefined) return undefined;
  const first = owners.get(key);
  if (first === undefined) owners.set(key, index);
  return first;
}

/** Where a node is really reached: nodes behind different bastions or ports may share an address. */
function endpoint(node: Node | undefined, site: SshSettings | undefined): string | undefined {
  const address = spelledOnce(node?.address);
  if (address === undefined) return undefined;
  const jump = node?.ssh?.proxyJump ?? site?.proxyJump;
  const bastion = typeof jump === 'object' ? [spelledOnce(jump?.address), portOf(jump)] : [];
  return [...bastion, address, portOf(node?.ssh) ?? portOf(site)].join(' ');
}

/** IPv6 has many spellings of one address, and one for each of IPv4; host names are the same in any case. */
function spelledOnce(address: unknown): string | undefined {
  const text = textOf(address);
  if (text === undefined) return undefined;
  const url = `http://[${/^[\d.]+$/.test(text) ? `::ffff:${text}` : text}]`;
  return URL.canParse(url) ? new URL(url).hostname : text.toLowerCase();
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

const portOf = (place: { port?: unknown } | null | undefined): number | undefined =>
  typeof place?.port === 'number' ? place.port : undefined;

/** A bastion's passphrase without a key file of its own is that of the hosts' key file; the keys of an agent need none. */
function refuseIdlePassphrases({ nodes, ssh: site }: Inventory, context: z.core.$RefinementCtx<Inventory>): void {
  const refuseIn = (path: PropertyKey[], ssh: Node['ssh']): void => {
    const jump = ssh?.proxyJump;
    if (typeof jump !== 'object' || jump.passphrase === undefined || jump.identityFile !== undefined) return;
    if (ssh?.agent === undefined && (ssh?.identityFile ?? site.identityFile) !== undefined) return;
    context.addIssue({ code: 'custom', path: [...path, 'ssh', 'proxyJump'], message: passphraseOfFile[1] });
  };
  refuseIn([], site);
  for (const [index, node] of nodes.entries()) refuseIn(['nodes', index], node.ssh);
}

export type Role = z.output<typeof roleSchema>;
export type Distribution = z.output<typeof distributionSchema>;
export type Node = z.output<typeof nodeSchema>;
export type SshSettings = z.output<typeof sshSchema>;
export type OpenStackSettings = NonNullable<z.output<typeof inventorySchema>['openstack']>;
/** `ostler.yaml`, parsed. Durations are milliseconds; paths are still as written. */
export type Inventory = z.output<typeof sections>;
