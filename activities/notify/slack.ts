import type { Channel } from '../../domain/notifications.js';
import type { Message, Words } from './message.js';
import { post } from './post.js';

type Slack = Extract<Channel, { kind: 'slack' }>;

/** Slack's limits on the parts of a message, in characters, and how many parts of a long message are worth reading in a chat. */
const MOST = { header: 150, section: 3_000, sections: 10, text: 4_000 } as const;

/** Posts a message for people to Slack, or to what takes Slack's webhooks: there `text` is what is shown. */
export const postToSlack = ({ url }: Slack, message: Message): Promise<string> =>
  post({
    url,
    body: JSON.stringify(slackBody(message.words(escapeMrkdwn))),
    headers: { 'Ostler-Event-Id': message.id },
    // Slack says in one word what is wrong; anything longer may repeat the path.
    whyRefused: (answer) => /^[a-z_]{1,40}$/.exec(answer)?.[0],
  });

export function slackBody({ subject, body }: Words) {
  const sections = sectionsOf(body.trim());
  return {
    text: cut(`*${subject}*\n${body.trim()}`, MOST.text),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: cut(unescaped(subject), MOST.header), emoji: false } },
      ...sections.map((text) => ({ type: 'section', text: { type: 'mrkdwn', text } })),
    ],
  };
}

/** Slack's three control characters; and what calls everybody in chats that look for it in plain text. */
export const escapeMrkdwn = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/@(?=(?:all|channel|everyone|here)\b)/gi, '@\u200b');

/** A header is plain text, in which nothing is markup and so nothing is escaped. */
const unescaped = (text: string): string =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

/** The text in parts that Slack takes, broken between lines; the last says so when something was left out. */
function sectionsOf(text: string): string[] {
  const sections: string[] = [];
  for (const line of text.split('\n').map((one) => cut(one, MOST.section))) {
    const last = sections.at(-1);
    if (last !== undefined && last.length + 1 + line.length <= MOST.section)
      sections[sections.length - 1] = `${last}\n${line}`;
    else sections.push(line);
  }
  if (sections.length <= MOST.sections) return sections.filter((section) => section.trim() !== '');
  return [...sections.slice(0, MOST.sections - 1), '… there is more than fits here'];
}

/** At most so many characters, and no half of an escape or of a character at the end. */
function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${text.slice(0, most - 1).replace(/&[a-z]{0,3}$|[\ud800-\udbff]$/, '')}…`;
}
