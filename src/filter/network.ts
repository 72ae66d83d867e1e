/** Networks as CIDR writes them: `10.0.0.0/8`, `fd00::/8`; an address alone is a network of its own. */
import { canonicalAddress, parseIpv4, parseIpv6 } from '../core/ip-address.ts';

/** Addresses that were looked at and are remembered, so that each is taken apart once. */
const MOST_KNOWN = 65_536;

/**
 * A test whether an address, written as in a key, is in the network; null when the text is none.
 * Bits behind the prefix do not count, as with `ip route`.
 */
export function parseNetwork(text: string): ((address: string) => boolean) | null {
  const [, written = '', prefix] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const network = canonicalAddress(written.replace(/^\[(.*:.*)\]$/, '$1'));
  if (network === null) return null;
  if (prefix === undefined) return (address) => address === network;
  const isIpv6 = network.includes(':');
  // The prefix of an IPv4-mapped address counts the 96 bits before the IPv4 part.
  const bits = !isIpv6 && written.includes(':') ? Number(prefix) - 96 : Number(prefix);
  if (bits < 0 || bits > (isIpv6 ? 128 : 32)) return null;
  const isIn = isIpv6 ? ipv6Network(network, bits) : ipv4Network(network, bits);
  return remembered((address) => address.includes(':') === isIpv6 && isIn(address));
}

function ipv4Network(network: string, bits: number): (address: string) => boolean {
  const size = 2 ** (32 - bits);
  const wanted = Math.floor(parseIpv4(network) / size);
  return (address) => Math.floor(parseIpv4(address) / size) === wanted;
}

function ipv6Network(network: string, bits: number): (address: string) => boolean {
  const wanted = parseIpv6(network);
  const whole = bits >> 3;
  const mask = 0xff00 >> (bits & 7);
  return (address) => {
    const bytes = parseIpv6(address);
    for (let at = 0; at < whole; at++) if (bytes[at] !== wanted[at]) return false;
    return whole === 16 || (((bytes[whole] as number) ^ (wanted[whole] as number)) & mask & 0xff) === 0;
  };
}

function remembered(test: (text: string) => boolean): (text: string) => boolean {
  const known = new Map<string, boolean>();
  return (text) => {
    let answer = known.get(text);
    if (answer === undefined) {
      if (known.size === MOST_KNOWN) known.clear();
      answer = test(text);
      known.set(text, answer);
    }
    return answer;
  };
}
