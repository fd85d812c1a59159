import { readFile } from 'node:fs/promises';

/** The most memory a process ever held (VmHWM of proc(5)), in megabytes of 1000². */
export async function peakMegabytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Math.round((Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1_024) / 1e6);
}
