import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { peakMegabytes } from './memory.js';
import type { SweepAnswer } from './sweep-when-told.js';
import type { Undo } from './undo.js';

/** One way to do something to every host of a farm. Each call returns the milliseconds it took. */
export interface Contender {
  readonly name: string;
  /** On new connections. */
  cold(): Promise<number>;
  /** On connections that are there. */
  warm(): Promise<number>;
}

export interface ProcessContender extends Contender {
  /** The most memory that the process has held so far. */
  megabytes(): Promise<number>;
  /** Ends the process, and with it its connections. */
  end(): Promise<void>;
}

/**
 * A fresh process for each cold sweep, which then does the warm ones: nothing compiled or cached by an earlier sweep helps the next
 * cold one. The process's own start is not counted: a worker runs for weeks.
 * @param program a module that calls `sweepWhenTold`
 */
export function inProcess(name: string, program: URL, args: string[], undo: Undo): ProcessContender {
  let child: ChildProcess | undefined;
  const end = async (): Promise<void> => {
    if (child?.connected) {
      child.disconnect();
      await once(child, 'exit');
    }
    child = undefined;
  };
  undo.push(end);
  const running = (): ChildProcess => {
    if (!child) throw new Error(`${name} has no connections yet`);
    return child;
  };
  const sweep = async (): Promise<number> => {
    running().send('sweep');
    const [answer] = (await once(running(), 'message')) as [SweepAnswer];
    if ('ms' in answer) return answer.ms;
    throw new Error(`${name}: ${'error' in answer ? answer.error : 'no time was told'}`);
  };
  return {
    name,
    async cold() {
      await end();
      child = fork(fileURLToPath(program), args, { execArgv: ['--import', 'tsx'] });
      await once(child, 'message');
      return sweep();
    },
    warm: sweep,
    megabytes: () => peakMegabytes(running().pid as number),
    end,
  };
}
