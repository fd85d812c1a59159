import type { LabHost } from '../host.js';
import { crm } from './crm.js';

/** What one node believes about the cluster, as its own crm_mon tells it; the harness's view, beside the one under test. */
export interface ClusterView {
  /** The coordinator this node knows, if any. */
  dc: string | undefined;
  /** Whether this node is in a partition that may run resources. */
  quorate: boolean;
  online: string[];
  standby: string[];
  /** Nodes on which an instance of the resource is started, by the primitive's id. */
  started: Record<string, string[]>;
}

/** Ask `host` itself. Rejects while its pacemaker is down. */
export async function clusterView(host: LabHost): Promise<ClusterView> {
  return readView(await crm(host, ['crm_mon', '--output-as=xml', '-1']));
}

/** Pure part of {@link clusterView}: `xml` as crm_mon 2.0.3 and later print it. */
export function readView(xml: string): ClusterView {
  const [, listed = ''] = /<nodes>(.*?)<\/nodes>/s.exec(xml) ?? [];
  const nodes = elements(listed, 'node');
  const named = (flag: string) => nodes.filter((node) => node[flag] === 'true').map(({ name = '' }) => name);
  const [dc] = elements(xml, 'current_dc');
  const started: ClusterView['started'] = {};
  for (const [, opening = '', inner = ''] of xml.matchAll(/<resource (.*?[^/])>(.*?)<\/resource>/gs)) {
    const { id = '', role } = attributes(opening);
    if (role !== 'Started') continue;
    started[id] = [...(started[id] ?? []), ...elements(inner, 'node').map(({ name = '' }) => name)];
  }
  return {
    dc: dc?.name,
    quorate: dc?.with_quorum === 'true',
    online: named('online'),
    standby: named('standby'),
    started,
  };
}

const elements = (xml: string, element: string) =>
  [...xml.matchAll(new RegExp(`<${element} ([^>]*)>`, 'g'))].map(([, inner = '']) => attributes(inner));

const attributes = (text: string): Record<string, string> =>
  Object.fromEntries([...text.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]));
