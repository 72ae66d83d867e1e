/** Whether the running kernel counts redirected bytes: tried with two sockets of our own. */
import { closeSync } from 'node:fs';
import { SpliceError } from './errors.ts';
import { KernelError } from './kernel-error.ts';
import { attachProgram, BPF_SK_MSG_VERDICT, type LoadedObject } from './libbpf.ts';
import {
  accept,
  connectToLoopback,
  getOption,
  listenOnLoopback,
  MSG,
  OPTION,
  receive,
  send,
  setOption,
  tcpSocket,
} from './libc.ts';
import { BPF_NOEXIST, updateElement } from './map-elements.ts';
import { PIN } from './pin-directory.ts';
import { writeSettings } from './pinned.ts';
import { keyOf } from './socket-check.ts';

/** Three messages, and how much of them is read at a time: parts of messages, and over their ends. */
const SENT = [1000, 700, 1];
const READ = [300, 1000, 400, 1];

/**
 * Whether sk_rmem_alloc has just the bytes that wait in the ingress queue, as they come and as they are read.
 * False where it cannot be tried, because the loopback interface is down or another sockmap takes the sockets.
 * @param loadNaive loads an object whose SK_MSG program redirects without conditions; it is closed here
 */
export function isQueueCounted(loadNaive: () => LoadedObject): boolean {
  const opened: number[] = [];
  const open = (fd: number) => {
    opened.push(fd);
    return fd;
  };
  let object: LoadedObject | undefined;
  try {
    object = loadNaive();
    const listener = open(tcpSocket());
    const port = listenOnLoopback(listener);
    const from = open(tcpSocket());
    // A firewall may drop it: then not for minutes.
    setOption(from, OPTION.TCP_SYNCNT, 1);
    connectToLoopback(from, port);
    const to = open(accept(listener));
    return join(object, from, to) && isCounted(from, to);
  } catch (error) {
    if (error instanceof KernelError || error instanceof SpliceError) return false;
    throw error;
  } finally {
    for (const fd of opened) closeSync(fd);
    object?.close();
  }
}

/** Makes both ends entries; false when they are not two ends: another process may have connected. */
function join(object: LoadedObject, from: number, to: number): boolean {
  const [key, reverse] = [keyOf(from), keyOf(to)];
  if (key === null || key.reverse().toString() !== reverse?.toString()) return false;
  const map = object.mapFd(PIN.map);
  writeSettings(object.mapFd(PIN.settings), { mode: 'naive', traffic: 'redirect', queueLimit: 0 });
  attachProgram(object.programFd(PIN.skMsg), map, BPF_SK_MSG_VERDICT);
  for (const [name, fd] of [
    [key, from],
    [reverse, to],
  ] as const) {
    updateElement(map, name.encode(), new Uint8Array(BigUint64Array.of(BigInt(fd)).buffer), BPF_NOEXIST);
  }
  return true;
}

function isCounted(from: number, to: number): boolean {
  let waiting = 0;
  for (const length of SENT) {
    send(from, Buffer.alloc(length), MSG.DONTWAIT);
    waiting += length;
    if (counted(to) !== waiting) return false;
  }
  for (const length of READ) {
    waiting -= receive(to, length, MSG.DONTWAIT).length;
    if (counted(to) !== waiting) return false;
  }
  return waiting === 0;
}

/** SK_MEMINFO_RMEM_ALLOC (include/uapi/linux/sock_diag.h): the first number of SO_MEMINFO. */
function counted(fd: number): number {
  return getOption(fd, OPTION.MEMINFO).readUInt32LE(0);
}
