/** The recording that ships, on a terminal: without root, libbpf or anything else of the kernel. */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { describeKernel } from '../setup/kernel-gate.ts';
import { ROOT, run } from '../support/run.ts';
import { atBusyMoment, DEMO, plays, positionOf, replay, stepUntil } from '../tui/replay-screen.ts';
import { Screen } from '../tui/screen.ts';

const folder = mkdtempSync(join(tmpdir(), 'splice-replay-'));

afterAll(() => rmSync(folder, { recursive: true }));

describeKernel('a machine without libbpf and koffi', () => {
  test('replays the demo for nobody', async () => {
    // A mount namespace in which neither library is, and the clone is where nobody may read it.
    const libraries = execFileSync('ldconfig', ['-p'], { encoding: 'utf8' });
    const libbpf = /libbpf\.so\.1 .* (\/\S+)/.exec(libraries)?.[1] ?? '';
    const script = `
      mount --bind /dev/null "$(readlink -f "$2")"
      mount -t tmpfs none "$1/node_modules/koffi"
      mkdir -p "$3/clone" "$3/modules"
      mount --bind "$1" "$3/clone"
      cd "$3/clone"
      exec setpriv --reuid nobody --regid nogroup --clear-groups "$4" bin/splice-tui.js --replay recordings/demo.jsonl
    `;
    chmodSync(folder, 0o755);
    await using screen = new Screen([
      ...['unshare', '--mount', '--', 'sh', '-ec', script, 'sh'],
      ...[ROOT, libbpf, folder, process.execPath],
    ]);
    await plays(screen);
    const pid = screen.pid;
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    expect(status).toMatch(/^Uid:\s+65534\s/m);
    expect(status).toMatch(/^CapEff:\s+0+$/m);
    await screen.shows('10.0.0.1:');
    expect(readFileSync(`/proc/${pid}/maps`, 'utf8')).not.toMatch(/koffi|libbpf/);
    screen.press('q');
    expect(await screen.ends()).toBe(0);
  });
});

