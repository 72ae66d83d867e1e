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
  /** The keys whose route is known or on its way, and under which name. */
  readonly #asked = new Map<string, string>();
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

  /** Asks for one route that the scene lacks, unless another is being asked for; others may go the same way. */
  survey({ entries, owners }: Scene): void {
    if (entries.size > MOST_ENTRIES) {
      this.#asked.clear();
      return;
    }
    const cookies = new Map([...entries].map(([cookie, { facts }]) => [facts.key, cookie]));
    for (const key of this.#asked.keys()) if (!cookies.has(key)) this.#asked.delete(key);
    for (const [cookie, { facts }] of entries) {
      if (this.#asked.has(facts.key)) continue;
      const key = SockKey.from(facts.key);
      const own = owners.get(cookie);
      const peer = owners.get(cookies.get(key.reverse().toString()) ?? '');
      if (!own || !peer) continue;
      const name = [key.sip, own.pid, key.dip, peer.pid].join();
      const route = this.#find(name, key, own.pid, peer.pid);
      if (route === null) continue;
      this.#asked.set(facts.key, name);
      void route.then((found) => this.#found.set(facts.key, found));
    }
    const used = new Set(this.#asked.values());
    for (const name of this.#known.keys()) if (!used.has(name)) this.#known.delete(name);
  }

  #find(name: string, key: SockKey, own: number, peer: number): Promise<Route> | null {
    const known = this.#known.get(name);
    if (known || this.#isAsking) return known ?? null;
    this.#isAsking = true;
    const route = this.#finder.findRoute(key.toString(), own, peer).finally(() => {
      this.#isAsking = false;
    });
    this.#known.set(name, route);
    return route;
  }
}
