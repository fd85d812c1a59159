import { expect } from 'vitest';
import { SshFailure } from '../../../../activities/ssh/types.js';

/** The `SshFailure` with which `promise` must reject. */
export async function failureOf(promise: Promise<unknown>): Promise<SshFailure> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error: unknown) => error,
  );
  expect(outcome).toBeInstanceOf(SshFailure);
  return outcome as SshFailure;
}
