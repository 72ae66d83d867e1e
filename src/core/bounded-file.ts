/**
 * The only way to read files and list directories here. Whoever made them may have made them endless: no more
 * is read than the caller has a use for, and what is not a regular file is not waited for.
 */
import { closeSync, constants, type Dirent, fstatSync, opendirSync, openSync, readSync } from 'node:fs';

const PIECE_BYTES = 1 << 16;
const NAMES_AT_ONCE = 1024;

/** Ample for everything that the kernel says of this process or of the machine. */
export const MOST_OF_PROC = 1 << 24;

/** Ample for a directory in which we look for names of ours; /proc has at most 4 million processes. */
export const MOST_NAMES = 1 << 23;

/** A file or a directory that has more than there is a use for. */
export class TooLarge extends Error {}

/**
 * Opens a regular file for reading. A pipe or a device would never end, and a lease of another process
 * would hold up the opening: neither is waited for.
 * @returns its descriptor
 * @throws what open(2) says, and Error for what is not a regular file
 */
export function openRegularFile(path: string): number {
  const { O_RDONLY, O_NONBLOCK, O_NOCTTY } = constants;
  const fd = openSync(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  try {
    if (fstatSync(fd).isFile()) return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  closeSync(fd);
  throw new Error(`${path} is not a regular file`);
}

/**
 * The first bytes of a file; for what is shown, and may be cut.
 * @param file a path, or a descriptor, which stays open
 */
export function readStart(file: string | number, most: number): Buffer {
  if (typeof file === 'number') return readUpTo(file, most, null);
  const fd = openRegularFile(file);
  try {
    return readUpTo(fd, most, null);
  } finally {
    closeSync(fd);
  }
}

/**
 * All of a file as text.
 * @param file a path, or a descriptor, which stays open
 * @throws TooLarge when it has more than `most` bytes; what open(2) and read(2) say
 */
export function readText(file: string | number, most: number): string {
  return readBytes(file, most).toString();
}

/** The same as bytes. */
export function readBytes(file: string | number, most: number): Buffer {
  const found = readStart(file, most + 1);
  if (found.length > most) throw new TooLarge(`${name(file)} has more than ${most} bytes`);
  return found;
}

/** The last bytes of a regular file that is open; of one that is not longer, all. */
export function readEnd(fd: number, most: number): Buffer {
  return readUpTo(fd, most, Math.max(0, fstatSync(fd).size - most));
}

/**
 * What is in a directory.
 * @throws TooLarge when it has more than `most` names; what opendir(3) says
 */
export function listDirectory(path: string, most: number): Dirent[] {
  const directory = opendirSync(path, { bufferSize: NAMES_AT_ONCE });
  const found: Dirent[] = [];
  try {
    for (let entry = directory.readSync(); entry !== null; entry = directory.readSync()) {
      if (found.length === most) throw new TooLarge(`${path} has more than ${most} names`);
      found.push(entry);
    }
    return found;
  } finally {
    directory.closeSync();
  }
}

/** The names in a directory. See listDirectory(). */
export function listNames(path: string, most: number): string[] {
  return listDirectory(path, most).map(({ name }) => name);
}

/**
 * All of a stream as text.
 * @throws TooLarge as soon as it has given more than `most` bytes
 */
export async function readStream(stream: AsyncIterable<Buffer | string>, most: number): Promise<string> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of stream) {
    const bytes = Buffer.from(piece as Buffer);
    length += bytes.length;
    if (length > most) throw new TooLarge(`there are more than ${most} bytes`);
    pieces.push(bytes);
  }
  return Buffer.concat(pieces).toString();
}

/** Files of /proc give little at each read, and their size is not known before. */
function readUpTo(fd: number, most: number, from: number | null): Buffer {
  const pieces: Buffer[] = [];
  let length = 0;
  while (length < most) {
    const piece = Buffer.allocUnsafe(Math.min(PIECE_BYTES, most - length));
    const read = readSync(fd, piece, 0, piece.length, from === null ? null : from + length);
    if (read === 0) break;
    pieces.push(piece.subarray(0, read));
    length += read;
  }
  return Buffer.concat(pieces);
}

function name(file: string | number): string {
  return typeof file === 'number' ? 'the file' : file;
}
