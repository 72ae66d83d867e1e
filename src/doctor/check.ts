/** One line of the doctor's report, and how a probe becomes one. */
import { printable, SpliceError } from '../core/index.ts';
import { KernelError } from '../core/kernel-error.ts';

/** `deviates`: it is there, and behaves otherwise than TCP, or than on other kernels. */
export type Result = 'works' | 'deviates' | 'missing';

/** The groups, in the order of the report. */
export const GROUPS = ['machine', 'place', 'kernel', 'programs', 'sockets'] as const;

/** A line of the report; the contract of `splice doctor --json`. */
export interface Check {
  name: string;
  group: (typeof GROUPS)[number];
  result: Result;
  /** What the probe saw. */
  saw: string;
  /** What that means for the splice, or for applications. */
  meaning: string;
  /** What to do about it; empty when it works. */
  remedy: string;
}

/** What is known of a line before it is tried. */
export interface Question {
  name: string;
  group: Check['group'];
  meaning: string;
  /** For a failure that brings no remedy of its own. */
  remedy: string;
}

/**
 * Tries one thing. A failure is that line's answer, and never the next one's.
 * @param probe returns what it saw, or throws what is missing
 */
export function tryOut(question: Question, probe: () => string): Check {
  try {
    return { ...question, result: 'works', saw: probe(), remedy: '' };
  } catch (error) {
    return missing(question, error);
  }
}

/** The line of something that cannot be had, and why. */
export function missing(question: Question, error: unknown, before = ''): Check {
  const remedy = remedyFor(error) ?? question.remedy;
  return { ...question, result: 'missing', saw: printable(before + firstLine(error)), remedy };
}

function remedyFor(error: unknown): string | undefined {
  if (error instanceof SpliceError) return error.remedy;
  const refused = error instanceof KernelError && ['EPERM', 'EACCES'].includes(error.errnoName);
  return refused ? 'run it again with sudo' : undefined;
}

function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split('\n')[0] ?? '';
}
