import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { expect } from 'vitest';
import { parse, stringify } from 'yaml';
import type { Change } from '../../domain/audit/ledger.js';
import type { AuditReport, ReportedFinding } from '../../domain/audit/report.js';
import { inventorySchema } from '../../domain/inventory.schema.js';
import { renderSudoers } from '../../domain/sudoers.js';
import { guestBridge, keystoneConf, smallMount, upAuditedCloud } from '../../lab/real/audited/index.js';
import type { FleetNode } from '../../lab/real/fleet-state.js';
import type { RealFleet } from '../../lab/real/index.js';
import { until } from '../../lab/real/wait.js';
import { type DevServer, startDevServer } from '../../worker/server/dev-server.js';
import { auditId, searchAttributes } from '../../workflows/messages/names.js';
import { WorkerProcess } from '../faults/worker-process.js';
import { names as controllers } from './controller-rules.js';
import { build, type Ended, ostler } from './program.js';

/** What takes longest to be seen: corosync's token, RabbitMQ's net_ticktime, Pacemaker's timeouts; on a loaded machine. */
const patienceMs = 240_000;

/** What a worker has in hand: PENDING_ACTIVITY_STATE_STARTED of Temporal's API. */
const STARTED = 2;

/** Every node of the lab, as its inventory names them. */
export const names = [...controllers, 'compute-1'];

/** Numbers by check id, as `audit.thresholds` of ostler.yaml has them. */
export type Thresholds = Record<string, Record<string, number>>;

/** `audit:` of ostler.yaml. */
export interface AuditSection {
  thresholds: Thresholds;
  node?: object;
  openstack?: object;
}

/** Where the lab differs from a cloud: its hosts share the memory, the processors and the load of one machine, and were booted a moment ago. */
const labThresholds: Thresholds = {
  load: { warn: 1_000, error: 1_000 },
  memory: { error: 100 },
  'process-memory': { warn: 3, error: 6 },
  'rabbitmq-restarted': { warn: 0 },
};

/** What an operator of this cloud wants of its hosts. */
const nodeSection = {
  mounts: Object.fromEntries(['controller', 'compute'].map((role) => [role, [smallMount.path]])),
  bridges: { controller: [guestBridge.bridge], compute: [guestBridge.bridge] },
  peers: { management: { controller: names, compute: names } },
  selinux: 'disabled',
  configs: [
    {
      path: keystoneConf,
      roles: ['controller'],
      entries: { 'DEFAULT.debug': false, 'token.provider': 'fernet', 'DEFAULT.admin_token': null },
      ignore: ['database.*'],
    },
  ],
};

/** The sudo rules of hosts of the lab, as `ostler sudoers` prints them with an inventory of these. */
export const rulesOf =
  (nodes: readonly string[], audit: Partial<AuditSection> = {}) =>
  ({ role }: Pick<FleetNode, 'role'>): string => {
    const site = inventorySchema.parse({
      cloud: 'lab',
      ssh: { user: 'ops', identityFile: './id' },
      nodes: nodes.map((name, index) => ({
        ...{ name, address: `192.0.2.${index + 1}` },
        roles: [name.startsWith('controller') ? 'controller' : 'compute'],
      })),
      audit,
    });
    return renderSudoers({ role, user: 'ops', site }) ?? '';
  };

/** An audit as its caller sees it. */
export type Audited = AuditReport & { code: number | null };

/** `severity key` of each finding, sorted. */
export const told = (findings: readonly ReportedFinding[]): string[] =>
  findings.map(({ severity, key }) => `${severity} ${key}`).toSorted();

/** A cloud, a Temporal server and a worker, for audits. */
export class AuditOnTrial {
  private worker: WorkerProcess | undefined;

  private constructor(
    readonly fleet: RealFleet,
    private readonly server: DevServer,
    private readonly section: AuditSection,
  ) {}

