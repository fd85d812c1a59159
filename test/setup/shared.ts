import { inject } from 'vitest';

/** What the files of a test run share: a server's address, an executable's path, a bundle's path. */
export type Shared = 'dev-server' | 'test-server' | 'workflow-bundle';

const asked = new Map<Shared, Promise<string>>();

/** Ask the run's global setup for something shared; the first to ask in a run waits until it is made. */
export function shared(name: Shared): Promise<string> {
  const answer = asked.get(name) ?? ask(name);
  asked.set(name, answer);
  return answer;
}

async function ask(name: Shared): Promise<string> {
  const response = await fetch(new URL(name, inject('sharedUrl')));
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return text;
}
