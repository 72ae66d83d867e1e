/**
 * What the user is at: which view, over which others. Not React's state, because keys that were
 * typed fast come as one text, and the second must already meet what the first one did.
 */
import { type Action, actionOf, type Rights, type ViewName } from './keys.ts';
import type { MouseEvent } from './mouse.ts';
import { answer, type Prompt } from './prompt.ts';
import { AT_TOP, type Identity, type Viewport } from './rows/selection.ts';

/** A view, and what it is about. */
export type View =
  | { readonly name: Exclude<ViewName, 'detail'> }
  | { readonly name: 'detail'; readonly entry: Identity };

export type Handlers = Readonly<Partial<Record<Action, () => void>>>;

/** One moment of it; a new object after every change. */
export interface UiState {
  /** The one on screen. */
  readonly view: View;
  /** Where one is in the table; it stays while another view is over it. */
  readonly viewport: Viewport;
  /** What is asked in place of the footer. */
  readonly prompt: Prompt | null;
}

const TABLE: View = { name: 'table' };

export class Ui implements Rights {
  readonly readOnly: boolean;
  readonly isReplay: boolean;
  readonly #listeners = new Set<() => void>();
  readonly #handlers = new Set<() => Handlers>();
  readonly #mouse = new Set<(event: MouseEvent) => void>();
  /** The views under the one on screen. */
  #below: readonly View[] = [];
  #state: UiState = { view: TABLE, viewport: AT_TOP, prompt: null };

  constructor({ readOnly = false, isReplay = false }: Partial<Rights> = {}) {
    this.readOnly = readOnly;
    this.isReplay = isReplay;
  }

  /** For useSyncExternalStore. Returns the function that ends the subscription. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly getState = (): UiState => this.#state;

  /** Shows a view over the one on screen; one that is among those below comes up again. */
  open(view: View): void {
    const current = this.#state.view;
    if (current.name === view.name) {
      this.#set({ view });
      return;
    }
    const known = this.#below.findIndex(({ name }) => name === view.name);
    this.#below = known < 0 ? [...this.#below, current] : this.#below.slice(0, known);
    this.#set({ view });
  }

  /** Shows the view below again; on the lowest it does nothing. */
  back(): void {
    const view = this.#below.at(-1);
    if (view === undefined) return;
    this.#below = this.#below.slice(0, -1);
    this.#set({ view });
  }

  place(viewport: Viewport): void {
    if (viewport !== this.#state.viewport) this.#set({ viewport });
  }

  /** Adds handlers, asked for at each key. Returns the function that takes them away. */
  register(handlers: () => Handlers): () => void {
    this.#handlers.add(handlers);
    return () => this.#handlers.delete(handlers);
  }

  /** Asks something; the keys are its answer until it is given. */
  ask(prompt: Prompt): void {
    this.#set({ prompt });
  }

  /** A key, by its name (see input.ts): answers what is asked, or does what the table of keys says in the view on screen. */
  press(key: string): void {
    const { prompt } = this.#state;
    if (prompt) {
      // First, because the answer may ask something itself.
      this.#set({ prompt: null });
      const next = answer(prompt, key);
      if (next) this.#set({ prompt: next });
      return;
    }
    const action = actionOf(key, this.#state.view.name, this);
    if (action === undefined) return;
    for (const handlers of this.#handlers) handlers()[action]?.();
  }

  /** Adds a handler for the mouse. Returns the function that takes it away. */
  registerMouse(handler: (event: MouseEvent) => void): () => void {
    this.#mouse.add(handler);
    return () => this.#mouse.delete(handler);
  }

  /** What the mouse did; nothing happens while something is asked. */
  point(event: MouseEvent): void {
    if (this.#state.prompt === null) for (const handler of this.#mouse) handler(event);
  }

  #set(change: Partial<UiState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}
