import type { UndoView } from './types';

const DEPTH = 50;

interface Step {
  label: string;
  undo: () => void;
}

/** What can be taken back, last first. A step that is taken back elsewhere (by its toast) leaves the stack too. */
export class UndoStack {
  readonly #listeners = new Set<() => void>();
  #steps: readonly Step[] = [];
  #group: (() => void)[] | null = null;
  #view: UndoView = { label: null, undo: () => this.#steps.at(-1)?.undo() };

  get view(): UndoView {
    return this.#view;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Returns a function that takes the step back once, however often it is called. */
  push(label: string, undo: () => void): () => void {
    if (this.#group) {
      this.#group.push(undo);
      return undo;
    }
    let isDone = false;
    const step: Step = {
      label,
      undo: () => {
        if (isDone) return;
        isDone = true;
        this.#set(this.#steps.filter((each) => each !== step));
        undo();
      },
    };
    this.#set([...this.#steps, step].slice(-DEPTH));
    return step.undo;
  }

  /** Makes one step of all that is pushed meanwhile, taken back in the opposite order; null when that was nothing. */
  group(label: string, make: () => void): (() => void) | null {
    const undos: (() => void)[] = [];
    this.#group = undos;
    try {
      make();
    } finally {
      this.#group = null;
    }
    return undos.length === 0 ? null : this.push(label, () => undos.reverse().forEach((undo) => undo()));
  }

  #set(steps: readonly Step[]): void {
    this.#steps = steps;
    this.#view = { label: steps.at(-1)?.label ?? null, undo: () => this.#steps.at(-1)?.undo() };
    for (const listener of this.#listeners) listener();
  }
}
