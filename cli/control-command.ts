import { buildCommand, type Command } from '@stricli/core';
import type { ControlVerb } from '../domain/progress.js';
import type { OstlerContext } from './context.js';
import { type ActorFlags, actorFlags, type CommonFlags, commonFlags } from './flags.js';
import { runArgument } from './run-command.js';

export interface ControlFlags extends CommonFlags, ActorFlags {}

/** What differs between the six commands that steer a run. */
export interface ControlDocs {
  brief: string;
  /** Sentences and examples for `--help`. */
  description: readonly string[];
  /** Takes names of hosts after the run. */
  hosts: boolean;
}

/** Builds a command that sends a running rollout one control message and prints its answer. */
export function controlCommand(verb: ControlVerb, { brief, description, hosts }: ControlDocs): Command<OstlerContext> {
  return buildCommand<ControlFlags, string[], OstlerContext>({
    loader: async () => (await import('./control.impl.js')).steering(verb),
    parameters: {
      flags: { ...actorFlags, ...commonFlags },
      positional: hosts
        ? { kind: 'array', parameter: { ...runArgument, placeholder: 'RUN NODE' }, minimum: 1 }
        : { kind: 'array', parameter: runArgument, minimum: 1, maximum: 1 },
    },
    docs: {
      brief,
      fullDescription: description.join('\n'),
      customUsage: [`${hosts ? 'RUN [NODE...]' : 'RUN'} --reason TEXT`],
    },
  });
}
