import { expect, test } from 'vitest';
import { type EventBatch, SpliceError, type SpliceEvent } from '../../../src/core/index.ts';
import { EventFeed } from '../../../src/tui/events/feed.ts';

function anEvent(atMs: number): SpliceEvent {
  const key = '10.0.0.1:5000->10.0.0.2:80';
  return {
    type: 'opened',
    atMs,
    key,
    cookie: '1',
    reason: null,
    leaveReason: null,
    keptOutReason: null,
    bytes: null,
    turnaroundUs: null,
  };
}

/** A source whose readers give batches that a test puts there. */
class Told {
  readonly replay = { playback: { returns: 0 } };
  batch: EventBatch = { events: [], lost: 0 };
  failure: SpliceError | null = null;
  open = 0;

  events() {
    if (this.failure) throw this.failure;
    this.open++;
    const close = () => {
      this.open--;
    };
    return {
      read: () => {
        const { batch } = this;
        this.batch = { events: [], lost: 0 };
        return batch;
      },
      trace: () => {},
      close,
      [Symbol.dispose]: close,
    };
  }
}

test('keeps what came, the newest last, and counts what was lost', () => {
  const told = new Told();
  using feed = new EventFeed(told);
  told.batch = { events: [anEvent(1), anEvent(2)], lost: 0 };
  feed.poll();
  told.batch = { events: [anEvent(3)], lost: 7 };
  expect(feed.poll()).toEqual({ events: [anEvent(3)], lost: 7 });
  expect(feed.getState().events.map(({ atMs }) => atMs)).toEqual([1, 2, 3]);
  expect(feed.getState()).toMatchObject({ lost: 7, forgotten: 0 });
});

test('says nothing when nothing came', () => {
  using feed = new EventFeed(new Told());
  const before = feed.getState();
  feed.poll();
  expect(feed.getState()).toBe(before);
});

test('forgets the oldest, and says how many', () => {
  const told = new Told();
  using feed = new EventFeed(told);
  told.batch = { events: Array.from({ length: 5003 }, (_, index) => anEvent(index)), lost: 0 };
  feed.poll();
  expect(feed.getState().forgotten).toBe(3);
  expect(feed.getState().events).toHaveLength(5000);
  expect(feed.getState().events[0]?.atMs).toBe(3);
});

test('goes on when there is a reader again, with what it had', () => {
  const told = new Told();
  using feed = new EventFeed(told);
  told.failure = new SpliceError('NOT_LOADED', 'nothing is loaded', 'splice up');
  feed.poll();
  expect(feed.getState().problem?.code).toBe('NOT_LOADED');
  told.failure = null;
  told.batch = { events: [anEvent(1)], lost: 0 };
  feed.poll();
  expect(feed.getState()).toMatchObject({ problem: null, events: [{ atMs: 1 }] });
});

test('begins anew when time went back, and leaves no reader open', () => {
  const told = new Told();
  const feed = new EventFeed(told);
  told.batch = { events: [anEvent(1)], lost: 2 };
  feed.poll();
  told.replay.playback.returns++;
  told.batch = { events: [anEvent(5)], lost: 0 };
  feed.poll();
  expect(feed.getState()).toMatchObject({ lost: 0, events: [{ atMs: 5 }] });
  expect(told.open).toBe(1);
  feed[Symbol.dispose]();
  expect(told.open).toBe(0);
});
