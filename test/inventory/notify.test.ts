import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { InventoryError, loadInventory, parseInventory } from '../../inventory/load.js';
import { templateFault } from '../../inventory/templates.js';
import { folderWith } from './scratch.js';

const HEAD = `cloud: prod
ssh: { user: ops, agent: true }
nodes: [{ name: c1, address: 10.0.0.1, roles: [compute] }]
`;
const EMAIL = 'kind: email, from: o@example.org, to: [a@example.org]';

/** What is said of a channel, without where. */
function problemsOf(channel: string): string[] {
  try {
    parseInventory(`${HEAD}notify: { channels: { it: { ${channel} } } }\n`, 'ostler.yaml');
  } catch (error) {
    if (error instanceof InventoryError)
      return error.message.split('\n').map((line) => line.replace('ostler.yaml:4: notify.channels.it', 'it'));
    throw error;
  }
  return [];
}

describe('channels', () => {
  it('of every kind are taken, every path in them made absolute', async () => {
    const folder = await folderWith({
      'ostler.yaml': `${HEAD}notify:
  channels:
    hook: { kind: webhook, url: file:secrets/url, secret: file:secrets/key }
    chat: { kind: slack, url: env:SLACK_URL, severities: [error], template: { body: "{{headline}}" } }
    mail:
      kind: email
      smtp: { host: mail.example.org, user: o, password: file:secrets/mail, caFile: ca.pem }
      from: ostler@localhost
      to: [ops@example.org]
      quietHours: { from: "22:00", to: "07:00", timeZone: Europe/Berlin, days: [mon] }
    tool: { kind: command, command: [./tell, --loud] }
`,
    });
    const { notify } = await loadInventory(join(folder, 'ostler.yaml'));
    const severities = ['error', 'unknown', 'warn'];
    expect(notify).toEqual({
      channels: {
        hook: { kind: 'webhook', url: `file:${folder}/secrets/url`, secret: `file:${folder}/secrets/key`, severities },
        chat: { kind: 'slack', url: 'env:SLACK_URL', severities: ['error'], template: { body: '{{headline}}' } },
        mail: {
          kind: 'email',
          smtp: {
            host: 'mail.example.org',
            security: 'starttls',
            user: 'o',
            password: `file:${folder}/secrets/mail`,
            caFile: `${folder}/ca.pem`,
          },
          from: 'ostler@localhost',
          to: ['ops@example.org'],
          severities,
          quietHours: { from: '22:00', to: '07:00', timeZone: 'Europe/Berlin', days: ['mon'], except: ['error'] },
        },
        tool: { kind: 'command', command: [`${folder}/tell`, '--loud'], severities },
      },
    });
  });

  it.each([
    ['kind: slak, url: "https://c.example.org/"', 'it.kind: must be webhook, slack, email or command'],
    ['url: "https://c.example.org/"', 'it.kind: is missing'],
    ['kind: slack', 'it.url: is missing'],
    ['kind: slack, url: "https://c.example.org/", secret: env:X', 'it.secret: unknown key "secret"; '],
    ['kind: webhook, url: "https://c.example.org/", secret: hunter2', 'it.secret: must name where the secret is kept'],
    ['kind: command, command: []', 'it.command: needs a program'],
    [`${EMAIL}, smtp: { host: m, user: o }`, 'it.smtp: needs both user and password, or neither'],
    [
      `${EMAIL}, smtp: { host: m, user: o, password: env:P, security: none }`,
      'it.smtp.security: must be starttls or tls',
    ],
    [`${EMAIL}, smtp: { host: m, user: o, password: hunter2 }`, 'it.smtp.password: must name where the secret is kept'],
    [
      'kind: email, smtp: { host: m }, from: "o@example.org\\r\\nBcc: x@example.org", to: [a@example.org]',
      'it.from: must be an e-mail address',
    ],
    [
      'kind: email, smtp: { host: m }, from: o@example.org, to: ["A <a@example.org>"]',
      'it.to[0]: must be an e-mail address',
    ],
    ['kind: command, command: [x], severities: [fatal]', 'it.severities[0]: unknown severity "fatal"'],
    [
      'kind: command, command: [x], quietHours: { from: "9:00", to: "24:00", timeZone: UTC }',
      'it.quietHours.from: must be a time of the day',
    ],
    [
      'kind: command, command: [x], quietHours: { from: "22:00", to: "25:00", timeZone: UTC }',
      'it.quietHours.to: must be a time of the day',
    ],
    [
      'kind: command, command: [x], quietHours: { from: "22:00", to: "22:00", timeZone: UTC }',
      'it.quietHours.to: must differ from from',
    ],
    [
      'kind: command, command: [x], quietHours: { from: "00:00", to: "24:00", timeZone: UTC }',
      'it.quietHours.days: must leave a day out',
    ],
    [
      'kind: command, command: [x], quietHours: { from: "22:00", to: "07:00", timeZone: Mars/Base }',
      'it.quietHours.timeZone: is no time zone',
    ],
    [
      'kind: command, command: [x], template: { body: "{{#opened}}" }',
      'it.template.body: is no Mustache template: Unclosed section "opened"',
    ],
    [
      'kind: command, command: [x], template: { subject: "{{clod}}" }',
      'it.template.subject: has no variable "clod" here; did you mean cloud?',
    ],
  ])('{ %s } is refused', (channel, reason) => {
    const problems = problemsOf(channel);
    expect(problems).toEqual([expect.stringContaining(reason)]);
    expect(problems.join()).not.toContain('hunter2');
  });

  it('are one at least', () => {
    expect(() => parseInventory(`${HEAD}notify: { channels: {} }\n`, 'ostler.yaml')).toThrow(
      'notify.channels: needs at least one channel',
    );
  });
});

describe('a template', () => {
  it.each([
    '{{#opened}}{{what}} {{cloud}}{{#next}}{{next}}{{/next}}{{/opened}}{{^errors}}none{{/errors}}{{! words }}',
    'no variables at all',
    '{{=<% %>=}}<% headline %>',
  ])('may be %s', (text) => expect(templateFault(text)).toBeUndefined());

  it.each([
    ['{{#opened}}{{/resolved}}', 'Unclosed section'],
    ['{{what', 'Unclosed tag, at character'],
    ['{{what}}', 'has no variable "what" here'],
    ['{{#cloud}}{{node}}{{/cloud}}', 'has no variable "node" here; there are'],
    ['{{^opened}}{{node}}{{/opened}}', 'has no variable "node" here'],
    ['{{constructor}}', 'has no variable "constructor" here; there are id, cloud'],
    ['{{.}}', 'has no variable "." here'],
    ['{{{headline}}}', 'write {{headline}}'],
    ['{{& headline}}', 'write {{headline}}'],
    ['{{> other}}', 'cannot include another template'],
  ])('may not be %s', (text, reason) => expect(templateFault(text)).toContain(reason));
});
