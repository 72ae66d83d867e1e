/** neighbour.bpf.c: SOCK_OPS programs and a sockmap of somebody else, through bpftool. */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';

const SOURCE = join(import.meta.dirname, 'neighbour.bpf.c');
let count = 0;

function bpftool(...argv: string[]): string {
  return execFileSync('bpftool', argv, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** What it has seen: connections, RTT events, changes of state. */
export interface Seen {
  connections: number;
  roundTrips: number;
  states: number;
}

export class Neighbour implements Disposable {
  readonly #pins: string;
  readonly #attached: [cgroup: string, program: string][] = [];

  /**
   * @param folder where the compiled object goes; the caller removes it
   * @param flags the callback flags that it sets, as C; RTT and STATE unless told
   */
  constructor(folder: string, flags?: string) {
    const name = `splice-test-${process.pid}-neighbour-${++count}`;
    const object = join(folder, `${name}.o`);
    const multiarch = `-I/usr/include/${process.arch === 'x64' ? 'x86_64' : 'aarch64'}-linux-gnu`;
    const defines = flags === undefined ? [] : [`-DFLAGS=${flags}`];
    execFileSync('clang', ['-O2', '-g', '-target', 'bpf', ...defines, multiarch, '-c', SOURCE, '-o', object]);
    this.#pins = `/sys/fs/bpf/${name}`;
    bpftool('prog', 'loadall', object, this.#pins, 'pinmaps', `${this.#pins}_maps`);
  }

  /** Runs one of its SOCK_OPS programs for a cgroup, beside others. */
  attach(program: 'neighbour_flags' | 'neighbour_enters', cgroup: string): void {
    bpftool('cgroup', 'attach', cgroup, 'sock_ops', 'pinned', join(this.#pins, program), 'multi');
    this.#attached.push([cgroup, program]);
  }

  /** Attaches its SK_MSG or its SK_SKB program to its sockmap. */
  judge(program: 'neighbour_msg' | 'neighbour_skb'): void {
    const map = ['pinned', join(`${this.#pins}_maps`, 'neighbour_map')];
    const type = program === 'neighbour_msg' ? 'msg_verdict' : 'stream_verdict';
    const names = [type, program === 'neighbour_msg' ? 'sk_msg_verdict' : 'sk_skb_stream_verdict'];
    // bpftool gave the types other names in the course of time.
    for (const [index, name] of names.entries()) {
      try {
        bpftool('prog', 'attach', 'pinned', join(this.#pins, program), name, ...map);
        return;
      } catch (error) {
        if (index === names.length - 1) throw error;
      }
    }
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
