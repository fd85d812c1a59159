import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { routes } from '../../cli/app.js';
import { VERSION } from '../../cli/version.js';
import { ostler } from './fixtures/operator.js';

/** Every command by the words that lead to it, and every group of commands. */
const verbs = verbsOf(routes);

function verbsOf(map: Pick<typeof routes, 'getAllEntries'>, before = ''): string[] {
  return map.getAllEntries().flatMap(({ name, target }) => {
    const verb = `${before}${name['convert-camel-to-kebab']}`;
    return 'getAllEntries' in target ? [verb, ...verbsOf(target, `${verb} `)] : [verb];
  });
}

/** These print no document: two run until they are stopped, one prints a script. */
const withoutDocument = ['dev', 'worker', 'completion'];

describe('a wrong command line is refused with 2, before anything is connected to', () => {
  const restart = (...flags: string[]) => ['restart', 'nova-compute', '--cloud', 'prod', ...flags];
  const cases: [string, string[], RegExp][] = [
    ['an unknown command', ['restrat'], /no command "restrat"[\s\S]*restart/],
    ['an unknown target', ['restart', 'nova-compte'], /"nova-compte" is nothing[\s\S]*did you mean nova-compute\?/],
    ['no target', ['restart'], /TARGET/],
    ['two targets', ['restart', 'nova-compute', 'libvirtd'], /libvirtd/],
    ['an unknown flag', restart('--bacth', '1'), /--bacth[\s\S]*--batch/],
    ['a flag without its value', restart('--batch'), /batch/],
    ['an empty batch', restart('--batch', '0'), /--batch "0": must be sizes such as 3, 25% or 1,5,20%/],
    ['a batch over 100 %', restart('--batch', '1,120%'), /--batch "1,120%"/],
    ['a soak without a unit', restart('--soak', '10'), /--soak "10": must be a duration with its unit/],
    ['a negative budget', restart('--max-unavailable=-1'), /--max-unavailable "-1"/],
    ['a budget of nobody', restart('--max-unavailable', '0'), /--max-unavailable "0".*at least 1/],
    ['failures that are no share', restart('--max-failures', 'some'), /--max-failures "some"/],
    ['an unknown way to go on', restart('--on-failure', 'ignore'), /pause[\s\S]*abort/],
    ['a time that no clock shows', restart('--until', '25:00'), /--until "25:00": must be a time of day such as 06:00/],
    ['an endless pause', restart('--pause-deadline', 'never'), /--pause-deadline "never"/],
    ['an empty selection', restart('--on', ''), /--on "": the selection is empty/],
    ['a selection with shell in it', restart('--on', 'compute-1;reboot'), /--on.*is not a selection/],
    ['a hash that is none', restart('--expect', 'latest'), /--expect "latest": must be the hash of a plan/],
    ['a run that cannot be one', restart('--failed-of', 'a b'), /--failed-of "a b": must be the name of a run/],
    ['two selections', restart('--on', 'compute-1', '--failed-of', 'nova-compute'), /--on and --failed-of both/],
    ['no reason', restart('--yes'), /a reason is required[\s\S]*--reason/],
    ['an empty reason', restart('--yes', '--reason', ' '), /the reason is empty/],
    ['a reason of several lines', restart('--yes', '--reason', 'a\nb'), /the reason must be one line/],
    [
      'an actor with an escape',
      restart('--yes', '--reason', 'x', '--actor', '\u001b[2J'),
      /the actor must be one line/,
    ],
    ['a question and no terminal', restart('--reason', 'x'), /no terminal to ask "Restart nova-compute of prod\?"/],
    ['no cloud', ['restart', 'nova-compute', '--reason', 'x'], /which cloud[\s\S]*--cloud/],
    ['a host with a space', ['runs', '--node', 'a b'], /--node "a b": must be the name of a host/],
    ['no run', ['show'], /RUN/],
    ['two runs', ['watch', 'a', 'b'], /"b"/],
    ['a list of nothing', ['runs', '--limit', '0'], /--limit "0"/],
    ['an outcome nobody had', ['runs', '--outcome', 'great'], /great/],
    ['a control without a reason', ['pause', 'nova-compute'], /a reason is required/],
    ['a host that is none', ['retry', 'nova-compute', 'compute_1;x', '--reason', 'x'], /"compute_1;x" is not the name/],
    ['a group without its command', ['cluster', 'stat'], /no command "stat"[\s\S]*status/],
    ['a status of something', ['cluster', 'status', 'vip', '--cloud', 'prod'], /"vip"/],
    ['hosts where none can be named', ['abort', 'nova-compute', 'compute-1', '--reason', 'x'], /compute-1/],
  ];

  it.each(cases)('%s', async (_what, argv, message) => {
    const { code, out, err } = await ostler(argv);
    expect(err).toMatch(message);
    expect(out).toBe('');
    expect(code).toBe(2);
  });

  it('reports it as a document with --json', async () => {
    const { code, json, err } = await ostler(restart('--soak', '10', '--json'));
    expect(code).toBe(2);
    expect(json().error).toMatchObject({ exitCode: 2, what: expect.stringContaining('--soak "10"') });
    expect(err).toContain('--soak');
  });
});

describe('help', () => {
  it.each(verbs)('%s teaches with an example and connects to nothing', async (verb) => {
    const { code, out } = await ostler([...verb.split(' '), '--help'], { env: { TEMPORAL_ADDRESS: '127.0.0.1:1' } });
    expect(code).toBe(0);
    expect(out).toMatch(new RegExp(`Examples?:\\n\\s+.*\\bostler ${verb}\\b`));
    expect(out.includes('--json')).toBe(!withoutDocument.includes(verb));
  });

  it('lists every command', async () => {
    const { out } = await ostler(['--help']);
    for (const verb of verbs.filter((one) => !one.includes(' '))) expect(out).toMatch(new RegExp(`^  ${verb} `, 'm'));
  });

  it('tells the version of the package', async () => {
    const packageJson = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    expect((await ostler(['--version'])).out.trim()).toBe(packageJson.version);
    expect(VERSION).toBe(packageJson.version);
  });
});
