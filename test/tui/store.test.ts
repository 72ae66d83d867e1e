import { describe, expect, test, vi } from 'vitest';
import { Store } from '../../src/tui/store.ts';
import { anEntry, NO_PASSES } from '../view/fixtures.ts';
import { BUSY, Scene } from './source.ts';

function setUp(headline?: () => string[]): { scene: Scene; store: Store } {
  const scene = new Scene();
  return { scene, store: new Store({ source: scene, intervalMs: 250, headline }) };
}

function cookiesOf(store: Store): string[] {
  const { rows } = store.getState();
  return rows.slice(0, rows.length).map(({ identity }) => identity.cookie);
}

describe('a look', () => {
  test('puts status and entries into the state, and tells the listeners', () => {
    const { scene, store } = setUp();
    scene.entries = [anEntry({ cookie: '12' }), anEntry({ cookie: '9' })];
    const listener = vi.fn();
    const unsubscribe = store.subscribe(listener);

    store.lookNow();
    expect(store.getState()).toMatchObject({ status: { loaded: true }, problem: null });
    expect(cookiesOf(store)).toEqual(['9', '12']);
    expect(listener).toHaveBeenCalledTimes(1);

    unsubscribe();
    store.lookNow();
    expect(listener).toHaveBeenCalledTimes(1);
  });

  test('goes on when the splice goes away and comes back', () => {
    const { scene, store } = setUp();
    scene.entries = [anEntry()];
    store.lookNow();
    scene.loaded = false;
    store.lookNow();
    expect(store.getState()).toMatchObject({ status: { loaded: false }, rates: { total: null } });
    expect(cookiesOf(store)).toEqual([]);
    scene.loaded = true;
    store.lookNow();
    expect(cookiesOf(store)).toHaveLength(1);
  });

  test('keeps what was seen when core refuses once', () => {
    const { scene, store } = setUp();
    scene.entries = [anEntry()];
    store.lookNow();
    scene.failure = BUSY;
    store.lookNow();
    expect(store.getState()).toMatchObject({ problem: { code: 'BUSY' } });
    expect(cookiesOf(store)).toEqual(['4123']);
    store.lookNow();
    expect(store.getState().problem).toBeNull();
  });

  test('throws what is not a SpliceError', () => {
    const { scene, store } = setUp();
    scene.failure = new TypeError('a defect');
    expect(() => store.lookNow()).toThrow('a defect');
  });

  test('asks for at most three headlines', () => {
    let polls = 0;
    const { store } = setUp(() => [`${++polls}`, 'b', 'c', 'd']);
    store.lookNow();
    store.lookNow();
    expect(store.getState().headline).toEqual(['2', 'b', 'c']);
  });
});

describe('rates', () => {
  const at = (scene: Scene, store: Store, atMs: number, redirects: number, passes = 0) => {
    scene.atMs = atMs;
    scene.entries = [anEntry({ redirects, redirectBytes: 64 * redirects, passes: { ...NO_PASSES, order: passes } })];
    store.lookNow();
    return store.getState().rates;
  };

  test('are not known before the second look', () => {
    const { scene, store } = setUp();
    expect(at(scene, store, 1000, 23)).toMatchObject({ total: null, history: [] });
  });

  test('are the difference a second, of all and by cookie', () => {
    const { scene, store } = setUp();
    at(scene, store, 1000, 23);
    const rates = at(scene, store, 1250, 73, 5);
    expect(rates.total).toEqual({ redirects: 200, bytes: 12800, passes: 20 });
    expect(rates.of(4123)).toEqual({ redirects: 200, bytes: 12800, passes: 20 });
    expect(rates.of(9)).toBeNull();
  });

  test('stay for a second, then are those of that second', () => {
    const { scene, store } = setUp();
    at(scene, store, 1000, 0);
    const first = at(scene, store, 1250, 10);
    expect(at(scene, store, 1500, 500)).toBe(first);
    expect(at(scene, store, 2250, 110).total).toEqual({ redirects: 100, bytes: 6400, passes: 0 });
  });

  test('count a socket that is new from zero', () => {
    const { scene, store } = setUp();
    scene.entries = [];
    store.lookNow();
    expect(at(scene, store, 2000, 46).of(4123)).toEqual({ redirects: 46, bytes: 46 * 64, passes: 0 });
  });

  test('begin anew when time goes back, as it may in a recording', () => {
    const { scene, store } = setUp();
    at(scene, store, 5000, 500);
    at(scene, store, 6000, 600);
    expect(at(scene, store, 2000, 200)).toMatchObject({ total: null, history: [] });
    expect(at(scene, store, 3000, 230).total).toMatchObject({ redirects: 30 });
  });

  test('begin anew with another map', () => {
    const { scene, store } = setUp();
    at(scene, store, 1000, 500);
    scene.mapId = 8;
    expect(at(scene, store, 2000, 10).total).toBeNull();
    expect(at(scene, store, 3000, 30).total).toEqual({ redirects: 20, bytes: 20 * 64, passes: 0 });
  });
});

