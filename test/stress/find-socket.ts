/** Which descriptor of a process is the socket of an entry: what a user would look up with ss(8). */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { SockKey } from '../../src/core/index.ts';

/** A connection as /proc shows it. */
interface FoundSocket {
  sport: number;
  dport: number;
  inode: string;
}

const ESTABLISHED = '01';

/** The established connections of a process's network namespace. */
function listConnections(pid: number): FoundSocket[] {
  return ['tcp', 'tcp6'].flatMap((table) =>
    read(`/proc/${pid}/net/${table}`)
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state]) => state === ESTABLISHED)
      .map(([, local = '', remote = '', , , , , , , inode = '']) => ({
        sport: portOf(local),
        dport: portOf(remote),
        inode,
      })),
  );
}

/** The descriptor that a process has for the socket with a key; null when it has none. */
export function findDescriptor(pid: number, { sport, dport }: Pick<SockKey, 'sport' | 'dport'>): number | null {
  const socket = listConnections(pid).find((found) => found.sport === sport && found.dport === dport);
  if (!socket) return null;
  const directory = `/proc/${pid}/fd`;
  const descriptor = namesIn(directory).find((name) => linkOf(`${directory}/${name}`) === `socket:[${socket.inode}]`);
  return descriptor === undefined ? null : Number(descriptor);
}

function portOf(end: string): number {
  return Number.parseInt(end.slice(end.indexOf(':') + 1), 16);
}

// Processes and their descriptors come and go while one looks.
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function namesIn(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
