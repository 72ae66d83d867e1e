/** SockKey, the name of one end of a TCP connection; the C side is bpf/sock_key.h. */
import { inspect } from 'node:util';
import { SpliceError } from './errors.ts';
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
    if (typeof input === 'object' && input !== null) return fromParts(input);
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
  static of(sip: string, sport: string, dip: string, dport: string, whole: string): SockKey {
    const own = checkAddress(sip, 'own address (sip)', whole);
    const peer = checkAddress(dip, 'peer address (dip)', whole);
    if (familyOf(own) !== familyOf(peer)) {
      throw badKey(whole, `the peer address (dip) '${dip}' is not of the same family as the own address '${sip}'`);
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

/** One end as text: an IPv6 address stands in brackets. */
export function formatEnd(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function fromHex(text: string): SockKey {
  const family = FAMILIES.find(({ keyWords }) => text.length === 8 * keyWords);
  if (!family) throw badKey(text, `a key in hex has 32 digits, or 80 for IPv6; this has ${text.length}`);
  const bytes = Uint8Array.from(Buffer.from(text, 'hex'));
  const { sip, dip, sport, dport } = SockKey.decode(new Uint32Array(bytes.buffer), family);
  return SockKey.of(sip, String(sport), dip, String(dport), text);
}

function fromText(text: string): SockKey {
  const ends = text.split('->');
  if (ends.length !== 2) {
    throw badKey(text, ends.length < 2 ? "the '->' between the two ends is missing" : "there is more than one '->'");
  }
  const [own, peer] = ends.map((end) => end.trim()) as [string, string];
  const [sip, sport] = splitEnd(own, 'own end', text);
  const [dip, dport] = splitEnd(peer, 'peer end', text);
  return SockKey.of(sip, sport, dip, dport, text);
}

function fromParts(input: Readonly<KeyParts>): SockKey {
  const whole = inspect(input, { breakLength: Number.POSITIVE_INFINITY });
  const address = (part: unknown) =>
    typeof part === 'number' && Number.isInteger(part) && part >= 0 && part <= 0xffffffff
      ? formatIpv4(part)
      : asText(part);
  return SockKey.of(address(input.sip), asText(input.sport), address(input.dip), asText(input.dport), whole);
}

function splitEnd(end: string, name: string, whole: string): [string, string] {
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(end);
  if (bracketed) {
    const [, address = '', port] = bracketed;
    if (port === undefined) throw badKey(whole, `the ${name} '${end}' has no ':' and port after its ']'`);
    if (!address.includes(':')) throw badKey(whole, `the ${name} '${end}' has brackets, which are for IPv6`);
    return [address, port];
  }
  const colon = end.lastIndexOf(':');
  if (colon < 0) throw badKey(whole, `the ${name} '${end}' has no ':' before its port`);
  if (end.indexOf(':') < colon) throw badKey(whole, `the ${name} '${end}' needs brackets around its IPv6 address`);
  return [end.slice(0, colon), end.slice(colon + 1)];
}

function checkAddress(text: string, name: string, whole: string): string {
  const address = canonicalAddress(text);
  if (address === null) throw badKey(whole, `the ${name} '${text}' is not an IP address`);
  return address;
}

function checkPort(text: string, name: string, whole: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65535) {
    throw badKey(whole, `the ${name} '${text}' is not a number from 0 to 65535`);
  }
  return Number(text);
}

function badKey(whole: string, why: string): SpliceError {
  return new SpliceError(
    'BAD_KEY',
    `${printable(why)}, in the key ${quote(whole)}`,
    `a key like ${SHAPES}, own end first`,
  );
}

/** A user's text, on one line and without control characters. */
function quote(text: string): string {
  return JSON.stringify(text.length > 120 ? `${text.slice(0, 120)}…` : text);
}
