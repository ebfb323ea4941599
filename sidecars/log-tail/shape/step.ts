import type { Draft } from '../draft.ts';

export type Emit = (draft: Draft) => void;

/** One step, put in front of what comes behind it: what it does not hand on is left out. */
export type Step = (next: Emit) => Emit;

/** The steps that can leave records out; the label of their metric. */
export const filterNames = ['drop', 'keep', 'sample', 'limit', 'dedupe', 'module'] as const;
export type FilterName = (typeof filterNames)[number];

/** What steps tell about their work. */
export interface StepEvents {
  leftOut(step: FilterName): void;
  redacted(): void;
}
