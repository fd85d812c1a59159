import type { Check } from '../../../domain/audit/check.js';
import type { Evidence } from '../../../domain/audit/finding.js';
import { glanceNode, horizonNode, keystoneNode } from '../../../domain/audit/service-checks.js';
import { type CatalogueEntry, catalogue, sharersOf } from '../../../domain/catalogue.js';
import { shellCommand, shellWord } from '../../ssh/quote.js';
import { LISTENERS } from './listeners.js';
import { type Asked, type Found, type NodeCheck, Unread } from './node-check.js';
import { isActive, readUnitStates, unitStates } from './unit-states.js';

/** An HTTP service that proves on its own host that it answers. */
interface HttpService {
  check: Check;
  /** Its entry of the catalogue; it is asked where a unit of that runs. */
  entry: CatalogueEntry;
  port: number;
  /** Asked at the same time; one that answers well is enough. */
  paths: readonly string[];
  /** Folders that are only there where the service is: a web server that could carry it runs for many reasons. */
  signs: readonly string[];
}

const entryOf = (id: string): CatalogueEntry => catalogue.get(id) as CatalogueEntry;

const services: readonly HttpService[] = [
  {
    check: keystoneNode,
    entry: entryOf('keystone'),
    port: 5000,
    paths: ['/'],
    signs: ['/etc/keystone', '/etc/kolla/keystone'],
  },
  {
    check: glanceNode,
    entry: entryOf('glance-api'),
    port: 9292,
    paths: ['/'],
    signs: ['/etc/glance', '/etc/kolla/glance-api'],
  },
  {
    check: horizonNode,
    entry: entryOf('horizon'),
    port: 80,
    // Of Kolla, RDO and Debian.
    paths: ['/auth/login/', '/dashboard/auth/login/', '/horizon/auth/login/'],
    signs: ['/etc/openstack-dashboard', '/etc/kolla/horizon'],
  },
];

/**
 * How long an answer may take, in seconds. Django renders Horizon's page anew, which takes seconds on a host that is busy or in a process that has
 * just begun; this is the most that leaves time, of the ten seconds of all reads, to find out where a service listens.
 */
const PATIENCE = 7;

/**
 * `code PORT PATH ADDRESS` prints the status code of HTTP, `timeout` where none came in time, or 000 where there is none. A server that speaks TLS
 * alone says 400 to plain HTTP, or nothing; which certificate it has is not asked here. One that says 400 and refuses TLS has answered; one whose TLS hangs has not.
 *
 * `ask PORT PATHS SIGN...` asks for all paths everywhere at the same time, so that it takes no longer than one answer may. Each has its line.
 */
const CODE = `code() {
  at=$3; case $at in *:*) at="[$at]" ;; esac
  status=
  if has curl; then
    for scheme in http https; do
      got=$(at_most ${PATIENCE + 1} curl -qsk -m ${PATIENCE} --noproxy '*' -o /dev/null -w '%{http_code}' "$scheme://$at:$1$2")
      ended=$?
      case $ended,$got in *,[1-9]*) status=$got ;; 28,*) status=timeout ;; esac
      # Who was too slow to answer would be so a second time.
      [ $ended -ne 28 ] || break
      case $status in 400|'') ;; *) break ;; esac
    done
  else
    status=$({
      printf 'GET %s HTTP/1.0\\r\\nHost: %s\\r\\n\\r\\n' "$2" "$at" | talk "$3" "$1" ${PATIENCE}
      echo " $?"
    } | awk 'NR == 1 && /^HTTP/ { code = $2 } END { if (code == "" && $NF == 124) code = "timeout"; print code }')
  fi
  echo "status $3 $1 $2 \${status:-000}"
}
ask() {
  port=$1 paths=$2; shift 2
  for sign in "$@"; do [ -d "$sign" ] && echo "sign $port" && break; done
  for place in $(places "$port"); do for path in $paths; do code "$port" "$path" "$place" & done; done
  wait
  echo "asked $port"
}`;

