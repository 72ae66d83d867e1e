/** A file that a result is written to when there is one: made before, and gone again without a result. */
import { closeSync, rmSync, writeFileSync } from 'node:fs';
import { createNewFile, notWritten } from '../core/new-file.ts';

/** A file until it is written; `-` is the standard output. */
export class OutputFile implements Disposable {
  readonly #path: string;
  readonly #fd: number | null;
  #isWritten = false;

  /**
   * Makes the file now, so that one that cannot be written is known at once.
   * @throws SpliceError FILE_NOT_WRITTEN: above all when it is there already
   */
  constructor(path: string) {
    this.#path = path;
    this.#fd = path === '-' ? null : createNewFile(path);
  }

  /** @throws SpliceError FILE_NOT_WRITTEN */
  write(text: string): void {
    if (this.#fd === null) {
      process.stdout.write(text);
      return;
    }
    try {
      writeFileSync(this.#fd, text);
      this.#isWritten = true;
    } catch (cause) {
      throw notWritten(this.#path, cause);
    }
  }

  [Symbol.dispose](): void {
    if (this.#fd === null) return;
    closeSync(this.#fd);
    if (!this.#isWritten) rmSync(this.#path, { force: true });
  }
}
