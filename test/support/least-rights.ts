/** The least set of capabilities that a splice needs, put on the thread of a test while it calls a splice. */
import { readFileSync } from 'node:fs';
import koffi from 'koffi';

/** include/uapi/linux/capability.h; what README names under Requirements. */
const LEAST = { bpf: 39, net_admin: 12, perfmon: 38, syslog: 34 } as const;

/** For `setpriv --bounding-set=-all,…`. */
export const LEAST_SET = Object.keys(LEAST).map((name) => `+${name}`);

const VERSION_3 = 0x2008_0522;
const least = Object.values(LEAST).reduce((set, bit) => set | (1n << BigInt(bit)), 0n);

let depth = 0;
let capset: ((header: Buffer, data: Buffer) => number) | undefined;

/**
 * Runs a function with just these capabilities in effect, and with all it had after it: at once, or when
 * its promise is settled. They are of a thread: nothing else in the process loses any.
 */
export function withLeastRights<Value>(work: () => Value): Value {
  if (depth++ === 0) setEffective(least);
  let value: Value;
  try {
    value = work();
  } catch (error) {
    end();
    throw error;
  }
  if (value instanceof Promise) return value.finally(end) as Value;
  end();
  return value;
}

function end(): void {
  if (--depth === 0) setEffective(permitted());
}

function permitted(): bigint {
  return BigInt(`0x${/^CapPrm:\s*([0-9a-f]+)/m.exec(readFileSync('/proc/thread-self/status', 'utf8'))?.[1]}`);
}

/** capset(2) of the calling thread: Node.js has no call for it. */
function setEffective(effective: bigint): void {
  capset ??= koffi.load(null).func('int capset(void *header, const void *data)');
  const header = Buffer.alloc(8);
  header.writeUInt32LE(VERSION_3);
  const data = Buffer.alloc(24);
  // Two of effective, permitted and inheritable, for the lower and the upper 32 bits.
  for (const [half, shift] of [
    [0, 0n],
    [12, 32n],
  ] as const) {
    data.writeUInt32LE(Number((effective >> shift) & 0xffff_ffffn), half);
    data.writeUInt32LE(Number((permitted() >> shift) & 0xffff_ffffn), half + 4);
  }
  if (capset(header, data) !== 0) throw new Error(`capset: errno ${koffi.errno()}`);
}
