import type { PassReason } from '../core/index.ts';
export interface Histogram {
  readonly counts: readonly number[];
}
export interface Turnaround {
  readonly redirected: Histogram;
  readonly byTcp: Histogram;
}
export const EVENT_TYPES = ['opened', 'firstRedirect', 'fellBack', 'backToRedirect', 'closed', 'message'] as const;
export interface SpliceEvent {
  readonly type: (typeof EVENT_TYPES)[number];
  readonly atMs: number;
  readonly key: string;
  readonly cookie: string;
  readonly reason: PassReason | null;
  readonly bytes: number | null;
  readonly turnaroundUs: number | null;
}
