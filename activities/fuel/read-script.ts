import { fuelReads } from '../../domain/audit/appliance-commands.js';
import { redact } from '../redact.js';
import { shellCommand, shellWord } from '../ssh/quote.js';

/** Everything that is read of a Fuel node: listing the containers takes half a minute at most, the rest seconds. */
export const FUEL_READ_MS = 90_000;

/** The names of the time services, by distribution. */
const TIME_SERVICES = ['ntpd', 'chronyd', 'ntp', 'chrony', 'ntpsec'];

const PARTS = ['now', 'dockerctl', 'docker', 'nailgun', 'backups', 'space', 'active', 'chronyc', 'ntpq'] as const;

export type Part = (typeof PARTS)[number];

/** What one command printed, stderr included, and how it ended. */
export interface Said {
  text: string;
  exitCode: number;
}

/** A Fuel node whose answer is cut short. */
export class UnreadableFuel extends Error {
  override name = 'UnreadableFuel';
}

const END = '-- end --';

/**
 * The script of one read of a Fuel node, of any generation: from hosts without systemd, whose containers are listed by dockerctl, to those without
 * containers. One round trip, and it changes nothing. Commands that are not there are not asked.
 * @param dir where backups are; while it is not there, the room is that of the next folder above
 */
export const fuelScript = (dir: string): string => `LC_ALL=C; export LC_ALL
PATH=$PATH:/usr/sbin:/sbin; export PATH
dir=${shellWord(dir)}
part() {
  name=$1; shift
  said=$("$@" 2>&1 </dev/null); code=$?
  printf '%s\\n' "-- $name --" "$said" "-- exit $code --"
}
limited() { timeout -k 2 10 "$@"; }
part now date +%s
if [ -e /usr/bin/dockerctl ]; then
  part dockerctl timeout -k 2 35 sudo -n ${shellCommand(fuelReads.dockerctl)}
elif [ -e /usr/bin/docker ]; then
  part docker timeout -k 2 15 sudo -n ${shellCommand(fuelReads.docker)}
else
  part nailgun limited systemctl show -p LoadState nailgun.service
fi
part backups limited find "$dir" -maxdepth 2 -type f \\( -name 'fuel_backup_*.tar.lrz' -o -name '*.tar.gz' \\) -printf '%T@ %s %p\\n'
up=$dir
while [ ! -d "$up" ]; do up=$(dirname "$up"); done
part space limited df -P -k "$up"
active() {
  if command -v systemctl >/dev/null; then
    for one in ${TIME_SERVICES.join(' ')}; do
      [ "$(limited systemctl is-active "$one.service" 2>/dev/null)" = active ] && echo "$one"
    done
  else
    for one in ntpd chronyd; do pgrep -x "$one" >/dev/null && echo "$one"; done
  fi
  true
}
part active active
command -v chronyc >/dev/null && part chronyc limited chronyc -n sources
command -v ntpq >/dev/null && part ntpq limited ntpq -pn
echo '${END}'`;

const SECTION = new RegExp(`^-- (${PARTS.join('|')}) --\\n([\\s\\S]*?)\\n-- exit (\\d+) --$`, 'gm');

/**
 * Reads what {@link fuelScript} printed. Parts that were not asked are missing.
 * @throws {UnreadableFuel} when it is cut short
 */
export function parseFuel(stdout: string): Map<Part, Said> {
  if (!stdout.trimEnd().endsWith(END))
    throw new UnreadableFuel(`the answer was cut short: ${redact(stdout).slice(-200).trim() || 'it says nothing'}`);
  return new Map(
    [...stdout.matchAll(SECTION)].map(([, name, text = '', code]) => [
      name as Part,
      { text: text.trim(), exitCode: Number(code) },
    ]),
  );
}
