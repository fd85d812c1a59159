import { readFile } from 'node:fs/promises';
import { InventoryError } from '../problems.js';

/**
 * The text of another tool's file.
 * @throws {InventoryError} when it is not there, a folder, or closed to us
 */
export async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const reasons: Record<string, string> = {
      ENOENT: 'there is no such file',
      EISDIR: 'is a folder; name a file in it',
    };
    const reason = reasons[code ?? ''] ?? `cannot be read (${code})`;
    throw new InventoryError([{ file, path: '', reason }], 'invalid', { cause });
  }
}
