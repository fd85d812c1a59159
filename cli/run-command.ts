import type { TypedPositionalParameter } from '@stricli/core';
import type { OstlerContext } from './context.js';

/** The RUN argument of every command that has one. */
export const runArgument: TypedPositionalParameter<string, OstlerContext> = {
  parse: String,
  brief: 'A run: restart/prod/nova-compute@1a2b3c4d, its latest without @..., or just nova-compute',
  placeholder: 'RUN',
};
