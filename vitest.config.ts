import { defineConfig } from 'vitest/config';

/** Tests that need root and the fleet of real systemd hosts; see lab/real. */
const real = ['test/e2e/**/*.test.ts', 'test/faults/**/*.test.ts', 'test/lab/real/**/*.test.ts'];

/** Those among them that mostly wait until something is seen, on a fleet of their own each: two go on at a time. */
const audits = ['test/e2e/audit*.test.ts', 'test/e2e/ceph.test.ts', 'test/e2e/mongodb.test.ts'];

/** Tests of the transport against a real sshd, which not every machine has. */
const openssh = ['test/activities/ssh/**/*.test.ts'];

/** Tests of pages in a real browser, which not every machine has either. */
const chromium = ['test/**/*.chromium.test.ts'];

/** Every test file runs in a process of its own that knows no Temporal server but ours, and waits patiently on a loaded machine. */
const shared = {
  pool: 'forks' as const,
  setupFiles: ['test/setup/own-servers-only.ts'],
  expect: { poll: { timeout: 20_000 } },
};

export default defineConfig({
  test: {
    globalSetup: 'test/setup/global.ts',
    maxWorkers: 2,
    coverage: { provider: 'v8', include: ['{activities,cli,domain,inventory,worker,workflows}/**/*.ts'] },
    projects: [
      {
        test: {
          ...shared,
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [...real, ...openssh, ...chromium],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      { test: { ...shared, name: 'openssh', include: openssh, testTimeout: 60_000, hookTimeout: 120_000 } },
      { test: { ...shared, name: 'chromium', include: chromium, testTimeout: 60_000, hookTimeout: 120_000 } },
      {
        test: {
          ...shared,
          name: 'real',
          include: real,
          exclude: audits,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
      {
        test: {
          ...shared,
          name: 'audits',
          include: audits,
          sequence: { groupOrder: 2 },
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
    ],
  },
});
