/** The variables of the prompt, looked at without running anything of the user's. */
import { type Context, runInContext } from 'node:vm';

const DECLARATION = /\b(?:const|let|class)\s+([A-Za-z_$][\w$]*)/g;
const DESTRUCTURING = /\b(?:const|let)\s*[{[]([^=]*)[}\]]\s*=/g;

export class Variables {
  readonly #context: Context;
  /** What `const`, `let` and `class` declare is no property of the context. */
  readonly #declared = new Set<string>();

  constructor(context: Context) {
    this.#context = context;
  }

  /** Notes what a line that was run declares. */
  note(code: string): void {
    for (const [, name = ''] of code.matchAll(DECLARATION)) this.#declared.add(name);
    for (const [, names = ''] of code.matchAll(DESTRUCTURING)) {
      for (const [name] of names.matchAll(/[A-Za-z_$][\w$]*(?=\s*(?:,|$))/g)) this.#declared.add(name);
    }
  }

  /** Forgets them all: the context was made anew. */
  clear(): void {
    this.#declared.clear();
  }

  /** Names of all there are. */
  names(): string[] {
    return [...this.#declared, ...Object.getOwnPropertyNames(this.#context)];
  }

  /** The value of one; undefined where only a getter could tell, or there is none. */
  valueOf(name: string): unknown {
    const property = Object.getOwnPropertyDescriptor(this.#context, name);
    if (property && !this.#declared.has(name)) return property.value;
    if (property?.get || !this.#declared.has(name)) return undefined;
    try {
      return runInContext(name, this.#context);
    } catch {
      // It was declared by a line that failed.
      return undefined;
    }
  }
}
