import { configRead, type DatabaseUser, databaseUsers } from '../../../domain/audit/node-commands.js';
import { databaseLogin } from '../../../domain/audit/service-checks.js';
import { entries } from '../../../domain/catalogue-entries.js';
import { listed } from '../../../domain/names.js';
import { redact } from '../../redact.js';
import { shellCommand, shellWord } from '../../ssh/quote.js';
import type { Asked, Found, NodeCheck, Said } from './node-check.js';
import { refusal } from './refusal.js';
import { readUnitStates, runs, type UnitStates, unitStates } from './unit-states.js';

/**
 * Finds the connection of each section of a configuration file and prints it in parts, a line each: section, scheme, host, port, database, socket,
 * user and password, with `%40` and the like made into what they stand for. Goes into a pipe, and nowhere else.
 */
const PARTS = `
function plain(text,  out, at, hex) {
  out = ""
  while ((at = index(text, "%")) > 0) {
    hex = toupper(substr(text, at + 1, 2))
    if (hex !~ /^[0-9A-F][0-9A-F]$/) { out = out substr(text, 1, at); text = substr(text, at + 1); continue }
    out = out substr(text, 1, at - 1) sprintf("%c", 16 * (index(digits, substr(hex, 1, 1)) - 1) + index(digits, substr(hex, 2, 1)) - 1)
    text = substr(text, at + 3)
  }
  return out text
}
BEGIN { digits = "0123456789ABCDEF" }
{ sub(/\\r$/, "") }
/^\\[/ { section = $0; sub(/^\\[/, "", section); sub(/\\].*$/, "", section); next }
/^connection[ \\t]*=/ && index(want, " " section " ") { sub(/^[^=]*=[ \\t]*/, ""); sub(/[ \\t]+$/, ""); found[section] = $0 }
END { for (section in found) {
  url = found[section]; scheme = url; sub(/:\\/\\/.*/, "", scheme); sub(/^[^:]*:\\/\\//, "", url)
  user = password = query = database = port = socket = ""
  at = index(url, "?"); if (at) { query = substr(url, at + 1); url = substr(url, 1, at - 1) }
  for (at = length(url); at > 0 && substr(url, at, 1) != "@"; at--);
  if (at) { user = substr(url, 1, at - 1); url = substr(url, at + 1) }
  at = index(user, ":"); if (at) { password = substr(user, at + 1); user = substr(user, 1, at - 1) }
  at = index(url, "/"); if (at) { database = substr(url, at + 1); url = substr(url, 1, at - 1) }
  if (match(url, /:[0-9]+$/)) { port = substr(url, RSTART + 1); url = substr(url, 1, RSTART - 1) }
  gsub(/[][]/, "", url)
  if (match("&" query, /&unix_socket=[^&]*/)) socket = plain(substr("&" query, RSTART + 13, RLENGTH - 13))
  print section; print scheme; print url; print port; print plain(database); print socket; print plain(user); print plain(password)
} }`;

/**
 * Logs in with what a service's own configuration says. The password is read from a pipe into a variable of the shell, and given to the client in its
 * environment, which root and the account itself can see and nobody else; it is in no argument and in no output. A client that says
 * its own name for the trouble says `(using password: YES)`, and not which.
 */
const FUNCTIONS = `client=
for one in mariadb mysql; do has $one && { client=$one; break; }; done
login() {
  module=$1 section=$2 scheme=$3 host=$4 port=$5 database=$6 socket=$7 user=$8
  case $scheme in mysql*|mariadb*) ;; *) echo "login $module $section other - $scheme"; return ;; esac
  [ -n "$client" ] || { echo "login $module $section none - no client"; return; }
  [ -n "$socket" ] && set -- --protocol=socket -S "$socket" || set -- --protocol=tcp -h "\${host:=127.0.0.1}" -P "\${port:-3306}"
  heard=$(at_most 4 "$client" --no-defaults --connect-timeout=3 -N -B "$@" -u "$user" -e 'SELECT 1' "$database" 2>&1 >/dev/null </dev/null)
  code=$?
  printf 'login %s %s %s %s %s\\n' "$module" "$section" "$code" "\${socket:-$host:\${port:-3306}}" "$(printf %s "$heard" | tr '\\n' ' ')"
}
connect() {
  module=$1 want=$2 path=$3; shift 3
  [ -e "\${path%/*}" ] || return 0
  if [ -r "$path" ]; then at_most 3 cat "$path"; else as_root "$@"; fi 2>&3 | awk -v want="$want" ${shellWord(PARTS)} |
    while read -r section; do
      read -r scheme; read -r host; read -r port; read -r database; read -r socket; read -r user; IFS= read -r MYSQL_PWD
      export MYSQL_PWD
      login "$module" "$section" "$scheme" "$host" "$port" "$database" "$socket" "$user"
    done
}
# What keeps a file from being read is told with its module.
try() { { connect "$@" 3>&1 >&4 | sed "s|^|unread $1 $3 |"; } 4>&1; }`;

const trying = ({ module, files, sections }: DatabaseUser): string[] =>
  files.map(
    (file) => `try ${module} ${shellWord(` ${sections.join(' ')} `)} ${file} ${shellCommand(configRead(file))} &`,
  );