describe('owners', () => {
  test('are looked up at once for new sockets, else every two seconds', () => {
    const { scene, store } = setUp();
    const asked = (atMs: number) => {
      scene.atMs = atMs;
      store.lookNow();
      return scene.ownersAsked;
    };
    expect(asked(1000)).toBe(0);
    scene.entries = [anEntry({ cookie: '1' })];
    expect(asked(1250)).toBe(1);
    expect(asked(1500)).toBe(1);
    scene.entries.push(anEntry({ cookie: '2' }));
    expect(asked(2500)).toBe(2);
    expect(store.getState().rows.known.owners.get('2')).toEqual({ pid: 2, comm: 'curl' });
    expect(asked(3500)).toBe(2);
    expect(asked(4500)).toBe(3);
  });
});

describe('turnarounds', () => {
  const times = (counts: number[]) => ({ redirected: { counts }, byTcp: { counts: [] } });

  test('are asked for of the rows on screen, and of all when they are sorted by', () => {
    const { scene, store } = setUp();
    scene.entries = ['1', '2', '3'].map((cookie) => anEntry({ cookie, sport: Number(cookie) }));
    store.lookNow();
    store.showing(1, 3);
    store.lookNow();
    expect(scene.turnaroundsAsked.at(-1)).toEqual(['10.0.0.1:2->10.0.0.2:80', '10.0.0.1:3->10.0.0.2:80']);

    scene.times.set('2', times([0, 5])).set('3', times([5, 0]));
    store.arrange({ sort: { column: 'p50', descending: true } });
    store.lookNow();
    expect(scene.turnaroundsAsked.at(-1)).toBe('all');
    expect(cookiesOf(store)).toEqual(['2', '3', '1']);
  });
});

describe('start', () => {
  const until = async (condition: () => boolean) => {
    while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
  };

  test('looks again and again, until stop', async () => {
    const { scene, store } = setUp();
    scene.entries = [anEntry()];
    const listener = vi.fn();
    store.onLook(listener);
    store.start();
    await until(() => listener.mock.calls.length >= 3);
    store.stop();
    const { length } = listener.mock.calls;
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(listener.mock.calls.length).toBe(length);
  });

  test('does not look while it is paused, and looks at once when it goes on', async () => {
    const { scene, store } = setUp();
    store.start();
    await until(() => store.getState().status !== null);
    store.pause(true);
    scene.entries = [anEntry()];
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(cookiesOf(store)).toEqual([]);
    store.pause(false);
    await until(() => cookiesOf(store).length === 1);
    store.stop();
  });
});

describe('watch', () => {
  test('tells both ends, and what they sent in the last second', () => {
    const { scene, store } = setUp();
    const ends = (redirects: number) => [
      anEntry({ cookie: '1', redirects, redirectBytes: 10 * redirects }),
      anEntry({ cookie: '2', sip: '10.0.0.2', sport: 80, dip: '10.0.0.1', dport: 5000, redirects: 7 }),
    ];
    scene.entries = ends(5);
    store.lookNow();
    store.watch({ cookie: '1', key: '10.0.0.1:5000->10.0.0.2:80' });
    expect(store.getState().watched).toMatchObject({ own: { lastSecond: null }, peer: { entry: { cookie: '2' } } });
    scene.entries = ends(9);
    scene.atMs += 1000;
    store.lookNow();
    expect(store.getState().watched).toMatchObject({
      own: { entry: { cookie: '1' }, owner: { pid: 812 }, lastSecond: { redirects: 4, redirectBytes: 40 } },
      peer: { lastSecond: { redirects: 0 } },
    });
    scene.entries = [];
    store.lookNow();
    expect(store.getState().watched).toMatchObject({ own: null, peer: null });
    store.watch(null);
    expect(store.getState().watched).toBeNull();
  });
});
