/**
 * What splice-tui costs with 64 000 entries of which 5 % change every second, in a pseudo-terminal of
 * 120 × 40. Run it as root: `npm run bench:tui`. Its exit status is 1 when a limit is not kept.
 */
import { readFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Screen } from '../test/tui/screen.ts';
import { Crowd } from './crowd.ts';

const CONNECTIONS = 32_000;
const CHANGES_A_SECOND = 3200;
const SIZE = { columns: 120, rows: 40 };
const STARTS = 5;
const SETTLE_MS = 6000;
const WATCH_MS = 20_000;
const KEYS = 80;
/** Kernel ticks a second in /proc/PID/stat; the same on every Linux (USER_HZ). */
const TICKS = 100;

const BIN = join(import.meta.dirname, '../bin/splice-tui.js');

interface Measured {
  readonly what: string;
  readonly value: number;
  readonly limit: number;
  readonly unit: string;
  readonly remark: string;
}

function open(pin: string, args: readonly string[] = []): Screen {
  return new Screen([process.execPath, BIN, '--pin', pin, ...args], SIZE);
}

function processorSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

function megabytes(pid: number, field: string): number {
  const [, kilobytes = '0'] =
    new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1024;
}

const isFilled = (screen: Screen) => screen.lines.filter((line) => line.includes('127.0.0.1:')).length > 20;
const selected = (screen: Screen) => screen.lines.find((line) => line.startsWith('>')) ?? '';

/** Milliseconds from the start of the program to a screen full of entries. */
async function firstFrame(pin: string): Promise<number> {
  const begin = performance.now();
  await using screen = open(pin);
  await screen.when(() => isFilled(screen));
  return performance.now() - begin;
}

/** Share of a core, and bytes written a second, while nobody touches it. */
async function watch(screen: Screen): Promise<{ share: number; bytes: number }> {
  await sleep(SETTLE_MS);
  const before = { cpu: processorSeconds(screen.pid), bytes: screen.output.length, at: performance.now() };
  await sleep(WATCH_MS);
  const seconds = (performance.now() - before.at) / 1000;
  return {
    share: (100 * (processorSeconds(screen.pid) - before.cpu)) / seconds,
    bytes: Buffer.byteLength(screen.output.slice(before.bytes)) / seconds / 1024,
  };
}

/** Milliseconds from a key to the screen that answers it, for many keys at odd moments. */
async function keyTimes(screen: Screen): Promise<number[]> {
  const times: number[] = [];
  for (let count = 0; count < KEYS; count++) {
    await sleep(100 + ((count * 37) % 150));
    const before = selected(screen).slice(0, 40);
    const begin = performance.now();
    screen.press(count % 20 < 10 ? 'j' : 'k');
    await screen.when(() => selected(screen).slice(0, 40) !== before);
    times.push(performance.now() - begin);
  }
  return times.sort((a, b) => a - b);
}

const quantile = (sorted: readonly number[], q: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] as number;
const interval = (screen: Screen) => /every \d+ ms/.exec(screen.text)?.[0] ?? '';

async function measure(pin: string): Promise<Measured[]> {
  const starts: number[] = [];
  for (let start = 0; start < STARTS; start++) starts.push(await firstFrame(pin));
  starts.sort((a, b) => a - b);

  await using screen = open(pin);
  await screen.when(() => isFilled(screen));
  const still = await watch(screen);
  const every = interval(screen);
  const keys = await keyTimes(screen);
  // Own end, peer end, state, process, redirects, then the rate: the busiest rows, all of which change.
  screen.press('ssssss');
  await screen.when(() => screen.text.includes('sort rate/s'));
  const sorted = await watch(screen);
  screen.press('/port>1024 and peer\r');
  await screen.when(() => screen.text.includes('filter port>1024'));
  const filtered = await watch(screen);
  const memory = [megabytes(screen.pid, 'VmRSS'), megabytes(screen.pid, 'VmHWM')] as const;
  const least = `${quantile(starts, 0).toFixed(0)} to ${quantile(starts, 1).toFixed(0)}`;
  return [
    { what: 'processor', value: still.share, limit: 15, unit: '% of a core', remark: every },
    { what: 'processor, sorted by rate', value: sorted.share, limit: 25, unit: '% of a core', remark: '' },
    {
      what: 'processor, filtered too',
      value: filtered.share,
      limit: 25,
      unit: '% of a core',
      remark: interval(screen),
    },
    { what: 'written to the terminal', value: still.bytes, limit: 15, unit: 'KiB/s', remark: '120 × 40' },
    { what: 'written, sorted by rate', value: sorted.bytes, limit: 15, unit: 'KiB/s', remark: '' },
    {
      what: 'key to screen, p95',
      value: quantile(keys, 0.95),
      limit: 50,
      unit: 'ms',
      remark: `p50 ${quantile(keys, 0.5).toFixed(1)}, ${KEYS} keys`,
    },
    {
      what: 'memory',
      value: memory[1],
      limit: 250,
      unit: 'MiB',
      remark: `the most; ${memory[0].toFixed(0)} at the end`,
    },
    {
      what: 'first frame, median',
      value: quantile(starts, 0.5),
      limit: 700,
      unit: 'ms',
      remark: `${least}, ${STARTS} starts`,
    },
  ];
}

await using crowd = await Crowd.gather(CONNECTIONS, CHANGES_A_SECOND);
const { length } = crowd.splice.entries({ owners: false });
const [load = 0] = loadavg();
const rows = await measure(crowd.splice.pin);
process.stdout.write(
  [
    `${length} entries, ${CHANGES_A_SECOND} of them change every second; load average ${load.toFixed(1)} on ${availableParallelism()} cores:`,
    '',
    '| | measured | at most | |',
    '|---|---|---|---|',
    ...rows.map(
      ({ what, value, limit, unit, remark }) => `| ${what} | ${value.toFixed(1)} ${unit} | ${limit} | ${remark} |`,
    ),
    '',
  ].join('\n'),
);
for (const { what, value, limit } of rows) {
  if (value <= limit) continue;
  process.stderr.write(`${what}: ${value.toFixed(1)} is more than ${limit}\n`);
  process.exitCode = 1;
}
