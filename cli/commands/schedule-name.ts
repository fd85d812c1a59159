import type { TypedPositionalParameter } from '@stricli/core';
import type { OstlerContext } from '../context.js';

/** The NAME argument of every command about one schedule. */
export const scheduleArgument: TypedPositionalParameter<string, OstlerContext> = {
  parse: String,
  brief: 'A schedule, as `ostler schedule list` names it',
  placeholder: 'NAME',
};
