import { defineConfig } from 'vitest/config';

/** Files that touch the kernel, a terminal or the package: one at a time, with time to do so. */
const ALONE = ['kernel', 'e2e', 'host', 'demo', 'package'].map((folder) => `test/${folder}/**/*.test.{ts,tsx}`);

export default defineConfig({
  test: {
    globalSetup: 'test/setup/global-setup.ts',
    reporters: ['default', './test/setup/reporter.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.{ts,tsx}'],
          exclude: ALONE,
          // Property tests compute for seconds, and a busy machine is no failure.
          testTimeout: 60_000,
          provide: { alone: false },
        },
      },
      {
        extends: true,
        test: {
          name: 'system',
          include: ALONE,
          provide: { alone: true },
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
