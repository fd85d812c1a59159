/**
 * For how many seconds the broker of a host has run, of what `ps -u rabbitmq -o etimes=,comm=` printed. Each call of rabbitmqctl is such a process as
 * well, for a moment: the broker is the oldest.
 * @returns undefined when none runs
 */
export function brokerAge(text: string): number | undefined {
  const ages = [...text.matchAll(/^\s*(\d+)\s+beam(?:\.smp)?$/gm)].map(([, seconds]) => Number(seconds));
  return ages.length > 0 ? Math.max(...ages) : undefined;
}
