import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ClusterTruth } from './cluster/cluster.js';
import type { SimHost } from './host.js';
import type { SimOptions } from './options.js';
import { type Answer, HOST_CALLS, type HostCall, type Ready, type Request, type Truth } from './protocol.js';

type Asynchronous<F> = F extends (...args: infer A) => infer R ? (...args: A) => Promise<Awaited<R>> : never;

/** A host of a fleet in another process: the controls of {@link SimHost}, asynchronously, and its ground truth. */
export type RemoteSimHost = { readonly [C in HostCall]: Asynchronous<SimHost[C]> } & {
  readonly name: string;
  readonly role: string;
  readonly address: string;
  readonly port: number;
  readonly failureDomain: string;
  readonly distribution: string;
  /** What the host's PID 1 wrote down so far. */
  truth(): Promise<Truth>;
};

/** A fleet in a process of its own. */
export interface RemoteSimFleet {
  readonly hosts: readonly RemoteSimHost[];
  /** The path of the `ostler.yaml` that the fleet wrote. */
  readonly inventory: string;
  readonly pid: number;
  host(name: string): RemoteSimHost;
  mostDownAtOnce(unit?: string): Promise<number>;
  /** What is true of the cluster of the controllers. */
  cluster(): Promise<ClusterTruth>;
  /** Ends the hosts and their process; resolves when it is gone. The truth can't be asked afterwards. */
  stop(): Promise<void>;
}

type Unnumbered<R> = R extends unknown ? Omit<R, 'id'> : never;
type Ask = (request: Unnumbered<Request>) => Promise<unknown>;

/**
 * Starts a fleet in a process of its own, which ends with this one, and resolves when every host listens.
 * @param options the fleet, and the directory for its inventory
 * @throws when the process ends before that; its standard error goes to ours
 */
export async function spawnSimFleet(options: SimOptions & { dir: string }): Promise<RemoteSimFleet> {
  const { dir, ...fleet } = options;
  const main = fileURLToPath(new URL(import.meta.url.replace(/remote\.([jt]s)$/, 'main.$1')));
  const loader = main.endsWith('.ts') ? ['--import', 'tsx'] : [];
  const child = spawn(process.execPath, [...loader, main, '--dir', dir, '--options', JSON.stringify(fleet)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const waiting = new Map<number, { resolve: (result: unknown) => void; reject: (error: Error) => void }>();
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const ready = new Promise<Ready>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const message = JSON.parse(line) as Ready | Answer;
      if ('ready' in message) {
        resolve(message);
        return;
      }
      const call = waiting.get(message.id);
      waiting.delete(message.id);
      if (message.error === undefined) call?.resolve(message.result);
      else call?.reject(new Error(message.error));
    });
    void exited.then((code) => {
      const error = new Error(`the simulated fleet's process ended with exit code ${code}`);
      reject(error);
      for (const call of waiting.values()) call.reject(error);
    });
  });
  child.stdin.on('error', () => undefined);
  let nextId = 1;
  const ask: Ask = (request) => {
    const id = nextId++;
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      child.stdin.write(`${JSON.stringify({ id, ...request })}\n`);
    });
  };
  return remoteFleet(await ready, ask, exited);
}

function remoteFleet({ hosts, inventory, pid }: Ready, ask: Ask, exited: Promise<unknown>): RemoteSimFleet {
  const byName = new Map(hosts.map((host) => [host.name, remoteHost(host, ask)]));
  return {
    hosts: [...byName.values()],
    inventory,
    pid,
    host(name) {
      const host = byName.get(name);
      if (!host) throw new Error(`the simulated fleet has no host ${name}`);
      return host;
    },
    mostDownAtOnce: (unit) => ask({ call: 'mostDownAtOnce', ...(unit ? { unit } : {}) }) as Promise<number>,
    cluster: () => ask({ call: 'cluster' }) as Promise<ClusterTruth>,
    async stop() {
      await ask({ call: 'stop' });
      await exited;
    },
  };
}

function remoteHost(facts: Ready['hosts'][number], ask: Ask): RemoteSimHost {
  const controls = HOST_CALLS.map((call) => [call, (...args: unknown[]) => ask({ call, host: facts.name, args })]);
  return {
    ...facts,
    ...(Object.fromEntries(controls) as Pick<RemoteSimHost, HostCall>),
    truth: () => ask({ call: 'truth', host: facts.name }) as Promise<Truth>,
  };
}
