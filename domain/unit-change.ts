import { type Fence, type IntentFacts, sameFence, type UnitFacts } from './intent.js';

/** What may be asked of a unit beside a restart. `start` never enables, and `stop` never disables. */
export const unitVerbs = ['start', 'stop', 'enable', 'disable'] as const;
export type UnitVerb = (typeof unitVerbs)[number];

export const isUnitVerb = (verb: string): verb is UnitVerb => (unitVerbs as readonly string[]).includes(verb);

/** What a read for such a change tells of a unit, beside what a restart needs. */
export interface UnitReading extends UnitFacts {
  /** UnitFileState: enabled, disabled, static, masked, ...; empty where there is no file. */
  fileState: string;
  /** Type: simple, notify, oneshot, ... */
  type: string;
  /** How the last main process ended: 0 when it has not, 1 exited, 2 killed, 3 dumped core. */
  mainCode: number;
  /** Its exit status, or the signal that killed it. */
  mainStatus: number;
  /** When it ended, in microseconds since boot; 0 when it has not. */
  mainEndedUs: number;
  /** When the unit last left `active`, in microseconds since boot; 0 when it never has. */
  leftActiveUs: number;
}

/** What one unit must still look like for its change to be sent, recorded in history before anything is. */
export interface UnitTicket {
  /** Catalogue id. */
  target: string;
  fence: Fence;
  /** Units that it needs and that had failed before we came. */
  failedNeeds: string[];
  fileState: string;
  /** systemd starts it again and again, and each time it is another life: a stop means whichever there is. */
  restless?: true;
}

/** What a change came to, read from the host alone (design, rule 2). */
export type ChangeVerdict =
  | { kind: 'reached'; byUs: boolean }
  | { kind: 'still-running' }
  | { kind: 'failed'; exitStatus: number }
  /** It was done, and somebody has done the opposite since. */
  | { kind: 'undone' }
  /** Somebody else was at it, and it is not as wanted. */
  | { kind: 'overtaken'; why: string; isRebooted?: true }
  | { kind: 'never-arrived' };

export const isRunning = ({ active }: Pick<UnitFacts, 'active'>): boolean =>
  active === 'active' || active === 'reloading';

/** systemd starts it at boot. A link for this boot only is none. */
export const isEnabled = ({ fileState }: Pick<UnitReading, 'fileState'>): boolean =>
  fileState === 'enabled' || fileState === 'alias';

/** systemd can be told whether to start it at boot; of a unit without an install section it cannot. */
export const canBeEnabled = ({ fileState }: Pick<UnitReading, 'fileState'>): boolean =>
  ['enabled', 'enabled-runtime', 'disabled', 'alias'].includes(fileState);

/** It is in a loop of starts that fail, or on its way up without ever having been there. */
export const isRestless = ({ active, sub }: Pick<UnitFacts, 'active' | 'sub'>): boolean =>
  active === 'activating' && sub.startsWith('auto-restart');

/** The unit is as the verb wants it, whoever has made it so. */
export function isReached(verb: UnitVerb, unit: UnitReading): boolean {
  switch (verb) {
    case 'start':
      return isRunning(unit);
    case 'stop':
      return unit.active === 'inactive' || unit.active === 'failed';
    case 'enable':
      return isEnabled(unit);
    case 'disable':
      return unit.fileState === 'disabled';
  }
}

/**
 * Decides what became of a stop, an enable or a disable. A function of what the host says now and of what was recorded before anything
 * was sent: whoever asks, however late and however often, gets the same answer. A start is resolved as a restart is.
 */
export function resolveChange(
  verb: Exclude<UnitVerb, 'start'>,
  before: UnitTicket,
  now: UnitReading,
  intent: IntentFacts | undefined,
): ChangeVerdict {
  const reached = isReached(verb, now);
  if (intent) {
    if (intent.active === 'failed') return { kind: 'failed', exitStatus: intent.exitStatus };
    if (intent.sub !== 'exited') return { kind: 'still-running' };
    return reached ? { kind: 'reached', byUs: true } : { kind: 'undone' };
  }
  if (reached) return { kind: 'reached', byUs: false };
  if (now.fence.bootId !== before.fence.bootId)
    return { ...overtaken('the host has been rebooted since it was looked at'), isRebooted: true };
  if (verb === 'stop' && !before.restless && !sameFence(now.fence, before.fence))
    return overtaken('another hand has restarted it since it was looked at');
  if (verb !== 'stop' && now.fileState !== before.fileState)
    return overtaken(`somebody has made it ${now.fileState} since it was looked at`);
  return { kind: 'never-arrived' };
}

const overtaken = (why: string) => ({ kind: 'overtaken' as const, why });
