import { peers } from '../../../domain/audit/host-checks.js';
import { ofRoles } from '../../../domain/audit/node-settings.js';
import { shellCommand } from '../../ssh/quote.js';
import { type Asked, type Found, type NodeCheck, Unread } from './node-check.js';

interface Peers {
  network: string;
  addresses: string[];
}

/** Whom this node must reach, but for itself. */
const peersOf = ({ settings: { section, roles, address } }: Asked): Peers[] =>
  Object.entries(section.peers)
    .map(([network, byRole]) => ({ network, addresses: ofRoles(byRole, roles).filter((one) => one !== address) }))
    .filter(({ addresses }) => addresses.length > 0);

/**
 * All at the same time. Two packets, so that one that is lost on the way is no finding. `ping` of EL 7 has another program for IPv6.
 * Each line is written at once, and is short enough to stay whole.
 */
const pings = {
  name: 'pings',
  mayWait: true,
  lines: (asked: Asked): string | undefined => {
    const wanted = peersOf(asked);
    if (wanted.length === 0) return undefined;
    const addresses = [...new Set(wanted.flatMap((one) => one.addresses))];
    return `has ping || return 127
reach() {
  ping=ping
  case $1 in *:*) has ping6 && ping=ping6 ;; esac
  set -f
  heard=$(at_most 4 $ping -c 2 -W 1 -q "$1" 2>&1); code=$?
  [ $code -le 1 ] && heard=
  echo "peer $1 $code" $heard
}
for peer in ${shellCommand(addresses)}; do reach "$peer" & done
wait`;
  },
};

export const peersCheck: NodeCheck = {
  check: peers,
  reads: [pings],
  judge(said, asked) {
    const wanted = peersOf(asked);
    if (wanted.length === 0) return [];
    const { node } = asked;
    const { text, exitCode } = said(pings);
    if (exitCode === 127)
      throw new Unread(`there is no ping on ${node}`, 'command -v ping', `install ping on ${node} (iputils)`);
    const answers = new Map(
      [...text.matchAll(/^peer (\S+) (\d+)(.*)$/gm)].map(([, address = '', code, heard = '']) => [
        address,
        { code: Number(code), heard: heard.trim() },
      ]),
    );
    return wanted.flatMap(({ network, addresses }) =>
      addresses.flatMap((address): Found[] => {
        const { code, heard } = answers.get(address) ?? { code: 124, heard: '' };
        if (code === 0) return [];
        // POSIX has no ping, and all have this: 1 is no answer, anything above is a question that could not be asked.
        const isSilent = code === 1 || code === 124 || code === 137 || /unreachable/i.test(heard);
        return [
          {
            about: `${network}:${address}`,
            severity: isSilent ? 'error' : 'unknown',
            what: isSilent
              ? `${node} does not reach ${address} on the ${network} network`
              : `whether ${node} reaches ${address} on the ${network} network could not be asked: ${heard || `ping exits with ${code}`}`,
            evidence: [{ value: isSilent ? 'no answer' : `exit ${code}`, command: `ping -c 2 ${address}` }],
            next: `see the way with \`ip route get ${address}\` on ${node}, and whether other nodes reach it`,
          },
        ];
      }),
    );
  },
};
