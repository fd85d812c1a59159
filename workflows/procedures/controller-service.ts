import { ActivityFailure, CancellationScope, isCancellation, proxyActivities } from '@temporalio/workflow';
import type { SiteActivities } from '../../activities/index.js';
import { preferId } from '../../domain/controller-commands.js';
import { AWAY_DEADLINE_MS, BACK_DEADLINE_MS } from '../../domain/controller-deadlines.js';
import type { Away } from '../../domain/controller-troubles.js';
import { type Awaited, type Before, type ControllerRequest, owedFor, type Step } from '../../domain/failover.js';
import type { RolloutRequest } from '../../domain/plan.js';
import type { BatchKey } from '../../domain/rollout.js';
import { siteQueue } from '../messages/names.js';
import { describeError, HEARTBEAT_TIMEOUT, SITE_AWAY_MS } from '../rollout/engine-activities.js';
import { newIntent } from '../rollout/intent.js';
import { HostFailed, type RunInHand } from '../rollout/procedure.js';
import { orFailed } from '../rollout/site-activities.js';
import { unless } from '../rollout/unless.js';

/** One look at what is awaited: the run shows what is missing, and looks again. */
const LOOK_MS = 30_000;

/** While Galera transfers its state, a look lasts longer, so that hours of it stay a small history. */
const TRANSFER_LOOK_MS = 5 * 60_000;

/** A state transfer may take hours (domain reference, C5 step 6); after a day somebody should look. */
const TRANSFER_LIMIT_MS = 24 * 3_600_000;

/** For one survey of all controllers, and a change with the looks after it. */
const STEP_MS = 10 * 60_000;

/** A step that was begun, and may have had its effect. */
interface Taken {
  step: Step;
  intent: string;
  /** False when it is known that nothing was sent. */
  isSent: boolean;
}

/** One controller that is being taken out of service and brought back: the steps of C5, each with its inverse. */
export class ControllerService {
  private readonly taken: Taken[] = [];
  private readonly controller: ControllerRequest;
  /** Something was undone, and nobody has seen yet that everything is back. */
  private isUnproven = false;
  /** A person has left it as it is, and is not asked again. */
  private isLeft = false;

  constructor(
    private readonly request: RolloutRequest,
    private readonly node: string,
    private readonly before: Before,
    private readonly lease: BatchKey,
    private readonly run: RunInHand,
  ) {
    this.controller = request.controller ?? {};
  }

  private get away(): Away {
    return { node: this.node, ...(this.controller.dead && { isDead: true }) };
  }

  private activities(summary: string, limitMs: number) {
    return proxyActivities<SiteActivities>({
      taskQueue: siteQueue(this.request.cloud),
      heartbeatTimeout: HEARTBEAT_TIMEOUT,
      startToCloseTimeout: limitMs,
      scheduleToCloseTimeout: limitMs + SITE_AWAY_MS,
      retry: { initialInterval: '1s', maximumInterval: '30s', maximumAttempts: 20 },
      cancellationType: 'WAIT_CANCELLATION_COMPLETED',
      summary,
    });
  }

  /**
   * Takes the controller out of service (domain reference, C5 steps 2 to 4): marked, drained in every HAProxy, in standby, and the others hold
   * everything.
   * @throws {HostFailed} with what stood in the way; whatever was taken until then is still to be undone
   */
  async takeOut(): Promise<void> {
    const { node, away } = this;
    const isDead = away.isDead === true;
    await this.take({ kind: 'mark', mark: newIntent() }, isDead ? away : undefined);
    // Servers of its own that are drained already are no trouble, as where a worker died halfway.
    await this.take({ kind: 'drain' }, away);
    await this.take({ kind: 'standby' }, away);
    this.run.say(node, 'in standby; waits until the others hold everything');
    await this.until(
      `the others to hold everything without ${node}`,
      (lookMs, downSince) =>
        this.activities(`is everything off ${node}?`, lookMs + STEP_MS).awaitControllerAway({
          ...this.subject,
          away,
          lookMs,
          ...(downSince !== undefined && { downSince }),
        }),
      { limitMs: AWAY_DEADLINE_MS, stopped: () => this.run.isAborted },
    );
  }

  /** Takes the controller out of every HAProxy, and leaves everything where it runs. */
  async takeOutOfHaproxy(): Promise<void> {
    await this.take({ kind: 'mark', mark: newIntent() });
    await this.take({ kind: 'drain' }, this.away);
  }

  /** Has Pacemaker stop a resource on this controller, and start it again: the ban is taken away when it has stopped (domain reference, C1). */
  async restartResource(resource: string): Promise<void> {
    const { member } = this.before;
    try {
      await this.take({ kind: 'ban', resource, member }, this.away);
      await this.until(
        `${resource} to stop on ${this.node}`,
        (lookMs) =>
          this.activities(`has ${resource} stopped on ${this.node}?`, lookMs + STEP_MS).awaitResourceOff({
            resource,
            member,
            lookMs,
          }),
        { limitMs: AWAY_DEADLINE_MS, stopped: () => this.run.isAborted },
      );
    } finally {
      await this.orAsk(() => this.undo('ban'));
    }
    await this.back({ withMark: true, isDrained: true });
  }

