import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeMrkdwn, slackBody } from '../../../activities/notify/slack.js';
import { aFinding, anEvent, channels, failureOf, receiver, tell } from './receivers.js';

const posted = async (event = anEvent(), template?: object) => {
  const { url, got } = await receiver();
  await tell(channels({ it: { kind: 'slack', url, ...(template && { template }) } }), { event });
  return JSON.parse(String(got[0]?.body)) as ReturnType<typeof slackBody>;
};

describe('Slack', () => {
  it('gets a header and a text, and the same as text for what knows no blocks', async () => {
    const { text, blocks } = await posted();
    expect(blocks[0]).toEqual({
      type: 'header',
      text: { type: 'plain_text', text: 'prod: error: /var on compute-3 is 97 % full', emoji: false },
    });
    expect(blocks[1]).toMatchObject({ type: 'section', text: { type: 'mrkdwn' } });
    expect(text).toMatch(/^\*prod: error: .*\*\nNew error: /);
  });

  it('gets nothing from hosts that it would take for markup, and calls nobody', async () => {
    const what = '<!channel> <https://evil.example|click> & @channel @here @Everyone';
    const { text, blocks } = await posted(anEvent({ opened: [aFinding({ what })] }));
    for (const part of [text, JSON.stringify(blocks.slice(1))]) {
      expect(part).toContain('&lt;!channel&gt; &lt;https://evil.example|click&gt; &amp; ');
      expect(part).not.toMatch(/@(?:channel|here|everyone)/i);
    }
    expect(blocks[0]?.text.text).toContain('<!channel> <https://evil.example|click> & ');
  });

  it('takes the markup of a template as it is', async () => {
    const body = '*{{cloud}}* {{#opened}}<https://wiki/{{check}}|{{what}}>{{/opened}}';
    const { blocks } = await posted(anEvent({ opened: [aFinding({ what: 'a > b' })] }), { body });
    expect(blocks[1]?.text.text).toBe('*prod* <https://wiki/disk|a &gt; b>');
  });

  it('that says in a word what is wrong is quoted', async () => {
    const { url } = await receiver((response) => response.writeHead(400).end('invalid_payload'));
    const failure = await failureOf(tell(channels({ it: { kind: 'slack', url } }), { event: anEvent() }));
    expect(failure.message).toBe(`the webhook at ${new URL(url).host} answered 400 (invalid_payload)`);
  });

  it('is never sent more than it takes, however much there is to say', () => {
    const lines = fc.array(fc.string({ unit: 'binary', maxLength: 5_000 }), { maxLength: 60 });
    fc.assert(
      fc.property(fc.string({ maxLength: 400 }), lines, (subject, body) => {
        const words = { subject: escapeMrkdwn(subject), body: body.map(escapeMrkdwn).join('\n') };
        const { text, blocks } = slackBody(words);
        expect(text.length).toBeLessThanOrEqual(4_000);
        expect(blocks.length).toBeLessThanOrEqual(50);
        const [header, ...sections] = blocks;
        expect(header?.text.text.length).toBeLessThanOrEqual(150);
        for (const section of sections) {
          expect(section.text.text.length).toBeLessThanOrEqual(3_000);
          expect(section.text.text.trim()).not.toBe('');
          expect(section.text.text).not.toMatch(/&(?!(?:amp|lt|gt);)/);
        }
      }),
    );
  });
});
