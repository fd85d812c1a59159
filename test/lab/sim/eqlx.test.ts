import ssh2, { type ClientChannel } from 'ssh2';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SimArray } from '../../../lab/sim/eqlx/array.js';
import { ArrayFront } from '../../../lab/sim/eqlx/ssh-front.js';

const ACCOUNT = { user: 'grpadmin', password: 'let-me-in' };

async function start(): Promise<{ array: SimArray; front: ArrayFront }> {
  const array = new SimArray();
  const front = new ArrayFront(array, ACCOUNT);
  await front.open();
  onTestFinished(() => front.close());
  return { array, front };
}

const connect = ({ port }: ArrayFront, password = ACCOUNT.password): Promise<ssh2.Client> =>
  new Promise((resolve, reject) => {
    const client = new ssh2.Client();
    client.once('ready', () => resolve(client)).on('error', reject);
    client.connect({ host: '127.0.0.1', port, username: ACCOUNT.user, password });
    onTestFinished(() => void client.end());
  });

/** A shell as a person has it, and everything that was printed so far. */
async function terminal(
  front: ArrayFront,
): Promise<{ type: (keys: string) => void; screen: () => string; closed: () => boolean }> {
  const client = await connect(front);
  const channel = await new Promise<ClientChannel>((resolve, reject) => {
    client.shell({ term: 'vt100' }, (error, shell) => (error ? reject(error) : resolve(shell)));
  });
  let screen = '';
  let isClosed = false;
  channel.setEncoding('utf8').on('data', (text: string) => {
    screen += text;
  });
  channel.once('close', () => {
    isClosed = true;
  });
  return { type: (keys) => void channel.write(keys), screen: () => screen, closed: () => isClosed };
}

describe('the simulated array', () => {
  it('greets, shows its prompt, echoes what is typed, and says goodbye', async () => {
    const { array, front } = await start();
    const shell = await terminal(front);
    await expect.poll(shell.screen).toMatch(/Welcome to Group Manager\r\n\r\ngroup0> $/);
    shell.type('stty columns 255\r');
    await expect.poll(shell.screen).toMatch(/group0> stty columns 255\r\ngroup0> $/);
    shell.type('logout\r');
    await expect.poll(shell.closed).toBe(true);
    expect(array.ended).toEqual({ byLogout: 1, byConnection: 0 });
    expect(array.sessions).toBe(0);
  });

  it('waits for a key on every page, until its output is not formatted any more', async () => {
    const { front } = await start();
    const shell = await terminal(front);
    shell.type('pool select default show\r');
    await expect
      .poll(shell.screen)
      .toMatch(/TotalCapacity: 2\.5TB +FreeSpace: 600GB[\s\S]*Press any key to continue \(q to quit\)$/);
    shell.type(' ');
    shell.type(' ');
    await expect.poll(shell.screen).toMatch(/volume-0041\r\ngroup0> $/);
    shell.type('cli-settings formatoutput off\r');
    shell.type('pool select default show\r');
    await expect.poll(shell.screen).toMatch(/\r\nFreeSpace: 600GB\r\n[\s\S]*volume-0041\r\ngroup0> $/);
    expect(shell.screen().split('Press any key').length - 1).toBe(2);
  });

  it('breaks lines at 80 columns, until it is told otherwise', async () => {
    const { array, front } = await start();
    array.pools.push({ name: 'p', capacity: `${'9'.repeat(90)}GB`, free: '1GB', volumes: 0 });
    const shell = await terminal(front);
    shell.type('cli-settings formatoutput off\rpool select p show\r');
    await expect.poll(shell.screen).toMatch(/TotalCapacity: 9{65}\r\n9{25}GB\r\n/);
    shell.type('stty columns 255\rpool select p show\r');
    await expect.poll(shell.screen).toMatch(/TotalCapacity: 9{90}GB\r\n/);
  });

  it('tells its errors in its answers', async () => {
    const { front } = await start();
    const shell = await terminal(front);
    shell.type('pool select gone show\rmake coffee\r');
    await expect
      .poll(shell.screen)
      .toMatch(/Pool gone does not exist\.\r\ngroup0> make coffee\r\n% Error - [^\r]*\r\ngroup0> $/);
  });

  it('tells events in the midst of everything, until they are turned off', async () => {
    const { array, front } = await start();
    const shell = await terminal(front);
    await expect.poll(shell.screen).toMatch(/> $/);
    array.event('first');
    await expect.poll(shell.screen).toMatch(/group0> INFO:[^\r]*:first\r\n$/);
    array.faults.isNoisy = true;
    shell.type('pool select default show\r');
    await expect.poll(shell.screen).toMatch(/_\r\nINFO:[^\r]*A volume was created\.\r\nName: default/);
    shell.type('  cli-settings events off\r');
    await expect.poll(shell.screen).toMatch(/events off\r\ngroup0> $/);
    array.event('second');
    shell.type('\r');
    await expect.poll(shell.screen).toMatch(/group0> \r\ngroup0> $/);
    expect(shell.screen()).not.toContain('second');
  });

  it('bears seven sessions, and tells the eighth why it does not get in', async () => {
    const { array, front } = await start();
    const seven = await Promise.all(Array.from({ length: 7 }, () => terminal(front)));
    for (const shell of seven) await expect.poll(shell.screen).toMatch(/group0> $/);
    const eighth = await terminal(front);
    await expect.poll(eighth.closed).toBe(true);
    expect(eighth.screen()).toMatch(/^% Error - /);
    seven[0]?.type('logout\r');
    await expect.poll(() => array.sessions).toBe(6);
    await expect.poll((await terminal(front)).screen).toMatch(/group0> $/);
    front.cut();
    await expect.poll(() => array.sessions).toBe(0);
    expect(array.ended).toEqual({ byLogout: 1, byConnection: 7 });
  });

  it('takes the password of its account only, and runs no commands', async () => {
    const { front } = await start();
    await expect(connect(front, 'wrong')).rejects.toThrow('authentication methods failed');
    const client = await connect(front);
    const refusal = await new Promise((resolve) => client.exec('pool select default show', resolve));
    expect(refusal).toBeInstanceOf(Error);
  });
});
