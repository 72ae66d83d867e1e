/** The turnaround histograms in the kernel: bpf/turnaround.h keeps them. */
import { FAMILIES } from './family.ts';
import { LAYOUT, readU64 } from './layout.ts';
import { possibleCpus } from './libbpf.ts';
import { lookupElement, readElements } from './map-elements.ts';
import { PIN } from './pin-directory.ts';
import type { PinnedMaps } from './pinned.ts';
import type { SockKey } from './sock-key.ts';
import { readTurnaround, type Turnaround } from './turnaround.ts';

const ONLY = Buffer.alloc(4);
const RECORD_WORDS = LAYOUT.endpoint_record.size / 4;
const TIMES = LAYOUT.endpoint_record.fields.times / 4;
const COOKIE = LAYOUT.endpoint.fields.cookie / 4;
const TOTALS_WORDS = LAYOUT.turnaround.size / 4;

/** That of all sockets together; empty when the mode is naive. */
export function readTotalTurnaround(pinned: PinnedMaps): Turnaround {
  const sum = new Uint32Array(TOTALS_WORDS);
  if (pinned.names.includes(PIN.turnarounds)) {
    const slots = new Uint32Array(possibleCpus() * TOTALS_WORDS);
    lookupElement(pinned.fd(PIN.turnarounds), ONLY, new Uint8Array(slots.buffer));
    for (const [index, count] of slots.entries()) (sum[index % TOTALS_WORDS] as number) += count;
  }
  return readTurnaround(sum, 0);
}

/** That of each socket, by its cookie: of the entries under these keys, or of all. */
export function readTurnarounds(pinned: PinnedMaps, keys?: readonly SockKey[]): Map<string, Turnaround> {
  const found = new Map<string, Turnaround>();
  for (const words of keys ? recordsOf(pinned, keys) : allRecords(pinned)) {
    for (let at = 0; at < words.length; at += RECORD_WORDS) {
      const cookie = readU64(words, at + COOKIE);
      // Without one it is only reserved.
      if (cookie !== 0) found.set(String(cookie), readTurnaround(words, at + TIMES));
    }
  }
  return found;
}

function* recordsOf(pinned: PinnedMaps, keys: readonly SockKey[]): Generator<Uint32Array> {
  for (const key of keys) {
    const words = new Uint32Array(RECORD_WORDS);
    if (lookupElement(pinned.fd(key.family.endpoints), key.encode(), new Uint8Array(words.buffer))) yield words;
  }
}

function* allRecords(pinned: PinnedMaps): Generator<Uint32Array> {
  for (const { endpoints, keyWords } of FAMILIES) {
    for (const { buffer, byteOffset, length } of readElements(
      pinned.fd(endpoints),
      4 * keyWords,
      LAYOUT.endpoint_record.size,
    )) {
      yield new Uint32Array(buffer, byteOffset, length / 4);
    }
  }
}
