/**
 * A tool of ours that is killed just before its Nth step, by itself and with SIGKILL. A step is a call
 * of libbpf, or a change to a directory: nothing else that it does is seen by others.
 * Arguments: N, what it does, the pin directory, and as JSON what else that takes. When it gets to the
 * end it prints how many steps it took.
 */
import type * as Fs from 'node:fs';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import type * as Koffi from 'koffi';

type Function = (...args: never[]) => unknown;

const [steps = '', work = '', pin = '', more = 'null'] = process.argv.slice(2);
let taken = 0;

function counted<F extends Function>(step: F): F {
  return ((...args: never[]) => {
    if (taken === Number(steps)) process.kill(process.pid, 'SIGKILL');
    taken++;
    return step(...args);
  }) as F;
}

const require = createRequire(import.meta.url);
const koffi = require('koffi') as { load: (path: string | null) => Pick<Koffi.LibraryHandle, 'func'> };
const { load } = koffi;
koffi.load = (path) => {
  const library = load(path);
  // libc only locks here, and duplicates descriptors.
  if (path === null) return library;
  return { func: (prototype: string) => counted(library.func(prototype)) as never };
};
const fs = require('node:fs') as { -readonly [Name in keyof typeof Fs]: (typeof Fs)[Name] };
for (const name of ['mkdirSync', 'rmdirSync', 'unlinkSync'] as const) fs[name] = counted(fs[name] as Function) as never;
syncBuiltinESMExports();

const { openSplice, SpliceError } = await import('../../src/core/index.ts');
const splice = openSplice({ pin });
const argument = JSON.parse(more);

async function perform(): Promise<void> {
  if (work === 'up') splice.up(argument);
  else if (work === 'down') await splice.down(argument);
  else if (work === 'adopt') splice.adopt();
  else if (work === 'del') await splice.del(argument.key, argument.options);
  else if (work === 'put') await splice.put(argument.key, argument.socket);
  else if (work === 'policy') splice.setPolicy(argument);
  else if (work === 'mode') splice.setMode(argument);
  else throw new Error(`no work '${work}'`);
}

try {
  await perform();
} catch (error) {
  // It said what is not read, and has come to its end, too.
  if (!(error instanceof SpliceError) || error.code !== 'NOT_DRAINED') throw error;
}
process.stdout.write(`${taken}\n`);
