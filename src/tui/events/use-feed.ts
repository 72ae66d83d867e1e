import { useSyncExternalStore } from 'react';
import type { EventFeed, FeedState } from './feed.ts';

/** The last events; the component is rendered again after each change. */
export function useFeed(feed: EventFeed): FeedState {
  return useSyncExternalStore(feed.subscribe, feed.getState);
}
