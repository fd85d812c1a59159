import type { FlagParametersForType } from '@stricli/core';
import type { OstlerContext } from '../context.js';
import { text } from '../flags.js';

/** Files that a report is written to, beside what is printed. */
export interface ReportFlags {
  readonly html?: string;
  readonly junit?: string;
}

export const reportFlags: FlagParametersForType<ReportFlags, OstlerContext> = {
  html: text('Also write a page for a browser: one file, nothing else needed', 'FILE'),
  junit: text('Also write JUnit XML, a test case for each check and node', 'FILE'),
};
