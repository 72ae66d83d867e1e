/** Reports as the lab makes them, without a kernel. */
import type { Experiment, Report, Result } from '../../src/lab/experiment.ts';

function result(saw: string, equalToTcp: boolean): Result {
  const events = [{ atMs: 12.34, who: 'client', what: 'sent "A"' }];
  return { saw, behaviour: saw, equalToTcp, totals: null, tookMs: 7, events };
}

/** The report of an experiment in which naive and guarded did as TCP, or not. */
export function report({
  naive,
  guarded,
  expected,
}: {
  naive: boolean;
  guarded: boolean;
  expected: Experiment['naive'];
}): Report {
  const experiment: Experiment = {
    name: 'reorder',
    hazard: 'H1 reordering',
    naive: expected,
    explanation: 'Why it is so.',
    perform: () => Promise.reject(new Error('not to be run')),
  };
  const results = {
    tcp: result('in order', true),
    naive: result(naive ? 'in order' : 'B before A', naive),
    guarded: result(guarded ? 'in order' : 'nothing', guarded),
  };
  return { experiment, results };
}
