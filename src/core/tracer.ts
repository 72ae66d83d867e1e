/** Which entries tell of each of their messages: bpf/trace.bpf.c, loaded beside a splice. */
import { FAMILIES, type Family } from './family.ts';
import { Iterators } from './iterators.ts';
import { LAYOUT, TRACE_ACTIONS } from './layout.ts';
import { BPF_ANY, updateElement } from './map-elements.ts';
import type { PinnedMaps } from './pinned.ts';
import type { SockKey } from './sock-key.ts';

const ONLY = Buffer.alloc(4);

export class Tracer implements Disposable {
  readonly #iterators: Iterators;
  readonly #reader: number;

  /** @param reader which of the readers the messages are for */
  constructor(pinned: PinnedMaps, reader: number) {
    this.#iterators = new Iterators('trace', pinned);
    this.#reader = reader;
  }

  /** Begins or ends it for an entry and its peer. */
  trace(key: SockKey, action: 'begin' | 'end'): void {
    this.#run(action, key.family, key.encode());
  }

  /** Ends it for all. */
  endAll(): void {
    for (const family of FAMILIES) this.#run('endAll', family, Buffer.alloc(0));
  }

  [Symbol.dispose](): void {
    this.#iterators[Symbol.dispose]();
  }

  #run(action: (typeof TRACE_ACTIONS)[number], family: Family, key: Buffer): void {
    const request = Buffer.alloc(LAYOUT.trace.size);
    key.copy(request);
    request.writeUInt32LE(TRACE_ACTIONS.indexOf(action), LAYOUT.trace.fields.action);
    request.writeUInt32LE(this.#reader, LAYOUT.trace.fields.reader);
    updateElement(this.#iterators.mapFd('traces'), ONLY, request, BPF_ANY);
    this.#iterators.read(family.traceProgram, 4, family.endpoints);
  }
}
