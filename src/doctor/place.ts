/** What differs where this process is from the host: namespaces, mounts, and other tools at the same sockets. */
import { dirname, resolve } from 'node:path';
import { isBpffs, requireLasting, requireWritable } from '../core/bpffs.ts';
import { type ErrorCode, findCgroup2, openSplice, placeWarnings, SpliceError } from '../core/index.ts';
import { rootWarnings } from '../core/places.ts';
import { type Check, missing, type Question, tryOut } from './check.ts';

const group = 'place';

/** @param pin where a splice is pinned, or would be */
export function checkPlace(pin: string): Check[] {
  return [
    tryOut(
      {
        name: 'mount namespace',
        group,
        meaning: 'a splice must outlive the command that brought it up, and be seen by the next one',
        remedy: '',
      },
      () => {
        requireLasting(pin);
        return 'pins stay when this process has ended';
      },
    ),
    tryOut(
      { name: 'writable bpffs', group, meaning: 'a splice is pinned there, and removed from there', remedy: '' },
      () => {
        const parent = dirname(resolve(pin));
        // Without one, the line `bpffs` says so.
        if (!isBpffs(parent)) return 'nothing to write to yet';
        requireWritable(pin, parent);
        return 'pins can be made and removed';
      },
    ),
    seen(
      {
        name: 'cgroup namespace',
        group,
        meaning: 'what is the root cgroup here is one of many on the machine',
        remedy: 'run it on the host to splice what is outside, or go on with what is inside',
      },
      () => unless('NO_CGROUP2', () => rootWarnings([findCgroup2()])),
      'the root cgroup is that of the machine',
    ),
    seen(
      {
        name: 'pid namespace',
        group,
        meaning: 'only processes inside of it are shown, adopted from and woken',
        remedy: 'run it on the host to reach the others',
      },
      placeWarnings,
      'all processes of the machine are seen',
    ),
    ...checkSplice(pin),
  ];
}

/** What stands against the splice that is up, if one is. */
function checkSplice(pin: string): Check[] {
  using splice = openSplice({ pin });
  return [
    seen(
      {
        name: 'other programs',
        group,
        meaning: 'a socket has an entry in one splice or sockmap, whichever takes it first',
        remedy: 'let one of them have these cgroups: take the other down, or splice other cgroups',
      },
      () => unless('NOT_LOADED', () => splice.neighbours()),
      'none stand in the way of the splice here',
    ),
    seen(
      {
        name: 'spliced cgroups',
        group,
        meaning: 'what was made in the place of a removed cgroup, as when a service is restarted, is not spliced',
        remedy: "run the same 'splice up' again, which attaches to the new one",
      },
      () => unless('NOT_LOADED', () => removedOf(splice.condition().removedCgroups)),
      'none of the splice here was removed',
    ),
  ];
}

function removedOf(count: number): string[] {
  return count === 0 ? [] : [`${count} removed`];
}

/** Nothing where an error says that there is nothing to ask; if that matters, another line says so. */
function unless(code: ErrorCode, ask: () => string[]): string[] {
  try {
    return ask();
  } catch (error) {
    if (error instanceof SpliceError && error.code === code) return [];
    throw error;
  }
}

/** Deviates when something is to be said; what cannot be asked is missing. */
function seen(question: Question, ask: () => readonly string[], otherwise: string): Check {
  try {
    const said = ask();
    if (said.length > 0) return { ...question, result: 'deviates', saw: said.join('; ') };
    return { ...question, result: 'works', saw: otherwise, remedy: '' };
  } catch (error) {
    return missing(question, error);
  }
}
