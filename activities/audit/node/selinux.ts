import { selinux } from '../../../domain/audit/host-checks.js';
import type { Found, NodeCheck } from './node-check.js';

/** Both can be read by anybody; `getenforce` reads the first, too, and is not everywhere. */
const modes = {
  name: 'modes',
  lines: (): string => `enforcing=
read -r enforcing 2>/dev/null </sys/fs/selinux/enforce
echo "runtime \${enforcing:-none}"
grep -s '^SELINUX=' /etc/selinux/config
true`,
};

const RUNTIME: Record<string, string> = { '1': 'enforcing', '0': 'permissive', none: 'disabled' };

export const selinuxCheck: NodeCheck = {
  check: selinux,
  reads: [modes],
  judge(said, { node, settings }) {
    const { text } = said(modes);
    const runtime = RUNTIME[/^runtime (\S+)$/m.exec(text)?.[1] ?? 'none'] ?? 'disabled';
    // Without the file there is nothing that would switch it on at the next boot.
    const config = /^SELINUX=\s*(\w+)/m.exec(text)?.[1]?.toLowerCase() ?? 'disabled';
    const declared = settings.section.selinux;
    const command = 'getenforce; grep ^SELINUX= /etc/selinux/config';
    const found: Found[] = [];
    if (declared !== undefined && runtime !== declared) {
      found.push({
        about: 'mode',
        severity: 'error',
        what: `SELinux is ${runtime} on ${node}, and ostler.yaml says ${declared}`,
        evidence: [{ value: runtime, threshold: declared, command }],
        next:
          runtime === 'disabled' || declared === 'disabled'
            ? `set SELINUX=${declared} in /etc/selinux/config on ${node} and boot it when it carries nothing`
            : `\`setenforce ${declared === 'enforcing' ? 1 : 0}\` on ${node}, and SELINUX=${declared} in /etc/selinux/config`,
      });
    } else if (runtime !== config) {
      found.push({
        about: 'mode',
        severity: 'warn',
        what: `SELinux is ${runtime} on ${node}, and will be ${config} after its next boot`,
        evidence: [{ value: `${runtime}, configured as ${config}`, threshold: 'the same', command }],
        next: `decide which is meant, and set SELINUX= in /etc/selinux/config on ${node} accordingly`,
      });
    }
    return found;
  },
};
