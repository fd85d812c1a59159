import { rootFilesystem } from '../../../domain/audit/host-checks.js';
import { ofRoles } from '../../../domain/audit/node-settings.js';
import { shellWord } from '../../ssh/quote.js';
import { type Asked, beginsAt, type Found, type NodeCheck, severityOf } from './node-check.js';

const mountsOf = ({ settings }: Asked): string[] => [
  ...new Set(['/', ...ofRoles(settings.section.mounts, settings.roles)]),
];

/** `df` of each by itself: one on a server that is gone must not keep the others from being seen. The first line is its name. */
const filesystems = {
  name: 'filesystems',
  mayWait: true,
  lines: (asked: Asked): string =>
    [
      'look() {',
      '  for counted in blocks inodes; do',
      '    if [ $counted = blocks ]; then at_most 3 df -P -k "$1"; else at_most 3 df -P -i "$1"; fi 2>&1 |',
      // Its exit code ends with the pipe, so a line of its own says that df has spoken.
      '      while read -r line; do printf "%s %s %s\\n" $counted "$1" "$line"; done',
      '  done',
      '}',
      ...mountsOf(asked).map((mount) => `look ${shellWord(mount)}`),
    ].join('\n'),
};

interface Usage {
  /** Percent, rounded up, as df has it; missing where the filesystem counts none. */
  used?: number;
  /** Where the filesystem is mounted that holds the path. */
  mountedOn: string;
}

type Counted = 'blocks' | 'inodes';

/** The line of df about one path. POSIX: the fifth field is the share in use, the sixth where it is mounted. */
function usageOf(text: string, counted: Counted, mount: string): Usage | undefined {
  const start = `${counted} ${mount} `;
  for (const line of text.split('\n')) {
    if (!line.startsWith(start)) continue;
    const found = /\s(?<used>\d+%|-)\s+(?<mountedOn>\/\S*)$/.exec(line.slice(start.length));
    if (!found?.groups) continue;
    const { used = '-', mountedOn = '' } = found.groups;
    return { mountedOn, ...(used !== '-' && { used: Number.parseInt(used, 10) }) };
  }
  return undefined;
}

const COMMANDS = { blocks: 'df -P', inodes: 'df -P -i' } as const;

export const filesystemCheck: NodeCheck = {
  check: rootFilesystem,
  reads: [filesystems],
  judge(said, asked, limits) {
    const { text } = said(filesystems);
    return mountsOf(asked).flatMap((mount): Found[] => {
      const blocks = usageOf(text, 'blocks', mount);
      if (!blocks) return [unread(mount, text, asked)];
      if (blocks.mountedOn !== mount) return [notMounted(mount, blocks.mountedOn, asked)];
      return (['blocks', 'inodes'] as const).flatMap((counted): Found[] => {
        const used = (counted === 'blocks' ? blocks : usageOf(text, counted, mount))?.used;
        const severity = used === undefined ? undefined : severityOf(used, limits);
        if (!severity) return [];
        const things = counted === 'blocks' ? 'full' : 'out of inodes';
        return [
          {
            about: counted === 'blocks' ? mount : `${mount}:inodes`,
            severity,
            what: `the filesystem ${mount} of ${asked.node} is ${used === 100 ? '' : 'nearly '}${things}`,
            evidence: [
              { value: `${used} %`, threshold: beginsAt(limits, '%'), command: `${COMMANDS[counted]} ${mount}` },
            ],
            next:
              counted === 'blocks'
                ? `find what grows with \`du -xh --max-depth=2 ${mount} | sort -h | tail\` on ${asked.node}; rotate logs and remove what nobody needs`
                : `find the directory with most files with \`du --inodes -x ${mount} | sort -n | tail\` on ${asked.node}`,
          },
        ];
      });
    });
  },
};

const notMounted = (mount: string, on: string, { node }: Asked): Found => ({
  about: mount,
  severity: 'error',
  what: `${mount} is not mounted on ${node}: what is written there goes to ${on}`,
  evidence: [{ value: `part of ${on}`, threshold: 'a filesystem of its own', command: `df -P ${mount}` }],
  next: `see why with \`systemctl status "$(systemd-escape -p --suffix=mount ${mount})"\` on ${node}, and mount it when nothing writes there`,
});

function unread(mount: string, text: string, { node }: Asked): Found {
  const said = text.split('\n').filter((line) => line.startsWith(`blocks ${mount} df:`));
  const why = said.map((line) => line.slice(`blocks ${mount} `.length)).join(' ') || 'df did not answer in time';
  const isGone = /No such file/.test(why);
  return {
    about: mount,
    severity: isGone ? 'error' : 'unknown',
    what: isGone ? `there is no ${mount} on ${node}` : `how full ${mount} of ${node} is could not be read: ${why}`,
    evidence: [{ value: why, command: `df -P ${mount}` }],
    next: isGone
      ? `mount it, or take it out of audit.node.mounts in ostler.yaml if ${node} does without`
      : `run \`df -P ${mount}\` on ${node}; one that hangs waits for a storage server`,
  };
}
