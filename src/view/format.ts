/** Figures as people read them, the same in every view. */

/** A count: exact up to seven digits, then with three or four digits and k, M, G or T. */
export function formatCount(count: number): string {
  return count < 9_999_999.5 ? String(Math.round(count)) : withPrefix(count);
}

/** Bytes with a binary prefix: `512 B`, `4.0 KiB`, `1.2 GiB`. */
export function formatBytes(bytes: number): string {
  const units = ['KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  if (bytes < 1024) return `${Math.round(bytes)} B`;
  let value = bytes / 1024;
  let unit = 0;
  while (value >= 1023.5 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value < 99.95 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

/** Something a second, at most six characters: `0`, `3.2`, `432`, `12.3k`; `-` when not known yet. */
export function formatRate(perSecond: number | null): string {
  if (perSecond === null) return '-';
  if (perSecond < 0.05) return '0';
  if (perSecond < 99.95) return perSecond.toFixed(1);
  return perSecond < 9_999.5 ? String(Math.round(perSecond)) : withPrefix(perSecond);
}

/** A short time in nanoseconds, at most six characters: `1.0µs`, `812µs`, `1.2ms`, `33.5s`; `-` when not known. */
export function formatTurnaround(ns: number | null): string {
  if (ns === null) return '-';
  const units = ['µs', 'ms', 's'];
  let value = ns / 1000;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value < 99.95 ? value.toFixed(1) : Math.round(value)}${units[unit]}`;
}

/** A time span in milliseconds by its largest units: `850ms`, `12s`, `3m04s`, `5h12m`, `9d03h`, `120d`. */
export function formatAge(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)}ms`;
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m${twoDigits(seconds % 60)}s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours}h${twoDigits(minutes % 60)}m`;
  const days = Math.floor(hours / 24);
  return days < 100 ? `${days}d${twoDigits(hours % 24)}h` : `${days}d`;
}

function withPrefix(value: number): string {
  const prefixes = ['k', 'M', 'G', 'T', 'P'];
  let scaled = value / 1000;
  let prefix = 0;
  while (scaled >= 999.5 && prefix < prefixes.length - 1) {
    scaled /= 1000;
    prefix++;
  }
  return `${scaled < 99.95 ? scaled.toFixed(1) : Math.round(scaled)}${prefixes[prefix]}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
