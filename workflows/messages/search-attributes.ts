import { defineSearchAttributeKey, type SearchAttributeUpdatePair } from '@temporalio/common';

const nodesKey = defineSearchAttributeKey('OstlerNodes', 'KEYWORD_LIST');

/** How a run ended, for `ostler runs --outcome`. */
export const outcomeAttribute = defineSearchAttributeKey('OstlerOutcome', 'KEYWORD');

/** The server's default limit of one search attribute's value (`limit.searchAttributesSizeOfValueLimit`), in bytes. */
const VALUE_LIMIT = 2_048;

/** The hosts of a run as a search attribute while they fit; a larger run is found through its plan. */
export function nodesAttribute(nodes: string[]): SearchAttributeUpdatePair | undefined {
  return JSON.stringify(nodes).length < VALUE_LIMIT ? { key: nodesKey, value: nodes } : undefined;
}
