/** Which of the kernel packages is meant by what a user wrote. */
import { SpliceError } from '../../src/core/errors.ts';

/** Without an argument: the newest of these series, and the newest of all. */
export const USUAL = ['6.1', '6.12', '6.18', 'newest'];

/** A package whose name says its whole version; the others are its release candidates and metapackages. */
const KERNEL = /^linux-image-(\d+\.\d+\.\d.*)-amd64$/;

/**
 * The package that is meant.
 * @param wanted a package's name, the beginning of a version (`6.12`, `6.12.117`), or `newest`
 * @param names every kernel package there is
 * @throws SpliceError BAD_OPTION when none fits
 */
export function choosePackage(wanted: string, names: readonly string[]): string {
  if (names.includes(wanted)) return wanted;
  const fitting = names.filter((name) => {
    const version = versionOf(name);
    return version !== undefined && (wanted === 'newest' || isOfSeries(version, wanted));
  });
  const [newest] = fitting.sort((one, other) => compareNumbers(other, one));
  if (newest !== undefined) return newest;
  const series = [...new Set(names.map(versionOf).flatMap((version) => version?.match(/^\d+\.\d+/)?.[0] ?? []))];
  throw new SpliceError(
    'BAD_OPTION',
    `no kernel package fits '${wanted}'`,
    `one of these series: ${series.sort(compareNumbers).join(', ')}; or a version, or a package's name`,
  );
}

/** `6.12.118+deb13`; for a flavour of the kernel, undefined. */
function versionOf(name: string): string | undefined {
  const version = KERNEL.exec(name)?.[1];
  return version?.includes('-cloud') || version?.includes('-rt') ? undefined : version;
}

/** 6.1 is the beginning of 6.1.192, and not of 6.12. */
function isOfSeries(version: string, wanted: string): boolean {
  return version.startsWith(wanted) && !/^\d/.test(version.slice(wanted.length));
}

/** Compares the numbers in two names, one by one. */
function compareNumbers(one: string, other: string): number {
  const [mine, theirs] = [numbersIn(one), numbersIn(other)];
  for (let index = 0; index < Math.max(mine.length, theirs.length); index++) {
    const difference = (mine[index] ?? -1) - (theirs[index] ?? -1);
    if (difference !== 0) return difference;
  }
  return 0;
}

function numbersIn(text: string): number[] {
  return [...text.matchAll(/\d+/g)].map(([digits]) => Number(digits));
}
