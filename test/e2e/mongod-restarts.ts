import { describe, expect, it } from 'vitest';
import type { LabHost } from '../../lab/real/index.js';
import {
  eventsSince,
  heal,
  lag,
  lagNoMore,
  type MemberEvent,
  type MongodbCloud,
  memberOf,
  untilMongodbRuns,
} from '../../lab/real/mongodb/index.js';
import { until } from '../../lab/real/wait.js';
import type { AuditOnTrial } from './audit-on-trial.js';
import type { Ended } from './program.js';

/** A turn of a member takes a quarter of a minute, that of the primary twice as long. A busy machine takes many times that. */
const turnMs = 300_000;

/** What `ostler` does to the members of a replica set that is up and well. */
export function describeMongodRestarts(cloud: () => MongodbCloud, trial: () => AuditOnTrial): void {
  const run = (...argv: string[]): Promise<Ended> => trial().ostler(...argv);
  const change = (...argv: string[]): Promise<Ended> => run(...argv, '--reason', 'OPS-1', '--soak', '1s', '--yes');
  const now = (): number => Date.now() * 1000;
  const of = (events: readonly MemberEvent[], what: MemberEvent['what']): string[] =>
    events.filter((event) => event.what === what).map(({ host }) => host);
  const untilTold = (what: MemberEvent['what'], since: number) =>
    until(`a member to have ${what}`, turnMs, async () => of(await eventsSince(cloud(), since), what).length > 0);
  const secondaries = async (): Promise<LabHost[]> => {
    const primary = await untilMongodbRuns(cloud());
    return cloud().hosts.filter((host) => host !== primary);
  };

  describe('a restart of the members', () => {
    it('has each started once, the primary last and after it has stepped down, though workers are killed', {
      timeout: 4 * turnMs,
    }, async () => {
      const primary = await untilMongodbRuns(cloud());
      const since = now();
      const going = change('restart', 'mongod');
      await untilTold('started', since);
      await trial().replaceWorker();
      await untilTold('stepped down', since);
      await trial().replaceWorker();
      const { code, out, err } = await going;
      expect(code, `${out}\n${err}`).toBe(0);
      const events = await eventsSince(cloud(), since);
      const others = cloud().hosts.filter((host) => host !== primary);
      expect(of(events, 'started')).toEqual([...others, primary].map(({ name }) => name));
      expect(of(events, 'stopped')).toEqual(of(events, 'started'));
      expect(of(events, 'stepped down')).toEqual([primary.name]);
      expect(of(events, 'elected')).toHaveLength(1);
      expect(await untilMongodbRuns(cloud())).not.toBe(primary);
    });

    it('is refused while one is behind, and touches nothing', { timeout: 3 * turnMs }, async () => {
      const [behind] = (await secondaries()) as [LabHost];
      const since = now();
      await lag(behind, 60);
      try {
        await trial().untilFound([`warn mongodb-lag//${memberOf(behind)}`], '--check', 'mongodb,mongodb-lag');
        const { code, err } = await change('restart', 'mongod');
        expect(code).toBe(5);
        expect(err).toMatch(new RegExp(`${memberOf(behind)} is \\d+ s behind, and at most 10 s may be`));
      } finally {
        await lagNoMore(behind);
        await untilMongodbRuns(cloud());
      }
      expect(await eventsSince(cloud(), since)).toEqual([]);
    });

    it('waits for a person where one does not come back, and starts that one when told to', {
      timeout: 3 * turnMs,
    }, async () => {
      const [first, second] = (await secondaries()) as [LabHost, LabHost];
      const since = now();
      const shell = (script: string) => first.exec(['/bin/sh', '-ec', script]);
      await shell('mv /etc/mongod-stand-in.json /etc/mongod-stand-in.json.away');
      try {
        // Without a terminal nobody goes on watching what waits for a person.
        const { code: waits, out: told } = await change('restart', 'mongod', '--on', `${first.name},${second.name}`);
        expect({ waits, told }).toMatchObject({ waits: 7, told: expect.stringContaining('mongod.service is failed') });
        expect(told).toContain('mend what its journal says, then `ostler retry` starts it');
        expect(of(await eventsSince(cloud(), since), 'stopped')).toEqual([first.name]);
        await shell('mv /etc/mongod-stand-in.json.away /etc/mongod-stand-in.json');
        expect(await run('retry', 'mongod', first.name, '--reason', 'OPS-2')).toMatchObject({ code: 0 });
        const { code, out, err } = await run('watch', 'mongod');
        expect(code, `${out}\n${err}`).toBe(0);
      } finally {
        await shell('[ -e /etc/mongod-stand-in.json ] || mv /etc/mongod-stand-in.json.away /etc/mongod-stand-in.json');
        await heal(cloud());
      }
      const events = await eventsSince(cloud(), since);
      expect(of(events, 'started')).toEqual([first.name, second.name]);
      expect(of(events, 'stepped down')).toEqual([]);
    });
  });

  describe('a stop of members', () => {
    it('leaves a majority, and is refused where it would not', { timeout: 3 * turnMs }, async () => {
      const [first, second] = (await secondaries()) as [LabHost, LabHost];
      const stopped = await change('service', 'stop', 'mongod', '--on', first.name);
      expect(stopped.code, stopped.err).toBe(0);
      const { code, err } = await change('service', 'stop', 'mongod', '--on', second.name, '--max-unavailable', '2');
      expect(code).toBe(5);
      expect(err).toContain('would have 1 of 3');
      const started = await change('service', 'start', 'mongod', '--on', first.name);
      expect(started.code, started.err).toBe(0);
      await untilMongodbRuns(cloud());
    });
  });
}
