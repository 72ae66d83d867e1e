/**
 * The process behind outpost.ts: reads an errand a line, runs it, answers with a line. Whoever started it
 * ends it when an errand takes too long. It waits for nothing else, and a process that ends does not linger.
 */
import { closeSync, readSync, writeSync } from 'node:fs';
import { enterSocket } from './adopter.ts';
import { duplicateDescriptor, endWithParent } from './descriptors.ts';
import { SpliceError } from './errors.ts';
import { FAMILIES } from './family.ts';
import { KernelError } from './kernel-error.ts';
import { getOption, OPTION, setOption } from './libc.ts';
import { type Answer, type Errand, FIRST_MAP_FD, READY } from './outpost.ts';
import { processDetail } from './process.ts';
import { SockKey } from './sock-key.ts';
import { checkSocket } from './socket-check.ts';

const STDIN = 0;
const STDOUT = 1;
const EBADF = 9;
const NEWLINE = 10;
const LONGEST_ERRAND = 4096;

/** Sockets that linger are closed by the end of this process: so many are kept until then. */
const MOST_KEPT = 512;
let kept = 0;

const MAPS: readonly string[] = FAMILIES.flatMap(({ map, endpoints }) => [map, endpoints]);
const maps = { fd: (name: string) => FIRST_MAP_FD + MAPS.indexOf(name) };

function run(errand: Errand): Answer {
  try {
    return { value: errand.do === 'look' ? processDetail(errand.pid) : onSocket(errand) };
  } catch (error) {
    if (error instanceof KernelError) return { kernel: { operation: error.operation, errno: error.errno } };
    if (error instanceof SpliceError) {
      const { code, message, remedy } = error;
      return { splice: { code, message, remedy } };
    }
    return { unexpected: String(error) };
  }
}

function onSocket(errand: Exclude<Errand, { do: 'look' }>): string | null {
  const { pid, fd } = errand;
  const socket = duplicateDescriptor(pid, fd);
  try {
    if (errand.do === 'cookie') return cookieOf(socket);
    // The descriptor may be another socket by now.
    if (errand.cookie !== undefined && cookieOf(socket) !== errand.cookie) {
      throw new KernelError(`${errand.do} descriptor ${fd} of process ${pid}: it is another socket`, EBADF);
    }
    if (errand.do === 'enter') return enter(socket, errand);
    setOption(socket, OPTION.RCVLOWAT, getOption(socket, OPTION.RCVLOWAT).readInt32LE());
    return null;
  } finally {
    letGo(socket);
  }
}

function enter(socket: number, { key, cookie, pid, fd }: Extract<Errand, { do: 'enter' }>): string {
  const wanted = SockKey.from(key);
  if (cookie === undefined) checkSocket(socket, wanted, `descriptor ${fd} of process ${pid}`);
  return enterSocket(maps, wanted, socket);
}

function cookieOf(socket: number): string {
  return String(getOption(socket, OPTION.COOKIE).readBigUInt64LE());
}

/** Our duplicate may be the last one by now, and its close(2) wait as long as the socket lingers. */
function letGo(socket: number): void {
  if (lingers(socket)) kept++;
  else closeSync(socket);
}

/** include/linux/socket.h, struct linger: whether, and for how long. */
function lingers(socket: number): boolean {
  try {
    const linger = getOption(socket, OPTION.LINGER);
    return linger.readInt32LE(0) !== 0 && linger.readInt32LE(4) !== 0;
  } catch {
    // No socket: its close(2) is its own affair, and the parent's deadline.
    return false;
  }
}

/** The next line; null when the parent asks no more. */
function nextLine(): string | null {
  const bytes = Buffer.alloc(LONGEST_ERRAND);
  for (let length = 0; length < bytes.length; ) {
    const read = readSync(STDIN, bytes, length, bytes.length - length, null);
    if (read === 0) return null;
    length += read;
    if (bytes[length - 1] === NEWLINE) return bytes.toString('utf8', 0, length);
  }
  return null;
}

endWithParent();
writeSync(STDOUT, READY);
for (let line = nextLine(); line !== null; line = nextLine()) {
  const answer = run(JSON.parse(line) as Errand);
  const last = kept >= MOST_KEPT;
  writeSync(STDOUT, `${JSON.stringify(last ? { ...answer, last } : answer)}\n`);
  if (last) break;
}
process.exit(0);
