import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { type SimFleet, startSimFleet } from './fleet.js';
import type { SimOptions } from './options.js';
import { type Answer, HOST_CALLS, type Ready, type Request } from './protocol.js';

const USAGE = `usage: main.ts --computes N --controllers N --dir DIR [--options JSON]

Runs a simulated fleet until its standard input ends. Writes ostler.yaml, id_ed25519 and known_hosts into DIR, prints
one JSON line when every host listens, and then answers one JSON line for each JSON line it reads (protocol.ts).
--options holds further SimOptions, such as {"distribution":["debian","rdo"],"restartMs":50}.
`;

/** The fleet as a process of its own: control lines in, answers out; ends with its standard input. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      computes: { type: 'string', default: '12' },
      controllers: { type: 'string', default: '3' },
      dir: { type: 'string' },
      options: { type: 'string', default: '{}' },
    },
  });
  if (!values.dir) {
    process.stderr.write(USAGE);
    process.exitCode = 2;
    return;
  }
  const counts = { computes: Number(values.computes), controllers: Number(values.controllers) };
  const fleet = await startSimFleet({ ...counts, ...(JSON.parse(values.options) as Partial<SimOptions>) });
  say(await ready(fleet, values.dir));
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line) as Request;
    if (request.call === 'stop') {
      await fleet.stop();
      say({ id: request.id });
      break;
    }
    // Not awaited: a restart that takes its time must not hold up the next call.
    void answer(fleet, request).then(say);
  }
  await fleet.stop();
  process.exit(0);
}

const say = (message: Ready | Answer) => process.stdout.write(`${JSON.stringify(message)}\n`);

async function ready(fleet: SimFleet, dir: string): Promise<Ready> {
  return {
    ready: true,
    inventory: await fleet.writeInventory(dir),
    pid: process.pid,
    userKey: fleet.userKey.public,
    hosts: fleet.hosts.map(({ name, role, address, port, failureDomain, settings }) => ({
      name,
      role,
      address,
      port,
      failureDomain,
      distribution: settings.distribution,
    })),
  };
}

async function answer(fleet: SimFleet, request: Request): Promise<Answer> {
  try {
    return { id: request.id, result: await perform(fleet, request) };
  } catch (error) {
    return { id: request.id, error: error instanceof Error ? error.message : String(error) };
  }
}

async function perform(fleet: SimFleet, request: Request): Promise<unknown> {
  if (request.call === 'stop') return undefined;
  if (request.call === 'mostDownAtOnce') return fleet.mostDownAtOnce(request.unit);
  if (request.call === 'cluster') {
    if (!fleet.cluster) throw new Error('the controllers of this fleet are in no cluster');
    return fleet.cluster.truth();
  }
  const host = fleet.host(request.host);
  if (request.call === 'truth') return host.ledger;
  if (!HOST_CALLS.includes(request.call)) throw new Error(`a simulated host has no control ${request.call}`);
  const control = host[request.call] as (...args: unknown[]) => unknown;
  // JSON writes an argument left out as null.
  return control.apply(
    host,
    request.args.map((argument) => argument ?? undefined),
  );
}

await main();
