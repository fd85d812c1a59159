import { createHash } from 'node:crypto';
import { activityInfo, heartbeat } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { AuditEvent } from '../../domain/audit/event.js';
import type { FindingSeverity } from '../../domain/audit/finding.js';
import type { Inventory } from '../../domain/inventory.js';
import { type Channel, channelsOf } from '../../domain/notifications.js';
import { quietUntil } from '../../domain/quiet-hours.js';
import { invalidRequest } from '../failures.js';
import { runCommand } from './command.js';
import { sendMail } from './email.js';
import { notDeliverable, notYet } from './failure.js';
import { findingsMessage, type Message, type Notification, runMessage } from './message.js';
import { postToSlack } from './slack.js';
import { postSigned } from './webhook.js';

export type { Notification } from './message.js';

/** A channel as it is at some moment, for whoever decides what it is told. */
export interface ChannelState {
  name: string;
  kind: Channel['kind'];
  /** Findings that it is told of. */
  severities: FindingSeverity[];
  /** When its quiet hours are over, in milliseconds since 1970; missing when it is not quiet. */
  quietUntil?: number;
  /** Findings that it is told of in its quiet hours all the same. */
  except: FindingSeverity[];
}

export interface Tell {
  channel: string;
  event: AuditEvent;
  /** It says of itself that it is a test. */
  isTest?: boolean;
}

/**
 * Tells the site's people, the way `notify:` of ostler.yaml says. Changes nothing in the cloud. A retry may tell them twice, which is better
 * than not at all: the id of what they are told stays the same. Nothing secret is in the errors.
 */
export const createNotifyActivities = ({ inventory }: { inventory: Pick<Inventory, 'notify'> }) => ({
  /** Tells every channel of a run; nobody when the site has not configured `notify:`. Who was told is not told again by a retry. */
  async notify(notification: Notification): Promise<void> {
    const channels = channelsOf(inventory.notify);
    const message = runMessage(notification, decidedHere());
    const told = new Set<string>((activityInfo().heartbeatDetails as string[] | undefined) ?? []);
    const tries = channels
      .filter(({ name }) => !told.has(name))
      .map(async (channel) => {
        await deliver(channel, message);
        heartbeat([...told.add(channel.name)]);
      });
    const failures = (await Promise.allSettled(tries)).flatMap((one) =>
      one.status === 'rejected' ? [one.reason] : [],
    );
    if (failures.length > 0) throw joined(failures);
  },

  /**
   * Tells one channel what has changed in the findings, whatever it wants to hear and whatever the time: that was decided before.
   * @returns who took it, for a person
   */
  async tell({ channel: name, event, isTest = false }: Tell): Promise<string> {
    const channels = channelsOf(inventory.notify);
    const channel = channels.find((one) => one.name === name);
    if (channel === undefined) {
      const known = channels.map((one) => one.name).join(', ') || 'none';
      throw invalidRequest(`there is no channel ${name} under notify in ostler.yaml; there is ${known}`);
    }
    return deliver(channel, findingsMessage(event, { template: channel.template, isTest }));
  },

  /** Every channel of the site, and whether its quiet hours last at a time, ISO 8601. Reads only the inventory. */
  async channelsAt({ at }: { at: string }): Promise<ChannelState[]> {
    return channelsOf(inventory.notify).map(({ name, kind, severities, quietHours }) => {
      const until = quietHours && quietUntil(quietHours, Date.parse(at));
      return {
        name,
        kind,
        severities,
        ...(until !== undefined && { quietUntil: until }),
        except: quietHours?.except ?? [],
      };
    });
  },
});

function deliver(channel: Channel, message: Message): Promise<string> {
  switch (channel.kind) {
    case 'webhook':
      return postSigned(channel, message);
    case 'slack':
      return postToSlack(channel, message);
    case 'email':
      return sendMail(channel, message);
    case 'command':
      return runCommand(channel, message);
  }
}

/** Id and time of what the run of an activity tells, the same at every attempt: a UUID of version 8, made from what names that activity. */
function decidedHere(): { id: string; at: Date } {
  const { workflowExecution, activityId, scheduledTimestampMs } = activityInfo();
  const hash = createHash('sha256').update(`${workflowExecution?.runId}/${activityId}`).digest('hex');
  const id = hash.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-8$3-8$4-$5');
  return { id, at: new Date(scheduledTimestampMs) };
}

/** Several failures as one, which is tried again when that may mend any of them. */
function joined(failures: readonly unknown[]): unknown {
  const [first] = failures;
  const ours = failures.filter((failure) => failure instanceof ApplicationFailure);
  if (failures.length === 1 || ours.length < failures.length) return first;
  const what = ours.map(({ message }) => message).join('; ');
  return ours.every(({ nonRetryable }) => nonRetryable) ? notDeliverable(what) : notYet(what);
}
