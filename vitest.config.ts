import { defineConfig } from 'vitest/config';
import { patience } from './test/setup/patience.ts';

/** Files that touch the kernel, a terminal or the package: one at a time, with time to do so. */
const ALONE = ['kernel', 'e2e', 'host', 'demo', 'package'].map((folder) => `test/${folder}/**/*.test.{ts,tsx}`);

/** Those that ask every rule and every edit once: they run again under the least set of capabilities. */
const LEAST = ['adopt', 'data-path', 'edge-triggered', 'edits', 'leaving', 'policy', 'receive-buffer', 'sleeper'];

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
          testTimeout: patience(60_000),
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
          testTimeout: patience(60_000),
          hookTimeout: patience(60_000),
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'least',
          include: LEAST.map((name) => `test/kernel/${name}.test.ts`),
          setupFiles: 'test/setup/least-rights.ts',
          provide: { alone: true },
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
