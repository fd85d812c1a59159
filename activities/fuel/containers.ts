import type { FuelContainer } from '../../domain/audit/judge-fuel.js';

/** A line of `dockerctl list -l`: short name, image, status, full name. Of the fields only the status holds a blank. */
const DOCKERCTL_LINE = /^(?<name>\S+)\s+\S+\s+(?<status>Running|Stopped|Not created)\b/;

/**
 * Reads `dockerctl list -l`, which begins with a line of heads.
 * @returns undefined when it is no such list
 */
export function parseDockerctl(text: string): FuelContainer[] | undefined {
  const lines = text.split('\n');
  const head = lines.findIndex((line) => /^Name\s+Image\s+Status\b/.test(line));
  if (head < 0) return undefined;
  return lines.slice(head + 1).flatMap((line) => {
    const { name = '', status = '' } = DOCKERCTL_LINE.exec(line)?.groups ?? {};
    return name === '' ? [] : [{ name, status, isRunning: status === 'Running' }];
  });
}

/**
 * Reads `docker ps --all`, whose columns stand below their heads.
 * @returns undefined when it is no such list
 */
export function parseDockerPs(text: string): FuelContainer[] | undefined {
  const [head = '', ...lines] = text.split('\n').slice(Math.max(0, text.split('\n').findIndex(isHead)));
  if (!isHead(head)) return undefined;
  const at = (column: string): number => head.indexOf(column);
  return lines
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const status = line.slice(at('STATUS'), at('PORTS')).trim();
      return { name: line.slice(at('NAMES')).trim(), status, isRunning: status.startsWith('Up') };
    });
}

const isHead = (line: string): boolean => /^CONTAINER ID\s.*\sSTATUS\s+PORTS\s+NAMES/.test(line);
