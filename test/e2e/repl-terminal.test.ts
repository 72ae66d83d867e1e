/** The prompt of splice-repl on a terminal: keys, history, and what it says without privileges. */
import { chmodSync, lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { describeKernel } from '../setup/kernel-gate.ts';
import { TestBed } from '../support/kernel.ts';
import { BIN, CTRL_C, CTRL_D, KEY, NOTHING, PROMPT, prompts, REVERSE, ReplHome, UP } from '../support/repl.ts';
import { Screen } from '../tui/screen.ts';

const home = new ReplHome();
afterAll(() => home[Symbol.dispose]());

describe('the terminal', () => {
  beforeEach(() => rmSync(join(home.folder, 'splice'), { recursive: true, force: true }));

  test('greets, prompts, answers, and leaves with Ctrl-D', async () => {
    await using screen = home.terminal(NOTHING);
    await prompts(screen);
    expect(screen.lines[0]).toMatch(/^Nothing is loaded at \/sys\/fs\/bpf\/splice-test-none-/);
    screen.press(`reverse('${KEY}')\r`);
    await screen.shows(`\n${REVERSE}\n${PROMPT}`);
    screen.press(CTRL_D);
    expect(await screen.ends()).toBe(0);
  });

  test('Ctrl-C ends a loop, an await and the input, and never the program', async () => {
    await using screen = home.terminal(NOTHING);
    await prompts(screen);
    // 42 is printed once the endless part is under way.
    const later = 'setTimeout(console.log, 100, 6 * 7);';
    for (const endless of [
      'console.log(6 * 7); for (;;);',
      `${later} await new Promise(() => {})`,
      `${later} new Promise(() => {})`,
    ]) {
      screen.press('\f');
      await screen.shows(({ text }) => text.trim() === PROMPT.trim());
      screen.press(`${endless}\r`);
      await screen.shows('\n42\n');
      screen.press(CTRL_C);
      await screen.shows('interrupted');
      await prompts(screen);
    }
    screen.press('entries(');
    await prompts(screen, 'entries(');
    for (let times = 0; times < 4; times++) screen.press(CTRL_C);
    screen.press('40 + 2\r');
    await screen.shows(/Ctrl-D leaves(?:.|\n)*\n42\nsplice>/);
  });

  test('runs the file of the user first, and says why it does not', async () => {
    const folder = join(home.folder, 'splice');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'repl.js'), 'const greeting = "hello from " + "my file"; console.log(greeting)');
    {
      await using screen = home.terminal(NOTHING);
      await screen.shows('hello from my file');
      await prompts(screen);
      screen.press('greeting.length\r');
      await screen.shows('\n18\n');
    }
    chmodSync(join(folder, 'repl.js'), 0o666);
    await using screen = home.terminal(NOTHING, { columns: 200 });
    await prompts(screen);
    expect(screen.text).toContain('repl.js is not run: others may write it');
    screen.press('typeof greeting\r');
    await screen.shows("'undefined'");
  });

  test('.editor takes several lines, .load and .save read and write them', async () => {
    await using screen = home.terminal(NOTHING, { columns: 200 });
    await prompts(screen);
    screen.press('.editor\r');
    await screen.shows('Entering editor mode');
    screen.press('function twice(n) {\nreturn 2 * n\n}\n');
    screen.press(CTRL_D);
    await prompts(screen);
    screen.press('twice(21)\r');
    await screen.shows('\n42\n');
    const saved = join(home.folder, 'saved.js');
    screen.press(`.save ${saved}\r`);
    await screen.shows(/saved to:? .*saved\.js/i);
    expect(readFileSync(saved, 'utf8')).toContain('twice(21)');
    screen.press('.clear\r');
    await prompts(screen);
    screen.press(`.load ${saved}\r`);
    await screen.shows(/twice\(21\)(?:.|\n)*\n42\n/);
    screen.press('.load /no/such/file.js\r');
    await screen.shows(/Failed to load/);
    expect(screen.text).not.toMatch(/^ {4}at /m);
  });

  test('remembers what was typed', async () => {
    {
      await using screen = home.terminal(NOTHING);
      await prompts(screen);
      screen.press('40 + 2\r 1 + 1\r');
      await screen.shows('\n2\n');
      screen.press(CTRL_D);
      await screen.ends();
    }
    const kept = join(home.folder, 'splice/repl_history');
    expect(readFileSync(kept, 'utf8')).toBe('40 + 2\n');
    expect(lstatSync(kept).mode & 0o777).toBe(0o600);
    await using screen = home.terminal(NOTHING);
    await prompts(screen);
    screen.press(UP);
    await prompts(screen, '40 + 2');
  });
});

describeKernel('without privileges', () => {
  test('the prompt is there, and says what is missing', async () => {
    await using bed = new TestBed();
    bed.splice.up({ cgroups: [bed.cgroup] });
    const asNobody = ['--inh-caps=-all', '--bounding-set=-all', process.execPath, BIN, '--pin', bed.pin];
    const { out, err, status } = await home.run('setpriv', [...asNobody, '-e', `reverse("${KEY}")`, '-e', 'entries()']);
    expect({ out, status }).toEqual({ out: `${REVERSE}\n`, status: 1 });
    expect(err).toMatch(/^error\[NOT_PERMITTED\]: .*\ntry: .*root.*\n$/);

    await using screen = new Screen(['setpriv', ...asNobody], { env: home.env });
    await prompts(screen);
    expect(screen.lines[0]).toMatch(/^The splice cannot be seen: /);
    screen.press(`reverse('${KEY}')\r`);
    await screen.shows(REVERSE);
  });
});