  /** Of a control plane, its hosts and one compute. */
  static async up(name: string): Promise<AuditOnTrial> {
    const fleet = await upAuditedCloud({ name, sudoers: rulesOf(names, { node: nodeSection }) });
    return AuditOnTrial.over(fleet, { thresholds: labThresholds, node: nodeSection });
  }

  /** Of the hosts of a fleet that is up. */
  static async over(fleet: RealFleet, section: AuditSection): Promise<AuditOnTrial> {
    build();
    const trial = new AuditOnTrial(fleet, await startDevServer({ searchAttributes }), section);
    await trial.startWorker();
    return trial;
  }

  async down(): Promise<void> {
    await this.killWorker();
    await this.server.stop();
    await this.fleet.down();
  }

  private get inventoryFile(): string {
    return join(this.fleet.dir, 'audit.yaml');
  }

  /** A worker whose inventory has these numbers beside its own, and wants this of hosts beside what it wanted. */
  async startWorker(thresholds: Thresholds = {}, node: Partial<typeof nodeSection> = {}): Promise<void> {
    const { section } = this;
    const audit = {
      ...section,
      thresholds: { ...section.thresholds, ...thresholds },
      node: { ...section.node, ...node },
    };
    const inventory = parse(await readFile(this.fleet.inventoryFile, 'utf8'));
    await writeFile(this.inventoryFile, stringify({ ...inventory, audit: { ...inventory.audit, ...audit } }));
    const { address } = this.server;
    this.worker = await WorkerProcess.start({ role: 'all', address, inventoryFile: this.inventoryFile });
  }

  async killWorker(): Promise<void> {
    await this.worker?.kill();
    this.worker = undefined;
  }

  /** SIGKILL, and another one in its place, as {@link startWorker} has it. */
  async replaceWorker(...wants: Parameters<AuditOnTrial['startWorker']>): Promise<void> {
    await this.killWorker();
    await this.startWorker(...wants);
  }

  /** Runs a command line as an operator does. */
  ostler(...argv: string[]): Promise<Ended> {
    return ostler(...argv, '--inventory', this.inventoryFile, '--address', this.server.address);
  }

  /** Audits everything, or what the words narrow it to. */
  async audit(...words: string[]): Promise<Audited> {
    const { code, out, err } = await this.ostler('audit', '--json', ...words);
    expect([0, 3, 4], err).toContain(code);
    return { code, ...JSON.parse(out) };
  }

  /** What the last audit of everything has changed. */
  async diff(): Promise<Change[]> {
    const { code, out, err } = await this.ostler('audit', 'diff', '--json');
    expect(code, err).toBe(0);
    return JSON.parse(out).changes;
  }

  /** Waits until the audit of everything asks a node or a system of the cloud. */
  async untilAsking(): Promise<void> {
    const connection = await Connection.connect({ address: this.server.address });
    try {
      const handle = new Client({ connection }).workflow.getHandle(auditId(this.fleet.name));
      await until('an audit to ask', patienceMs, async () => {
        const { raw } = await handle.describe();
        return raw.pendingActivities?.some(
          ({ activityType, state }) => activityType?.name === 'auditNodes' && state === STARTED,
        );
      });
    } finally {
      await connection.close();
    }
  }

  /** Waits until an audit finds exactly this, each as `severity key`. */
  async untilFound(findings: readonly string[], ...words: string[]): Promise<Audited> {
    const expected = findings.toSorted();
    let last: Audited | undefined;
    await until(`an audit to find ${expected.join(', ') || 'nothing'}`, patienceMs, async () => {
      last = await this.audit(...words);
      const found = told(last.findings);
      if (found.join('\n') === expected.join('\n')) return true;
      const beside = last.findings.filter(({ severity, key }) => !expected.includes(`${severity} ${key}`));
      const missing = expected.filter((one) => !found.includes(one));
      throw new Error(`missing ${missing.join(', ') || 'nothing'}; beside it ${JSON.stringify(beside, null, 1)}`);
    });
    return last as Audited;
  }
}
