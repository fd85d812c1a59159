/** What this needs of a vitest `TestModule`: a test file with its state and its tests. */
export interface CountedModule {
  state(): string;
  readonly children: { allTests(): Iterable<{ result(): { readonly state: string } }> };
}

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/**
 * Count the tests of a run. Whatever went wrong outside of a test counts as one failure each: a file that could not be loaded
 * or whose hooks failed, an error that nobody caught. So does a test that never came to an end.
 *
 * @param modules         the run's test files
 * @param unhandledErrors how many errors were thrown outside of any test
 */
export function countTests(modules: Iterable<CountedModule>, unhandledErrors: number): Counts {
  const counts = { passed: 0, failed: unhandledErrors, skipped: 0 };
  for (const module of modules) {
    const states = [...module.children.allTests()].map((test) => test.result().state);
    const failed = states.filter((state) => state !== 'passed' && state !== 'skipped').length;
    counts.passed += states.filter((state) => state === 'passed').length;
    counts.skipped += states.filter((state) => state === 'skipped').length;
    counts.failed += failed === 0 && module.state() === 'failed' ? 1 : failed;
  }
  return counts;
}

/**
 * The verdict over a run. A run of nothing is a failure; in continuous integration, so is whatever was left out: green means
 * that all ran.
 *
 * @param leftOut how many groups of tests could not run on this machine at all
 * @returns the last line to print, and the exit code
 */
export function verdict(
  counts: Counts,
  { ci, leftOut }: { ci: boolean; leftOut: number },
): { line: string; code: number } {
  const failures = counts.failed + (ci ? counts.skipped + leftOut : 0);
  const failed = counts.passed === 0 ? Math.max(failures, 1) : failures;
  return { line: `${counts.passed} passed, ${failed} failed`, code: failed > 0 ? 1 : 0 };
}
