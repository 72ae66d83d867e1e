/** Whether our compiled objects are there and this kernel takes them. */
import { closeSync, readSync } from 'node:fs';
import { createIteratorLink, startIterator } from '../core/libbpf.ts';
import { loadOurObject } from '../core/objects.ts';
import { PIN } from '../core/pin-directory.ts';
import { type Check, tryOut } from './check.ts';

/** Enough for a look; the maps are gone with the object. */
const SMALL = { [PIN.map]: { maxEntries: 2 }, [PIN.endpoints]: { maxEntries: 2 } };

/** Whether the kernel takes our programs. */
export function checkPrograms(): Check[] {
  const group = 'programs';
  return [
    tryOut({ name: 'guarded.bpf.o', group, meaning: 'the splice itself', remedy: 'Linux 6.1 or newer' }, () => {
      loadOurObject('guarded', SMALL).close();
      return 'loads';
    }),
    tryOut(
      { name: 'inspect.bpf.o', group, meaning: 'lists and edits entries', remedy: 'Linux 6.1 or newer' },
      listNothing,
    ),
  ];
}

/** Runs the iterator that lists entries, over a map without any. */
function listNothing(): string {
  const object = loadOurObject('inspect', SMALL);
  const opened: number[] = [];
  try {
    opened.push(createIteratorLink(object.programFd('list_entries'), object.mapFd(PIN.map)));
    opened.push(startIterator(opened[0] as number));
    const length = readSync(opened[1] as number, Buffer.alloc(4096));
    if (length !== 0) throw new Error(`an empty map was listed as ${length} bytes`);
    return 'loads, and runs over a map';
  } finally {
    for (const fd of opened) closeSync(fd);
    object.close();
  }
}
