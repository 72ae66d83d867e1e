/**
 * How fast splice-repl answers with 64 000 entries: from start to the first prompt, entries() and the
 * printing of what it gives, and Tab among the keys. Run it as root: `npm run bench:repl`.
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
const ROUNDS = 15;
const [COLUMNS, ROWS] = [80, 24];
const REPL = join(import.meta.dirname, '../bin/splice-repl.js');

const name = `splice-bench-${process.pid}`;
const cgroup = join(findCgroup2(), name);
const pin = `/sys/fs/bpf/${name}`;
const splice = openSplice({ pin });
const home = mkdtempSync(join(tmpdir(), name));
mkdirSync(cgroup);

function timed(work: () => unknown): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

/** From the start of the process until its prompt is on the terminal, in milliseconds. */
async function firstPrompt(): Promise<number> {
  const start = performance.now();
  const env = { ...process.env, XDG_STATE_HOME: home, XDG_CONFIG_HOME: home };
  const terminal = spawn(process.execPath, [REPL, '--pin', pin], { cols: COLUMNS, rows: ROWS, env });
  let shown = '';
  const took = await new Promise<number>((resolve) => {
    terminal.onData((data) => {
      shown += data;
      if (shown.includes('splice> ')) resolve(performance.now() - start);
    });
  });
  const ended = new Promise((resolve) => terminal.onExit(resolve));
  terminal.write('\x04');
  await ended;
  return took;
}

function row(what: string, times: number[], limit: number): string {
  const sorted = times.toSorted((a, b) => a - b);
  const cells = [sorted[times.length >> 1], sorted[0], sorted.at(-1)].map((ms) =>
    (ms as number).toFixed(1).padStart(8),
  );
  return `${what.padEnd(44)}${cells.join('')}${String(limit).padStart(8)}`;
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
  const sources = { commands, liveKeys, modes: [], globals: none, valueOf: none, dotCommands: none };
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
  const times: Record<'start' | 'entries' | 'filtered' | 'printed' | 'tab' | 'narrow', number[]> = {
    ...{ start: [], entries: [], filtered: [], printed: [], tab: [], narrow: [] },
  };
  const { length } = entries();
  const [some = ''] = splice.entries({ owners: false }).map((entry) => entry.key);
  for (let round = 0; round < ROUNDS; round++) {
    let all: object[] = [];
    times.entries.push(timed(() => (all = entries())));
    times.printed.push(timed(() => printer.format(all)));
    times.filtered.push(timed(() => entries('ip=127.0.0.0/8 and port>1024 not comm~redis and redirects=0')));
    await sleep(1500);
    times.tab.push(timed(() => complete("lookup('", sources)));
    await sleep(1500);
    times.narrow.push(timed(() => complete(`show ${some.slice(0, -1)}`, sources)));
  }
  for (let round = 0; round < ROUNDS; round++) times.start.push(await firstPrompt());

  const table = [
    `${length} entries; milliseconds`,
    `${''.padEnd(44)}${['median', 'least', 'most', 'wanted'].map((title) => title.padStart(8)).join('')}`,
    row('start until the first prompt', times.start, 400),
    row('entries()', times.entries, 150),
    row('entries() with a filter of four parts', times.filtered, 150),
    row('printing them at 80x24', times.printed, 150),
    row("lookup('<Tab>", times.tab, 50),
    row('show with all but a digit <Tab>', times.narrow, 50),
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
