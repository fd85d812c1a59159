import type { FuelBackup, FuelBackups, FuelClock, FuelContainer } from '../../domain/audit/judge-fuel.js';
import { redact } from '../redact.js';
import { parseDockerctl, parseDockerPs } from './containers.js';
import type { Part, Said } from './read-script.js';

/** One fact, or why it is not known. */
export type Fact<T> = { value: T } | { why: string };

type Answers = ReadonlyMap<Part, Said>;

const MOST_SAID = 200;

const unknown = (why: string, said?: Said): { why: string } => {
  const text = redact(said?.text ?? '')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, MOST_SAID);
  // GNU timeout(1): 124 when the command was told to end, 137 when it had to be killed.
  const ended = said?.exitCode === 124 || said?.exitCode === 137 ? 'it did not answer in time' : text;
  return { why: ended ? `${why}: ${ended}` : why };
};

/** The containers of a Fuel node; none where its generation has none. */
export function containersOf(answers: Answers): Fact<FuelContainer[]> {
  const [dockerctl, docker] = [answers.get('dockerctl'), answers.get('docker')];
  if (dockerctl) return listOf(dockerctl, parseDockerctl(dockerctl.text), 'dockerctl');
  if (docker) return listOf(docker, parseDockerPs(docker.text), 'docker');
  if (answers.get('nailgun')?.text === 'LoadState=loaded') return { value: [] };
  return { why: 'there is neither dockerctl nor docker nor a service nailgun: this is no Fuel node' };
}

/** A Fuel node with containers has some; an empty list is no answer. */
const listOf = (said: Said, list: FuelContainer[] | undefined, program: string): Fact<FuelContainer[]> =>
  list && list.length > 0 && said.exitCode === 0 ? { value: list } : unknown(`${program} lists no containers`, said);

/** The backups of a Fuel node, and the time there. */
export function backupsOf(answers: Answers): Fact<FuelBackups> {
  const [clock, said] = [answers.get('now'), answers.get('backups')];
  if (!clock || !/^\d+$/.test(clock.text)) return unknown('the node says no time', clock);
  const now = Number(clock.text);
  // A folder that is not there holds no backup, and that is known.
  if (said && /^find: [^\n]*: No such file or directory$/.test(said.text)) return { value: { now, backups: [] } };
  if (said?.exitCode !== 0) return unknown('the folder of backups cannot be looked through', said);
  return { value: { now, backups: said.text.split('\n').flatMap(backupOf) } };
}

/** octane packs the package repositories into a file of its own, which restores no Fuel. */
function backupOf(line: string): FuelBackup[] {
  const [, written = '', bytes = '', path = ''] = /^(\d+(?:\.\d+)?) (\d+) (\/.*)$/.exec(line) ?? [];
  const isOfRepositories = /repo[^/]*$/i.test(path);
  return path === '' || isOfRepositories ? [] : [{ path, bytes: Number(bytes), writtenAt: Number(written) }];
}

/** What is free for backups, in bytes. */
export function freeOf(answers: Answers): Fact<number> {
  const said = answers.get('space');
  const [, free] = /\s\d+\s+\d+\s+(\d+)\s+\d+%\s+\/\S*\s*$/.exec(said?.text ?? '') ?? [];
  return free === undefined ? unknown('df does not say what is free', said) : { value: Number(free) * 1024 };
}

/**
 * The time service. Marks are those of the manuals: `*` is the source that is followed (`o` with a pulse of its own), and `+` one that is
 * combined with it.
 */
export function clockOf(answers: Answers): Fact<FuelClock> {
  const [active, chronyc, ntpq] = [answers.get('active'), answers.get('chronyc'), answers.get('ntpq')];
  if (!active) return unknown('the services of the node are not known');
  const services = active.text.split('\n').filter((line) => line !== '');
  const isChrony = services.some((name) => name.startsWith('chrony'));
  const [command, sources] = isChrony ? ['chronyc -n sources', chronyc] : ['ntpq -pn', ntpq];
  if (services.length === 0) return { value: { active: [], command } };
  if (sources?.exitCode !== 0) return unknown(`\`${command}\` does not answer`, sources);
  const mark = isChrony ? /^[\^=#][*+]\s+(\S+)/m : /^[*+o](\S+)/m;
  const source = mark.exec(sources.text)?.[1];
  return { value: { active: services, command, ...(source !== undefined && { source }) } };
}
