import { setTimeout as sleep } from 'node:timers/promises';
import { type Connection, createConnection } from 'mysql2/promise';
import type { LabHost } from '../host.js';
import { sql } from './galera.js';
import { password } from './services.js';

/** What became of a writer's rows. */
export interface Written {
  /** The ids of the rows whose insert the database has confirmed. */
  acknowledged: number[];
  /** How often an insert or a login failed or was not answered: those rows may or may not be there. */
  refused: number;
}

export interface Writer {
  /** Write no more, wait for what is under way, and say what was written. */
  stop(): Promise<Written>;
}

const pauseMs = 20;

/** An insert takes milliseconds; one that is not answered for so long went to somebody who is gone. */
const answerLimitMs = 2000;

/**
 * Insert rows into the ledger at `address`:`port`, one after the other, some tens a second, each committed by itself. An id
 * is used once: after an error it goes on with the next, on a new connection. Its ids begin where its start says, in
 * microseconds since the epoch, so that several writers never meet.
 */
export function startWriter({ address, port }: { address: string; port: number }): Writer {
  const acknowledged: number[] = [];
  let refused = 0;
  let stopped = false;
  let connection: Connection | undefined;
  let nextId = Date.now() * 1000;

  const insertOne = async () => {
    connection ??= await logIn(address, port);
    const id = nextId++;
    const insert = 'INSERT INTO entries (id, value) VALUES (?, ?)';
    await connection.query({ sql: insert, values: [id, Math.floor(Math.random() * 1e9)], timeout: answerLimitMs });
    acknowledged.push(id);
  };

  const running = (async () => {
    while (!stopped) {
      await insertOne().catch(() => {
        refused += 1;
        connection?.destroy();
        connection = undefined;
      });
      await sleep(pauseMs);
    }
    connection?.destroy();
  })();

  return {
    async stop() {
      stopped = true;
      await running;
      return { acknowledged, refused };
    },
  };
}

async function logIn(host: string, port: number): Promise<Connection> {
  const account = { user: 'ledger', password, database: 'ledger' };
  const connection = await createConnection({ host, port, ...account, connectTimeout: answerLimitMs });
  // A connection that breaks between two inserts says so at the next one.
  connection.on('error', () => undefined);
  return connection;
}

/** The ids of the ledger's rows, as MariaDB on `host` has them once it has applied all that was committed anywhere. */
export async function rowsOn(host: LabHost): Promise<Set<number>> {
  const ids = await sql(host, 'SET SESSION wsrep_sync_wait = 1; SELECT id FROM ledger.entries');
  return new Set(ids.map(Number));
}
