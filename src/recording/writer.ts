/** Writes a recording to a file, line by line. */
import { closeSync, writeSync } from 'node:fs';
import type { SpliceError } from '../core/index.ts';
import { createNewFile, notWritten } from '../core/new-file.ts';
import { FORMAT, type Frame, type Header, MOST, VERSION } from './format.ts';
import { checkShape } from './lines.ts';

/**
 * A recording that is being written. When a line cannot be written it ends, and says why; what was
 * written until then can be played.
 */
export class RecordingWriter implements Disposable {
  readonly path: string;
  /** Bytes written so far. */
  bytes = 0;
  #lines = 0;
  /** Why no more is written. */
  problem: SpliceError | null = null;
  #fd: number | null;

  /** @throws SpliceError FILE_NOT_WRITTEN: above all when the file is there already */
  constructor(path: string, header: Omit<Header, 'format' | 'version'>) {
    this.path = path;
    this.#fd = createNewFile(path);
    this.#writeLine({ format: FORMAT, version: VERSION, ...header });
  }

  /** Returns how many bytes the frame took. */
  write(frame: Frame): number {
    const { t, key, lost, ...rest } = frame;
    const told = Object.entries(rest).filter(([, value]) => !Array.isArray(value) || value.length > 0);
    return this.#writeLine({
      t,
      ...(key ? { key } : {}),
      ...Object.fromEntries(told),
      ...(lost > 0 ? { lost } : {}),
    });
  }

  /** Writes no more, and says why. */
  end(cause: unknown): void {
    this.problem = notWritten(this.path, cause);
    this[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    if (this.#fd !== null) closeSync(this.#fd);
    this.#fd = null;
  }

  #writeLine(line: object): number {
    if (this.#fd === null) return 0;
    const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
    try {
      checkShape(bytes);
      if (this.#lines++ > MOST.frames) throw new Error(`a recording has no more than ${MOST.frames} frames`);
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#fd, bytes, at);
      this.bytes += bytes.length;
      return bytes.length;
    } catch (cause) {
      this.end(cause);
      return 0;
    }
  }
}
