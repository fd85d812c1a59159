import { buildCommand, type FlagParametersForType } from '@stricli/core';
import { catalogue, modules } from '../../domain/catalogue.js';
import { ALL_CONTROLLERS } from '../../domain/plan.js';
import type { OstlerContext } from '../context.js';
import { type ActorFlags, actorFlags, commonFlags, duration, parsed, toggle } from '../flags.js';
import type { LaunchFlags } from '../runs/launch.js';
import { parseRunReference } from '../runs/name.js';
import { parseModule, parseTarget, type RolloutFlags } from '../runs/request.js';
import { launchFlags } from './launch-flags.js';
import { batchFlag, deadlineFlags, failureFlags, maxUnavailableFlag, selectionFlag } from './rollout-flags.js';

export interface RestartFlags extends RolloutFlags, LaunchFlags, ActorFlags {
  readonly failedOf?: string;
  readonly module?: string;
}

const aRun = (text: string): string | undefined => parseRunReference(text) && text;

const flags: FlagParametersForType<RestartFlags, OstlerContext> = {
  on: selectionFlag('Which hosts: compute-*,!compute-7 or domain=rack-a&label.gen=2 [all of the role]'),
  failedOf: parsed(
    'The hosts that failed in another run',
    'RUN',
    aRun,
    'the name of a run, such as restart/prod/nova-compute@1a2b3c4d',
  ),
  module: {
    kind: 'parsed',
    parse: parseModule,
    optional: true,
    brief: 'With controllers: restart this module, or service, of each instead of rebooting it',
    placeholder: 'NAME',
    proposeCompletions: (partial: string) => [...modules.keys()].filter((name) => name.startsWith(partial)),
  },
  batch: batchFlag,
  spread: toggle('Take one host of each failure domain in turn'),
  maxUnavailable: maxUnavailableFlag(
    "How many hosts of the role may be down, whatever the cause [the inventory's, else 20% of computes]",
  ),
  soak: duration('How long each unit must stay up after its restart [10s]'),
  ...failureFlags,
  promote: toggle('After the first batch, wait for `ostler promote`'),
  ...deadlineFlags,
  ...actorFlags,
  ...launchFlags,
  ...commonFlags,
};

/** Services that are restarted by themselves. */
const alone = [...catalogue.values()]
  .filter(({ never, inTurn, turns }) => never === undefined && (!inTurn || turns))
  .map(({ id }) => id);

export const restartCommand = buildCommand({
  loader: async () => (await import('./restart.impl.js')).default,
  parameters: {
    flags,
    aliases: { y: 'yes' },
    positional: {
      kind: 'tuple',
      parameters: [
        {
          parse: parseTarget,
          brief: `A service, such as nova-compute, or its unit; or ${ALL_CONTROLLERS}, which are rebooted`,
          placeholder: 'TARGET',
          proposeCompletions: (partial: string) => [...alone, ALL_CONTROLLERS].filter((id) => id.startsWith(partial)),
        },
      ],
    },
  },
  docs: {
    brief: 'Restart a service on each host in turn',
    fullDescription: [
      'Restart a service on each host in turn: a bounded number at a time, each proven well before the next.',
      'Prints the plan, asks, starts, and shows how it goes. Ctrl-C stops the watching, never the operation.',
      '',
      `Services: ${alone.join(', ')}.`,
      ...[...catalogue.values()].flatMap(({ id, turns }) =>
        turns ? [`Of ${id} one host at a time: ${turns.between}.`] : [],
      ),
      `With \`${ALL_CONTROLLERS} --module\`: ${[...modules.keys()].join(', ')}, or one service; HAProxy sends a controller nothing new meanwhile.`,
      '',
      'Examples:',
      '  ostler restart nova-compute --dry-run',
      '  ostler restart nova-compute --reason "OPS-1: new oslo.messaging"',
      '  ostler restart nova-compute --on "domain=rack-a,!compute-7" --batch 1,25% --soak 30s --reason "..."',
      '  ostler restart libvirtd --on "compute-1*" --promote --until 06:00 --detach --yes --reason "..."',
      '  ostler restart ceph-osd --reason "OPS-6: new ceph.conf"',
      '  ostler restart mongod --reason "OPS-7: new mongod.conf"',
      '  ostler restart controllers --reason "OPS-3: new kernel"',
      '  ostler restart controllers --module glance --reason "OPS-4: new policy"',
      '  ostler restart nova-compute --failed-of restart/prod/nova-compute@1a2b3c4d --reason "second try"',
    ].join('\n'),
  },
});
