/** Ids begin so, and the Temporal UI sorts by them: the schedules of a cloud stand together. */
export const schedulePrefix = (cloud: string): string => `ostler/${cloud}/`;

export const scheduleId = (cloud: string, name: string): string => `${schedulePrefix(cloud)}${name}`;

/** Who asks for what a schedule starts. */
export const scheduleActor = (name: string): string => `schedule ${name}`;

/** Memo key of a schedule that `ostler schedule apply` has made, and of no other. It stays as it was made: Temporal changes no schedule's memo. */
export const MADE_BY_MEMO = 'ostler';

/** Memo key of what a schedule starts, under which {@link AppliedMemo} stands. It is part of the schedule, and changes with it. */
export const APPLIED_MEMO = 'schedule';

/** What `ostler schedule apply` notes of itself. */
export interface AppliedMemo {
  name: string;
  /** Of everything that was asked for: what is found and has another one was edited by hand. */
  digest: string;
  actor: string;
  reason: string;
}
