/** Where functions of the kernel are, for the programs that must recognise them: bpf/rules.h. */
import { closeSync, openSync, readSync } from 'node:fs';
import { SpliceError } from './errors.ts';
import type { Constants } from './libbpf.ts';

const KALLSYMS = '/proc/kallsyms';
const CHUNK_BYTES = 1 << 20;

/** In the order of `struct wake_functions`. */
export const WAKE_FUNCTIONS = ['woken_wake_function', 'ep_poll_callback', 'pollwake'] as const;

/**
 * Finds functions in a text like /proc/kallsyms: `address type name`, and for those of a module its name.
 * A compiler may have put `.llvm.` and a number behind the name of a static one.
 * @returns their addresses; 0n of one that is hidden, missing, or there more than once
 */
export function findSymbols<Name extends string>(
  chunks: Iterable<string>,
  names: readonly Name[],
): Record<Name, bigint> {
  const line = new RegExp(`^([0-9a-f]{1,16}) [tT] (${names.join('|')})(?:\\.llvm\\.\\d+)?$`, 'gm');
  const found = new Map<string, bigint>();
  let rest = '';
  for (const chunk of chunks) {
    const text = rest + chunk;
    const end = text.lastIndexOf('\n') + 1;
    rest = text.slice(end);
    for (const [, address, name] of text.slice(0, end).matchAll(line)) {
      found.set(name as string, found.has(name as string) ? 0n : BigInt(`0x${address}`));
    }
  }
  return Object.fromEntries(names.map((name) => [name, found.get(name) ?? 0n])) as Record<Name, bigint>;
}

let known: Record<(typeof WAKE_FUNCTIONS)[number], bigint> | undefined;

/** The addresses of WAKE_FUNCTIONS in the running kernel; 0n of one that this process cannot know. */
function wakeFunctions(): Record<(typeof WAKE_FUNCTIONS)[number], bigint> {
  known ??= findSymbols(readKallsyms(), WAKE_FUNCTIONS);
  return known;
}

/** The constants of every object that has them. */
export const KERNEL_CONSTANTS: Constants = {
  '.rodata.symbols': () => Object.values(wakeFunctions()),
};

/**
 * Without them the programs take every reader for one that is asleep and told once only: all of it goes by TCP.
 * @throws SpliceError NO_SYMBOLS
 */
export function requireWakeFunctions(): void {
  const addresses = wakeFunctions();
  const hidden = WAKE_FUNCTIONS.filter((name) => addresses[name] === 0n);
  if (hidden.length === 0) return;
  throw new SpliceError(
    'NO_SYMBOLS',
    `${KALLSYMS} does not give this process the address of ${hidden.join(', ')}, by which the programs recognise readers that must not be redirected to`,
    "run it as root with CAP_SYSLOG, and with 'sysctl kernel.kptr_restrict=1' where it is 2",
  );
}

/** Nothing when the file cannot be read. */
function* readKallsyms(): Generator<string> {
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  let fd: number | undefined;
  try {
    fd = openSync(KALLSYMS, 'r');
    for (;;) {
      const length = readSync(fd, chunk);
      if (length === 0) return;
      yield chunk.toString('latin1', 0, length);
    }
  } catch {
    return;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
