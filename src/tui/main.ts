/** `splice-tui`: its options, and which way of showing suits where the output goes. */
import { createCommand, runCommand, wholeNumber } from '../cli/usage.ts';
import { openSplice, type Splice, SpliceError } from '../core/index.ts';
import { type Filter, parseFilter } from '../filter/index.ts';
import { Replay } from '../recording/replay.ts';
import { hasTerminal } from '../view/has-terminal.ts';
import { onceText } from './once.ts';
import type { TuiOptions } from './show.tsx';
import { DEFAULT_INTERVAL_MS } from './store.ts';

export type { TuiOptions } from './show.tsx';

const FASTEST_MS = 50;
const SLOWEST_MS = 60_000;

interface Options {
  readonly pin: string;
  readonly interval: number;
  readonly filter: string;
  readonly readOnly?: true;
  readonly mouse: boolean;
  readonly record?: string;
  readonly replay?: string;
  readonly once?: true;
  readonly json?: true;
}

/** Runs `splice-tui` with the arguments after its name; returns the exit status. Errors are printed. */
export function runTui(argv: readonly string[]): Promise<number> {
  const command = createCommand('splice-tui')
    .description('Shows a splice live: who talks to whom, how much is redirected, and what goes by TCP.')
    .option(
      '--interval <ms>',
      `milliseconds between two looks, ${FASTEST_MS} to ${SLOWEST_MS}`,
      wholeNumber(FASTEST_MS, SLOWEST_MS),
      DEFAULT_INTERVAL_MS,
    )
    .option('--filter <expression>', "show only the entries that fit, such as 'port=6379 and not spliced'", '')
    .option('--read-only', 'take every key away that changes something')
    .option('--no-mouse', 'leave the mouse to the terminal')
    .option('--record <file>', 'also write what is seen to a new file')
    .option('--replay <file>', 'show what was recorded, instead of a live splice')
    .option('--once', 'print the entries once, as text; so does output that is not a terminal')
    .option('--json', 'print the entries once, as JSON')
    .action(async (options: Options) => {
      const isOnce = options.once || options.json || !hasTerminal();
      const filter = parseFilter(options.filter, { oneLook: isOnce });
      if (isOnce && options.record !== undefined) throw nothingToRecord();
      if (options.replay !== undefined) return await showReplay(options.replay, filter, isOnce, options);
      using splice = openSplice({ pin: options.pin });
      if (isOnce) printOnce(splice, filter, options.json === true);
      else await watch(splice, filter, options);
    });
  return runCommand(command, argv);
}

/**
 * See show() in show.tsx. Ink is loaded only here: `--once` does without. With DEV=true it would load a tool for
 * its developers from any folder above; in the bundle it cannot (scripts/bundle-tui.js).
 */
export async function showTui(options: TuiOptions): Promise<void> {
  delete process.env.DEV;
  const { show } = await import('./show.tsx');
  await show(options);
}

function nothingToRecord(): SpliceError {
  const why = '--record writes what the live view sees, and here is none';
  return new SpliceError('BAD_OPTION', why, 'the same on a terminal, without --once and --json');
}

/** The same of a recording: its last moment once, or all of it. Needs no privileges, no libbpf, no Linux. */
async function showReplay(path: string, filter: Filter, isOnce: boolean, options: Options): Promise<void> {
  if (options.record !== undefined) {
    throw new SpliceError('BAD_OPTION', '--record and --replay do not go together', 'cp, to copy a recording');
  }
  using replay = new Replay(path);
  if (isOnce) {
    replay.playback.seek(replay.playback.durationMs);
    return printOnce(replay, filter, options.json === true);
  }
  replay.playback.play();
  await showTui({ splice: replay, intervalMs: options.interval, filter, mouse: options.mouse });
}

async function watch(splice: Splice, filter: Filter, options: Options): Promise<void> {
  const { interval, readOnly, mouse, record } = options;
  checkAccess(splice);
  await showTui({ splice, intervalMs: interval, readOnly: readOnly === true, filter, mouse, record });
}

/** What this machine or user cannot do is said before the screen is taken. Nothing loaded is no error. */
function checkAccess(splice: Splice): void {
  try {
    splice.mode();
  } catch (error) {
    if (!(error instanceof SpliceError) || error.code !== 'NOT_LOADED') throw error;
  }
}

function printOnce(splice: Splice | Replay, filter: Filter, json: boolean): void {
  const { stdout } = process;
  stdout.write(`${onceText(splice, filter, json, stdout.isTTY ? stdout.columns : undefined)}
`);
}
