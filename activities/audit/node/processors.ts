import { cpuFrequency, load } from '../../../domain/audit/host-checks.js';
import { beginsAbove, limit, type NodeCheck, severityAbove, Unread } from './node-check.js';

const loadavg = {
  name: 'loadavg',
  lines: (): string => `cat /proc/loadavg
getconf _NPROCESSORS_ONLN 2>/dev/null || grep -c '^processor' /proc/cpuinfo`,
};

export const loadCheck: NodeCheck = {
  check: load,
  reads: [loadavg],
  judge(said, { node }, limits) {
    const [averages = '', count = ''] = said(loadavg).text.trim().split('\n');
    const [, five] = averages.split(' ').map(Number);
    const cores = Number(count);
    if (five === undefined || Number.isNaN(five) || !(cores > 0))
      throw new Unread(`the load of ${node} is not a number`, 'cat /proc/loadavg', `look at /proc/loadavg on ${node}`);
    const perCore = five / cores;
    const severity = severityAbove(perCore, limits);
    if (!severity) return [];
    return [
      {
        severity,
        what: `${node} has been busy for minutes: its load is ${perCore.toFixed(2)} per core`,
        evidence: [
          {
            value: `${five} on ${cores} cores, over 5 minutes`,
            threshold: beginsAbove(limits, 'per core'),
            command: 'uptime; nproc',
          },
        ],
        next: `see what runs, and what waits for disks, with \`top\` on ${node}`,
      },
    ];
  },
};

/** Only what lies outside is printed, at most eight processors of it: a host may have hundreds. */
const frequencies = {
  name: 'frequencies',
  lines: (): string => `shown=0
for f in /sys/devices/system/cpu/cpu[0-9]*/cpufreq; do
  { read -r now <$f/scaling_cur_freq && read -r least <$f/scaling_min_freq && read -r most <$f/scaling_max_freq; } 2>/dev/null || continue
  case $now$least$most in *[!0-9]*) continue ;; esac
  [ "$now" -ge "$least" ] && [ "$now" -le "$most" ] && continue
  cpu=\${f%/cpufreq}; echo "\${cpu##*/} $now $least $most"
  shown=$((shown + 1)); [ $shown -lt 8 ] || break
done`,
};

export const cpuFrequencyCheck: NodeCheck = {
  check: cpuFrequency,
  reads: [frequencies],
  judge(said, { node }, limits) {
    const slack = limit(limits, 'tolerance') / 100;
    const outside = [...said(frequencies).text.matchAll(/^(cpu\d+) (\d+) (\d+) (\d+)$/gm)]
      .map(([, cpu = '', ...kHz]) => ({ cpu, mhz: kHz.map((text) => Math.round(Number(text) / 1_000)) }))
      .filter(({ mhz: [now = 0, least = 0, most = 0] }) => now < least * (1 - slack) || now > most * (1 + slack));
    const [first] = outside;
    if (!first) return [];
    const [now, least, most] = first.mhz;
    const others = outside.length > 1 ? ` and ${outside.length - 1} more` : '';
    return [
      {
        severity: 'error',
        what: `processors of ${node} run outside of the range that their policy allows: ${first.cpu}${others}`,
        evidence: [
          {
            value: `${now} MHz`,
            threshold: `${least} to ${most} MHz, with ${limits.tolerance} % of tolerance`,
            command: `grep . /sys/devices/system/cpu/${first.cpu}/cpufreq/scaling_*_freq`,
          },
        ],
        next: `look for thermal throttling with \`dmesg | grep -i thermal\` on ${node}, and at the power profile in its firmware`,
      },
    ];
  },
};