const TRY_ALL = [FUNCTIONS, ...databaseUsers.flatMap(trying), 'wait'].join('\n');

const logins = {
  name: 'logins',
  mayWait: true,
  lines: ({ settings: { roles } }: Asked): string | undefined => (roles.includes('controller') ? TRY_ALL : undefined),
};

interface Login {
  module: string;
  section: string;
  /** `0` when it worked; `other` for another kind of database, `none` without a client. */
  outcome: string;
  /** `host:port`, or the path of a socket. */
  server: string;
  said: string;
}

const COMMAND = "mysql -h HOST -u USER -p, with [database] connection of the service's configuration";

export const databaseLoginCheck: NodeCheck = {
  check: databaseLogin,
  reads: [unitStates, logins],
  judge(said, asked) {
    const states = readUnitStates(said, asked);
    const inUse = databaseUsers.filter(({ module }) => runsAny(states, module)).map(({ module }) => module);
    const read = said(logins);
    const tried = loginsOf(read).filter(({ module }) => inUse.includes(module));
    return [...failures(tried, asked), ...notTried(tried, asked), ...unread(read, inUse, asked)];
  },
};

const runsAny = (states: UnitStates, module: string): boolean =>
  entries.some((entry) => entry.module === module && entry.roles.includes('controller') && runs(states, entry.id));

const loginsOf = ({ text }: Said): Login[] =>
  [...text.matchAll(/^login (\S+) (\S+) (\S+) (\S+) ?(.*)$/gm)].map(
    ([, module = '', section = '', outcome = '', server = '', said = '']) => ({
      module,
      section,
      outcome,
      server,
      // It names no password, and looks as if it did.
      said: said.replace(/ \(using password: \w+\)/, ''),
    }),
  );

/** One server that does not answer is one finding, whoever wanted to log in; a login that is refused is about the one who has it. */
function failures(tried: readonly Login[], { node }: Asked): Found[] {
  const found = new Map<string, Found & { modules: Set<string> }>();
  for (const { module, section, outcome, server, said } of tried) {
    if (outcome === '0' || outcome === 'other' || outcome === 'none') continue;
    const isRefused = /ERROR (?:1044|1045|1049|1698)\b/.test(said);
    const about = isRefused ? `${module}:${section}` : server;
    const known = found.get(about);
    if (known) {
      known.modules.add(module);
      continue;
    }
    found.set(about, {
      modules: new Set([module]),
      about,
      severity: 'error',
      what: isRefused
        ? `the database at ${server} refuses the login of ${module} on ${node} ([${section}] connection)`
        : `the database at ${server} does not answer ${node}`,
      evidence: [
        {
          value: redact(said).trim().slice(0, 200) || 'no answer in time',
          threshold: 'SELECT 1 answers',
          command: COMMAND,
        },
      ],
      next: isRefused
        ? `compare the connection in the configuration of ${module} on ${node} with the account in the database`
        : `see whether Galera has quorum and which HAProxy holds the address: \`ostler cluster status\`, \`ostler audit --check mysql\``,
    });
  }
  return [...found.values()].map(({ modules, ...one }) =>
    one.what.endsWith(`does not answer ${node}`)
      ? { ...one, what: `${one.what}: ${listed([...modules])} cannot log in` }
      : one,
  );
}

/** A login that nobody could try is unknown, and once for all of them. */
function notTried(tried: readonly Login[], { node }: Asked): Found[] {
  const finding = (about: string, logins: readonly Login[], why: string, next: string): Found[] =>
    logins.length === 0
      ? []
      : [
          {
            about,
            severity: 'unknown',
            what: `whether ${listed([...new Set(logins.map(({ module }) => module))])} on ${node} can log in to the database was not tried: ${why}`,
            evidence: [{ value: why, command: COMMAND }],
            next,
          },
        ];
  const without = tried.filter(({ outcome }) => outcome === 'none');
  const others = tried.filter(({ outcome }) => outcome === 'other');
  return [
    ...finding('client', without, 'there is no mysql client', `install the client of MariaDB or MySQL on ${node}`),
    ...finding(
      'kind',
      others,
      `they use ${listed([...new Set(others.map(({ said }) => said))])}, and only MySQL is known`,
      `look at it by hand, and set audit.off for this check`,
    ),
  ];
}

function unread({ text }: Said, inUse: readonly string[], { node, settings }: Asked): Found[] {
  const lines = [...text.matchAll(/^unread (\S+) (\S+) (.*)$/gm)]
    .map(([, module = '', file = '', why = '']) => ({ module, file, why }))
    // Of a package and of Kolla only one is there.
    .filter(({ module, why }) => inUse.includes(module) && why !== '' && !/No such file/.test(why));
  const [first] = lines;
  if (!first) return [];
  const refused = refusal(lines.map(({ why }) => why).join('\n'), settings.roles);
  const files = listed([...new Set(lines.map(({ file }) => file))], 3);
  return [
    {
      about: 'configuration',
      severity: 'unknown',
      what: `how services on ${node} log in to the database could not be read from ${files}: ${refused?.what ?? redact(first.why).slice(0, 200)}`,
      evidence: [{ value: 'not read', command: `cat ${first.file}` }],
      next: refused?.next ?? `look at it on ${node}`,
    },
  ];
}
