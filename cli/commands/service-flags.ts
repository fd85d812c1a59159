import type { FlagParametersForType } from '@stricli/core';
import type { OstlerContext } from '../context.js';
import { type ActorFlags, actorFlags, commonFlags, duration } from '../flags.js';
import type { LaunchFlags } from '../runs/launch.js';
import type { RolloutFlags } from '../runs/request.js';
import { launchFlags } from './launch-flags.js';
import { batchFlag, deadlineFlags, failureFlags, maxUnavailableFlag, selectionFlag } from './rollout-flags.js';

export interface ServiceFlags extends Omit<RolloutFlags, 'spread' | 'promote'>, LaunchFlags, ActorFlags {}

/** The flags of every change of services. */
export const serviceFlags: FlagParametersForType<ServiceFlags, OstlerContext> = {
  on: selectionFlag('Which hosts: compute-*,!compute-7 or role=compute [all that have it]'),
  batch: batchFlag,
  maxUnavailable: maxUnavailableFlag(
    "How many hosts of the role may be down, those to be stopped among them [the inventory's, else 20% of computes, 1 of others]",
  ),
  soak: duration('How long each unit must stay as wanted [10s]'),
  ...failureFlags,
  ...deadlineFlags,
  ...actorFlags,
  ...launchFlags,
  ...commonFlags,
};
