/** A name in three: `compute-`, `07`, `.example.net`. The number is the last one of the host's own label. */
const NUMBERED = /^([^.]*?)(\d{1,9})([^\d.]*(?:\..*)?)$/;

/** Names that differ by their number alone. */
interface Family {
  before: string;
  after: string;
  /** The digits as they are written, in the order in which they came. */
  digits: string[];
}

/** One part of a list: `3-9` with the seven names that it stands for. */
interface Span {
  text: string;
  names: number;
}

/**
 * Many names in few words: `compute-[3-9,12], controller-1`.
 * @param most spans that are written out; how many names more there are is counted
 */
export function rangesOf(names: readonly string[], most = Number.POSITIVE_INFINITY): string {
  const written: string[] = [];
  let spansLeft = most;
  let namesLeft = names.length;
  for (const family of familiesOf(names)) {
    const spans = spansOf(family).slice(0, spansLeft);
    spansLeft -= spans.length;
    namesLeft -= spans.reduce((sum, span) => sum + span.names, 0);
    if (spans.length > 0) written.push(familyText(family, spans));
  }
  return [...written, ...(namesLeft > 0 ? [`and ${namesLeft} more`] : [])].join(', ').replace(', and ', ' and ');
}

/** In the order in which the first of each came. What has no number, or one of another width, is a family of its own. */
function familiesOf(names: readonly string[]): Family[] {
  const families = new Map<string, Family>();
  for (const name of names) {
    const [, before = name, number, after = ''] = NUMBERED.exec(name) ?? [];
    // 08 and 8 are two hosts.
    const width = number?.startsWith('0') ? number.length : 0;
    const key = JSON.stringify([before, after, number === undefined ? '' : width]);
    const family = families.get(key) ?? { before, after, digits: [] };
    if (number !== undefined) family.digits.push(number);
    families.set(key, family);
  }
  return [...families.values()];
}

function spansOf({ digits }: Family): Span[] {
  if (digits.length === 0) return [{ text: '', names: 1 }];
  const spans: { first: string; last: string; names: number }[] = [];
  for (const number of [...digits].sort((a, b) => Number(a) - Number(b))) {
    const open = spans.at(-1);
    if (open && Number(number) === Number(open.last) + 1) Object.assign(open, { last: number, names: open.names + 1 });
    else spans.push({ first: number, last: number, names: 1 });
  }
  return spans.map(({ first, last, names }) => ({
    text: names === 1 ? first : names === 2 ? `${first},${last}` : `${first}-${last}`,
    names,
  }));
}

function familyText({ before, after }: Family, spans: readonly Span[]): string {
  const [first, ...others] = spans;
  const isOne = others.length === 0 && first?.names === 1;
  const numbers = spans.map(({ text }) => text).join(',');
  return `${before}${isOne ? numbers : `[${numbers}]`}${after}`;
}
