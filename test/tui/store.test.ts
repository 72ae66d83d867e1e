import { describe, expect, test, vi } from 'vitest';
import { Store } from '../../src/tui/store.ts';
import { anEntry, NO_PASSES } from '../view/fixtures.ts';
import { BUSY, Scene } from './source.ts';

function setUp(headline?: () => string[]): { scene: Scene; store: Store } {
  const scene = new Scene();
  return { scene, store: new Store({ source: scene, intervalMs: 250, headline }) };
}

describe('a poll', () => {
  test('puts status and entries into the state, and tells the listeners', () => {
    const { scene, store } = setUp();
    scene.entries = [anEntry({ cookie: '12' }), anEntry({ cookie: '9' })];
    const listener = vi.fn();
    const unsubscribe = store.subscribe(listener);

    store.poll();
    expect(store.getState()).toMatchObject({ status: { loaded: true }, problem: null });
    expect(store.getState().entries.map(({ cookie }) => cookie)).toEqual(['9', '12']);
    expect(listener).toHaveBeenCalledTimes(1);

    unsubscribe();
    store.poll();
    expect(listener).toHaveBeenCalledTimes(1);
  });

  test('goes on when the splice goes away and comes back', () => {
    const { scene, store } = setUp();
    scene.entries = [anEntry()];
    store.poll();
    scene.loaded = false;
    store.poll();
    expect(store.getState()).toMatchObject({ status: { loaded: false }, entries: [], rates: { total: null } });
    scene.loaded = true;
    store.poll();
    expect(store.getState().entries).toHaveLength(1);
  });

  test('keeps what was seen when core refuses once', () => {
    const { scene, store } = setUp();
    scene.entries = [anEntry()];
    store.poll();
    scene.failure = BUSY;
    store.poll();
    expect(store.getState()).toMatchObject({ problem: { code: 'BUSY' }, entries: [{ cookie: '4123' }] });
    store.poll();
    expect(store.getState().problem).toBeNull();
  });

  test('throws what is not a SpliceError', () => {
    const { scene, store } = setUp();
    scene.failure = new TypeError('a defect');
    expect(() => store.poll()).toThrow('a defect');
  });

  test('asks for at most three headlines', () => {
    let polls = 0;
    const { store } = setUp(() => [`${++polls}`, 'b', 'c', 'd']);
    store.poll();
    store.poll();
    expect(store.getState().headline).toEqual(['2', 'b', 'c']);
  });
});

describe('rates', () => {
  const at = (scene: Scene, store: Store, atMs: number, redirects: number, passes = 0) => {
    scene.atMs = atMs;
    scene.entries = [anEntry({ redirects, passes: { ...NO_PASSES, order: passes } })];
    store.poll();
    return store.getState().rates;
  };

  test('are not known before the second look', () => {
    const { scene, store } = setUp();
    expect(at(scene, store, 1000, 23)).toMatchObject({ total: null, byCookie: new Map() });
  });

  test('are the difference a second, of all and by cookie', () => {
    const { scene, store } = setUp();
    at(scene, store, 1000, 23);
    const rates = at(scene, store, 1250, 73, 5);
    expect(rates.total).toEqual({ redirects: 200, passes: 20 });
    expect(rates.byCookie.get('4123')).toEqual({ redirects: 200, passes: 20 });
  });

  test('stay for a second, then are those of that second', () => {
    const { scene, store } = setUp();
    at(scene, store, 1000, 0);
    const first = at(scene, store, 1250, 10);
    expect(at(scene, store, 1500, 500)).toBe(first);
    expect(at(scene, store, 2250, 110).total).toEqual({ redirects: 100, passes: 0 });
  });

  test('count a socket that is new from zero', () => {
    const { scene, store } = setUp();
    scene.entries = [];
    store.poll();
    expect(at(scene, store, 2000, 46).byCookie.get('4123')).toEqual({ redirects: 46, passes: 0 });
  });

  test('begin anew with another map', () => {
    const { scene, store } = setUp();
    at(scene, store, 1000, 500);
    scene.mapId = 8;
    expect(at(scene, store, 2000, 10).total).toBeNull();
    expect(at(scene, store, 3000, 30).total).toEqual({ redirects: 20, passes: 0 });
  });
});

describe('owners', () => {
  test('are looked up at once for new sockets, else every two seconds', () => {
    const { scene, store } = setUp();
    const asked = (atMs: number) => {
      scene.atMs = atMs;
      store.poll();
      return scene.ownersAsked;
    };
    expect(asked(1000)).toBe(0);
    scene.entries = [anEntry({ cookie: '1' })];
    expect(asked(1250)).toBe(1);
    expect(asked(1500)).toBe(1);
    scene.entries.push(anEntry({ cookie: '2' }));
    expect(asked(2500)).toBe(2);
    expect(store.getState().owners.get('2')).toEqual({ pid: 2, comm: 'curl' });
    expect(asked(3500)).toBe(2);
    expect(asked(4500)).toBe(3);
  });
});

describe('toggleBypass', () => {
  test('flips the switch and shows it without waiting for the next poll', () => {
    const { scene, store } = setUp();
    store.poll();
    store.toggleBypass();
    expect(scene.bypass).toBe(true);
    expect(store.getState().status).toMatchObject({ bypass: true });
    store.toggleBypass();
    expect(scene.bypass).toBe(false);
  });

  test('keeps the refusal until it is dismissed', () => {
    const { scene, store } = setUp();
    store.poll();
    scene.failure = BUSY;
    store.toggleBypass();
    store.poll();
    expect(store.getState()).toMatchObject({ refusal: { code: 'BUSY' }, problem: null, status: { bypass: false } });
    store.dismissRefusal();
    expect(store.getState().refusal).toBeNull();
  });

  test('does nothing when nothing is loaded', () => {
    const { scene, store } = setUp();
    scene.loaded = false;
    store.poll();
    store.toggleBypass();
    expect(scene.bypass).toBe(false);
  });
});

test('start polls at the interval until stop', () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  try {
    const { store } = setUp();
    const listener = vi.fn();
    store.subscribe(listener);
    store.start();
    vi.advanceTimersByTime(1000);
    expect(listener).toHaveBeenCalledTimes(5);
    store.stop();
    vi.advanceTimersByTime(1000);
    expect(listener).toHaveBeenCalledTimes(5);
  } finally {
    vi.useRealTimers();
  }
});
