/**
 * koffi, which libbpf.ts, ring-buffer.ts, libc.ts, descriptors.ts, unusual-calls.ts and io-uring.ts call foreign
 * functions with. It is loaded at the first call: what never calls one (keys, filters, a replay) also works where it cannot be loaded.
 */
import { createRequire } from 'node:module';
import { SpliceError } from './errors.ts';
import { outOfResources } from './resources.ts';

type Koffi = typeof import('koffi');

let loaded: Koffi | undefined;

/** @throws SpliceError NO_LIBBPF when koffi is not there, or not for this machine */
export function ffi(): Koffi {
  loaded ??= load();
  return loaded;
}

function load(): Koffi {
  try {
    return createRequire(import.meta.url)('koffi') as Koffi;
  } catch (cause) {
    const short = outOfResources(cause, 'loading koffi');
    if (short !== null) throw short;
    throw new SpliceError(
      'NO_LIBBPF',
      'koffi, which calls libbpf, cannot be loaded',
      "'npm install', on Linux; 'splice-tui --replay FILE' does without",
      cause,
    );
  }
}
