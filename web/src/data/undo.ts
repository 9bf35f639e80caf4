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

  #set(steps: readonly Step[]): void {
    this.#steps = steps;
    this.#view = { label: steps.at(-1)?.label ?? null, undo: () => this.#steps.at(-1)?.undo() };
    for (const listener of this.#listeners) listener();
  }
}
