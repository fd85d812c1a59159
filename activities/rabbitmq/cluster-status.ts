import { z } from 'zod';
import type { RabbitmqView } from '../../domain/rabbitmq.js';
import { checked } from '../pacemaker/xml.js';
import { type ErlangTerm, parseErlangTerm } from './erlang-term.js';

const status = z.object({
  disk_nodes: z.array(z.string()),
  ram_nodes: z.array(z.string()).default([]),
  running_nodes: z.array(z.string()),
  partitions: z.union([z.record(z.string(), z.array(z.string())), z.array(z.unknown())]),
  alarms: z.array(z.unknown()).default([]),
});

/**
 * Reads `rabbitmqctl cluster_status`, as JSON (3.8 and later) or as the Erlang term that older ones print.
 * @throws {Error} when it is neither
 */
export function parseClusterStatus(text: string): RabbitmqView {
  const json = text.indexOf('{"');
  const term = text.indexOf('[{nodes');
  if (term >= 0 && (json < 0 || term < json)) return oldView(parseErlangTerm(text.slice(term)));
  if (json < 0) throw new Error(`RabbitMQ does not answer with its status: ${text.trim().slice(0, 120) || 'nothing'}`);
  const { disk_nodes, ram_nodes, running_nodes, partitions, alarms } = checked(
    JSON.parse(text.slice(json)),
    status,
    'the status of RabbitMQ',
  );
  return {
    members: [...disk_nodes, ...ram_nodes],
    running: running_nodes,
    partitions: Object.entries(partitions).map(
      ([node, lost]) => `${node} lost ${[lost].flat().map(String).join(', ')}`,
    ),
    alarms: alarms.map(alarmWords),
  };
}

const resourceAlarm = z.object({ node: z.string(), resource: z.string().optional(), type: z.string().optional() });

/** `rabbit@a: disk` of `{"node":"rabbit@a","resource":"disk","type":"resource_limit"}`; one of file descriptors has no resource. */
function alarmWords(alarm: unknown): string {
  const { success, data } = resourceAlarm.safeParse(alarm);
  const what = data?.resource ?? data?.type;
  if (success && what !== undefined) return `${data.node}: ${what}`;
  return typeof alarm === 'string' ? alarm : JSON.stringify(alarm);
}

/** `[{nodes,[{disc,[a,b]},{ram,[c]}]},{running_nodes,[a]},{partitions,[{a,[b]}]}]`. */
function oldView(term: ErlangTerm): RabbitmqView {
  const entries = new Map(
    listOf(term).flatMap((entry) => (isPair(entry) ? [[textOf(entry.tuple[0]), entry.tuple[1]]] : [])),
  );
  const atoms = (one: ErlangTerm | undefined): string[] => listOf(one).map(textOf);
  const members = listOf(entries.get('nodes')).flatMap((kind) => (isPair(kind) ? atoms(kind.tuple[1]) : []));
  if (members.length === 0) throw new Error('RabbitMQ names no nodes of its cluster');
  return {
    members,
    running: atoms(entries.get('running_nodes')),
    partitions: listOf(entries.get('partitions')).map((one) =>
      isPair(one) ? `${textOf(one.tuple[0])} lost ${atoms(one.tuple[1]).join(', ')}` : textOf(one),
    ),
    alarms: listOf(entries.get('alarms')).flatMap((one) =>
      isPair(one) && listOf(one.tuple[1]).length > 0
        ? [`${textOf(one.tuple[0])}: ${listOf(one.tuple[1]).map(limitOf).join(', ')}`]
        : [],
    ),
  };
}

interface Pair {
  tuple: [ErlangTerm, ErlangTerm];
}

/** A term as Erlang prints it, without the quotes. */
function textOf(term: ErlangTerm): string {
  if (typeof term === 'string') return term;
  return Array.isArray(term) ? `[${term.map(textOf).join(',')}]` : `{${term.tuple.map(textOf).join(',')}}`;
}

/** `memory`, which some print as `{resource_limit,memory,rabbit@a}`. */
const limitOf = (term: ErlangTerm): string =>
  typeof term === 'object' && 'tuple' in term ? textOf(term.tuple[1] ?? '') : textOf(term);

const listOf = (term: ErlangTerm | undefined): ErlangTerm[] => (Array.isArray(term) ? term : []);
const isPair = (term: ErlangTerm): term is Pair =>
  typeof term === 'object' && 'tuple' in term && term.tuple.length === 2;
