/** SockKey, the name of one end of a TCP connection; the C side is bpf/sock_key.h. */
import { endianness } from 'node:os';
import { inspect } from 'node:util';
import { SpliceError } from './errors.ts';
import { memo } from './memo.ts';

/** Bytes of a key in the map: four u32 in host byte order (bpf/sock_key.h). */
const KEY_BYTES = 16;

const SHAPE = '10.0.0.1:5000->10.0.0.2:80';
const LITTLE = endianness() === 'LE';

/**
 * One end of a connection: `sip`/`sport` are the socket's own end. Addresses are dotted text and
 * ports numbers; printed, and in JSON, it is `10.0.0.1:5000->10.0.0.2:80`. Immutable.
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
   * Reads a key: the text form, 32 hex digits (the bytes as the map has them), or an object
   * `{sip, dip, sport, dport}`.
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

  /** Decodes the 16 bytes of the map, written in the byte order of this machine. */
  static decode(bytes: Uint8Array, offset = 0): SockKey {
    const view = new DataView(bytes.buffer, bytes.byteOffset + offset, KEY_BYTES);
    const word = (index: number) => view.getUint32(4 * index, LITTLE);
    return new SockKey(formatIpv4(word(0)), formatIpv4(word(1)), word(2), word(3));
  }

  /**
   * Builds a key from parts that are still text; `whole` is what the user wrote, for the error.
   * @throws SpliceError BAD_KEY
   */
  static of(sip: string, sport: string, dip: string, dport: string, whole: string): SockKey {
    return new SockKey(
      checkIpv4(sip, 'own address (sip)', whole),
      checkIpv4(dip, 'peer address (dip)', whole),
      checkPort(sport, 'own port (sport)', whole),
      checkPort(dport, 'peer port (dport)', whole),
    );
  }

  /** The same connection seen from the other end. */
  reverse(): SockKey {
    return new SockKey(this.dip, this.sip, this.dport, this.sport);
  }

  /** The 16 bytes that the map has for this key. */
  encode(): Buffer {
    const bytes = Buffer.alloc(KEY_BYTES);
    const view = new DataView(bytes.buffer, bytes.byteOffset, KEY_BYTES);
    const words = [parseIpv4(this.sip), parseIpv4(this.dip), this.sport, this.dport];
    for (const [index, word] of words.entries()) view.setUint32(4 * index, word, LITTLE);
    return bytes;
  }

  /** The bytes in map order, as 32 hex digits. */
  get hex(): string {
    return this.encode().toString('hex');
  }

  toString(): string {
    return `${this.sip}:${this.sport}->${this.dip}:${this.dport}`;
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

/** A 32-bit address in host byte order as dotted text. */
export const formatIpv4 = memo(
  (address) => `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`,
);

function parseIpv4(text: string): number {
  return text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

function fromHex(text: string): SockKey {
  if (text.length !== 2 * KEY_BYTES) {
    throw badKey(text, `a key in hex has ${2 * KEY_BYTES} digits, this has ${text.length}`);
  }
  const key = SockKey.decode(Buffer.from(text, 'hex'));
  checkPort(String(key.sport), 'own port (sport)', text);
  checkPort(String(key.dport), 'peer port (dport)', text);
  return key;
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
      : String(part);
  return SockKey.of(address(input.sip), String(input.sport), address(input.dip), String(input.dport), whole);
}

function splitEnd(end: string, name: string, whole: string): [string, string] {
  const colon = end.lastIndexOf(':');
  if (colon < 0) throw badKey(whole, `the ${name} '${end}' has no ':' before its port`);
  return [end.slice(0, colon), end.slice(colon + 1)];
}

function checkIpv4(text: string, name: string, whole: string): string {
  const parts = text.split('.');
  const good = (part: string) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255;
  if (parts.length !== 4 || !parts.every(good)) {
    throw badKey(whole, `the ${name} '${text}' is not an IPv4 address`);
  }
  return text;
}

function checkPort(text: string, name: string, whole: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65535) {
    throw badKey(whole, `the ${name} '${text}' is not a number from 0 to 65535`);
  }
  return Number(text);
}

function badKey(whole: string, why: string): SpliceError {
  return new SpliceError('BAD_KEY', `${why}, in the key ${quote(whole)}`, `a key like ${SHAPE}, own end first`);
}

/** A user's text, on one line and without control characters. */
function quote(text: string): string {
  return JSON.stringify(text.length > 120 ? `${text.slice(0, 120)}…` : text);
}
