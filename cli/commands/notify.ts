import { buildRouteMap } from '@stricli/core';
import type { OstlerContext } from '../context.js';
import { notifyTestCommand } from './notify-test.js';

/** What can be asked of the ways to a site's people. */
export const notifyRoutes = buildRouteMap<'test', OstlerContext>({
  routes: { test: notifyTestCommand },
  docs: {
    brief: "Try out how the site's people are told",
    fullDescription: [
      "Try out how the site's people are told of runs and findings, as notify in ostler.yaml says.",
      '',
      'Examples:',
      '  ostler notify test',
      '  ostler notify test on-call',
      '  ostler notify test --json',
    ].join('\n'),
  },
});
