/** Finds the routes between the ends of a scene, one after the other: each takes a few processes. */
import { type Route, SockKey } from '../core/index.ts';
import type { Scene } from './scene.ts';

/** Of a splice with more entries the routes are not recorded. */
const MOST_ENTRIES = 1000;

interface Finder {
  findRoute(key: string, own: number | null, peer: number | null): Promise<Route>;
}

export class RouteSurvey {
  readonly #finder: Finder;
  /** By the processes and addresses at both ends: all connections between two hosts go the same way. */
  readonly #known = new Map<string, Promise<Route>>();
  #found = new Map<string, Route>();
  #isAsking = false;

  constructor(finder: Finder) {
    this.#finder = finder;
  }

  /** The routes found since the last time, by key. */
  take(): ReadonlyMap<string, Route> {
    const found = this.#found;
    this.#found = new Map();
    return found;
  }

  /** Asks for the first route that the scene lacks, unless another is being asked for. */
  survey({ entries, owners, routes }: Scene): void {
    if (this.#isAsking || entries.size > MOST_ENTRIES) return;
    const cookies = new Map([...entries].map(([cookie, { facts }]) => [facts.key, cookie]));
    for (const [cookie, { facts }] of entries) {
      const { key } = facts;
      const peer = cookies.get(SockKey.from(key).reverse().toString());
      const pids = [owners.get(cookie)?.pid, peer === undefined ? undefined : owners.get(peer)?.pid] as const;
      if (routes.has(key) || this.#found.has(key) || pids[0] === undefined || pids[1] === undefined) continue;
      this.#isAsking = true;
      void this.#find(key, pids[0], pids[1]).then((route) => {
        this.#found.set(key, route);
        this.#isAsking = false;
      });
      return;
    }
  }

  #find(key: string, own: number, peer: number): Promise<Route> {
    const { sip, dip } = SockKey.from(key);
    const name = [sip, own, dip, peer].join();
    const route = this.#known.get(name) ?? this.#finder.findRoute(key, own, peer);
    this.#known.set(name, route);
    return route;
  }
}
