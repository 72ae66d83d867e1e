/**
 * A BPF ring buffer, read through libbpf: part of what libbpf.ts is. One that is full keeps what it
 * has, and the programs are told that it takes no more.
 */
import { closeSync } from 'node:fs';
import { ffi } from './ffi.ts';
import { KernelError } from './kernel-error.ts';
import { openLibbpf } from './libbpf.ts';

const BPF_MAP_TYPE_RINGBUF = 27;
/** libbpf hands this back when a record's callback returned it. */
const ENOUGH = -125;

// Built at the first call, so that importing this file costs nothing.
let functions: ReturnType<typeof bind> | undefined;
/** Takes the record that libbpf found; returns whether there is room for another. */
let take: (record: bigint) => boolean = () => false;

function call(): ReturnType<typeof bind> {
  functions ??= bind();
  return functions;
}

function bind() {
  const koffi = ffi();
  const bpf = openLibbpf();
  const sample = koffi.proto('int sample(void *context, void *record, size_t size)');
  const callback = koffi.register(
    (_context: unknown, record: bigint) => (take(record) ? 0 : ENOUGH),
    koffi.pointer(sample),
  );
  const make = bpf.func('void *ring_buffer__new(int map, sample *callback, void *context, void *options)');
  return {
    create: bpf.func('int bpf_map_create(int type, const char *name, uint32_t k, uint32_t v, uint32_t bytes, void *o)'),
    make: (map: number) => make(map, callback, null, null) as unknown,
    consume: bpf.func('int ring_buffer__consume(void *ring)'),
    free: bpf.func('void ring_buffer__free(void *ring)'),
    copy: koffi.load(null).func('void *memcpy(void *to, void *from, size_t size)'),
  };
}

/** A BPF ring buffer of ours, read as records of one size. */
export class RingBuffer implements Disposable {
  /** The descriptor of its map. */
  readonly fd: number;
  readonly #ring: unknown;
  readonly #recordBytes: number;
  readonly #room: Uint32Array<ArrayBuffer>;

  /**
   * Makes one.
   * @param bytes a power of 2, and a multiple of the page size
   * @param recordBytes the size of every record, a multiple of 4
   * @throws KernelError
   */
  constructor(name: string, bytes: number, recordBytes: number) {
    const { create, make } = call();
    this.fd = create(BPF_MAP_TYPE_RINGBUF, name, 0, 0, bytes, null);
    if (this.fd < 0) throw new KernelError('create ring buffer', -this.fd);
    this.#ring = make(this.fd);
    if (this.#ring === null) {
      const errno = ffi().errno();
      closeSync(this.fd);
      throw new KernelError('map ring buffer', errno);
    }
    this.#recordBytes = recordBytes;
    this.#room = new Uint32Array((Math.floor(bytes / recordBytes) * recordBytes) / 4);
  }

  /** The records that came since the last read, as words that hold until the next one. */
  read(): Uint32Array {
    const { consume, copy } = call();
    const room = this.#room;
    let used = 0;
    take = (record) => {
      copy(room.subarray(used), record, this.#recordBytes);
      used += this.#recordBytes / 4;
      return used < room.length;
    };
    const result: number = consume(this.#ring);
    if (result < 0 && result !== ENOUGH) throw new KernelError('read ring buffer', -result);
    return room.subarray(0, used);
  }

  [Symbol.dispose](): void {
    call().free(this.#ring);
    closeSync(this.fd);
  }
}
