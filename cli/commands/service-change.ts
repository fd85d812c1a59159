import { buildCommand, type Command } from '@stricli/core';
import type { UnitVerb } from '../../domain/unit-change.js';
import type { OstlerContext } from '../context.js';
import { serviceArgument } from './service-argument.js';
import { type ServiceFlags, serviceFlags } from './service-flags.js';

const briefs: Record<UnitVerb, string> = {
  start: 'Start services that are down',
  stop: 'Stop services, and what needs them on the same host before them',
  enable: 'Have services come up with their hosts',
  disable: 'Have services not come up with their hosts',
};

const rules: Record<UnitVerb, readonly string[]> = {
  start: [
    'What is disabled at boot stays disabled, and is started only by its own name, like what runs on demand (cinder-backup).',
    'A Galera of which no member runs is not started: which one begins is for a person to say.',
    'What Pacemaker runs is let back where a ban keeps it off, whoever left that, but only by its own name: a start of its module, or of all,',
    'leaves bans as they are and names them. Nothing else that keeps it from running is changed.',
  ],
  stop: [
    'Nothing is disabled: it comes up again with its host. A stop of more hosts than may be down needs --max-unavailable, and',
    'none takes the majority of Galera or RabbitMQ away.',
    'What Pacemaker runs is kept off the controller by a ban, which stays until `ostler service start` with its own name; a stop of it on all',
    'controllers must be confirmed by typing its name. What there is one of in the cluster would only move, and is stopped on all controllers or not at all.',
  ],
  enable: ['Nothing is started. What Pacemaker runs must stay disabled, and is left out.'],
  disable: ['Nothing is stopped.'],
};

/** Builds the command of one verb. */
export const serviceChangeCommand = (verb: UnitVerb): Command<OstlerContext> =>
  buildCommand<ServiceFlags, [string], OstlerContext>({
    loader: async () => (await import('./service-change.impl.js')).changing(verb),
    parameters: {
      flags: serviceFlags,
      aliases: { y: 'yes' },
      positional: { kind: 'tuple', parameters: [serviceArgument] },
    },
    docs: {
      brief: briefs[verb],
      fullDescription: [
        `${briefs[verb]}, each unit at most once and proven on its host: a bounded number of hosts at a time.`,
        'Prints the plan, asks, starts, and shows how it goes. Ctrl-C stops the watching, never the operation.',
        ...rules[verb],
        'What Pacemaker runs is never touched by systemctl.',
        '',
        'Examples:',
        `  ostler service ${verb} glance --on controller-2 --dry-run`,
        `  ostler service ${verb} nova-compute --on compute-7 --reason "OPS-1: ..."`,
      ].join('\n'),
    },
  });
