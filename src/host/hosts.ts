/**
 * The two hosts and what joins them, each in a network namespace of its own:
 *
 *   service A             switch              service B
 *   10.0.0.1  eth0 ─veth─ to-a bridge to-b ─veth─ eth0  10.0.0.2
 *
 * The machine's own namespace is not touched: with the three namespaces every link is gone.
 */
import { listNames, MOST_NAMES } from '../core/bounded-file.ts';
import { needTool, runTool } from './tools.ts';

/** A kernel may not have loaded, or not have, what joins namespaces. */
const MODULES = "whether 'modprobe -a veth bridge' works: both kernel modules are needed";

/** Where iproute2 keeps the names of network namespaces. */
const NAMESPACES = '/run/netns';

/** A host: its network namespace and its address there. */
export interface Host {
  namespace: string;
  address: string;
}

export interface Hosts {
  a: Host;
  b: Host;
}

/**
 * Makes the namespaces NAME-a, NAME-b and NAME-switch and joins them.
 * @throws SpliceError TOOL_MISSING, NOT_PERMITTED, TOOL_FAILED
 */
export function buildHosts(name: string): Hosts {
  const ip = findIp();
  const link = `${name}-switch`;
  const hosts = {
    a: { namespace: `${name}-a`, address: '10.0.0.1' },
    b: { namespace: `${name}-b`, address: '10.0.0.2' },
  };
  runTool(ip, ['netns', 'add', link]);
  batch(ip, link, ['link add bridge type bridge', 'link set bridge up']);
  for (const [port, { namespace, address }] of [
    ['to-a', hosts.a],
    ['to-b', hosts.b],
  ] as const) {
    runTool(ip, ['netns', 'add', namespace]);
    batch(ip, namespace, [
      'link set lo up',
      `link add eth0 type veth peer name ${port} netns ${link}`,
      `addr add ${address}/24 dev eth0`,
      'link set eth0 up',
    ]);
    batch(ip, link, [`link set ${port} master bridge up`]);
  }
  return hosts;
}

/** Removes the namespaces of a run, as many of them as there are, and the links with them. */
export function removeHosts(name: string): void {
  for (const namespace of listNamespaces()) {
    if (!namespace.startsWith(`${name}-`)) continue;
    try {
      runTool(findIp(), ['netns', 'delete', namespace]);
    } catch (error) {
      // Another run that starts now may have been quicker to remove the leftover.
      if (listNamespaces().includes(namespace)) throw error;
    }
  }
}

/** The names of all network namespaces that have one. */
export function listNamespaces(): string[] {
  try {
    return listNames(NAMESPACES, MOST_NAMES);
  } catch {
    return [];
  }
}

/**
 * iproute2's `ip`.
 * @throws SpliceError TOOL_MISSING
 */
export function findIp(): string {
  return needTool('ip', 'iproute2');
}

function batch(ip: string, namespace: string, commands: readonly string[]): void {
  runTool(ip, ['-n', namespace, '-batch', '-'], { input: `${commands.join('\n')}\n`, remedy: MODULES });
}
