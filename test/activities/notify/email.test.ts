import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OwnAuthority, ownAuthority } from '../openstack/own-authority.js';
import { LOGIN, mailServer, refusal } from './mail-server.js';
import { aFinding, allOf, anEvent, channels, endAll, failureOf, kept, tell } from './receivers.js';

let authority: OwnAuthority;
beforeAll(async () => {
  authority = await ownAuthority();
});
afterAll(() => authority.remove());

const event = anEvent();

const mailTo = (port: number, smtp: object = {}, more: object = {}) =>
  channels({
    it: {
      kind: 'email',
      smtp: { host: '127.0.0.1', port, ...smtp },
      from: 'ostler@example.org',
      to: ['a@example.org', 'root@localhost'],
      ...more,
    },
  });

/** Over STARTTLS, with a login. */
const safely = (password = LOGIN.password) => ({
  user: LOGIN.user,
  password: kept(password),
  caFile: authority.caFile,
});
const secure = () => ({ key: authority.key, cert: authority.cert });
const open = { authOptional: true, disabledCommands: ['STARTTLS'] };

describe('a mail', () => {
  it('goes over STARTTLS with a login, as plain text with the id of the event', async () => {
    const { port, mails } = await mailServer(secure());
    const said = await tell(mailTo(port, safely()), { event });
    expect(said).toBe(`the mail server 127.0.0.1:${port} accepted it for a@example.org, root@localhost`);
    const [{ headers, body, ...rest } = expect.fail('nothing came')] = mails;
    expect(rest).toEqual({ isSecure: true, user: 'ostler', to: ['a@example.org', 'root@localhost'] });
    expect(headers).toMatchObject({
      from: 'Ostler prod <ostler@example.org>',
      to: 'a@example.org, root@localhost',
      subject: 'prod: error: /var on compute-3 is 97 % full',
      'message-id': `<${event.id}@ostler.prod>`,
      date: 'Sun, 01 Mar 2026 02:00:11 +0000',
      'auto-submitted': 'auto-generated',
      'content-type': 'text/plain; charset=utf-8',
      'ostler-event-id': event.id,
    });
    expect(body).toContain('New error: /var on compute-3 is 97 % full\r\n');
    expect(body).toContain('There is now: 1 error, 4 warnings; 2 more acknowledged.\r\n');
  });

  it('goes over TLS from the first byte on', async () => {
    const { port, mails } = await mailServer({ ...secure(), secure: true });
    await tell(mailTo(port, { ...safely(), security: 'tls' }), { event });
    expect(mails).toMatchObject([{ isSecure: true, user: 'ostler' }]);
  });

  it('goes in clear text only where that is said', async () => {
    const { port, mails } = await mailServer(open);
    await tell(mailTo(port, { security: 'none' }), { event });
    expect(mails).toMatchObject([{ isSecure: false }]);
  });

  it('is not sent, and no password either, to a server that does not offer STARTTLS', async () => {
    const { port, mails } = await mailServer({ ...open, allowInsecureAuth: true, authOptional: false });
    const failure = await failureOf(tell(mailTo(port, safely()), { event }));
    expect(failure).toMatchObject({ nonRetryable: true, message: expect.stringContaining('does not offer STARTTLS') });
    expect(mails).toEqual([]);
  });

  it.each(['starttls', 'tls'])('is not sent over %s to a server that nobody vouches for', async (security) => {
    const { port, mails } = await mailServer({ ...secure(), secure: security === 'tls' });
    const failure = await failureOf(tell(mailTo(port, { ...safely(), security, caFile: undefined }), { event }));
    expect(failure.message).toMatch(
      /^the mail server 127\.0\.0\.1:\d+ cannot be used: UNABLE_TO_VERIFY_LEAF_SIGNATURE$/,
    );
    expect(mails).toEqual([]);
  });

  it('with the wrong password is not tried again, and neither the password nor what the server says of it is kept', async () => {
    const { port, mails } = await mailServer(secure());
    const failure = await failureOf(tell(mailTo(port, safely('s3cret')), { event }));
    expect(failure).toMatchObject({
      nonRetryable: true,
      message: `the mail server 127.0.0.1:${port} refused the login (535)`,
    });
    expect(allOf(failure)).not.toContain('s3cret');
    expect(mails).toEqual([]);
  });

  it('is not sent without the login that it should have', async () => {
    const { port, mails } = await mailServer({ ...secure(), disabledCommands: ['AUTH'], authOptional: true });
    const failure = await failureOf(tell(mailTo(port, safely()), { event }));
    expect(failure).toMatchObject({ nonRetryable: true, message: expect.stringContaining('refused the login (500)') });
    expect(mails).toEqual([]);
  });

  it.each([
    [451, false],
    [554, true],
  ])('that is refused with %d: nobody tries again is %s', async (code, isFinal) => {
    const onData = (stream: NodeJS.ReadableStream, _session: unknown, done: (error: Error) => void) => {
      stream.resume().once('end', () => done(refusal(code, 'no: password=x')));
    };
    const { port } = await mailServer({ ...open, onData });
    const failure = await failureOf(tell(mailTo(port, { security: 'none' }), { event }));
    expect(failure.message).toBe(
      `the mail server 127.0.0.1:${port} refused the message: ${code} no: password=[redacted]`,
    );
    expect(failure.nonRetryable === true).toBe(isFinal);
  });

  it.each([
    [450, false],
    [550, true],
  ])('that is taken for one and refused with %d for another has not reached everybody', async (code, isFinal) => {
    const { port, mails } = await mailServer({
      ...open,
      onRcptTo: ({ address }, _session, done) => (address === 'root@localhost' ? done(refusal(code, 'who?')) : done()),
    });
    const failure = await failureOf(tell(mailTo(port, { security: 'none' }), { event }));
    expect(mails).toHaveLength(1);
    expect(failure.message).toContain('accepted it for a@example.org and not for root@localhost');
    expect(failure.nonRetryable === true).toBe(isFinal);
  });

  it('to a server that is away is tried again', async () => {
    const { port } = await mailServer(open);
    await endAll();
    const failure = await failureOf(tell(mailTo(port, { security: 'none' }), { event }));
    expect(failure.message).toBe(`the mail server 127.0.0.1:${port} cannot be used: ECONNREFUSED`);
    expect(failure.nonRetryable).not.toBe(true);
  });

  it('that the server took before the worker died is the same at the next attempt', async () => {
    const { port, mails } = await mailServer(open);
    const settings = mailTo(port, { security: 'none' });
    await tell(settings, { event });
    await tell(settings, { event });
    expect(mails).toHaveLength(2);
    expect(mails[1]).toEqual(mails[0]);
  });

  it('has no header and no line that a host has written', async () => {
    const { port, mails } = await mailServer(open);
    const what = 'x\r\nBcc: evil@example.org\r\n\r\nhello\u2028\u202eolleh';
    const opened = [aFinding({ what, key: 'a\r\nX-Evil: 1', next: '.\r\n.\r\nQUIT' })];
    await tell(mailTo(port, { security: 'none' }), { event: anEvent({ opened, cloud: 'prod' }) });
    const [{ headers, body, to } = expect.fail('nothing came')] = mails;
    expect(to).toEqual(['a@example.org', 'root@localhost']);
    expect(Object.keys(headers)).not.toEqual(expect.arrayContaining([expect.stringMatching(/bcc|evil/)]));
    expect(headers.subject).toBe('prod: error: x Bcc: evil@example.org hello olleh');
    expect(body).toContain('New error: x Bcc: evil@example.org hello olleh\r\n');
    expect(body).not.toMatch(/^(?:Bcc|X-Evil|QUIT)/m);
  });

  it('belongs with the others about the same finding until that comes up anew, and with no others', async () => {
    const { port, mails } = await mailServer(open);
    const settings = mailTo(port, { security: 'none' });
    const finding = aFinding();
    const later = { ...finding, since: '2026-03-02T00:00:00.000Z' };
    for (const told of [
      { opened: [finding] },
      { opened: [], resolved: [{ ...finding, what: 'it is gone' }] },
      { opened: [later] },
      { opened: [finding, later] },
    ])
      await tell(settings, { event: anEvent(told) });
    const threads = mails.map(({ headers }) => headers.references);
    expect(threads[0]).toMatch(/^<[0-9a-f]{32}@ostler\.prod>$/);
    expect(threads[1]).toBe(threads[0]);
    expect(threads[2]).not.toBe(threads[0]);
    expect(threads[3]).toBeUndefined();
    expect(mails[0]?.headers['in-reply-to']).toBe(threads[0]);
  });

  it('is written by the template of the site, nothing of it escaped', async () => {
    const { port, mails } = await mailServer(open);
    const template = { subject: '[{{cloud}}]\n{{headline}}', body: '{{#opened}}{{what}} & {{node}}{{/opened}}' };
    const opened = [aFinding({ what: 'a < b' })];
    await tell(mailTo(port, { security: 'none' }, { template }), { event: anEvent({ opened }), isTest: true });
    expect(mails[0]?.headers.subject).toBe('[test] [prod] error: a < b');
    expect(mails[0]?.body).toBe('This is a test of ostler.\r\n\r\na < b & compute-3\r\n');
  });
});
