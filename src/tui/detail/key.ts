/** The key, byte by byte, and what its reverse finds. */
import { type KeyField, keyBytes } from '../../view/key-bytes.ts';
import { displayWidth } from '../../view/width.ts';
import { heading, type StyledLine, wrapText } from '../lines.ts';
import type { Connection } from './connection.ts';

/** Lines of text that are longer are hard to read. */
const PROSE = 100;

/** The bytes, the fields and the reverse key. */
export function keyLines({ key, peer }: Connection, width: number): StyledLine[] {
  const { stored, map, size, fields, reverse, why } = keyBytes(key);
  const found: StyledLine =
    peer === null
      ? [['byTcp', 'finds no entry'], ': the peer is not local, not spliced, or gone']
      : [['spliced', 'finds the entry'], ` of cookie ${peer.entry.cookie}, ${peer.entry.state}`];
  return [
    heading('KEY', ['label', `as ${map} stores it, ${size} bytes`]),
    ...byteLines(stored, width),
    ...table(size > 16 ? ipv6Rows(fields) : ipv4Rows(fields), width),
    ...wrapText(why, Math.min(width, PROSE)).map((line): StyledLine => [['label', line]]),
    [],
    heading('REVERSE KEY', reverse),
    ...byteLines(keyBytes(reverse).stored, width),
    found,
  ];
}

function ipv4Rows(fields: readonly KeyField[]): string[][] {
  return [
    ['field', 'at', 'stored', 'host order', 'that is', 'net order', 'made of'],
    ...fields.map(({ name, offset, stored, host, text, network, source }) => [
      name,
      String(offset),
      stored,
      host ?? '',
      text,
      network,
      source,
    ]),
  ];
}

/** An address of 16 bytes is in network order as it is stored: said once. */
function ipv6Rows(fields: readonly KeyField[]): string[][] {
  return [
    ['field', 'at', 'stored (addresses: in net order)', 'made of'],
    ...fields.map(({ name, offset, stored, host, text, network, source }) => [
      name,
      String(offset),
      host === null ? stored : `${stored}  ${host} = ${text}  net order ${network}`,
      source,
    ]),
  ];
}

/** Bytes in groups of four, as many groups a line as there is room for. */
function byteLines(stored: string, width: number): StyledLine[] {
  const groups = stored.match(/(?:\S\S ?){4}/g)?.map((group) => group.trim()) ?? [];
  const perLine = Math.max(1, Math.floor((width + 2) / 13));
  const lines: StyledLine[] = [];
  for (let at = 0; at < groups.length; at += perLine) lines.push([groups.slice(at, at + perLine).join('  ')]);
  return lines;
}

/** Columns as wide as what is in them; the first line has the titles. */
function table(rows: readonly (readonly string[])[], width: number): StyledLine[] {
  const titles = rows[0] ?? [];
  const widths = titles.map((_, column) => Math.max(...rows.map((row) => displayWidth(row[column] ?? ''))));
  const room = width - widths.reduce((sum, one) => sum + one, 0);
  const gap = ' '.repeat(room >= 2 * (widths.length - 1) ? 2 : 1);
  return rows.map((row): StyledLine => {
    const text = row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(gap);
    return [[row === titles ? 'label' : 'plain', text.trimEnd()]];
  });
}
