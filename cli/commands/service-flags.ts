import type { FlagParametersForType } from '@stricli/core';
import { parseRamp } from '../../domain/batches.js';
import { parseShare, type Share } from '../../domain/share.js';
import type { OstlerContext } from '../context.js';
import { type ActorFlags, actorFlags, commonFlags, duration, parsed } from '../flags.js';
import type { LaunchFlags } from '../runs/launch.js';
import { parseClock, parseOn, type RolloutFlags } from '../runs/request.js';
import { launchFlags } from './launch-flags.js';

export interface ServiceFlags extends Omit<RolloutFlags, 'spread' | 'promote'>, LaunchFlags, ActorFlags {}

const shareForm = 'a number of hosts or a percentage, such as 2 or 20%';
const atLeastOne = (text: string): Share | undefined => {
  const share = parseShare(text);
  return share === 0 || share === '0%' ? undefined : share;
};

/** The flags of every change of services. */
export const serviceFlags: FlagParametersForType<ServiceFlags, OstlerContext> = {
  on: {
    kind: 'parsed',
    parse: parseOn,
    optional: true,
    brief: 'Which hosts: compute-*,!compute-7 or role=compute [all that have it]',
    placeholder: 'SELECTION',
  },
  batch: parsed(
    'How many at a time; a ramp repeats its last [1,10%]',
    'SIZES',
    parseRamp,
    'sizes such as 3, 25% or 1,5,20%',
  ),
  maxUnavailable: parsed(
    "How many hosts of the role may be down, those to be stopped among them [the inventory's, else 20% of computes, 1 of others]",
    'N',
    atLeastOne,
    `${shareForm}, and at least 1`,
  ),
  soak: duration('How long each unit must stay as wanted [10s]'),
  maxFailures: parsed('How many hosts may fail before the run stops [0]', 'N', parseShare, shareForm),
  onFailure: {
    kind: 'enum',
    values: ['pause', 'abort'],
    optional: true,
    brief: 'Then wait for a person, or abort [pause]',
  },
  until: parsed('Start no new batch after this time of day', 'HH:MM', parseClock, 'a time of day such as 06:00'),
  pauseDeadline: duration('How long to wait for a person before aborting [24h]'),
  ...actorFlags,
  ...launchFlags,
  ...commonFlags,
};
