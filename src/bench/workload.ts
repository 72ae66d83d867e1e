/** What a kind of traffic is to the bench: a server, a client that measures, and what it prints. */

/** A figure of a workload. */
export interface Metric {
  name: string;
  unit: string;
  better: 'less' | 'more';
}

/** A public program, and the Debian package that has it. */
export interface Tool {
  program: string;
  package: string;
  /** Prints its version, on whichever output. */
  version: readonly string[];
}

/** Where a server listens: at an address and port, or at the path of a Unix socket. */
export type Endpoint = { address: string; port: number } | { path: string };

/** Latencies: `[99, 12.5]` says that 99 % of all messages took at most 12.5 µs. */
export type Quantiles = readonly (readonly [percent: number, microseconds: number])[];

/** What a client measured: a value for each metric that it prints, and latencies where it has them. */
export interface Reading {
  values: Readonly<Record<string, number>>;
  quantiles?: Quantiles;
}

/** What the bench knows of a run besides what the client prints. */
export interface Meter {
  /** CPU time of client, server and the kernel's threads for them. */
  cpuSeconds: number;
  /** As in `client`. */
  speed: number | null;
}

/**
 * CPU time for a message or a request. Other work on the machine makes it wait, but costs it little:
 * on a machine that is busy this tells more than the rates do.
 */
export const CPU_TIME: Metric = { name: 'CPU time', unit: 'µs each', better: 'less' };

/** The value of CPU_TIME. */
export function cpuTime({ cpuSeconds }: Meter, count: number): Record<string, number> {
  return { [CPU_TIME.name]: (cpuSeconds * 1e6) / count };
}

export interface Workload {
  /** For --rows. */
  name: string;
  title: string;
  /** The program that measures comes first. */
  tools: readonly Tool[];
  metrics: readonly Metric[];
  /** Whether it can go over a Unix socket, too. */
  unix: boolean;
  /** Whether the server is in the spliced cgroup. Where it is not, the client is a bystander. */
  isServerInside: boolean;
  /** The client starts, and is quiet for so long before it measures. */
  quietMs: number;
  /** How long it measures, about. */
  busyMs: number;
  /** @param directory one that only this server has, for its files */
  server(at: Endpoint, directory: string): readonly string[];
  /** @param speed what `pace` made of the warm-up; null before */
  client(at: Endpoint, speed: number | null): readonly string[];
  /** A shorter client for the warm-up; `client` with no speed when left out. Null: the client does one. */
  warmUp?: ((at: Endpoint) => readonly string[]) | null;
  /** What later clients are told of the warm-up: how much work fits into the time. */
  pace?(printed: string): number;
  /** @throws Error when the client printed something else */
  read(printed: string, meter: Meter): Reading;
}

/**
 * The first number that a pattern finds.
 * @param what it is, for the error
 * @throws Error when the tool did not print it
 */
export function numberIn(printed: string, what: string, pattern: RegExp): number {
  const value = Number(pattern.exec(printed)?.[1] ?? Number.NaN);
  if (Number.isFinite(value)) return value;
  throw new Error(`the client did not print ${what}`);
}
