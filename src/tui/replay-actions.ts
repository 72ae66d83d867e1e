/** What the keys of a replay do. */
import type { Playback } from '../recording/playback.ts';
import type { Store } from './store.ts';
import type { Handlers } from './ui.ts';

const SEEK_MS = 5000;

/** None when the source is live. */
export function replayActions(store: Store): Handlers {
  const { replay } = store.source;
  if (!replay) return {};
  const { playback } = replay;
  const then =
    (change: (playback: Playback) => void): (() => void) =>
    () => {
      change(playback);
      store.refresh();
    };
  return {
    playPause: then(() => (playback.isPlaying ? playback.pause() : playback.play())),
    stepForward: then(() => replay.step(1)),
    stepBack: then(() => replay.step(-1)),
    seekForward: then(() => playback.seek(playback.positionMs + SEEK_MS)),
    seekBack: then(() => playback.seek(playback.positionMs - SEEK_MS)),
    faster: then(() => playback.changeSpeed(1)),
    slower: then(() => playback.changeSpeed(-1)),
    restart: then(() => playback.seek(0)),
  };
}
