import { buildCommand, type FlagParametersForType } from '@stricli/core';
import type { OstlerContext } from '../context.js';
import { type CommonFlags, commonFlags, toggle } from '../flags.js';

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

export interface NodesFlags extends CommonFlags, OnFlags {
  readonly detect?: boolean;
}

export const nodesCommand = buildCommand<NodesFlags, [], OstlerContext>({
  docs: {
    brief: 'List the nodes of the inventory',
    fullDescription: [
      'List the nodes of ostler.yaml, in the order in which they would be worked on. With --detect the worker reads each of them, and what',
      'is installed there is listed: whose unit names it has, which modules systemd runs, and which Pacemaker does.',
      '',
      'Examples:',
      '  ostler nodes',
      "  ostler nodes --on 'role=compute&domain=rack-a,!compute-7'",
      '  ostler nodes --detect --on role=controller',
      '  ostler nodes --json',
    ].join('\n'),
  },
  parameters: {
    flags: { ...onFlags, detect: toggle('Ask the nodes what is installed there, and who runs it'), ...commonFlags },
  },
  loader: async () => (await import('./nodes.impl.js')).nodes,
});
