import type { SimHost } from './host.js';
import type { KeyPair } from './keys.js';
import type { Ledger } from './ledger.js';

/** The methods of a host that another process may call; their arguments and results are JSON. */
export const HOST_CALLS = [
  'failNextStart',
  'dieAfter',
  'crash',
  'slowRestart',
  'exhaustStartLimit',
  'stopUnit',
  'startUnit',
  'restartByAnotherHand',
  'mask',
  'enable',
  'uninstall',
  'powerOff',
  'powerOn',
  'refuseConnections',
  'dropConnections',
  'refuseStartups',
  'stallExec',
  'stallSudo',
  'refuseSudo',
  'allowSudo',
  'dropReplyOfNextExec',
  'changeHostKey',
  'unitName',
] as const satisfies readonly (keyof SimHost)[];
export type HostCall = (typeof HOST_CALLS)[number];

/** What a host's PID 1 wrote down; see {@link Ledger}. */
export type Truth = Pick<Ledger, 'starts' | 'stops' | 'outages' | 'ran'>;

/** The first line that a fleet's process prints, when every host listens. */
export interface Ready {
  ready: true;
  inventory: string;
  pid: number;
  userKey: KeyPair['public'];
  hosts: { name: string; role: string; address: string; port: number; failureDomain: string; distribution: string }[];
}

/** One request line on the process's standard input; exactly one answer line carries its id. */
export type Request = { id: number } & (
  | { call: HostCall; host: string; args: unknown[] }
  | { call: 'truth'; host: string }
  | { call: 'mostDownAtOnce'; unit?: string }
  | { call: 'cluster' }
  | { call: 'stop' }
);

/** An answer line: the result, or why the call failed. */
export type Answer = { id: number; result?: unknown; error?: string };
