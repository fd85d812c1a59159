import { Document, type YAMLMap, type YAMLSeq } from 'yaml';
import { naturalOrder } from '../../domain/names.js';
import { furtherSections } from '../init.js';
import { jsonSchemaFile } from '../json-schema.js';
import { parseInventory } from '../load.js';
import type { Imported, ImportedHost, Login } from './hosts.js';
import { ROLES } from './roles.js';

/** What an `ostler.yaml` is made from. */
export interface ImportedInventory {
  cloud: string;
  hosts: Imported['hosts'];
  /** Where they come from, for the first comment: `the Ansible inventory /etc/kolla/multinode`. */
  source: string;
  /** Path or URL of the JSON Schema that editors complete the file with. Default: the one that came with this program. */
  schema?: string;
}

/**
 * The `ostler.yaml` that has these hosts, with comments on where they come from and what a person has to decide.
 * @param hosts as {@link settled} leaves them
 * @throws {InventoryError} when Ostler itself would not read it
 */
export function renderInventory({ cloud, hosts, source, schema = jsonSchemaFile() }: ImportedInventory): string {
  const site = siteLogin(hosts);
  const document = new Document({ cloud, ssh: { ...DEFAULTS, ...site, knownHosts: '~/.ssh/known_hosts' }, nodes: [] });
  document.commentBefore = [
    ` yaml-language-server: $schema=${schema}`,
    ` The cloud that Ostler looks after, from ${source}.`,
    ' Paths are relative to this file, and ~/ is your home folder.',
    ...toDecide(hosts).map((text) => ` To decide: ${text}`),
  ].join('\n');
  document.set('nodes', nodeList(document, [...hosts].sort(byRole), site));
  const [, ...later] = (document.contents as unknown as YAMLMap<{ spaceBefore: boolean }>).items;
  for (const { key } of later) key.spaceBefore = true;
  const text = `${document.toString({ lineWidth: 0, flowCollectionPadding: true })}\n${furtherSections(cloud)}`;
  parseInventory(text, 'ostler.yaml');
  return text;
}

/** What stands in place of a login that the source does not have. */
const DEFAULTS: Login = { user: 'ops', identityFile: '~/.ssh/id_ed25519' };

function toDecide(hosts: readonly ImportedHost[]): string[] {
  const unsaid = (['user', 'identityFile'] as const).flatMap((key) => {
    const silent = hosts.filter(({ ssh }) => ssh[key] === undefined).length;
    return silent > 0 ? [`ssh.${key}, which the source does not say for ${silent} of ${hosts.length} nodes`] : [];
  });
  return [
    ...unsaid,
    'failureDomain of each node, which is what fails together, such as a rack: { ..., failureDomain: rack-a }',
    ...(hosts.some(({ remark }) => remark !== undefined) ? ['what stands behind nodes as a comment'] : []),
  ];
}

const KEYS = ['user', 'port', 'identityFile', 'proxyJump'] as const satisfies (keyof Login)[];

/** What most hosts have, which is written once for all of them. */
function siteLogin(hosts: readonly ImportedHost[]): Login {
  const usual = KEYS.map((key) => {
    const counts = new Map<string, number>();
    for (const { ssh } of hosts) counts.set(spelled(ssh[key]), (counts.get(spelled(ssh[key])) ?? 0) + 1);
    const [most] = [...counts].sort(([, a], [, b]) => b - a);
    return [key, hosts.find(({ ssh }) => spelled(ssh[key]) === most?.[0])?.ssh[key]] as const;
  });
  return Object.fromEntries(usual.filter(([, value]) => value !== undefined));
}

/** What a host has otherwise than the site; one without a user or a key file takes the site's. */
function ownLogin({ ssh }: ImportedHost, site: Login): Record<string, unknown> {
  const without: { [Key in keyof Login]: unknown } = { ...DEFAULTS, ...site, port: 22, proxyJump: 'none' };
  const usual: typeof without = { ...without, ...site };
  const own = KEYS.map((key) => [key, ssh[key] ?? without[key]] as const);
  return Object.fromEntries(own.filter(([key, value]) => spelled(value) !== spelled(usual[key])));
}

/** One text for each value. */
const spelled = (value: unknown): string => JSON.stringify(value ?? null);

const rank = ({ roles }: ImportedHost): number => ROLES.indexOf(roles[0] as (typeof ROLES)[number]);

const headingOf = ({ roles, origin }: ImportedHost): string => ` ${roles.join(', ')}: from ${origin}`;

const byRole = (a: ImportedHost, b: ImportedHost): number =>
  rank(a) - rank(b) || naturalOrder(headingOf(a), headingOf(b)) || naturalOrder(a.name, b.name);

/** One line for each node, and a comment where the next ones have other roles, or have them from elsewhere. */
function nodeList(document: Document, hosts: readonly ImportedHost[], site: Login): YAMLSeq {
  const list = document.createNode([]) as YAMLSeq;
  let heading = '';
  for (const host of hosts) {
    const { name, address, roles, remark } = host;
    const ssh = ownLogin(host, site);
    const node = document.createNode(
      { name, address, roles, ...(Object.keys(ssh).length > 0 && { ssh }) },
      { flow: true },
    );
    if (headingOf(host) !== heading) node.commentBefore = headingOf(host);
    if (remark !== undefined) node.comment = ` ${remark}`;
    heading = headingOf(host);
    list.add(node);
  }
  return list;
}
