/** What a run of the tests says about one file, in the file that TEST_REPORT names. */
export interface FileReport {
  /** From the project's root: `test/kernel/up.test.ts`. */
  file: string;
  passed: number;
  failures: { test: string; error: string }[];
  skipped: { test: string; reason: string }[];
}
