import { buildCommand } from '@stricli/core';
import type { OstlerContext } from '../context.js';
import { type OutputFlags, outputFlags, type SiteFlags, siteFlags, toggle } from '../flags.js';
import { type OnFlags, onFlags } from './nodes.js';

export interface CheckFlags extends SiteFlags, OutputFlags, OnFlags {
  readonly learnHostKeys?: boolean;
}

export const checkCommand = buildCommand<CheckFlags, [], OstlerContext>({
  docs: {
    brief: 'Can every host be reached, and may we do our work there?',
    fullDescription: [
      'Log in to every host at once and look: host key, version of systemd, which units are there and under which name,',
      'whether sudo permits every command that Ostler would send, and whether the journal can be read. Changes nothing',
      'and needs no Temporal. Exit code 0: all well, 3: warnings, 4: errors.',
      '',
      'Examples:',
      '  ostler check',
      '  ostler check --on compute-1,compute-2',
      '  ostler check --on domain=rack-a --json',
      '  ostler check --learn-host-keys      show the keys of hosts nobody knows yet, and ask before trusting them',
    ].join('\n'),
  },
  parameters: {
    flags: {
      ...onFlags,
      learnHostKeys: toggle(
        'First show the fingerprints of unknown hosts and, once you agree, add them to known_hosts',
      ),
      ...siteFlags,
      ...outputFlags,
    },
  },
  loader: async () => (await import('./check.impl.js')).check,
});
