/** What differs between IPv4 and IPv6: the maps, the programs over them, and the shape of a key. */
import { formatIpv4, formatIpv6, parseIpv4, parseIpv6 } from './ip-address.ts';
import { LAYOUT } from './layout.ts';

const WORD = 4;

/** One of the two families. Offsets and sizes are in 32-bit words. */
export interface Family {
  /** The SOCKHASH, its endpoints, and the iterator programs over it, by name. */
  readonly map: 'INTERCEPT_MAP' | 'INTERCEPT_MAP6';
  readonly endpoints: 'endpoints' | 'endpoints6';
  readonly listProgram: string;
  readonly drainProgram: string;
  readonly adoptProgram: string;
  readonly sweepProgram: string;
  readonly reservedProgram: string;
  readonly traceProgram: string;
  readonly recordWords: number;
  /** Where the fields of a key are, and how long it is. */
  readonly key: { readonly sip: number; readonly dip: number; readonly sport: number; readonly dport: number };
  readonly keyWords: number;
  /** Where the key is in a record. */
  readonly keyInRecord: number;
  readAddress(words: Uint32Array, at: number): string;
  writeAddress(words: Uint32Array, at: number, address: string): void;
}

/** The known IPv6 addresses by their bytes: formatting one takes a microsecond. */
const formatted = new Map<string, string>();
const MOST_FORMATTED = 65_536;

/** Keys of 16 bytes; IPv4-mapped addresses are of it, too. */
export const IPV4: Family = {
  map: 'INTERCEPT_MAP',
  endpoints: 'endpoints',
  listProgram: 'list_entries',
  drainProgram: 'drain_entry',
  adoptProgram: 'adopt_entries',
  sweepProgram: 'sweep_endpoints',
  reservedProgram: 'find_reserved',
  traceProgram: 'trace_endpoints',
  recordWords: LAYOUT.entry_record.size / WORD,
  key: inWords(LAYOUT.SockKey.fields),
  keyWords: LAYOUT.SockKey.size / WORD,
  keyInRecord: LAYOUT.entry_record.fields.key / WORD,
  // As a signed number, which V8 need not allocate memory for.
  readAddress: (words, at) => formatIpv4((words[at] as number) | 0),
  writeAddress: (words, at, address) => {
    words[at] = parseIpv4(address);
  },
};

/** Keys of 40 bytes. */
export const IPV6: Family = {
  map: 'INTERCEPT_MAP6',
  endpoints: 'endpoints6',
  listProgram: 'list_entries6',
  drainProgram: 'drain_entry6',
  adoptProgram: 'adopt_entries6',
  sweepProgram: 'sweep_endpoints6',
  reservedProgram: 'find_reserved6',
  traceProgram: 'trace_endpoints6',
  recordWords: LAYOUT.entry_record6.size / WORD,
  key: inWords(LAYOUT.SockKey6.fields),
  keyWords: LAYOUT.SockKey6.size / WORD,
  keyInRecord: LAYOUT.entry_record6.fields.key / WORD,
  readAddress: (words, at) => {
    const address = words.subarray(at, at + 4);
    const name = address.join();
    const known = formatted.get(name);
    if (known !== undefined) return known;
    const text = formatIpv6(new Uint8Array(address.slice().buffer));
    if (formatted.size >= MOST_FORMATTED) formatted.clear();
    formatted.set(name, text);
    return text;
  },
  writeAddress: (words, at, address) => {
    new Uint8Array(words.buffer, words.byteOffset + at * WORD, 16).set(parseIpv6(address));
  },
};

/** In the order in which they are listed. */
export const FAMILIES = [IPV4, IPV6] as const;

/** The family of an address. */
export function familyOf(address: string): Family {
  return address.includes(':') ? IPV6 : IPV4;
}

function inWords<Fields extends Record<string, number>>(fields: Fields): { [Name in keyof Fields]: number } {
  return Object.fromEntries(Object.entries(fields).map(([name, offset]) => [name, offset / WORD])) as {
    [Name in keyof Fields]: number;
  };
}
