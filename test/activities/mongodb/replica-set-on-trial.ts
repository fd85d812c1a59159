import { createContext, runInContext } from 'node:vm';
import type { RunOnHost } from '../../../activities/hosts.js';
import { statusScript } from '../../../activities/mongodb/status-script.js';
import type { Observer } from '../../../activities/systemd/observe.js';
import type { TurnSite } from '../../../activities/turns.js';
import type { UnitFacts } from '../../../domain/intent.js';
import { siteWith } from '../audit/appliance-site.js';
import { FakeKeeper } from '../systemd/site.js';

/** One member as the set has it. */
export interface TrialMember {
  state: string;
  /** How far it is behind, in seconds. */
  lagS?: number;
  /** No mongod listens there. */
  isDown?: boolean;
  /** Nobody can be asked there. */
  hasNoShell?: boolean;
  uptimeS?: number;
}

export const lease = { owner: 'restart/prod/mongod', run: 'run-1', batch: 0 };
export const ELECTED_MS = 1_796_025_600_000;

const unit: UnitFacts = {
  unit: 'mongod.service',
  fence: { bootId: 'boot', startedUs: 7, mainPid: 1 },
  load: 'loaded',
  active: 'active',
  sub: 'running',
  result: '',
  jobQueued: false,
  activeForMs: 1,
  failedNeeds: [],
};

/** A replica set that runs what it is told as a shell does, by what `rs` and `db` of a shell offer. */
export class ReplicaSetOnTrial {
  electedMs = ELECTED_MS;
  /** Every step down that was carried out. */
  readonly stepsDown: number[] = [];
  /** What the server answers to a step down instead of doing it. */
  answers: { code?: number; errmsg: string } | undefined;
  /** The words of a shell whose connection the server closes when it steps down. */
  closesWith: string | undefined;
  /** Whoever wants to know anything has to log in; an arbiter knows nobody, and tells whoever does not. */
  wantsLogin = false;
  /** The others still believe in a member that is gone. */
  notNoticed = false;
  /** Told after each look at the set, from 1. */
  onLook: (nth: number) => void = () => {};
  private looks = 0;

  constructor(
    readonly members: Record<string, TrialMember | 'alone'>,
    private readonly unitOn: (node: string) => UnitFacts = () => unit,
  ) {}

  site(): TurnSite & { keeper: FakeKeeper } {
    const nodes = Object.keys(this.members).map((name) => `{ name: ${name}, address: ${name}, roles: [mongo] }`);
    const keeper = new FakeKeeper();
    keeper.state.leases.push({ ...lease, role: 'mongo', nodes: [], actor: 'ada', reason: 'OPS-1' });
    const sweep: Observer['sweep'] = async (names) =>
      new Map(names.map((node) => [node, { probe: { unit: this.unitOn(node), needs: [] } }]));
    const { inventory } = siteWith(nodes, {});
    if (this.wantsLogin) inventory.audit.mongodb = { user: 'ostler', password: 'env:PATH' };
    const observer = { sweep, namesOn: () => undefined } as unknown as Observer;
    return { inventory, run: this.run, keeper, observer };
  }

  of(node: string): TrialMember {
    const member = this.members[node];
    if (member === undefined || member === 'alone') throw new Error(`${node} is no member`);
    return member;
  }

  private readonly run: RunOnHost = async (node, script, { stdin = '' }) => {
    const said = (stdout: string) => ({ exitCode: 0, stdout, stderr: '', truncated: false });
    if (script !== statusScript()) return said('');
    const member = this.members[node];
    if (member === undefined || (member !== 'alone' && member.isDown)) return said('-- not listening --\n');
    if (node === Object.keys(this.members)[0]) this.onLook(++this.looks);
    if (member !== 'alone' && member.hasNoShell) return said('-- no shell --\n');
    const printed: string[] = [];
    const shell = {
      print: (text: string) => printed.push(text),
      rs: { status: () => this.status(node) },
      db: this.db(node),
    };
    try {
      runInContext(stdin, createContext(shell));
    } catch (error) {
      return said(String(error));
    }
    return said(printed.join('\n'));
  };

  private status(asked: string) {
    if (this.members[asked] === 'alone') throw Object.assign(new Error('not running with --replSet'), { code: 76 });
    const members = Object.entries(this.members).flatMap(([node, one]) => (one === 'alone' ? [] : [{ node, ...one }]));
    return {
      set: 'ceilometer',
      members: members.map(({ node, state, lagS = 0, isDown, uptimeS = 100 }) => ({
        name: `${node}:27017`,
        health: isDown && !this.notNoticed ? 0 : 1,
        stateStr: isDown && !this.notNoticed ? '(not reachable/healthy)' : state,
        uptime: uptimeS,
        optimeDate: new Date(ELECTED_MS + 60_000 - lagS * 1000),
        ...(node === asked && { self: true }),
        ...(state === 'PRIMARY' && { electionDate: new Date(this.electedMs) }),
      })),
    };
  }

  private db(node: string) {
    return {
      getSiblingDB: () => ({
        auth: () => this.members[node] === 'alone' || this.of(node).state !== 'ARBITER',
        runCommand: (command: { replSetStepDown?: number }) => {
          if (command.replSetStepDown === undefined) throw new Error('no such command');
          if (this.answers) return { ok: 0, ...this.answers };
          this.stepsDown.push(this.electedMs);
          this.of(node).state = 'SECONDARY';
          const next = Object.entries(this.members).find(
            ([name, one]) => name !== node && one !== 'alone' && !one.isDown,
          );
          if (next && next[1] !== 'alone') next[1].state = 'PRIMARY';
          this.electedMs += 60_000;
          if (this.closesWith !== undefined) throw new Error(this.closesWith);
          return { ok: 1 };
        },
      }),
    };
  }
}
