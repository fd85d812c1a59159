import { buildCommand, type FlagParametersForType } from '@stricli/core';
import type { OstlerContext } from '../context.js';
import { type OutputFlags, outputFlags, type SiteFlags, siteFlags } from '../flags.js';

/** Which of the inventory's nodes. */
export interface OnFlags {
  readonly on?: string;
}

export const onFlags: FlagParametersForType<OnFlags, OstlerContext> = {
  on: {
    kind: 'parsed',
    parse: String,
    optional: true,
    brief: 'Only these nodes: names, globs, role=, domain=, label.KEY=; "," adds, "&" narrows, "!" takes away [all]',
    placeholder: 'SELECTION',
  },
};

export interface NodesFlags extends SiteFlags, OutputFlags, OnFlags {}

export const nodesCommand = buildCommand<NodesFlags, [], OstlerContext>({
  docs: {
    brief: 'List the nodes of the inventory',
    fullDescription: [
      'List the nodes of ostler.yaml, in the order in which they would be worked on.',
      '',
      'Examples:',
      '  ostler nodes',
      "  ostler nodes --on 'role=compute&domain=rack-a,!compute-7'",
      '  ostler nodes --json',
    ].join('\n'),
  },
  parameters: { flags: { ...onFlags, ...siteFlags, ...outputFlags } },
  loader: async () => (await import('./nodes.impl.js')).nodes,
});
