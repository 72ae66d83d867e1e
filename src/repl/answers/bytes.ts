/** The bytes of a key, laid out for people. */
import { type KeyBytes, keyBytes } from '../../view/key-bytes.ts';
import { wrap } from '../../view/wrap.ts';
import { told } from '../values/told.ts';

/** The key taken apart, which prints as a table of its fields; lines at most `width` wide. */
export function describeBytes(input: Parameters<typeof keyBytes>[0], width?: number): KeyBytes {
  const bytes = keyBytes(input);
  const { key, map, size, stored, fields, why } = bytes;
  const head = [`${key}`, `  ${size} bytes in ${map}:`, wrap(stored, width, '  ')];
  const isIpv6 = size > 16;
  const table = [
    ['at', 'field', 'stored', 'host order', 'network', 'value', 'taken from'],
    ...fields.map((field) => [
      String(field.offset),
      field.name,
      isIpv6 && field.host === null ? '(16 bytes)' : field.stored,
      field.host ?? '-',
      isIpv6 && field.host === null ? 'as stored' : field.network,
      field.text,
      field.source,
    ]),
  ];
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? [];
  const isWide = widths.reduce((sum, column) => sum + column + 2, 0) <= (width ?? Number.POSITIVE_INFINITY);
  // The value is in the key above; without it the table fits 80 columns.
  const kept = widths.map((_, column) => isWide || column !== 5);
  const lines = table.map((row) =>
    `  ${row.map((cell, column) => (kept[column] ? `${cell.padEnd(widths[column] ?? 0)}  ` : '')).join('')}`.trimEnd(),
  );
  return told(bytes, [...head, '', ...lines, '', wrap(why, width)].join('\n'));
}
