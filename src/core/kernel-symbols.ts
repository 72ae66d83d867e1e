/** Where functions of the kernel are, for the programs that must recognise them: bpf/readers.h. */
import { readText } from './bounded-file.ts';
import { SpliceError } from './errors.ts';
import type { Constants } from './libbpf.ts';
import { outOfResources } from './resources.ts';

const KALLSYMS = '/proc/kallsyms';
/** A line is about 60 bytes, and a kernel with all of its modules has less than a million. */
const MOST_OF_KALLSYMS = 1 << 26;

/** In the order of `struct wake_functions`. */
export const WAKE_FUNCTIONS = ['woken_wake_function', 'ep_poll_callback', 'pollwake'] as const;

/**
 * Finds functions in a text like /proc/kallsyms: `address type name`, and for those of a module its name.
 * A compiler may have put `.llvm.` and a number behind the name of a static one.
 * @returns their addresses; 0n of one that is hidden, missing, or there more than once
 */
export function findSymbols<Name extends string>(text: string, names: readonly Name[]): Record<Name, bigint> {
  return Object.fromEntries(names.map((name) => [name, findSymbol(text, name)])) as Record<Name, bigint>;
}

/** By the name first: a pattern that is tried at each of 120 000 lines takes ten times as long. */
function findSymbol(text: string, name: string): bigint {
  const ofFunction = new RegExp(`^([0-9a-f]{1,16}) [tT] ${name}(?:\\.llvm\\.\\d+)?$`);
  let found: bigint | undefined;
  for (let at = text.indexOf(` ${name}`); at >= 0; at = text.indexOf(` ${name}`, at + 1)) {
    const [start, end] = [text.lastIndexOf('\n', at) + 1, text.indexOf('\n', at)];
    const address = ofFunction.exec(text.slice(start, end < 0 ? undefined : end))?.[1];
    if (address !== undefined) found = found === undefined ? BigInt(`0x${address}`) : 0n;
  }
  return found ?? 0n;
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
function readKallsyms(): string {
  try {
    return readText(KALLSYMS, MOST_OF_KALLSYMS);
  } catch (error) {
    const short = outOfResources(error, `reading ${KALLSYMS}`);
    if (short !== null) throw short;
    return '';
  }
}