  /**
   * Holds the controller out of service until it may come back: its time is over, a person says so, or the run is aborted. Whatever goes wrong
   * meanwhile, and an end of the limit, is for a person to decide.
   */
  async hold(): Promise<void> {
    const { node, run } = this;
    const { hold } = this.controller;
    if (!hold) return;
    const limitMs = hold.kind === 'for' ? hold.ms : hold.limitMs;
    const over = (): boolean => run.isReturned || run.isAborted;
    run.say(node, 'out of service; the others hold everything');
    const guard = new CancellationScope();
    let guarded: { trouble?: string } | undefined;
    const watching = guard
      .run(() =>
        this.activities(`watch over the others while ${node} is out of service`, limitMs + STEP_MS).guardController({
          ...this.subject,
          away: this.away,
          untilMs: Date.now() + limitMs,
        }),
      )
      .then(
        (result) => {
          guarded = result;
        },
        (error) => {
          // The guard ends with the hold, and that is no trouble.
          if (error instanceof ActivityFailure && !isCancellation(error) && !over())
            guarded = { trouble: `nobody watches: ${describeError(error)}` };
        },
      );
    const until = hold.kind === 'for' ? 'comes back by itself when its time is over' : 'waits for `ostler return`';
    await run.stand(
      { for: 'return', why: `${node} is out of service, and ${until}` },
      limitMs,
      () => over() || guarded?.trouble !== undefined,
    );
    guard.cancel();
    await watching;
    if (over() || (hold.kind === 'for' && !guarded?.trouble)) return;
    // From here on only a person brings it back; they are reminded once a day.
    const why = guarded?.trouble ?? `${node} has been out of service for as long as was said`;
    while (
      !(await run.stand(
        { for: 'return', why: `${why}; \`ostler return ${node}\` brings it back` },
        24 * 3_600_000,
        over,
      ))
    );
  }

  /**
   * Brings the controller back (domain reference, C5 steps 6 to 8), asking a person whenever something cannot be put back.
   * @throws {HostFailed} with what is owed, when a person leaves it so
   */
  bringBack(): Promise<void> {
    return this.orAsk(() => this.tryBringBack());
  }

