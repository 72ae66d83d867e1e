/** SockKey, the name of one end of a TCP connection; the C side is bpf/sock_key.h. */
import { inspect } from 'node:util';
import { InputError, SpliceError } from './errors.ts';
import { FAMILIES, type Family, familyOf } from './family.ts';
import { canonicalAddress, formatIpv4 } from './ip-address.ts';
import { asText, printable } from './printable.ts';

const SHAPES = '10.0.0.1:5000->10.0.0.2:80 or [::1]:5000->[::1]:80';

/**
 * One end of a connection: `sip`/`sport` are the socket's own end. Addresses are text and ports
 * numbers; printed, and in JSON, it is `10.0.0.1:5000->10.0.0.2:80` or `[::1]:5000->[::1]:80`.
 * Immutable.
 */
export class SockKey {
  readonly sip: string;
  readonly dip: string;
  readonly sport: number;
  readonly dport: number;

  private constructor(sip: string, dip: string, sport: number, dport: number) {
    this.sip = sip;
    this.dip = dip;
    this.sport = sport;
    this.dport = dport;
    Object.freeze(this);
  }

  /**
   * Reads a key: the text form, the bytes as the map has them (32 hex digits, 80 for IPv6), or an
   * object `{sip, dip, sport, dport}`.
   * @throws SpliceError BAD_KEY, naming the part that is wrong
   */
  static from(input: KeyInput): SockKey {
    if (input instanceof SockKey) return input;
    if (typeof input === 'string') {
      const text = input.trim();
      return /^[0-9a-f]+$/i.test(text) ? fromHex(text) : fromText(text);
    }
    if (typeof input === 'object' && input !== null) {
      return fromParts(input, inspect(input, { breakLength: Number.POSITIVE_INFINITY }));
    }
    throw badKey(inspect(input), `a key is text or an object, not ${input === null ? 'null' : typeof input}`);
  }

  /** Decodes a key as the map has it, which begins at word `at`. */
  static decode(words: Uint32Array, family: Family, at = 0): SockKey {
    const { sip, dip, sport, dport } = family.key;
    return new SockKey(
      family.readAddress(words, at + sip),
      family.readAddress(words, at + dip),
      words[at + sport] as number,
      words[at + dport] as number,
    );
  }

  /**
   * Builds a key from parts that are still text; `whole` is what the user wrote, for the error.
   * @throws SpliceError BAD_KEY
   */
  static of({ sip, sport, dip, dport }: Parts, whole: string): SockKey {
    const own = checkAddress(sip, 'own address (sip)', whole);
    const peer = checkAddress(dip, 'peer address (dip)', whole);
    if (familyOf(own) !== familyOf(peer)) {
      const why = `the peer address (dip) '${dip.text}' is not of the same family as the own address '${sip.text}'`;
      throw badKey(whole, why, dip);
    }
    return new SockKey(
      own,
      peer,
      checkPort(sport, 'own port (sport)', whole),
      checkPort(dport, 'peer port (dport)', whole),
    );
  }

  /** IPv4 or IPv6, and with it the map that the key belongs to. */
  get family(): Family {
    return familyOf(this.sip);
  }

  /** The same connection seen from the other end. */
  reverse(): SockKey {
    return new SockKey(this.dip, this.sip, this.dport, this.sport);
  }

  /** The bytes that the map has for this key: 16, or 40 for IPv6. */
  encode(): Buffer {
    const { key, keyWords, writeAddress } = this.family;
    const words = new Uint32Array(keyWords);
    writeAddress(words, key.sip, this.sip);
    writeAddress(words, key.dip, this.dip);
    words[key.sport] = this.sport;
    words[key.dport] = this.dport;
    return Buffer.from(words.buffer);
  }

  /** The bytes in map order, as hex digits. */
  get hex(): string {
    return this.encode().toString('hex');
  }

  toString(): string {
    return `${formatEnd(this.sip, this.sport)}->${formatEnd(this.dip, this.dport)}`;
  }

