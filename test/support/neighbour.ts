/** neighbour.bpf.c: SOCK_OPS programs and a sockmap of another tool, loaded and attached with bpftool as tools do. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './run.ts';

const SOURCE = join(import.meta.dirname, 'neighbour.bpf.c');
const ENV = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` };
let count = 0;

function bpftool(...argv: string[]): string {
  return execFileSync('bpftool', argv, { env: ENV, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** What it has seen: connections, RTT events, changes of state. */
export interface Seen {
  connections: number;
  roundTrips: number;
  states: number;
}

type SockOps = 'neighbour_flags' | 'neighbour_puts';

export class Neighbour implements Disposable {
  readonly #pins: string;
  readonly #attached: [cgroup: string, program: SockOps][] = [];

  /** @param flags the callback flags that it sets, as C; RTT and STATE unless told */
  constructor(flags?: string) {
    const name = `splice-test-${process.pid}-neighbour-${++count}`;
    this.#pins = `/sys/fs/bpf/${name}`;
    const folder = mkdtempSync(join(tmpdir(), `splice-test-${process.pid}-`));
    try {
      const [source, object] = [join(folder, 'neighbour.bpf.c'), join(folder, 'neighbour.o')];
      writeFileSync(source, `${flags === undefined ? '' : `#define FLAGS ${flags}\n`}#include "${SOURCE}"\n`);
      execFileSync('bash', [join(ROOT, 'scripts/build-bpf.sh'), source, object], { stdio: 'pipe' });
      bpftool('prog', 'loadall', object, this.#pins, 'pinmaps', `${this.#pins}_maps`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  /**
   * Runs one of its SOCK_OPS programs for a cgroup.
   * @param how `multi` lets others be attached beside it; `alone` lets none
   */
  attach(program: SockOps, cgroup: string, how: 'multi' | 'alone' = 'multi'): void {
    const flags = how === 'multi' ? [how] : [];
    bpftool('cgroup', 'attach', cgroup, 'sock_ops', 'pinned', join(this.#pins, program), ...flags);
    this.#attached.push([cgroup, program]);
  }

  /** Attaches its SK_MSG or its SK_SKB program to its sockmap. */
  judge(program: 'neighbour_msg' | 'neighbour_skb'): void {
    const map = ['pinned', join(`${this.#pins}_maps`, 'neighbour_map')];
    const [old, now] =
      program === 'neighbour_msg' ? ['msg_verdict', 'sk_msg_verdict'] : ['stream_verdict', 'sk_skb_stream_verdict'];
    const attach = (type: string) => bpftool('prog', 'attach', 'pinned', join(this.#pins, program), type, ...map);
    // bpftool gave the types other names in the course of time.
    try {
      attach(old as string);
    } catch {
      attach(now as string);
    }
  }

  /** The id of one of its programs. */
  id(program: SockOps): number {
    return (JSON.parse(bpftool('-j', 'prog', 'show', 'pinned', join(this.#pins, program))) as { id: number }).id;
  }

  seen(): Seen {
    const map = join(`${this.#pins}_maps`, 'neighbour_seen');
    const found = JSON.parse(bpftool('-j', 'map', 'dump', 'pinned', map)) as { formatted: { value: number } }[];
    const [connections = 0, roundTrips = 0, states = 0] = found.map(({ formatted }) => formatted.value);
    return { connections, roundTrips, states };
  }

  [Symbol.dispose](): void {
    for (const [cgroup, program] of this.#attached) {
      bpftool('cgroup', 'detach', cgroup, 'sock_ops', 'pinned', join(this.#pins, program));
    }
    for (const path of [this.#pins, `${this.#pins}_maps`]) rmSync(path, { recursive: true, force: true });
  }
}