  private async orAsk(putBack: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        return await putBack();
      } catch (error) {
        if (!(error instanceof HostFailed) || this.isLeft) throw error;
        this.isLeft = (await this.run.askToRestore(this.node, error.message)) === 'leave';
        if (this.isLeft) throw error;
      }
    }
  }

  /** Takes over what another run, or a person, has left, as if it had been taken here. */
  async adopt(): Promise<void> {
    for (const step of this.before.left) this.register({ step, intent: newIntent(), isSent: true });
  }

  private async tryBringBack(): Promise<void> {
    const { node, run } = this;
    const was = (kind: Step['kind']): boolean => this.taken.some(({ step }) => step.kind === kind);
    // What is off is kept out: it might come up while nobody looks, and take what it finds.
    if (this.taken.some(({ step, isSent }) => step.kind === 'standby' && isSent)) await this.online();
    if (was('standby')) {
      await this.undo('standby');
      run.say(node, 'out of standby');
    }
    // Of another run, whose mark was there: what is banned comes back first.
    await this.undo('ban');
    if (this.isUnproven) await this.forgetFailures();
    if (was('drain')) {
      // New connections come to a controller that has all its services.
      if (this.isUnproven) await this.back({ withMark: true, isDrained: true });
      await this.undo('drain');
    }
    if (was('mark')) {
      if (this.controller.vipsHome) {
        if (this.isUnproven) await this.back({ withMark: true });
        await this.vipsHome();
      }
      await this.undo('mark');
    }
    // Also when it is tried again: what was undone before is not proven by that.
    if (this.isUnproven) await this.back({ withMark: false });
    this.isUnproven = false;
  }

  /** Draws the addresses back to where they were, one at a time. */
  private async vipsHome(): Promise<void> {
    const { node, before } = this;
    for (const [vip, was] of Object.entries(before.vips)) {
      // A constraint that a person has left there is theirs, and a move would take its place.
      if (was === node && !before.constraints.includes(preferId(vip))) await this.moveVip(vip, before.member, node);
    }
  }

  /** Draws an address to a controller, and takes the constraint away again when it is there. */
  async moveVip(vip: string, member: string, to: string): Promise<void> {
    try {
      await this.take({ kind: 'prefer', vip, to: member });
      await this.until(
        `${vip} to be on ${to}`,
        (lookMs) => this.activities(`is ${vip} on ${to}?`, lookMs + STEP_MS).awaitVipOn({ vip, member, lookMs }),
        { limitMs: AWAY_DEADLINE_MS, stopped: () => this.request.operation === 'move' && this.run.isAborted },
      );
    } finally {
      await this.orAsk(() => this.undo('prefer'));
    }
  }

  private get subject() {
    return { node: this.node, before: this.before };
  }

  private async take(step: Step, away?: Away): Promise<void> {
    if (this.run.isAborted && step.kind !== 'prefer') throw new HostFailed({ why: 'the run was aborted' });
    const taken: Taken = { step, intent: newIntent(), isSent: true };
    this.register(taken);
    this.run.say(this.node, `${doing[step.kind]} ...`);
    const { takeControllerStep } = this.activities(`${doing[step.kind]}: ${this.node}`, STEP_MS);
    const result = await orFailed(
      takeControllerStep({
        ...this.subject,
        step,
        intent: taken.intent,
        controller: this.controller,
        lease: this.lease,
        ...(away && { away }),
      }),
    );
    if (result.state === 'refused') {
      taken.isSent = !result.isUntouched;
      throw new HostFailed({ why: `${doing[step.kind]}: ${result.why}` });
    }
  }

  /** Before anything is sent, it is written down that it is owed. */
  private register(taken: Taken): void {
    this.taken.push(taken);
    this.run.owe(owedFor(this.node, taken.step));
  }

  /** Undoes what was taken of a kind; what is undone is not owed any more. */
  private async undo(kind: Step['kind']): Promise<void> {
    for (const one of this.taken.filter(({ step }) => step.kind === kind)) {
      this.run.say(this.node, `undoing: ${doing[kind]} ...`);
      const { undoControllerStep } = this.activities(`undo: ${doing[kind]}: ${this.node}`, STEP_MS);
      const result = await orFailed(
        undoControllerStep({ ...this.subject, step: one.step, intent: newIntent(), taken: one.intent }),
      );
      if (result.state === 'refused')
        throw new HostFailed({ why: `${owedFor(this.node, one.step)} is owed: ${result.why}` });
      this.taken.splice(this.taken.indexOf(one), 1);
      // A mark moves nothing, and what was never sent has not either.
      if (one.isSent && kind !== 'mark') this.isUnproven = true;
      this.run.settle(owedFor(this.node, one.step));
    }
  }

  private online(): Promise<void> {
    const { node } = this;
    return this.until(
      `${node} to be a member of the cluster again`,
      (lookMs) =>
        this.activities(`is ${node} there again?`, lookMs + STEP_MS).awaitControllerOnline({ ...this.subject, lookMs }),
      { limitMs: BACK_DEADLINE_MS, stopped: () => false },
    );
  }

  /** What failed while the controller was in hand is over with that, and must not keep Pacemaker from anything. */
  private async forgetFailures(): Promise<void> {
    const { forgetFailures } = this.activities(`what failed while ${this.node} was in hand is over`, STEP_MS);
    const forgotten = await orFailed(forgetFailures({ before: this.before, intent: newIntent() }));
    if (forgotten.state === 'refused') throw new HostFailed({ why: forgotten.why });
  }

  private async back(still: { withMark: boolean; isDrained?: boolean }): Promise<void> {
    const { node } = this;
    await this.until(
      `${node} to be back with all its services`,
      (lookMs) =>
        this.activities(`is ${node} back?`, lookMs + STEP_MS).awaitControllerBack({
          ...this.subject,
          ...still,
          lookMs,
        }),
      { limitMs: BACK_DEADLINE_MS, stopped: () => false },
    );
  }

  /** Looks again and again until it is reached; a state transfer of Galera that goes on has all the time of a day. */
  private async until(
    what: string,
    look: (lookMs: number, downSince?: number) => Promise<Awaited>,
    { limitMs, stopped }: { limitMs: number; stopped: () => boolean },
  ): Promise<void> {
    const startedAt = Date.now();
    let deadline = startedAt + limitMs;
    let lookMs = LOOK_MS;
    let downSince: number | undefined;
    for (;;) {
      const seen = await orFailed(unless(stopped, () => look(lookMs, downSince)));
      if (!seen) throw new HostFailed({ why: 'the run was aborted' });
      if (seen.state === 'reached') return;
      if (seen.state === 'hopeless') throw new HostFailed({ why: seen.why });
      const { missing, transferring } = seen;
      downSince = seen.downSince;
      lookMs = transferring ? TRANSFER_LOOK_MS : LOOK_MS;
      if (transferring) deadline = Math.min(startedAt + TRANSFER_LIMIT_MS, Date.now() + limitMs);
      this.run.say(
        this.node,
        `${transferring ? 'Galera transfers its state; ' : ''}waits for ${what}: ${missing.join('; ')}`,
      );
      if (Date.now() > deadline) throw new HostFailed({ why: `waited in vain for ${what}: ${missing.join('; ')}` });
    }
  }
}

const doing: Record<Step['kind'], string> = {
  mark: 'mark',
  drain: 'take out of every HAProxy',
  standby: 'standby',
  prefer: 'move the address',
  ban: 'keep the resource off it',
};
