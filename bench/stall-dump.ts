/** Everything there is to know about a connection on which nothing moves, as text. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import type { Splice } from '../src/core/index.ts';

/** What of a thread says where it waits. */
const THREAD_FILES = ['comm', 'wchan', 'syscall', 'stack', 'schedstat', 'status'];

/**
 * @param splice null without a splice
 * @param port of the server
 * @param pids whose threads are looked at
 */
export function describeStall(splice: Splice | null, port: number, pids: readonly number[]): string {
  const parts: string[] = [];
  const add = (title: string, look: () => string) => parts.push(`--- ${title}\n${orWhy(look)}`);
  if (splice) {
    add('status', () => JSON.stringify(splice.status(), null, 1));
    add('entries', () => JSON.stringify(splice.entries(), null, 1));
  }
  // A queue that moves while it is looked at is no stall: twice tells.
  for (const look of ['sockets', 'sockets, again'])
    add(look, () => output('ss', ['-tinmpoea', `( sport = :${port} or dport = :${port} )`]));
  // A process that waits for a CPU is not stalled by its socket.
  add('pressure', () => readFileSync('/proc/pressure/cpu', 'utf8') + readFileSync('/proc/loadavg', 'utf8'));
  add('counters of the network', () => output('nstat', ['-az']));
  for (const pid of pids) {
    add(`process ${pid}`, () => threads(pid));
    add(`open files of ${pid}`, () => output('ls', ['-l', `/proc/${pid}/fd`]));
  }
  return `${parts.join('\n')}\n`;
}

function threads(pid: number): string {
  const folder = `/proc/${pid}/task`;
  return readdirSync(folder)
    .flatMap((thread) =>
      THREAD_FILES.map(
        (file) => `${thread} ${file}: ${orWhy(() => readFileSync(`${folder}/${thread}/${file}`, 'utf8').trim())}`,
      ),
    )
    .join('\n');
}

function output(program: string, argv: readonly string[]): string {
  return execFileSync(program, argv, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` },
  });
}

function orWhy(look: () => string): string {
  try {
    return look();
  } catch (error) {
    return `(${error instanceof Error ? error.message : String(error)})`;
  }
}
