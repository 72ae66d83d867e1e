/** What was edited at this prompt, so that it can be taken back. */
import { SpliceError } from '../core/index.ts';

export interface Edit {
  /** What was done, as it is typed: `del('10.0.0.1:5000->10.0.0.2:80')`. */
  readonly what: string;
  /** Takes it back; resolves to what that came to, in a sentence. */
  readonly undo: () => Promise<string>;
}

export class EditJournal {
  readonly #edits: Edit[] = [];

  /** Remembers an edit that was done. */
  note(edit: Edit): void {
    this.#edits.push(edit);
  }

  /**
   * The last edit that was not taken back.
   * @throws SpliceError NOT_UNDONE when there is none
   */
  last(): Edit {
    const last = this.#edits.at(-1);
    if (last) return last;
    const remedy = 'undo() after del(), put(), adopt() or mode() at the same prompt';
    throw new SpliceError('NOT_UNDONE', 'no edit of this session is left to take back', remedy);
  }

  /** Forgets an edit that was taken back. */
  forget(edit: Edit): void {
    this.#edits.splice(this.#edits.indexOf(edit), 1);
  }
}