const answers = {
  name: 'answers',
  mayWait: true,
  lines: ({ settings: { roles } }: Asked): string | undefined =>
    roles.includes('controller')
      ? [
          LISTENERS,
          CODE,
          'has curl || has bash || has python3 || has nc || return 127',
          ...services.map(
            ({ port, paths, signs }) => `ask ${port} ${shellWord(paths.join(' '))} ${shellCommand(signs)} &`,
          ),
          'wait',
        ].join('\n')
      : undefined,
};

/** 401 proves that the service answers (domain reference, B8a); so does a redirect, and 400 of a Horizon that does not know the host by its address. */
const isAnswer = (status: string): boolean => Number(status) >= 200 && Number(status) < 500 && status !== '404';

/** A service that takes too long may only be busy; one that ends the connection, or refuses it, is not. */
const SILENCE: Partial<Record<string, string>> = { timeout: `no answer within ${PATIENCE} s`, '000': 'no answer' };

const proof = ({ check, entry, port, paths }: HttpService): NodeCheck => ({
  check,
  reads: [unitStates, answers],
  judge(said, asked) {
    const { node } = asked;
    const running = readUnitStates(said, asked).of(entry).filter(isActive);
    if (running.length === 0) return [];
    const { text, exitCode } = said(answers);
    if (exitCode === 127)
      throw new Unread(
        `${node} has nothing to ask an HTTP service with`,
        `curl -i http://${asked.settings.address}:${port}/`,
        `install curl on ${node}`,
      );
    const isItsOwn = running.some(({ id }) => sharersOf(entry, id).length === 0);
    if (!isItsOwn && !says(`sign ${port}`, text)) return [];
    if (!says(`asked ${port}`, text))
      throw new Unread(
        `${check.module} on ${node} was not asked in time`,
        `curl -i http://${asked.settings.address}:${port}/`,
        `run it on ${node}`,
      );
    const tries = [...text.matchAll(new RegExp(`^status (\\S+) ${port} (\\S+) (\\d+|timeout)$`, 'gm'))].map(
      ([, address = '', path = '', status = '']) => ({ address, path, status }),
    );
    if (tries.length === 0) {
      const value = `nothing listens on port ${port}`;
      return [finding(check, asked, [{ value, command: `ss -ltn | grep :${port}` }])];
    }
    const silent = [...new Set(tries.map(({ address }) => address))].toSorted().flatMap((address) => {
      // They were printed in the order in which the answers came.
      const here = paths.flatMap((path) => tries.find((one) => one.address === address && one.path === path) ?? []);
      if (here.some(({ status }) => isAnswer(status))) return [];
      // Where one path has no answer, the 404 of the others only says that it is the right one.
      const worst =
        here.find(({ status }) => Number(status) >= 500) ?? here.find(({ status }) => status in SILENCE) ?? here[0];
      const value = SILENCE[worst?.status ?? '000'] ?? `HTTP ${worst?.status}`;
      return [{ value, command: `curl -i http://${address}:${port}${worst?.path ?? paths[0]}` }];
    });
    return silent.length > 0 ? [finding(check, asked, silent)] : [];
  },
});

const says = (line: string, text: string): boolean => text.split('\n').includes(line);

/** One for the service, wherever it listens. */
const finding = ({ module }: Check, { node }: Asked, seen: readonly Pick<Evidence, 'value' | 'command'>[]): Found => ({
  severity: 'error',
  what: `${module} runs on ${node} and does not answer: ${[...new Set(seen.map(({ value }) => value))].join(', ')}`,
  evidence: seen.map((one) => ({ ...one, threshold: 'HTTP 200, 300 or 401' })),
  next: `read its log on ${node}, then \`ostler restart ${module} --on ${node}\``,
});

export const httpProofs: readonly NodeCheck[] = services.map(proof);
