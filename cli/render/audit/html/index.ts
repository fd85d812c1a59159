import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import Mustache from 'mustache';
import type { AuditReport } from '../../../../domain/audit/report.js';
import { formatDuration } from '../../../../domain/duration.js';
import { count, printable } from '../../text.js';
import { type Checks, checksOf } from '../cells.js';
import { countsOf, countsText, WHICH_DID_NOT_FIT } from '../severity.js';
import { withTexts } from '../texts.js';
import { findingViews } from './findings.js';
import { heatMap } from './heat-map.js';
import { trendView } from './trend.js';
import { SYMBOLS, timeOf } from './words.js';

/** Up to so many nodes the heat map is printed too, and shows at first those without findings. */
const FEW_NODES = 60;

const TILES = [
  ['error', 'error', 'errors'],
  ['unknown', 'unknown', 'unknown'],
  ['warn', 'warning', 'warnings'],
  ['acked', 'acknowledged', 'acknowledged'],
] as const;

/**
 * The report as one HTML page that needs nothing else: no other file, no network, and no script for its list of findings. Whatever a host
 * has said is text: Mustache escapes it, page.js only ever sets text, and no other script or style than the page's own is let run.
 */
export function auditHtml(found: AuditReport, checks: Checks): string {
  // Nothing turns the direction of text, or hides in it: a page shows what a terminal does.
  const report = withTexts(found, printable);
  const [template, css, script] = ['page.mustache', 'page.css', 'page.js'].map(partOf) as [string, string, string];
  const counts = countsOf(report.findings);
  return Mustache.render(template, {
    csp: policy(css, script),
    css,
    script,
    data: inScript(heatMap(report, checks)),
    cloud: report.cloud,
    run: report.run,
    at: timeOf(report.endedAt),
    verdict: countsText(counts),
    asked: `${count(report.checks.length, 'check')} on ${count(report.nodes.length, 'node')}`,
    took: formatDuration(Date.parse(report.endedAt) - Date.parse(report.startedAt)),
    tiles: TILES.map(([state, one, many]) => ({
      state,
      symbol: SYMBOLS[state],
      count: counts[state],
      word: counts[state] === 1 ? one : many,
    })),
    trend: trendView(report.trend),
    omitted: report.omitted > 0 && { number: count(report.omitted, 'more finding'), which: WHICH_DID_NOT_FIT },
    undelivered: report.undelivered.map((one) => ({ ...one, at: timeOf(one.at) })),
    roles: [...new Set(report.nodes.flatMap(({ roles }) => roles))],
    mapSize: report.nodes.length <= FEW_NODES ? 'few' : 'many',
    groups: findingViews(report, checks),
    checks: checkViews(report, checks),
  });
}

/** What was asked, and what it came to. */
function checkViews(report: AuditReport, checks: Checks) {
  return checksOf(report, checks).map(({ id, title, module, scope, roles }) => {
    const asked = report.nodes.filter((node) => node.roles.some((role) => roles.includes(role)));
    const counts = countsOf(report.findings.filter(({ check }) => check === id));
    return {
      id,
      title,
      module,
      of: scope === 'cloud' ? 'the cloud' : count(asked.length, 'node'),
      counts: TILES.map(([state]) => ({ state, count: counts[state] })),
    };
  });
}

const partOf = (name: string): string => readFileSync(new URL(`page/${name}`, import.meta.url), 'utf8');

/** Only this style, only this script, and nothing from anywhere. */
const policy = (css: string, script: string): string =>
  [
    "default-src 'none'",
    `style-src ${hashOf(css)}`,
    `script-src ${hashOf(script)}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** JSON that can neither end the element it stands in nor begin another. */
const inScript = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c');
