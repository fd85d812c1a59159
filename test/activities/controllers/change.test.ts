import { describe, expect, it } from 'vitest';
import { type ChangeOrder, changeOnce, changeScript, intentFor } from '../../../activities/controllers/change.js';
import type { RunResult } from '../../../activities/ssh/types.js';
import { changeIntentArgv } from '../../../domain/commands.js';
import { type ControllerChange, QUORUM_READ } from '../../../domain/controller-commands.js';
import { BOOT_ID } from '../systemd/recorded.js';
import { fakeController } from './fake-controller.js';

const intent = '0123456789abcdef';
const change: ControllerChange = { kind: 'standby', member: 'c2' };
const order: ChangeOrder = { intent, change, bootId: BOOT_ID };
const drain: ControllerChange = { kind: 'disable-server', socket: '/run/h.sock', proxy: 'keystone-1', server: 'c2' };
const [quorum, sent] = [QUORUM_READ.join(' '), changeIntentArgv(intent, change).join(' ')];
const signal = new AbortController().signal;

/**
 * A host whose PID 1 takes each intent once, as systemd-run asks it to, and whose command ends with `exits` after it was seen running
 * `looks` times.
 */
function host({ sudo = '', bootId = BOOT_ID, votes = 'echo 1', exits = 0, looks = 0, silent = false } = {}) {
  const takes = `*systemd-run*)
  if [ -e "$ROOT/unit" ]; then echo 'Failed to start transient service unit: Unit ostler-${intent}.service already exists.' >&2; exit 1; fi
  echo ${looks} >"$ROOT/unit"; echo 'Running as unit: ostler-${intent}.service' ;;`;
  const systemctl = `${silent ? 'exit 1' : ''}
case "$*" in *'-- ostler-${intent}.service') ;; *) exit 9 ;; esac
if [ ! -e "$ROOT/unit" ]; then state=dead load=not-found
else
  left=$(/bin/cat "$ROOT/unit"); load=loaded
  if [ "$left" -gt 0 ]; then state=running; echo $((left-1)) >"$ROOT/unit"; else state=exited; fi
fi
case "$*" in
*LoadState*) printf 'ExecMainStatus=%s\\nLoadState=%s\\nSubState=%s\\n' ${exits} "$load" "$state" ;;
*) echo "SubState=$state" ;;
esac`;
  const fake = fakeController(`*'crm_node -q') ${votes} ;;\n${sudo || takes}`, {
    installed: [],
    programs: {
      systemctl,
      timeout: 'shift 3; exec "$@"',
      sleep: 'echo slept >>"$ROOT/slept"',
      cat: `echo ${bootId}`,
    },
  });
  const send = (more: Partial<ChangeOrder> = {}) =>
    changeOnce(async (_node, script): Promise<RunResult> => fake.run(script), 'c1', { ...order, ...more }, signal);
  return { ...fake, send };
}

describe('one change, sent by a real sh', () => {
  it('asks sudo for exactly the one command, and tells how it ended', async () => {
    const { send, asked } = host();
    expect(await send()).toEqual({ state: 'ran', exitStatus: 0 });
    expect(asked()).toEqual([quorum, sent]);
  });

  it('waits for its end', async () => {
    const { send, run } = host({ looks: 3, exits: 1 });
    expect(await send()).toEqual({ state: 'ran', exitStatus: 1 });
    expect(run('wc -l <"$ROOT/slept"').stdout.trim()).toBe('3');
  });

  it('is made once, however often it is sent: whoever comes again hears how the first one ended', async () => {
    const { send, asked } = host({ looks: 2, exits: 7 });
    expect(await send()).toEqual({ state: 'ran', exitStatus: 7 });
    expect(await send()).toEqual({ state: 'ran', exitStatus: 7 });
    expect(asked()).toEqual([quorum, sent, quorum, sent]);
  });

  it.each([BOOT_ID.replace('0', '1'), ''])('is not sent in another boot (%j)', async (bootId) => {
    const { send, asked } = host({ bootId });
    expect(await send()).toEqual({ state: 'refused', why: 'c1 has been rebooted since' });
    expect(asked()).toEqual([]);
  });

  it.each(['echo 0', 'true', 'exit 1', 'echo 10', "echo 'Connection to cluster failed' >&2; exit 102"])(
    'into the CIB is not sent where the host does not count itself to a majority (%s)',
    async (votes) => {
      const { send, asked } = host({ votes });
      expect(await send()).toEqual({
        state: 'refused',
        why: 'c1 does not say that it counts itself to a majority (crm_node -q), and so changes nothing',
      });
      expect(asked()).toEqual([quorum]);
    },
  );

  it.each<ControllerChange>([drain, { kind: 'void' }, { kind: 'reboot' }])(
    'of the host alone needs none: %j',
    async (own) => {
      const { send, asked } = host({ votes: 'echo 0' });
      expect(await send({ change: own })).toEqual({ state: 'ran', exitStatus: 0 });
      expect(asked()).toEqual([changeIntentArgv(intent, own).join(' ')]);
    },
  );

  it('that sudo refuses says so, without secrets', async () => {
    const { send } = host({ sudo: `*) echo 'sudo: a password is required'; echo 'password=hunter2' >&2; exit 1 ;;` });
    const { state, ...rest } = await send();
    expect(state).toBe('refused');
    expect(JSON.stringify(rest)).toContain('sudo: a password is required');
    expect(JSON.stringify(rest)).not.toContain('hunter2');
  });

  it('is not taken for done where systemd does not answer', async () => {
    expect(await host({ silent: true }).send()).toMatchObject({ state: 'refused' });
  });

  it('that does not end is not waited for without end', async () => {
    const { send } = host({ looks: 100_000 });
    expect(await send()).toEqual({ state: 'refused', why: 'it has not ended within 30 s' });
  });

  it('reads nothing into an answer that says nothing', async () => {
    const answer = async (stdout: string) =>
      changeOnce(async () => ({ exitCode: 0, stdout, stderr: '', truncated: false }), 'c1', order, signal);
    expect(await answer('')).toEqual({ state: 'refused', why: 'c1 did not take the command' });
    expect(await answer('said LoadState=loaded\n')).toMatchObject({ state: 'refused' });
    expect(await answer('LoadState=loaded\nSubState=exited\nsaid x\n')).toMatchObject({ state: 'refused' });
  });

  it.each(['', 'x', `${intent}\n`])('is never sent under the intent %j', (bad) => {
    expect(() => changeScript({ ...order, intent: bad })).toThrow(RangeError);
  });
});

it('gives each command of one intent an intent of its own, and always the same', () => {
  const all = [[], ['a'], ['a', 'b'], ['ab'], ['a\0b', ''], ['', 'a', 'b']].map((words) => intentFor(intent, ...words));
  expect(new Set(all).size).toBe(all.length);
  expect(all.every((one) => /^[0-9a-f]{16}$/.test(one))).toBe(true);
  expect(intentFor(intent, 'a', 'b')).toBe(all[2]);
  expect(intentFor('f'.repeat(16), 'a', 'b')).not.toBe(all[2]);
});
