import { parseRamp } from '../../domain/batches.js';
import { parseShare, type Share } from '../../domain/share.js';
import { duration, parsed } from '../flags.js';
import { parseClock, parseOn } from '../runs/request.js';

const shareForm = 'a number of hosts or a percentage, such as 2 or 20%';
const atLeastOne = (text: string): Share | undefined => {
  const share = parseShare(text);
  return share === 0 || share === '0%' ? undefined : share;
};

/** Flags that rollouts have in common; what a flag means there is said by each. */

export const selectionFlag = (brief: string) =>
  ({ kind: 'parsed', parse: parseOn, optional: true, brief, placeholder: 'SELECTION' }) as const;

export const batchFlag = parsed(
  'How many at a time; a ramp repeats its last [1,10%]',
  'SIZES',
  parseRamp,
  'sizes such as 3, 25% or 1,5,20%',
);

export const maxUnavailableFlag = (brief: string) => parsed(brief, 'N', atLeastOne, `${shareForm}, and at least 1`);

/** How many failures are borne, and what is done about one more. */
export const failureFlags = {
  maxFailures: parsed('How many hosts may fail before the run stops [0]', 'N', parseShare, shareForm),
  onFailure: {
    kind: 'enum',
    values: ['pause', 'abort'],
    optional: true,
    brief: 'Then wait for a person, or abort [pause]',
  },
} as const;

/** When a run begins nothing more, and when it waits no longer. */
export const deadlineFlags = {
  until: parsed('Start no new batch after this time of day', 'HH:MM', parseClock, 'a time of day such as 06:00'),
  pauseDeadline: duration('How long to wait for a person before aborting [24h]'),
};
