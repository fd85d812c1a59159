import Mustache from 'mustache';
import { type AuditEvent, listedIn, TURNS } from '../../domain/audit/event.js';
import { tame, viewOf } from '../../domain/audit/event-view.js';
import type { Channel } from '../../domain/notifications.js';

/** A run that people are told of. */
export interface Notification {
  event: 'paused' | 'needs-person' | 'ended';
  /** `<workflow id>@<8 characters of its first run id>`. */
  run: string;
  cloud: string;
  operation: string;
  target: string;
  /** One sentence for a person. */
  summary: string;
}

export interface Words {
  subject: string;
  body: string;
}

/** Makes what is not ours, such as the output of hosts, harmless for who reads it. */
type Escape = (text: string) => string;

/** What a channel delivers, each in the form that it needs. */
export interface Message {
  /** The same at every attempt. */
  id: string;
  cloud: string;
  /** When it was decided to tell it; the same at every attempt. */
  at: Date;
  /** What else is about the same has the same; nothing when it is about many things. */
  thread: string | undefined;
  /** For programs: the JSON that docs/notifications.md describes. */
  document: Record<string, unknown>;
  /** For people. */
  words(harmless: Escape): Words;
}

const asItIs: Escape = (text) => text;

/** One sentence about a run. */
export const runMessage = (notification: Notification, { id, at }: { id: string; at: Date }): Message => ({
  id,
  cloud: notification.cloud,
  at,
  thread: `run ${notification.run}`,
  document: { ...notification, id },
  words: (harmless) => render(ABOUT_RUN, runView(notification), harmless),
});

const runView = ({ event, cloud, operation, target, summary, run }: Notification) => ({
  cloud,
  operation,
  target: tame(target),
  state: STATES[event],
  summary: tame(summary),
  run: tame(run),
});

const STATES: Record<Notification['event'], string> = {
  paused: 'is paused',
  'needs-person': 'needs a person',
  ended: 'has ended',
};

/** What has changed in the findings of a cloud. A test says in every form that it is one. */
export function findingsMessage(
  event: AuditEvent,
  { template, isTest }: { template: Channel['template']; isTest: boolean },
) {
  const words = (harmless: Escape): Words => {
    const own = { subject: template?.subject ?? ABOUT_FINDINGS.subject, body: template?.body ?? ABOUT_FINDINGS.body };
    const { subject, body } = render(own, viewOf(event), harmless);
    return isTest ? { subject: `[test] ${subject}`, body: `This is a test of ostler.\n\n${body}` } : { subject, body };
  };
  const { subject, body } = words(asItIs);
  return {
    id: event.id,
    cloud: event.cloud,
    at: new Date(event.at),
    thread: threadOf(event),
    document: { event: isTest ? 'test' : 'findings', ...event, subject, text: body },
    words,
  } satisfies Message;
}

/** An event about one finding belongs with all others about it, until it comes up anew. */
function threadOf(event: AuditEvent): string | undefined {
  if (listedIn(event) !== 1 || event.omitted > 0) return undefined;
  const [finding] = TURNS.flatMap((turn) => event[turn]);
  return finding && `finding ${finding.key} since ${finding.since}`;
}

function render({ subject, body }: Words, view: object, harmless: Escape): Words {
  const one = (template: string): string =>
    Mustache.render(template, view, {}, { escape: (value) => harmless(String(value)) });
  return { subject: one(subject).replace(/\s+/g, ' ').trim(), body: `${one(body).trim()}\n` };
}

const ABOUT_RUN: Words = {
  subject: '{{cloud}}: {{operation}} {{target}} {{state}}',
  body: '{{summary}}\n\nostler show {{run}}',
};

/** What is said of findings where a site has no template of its own. */
const ABOUT_FINDINGS: Words = {
  subject: '{{cloud}}: {{headline}}',
  body: `{{#opened}}
New {{severity}}: {{what}}
{{#next}}
  → {{next}}
{{/next}}
  {{key}}, since {{since}}

{{/opened}}
{{#worsened}}
Worse, now {{severity}}: {{what}}
{{#next}}
  → {{next}}
{{/next}}
  {{key}}, since {{since}}

{{/worsened}}
{{#eased}}
Better, now {{severity}}: {{what}}
  {{key}}, since {{since}}

{{/eased}}
{{#resolved}}
Resolved: {{what}}
  {{key}}, since {{since}}

{{/resolved}}
{{#omitted}}
And {{omitted}} more.

{{/omitted}}
There is now: {{now}}.
{{run}}, {{at}}
`,
};
