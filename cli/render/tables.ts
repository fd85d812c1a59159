import Table from 'cli-table3';
import pc from 'picocolors';

/** How output may look. */
export interface Style {
  colour: boolean;
  /** Characters in a line. */
  columns: number;
}

const noBorders = Object.fromEntries(
  ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right']
    .concat(['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid'])
    .map((part) => [part, '']),
);

/** Rows under a dim heading, columns two spaces apart, without borders. Cells must be {@link printable}. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  { colour }: Pick<Style, 'colour'>,
): string {
  const { dim } = pc.createColors(colour);
  const drawn = new Table({
    head: head.map((word) => dim(word)),
    chars: { ...noBorders, middle: '  ' },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  drawn.push(...rows.map((row) => [...row]));
  return drawn
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** `key  value` lines with the values under each other; pairs without a value are left out. */
export function pairs(
  entries: readonly (readonly [string, string | undefined])[],
  { colour }: Pick<Style, 'colour'>,
): string {
  const { dim } = pc.createColors(colour);
  const said = entries.filter((entry): entry is readonly [string, string] => entry[1] !== undefined);
  const width = Math.max(...said.map(([key]) => key.length));
  return said.map(([key, value]) => `${dim(key.padEnd(width))}  ${value}`).join('\n');
}