test('a replay plays, pauses, steps, seeks and changes its speed', async () => {
  await using screen = replay(DEMO);
  await plays(screen);
  expect(screen.text).toContain('×1  demo.jsonl');
  await screen.shows((now) => positionOf(now) > 0.5);

  screen.press(' ');
  await screen.shows('‖ replay');
  screen.press('0');
  await screen.shows(/ 0:00\.0 \//);
  screen.press('.');
  await screen.shows((now) => positionOf(now) > 0);
  screen.press(',');
  await screen.shows(/ 0:00\.0 \//);
  screen.press('\u001b[C');
  await screen.shows(/ 0:05\.0 \//);
  screen.press('\u001b[D');
  await screen.shows(/ 0:00\.0 \//);
  screen.press(']]');
  await screen.shows('×4');
  screen.press(' ');
  await screen.shows('■ replay');
  expect(screen.text).toMatch(/ (\d+:\d\d\.\d) \/ \1 /);
  screen.press(' ');
  await screen.shows('▶ replay');
  screen.press('q');
  expect(await screen.ends()).toBe(0);
});

test('a replay has no key that changes something, and no bypass to flip', async () => {
  await using screen = replay(DEMO, { columns: 200, rows: 50 });
  await plays(screen);
  screen.press(' d');
  await screen.shows('‖ replay');
  screen.press('?');
  await screen.shows('KEYS EVERYWHERE');
  expect(screen.text).toContain('Stops the replay where it is');
  expect(screen.text).not.toMatch(/Turns the bypass on|Takes the entry out|Takes in the connections|Freezes/);
});

test.each([
  { columns: 80, rows: 24 },
  { columns: 120, rows: 40 },
  { columns: 200, rows: 50 },
])('every view fits $columns columns and $rows lines', async (size) => {
  await using screen = await atBusyMoment(size);
  const isFilled = () => screen.lines.every((line) => line.length <= size.columns) && screen.lines.at(-1) !== '';
  expect(isFilled()).toBe(true);

  screen.press('\r');
  await screen.shows('PATH');
  await stepUntil(screen, /┏━+┓/);
  await stepUntil(screen, /┤ TCP ├─+┤ IP ├─+┤ veth ├─+┤ bridge ├─+┤ veth ├─+┤ IP ├─+┤ TCP ├/);
  expect(screen.text).toMatch(/┃ \d+ \S+ +┃ +[1-9]\d* redirected, \S+ \S+ +┃ \d+ \S+ +┃/);
  expect(screen.text).toContain('nothing by TCP');
  expect(isFilled()).toBe(true);
  for (let page = 0; page < 6 && !screen.text.includes('EVENTS'); page++) {
    const before = screen.text;
    screen.press('\u001b[6~');
    await screen.shows((now) => now.text !== before);
  }
  await screen.shows('EVENTS');
  expect(screen.text).toMatch(/REVERSE KEY {2}10\.0\.0\.\d:\d+->10\.0\.0\.\d:\d+/);
  expect(screen.text).toContain('finds the entry of cookie');

  screen.press('e');
  await screen.shows('EVENTS  ');
  screen.press('?');
  await screen.shows('KEYS EVERYWHERE');
  expect(screen.text).toContain('Ends splice-tui; the splice goes on.');
  screen.press('\u001b[F');
  await screen.shows(/p99>5ms/);
  expect(isFilled()).toBe(true);
  screen.press('q');
  expect(await screen.ends()).toBe(0);
});

test('events follow the end until one scrolls, and show what fits the filter', async () => {
  await using screen = replay(DEMO, { columns: 100, rows: 24 });
  await plays(screen);
  screen.press(' \u001b[C\u001b[C\u001b[C\u001b[C');
  await screen.shows('■ replay');
  screen.press('e');
  await screen.shows(/EVENTS {2}\d+ shown/);
  await screen.shows(/fell back to TCP: bypass|redirects again/);
  const [, all] = /EVENTS {2}(\d+) shown/.exec(screen.text) ?? [];
  expect(screen.text).toContain(`${all}/${all}`);
  screen.press('\u001b[H');
  await screen.shows((now) => !now.text.includes(`${all}/${all}`));

  screen.press('\u001b');
  await screen.shows('OWN END');
  screen.press('/');
  await screen.shows('filter:');
  screen.press('port=7000\r');
  await screen.shows(/10\.0\.0\.1:\d+ +-> 10\.0\.0\.2:7000/);
  screen.press('e');
  await screen.shows(new RegExp(`EVENTS {2}\\d+ shown of ${all}: filter port=7000`));
  const shown = screen.lines.filter((line) => /^ \d\d:\d\d:\d\d\./.test(line));
  expect(shown.length).toBeGreaterThan(0);
  for (const line of shown) expect(line).toContain(':7000');
});

test('a recording whose recorder was killed is shown, with a note', async () => {
  const path = join(folder, 'cut.jsonl');
  const whole = readFileSync(DEMO);
  writeFileSync(path, whole.subarray(0, whole.length - 100));
  await using screen = replay(path, { columns: 160 });
  await screen.shows('its last line is cut off');
});

test('text in a recording cannot change the screen', async () => {
  const path = join(folder, 'hostile.jsonl');
  const hostile = '\\u001b[2J\\u001b]0;evil\\u0007\\u202e';
  const text = readFileSync(DEMO, 'utf8')
    .replaceAll('"service-a"', `"${hostile}"`)
    .replaceAll('/sys/fs/cgroup', hostile);
  writeFileSync(path, text);
  await using screen = replay(path, { columns: 200, rows: 50 });
  await plays(screen);
  screen.press(' \u001b[C');
  await screen.shows('\\x1b[2J\\x1b]0;evil\\x07\\u{202e}');
  expect(screen.output).not.toContain('\u001b[2J\u001b]0;');
  expect(screen.output).not.toContain('\u202e');
  expect(screen.lines[0]).toContain('splice-tui');
});

test('--once prints the last moment, as text and as JSON', () => {
  const table = run('splice-tui', ['--replay', DEMO, '--once']);
  expect(table).toMatchObject({ status: 0, stderr: '' });
  expect(table.stdout).toMatch(/^10\.0\.0\.1:\d+ +-> 10\.0\.0\.2:8080 +ESTABLISHED +\d+ service-a /m);
  const entries = JSON.parse(run('splice-tui', ['--replay', DEMO, '--json', '--filter', 'port=8080']).stdout);
  expect(entries.length).toBeGreaterThan(1);
  for (const entry of entries) {
    expect([entry.sport, entry.dport]).toContain(8080);
    expect(Object.keys(entry)).toEqual([
      ...['key', 'sip', 'dip', 'sport', 'dport', 'keyHex', 'cookie', 'state', 'peer', 'redirects', 'redirectBytes'],
      ...['passes', 'queuedBytes', 'ageMs', 'process'],
    ]);
  }
});

test('what cannot be replayed is an error with its line, before the screen is taken', () => {
  const path = join(folder, 'damaged.jsonl');
  const [header, first, , ...rest] = readFileSync(DEMO, 'utf8').split('\n');
  writeFileSync(path, [header, first, '{"t":', ...rest].join('\n'));
  const damaged = run('splice-tui', ['--replay', path]);
  expect(damaged).toMatchObject({ status: 1, stdout: '' });
  expect(damaged.stderr).toMatch(/^error\[BAD_RECORDING\]: .*damaged\.jsonl, line 3: it is not JSON\ntry: .*head -n 2/);
  const foreign = run('splice-tui', ['--replay', join(ROOT, 'package.json')]);
  expect(foreign.stderr).toMatch(/^error\[BAD_RECORDING\]: .*line 1: it is not the header of a recording/);
  expect(run('splice-tui', ['--replay', join(folder, 'none')])).toMatchObject({ status: 1 });
  const both = run('splice-tui', ['--record', path]);
  expect(both).toMatchObject({ status: 2, stderr: expect.stringContaining('--record writes what the live view sees') });
});

test('the recording that ships is small, and tells nothing of the machine it was made on', () => {
  const text = readFileSync(DEMO, 'utf8');
  expect(text.length).toBeLessThan(200_000);
  const { stdout: host } = spawnSync('hostname', { encoding: 'utf8' });
  for (const secret of [ROOT, '/home/', '/root', '/work', '/tmp', host.trim()].filter((one) => one.length > 3)) {
    expect(text).not.toContain(secret);
  }
});
