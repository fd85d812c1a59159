import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SimFleet, startSimFleet } from '../../../lab/sim/fleet.js';
import { openssh, run, sh } from './sessions.js';

let fleet: SimFleet;
beforeAll(async () => {
  fleet = await startSimFleet({ controllers: 0, computes: 1 });
});
afterAll(() => fleet.stop());

const script = async (text: string) => {
  const { code, stdout } = await run(fleet, fleet.host('compute-1'), sh(text));
  return { code, stdout };
};

describe('a script in an exec request', () => {
  it.each([
    ['pipes', 'printf "b\\na\\n" | sort | head -n 1', 'a\n'],
    ['command substitution', 'x=$(echo one; echo two); echo "$x"', 'one\ntwo\n'],
    ['case', 'case "a b" in *" b") echo yes ;; *) echo no ;; esac', 'yes\n'],
    ['here-documents', 'n=5\ncat <<END\nvalue $n\nEND', 'value 5\n'],
    ['loops', 'i=0; while [ $i -lt 3 ]; do i=$((i + 1)); printf "%s." $i; done', '1.2.3.'],
    ['read', 'echo "a b c" | { read -r x y; echo "$y"; }', 'b c\n'],
    ['functions', 'f() { echo "<$1>"; }; f "x  y"', '<x  y>\n'],
    ['redirection', 'nosuchcommand 2>/dev/null || echo $?', '127\n'],
    ['single quotes', "echo 'it is '\\''quoted'\\'' $HOME'", "it is 'quoted' $HOME\n"],
    ['positional parameters of a nested shell', `sh -c 'echo "$1-$2"' name a b`, 'a-b\n'],
    ['set -e', 'set -e; false; echo reached', ''],
  ])('is interpreted: %s', async (_, text, stdout) => {
    expect(await script(text)).toMatchObject({ stdout });
  });

  it('ends with its exit status', async () => {
    expect(await script('exit 81')).toEqual({ code: 81, stdout: '' });
  });

  it('is replaced by what it execs', async () => {
    expect(await script('echo before; exec sh -c "echo inside; exit 5"; echo after')).toEqual({
      code: 5,
      stdout: 'before\ninside\n',
    });
  });

  it('execs in a subshell without ending the shell around it', async () => {
    expect(await script('x=$(exec echo inner; echo lost); (exec false) || echo "$x $?"')).toEqual({
      code: 0,
      stdout: 'inner 1\n',
    });
  });

  it('is killed by timeout, with what it runs', async () => {
    const host = fleet.host('compute-1');
    host.stallSudo(60_000);
    const outcome = await script('timeout -k 1 1 sudo -n /usr/bin/id; echo $?; timeout 1 sleep 60');
    host.stallSudo(0);
    expect(outcome).toEqual({ code: 124, stdout: '124\n' });
  });

  it('keeps stdout and stderr apart', async () => {
    const outcome = await run(fleet, fleet.host('compute-1'), sh('echo out; echo err >&2; exit 3'));
    expect(outcome).toEqual({ code: 3, stdout: 'out\n', stderr: 'err\n' });
  });

  it('finds the host it runs on', async () => {
    const host = fleet.host('compute-1');
    const text = 'cat /proc/sys/kernel/random/boot_id /etc/hostname; hostname; . /etc/os-release; echo $ID; id; whoami';
    expect((await script(text)).stdout.split('\n')).toEqual([
      host.bootId,
      'compute-1',
      'compute-1',
      'debian',
      'uid=1000(ops) gid=1000(ops) groups=1000(ops),101(systemd-journal)',
      'ops',
      '',
    ]);
    expect(Number((await script('cut -d. -f1 /proc/uptime')).stdout)).toBeGreaterThan(3_000_000);
  });

  it('answers OpenSSH as it answers the ssh2 client', async () => {
    const host = fleet.host('compute-1');
    const outcome = await openssh(fleet, host, sh('echo "$(hostname)"; exec sh -c "echo err >&2; exit 9"'));
    expect(outcome).toEqual({ code: 9, stdout: 'compute-1\n', stderr: 'err\n' });
  });
});
