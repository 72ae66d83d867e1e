/** Where client and server are, and on which CPUs. */
import { MOST_OF_PROC, readText } from '../core/bounded-file.ts';
import type { Host, Hosts } from '../host/hosts.ts';
import { needTool } from '../host/tools.ts';

export const PLACES = ['loopback', 'veth'] as const;
export type Place = (typeof PLACES)[number];

export const PLACE_TITLES: Readonly<Record<Place, string>> = {
  loopback: 'loopback',
  veth: 'veth + bridge',
};

/** How many CPUs client and server have together. */
export const PLACEMENTS = ['1cpu', '2cpu'] as const;
export type Placement = (typeof PLACEMENTS)[number];

export const PLACEMENT_TITLES: Readonly<Record<Placement, string>> = {
  '1cpu': 'one CPU',
  '2cpu': 'two CPUs',
};

/** The two ends of a place; `address` is what the server listens on. */
export interface Ends {
  client: Host;
  server: Host;
  address: string;
}

/** Where client and server of a row run. */
export function endsOf(place: Place, { a, b }: Hosts): Ends {
  if (place === 'veth') return { client: a, server: b, address: b.address };
  return { client: a, server: a, address: '127.0.0.1' };
}

/** The CPUs of a placement. */
export interface Cpus {
  client: number;
  server: number;
}

/**
 * The last CPUs of those that may be used: the first ones have more interrupts to serve.
 * @returns null when there are too few
 */
export function cpusOf(placement: Placement, allowed: readonly number[] = allowedCpus()): Cpus | null {
  const server = allowed.at(-1);
  const client = placement === '1cpu' ? server : allowed.at(-2);
  return server === undefined || client === undefined ? null : { client, server };
}

/** A command in front of another that ties it to a CPU. */
export function onCpu(cpu: number): string[] {
  return [needTool('taskset', 'util-linux'), '--cpu-list', String(cpu)];
}

/** The CPUs that this process may use, as `0-3,8` in /proc/self/status says. */
export function allowedCpus(status: string = readText('/proc/self/status', MOST_OF_PROC)): number[] {
  const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(status)?.[1] ?? '0';
  return list.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}
