/**
 * Where a run happens: two hosts, a cgroup for each variant, and a splice for each that has one. All
 * are there all the time, so that the variants can be measured in turn: what is in the cgroup of a
 * variant goes its way, and the cgroup of plain TCP has no program at all.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Counters, openSplice, type Splice } from '../core/index.ts';
import { hasSockOps } from '../core/program-costs.ts';
import { type CgroupTree, makeCgroup } from '../host/cgroups.ts';
import { buildHosts, type Hosts } from '../host/hosts.ts';
import { benchFailed } from './failure.ts';
import { filesOf, pinOf } from './removal.ts';
import { isSpliced, SPLICED, type SplicedVariant, VARIANTS, type Variant } from './variants.ts';

/** Beside those of the variants: where the servers of bystanders are. */
const OUTSIDE = 'outside';

/** Below those that the kernel gives to clients. */
const FIRST_PORT = 20_000;

export class Stage {
  readonly hosts: Hosts;
  readonly #name: string;
  readonly #cgroups: CgroupTree<Variant | typeof OUTSIDE>;
  readonly #splices: Readonly<Record<SplicedVariant, Splice>>;
  #ports = FIRST_PORT;

  /**
   * @param name the run's: everything carries it, and removeBench() finds it by that
   * @param beside a pin directory: those of the splices are beside it
   * @throws SpliceError
   */
  constructor(name: string, beside: string) {
    this.#name = name;
    this.#cgroups = makeCgroup(name, [...VARIANTS, OUTSIDE]);
    if (hasSockOps(this.#cgroups.tcp)) {
      throw benchFailed(
        'SOCK_OPS programs are attached to the root cgroup: TCP would not be plain TCP',
        "'splice down', when it is a splice; bpftool cgroup tree shows it",
      );
    }
    this.hosts = buildHosts(name);
    mkdirSync(filesOf(name), { mode: 0o700 });
    const up = (mode: SplicedVariant) => {
      const splice = openSplice({ pin: pinOf(name, mode, beside) });
      splice.up({ cgroups: [this.#cgroups[mode]], mode });
      return splice;
    };
    this.#splices = Object.fromEntries(SPLICED.map((mode) => [mode, up(mode)])) as Record<SplicedVariant, Splice>;
  }

  /** The cgroup of a variant's processes, or the one outside of all splices. */
  cgroup(of: Variant | typeof OUTSIDE): string {
    return this.#cgroups[of];
  }

  /** What a variant's splice counted up to now; null when it has none. */
  counted(variant: Variant): Counters | null {
    if (!isSpliced(variant)) return null;
    const status = this.#splices[variant].status();
    if (!status.loaded) throw benchFailed(`the splice of ${variant} was taken down meanwhile`);
    return status.totals;
  }

  /** Where a variant's splice is pinned. */
  pin(variant: SplicedVariant): string {
    return this.#splices[variant].pin;
  }

  /** A port that no server of this run had. */
  newPort(): number {
    return ++this.#ports;
  }

  /** A new directory for a server's files. */
  newDirectory(): string {
    const path = join(filesOf(this.#name), String(++this.#ports));
    mkdirSync(path, { mode: 0o700 });
    return path;
  }

  /** Lets go of the splices; removeBench() takes them down. */
  close(): void {
    for (const splice of Object.values(this.#splices)) splice.close();
  }
}
