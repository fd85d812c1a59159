import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseRead, readScript, UnreadableCluster } from '../../../activities/pacemaker/read-script.js';
import { pacemakerReads } from '../../../domain/pacemaker-commands.js';

const bin = mkdtempSync(join(tmpdir(), 'ostler-pacemaker-'));
const log = join(bin, 'asked');
afterAll(() => rmSync(bin, { recursive: true, force: true }));

/** Runs the script in a real sh, on a host whose sudo does what is said for each command. */
function onHost(answers: string, permits = true) {
  const programs = {
    timeout: 'shift 3; exec "$@"',
    sudo: `shift
if [ "$1" = -l ]; then ${permits ? 'exit 0' : 'echo "sudo: a password is required" >&2; exit 1'}; fi
printf '%s\\n' "$*" >>${log}
case "$*" in
${answers}
*) echo '<section/>' ;;
esac`,
  };
  for (const [name, body] of Object.entries(programs)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${body}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  writeFileSync(log, '');
  const { stdout, stderr } = spawnSync('/bin/sh', ['-c', readScript()], {
    env: { PATH: `${bin}:/usr/bin:/bin` },
    encoding: 'utf8',
  });
  return { stdout, stderr, asked: readFileSync(log, 'utf8').trim().split('\n') };
}

const argv = (...names: (keyof typeof pacemakerReads)[]) => names.map((name) => pacemakerReads[name].join(' '));
const unknown = "echo 'unrecognized option' >&2; exit 1";

describe('the script of a read', () => {
  it('asks a Pacemaker of today once, and its CIB', () => {
    const { stdout, asked } = onHost(`*--output-as=xml*) echo '<pacemaker-result>'; echo '</pacemaker-result>' ;;`);
    expect(asked).toEqual(argv('xml', 'constraints', 'properties'));
    const section = { text: '<section/>', exitCode: 0 };
    expect(parseRead(stdout)).toEqual({
      state: 'xml',
      status: { text: '<pacemaker-result>\n</pacemaker-result>', exitCode: 0 },
      constraints: section,
      properties: section,
    });
  });

  it('asks an older one by what it understands', () => {
    const { stdout, asked } = onHost(`*--output-as=xml*) ${unknown} ;;\n*-X*) echo '<crm_mon version="1.1.10"/>' ;;`);
    expect(asked).toEqual(argv('xml', 'old-xml', 'constraints', 'properties'));
    expect(parseRead(stdout)).toMatchObject({ state: 'old-xml', status: { exitCode: 0 } });
  });

  it('falls back to the text of pcs', () => {
    const { stdout, asked } = onHost(`*crm_mon*) ${unknown} ;;\n*pcs*) printf 'Online: [ a ]\\n\\n  b\\n' ;;`);
    expect(asked).toEqual(argv('xml', 'old-xml', 'text', 'constraints', 'properties'));
    expect(parseRead(stdout)).toMatchObject({ state: 'text', status: { text: 'Online: [ a ]\n\n  b', exitCode: 0 } });
  });

  it('asks no other way when Pacemaker answers that it does not run', () => {
    const { stdout, asked } = onHost(`*crm_mon*) echo '<pacemaker-result/>'; exit 102 ;;\n*) exit 102 ;;`);
    expect(asked).toEqual(argv('xml', 'constraints', 'properties'));
    expect(parseRead(stdout)).toMatchObject({ state: 'xml', status: { exitCode: 102 } });
  });

  it.each([124, 137])('asks no other way after it was ended for taking too long (%i)', (code) => {
    const { stdout, asked } = onHost(`*crm_mon*) exit ${code} ;;`);
    expect(asked).toEqual(argv('xml', 'constraints', 'properties'));
    expect(parseRead(stdout)).toMatchObject({ state: 'xml', status: { text: '', exitCode: code } });
  });

  it('asks nothing that sudo does not permit', () => {
    const { stdout, stderr, asked } = onHost('', false);
    expect(asked).toEqual(['']);
    expect(parseRead(stdout)).toEqual({ state: 'refused' });
    expect(stderr).toContain('a password is required');
  });

  it('runs nothing but what the sudo rules have', () => {
    const words = readScript().match(/'\/[^']+'/g) ?? [];
    expect(new Set(words)).toEqual(
      new Set(["'/usr/bin/timeout'", "'/usr/sbin/crm_mon'", "'/usr/sbin/pcs'", "'/usr/sbin/cibadmin'"]),
    );
  });
});

it.each([
  ['is cut short', '-- xml --\n<pacemaker-result/>\n-- exit 0 --\n'],
  ['lacks a section', '-- xml --\n<pacemaker-result/>\n-- exit 0 --\n-- end --\n'],
  ['is empty', ''],
])('an answer that %s is refused', (_what, stdout) => {
  expect(() => parseRead(stdout)).toThrow(UnreadableCluster);
});

it('an answer after a login shell that greets is read', () => {
  const section = (name: string) => `-- ${name} --\n<x/>\n-- exit 0 --\n`;
  const stdout = `Welcome!\n${section('xml')}${section('constraints')}${section('properties')}-- end --\n`;
  expect(parseRead(stdout)).toMatchObject({ state: 'xml', status: { text: '<x/>' } });
});
