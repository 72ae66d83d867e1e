/** A question that stands in place of the footer and takes the keys until it is answered. */
import type { SpliceError } from '../core/index.ts';
import { edit, type Line, lineOf } from './line-edit.ts';

/** What is wrong with a line, and where, in characters from its begin. */
export interface Complaint {
  readonly error: SpliceError;
  readonly position: number | null;
}

/** Asks for a line of text. */
export interface LineQuestion {
  readonly label: string;
  readonly text: string;
  /** What stands under the line while nothing is wrong with it. */
  readonly hint: string;
  /** Told the text after each key; what is wrong with it is shown. */
  readonly changed?: (text: string) => Complaint | null;
  /** Enter; what is wrong with it keeps the line open. */
  readonly accept: (text: string) => Complaint | null;
  /** Esc. */
  readonly cancel?: () => void;
}

/** Asks for one of some keys; any other takes the question back. */
export interface ChoiceQuestion {
  readonly text: string;
  readonly choices: readonly { readonly key: string; readonly label: string; readonly act?: () => void }[];
}

export type Prompt =
  | {
      readonly kind: 'line';
      readonly question: LineQuestion;
      readonly line: Line;
      readonly complaint: Complaint | null;
    }
  | { readonly kind: 'choice'; readonly question: ChoiceQuestion };

/** A prompt for one line of text. */
export function askLine(question: LineQuestion): Prompt {
  return { kind: 'line', question, line: lineOf(question.text), complaint: null };
}

/** What is asked after a key: null when that was the answer. */
export function answer(prompt: Prompt, key: string): Prompt | null {
  if (prompt.kind === 'choice') {
    prompt.question.choices.find((choice) => choice.key === key)?.act?.();
    return null;
  }
  const { question, line } = prompt;
  if (key === 'enter') {
    const complaint = question.accept(line.text);
    return complaint && { ...prompt, complaint };
  }
  if (key === 'escape') {
    question.cancel?.();
    return null;
  }
  const edited = edit(line, key);
  if (edited.text === line.text) return { ...prompt, line: edited };
  return { ...prompt, line: edited, complaint: question.changed?.(edited.text) ?? null };
}
