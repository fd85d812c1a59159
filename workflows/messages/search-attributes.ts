import { defineSearchAttributeKey, type SearchAttributePair, type SearchAttributeUpdatePair } from '@temporalio/common';
import type { RolloutRequest } from '../../domain/plan.js';

const nodesKey = defineSearchAttributeKey('OstlerNodes', 'KEYWORD_LIST');

const cloudKey = defineSearchAttributeKey('OstlerCloud', 'KEYWORD');
const operationKey = defineSearchAttributeKey('OstlerOperation', 'KEYWORD');
const actorKey = defineSearchAttributeKey('OstlerActor', 'KEYWORD');

/** By what `ostler runs` and `ostler leases` find a run. */
export const runAttributes = ({
  cloud,
  operation,
  actor,
}: Pick<RolloutRequest, 'cloud' | 'operation' | 'actor'>): SearchAttributePair[] => [
  { key: cloudKey, value: cloud },
  { key: operationKey, value: operation },
  { key: actorKey, value: actor },
];

/** How a run ended, for `ostler runs --outcome`. */
export const outcomeAttribute = defineSearchAttributeKey('OstlerOutcome', 'KEYWORD');

/** The server's default limit of one search attribute's value (`limit.searchAttributesSizeOfValueLimit`), in bytes. */
const VALUE_LIMIT = 2_048;

/** The hosts of a run as a search attribute while they fit; a larger run is found through its plan. */
export function nodesAttribute(nodes: string[]): SearchAttributeUpdatePair | undefined {
  return JSON.stringify(nodes).length < VALUE_LIMIT ? { key: nodesKey, value: nodes } : undefined;
}
