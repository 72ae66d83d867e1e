/** The elements of maps, read and written through libbpf: part of what libbpf.ts is. */
import { call, check } from './libbpf.ts';

/** include/uapi/linux/bpf.h */
export const BPF_ANY = 0;
export const BPF_NOEXIST = 1;

/** How many elements one call of readElements() asks for. */
const BATCH = 4096;

/** Reads the value under a key into `value`; false when there is none. */
export function lookupElement(fd: number, key: Uint8Array, value: Uint8Array): boolean {
  const result = call().lookup(fd, key, value);
  if (result === -2) return false;
  check('look up map element', result);
  return true;
}

/**
 * Writes a value under a key of a map.
 * @param flags BPF_ANY or BPF_NOEXIST
 * @throws KernelError EEXIST, ENOSPC and others: bpf(2)
 */
export function updateElement(fd: number, key: Uint8Array, value: Uint8Array, flags: number): void {
  check('update map element', call().update(fd, key, value, flags));
}

/** The keys of a map that nobody changes meanwhile. */
export function listKeys(fd: number, size: number): Buffer[] {
  const keys: Buffer[] = [];
  for (let before: Buffer | null = null; ; ) {
    const key = Buffer.alloc(size);
    const result: number = call().nextKey(fd, before, key);
    if (result === -2) return keys;
    check('list map keys', result);
    keys.push(key);
    before = key;
  }
}

/**
 * The values of a plain hash, one buffer for each call of the kernel; of elements that come or go
 * meanwhile, some are missing.
 */
export function* readElements(fd: number, keySize: number, valueSize: number): Generator<Buffer> {
  const { lookupBatch } = call();
  const keys = Buffer.allocUnsafe(BATCH * keySize);
  // Where the kernel went on to: a bucket's number (kernel/bpf/hashtab.c).
  let from: Buffer | null = null;
  for (;;) {
    const values = Buffer.allocUnsafeSlow(BATCH * valueSize);
    const next = Buffer.alloc(4);
    const count: [number] = [BATCH];
    const result: number = lookupBatch(fd, from, next, keys, values, count, null);
    if (result !== -2) check('read map elements', result);
    if (count[0] > 0) yield values.subarray(0, count[0] * valueSize);
    if (result === -2) return;
    from = next;
  }
}

/** Deletes a key; false when there was none. */
export function deleteElement(fd: number, key: Uint8Array): boolean {
  const result = call().remove(fd, key);
  if (result === -2 || result === -22) return false; // a SOCKHASH says EINVAL for a key it does not have
  check('delete map element', result);
  return true;
}
