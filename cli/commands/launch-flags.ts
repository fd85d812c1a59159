import type { FlagParametersForType } from '@stricli/core';
import type { OstlerContext } from '../context.js';
import { type CommonFlags, parsed, toggle, yesFlag } from '../flags.js';
import type { LaunchFlags } from '../runs/launch.js';

const aHash = (text: string): string | undefined => (/^[0-9a-f]{4,64}$/.test(text) ? text : undefined);

/** How a run is begun, and whether it is watched: the same for every operation. */
export const launchFlags: FlagParametersForType<Omit<LaunchFlags, keyof CommonFlags>, OstlerContext> = {
  yes: yesFlag,
  dryRun: toggle('Print the plan and stop'),
  expect: parsed(
    'Refuse any plan but this one',
    'HASH',
    aHash,
    'the hash of a plan as --dry-run prints it, or its first digits',
  ),
  detach: toggle('Start and return; watch later'),
};
