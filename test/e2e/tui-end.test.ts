/** However splice-tui ends, the terminal is as it was. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { describeKernel } from '../setup/kernel-gate.ts';
import { AROUND, BIN, pidOf, ROOT, spliced, tui } from '../tui/running.ts';
import { Screen } from '../tui/screen.ts';

function expectRestored(screen: Screen): void {
  expect(screen.isAlternate).toBe(false);
  expect(screen.isCursorShown).toBe(true);
  expect(screen.hasMouse).toBe(false);
  expect(screen.lines[0]).toBe('before');
  expect(screen.text).toMatch(/ icanon .* echo /s);
  expect(screen.text).not.toContain('OWN END');
}

describeKernel('the end of splice-tui', () => {
  test.each([
    ['q', (screen: Screen) => screen.press('q')],
    ['Ctrl-C', (screen: Screen) => screen.press('\u0003')],
    ['SIGINT', (screen: Screen) => process.kill(pidOf(screen), 'SIGINT')],
    ['SIGTERM', (screen: Screen) => process.kill(pidOf(screen), 'SIGTERM')],
    ['SIGHUP', (screen: Screen) => process.kill(pidOf(screen), 'SIGHUP')],
  ])('%s gives the screen back', async (_, end) => {
    await using bed = spliced();
    await using screen = tui(bed);
    await screen.shows('No entries yet.');
    expect(screen.isAlternate).toBe(true);
    expect(screen.isCursorShown).toBe(false);
    end(screen);
    expect(await screen.ends()).toBe(0);
    expectRestored(screen);
  });

  test.each([
    ['with a signal', ['env']],
    ['without a signal, in a session of its own', ['setsid', '--wait']],
  ])('a terminal that goes away ends it quietly, %s', async (_, prefix) => {
    await using bed = spliced();
    const folder = mkdtempSync(join(tmpdir(), 'splice-tui-'));
    const [errors, ended] = [join(folder, 'errors'), join(folder, 'ended')];
    const script = `trap '' HUP; "$@" 2>${errors}; echo $? >${ended}`;
    await using screen = new Screen(['sh', '-c', script, 'sh', ...prefix, process.execPath, BIN, '--pin', bed.pin]);
    await screen.shows('No entries yet.');
    screen.hangUp();
    await screen.ends();
    const seen = { status: readFileSync(ended, 'utf8'), errors: readFileSync(errors, 'utf8') };
    rmSync(folder, { recursive: true });
    // Ink shows the cursor again on stderr too, wherever that goes.
    expect({ ...seen, errors: seen.errors.replace('\u001b[?25h', '') }).toEqual({ status: '0\n', errors: '' });
  });

  test.each([
    ['thrown', "throw new Error('a defect')"],
    ['rejected and forgotten', "Promise.reject(new Error('a defect'))"],
  ])('an exception that is %s gives the screen back and is told', async (_, defect) => {
    const module = (path: string) => JSON.stringify(pathToFileURL(join(ROOT, 'dist', path)));
    const program = `
      import { formatError, openSplice } from ${module('core/index.js')};
      import { showTui } from ${module('tui/main.js')};
      let polls = 0;
      const headline = () => {
        if (++polls === 3) ${defect};
        return ['poll ' + polls];
      };
      try {
        await showTui({ splice: openSplice({ pin: '/sys/fs/bpf/splice-test-none' }), headline });
      } catch (error) {
        console.error(formatError(error));
        process.exitCode = 1;
      }
    `;
    await using screen = new Screen(['sh', '-c', AROUND, 'sh', process.execPath, '--input-type=module', '-e', program]);
    expect(await screen.ends()).toBe(1);
    expect(screen.output).toContain('poll 1');
    expect(screen.lines[1]).toBe('error[UNEXPECTED]: a defect');
    expectRestored(screen);
  });
});
