import type { DevServer } from '../../worker/server/dev-server.js';
import type { ServerProcess } from '../../worker/server/process.js';
import type { SimOptions } from '../sim/options.js';
import type { RemoteSimFleet } from '../sim/remote.js';
import { step } from './narrator.js';
import type { Stage } from './stage.js';

export const cloud = 'demo';

/** How a story ended, when its evidence is shown. */
export interface Ending {
  run: string;
  /** Its page in Temporal's UI. */
  page: string;
  /** A sentence for each broken promise. */
  wrong: string[];
  /** What is said when there is none. */
  moral: string;
  /** What to try next, while everything is kept. */
  next: string[];
  address: string;
  inventory: string;
}

/** What every story begins with. */
export interface Scene {
  server: DevServer;
  fleet: RemoteSimFleet;
  worker: ServerProcess;
  /** The environment of an operator. */
  env: NodeJS.ProcessEnv;
}

/** Builds Ostler, and starts a Temporal server, a fleet and a worker. */
export async function setUp(stage: Stage, options: SimOptions): Promise<Scene> {
  await stage.build();
  const [server, fleet] = await Promise.all([stage.startServer(), stage.startFleet({ cloud, ...options })]);
  step(`A Temporal server of our own at ${server.address}, UI at ${server.uiUrl}`);
  const { controllers, computes } = options;
  const hosts = [`${controllers} controllers`, ...(computes > 0 ? [`${computes} computes`] : [])].join(' and ');
  step(`A fleet of ${hosts}: real SSH servers, simulated machines`);
  const worker = await stage.startWorker(server.address, fleet.inventory);
  step(`A worker, pid ${worker.pid}, which holds the inventory and the key`);
  const env = { ...process.env, TEMPORAL_ADDRESS: server.address, OSTLER_INVENTORY: fleet.inventory };
  return { server, fleet, worker, env };
}
