/** A SOCK_OPS program of somebody else, attached to a cgroup beside ours. */
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  attachProgram,
  BPF_CGROUP_SOCK_OPS,
  createLink,
  type LoadedObject,
  loadObject,
} from '../../src/core/libbpf.ts';
import { lookupElement } from '../../src/core/map-elements.ts';
import { runTool } from '../../src/host/tools.ts';
import { ROOT } from './run.ts';

const BPF_SK_SKB_STREAM_VERDICT = 5;

/** It is there until it is disposed of. */
export class OtherProgram implements Disposable {
  readonly #object: LoadedObject;
  readonly #link: number;

  /** @param name of the source beside this file, and with `_` of its SOCK_OPS program */
  constructor(name: 'other-flags' | 'other-reader', cgroup: string) {
    const folder = mkdtempSync(join(tmpdir(), `splice-test-${process.pid}-`));
    const source = join(import.meta.dirname, `${name}.bpf.c`);
    const object = join(folder, `${name}.bpf.o`);
    try {
      runTool('bash', [join(ROOT, 'scripts/build-bpf.sh'), source, object]);
      this.#object = loadObject(object, {}, {});
    } finally {
      rmSync(folder, { recursive: true });
    }
    if (name === 'other-reader') {
      const [verdict, map] = [this.#object.programFd('other_verdict'), this.#object.mapFd('other_sockets')];
      attachProgram(verdict, map, BPF_SK_SKB_STREAM_VERDICT);
    }
    const directory = openSync(cgroup, 'r');
    this.#link = createLink(this.#object.programFd(name.replace('-', '_')), directory, BPF_CGROUP_SOCK_OPS);
    closeSync(directory);
  }

  /** How many round trips were measured on the sockets of the cgroup. */
  get roundTrips(): number {
    const count = Buffer.alloc(8);
    lookupElement(this.#object.mapFd('round_trips'), Buffer.alloc(4), count);
    return Number(count.readBigUInt64LE());
  }

  [Symbol.dispose](): void {
    closeSync(this.#link);
    this.#object.close();
  }
}
