/** A server of the bench, from its start until it listens. */

import { existsSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MOST_OF_PROC, readText } from '../core/bounded-file.ts';
import { HostProcess, type Place } from '../host/host-process.ts';
import { benchFailed } from './failure.ts';
import type { Endpoint } from './workload.ts';

const NAMESPACES = '/run/netns';
const TIMEOUT_MS = 10_000;
const LOOK_MS = 5;
/** The fourth column of /proc/net/tcp, include/net/tcp_states.h */
const LISTEN = '0A';

/**
 * Starts a server and waits until it listens.
 * @throws SpliceError PROCESS_FAILED, BENCH_FAILED; by then it is stopped
 */
export async function startServer(place: Place, command: readonly string[], at: Endpoint): Promise<HostProcess> {
  const server = new HostProcess(command[0] ?? 'server', place, command);
  try {
    const deadline = performance.now() + TIMEOUT_MS;
    while (!listens(server.pid, place.host.namespace, at)) {
      if (performance.now() > deadline) throw benchFailed(`${server.name} does not listen`);
      await Promise.race([sleep(LOOK_MS), server.failed]);
    }
    return server;
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** Before it has entered its network namespace, what the process sees is somebody else's. */
function listens(pid: number | undefined, namespace: string, at: Endpoint): boolean {
  if ('path' in at) return existsSync(at.path);
  try {
    const own = `net:[${statSync(join(NAMESPACES, namespace)).ino}]`;
    if (readlinkSync(`/proc/${pid}/ns/net`) !== own) return false;
    return isListening(readText(`/proc/${pid}/net/tcp`, MOST_OF_PROC), at.port);
  } catch {
    // It is being started, or has just ended: `failed` tells.
    return false;
  }
}

/** @param table /proc/net/tcp: addresses are hexadecimal, the own one is in the second column */
export function isListening(table: string, port: number): boolean {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return table.split('\n').some((line) => {
    const [, local = '', , state] = line.trim().split(/\s+/);
    return state === LISTEN && local.endsWith(suffix);
  });
}
