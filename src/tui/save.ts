/** The rows as a file. */
import { closeSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { createNewFile, type Entry, type EntryJson, notWritten, type Owner } from '../core/index.ts';
import { toCsv } from '../view/csv.ts';

/**
 * Writes the contract's fields of the entries, as CSV when the name ends so, else as JSON.
 * @param path `~/` is the user's home, as in a shell
 * @returns how many
 * @throws SpliceError FILE_NOT_WRITTEN; nothing is written over, and no link followed
 */
export function saveEntries(path: string, entries: readonly EntryJson[], owners: ReadonlyMap<string, Owner>): number {
  const plain = entries.map((entry) => {
    const fields = isEntry(entry) ? entry.toJSON() : entry;
    return { ...fields, process: fields.process ?? owners.get(fields.cookie) ?? null };
  });
  const file = createNewFile(path.replace(/^~(?=\/)/, homedir()));
  try {
    writeFileSync(file, /\.csv$/i.test(path) ? toCsv(plain) : `${JSON.stringify(plain)}\n`);
  } catch (error) {
    throw notWritten(path, error);
  } finally {
    closeSync(file);
  }
  return plain.length;
}

/** Entries of core decode their fields when asked; those of a recording are plain objects. */
function isEntry(entry: EntryJson): entry is Entry {
  return 'toJSON' in entry;
}
