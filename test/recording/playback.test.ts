import { describe, expect, test } from 'vitest';
import { Playback } from '../../src/recording/playback.ts';

/** A playback of ten seconds, and how to let time pass. */
function setUp(): { playback: Playback; pass: (ms: number) => void } {
  let now = 5000;
  const playback = new Playback(10_000, () => now);
  return {
    playback,
    pass: (ms) => {
      now += ms;
    },
  };
}

describe('a playback', () => {
  test('stands at the beginning until it is played', () => {
    const { playback, pass } = setUp();
    pass(700);
    expect(playback).toMatchObject({ positionMs: 0, isPlaying: false, speed: 1 });
    playback.play();
    pass(700);
    expect(playback).toMatchObject({ positionMs: 700, isPlaying: true });
  });

  test('stands where it is paused, and goes on from there', () => {
    const { playback, pass } = setUp();
    playback.play();
    pass(700);
    playback.pause();
    pass(700);
    expect(playback).toMatchObject({ positionMs: 700, isPlaying: false });
    playback.play();
    pass(50);
    expect(playback.positionMs).toBe(750);
  });

  test('stops at the end, and begins anew from there', () => {
    const { playback, pass } = setUp();
    playback.play();
    pass(12_000);
    expect(playback).toMatchObject({ positionMs: 10_000, isPlaying: false, isAtEnd: true, returns: 0 });
    playback.play();
    expect(playback).toMatchObject({ positionMs: 0, isPlaying: true, returns: 1 });
  });

  test('is moved about within the recording, playing or not', () => {
    const { playback, pass } = setUp();
    playback.seek(4000);
    expect(playback).toMatchObject({ positionMs: 4000, isPlaying: false, returns: 0 });
    playback.play();
    playback.seek(2000);
    pass(10);
    expect(playback).toMatchObject({ positionMs: 2010, isPlaying: true, returns: 1 });
    playback.seek(-5);
    expect(playback.positionMs).toBe(0);
    playback.seek(99_000);
    expect(playback.positionMs).toBe(10_000);
  });

  test('changes its speed where it is', () => {
    const { playback, pass } = setUp();
    playback.play();
    pass(1000);
    playback.changeSpeed(1);
    pass(1000);
    expect(playback).toMatchObject({ speed: 2, positionMs: 3000 });
    for (let times = 0; times < 9; times++) playback.changeSpeed(-1);
    pass(1000);
    expect(playback).toMatchObject({ speed: 0.25, positionMs: 3250, returns: 0 });
  });
});
