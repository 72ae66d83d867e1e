/** Which tests need the kernel, and whether they can have it here. */
import { describe, expect, inject, test } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    kernelReason: string | null;
    /** Whether the test's file is one of those that run one at a time; vitest.config.ts says which. */
    alone: boolean;
  }
  interface TaskMeta {
    /** Why a suite was skipped; the reporter prints it. */
    skipReason?: string;
  }
}

/** Why tests cannot load eBPF on this machine, as this user; null when they can. */
const kernelReason: string | null = inject('kernelReason');

/**
 * `describe` for tests that load eBPF. Where the kernel cannot be had they are skipped, and the end
 * of the run says so; with CI=true they fail instead.
 * @throws Error in a file outside the folders that vitest.config.ts runs alone
 */
export function describeKernel(name: string, define: () => void): void {
  if (!inject('alone')) {
    throw new Error('describeKernel: this file runs beside others; move it to a folder in ALONE of vitest.config.ts');
  }
  describeUnless(kernelReason, name, define);
}

/** The same for any other need of a test, a program for instance; `reason` is null when it is met. */
export function describeUnless(reason: string | null, name: string, define: () => void): void {
  if (reason === null) describe(name, define);
  else if (process.env.CI === 'true') describe(name, () => test('can run here', () => expect.fail(reason)));
  else describe.skip(name, { meta: { skipReason: reason } }, define);
}
