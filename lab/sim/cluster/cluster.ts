import { pause } from '../pause.js';
import { Haproxy } from './haproxy.js';
import { Vip, type VipGap } from './vip.js';

/** How long the DC thinks about a change of the cluster, in milliseconds. */
const POLICY_MS = 40;
/** How long stopping what has to go takes, and starting it elsewhere. */
const STOP_MS = 150;
const START_MS = 250;

/** The clone of HAProxy, one on each member. */
export const HAPROXY = 'clone_p_haproxy';

const VIPS = ['vip__management', 'vip__public'] as const;

/** Of a host, what a cluster has to know. */
export interface ClusterHost {
  readonly name: string;
  readonly isOn: boolean;
}

/** A controller as a node of Pacemaker. */
export class Member {
  /** Permanent attributes, which are in the CIB. */
  readonly attributes = new Map<string, string>();
  /** Its instance of `p_haproxy`. */
  haproxy: Haproxy | undefined = new Haproxy();

  constructor(
    readonly host: ClusterHost,
    readonly id: number,
  ) {}

  get name(): string {
    return this.host.name;
  }
  get isOn(): boolean {
    return this.host.isOn;
  }
  get isStandby(): boolean {
    return /^(?:on|true|yes|1)$/.test(this.attributes.get('standby') ?? '');
  }
}

/** What is true of a cluster, whoever asks: what a test compares with. */
export interface ClusterTruth {
  vips: { id: string; address: string; port: number; holder?: string; gaps: VipGap[] }[];
  dc?: string;
  isAtWork: boolean;
  standby: string[];
  /** The attribute `ostler` of each member that has it. */
  marks: Record<string, string>;
  /** Ids of constraints that begin with `cli-`. */
  constraints: string[];
  /** `controller-1: nova-api/controller-2` for each server that a HAProxy has out of service. */
  disabled: string[];
}

/**
 * The Pacemaker of all controllers, as the one thing that it is as long as no network between them breaks: its CIB, its DC and what runs
 * where. Opt-in, without fencing, no-quorum-policy=stop; two addresses, each where a HAProxy runs. Galera and RabbitMQ are not under it.
 */
export class SimCluster {
  readonly members: readonly Member[];
  readonly vips: readonly Vip[] = VIPS.map((id) => new Vip(id));
  /** Where `crm_resource --move` draws an address: that of `cli-prefer-ID`, by ID. */
  readonly preferences = new Map<string, string>();
  /** The members that `crm_resource --ban` keeps HAProxy off: those of `cli-ban-clone_p_haproxy-on-NAME`. */
  readonly banned = new Set<string>();
  dc: Member | undefined;
  /** A transition goes on. */
  isAtWork = false;
  private hasChanged = false;
  private hasEnded = false;

  constructor(hosts: readonly ClusterHost[]) {
    this.members = hosts.map((host, index) => new Member(host, index + 1));
    this.dc = this.members.at(-1);
  }

  /** Each address on a controller of its own, as long as there are enough. */
  async open(): Promise<void> {
    for (const [index, vip] of this.vips.entries()) {
      const holder = this.members[index % this.members.length];
      if (holder) await vip.open(holder.name);
    }
  }

  close(): void {
    this.hasEnded = true;
    for (const vip of this.vips) vip.close();
  }

  member(name: string | undefined): Member | undefined {
    return this.members.find((one) => one.name === name);
  }

  get hasQuorum(): boolean {
    return this.members.filter(({ isOn }) => isOn).length > this.members.length / 2;
  }

  /** Whether a member may run anything. */
  isAble(member: Member): boolean {
    return member.isOn && !member.isStandby && this.hasQuorum;
  }

  /** Whether HAProxy may run on a member, and the addresses with it. */
  runsHaproxy(member: Member): boolean {
    return this.isAble(member) && !this.banned.has(member.name);
  }

  /** Where each address belongs; nowhere while no member may run it. `without` thinks one member away. */
  placement(without?: Member): Map<Vip, string | undefined> {
    const able = this.members.filter((one) => one !== without && this.runsHaproxy(one)).map(({ name }) => name);
    const placed: string[] = [];
    const places = this.vips.map((vip) => {
      const wanted = this.preferences.get(vip.id);
      const stays = [wanted, vip.holder].find((name) => name !== undefined && able.includes(name));
      const load = (name: string): number =>
        [...placed, ...this.vips.filter((other) => other !== vip).map(({ holder }) => holder)].filter(
          (holder) => holder === name,
        ).length;
      const place = stays ?? [...able].sort((a, b) => load(a) - load(b))[0];
      if (place !== undefined) placed.push(place);
      return [vip, place] as const;
    });
    return new Map(places);
  }

  /** The CIB, or who has power, has changed: the DC sees to it that everything runs where it belongs. */
  reconsider(): void {
    if (!this.dc?.isOn) this.dc = this.members.find(({ isOn }) => isOn);
    for (const member of this.members.filter(({ isOn }) => !isOn)) {
      member.haproxy = undefined;
      for (const vip of this.vips) if (vip.holder === member.name) vip.release();
    }
    this.hasChanged = true;
    if (!this.isAtWork) void this.work();
  }

  truth(): ClusterTruth {
    return {
      vips: this.vips.map(({ id, address, port, holder, gaps }) => ({
        id,
        address,
        port,
        ...(holder && { holder }),
        gaps,
      })),
      ...(this.dc && { dc: this.dc.name }),
      isAtWork: this.isAtWork,
      standby: this.members.filter(({ isStandby }) => isStandby).map(({ name }) => name),
      marks: Object.fromEntries(
        this.members.flatMap(({ name, attributes }) => {
          const mark = attributes.get('ostler');
          return mark === undefined ? [] : [[name, mark]];
        }),
      ),
      constraints: [
        ...[...this.preferences.keys()].map((id) => `cli-prefer-${id}`),
        ...[...this.banned].map((name) => `cli-ban-${HAPROXY}-on-${name}`),
      ],
      disabled: this.members.flatMap(({ name, haproxy }) =>
        [...(haproxy?.disabled ?? [])].map((server) => `${name}: ${server}`),
      ),
    };
  }

  private async work(): Promise<void> {
    this.isAtWork = true;
    while (this.hasChanged && !this.hasEnded) {
      this.hasChanged = false;
      await pause(POLICY_MS);
      await this.carryOut();
    }
    this.isAtWork = false;
  }

  /** One transition: addresses away, HAProxy stopped and started, addresses there. */
  private async carryOut(): Promise<void> {
    const leaving = this.vips.filter((vip) => vip.holder !== this.placement().get(vip));
    const changing = this.members.filter((one) => this.runsHaproxy(one) !== (one.haproxy !== undefined));
    if (leaving.length === 0 && changing.length === 0) return;
    for (const vip of leaving) vip.release();
    await pause(STOP_MS);
    for (const one of changing) one.haproxy = this.runsHaproxy(one) ? (one.haproxy ?? new Haproxy()) : undefined;
    await pause(START_MS);
    if (this.hasEnded) return;
    const places = this.placement();
    for (const vip of leaving) {
      const place = this.member(places.get(vip));
      if (place?.haproxy && this.isAble(place)) await vip.takenBy(place.name);
    }
  }
}
