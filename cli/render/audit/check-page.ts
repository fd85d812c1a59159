import type { Check } from '../../../domain/audit/check.js';

/** The page of one check in the user documentation, as Markdown: everything that is known of it, and nothing that is not in its data. */
export function checkPage({
  id,
  module,
  scope,
  roles,
  title,
  means,
  warns,
  fails,
  thresholds,
  remedy,
  source,
}: Check): string {
  const numbers = Object.entries(thresholds);
  return [
    GENERATED,
    `# ${id}: ${title}`,
    '',
    means,
    '',
    `- **Module:** ${module}`,
    `- **Asked:** ${scope === 'cloud' ? 'once for the cloud' : 'of every node'}, where there are nodes with the role ${oneOf(roles)}`,
    ...(warns === undefined ? [] : [`- **A warning when:** ${warns}`]),
    ...(fails === undefined ? [] : [`- **An error when:** ${fails}`]),
    '- **Unknown when** it could not be asked; the finding says why',
    `- **Where this comes from:** ${source}`,
    '',
    '## What to do',
    '',
    remedy,
    '',
    ...(numbers.length === 0 ? [] : numbersOf(id, numbers)),
    '## Asking only this',
    '',
    '```sh',
    `ostler audit --check ${id}`,
    `ostler audit history ${id}`,
    '```',
    '',
  ].join('\n');
}

const GENERATED =
  '<!-- Written from the data of the check; edit that, and run `npx vitest run --project unit test/cli/render/audit/check-page.test.ts -u`. -->\n';

function numbersOf(id: string, numbers: [string, Check['thresholds'][string]][]): string[] {
  return [
    '## Its numbers',
    '',
    '| number | default | comes from |',
    '|---|---|---|',
    ...numbers.map(
      ([name, { value, unit, source }]) => `| \`${name}\` | ${[value, unit].join(' ').trim()} | ${source} |`,
    ),
    '',
    'A site sets its own in `ostler.yaml`:',
    '',
    '```yaml',
    'audit:',
    '  thresholds:',
    `    ${id}:`,
    ...numbers.map(([name, { value }]) => `      ${name}: ${value}`),
    '```',
    '',
  ];
}

/** The list of all checks, as Markdown. */
export function checksPage(checks: readonly Check[]): string {
  return [
    GENERATED,
    '# Checks of an audit',
    '',
    '`ostler audit` asks all of these that fit the inventory; `audit.off` in `ostler.yaml` leaves some out.',
    '',
    '| check | module | asks | warns | fails |',
    '|---|---|---|---|---|',
    ...checks.map(
      ({ id, module, scope, roles, warns = '-', fails = '-' }) =>
        `| [${id}](${id}.md) | ${module} | ${scope === 'cloud' ? 'the cloud' : roles.join(', ')} | ${cell(warns)} | ${cell(fails)} |`,
    ),
    '',
  ].join('\n');
}

const cell = (text: string): string => text.replaceAll('|', '\\|');

const oneOf = (roles: readonly string[]): string =>
  roles.length < 2 ? roles.join('') : `${roles.slice(0, -1).join(', ')} or ${roles.at(-1)}`;
