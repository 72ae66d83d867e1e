/**
 * What lies between the IP layers of two local ends when their bytes go by TCP. Only what the kernel
 * says, through `ip` inside the network namespaces of the two processes; where it does not say, null.
 */

import { execFile } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { listNames, MOST_NAMES } from './bounded-file.ts';
import type { SockKey } from './sock-key.ts';

/** What bytes may be seen to go through. */
export const DEVICES = ['loopback', 'veth', 'bridge'] as const;
type Device = (typeof DEVICES)[number];
/** The devices from the one end to the other; null where they are not known. */
export type Route = readonly Device[] | null;

/** Of `ip -json -details link`, what is looked at. */
interface Link {
  readonly ifindex: number;
  readonly ifname: string;
  /** Of a veth: the ifindex of its other end, which may be in another namespace. */
  readonly link_index?: number;
  /** The bridge that it is a port of. */
  readonly master?: string;
  readonly linkinfo?: { readonly info_kind?: string; readonly info_slave_kind?: string };
}

/** A network namespace: where it is open, and what is in it. */
interface Namespace {
  readonly path: string;
  readonly links: readonly Link[];
}

const NAMED = '/run/netns';
const TIMEOUT_MS = 2000;
/** A machine with more has better tools. */
const MOST_NAMESPACES = 64;

const run = promisify(execFile);

/** The route of what `key` sends, from a socket of process `own` to one of process `peer`. */
export async function findRoute(key: SockKey, own: number | null, peer: number | null): Promise<Route> {
  if (isLoopback(key)) return ['loopback'];
  if (own === null || peer === null) return null;
  try {
    const [ownPath, peerPath] = [namespaceOf(own), namespaceOf(peer)];
    // An address of one's own namespace is reached over its loopback device, whatever it is.
    if (identify(ownPath) === identify(peerPath)) return ['loopback'];
    const [a, b] = [await look(ownPath), await look(peerPath)];
    const from = await linkTo(a, key.dip);
    const to = await linkTo(b, key.sip);
    return from && to ? await between(a, from, b, to) : null;
  } catch {
    // Without `ip`, without privileges, or a process is gone meanwhile.
    return null;
  }
}

/** Every way that fits what both sides say; null when there is none, or more than one. */
async function between(a: Namespace, from: Link, b: Namespace, to: Link): Promise<Route> {
  const found = new Map<string, Device[]>();
  const add = (...devices: Device[]) => found.set(devices.join(), devices);
  if (isVeth(from) && isVeth(to) && areEnds(from, to)) add('veth');
  if (isBridge(to) && portOf(b, from)?.master === to.ifname) add('veth', 'bridge');
  if (isBridge(from) && portOf(a, to)?.master === from.ifname) add('bridge', 'veth');
  for (const path of otherNamespaces([a.path, b.path])) {
    // It may be gone meanwhile, or the name of none.
    const middle = await look(path).catch(() => ({ path, links: [] }));
    const [first, last] = [portOf(middle, from), portOf(middle, to)];
    if (first?.master !== undefined && first.master === last?.master) add('veth', 'bridge', 'veth');
  }
  const [only, ...others] = found.values();
  return only !== undefined && others.length === 0 ? only : null;
}

/** The other end of a veth in a namespace, when it is a port of a bridge there. */
function portOf({ links }: Namespace, veth: Link): Link | undefined {
  if (!isVeth(veth)) return undefined;
  return links.find((link) => isVeth(link) && areEnds(link, veth) && link.linkinfo?.info_slave_kind === 'bridge');
}

function areEnds(one: Link, other: Link): boolean {
  return one.link_index === other.ifindex && other.link_index === one.ifindex;
}

function isVeth({ linkinfo }: Link): boolean {
  return linkinfo?.info_kind === 'veth';
}

function isBridge({ linkinfo }: Link): boolean {
  return linkinfo?.info_kind === 'bridge';
}

async function look(path: string): Promise<Namespace> {
  return { path, links: (await ip(path, '-details', 'link')) as Link[] };
}

/** The device that a namespace sends to an address through. */
async function linkTo({ path, links }: Namespace, address: string): Promise<Link | undefined> {
  const [route] = (await ip(path, 'route', 'get', address)) as { dev?: string }[];
  return links.find(({ ifname }) => ifname === route?.dev);
}

async function ip(namespace: string, ...args: readonly string[]): Promise<unknown> {
  const { stdout } = await run('nsenter', [`--net=${namespace}`, 'ip', '-json', ...args], { timeout: TIMEOUT_MS });
  return JSON.parse(stdout);
}

/** The namespaces that can be found besides these: one's own, and those with a name. */
function otherNamespaces(known: readonly string[]): string[] {
  const paths = ['/proc/self/ns/net', ...namedNamespaces().map((name) => join(NAMED, name))];
  const seen = new Set<number | undefined>(known.map(identify));
  return paths.slice(0, MOST_NAMESPACES).filter((path) => {
    const id = statSync(path, { throwIfNoEntry: false })?.ino;
    const isNew = id !== undefined && !seen.has(id);
    seen.add(id);
    return isNew;
  });
}

function namedNamespaces(): string[] {
  try {
    return listNames(NAMED, MOST_NAMES);
  } catch {
    return [];
  }
}

function namespaceOf(pid: number): string {
  return `/proc/${pid}/ns/net`;
}

/** Two paths to one namespace have one inode. */
function identify(path: string): number {
  return statSync(path).ino;
}

function isLoopback({ sip, dip }: SockKey): boolean {
  return sip === dip || (/^127\./.test(sip) && /^127\./.test(dip));
}
