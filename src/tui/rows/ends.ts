/** The ends of connections as numbers: to sort by, and to find the other end of each. */
import { isIPv4 } from 'node:net';
import type { EntryJson } from '../../core/index.ts';

const PORTS = 65_536;

/** Both ends of each entry; two ends are the same when their numbers are, and sort as addresses do. */
export interface Ends {
  readonly own: Float64Array;
  readonly peer: Float64Array;
}

/** Numbers the ends of the entries; how they compare is good for these entries only. */
export function endsOf(entries: readonly EntryJson[]): Ends {
  const { length } = entries;
  const [own, peer] = [new Float64Array(length), new Float64Array(length)];
  const ranks = rankAddresses(entries);
  for (let place = 0; place < length; place++) {
    const { sip, sport, dip, dport } = entries[place] as EntryJson;
    own[place] = (ranks.get(sip) as number) * PORTS + sport;
    peer[place] = (ranks.get(dip) as number) * PORTS + dport;
  }
  return { own, peer };
}

/** Where the other end of each entry is among them, or -1. */
export function matePlaces({ own, peer }: Ends): Int32Array {
  const { length } = own;
  const slots = new Int32Array(2 ** Math.ceil(Math.log2(2 * length + 2)));
  const mask = slots.length - 1;
  const mates = new Int32Array(length).fill(-1);
  for (let place = 0; place < length; place++) {
    let slot = slotOf(own[place] as number, peer[place] as number) & mask;
    while (slots[slot] !== 0) slot = (slot + 1) & mask;
    slots[slot] = place + 1;
  }
  for (let place = 0; place < length; place++) {
    let slot = slotOf(peer[place] as number, own[place] as number) & mask;
    for (; slots[slot] !== 0; slot = (slot + 1) & mask) {
      const other = (slots[slot] as number) - 1;
      if (own[other] !== peer[place] || peer[other] !== own[place]) continue;
      mates[place] = other;
      break;
    }
  }
  return mates;
}

/** IPv4 first, by number; then IPv6, by text. */
function rankAddresses(entries: readonly EntryJson[]): Map<string, number> {
  const addresses = new Set<string>();
  for (const { sip, dip } of entries) addresses.add(sip).add(dip);
  const sorted = [...addresses].map((text) => ({ text, number: addressNumber(text) }));
  sorted.sort((a, b) => a.number - b.number || (a.text < b.text ? -1 : 1));
  return new Map(sorted.map(({ text }, rank) => [text, rank]));
}

function addressNumber(text: string): number {
  return isIPv4(text) ? text.split('.').reduce((number, byte) => number * 256 + Number(byte), 0) : 2 ** 32;
}

function slotOf(own: number, peer: number): number {
  const mixed = Math.imul(own ^ Math.imul((own / PORTS) | 0, 0x85ebca6b), 0x9e3779b1) + Math.imul(peer, 0xc2b2ae35);
  return mixed ^ (mixed >>> 15);
}
