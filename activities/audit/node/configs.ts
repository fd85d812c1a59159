import { configs as configsCheckData } from '../../../domain/audit/host-checks.js';
import { configRead } from '../../../domain/audit/node-commands.js';
import type { NodeAuditSection } from '../../../domain/audit/node-settings.js';
import { globMatches } from '../../../domain/glob.js';
import { listed } from '../../../domain/names.js';
import { redact } from '../../redact.js';
import { shellCommand, shellWord } from '../../ssh/quote.js';
import type { Asked, Found, NodeCheck, Said } from './node-check.js';
import { refusal } from './refusal.js';

type Config = NodeAuditSection['configs'][number];

const configsOf = ({ settings: { section, roles } }: Asked): Config[] =>
  section.configs.filter((config) => config.roles.some((role) => roles.includes(role)));

/**
 * Reads an INI file as oslo.config does: sections, `key = value` or `key: value`, comments, and lines that begin with white space and belong to the
 * value before. Of a key that stands twice the last counts. Prints `key SECTION.KEY`, and the value after a tab only of keys that are `want`ed.
 */
const INI = `
function flush() { if (key != "") print "key " key ((index(want, " " key " ") ? "\\t" value : "")); key = "" }
{ sub(/\\r$/, "") }
/^[ \\t]*([#;]|$)/ { next }
/^\\[/ { flush(); section = $0; sub(/^\\[/, "", section); sub(/\\].*$/, "", section); next }
/^[ \\t]/ { sub(/^[ \\t]+/, ""); value = value " " $0; next }
{ flush(); at = match($0, /[=:]/); if (!at) next
  key = section "." substr($0, 1, at - 1); gsub(/[ \\t]/, "", key)
  value = substr($0, at + 1); gsub(/^[ \\t]+|[ \\t]+$/, "", value) }
END { flush() }`;

const reading = ({ path, entries }: Config): string => {
  const wanted = Object.entries(entries).flatMap(([name, value]) => (value === null ? [] : [name]));
  return `keys ${shellWord(path)} ${shellWord(` ${wanted.join(' ')} `)} ${shellCommand(configRead(path))}`;
};

/** What keeps a file from being read is printed as it is said, and is told from the keys by that. */
const files = {
  name: 'files',
  lines: (asked: Asked): string | undefined => {
    const configs = configsOf(asked);
    if (configs.length === 0) return undefined;
    return `keys() {
  path=$1 want=$2; shift 2
  echo "file $path"
  if [ -r "$path" ]; then at_most 3 cat "$path"; else as_root "$@"; fi | awk -v want="$want" ${shellWord(INI)}
}
${configs.map(reading).join('\n')}`;
  },
};

export const configsCheck: NodeCheck = {
  check: configsCheckData,
  reads: [files],
  judge(said, asked) {
    const configs = configsOf(asked);
    if (configs.length === 0) return [];
    const read = said(files);
    return configs.flatMap((config) => judged(config, read, asked));
  },
};

interface Ini {
  /** Values of the keys whose value was asked for; of the others only that they are there. */
  keys: Map<string, string | undefined>;
  troubles: string;
}

/** What was printed of one file. */
function iniOf(path: string, { text }: Said): Ini {
  const [, ...lines] = (text.split(/^file /m).find((part) => part.startsWith(`${path}\n`)) ?? '').split('\n');
  const keys = new Map<string, string | undefined>();
  const troubles: string[] = [];
  for (const line of lines) {
    const [, key, value] = /^key ([^\t]+)(?:\t(.*))?$/.exec(line) ?? [];
    if (key === undefined) troubles.push(line);
    else keys.set(key, value);
  }
  return { keys, troubles: troubles.join('\n') };
}

function judged({ path, entries, ignore }: Config, said: Said, asked: Asked): Found[] {
  const { node } = asked;
  const { keys, troubles } = iniOf(path, said);
  if (keys.size === 0) return [unread(path, troubles, asked)];
  const missing = Object.keys(entries).filter((key) => !keys.has(key));
  const extra = [...keys.keys()].filter(
    (key) => !Object.hasOwn(entries, key) && !ignore.some((pattern) => globMatches(pattern, key)),
  );
  const differing = Object.entries(entries).flatMap(([key, wanted]): Found[] => {
    const value = keys.get(key);
    if (wanted === null || value === undefined || isSame(value, wanted)) return [];
    return [
      {
        about: `${path}:${key}`,
        severity: 'error',
        what: `${key} in ${path} on ${node} is not what ostler.yaml says`,
        evidence: [
          {
            value: redact(`${key} = ${value}`).slice(0, 200),
            threshold: `${wanted}`,
            command: `grep -n ${shellWord(`^${key.slice(key.lastIndexOf('.') + 1)}`)} ${path}`,
          },
        ],
        next: `see who changed it, and bring file and ostler.yaml together; a service reads it when it is restarted`,
      },
    ];
  });
  return [
    ...differing,
    ...keysFound(missing, path, 'missing', `${path} on ${node} lacks keys that it should have:`, asked),
    ...keysFound(extra, path, 'more', `${path} on ${node} has keys that ostler.yaml does not list:`, asked),
  ];
}

function keysFound(
  keys: readonly string[],
  path: string,
  kind: 'missing' | 'more',
  what: string,
  { node }: Asked,
): Found[] {
  if (keys.length === 0) return [];
  return [
    {
      about: `${path}:${kind}`,
      severity: 'warn',
      what: `${what} ${listed(keys.toSorted(), 5)}`,
      evidence: [
        { value: `${keys.length} ${keys.length === 1 ? 'key' : 'keys'}`, threshold: 'none', command: `cat ${path}` },
      ],
      next:
        kind === 'missing'
          ? `add what is missing on ${node}, or take it out of audit.node.configs in ostler.yaml`
          : `take out what nobody needs, or let audit.node.configs in ostler.yaml ignore it`,
    },
  ];
}

/** oslo.config takes many words for true and false. */
const BOOLEANS = { true: /^(?:true|yes|on|1)$/i, false: /^(?:false|no|off|0)$/i } as const;

function isSame(value: string, wanted: string | number | boolean): boolean {
  if (typeof wanted === 'boolean') return BOOLEANS[`${wanted}`].test(value);
  if (typeof wanted === 'number') return value !== '' && Number(value) === wanted;
  return value === wanted.trim() || value.replace(/^(["'])(.*)\1$/, '$2') === wanted;
}

function unread(path: string, troubles: string, asked: Asked): Found {
  const { node, settings } = asked;
  const command = `cat ${path}`;
  const refused = refusal(troubles, settings.roles);
  if (/No such file/.test(troubles) && !refused) {
    return {
      about: path,
      severity: 'error',
      what: `there is no ${path} on ${node}`,
      evidence: [{ value: 'does not exist', threshold: 'there', command }],
      next: `install it on ${node}, or take it out of audit.node.configs in ostler.yaml`,
    };
  }
  const why = refused?.what ?? (redact(troubles).trim().slice(0, 200) || 'it has no keys, or was not read in time');
  return {
    about: path,
    severity: 'unknown',
    what: `${path} on ${node} could not be read: ${why}`,
    evidence: [{ value: 'not read', command }],
    next: refused?.next ?? `look at it on ${node}`,
  };
}
