/**
 * How fast splice-repl answers with 64 000 entries: from start to the first prompt, entries() and the
 * printing of what it gives, and Tab among the keys. Besides the time that passed it tells the processor
 * time, which counts where the machine has more to do. Run it as root: `npm run bench:repl`.
 */
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { spawn } from '@lydell/node-pty';
import { findCgroup2, openSplice } from '../src/core/index.ts';
import { createCommands } from '../src/repl/commands/index.ts';
import { complete } from '../src/repl/completion/complete.ts';
import { LiveKeys } from '../src/repl/completion/live-keys.ts';
import { EditJournal } from '../src/repl/edit-journal.ts';
import { PendingEdits } from '../src/repl/pending-edits.ts';
import { Printer } from '../src/repl/printer.ts';
import { terminalConsole } from '../src/repl/terminal-console.ts';
import { spawnInCgroup } from '../test/support/peers.ts';

const PROCESSES = 4;
const CONNECTIONS = 8000; // each is two open files, and two entries
const ROUNDS = 9;
const [COLUMNS, ROWS] = [80, 24];
const REPL = join(import.meta.dirname, '../bin/splice-repl.js');

const name = `splice-bench-${process.pid}`;
const cgroup = join(findCgroup2(), name);
const pin = `/sys/fs/bpf/${name}`;
const splice = openSplice({ pin });
const home = mkdtempSync(join(tmpdir(), name));
mkdirSync(cgroup);

/** In milliseconds. */
interface Time {
  passed: number;
  processor: number;
}

function timed(work: () => unknown): Time {
  const start = performance.now();
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return { passed: performance.now() - start, processor: (user + system) / 1000 };
}

/** What a process has used so far; proc_pid_stat(5) counts in ticks of 10 ms. */
function processorTime(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return 10 * (Number(fields[11]) + Number(fields[12]));
}

/** From the start of the process until its prompt is on the terminal, in milliseconds. */
async function firstPrompt(): Promise<Time> {
  const start = performance.now();
  const env = { ...process.env, XDG_STATE_HOME: home, XDG_CONFIG_HOME: home };
  const terminal = spawn(process.execPath, [REPL, '--pin', pin], { cols: COLUMNS, rows: ROWS, env });
  let shown = '';
  const took = await new Promise<Time>((resolve) => {
    terminal.onData((data) => {
      shown += data;
      if (!shown.includes('splice> ')) return;
      resolve({ passed: performance.now() - start, processor: processorTime(terminal.pid) });
    });
  });
  const ended = new Promise((resolve) => terminal.onExit(resolve));
  terminal.write('\x04');
  await ended;
  return took;
}

function row(what: string, times: Time[], limit?: number): string {
  const inOrder = (of: keyof Time) => times.map((time) => time[of]).toSorted((a, b) => a - b);
  const [passed, processor] = [inOrder('passed'), inOrder('processor')];
  const figures = [processor[times.length >> 1], processor[0], passed[times.length >> 1], passed[0]];
  const cells = figures.map((ms) => (ms as number).toFixed(1).padStart(9));
  return `${what.padEnd(38)}${cells.join('')}${String(limit ?? '-').padStart(9)}`;
}

/** The names at the prompt, as they are at a terminal of 80x24. */
function prompt() {
  const output = Object.assign(new PassThrough().resume(), { columns: COLUMNS, rows: ROWS });
  const console = terminalConsole(output, false);
  const commands = createCommands({ splice, edits: new PendingEdits(), journal: new EditJournal(), console });
  const { width, height } = console;
  const printer = new Printer({ json: false, terminal: true, colors: true, width, height, commands });
  const keys = new LiveKeys(splice);
  const liveKeys = () => keys.list();
  const none = () => [];
  const sources = {
    freshen: () => keys.freshen(),
    commands,
    liveKeys,
    modes: [],
    globals: none,
    valueOf: none,
    dotCommands: none,
  };
  const entries = commands.find((command) => command.name === 'entries')?.value as (filter?: string) => object[];
  return { printer, sources, entries };
}

const children = [];
try {
  splice.up({ cgroups: [cgroup] });
  const script = join(import.meta.dirname, 'many-connections.ts');
  for (let index = 0; index < PROCESSES; index++) {
    const argv = [process.execPath, script, String(CONNECTIONS)];
    children.push(spawnInCgroup(cgroup, argv, { stdio: ['pipe', 'pipe', 'inherit'] }));
  }
  await Promise.all(children.map((child) => child.stdout && once(child.stdout, 'data')));

  const { printer, sources, entries } = prompt();
  const times: Record<'start' | 'entries' | 'filtered' | 'printed' | 'tab' | 'narrow', Time[]> = {
    ...{ start: [], entries: [], filtered: [], printed: [], tab: [], narrow: [] },
  };
  const { length } = entries();
  const [some = ''] = splice.entries({ owners: false }).map((entry) => entry.key);
  for (let round = 0; round < ROUNDS; round++) {
    let all: object[] = [];
    times.entries.push(timed(() => (all = entries())));
    times.printed.push(timed(() => printer.format(all)));
    times.filtered.push(timed(() => entries('ip=127.0.0.0/8 and port>1024 not state~wait and redirects=0')));
    await sleep(2100);
    times.tab.push(timed(() => complete("lookup('", sources)));
    await sleep(2100);
    sources.freshen();
    await sleep(200);
    times.narrow.push(timed(() => complete(`show ${some.slice(0, -1)}`, sources)));
  }
  for (let round = 0; round < ROUNDS; round++) times.start.push(await firstPrompt());

  const table = [
    `${length} entries; milliseconds`,
    `${''.padEnd(38)}${'processor'.padStart(18)}${'passed'.padStart(18)}`,
    `${''.padEnd(38)}${['median', 'least', 'median', 'least', 'wanted'].map((title) => title.padStart(9)).join('')}`,
    row('start until the first prompt', times.start, 400),
    row('entries()', times.entries, 150),
    row('entries() with a filter of four parts', times.filtered, 150),
    row('printing them, which finds the owners', times.printed),
    row("lookup('<Tab>, nothing listed yet", times.tab, 50),
    row('Tab, listed while it was typed', times.narrow, 50),
  ];
  process.stdout.write(`${table.join('\n')}\n`);
} finally {
  for (const child of children) child.stdin?.end();
  await Promise.all(children.map((child) => child.exitCode ?? once(child, 'exit')));
  await splice.down({ force: true });
  splice.close();
  while (readFileSync(join(cgroup, 'cgroup.procs'), 'utf8') !== '') await sleep(10);
  rmdirSync(cgroup);
  rmSync(home, { recursive: true });
}