  toJSON(): string {
    return this.toString();
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

interface KeyParts {
  sip: string | number;
  dip: string | number;
  sport: string | number;
  dport: string | number;
}

/** Everything that is read as a key. Addresses in an object may be numbers, in host byte order. */
export type KeyInput = SockKey | string | Readonly<KeyParts>;

/** A part of a key that is still text; `at` is where it begins in what the user wrote. */
interface Part {
  readonly text: string;
  readonly at?: number;
}
type Located = Required<Part>;
type Parts = Readonly<Record<'sip' | 'sport' | 'dip' | 'dport', Part>>;

/** One end as text: an IPv6 address stands in brackets. */
export function formatEnd(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function fromHex(text: string): SockKey {
  const family = FAMILIES.find(({ keyWords }) => text.length === 8 * keyWords);
  if (!family) throw badKey(text, `a key in hex has 32 digits, or 80 for IPv6; this has ${text.length}`);
  const bytes = Uint8Array.from(Buffer.from(text, 'hex'));
  return fromParts(SockKey.decode(new Uint32Array(bytes.buffer), family), text);
}

function fromText(text: string): SockKey {
  const arrow = text.indexOf('->');
  if (arrow < 0) throw badKey(text, "the '->' between the two ends is missing", { text: '', at: text.length });
  const another = text.indexOf('->', arrow + 2);
  if (another >= 0) throw badKey(text, "there is more than one '->'", { text: '->', at: another });
  const [sip, sport] = splitEnd(trimmed({ text: text.slice(0, arrow), at: 0 }), 'own end', text);
  const [dip, dport] = splitEnd(trimmed({ text: text.slice(arrow + 2), at: arrow + 2 }), 'peer end', text);
  return SockKey.of({ sip, sport, dip, dport }, text);
}

function fromParts(input: Readonly<KeyParts>, whole: string): SockKey {
  const address = (part: unknown) =>
    typeof part === 'number' && Number.isInteger(part) && part >= 0 && part <= 0xffffffff
      ? formatIpv4(part)
      : asText(part);
  const parts = {
    sip: { text: address(input.sip) },
    sport: { text: asText(input.sport) },
    dip: { text: address(input.dip) },
    dport: { text: asText(input.dport) },
  };
  return SockKey.of(parts, whole);
}

function trimmed({ text, at }: Located): Located {
  return { text: text.trim(), at: at + text.length - text.trimStart().length };
}

/** The address and the port of one end. */
function splitEnd(end: Located, name: string, whole: string): [Located, Located] {
  const { text, at } = end;
  const bad = (why: string) => badKey(whole, `the ${name} '${text}' ${why}`, end);
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(text);
  if (bracketed) {
    const [, address = '', port] = bracketed;
    if (port === undefined) throw bad("has no ':' and port after its ']'");
    if (!address.includes(':')) throw bad('has brackets, which are for IPv6');
    return [
      { text: address, at: at + 1 },
      { text: port, at: at + address.length + 3 },
    ];
  }
  const colon = text.lastIndexOf(':');
  if (colon < 0) throw bad("has no ':' before its port");
  if (text.indexOf(':') < colon) throw bad('needs brackets around its IPv6 address');
  return [
    { text: text.slice(0, colon), at },
    { text: text.slice(colon + 1), at: at + colon + 1 },
  ];
}

function checkAddress(part: Part, name: string, whole: string): string {
  const address = canonicalAddress(part.text);
  if (address === null) throw badKey(whole, `the ${name} '${part.text}' is not an IP address`, part);
  return address;
}

function checkPort(part: Part, name: string, whole: string): number {
  if (!/^\d{1,5}$/.test(part.text) || Number(part.text) > 65535) {
    throw badKey(whole, `the ${name} '${part.text}' is not a number from 0 to 65535`, part);
  }
  return Number(part.text);
}

/** The error for a key, which says where its bad part is when that was written as text. */
function badKey(whole: string, why: string, part?: Part): SpliceError {
  const message = `${printable(why)}, in the key ${quote(whole)}`;
  const remedy = `a key like ${SHAPES}, own end first`;
  if (part?.at === undefined) return new SpliceError('BAD_KEY', message, remedy);
  const place = { text: whole, position: part.at, length: Math.max(1, part.text.length) };
  return new InputError('BAD_KEY', message, remedy, place);
}

/** A user's text, on one line and without control characters. */
function quote(text: string): string {
  // JSON leaves DEL and the C1 controls as they are.
  return printable(JSON.stringify(text.length > 120 ? `${text.slice(0, 120)}…` : text));
}
