/**
 * The process that runs one probe: it enters a cgroup before it has any socket, connects to itself,
 * and answers with one line of JSON. A probe may block: whoever started this process ends it.
 * Arguments: the probe, the cgroup.
 */
import { closeSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import {
  accept,
  connectToLoopback,
  listenOnLoopback,
  OPTION,
  receive,
  send,
  setOption,
  tcpSocket,
} from '../core/libc.ts';
import { leaveNetwork, setLoopback } from '../core/unusual-calls.ts';
import type { ProbeReport } from './probe-process.ts';
import { bytesReceived, type Pair } from './probes/pair.ts';
import { IN_OWN_NETWORK, PROBES, type ProbeName } from './probes.ts';

const [probe, cgroup = ''] = process.argv.slice(2) as [ProbeName, string];
const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

function say(report: ProbeReport): void {
  process.stdout.write(`${JSON.stringify(report)}\n`);
}

/** Asks the doctor to flip the switch, and waits until it has. */
async function byTcp(): Promise<void> {
  say({ wants: 'bypass' });
  await answers.next();
}

function connectToSelf(): Pair {
  const listener = tcpSocket();
  if (IN_OWN_NETWORK.has(probe)) setLoopback(listener, true);
  const port = listenOnLoopback(listener);
  const from = tcpSocket();
  setOption(from, OPTION.TCP_NODELAY, 1);
  connectToLoopback(from, port);
  const to = accept(listener);
  closeSync(listener);
  return { from, to, byTcp };
}

/** Sends a byte each way; both take the short way when the connection is spliced. */
function isSpliced({ from, to }: Pair): boolean {
  for (const [sender, receiver] of [
    [from, to],
    [to, from],
  ] as const) {
    send(sender, Buffer.from('?'));
    receive(receiver, 1);
  }
  return bytesReceived(to) === 0;
}

try {
  writeFileSync(join(cgroup, 'cgroup.procs'), String(process.pid));
  if (IN_OWN_NETWORK.has(probe)) leaveNetwork();
  const pair = connectToSelf();
  const spliced = isSpliced(pair);
  say({ spliced, saw: await PROBES[probe](pair) });
} catch (error) {
  say({ failed: String(error) });
}
process.exit(0);
