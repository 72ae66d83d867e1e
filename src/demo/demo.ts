/**
 * The demo, in order: two hosts and their services, the latency as it is, the splice, new connections,
 * the latency again, and then the live view or a report. Whatever happens, everything is removed.
 */
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { defaultPin, openSplice, printable, type Splice, SpliceError } from '../core/index.ts';
import { requirePrivileges } from '../core/privileges.ts';
import { Ending } from '../host/ending.ts';
import { buildHosts, findIp } from '../host/hosts.ts';
import { runName } from '../host/identity.ts';
import { makeDemoCgroup } from './demo-cgroup.ts';
import { LatencyMeter } from './latency.ts';
import type { Latency } from './quantiles.ts';
import { removeDemo, removeLeftovers } from './removal.ts';
import { latencyLines, report } from './report.ts';
import { Services } from './services.ts';

export interface DemoOptions {
  /** How long it runs without the live view. */
  seconds: number;
  /** Whether to open the live view. */
  tui: boolean;
  /** Where to pin. When left out it is the default, or beside it when that is taken. */
  pin?: string | undefined;
}

/**
 * Runs the demo. Progress goes to stderr, the report to stdout.
 * @throws SpliceError, after everything was removed
 */
export async function runDemo(options: DemoOptions): Promise<void> {
  requirePrivileges('load');
  findIp();
  const pin = options.pin ?? defaultPin();
  const name = runName('demo');
  using ending = new Ending();
  try {
    for (const left of await removeLeftovers(pin)) say(`removed what ${left} had left`);
    await perform(name, options, ending);
  } finally {
    await removeDemo(name, pin);
  }
}

async function perform(name: string, options: DemoOptions, ending: Ending): Promise<void> {
  const cgroup = makeDemoCgroup(name);
  say('building two hosts: service A 10.0.0.1, service B 10.0.0.2, joined by veth and a bridge');
  const hosts = buildHosts(name);
  const services = await ending.orEnd(Services.start(hosts, cgroup, ending.now));
  const meter = await ending.orEnd(LatencyMeter.start(hosts, cgroup));
  const connections = await ending.orEnd(services.connect());
  say(`${connections} connections: ${services.names.join(' and ')}`);

  await ending.orEnd(meter.open('before'));
  await ending.orEnd(services.whilePaused(() => meter.measure('before')));
  say(`before: ${describe(meter.latency('before'))}, there and back by TCP, IP, veth and bridge`);

  using splice = spliceUp(cgroup.path, name, options.pin);
  say(`spliced: pinned at ${printable(splice.pin)}; from another terminal: ${lookWith(splice)}`);
  await ending.orEnd(services.connect());
  await ending.orEnd(meter.open('after'));
  await ending.orEnd(services.whilePaused(() => meter.measure('before', 'after')));
  say(`after: ${describe(meter.latency('after'))}, spliced`);

  meter.keepMeasuring(ending.signal).catch(ending.now);
  if (options.tui) await watch(splice, meter, ending);
  else await wait(splice, meter, ending, options.seconds);
}

/** Opens the live view until the user quits; the latencies stay on the screen after it. */
async function watch(splice: Splice, meter: LatencyMeter, { signal }: Ending): Promise<void> {
  const { showTui } = await import('../tui/main.ts');
  const headline = () => latencyLines(meter.compare());
  await showTui({ splice, headline, signal });
  signal.throwIfAborted();
  process.stdout.write(`${headline().join('\n')}\n`);
}

/** Lets the services run for a while, and prints the report. */
async function wait(splice: Splice, meter: LatencyMeter, ending: Ending, seconds: number): Promise<void> {
  say(`running for ${seconds} s`);
  await ending.orEnd(sleep(seconds * 1000));
  const { status } = splice.snapshot();
  process.stdout.write(report(status.loaded ? splice.entries() : [], status, meter.compare()));
}

/** Splices the cgroup at the pin that was asked for, or at the default, or beside that when it is taken. */
function spliceUp(cgroup: string, name: string, pin: string | undefined): Splice {
  const splice = openSplice(pin === undefined ? {} : { pin });
  try {
    splice.up({ cgroups: [cgroup] });
    return splice;
  } catch (error) {
    const taken = error instanceof SpliceError && ['ALREADY_UP', 'PIN_OCCUPIED', 'BUSY'].includes(error.code);
    if (!taken || pin !== undefined) throw error;
    say(`${printable(splice.pin)} is in use; this splice goes beside it`);
    const beside = openSplice({ pin: join(dirname(splice.pin), name) });
    beside.up({ cgroups: [cgroup] });
    return beside;
  }
}

/** For another terminal, which need not have this one's SPLICE_PIN. */
function lookWith({ pin }: Splice): string {
  return pin === defaultPin({}) ? "splice-repl -e 'entries()'" : `splice-repl --pin ${printable(pin)} -e 'entries()'`;
}

function describe({ p50, p99 }: Latency): string {
  return `p50 ${p50.toFixed(1)} µs, p99 ${p99.toFixed(1)} µs`;
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
