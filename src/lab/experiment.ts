/** What an experiment is, and what comes out of one. */
import type { Counters } from '../core/index.ts';
import type { LabEvent } from './journal.ts';
import type { Stage } from './stage.ts';

/** What carries the bytes: TCP alone, the textbook program, or the one with the safety rules. */
export const VARIANTS = ['tcp', 'naive', 'guarded'] as const;
export type Variant = (typeof VARIANTS)[number];

/** What an application saw. */
export interface Outcome {
  saw: string;
  /** The same without what differs from run to run: two outcomes are equal when this is. */
  behaviour: string;
  /** What else was measured. */
  facts?: Record<string, number | string | boolean>;
}

export interface Experiment {
  name: string;
  /** Its number and name in the list of hazards. */
  hazard: string;
  /** What is known of naive; anything else means that the experiment no longer shows the hazard. */
  naive: 'broken' | 'equal';
  /** One line: why it comes out as it does. */
  explanation: string;
  /** Does the same with each variant; `stage.variant` says which. */
  perform(stage: Stage): Promise<Outcome>;
}

export interface Result extends Outcome {
  equalToTcp: boolean;
  /** What the splice counted; null when none is loaded at the end. */
  totals: Counters | null;
  /** How long the run took, in milliseconds. */
  tookMs: number;
  events: LabEvent[];
}

/** An experiment that was run with every variant. */
export interface Report {
  experiment: Experiment;
  results: Record<Variant, Result>;
}
