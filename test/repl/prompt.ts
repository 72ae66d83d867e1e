/** The prompt, driven through streams as a terminal would. */
import { PassThrough } from 'node:stream';
import type { Splice } from '../../src/core/index.ts';
import { createCommands } from '../../src/repl/commands/index.ts';
import { EditJournal } from '../../src/repl/edit-journal.ts';
import type { History } from '../../src/repl/history.ts';
import { PendingEdits } from '../../src/repl/pending-edits.ts';
import type { Script } from '../../src/repl/script.ts';
import { runSession } from '../../src/repl/session.ts';
import { terminalConsole } from '../../src/repl/terminal-console.ts';
import { eventually, noSplice } from './no-splice.ts';

export const CTRL_C = '\x03';
const CTRL_D = '\x04';
export const PROMPT = 'splice> ';

interface PromptOptions {
  startup?: Script | null;
  splice?: Splice;
  history?: History | null;
  columns?: number;
}

/** A terminal of 100 columns unless told, without a screen: what was written is kept as it came. */
export class Prompt {
  readonly #input = new PassThrough();
  readonly #output: PassThrough & { columns?: number };
  readonly #ended: Promise<void>;
  #shown = '';
  left = false;

  constructor({ startup = null, splice = noSplice(), history = null, columns = 100 }: PromptOptions = {}) {
    this.#output = Object.assign(new PassThrough(), { columns });
    this.#output.setEncoding('utf8').on('data', (text: string) => {
      // Escapes move the cursor; the text between them is what is asserted.
      // biome-ignore lint/suspicious/noControlCharactersInRegex: escapes begin with one
      this.#shown += text.replace(/\x1b\[[\d;]*[A-Za-z]/g, '').replaceAll('\r', '');
    });
    const streams = { input: this.#input, output: this.#output };
    const edits = new PendingEdits();
    const console = terminalConsole(this.#output, false);
    const commands = createCommands({ splice, edits, journal: new EditJournal(), console });
    const session = { splice, commands, edits, console, json: false, colors: false, history, startup };
    this.#ended = runSession({ ...session, ...streams }).then(() => {
      this.left = true;
    });
  }

  /** Types, and gives what is shown from then on until `expected` is, at its end. */
  async type(keys: string, expected: string): Promise<string> {
    if (keys !== '') this.#shown = '';
    this.#input.write(keys);
    await eventually(
      () => this.#shown.endsWith(expected),
      () => this.#shown,
    );
    return this.#shown;
  }

  /** Waits until what is shown since the last keys matches. */
  async waits(expected: RegExp): Promise<string> {
    await eventually(
      () => expected.test(this.#shown),
      () => this.#shown,
    );
    return this.#shown;
  }

  /** Enters a line, and gives the answer that comes before the next prompt. */
  async enter(line: string): Promise<string> {
    const shown = await this.type(`${line}\n`, `\n${PROMPT}`);
    return shown.slice(shown.indexOf(`${line}\n`) + line.length + 1, -PROMPT.length);
  }

  async leave(): Promise<void> {
    if (!this.left) this.#input.write(CTRL_D);
    await this.#ended;
  }
}
