/** IP addresses as text and as the words that the maps have. */
import { isIPv4, isIPv6, SocketAddress } from 'node:net';
import { memo } from './memo.ts';

/** A 32-bit IPv4 address in host byte order as dotted text. */
export const formatIpv4 = memo(
  (address) => `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`,
);

/** Dotted text, known to be good, as a number in host byte order. */
export function parseIpv4(text: string): number {
  return text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

/** Sixteen bytes in network order as RFC 5952 writes them. */
export function formatIpv6(bytes: Uint8Array): string {
  const groups = Array.from(
    { length: 8 },
    (_, index) => ((bytes[2 * index] as number) << 8) | (bytes[2 * index + 1] as number),
  );
  return canonicalIpv6(groups.map((group) => group.toString(16)).join(':'));
}

/** An IPv6 address, known to be good, as sixteen bytes in network order. */
export function parseIpv6(text: string): Uint8Array {
  const hex = text.replace(/[\d.]+\.[\d.]+$/, (dotted) => {
    const address = parseIpv4(dotted);
    return `${(address >>> 16).toString(16)}:${(address & 0xffff).toString(16)}`;
  });
  const [front = [], back] = hex.split('::').map((part) => (part === '' ? [] : part.split(':')));
  const zeros = back === undefined ? 0 : 8 - front.length - back.length;
  const groups = [...front, ...Array<string>(zeros).fill('0'), ...(back ?? [])].map((group) =>
    Number.parseInt(group, 16),
  );
  return Uint8Array.from(groups.flatMap((group) => [group >>> 8, group & 255]));
}

/**
 * The one way in which an address is written: RFC 5952 for IPv6, and an IPv4-mapped address as the
 * IPv4 address that it is on the wire. Null when the text is no address; one with a zone is none.
 */
export function canonicalAddress(text: string): string | null {
  if (isIPv4(text)) return text;
  if (!isIPv6(text) || text.includes('%')) return null;
  const canonical = canonicalIpv6(text);
  const mapped = /^::ffff:([\d.]+)$/.exec(canonical)?.[1];
  return mapped ?? canonical;
}

function canonicalIpv6(text: string): string {
  return new SocketAddress({ address: text, family: 'ipv6' }).address;
}
