/** The last words of a test run: what was skipped and why, and the counts for .ci/run. */
import { appendFileSync, writeFileSync } from 'node:fs';
import type { Reporter, TestCase, TestModule } from 'vitest/node';
import type { FileReport } from './report.ts';

export default class LastWords implements Reporter {
  /** With TEST_REPORT, each file's result is in that file as soon as it is known, one JSON object a line. */
  onTestModuleEnd(module: TestModule): void {
    if (process.env.TEST_REPORT) appendFileSync(process.env.TEST_REPORT, `${JSON.stringify(reportOf(module))}\n`);
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string) => tests.filter((test) => test.result().state === state).length;
    // A file that cannot even be loaded has no tests that could fail.
    const broken = modules.filter(isBroken).length;

    const skipped = tests.filter((test) => test.result().state === 'skipped');
    if (skipped.length > 0) console.log(describeSkipped(skipped));
    const file = process.env.TEST_COUNTS;
    const failed = count('failed') + broken + unhandled.length;
    if (file) writeFileSync(file, `${count('passed')} ${failed} ${skipped.length}\n`);
  }
}

function isBroken(module: TestModule): boolean {
  return module.state() === 'failed' && module.errors().length > 0;
}

function reportOf(module: TestModule): FileReport {
  const tests = [...module.children.allTests()];
  const failures = tests.flatMap((test) => {
    const result = test.result();
    return result.state === 'failed' ? [{ test: test.fullName, error: result.errors[0]?.message ?? '' }] : [];
  });
  if (isBroken(module)) failures.push({ test: 'the file itself', error: module.errors()[0]?.message ?? '' });
  const skipped = tests.filter((test) => test.result().state === 'skipped');
  return {
    file: module.relativeModuleId,
    passed: tests.filter((test) => test.result().state === 'passed').length,
    failures,
    skipped: skipped.map((test) => ({ test: test.fullName, reason: reasonOf(test) })),
  };
}

function describeSkipped(tests: TestCase[]): string {
  const byReason = Map.groupBy(tests, reasonOf);
  const lines = [...byReason].flatMap(([reason, group]) => [
    `\nNOT RUN: ${group.length} of the tests, because: ${reason}`,
    ...group.map((test) => `  ${test.module.relativeModuleId} > ${test.fullName}`),
  ]);
  return lines.join('\n');
}

function reasonOf(test: TestCase): string {
  const result = test.result();
  const note = result.state === 'skipped' ? result.note : undefined;
  return note ?? test.meta().skipReason ?? suiteReason(test) ?? 'no reason was given';
}

function suiteReason(test: TestCase): string | undefined {
  for (let parent = test.parent; parent.type === 'suite'; parent = parent.parent) {
    const { skipReason } = parent.meta();
    if (skipReason) return skipReason;
  }
  return undefined;
}
