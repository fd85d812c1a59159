import { memory, processMemory } from '../../../domain/audit/host-checks.js';
import {
  beginsAbove,
  beginsAt,
  type Found,
  type NodeCheck,
  type Said,
  severityAbove,
  severityOf,
  Unread,
} from './node-check.js';

const meminfo = {
  name: 'meminfo',
  lines: (): string => "grep -E '^(MemTotal|MemFree|Buffers|Cached):' /proc/meminfo",
};

/**
 * The processes with most memory, and what they are called. By /proc and not by ps, which every procps and busybox calls by other options. A process
 * may be gone before it is looked at, which is nothing to tell.
 */
const processes = {
  name: 'processes',
  lines: (): string => `grep -s '^VmRSS:' /proc/[0-9]*/status | sort -t: -k3,3nr | head -n 5 |
  while IFS=/ read -r none proc pid line; do
    read -r comm 2>/dev/null </proc/$pid/comm && printf '%s %s %s\\n' "$pid" "\${line##*:}" "$comm"
  done
true`,
};

const KIB_PER_GIB = 1024 * 1024;

function memoryOf({ text }: Said): (name: string) => number {
  const known = new Map([...text.matchAll(/^(\w+):\s+(\d+) kB$/gm)].map(([, name, kib]) => [name, Number(kib)]));
  return (name) => {
    const kib = known.get(name);
    if (kib === undefined)
      throw new Unread(`/proc/meminfo does not tell ${name}`, 'cat /proc/meminfo', 'look at /proc/meminfo on the host');
    return kib;
  };
}

const gib = (kib: number): string => `${(kib / KIB_PER_GIB).toFixed(1)} GiB`;

export const memoryCheck: NodeCheck = {
  check: memory,
  reads: [meminfo],
  judge(said, { node }, limits) {
    const kib = memoryOf(said(meminfo));
    const total = kib('MemTotal');
    const used = total - kib('MemFree') - kib('Buffers') - kib('Cached');
    const percent = Math.floor((used / total) * 100);
    const severity = severityOf(percent, limits);
    if (!severity) return [];
    return [
      {
        severity,
        what: `the memory of ${node} is nearly used up`,
        evidence: [
          { value: `${percent} % of ${gib(total)}`, threshold: beginsAt(limits, '%'), command: 'cat /proc/meminfo' },
        ],
        next: `see who has it with \`ps aux --sort=-rss | head\` on ${node}, before the kernel chooses what to kill`,
      },
    ];
  },
};

export const processMemoryCheck: NodeCheck = {
  check: processMemory,
  reads: [meminfo, processes],
  judge(said, { node }, limits) {
    const total = memoryOf(said(meminfo))('MemTotal');
    const worst = new Map<string, { percent: number; kib: number; pid: string }>();
    for (const [, pid = '', kib = '', comm = ''] of said(processes).text.matchAll(/^(\d+)\s+(\d+) kB (.+)$/gm)) {
      // The biggest comes first, and stands for all of its name.
      if (!worst.has(comm)) worst.set(comm, { pid, kib: Number(kib), percent: (Number(kib) / total) * 100 });
    }
    return [...worst].flatMap(([comm, { pid, kib, percent }]): Found[] => {
      const severity = severityAbove(percent, limits);
      if (!severity) return [];
      return [
        {
          about: comm,
          severity,
          what: `one process of ${comm} has ${Math.floor(percent)} % of the memory of ${node}`,
          evidence: [
            {
              value: `${Math.floor(percent)} %, ${gib(kib)}, PID ${pid}`,
              threshold: beginsAbove(limits, '%'),
              command: `grep VmRSS /proc/${pid}/status`,
            },
          ],
          next: `find out what it is with \`systemctl status ${pid}\` on ${node}; a service that leaks is restarted with \`ostler restart\``,
        },
      ];
    });
  },
};
