/**
 * A key as the kernel stores it, taken apart: which bytes are which field, what they mean in host
 * order, and what the kernel had before the programs turned it around. Pure: works on any machine.
 */
import { SockKey } from '../core/sock-key.ts';

type FieldName = 'sip' | 'dip' | 'sport' | 'dport';

/** One field of a key. All hex is in pairs of digits, one pair a byte, lowest address first. */
export interface KeyField {
  readonly name: FieldName;
  /** What it is, in two words. */
  readonly meaning: string;
  /** Where it begins in the key, and how long it is, in bytes. */
  readonly offset: number;
  readonly size: number;
  /** The field as people write it: an address or a port. */
  readonly text: string;
  /** The bytes in the map, as they lie in memory. */
  readonly stored: string;
  /** The number in host order, as C writes it: `0x0a000001`; null for an IPv6 address, which is no number. */
  readonly host: string | null;
  /** The bytes as they go over the wire: network order. A port has two of them. */
  readonly network: string;
  /** Where the programs take it from, and what they do with it: `ntohl(remote_port)`. */
  readonly source: string;
}

/** A key and its fields, in the order of the map. */
export interface KeyBytes {
  readonly key: string;
  readonly reverse: string;
  readonly map: 'INTERCEPT_MAP' | 'INTERCEPT_MAP6';
  /** 16 or 40. */
  readonly size: number;
  /** All bytes, in pairs of digits. */
  readonly stored: string;
  readonly fields: readonly KeyField[];
  /** Why the two ports are not treated alike, in two sentences. */
  readonly why: string;
}

const MEANINGS: Record<FieldName, string> = {
  sip: 'own address',
  dip: 'peer address',
  sport: 'own port',
  dport: 'peer port',
};

/** bpf/sock_key.h, key_of() and key6_of(). */
const SOURCES: Record<FieldName, readonly [ipv4: string, ipv6: string]> = {
  sip: ['ntohl(local_ip4)', 'local_ip6'],
  dip: ['ntohl(remote_ip4)', 'remote_ip6'],
  sport: ['local_port', 'local_port'],
  dport: ['ntohl(remote_port)', 'ntohl(remote_port)'],
};

const WORD = 4;

/** include/uapi/linux/bpf.h, struct bpf_sock_ops. */
const WHY_NTOHL =
  'The kernel keeps local_port as a number in host order: it is used as it is. ' +
  'remote_port is what came over the wire, two bytes in network order in the upper half of a word: only ntohl makes the port of it.';

/**
 * Takes a key apart.
 * @throws SpliceError BAD_KEY
 */
export function keyBytes(input: Parameters<typeof SockKey.from>[0]): KeyBytes {
  const key = SockKey.from(input);
  const bytes = key.encode();
  const { family } = key;
  const isIpv6 = family.map === 'INTERCEPT_MAP6';
  const fields = (['sip', 'dip', 'sport', 'dport'] as const).map((name): KeyField => {
    const isAddress = name === 'sip' || name === 'dip';
    const offset = WORD * family.key[name];
    const size = isIpv6 && isAddress ? 16 : WORD;
    const stored = bytes.subarray(offset, offset + size);
    const isNumber = size === WORD;
    const number = isNumber ? stored.readUInt32LE() : 0;
    return {
      name,
      meaning: MEANINGS[name],
      offset,
      size,
      text: String(key[name]),
      stored: hexPairs(stored),
      host: isNumber ? `0x${number.toString(16).padStart(8, '0')}` : null,
      network: hexPairs(
        isNumber
          ? Buffer.from(stored)
              .reverse()
              .subarray(isAddress ? 0 : 2)
          : stored,
      ),
      source: SOURCES[name][isIpv6 ? 1 : 0],
    };
  });
  return {
    key: key.toString(),
    reverse: key.reverse().toString(),
    map: family.map,
    size: bytes.length,
    stored: hexPairs(bytes),
    fields,
    why: WHY_NTOHL,
  };
}

function hexPairs(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
}
