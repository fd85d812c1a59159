import type { FlagParametersForType } from '@stricli/core';
import { parseDuration } from '../domain/duration.js';
import type { OstlerContext } from './context.js';

/** Where the site is described, and which cloud is meant. */
export interface SiteFlags {
  readonly inventory?: string;
  readonly cloud?: string;
}

/** Which Temporal server; what is left out comes from TEMPORAL_* and temporal.toml. */
export interface TemporalFlags {
  readonly address?: string;
  readonly namespace?: string;
  readonly profile?: string;
}

/** How results and errors are written. */
export interface OutputFlags {
  readonly json?: boolean;
  readonly debug?: boolean;
}

/** Who steers and why. */
export interface ActorFlags {
  readonly reason?: string;
  readonly actor?: string;
}

/** Flags of every command that talks to Temporal about a cloud. */
export interface CommonFlags extends SiteFlags, TemporalFlags, OutputFlags {}

/** A flag whose value is taken as it stands. */
export const text = (brief: string, placeholder: string) =>
  ({ kind: 'parsed', parse: String, optional: true, brief, placeholder }) as const;

/** A flag that is there or not. */
export const toggle = (brief: string) => ({ kind: 'boolean', optional: true, withNegated: false, brief }) as const;

export const siteFlags: FlagParametersForType<SiteFlags, OstlerContext> = {
  inventory: text(
    'The inventory [./ostler.yaml, $OSTLER_INVENTORY, ~/.config/ostler/ostler.yaml, /etc/ostler/ostler.yaml]',
    'FILE',
  ),
  cloud: text("The cloud [$OSTLER_CLOUD, else the inventory's]", 'NAME'),
};

export const temporalFlags: FlagParametersForType<TemporalFlags, OstlerContext> = {
  address: text('Temporal server [$TEMPORAL_ADDRESS, temporal.toml, localhost:7233]', 'HOST:PORT'),
  namespace: text('Temporal namespace [$TEMPORAL_NAMESPACE, temporal.toml, default]', 'NAME'),
  profile: text('Profile of temporal.toml [$TEMPORAL_PROFILE, default]', 'NAME'),
};

export const outputFlags: FlagParametersForType<OutputFlags, OstlerContext> = {
  json: toggle('Print one JSON document on stdout (docs/json.md)'),
  debug: toggle('Print stack traces of errors'),
};

export const actorFlags: FlagParametersForType<ActorFlags, OstlerContext> = {
  reason: text('Why: kept in the history beside your name', 'TEXT'),
  actor: text('Who you are [$OSTLER_ACTOR, else user@host]', 'NAME'),
};

export const yesFlag = toggle('Answer every question with yes');

export const commonFlags: FlagParametersForType<CommonFlags, OstlerContext> = {
  ...siteFlags,
  ...temporalFlags,
  ...outputFlags,
};

/**
 * A flag that is read by a function which answers undefined for what it does not understand.
 * @param form how a right value looks, for the message: `a duration with its unit, such as 10s or 2m`
 */
export const parsed = <T>(brief: string, placeholder: string, parse: (text: string) => T | undefined, form: string) =>
  ({ kind: 'parsed', parse: understood(parse, form), optional: true, brief, placeholder }) as const;

/** Turns a reader that answers undefined into one that throws, naming the form a value should have. */
export const understood =
  <T>(parse: (text: string) => T | undefined, form: string) =>
  (input: string): T => {
    const value = parse(input);
    if (value === undefined) throw new SyntaxError(`must be ${form}`);
    return value;
  };

export const durationForm = 'a duration with its unit, such as 10s, 2m or 1.5h';

/** A flag that holds a duration; milliseconds once parsed. */
export const duration = (brief: string, placeholder = 'TIME') =>
  parsed(brief, placeholder, parseDuration, durationForm);

/** Reads a whole number of at least 1. */
export function parseCount(input: string): number | undefined {
  return /^[1-9]\d{0,5}$/.test(input) ? Number(input) : undefined;
}
