import { SEVERITIES } from './audit/finding.js';
import type { ChannelSettings, NotifySettings } from './notifications.schema.js';

export type { ChannelSettings, NotifySettings } from './notifications.schema.js';

/** One way to the people of a site, by its name. */
export type Channel = ChannelSettings & { name: string };

/** What a site has configured, whichever form it has: the first form is one channel named for what it is. */
export function channelsOf(notify: NotifySettings | undefined): Channel[] {
  if (notify === undefined) return [];
  if ('channels' in notify) return Object.entries(notify.channels).map(([name, channel]) => ({ name, ...channel }));
  const severities = [...SEVERITIES];
  return 'webhook' in notify
    ? [{ name: 'webhook', kind: 'webhook', url: notify.webhook, severities }]
    : [{ name: 'command', kind: 'command', command: notify.command, severities }];
}

/** What became of a test message. */
export interface ChannelTest {
  channel: string;
  kind: Channel['kind'];
  isDelivered: boolean;
  /** Who took it, or why nobody did. */
  said: string;
}
