import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { auditHtml } from '../../../../cli/render/audit/html/index.js';
import { hostileReport, largeSample, sampleChecks, sampleReport } from './samples.js';

let browser: Browser;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ostler-audit-page-'));
  browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    // Its sandbox refuses to work for root, whom CI runs as.
    chromiumSandbox: process.geteuid?.() !== 0,
  });
});
afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
});
afterAll(async () => {
  await browser?.close();
  await rm(folder, { recursive: true, force: true });
});

const desk = { viewport: { width: 1280, height: 900 } };
const phone = { viewport: { width: 375, height: 780 }, isMobile: true, hasTouch: true };

interface Opened {
  page: Page;
  /** What the page has said on the console or asked of the network: nothing, if all is well. */
  noise: string[];
}

const pages = {
  sample: () => auditHtml(sampleReport, sampleChecks),
  hostile: () => auditHtml(hostileReport, sampleChecks),
  large: () => {
    const { report, checks } = largeSample();
    return auditHtml(report, checks);
  },
};

async function open(name: keyof typeof pages, options: BrowserContextOptions = desk, hash = ''): Promise<Opened> {
  const file = join(folder, `${name}.html`);
  await writeFile(file, pages[name]());
  const page = await (await browser.newContext(options)).newPage();
  const noise: string[] = [];
  page.on('console', (message) => noise.push(message.text()));
  page.on('pageerror', (error) => noise.push(error.message));
  page.on('request', (request) => {
    if (!request.isNavigationRequest() && !request.url().startsWith('data:')) noise.push(request.url());
  });
  await page.goto(`${pathToFileURL(file).href}${hash}`);
  return { page, noise };
}

const cell = (page: Page, node: string, column: number) =>
  page
    .locator('#grid tbody tr', { has: page.locator(`th[title="${node}"]`) })
    .locator('td')
    .nth(column);
const visibleNodes = (page: Page) => page.locator('#grid tbody tr:not([hidden]) th').allTextContents();
const visibleFindings = (page: Page) => page.locator('#findings .group:not([hidden])').count();
const detail = (page: Page) => page.locator('#detail');
const textOf = async (locator: Locator) => ((await locator.textContent()) ?? '').replace(/\s+/g, ' ');

/** What axe finds wrong with what is in sight, after the rules of WCAG 2 (levels A and AA) and its own. */
async function barriers(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { passes, violations } = (await page.evaluate('axe.run()')) as axe.AxeResults;
  expect(passes.map(({ id }) => id)).toContain('color-contrast');
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
  );
}

describe('the page of an audit, in Chromium', () => {
  it('asks nothing of the network and says nothing on the console', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const { page, noise } = await open('sample', { ...desk, colorScheme });
      await cell(page, 'compute-4', 1).click();
      await page.keyboard.press('Escape');
      expect(noise).toEqual([]);
    }
  });

  it('shows every node by every check that is about nodes, and not by colour alone', async () => {
    const { page } = await open('sample');
    expect(await visibleNodes(page)).toEqual(sampleReport.nodes.map(({ name }) => name));
    const states = async (node: string, column: number) => [
      await cell(page, node, column).textContent(),
      await cell(page, node, column).getAttribute('aria-label'),
    ];
    expect(await states('compute-4', 1)).toEqual(['×', 'error']);
    expect(await states('controller-2', 1)).toEqual(['!', 'warning']);
    expect(await states('controller-3', 1)).toEqual(['·', 'ok']);
    expect(await states('compute-17', 1)).toEqual(['–', 'not asked']);
    expect(await states('compute-1', 11)).toEqual(['', 'does not apply']);
    expect(await page.locator('#cloud button').allTextContents()).toEqual([
      '·keystone answers',
      '×nova services',
      '?neutron agents',
      '!Ceph health',
    ]);
    expect(await page.locator('#cloud button').last().getAttribute('aria-label')).toBe(
      'Ceph health: warning, acknowledged',
    );
  });

  it('opens the details of a cell: what was found there and nowhere else, and what the check is', async () => {
    const { page } = await open('sample');
    await cell(page, 'compute-5', 1).click();
    const text = await textOf(detail(page));
    expect(text).toContain('the root filesystem of compute-5 is 97 % full');
    expect(text).toContain('df -P /');
    expect(text).toContain('ssh compute-5 sudo du');
    expect(text).toContain('About this check');
    expect(text).not.toContain('compute-4');
    await page.getByRole('button', { name: 'Close' }).click();
    expect(await detail(page).isVisible()).toBe(false);
  });

  it('opens the details of a node, of a check, and of the cloud', async () => {
    const { page } = await open('sample');
    const texts = () => textOf(detail(page));
    await page.locator('#grid tbody th', { hasText: 'compute-17' }).click();
    expect(await texts()).toContain('compute-17 cannot be reached');
    expect(await texts()).toContain('nova-compute on compute-17 has not reported');
    await page.keyboard.press('Escape');
    await page.locator('#grid thead th', { hasText: 'root filesystem' }).click();
    expect(await texts()).toContain('the root filesystem of compute-22 is');
    expect(await texts()).toContain('the root filesystem of controller-2 is 88 % full');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'nova services: error' }).click();
    expect(await texts()).toContain('nova-compute on compute-17');
  });

  it('can be walked through with the keyboard, and comes back to where it was', async () => {
    const { page } = await open('sample');
    await page.locator('#cloud button').last().focus();
    await page.keyboard.press('Tab');
    for (const key of ['ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowRight', 'End', 'Home', 'ArrowRight', 'ArrowRight'])
      await page.keyboard.press(key);
    const focused = () => page.evaluate('document.activeElement.parentElement.firstElementChild.textContent');
    expect(await focused()).toBe('compute-1');
    await page.keyboard.press('Enter');
    expect(await textOf(detail(page))).toContain('root filesystem');
    await page.keyboard.press('Escape');
    expect(await focused()).toBe('compute-1');
    for (const key of ['ArrowUp', 'ArrowUp', 'ArrowUp', 'ArrowUp']) await page.keyboard.press(key);
    await page.keyboard.press(' ');
    expect(await page.locator('#detail-title').textContent()).toBe('root filesystem');
  });

  it('filters nodes and findings, and its address remembers how', async () => {
    const { page } = await open('sample');
    expect(await visibleFindings(page)).toBe(10);
    await page.getByLabel('Node', { exact: true }).fill('CONTROLLER');
    expect(await visibleNodes(page)).toEqual(['controller-1', 'controller-2', 'controller-3']);
    expect(await visibleFindings(page)).toBe(3);
    expect(await page.locator('#shown').textContent()).toBe('3 of 18');
    await page.getByLabel('errors').uncheck();
    expect(await visibleFindings(page)).toBe(1);
    expect(page.url()).toMatch(/#show=unknown\+warn\+acked&node=controller$/);

    await page.reload();
    expect(await page.getByLabel('errors').isChecked()).toBe(false);
    expect(await visibleFindings(page)).toBe(1);

    await page.getByRole('button', { name: 'Clear' }).click();
    await expect.poll(() => visibleFindings(page)).toBe(10);
    expect(page.url()).not.toContain('#');
    await page.getByLabel('Role', { exact: true }).selectOption('ceph-osd');
    expect(await visibleNodes(page)).toEqual(['ceph-osd-1', 'ceph-osd-2', 'ceph-osd-3', 'ceph-osd-4']);
    await page.getByLabel('Role', { exact: true }).selectOption('');
    await page.getByLabel('Check', { exact: true }).selectOption('ntp');
    expect(await page.locator('#grid thead th:not([hidden])').allTextContents()).toEqual(['time in step']);
    await page.getByLabel('Only nodes with findings').check();
    expect(await visibleNodes(page)).toEqual(['ceph-osd-2']);
    await page.getByLabel('Node', { exact: true }).fill('no such node');
    expect(await page.locator('#no-node').isVisible()).toBe(true);
    expect(await page.locator('#no-finding').isVisible()).toBe(true);
  });

  it('can be linked to as it is, details and all', async () => {
    const { page } = await open('sample', desk, '#check=root-filesystem&open=root-filesystem&on=compute-4');
    expect(await textOf(detail(page))).toContain('the root filesystem of compute-4 is 96 % full');
    expect(await visibleFindings(page)).toBe(2);
  });

  it('runs nothing that a host has said, and shows it', async () => {
    const { page, noise } = await open('hostile');
    await page.locator('#grid tbody th').first().click();
    expect(await textOf(detail(page))).toContain('<img src=x onerror="window.__pwned=2">');
    await page.keyboard.press('Escape');
    await page.locator('#cloud button').last().click();
    expect(await page.evaluate('window.__pwned')).toBeUndefined();
    expect(await page.locator('img, .group script').count()).toBe(0);
    expect(noise).toEqual([]);
  });

  it.each(['light', 'dark'] as const)('keeps nobody out: contrasts, names and roles, %s', async (colorScheme) => {
    const { page } = await open('sample', { ...desk, colorScheme });
    expect(await barriers(page)).toEqual([]);
    await cell(page, 'compute-4', 1).click();
    expect(await barriers(page)).toEqual([]);
  });

  it('fits a phone: only the heat map scrolls to the side, and names of nodes stay in sight', async () => {
    const widthOf = (page: Page) => page.evaluate('document.documentElement.scrollWidth');
    expect(await widthOf((await open('hostile', phone)).page)).toBe(375);
    const { page } = await open('sample', phone);
    expect(await widthOf(page)).toBe(375);
    const box = page.locator('#map > .box');
    await box.evaluate((element) => {
      element.scrollLeft = 150;
    });
    expect(await box.evaluate(({ scrollLeft }) => scrollLeft)).toBe(150);
    const name = page.locator('#grid tbody th').first();
    expect((await name.boundingBox())?.x).toBe((await box.boundingBox())?.x);
    await cell(page, 'compute-4', 1).tap();
    expect((await detail(page).boundingBox())?.width).toBe(375);
    expect(await widthOf(page)).toBe(375);
  });

  it('prints every finding without a click, on white, and the heat map where it is small', async () => {
    const { page } = await open('sample', { ...desk, colorScheme: 'dark' });
    const file = join(folder, 'sample.pdf');
    await page.pdf({ path: file, format: 'A4' });
    const printed = squeezed(execFileSync('pdftotext', [file, '-'], { encoding: 'utf8' }));
    for (const { what, evidence } of sampleReport.findings) {
      expect(printed).toContain(squeezed(what));
      expect(printed).toContain(squeezed(evidence[0]?.command ?? ''));
    }
    expect(printed).toContain('ceph-osd-4');
    await page.emulateMedia({ media: 'print' });
    expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(255, 255, 255)');
    const large = await open('large');
    await large.page.emulateMedia({ media: 'print' });
    expect(await large.page.locator('#map').isVisible()).toBe(false);
  });

  it('is a list of findings without scripts', async () => {
    const { page } = await open('sample', { ...desk, javaScriptEnabled: false });
    expect(await page.getByText('compute-17 cannot be reached').isVisible()).toBe(true);
    expect(await page.locator('#filters').isVisible()).toBe(false);
    expect(await page.locator('#map').isVisible()).toBe(false);
    await page.locator('summary').first().click();
    expect(await page.getByText('the root filesystem of compute-22 is').isVisible()).toBe(true);
  });

  it('opens within two seconds with a thousand nodes and thirty checks, and shows those with findings first', async () => {
    const took: number[] = [];
    for (let attempt = 0; attempt < 3 && !took.some((ms) => ms < 2_000); attempt++) {
      const started = performance.now();
      const { page } = await open('large');
      await page.evaluate('new Promise((resolve) => requestAnimationFrame(resolve))');
      took.push(performance.now() - started);
    }
    expect(Math.min(...took)).toBeLessThan(2_000);

    const { page } = await open('large');
    expect(await page.locator('#grid tbody tr:not([hidden])').count()).toBe(
      new Set(largeSample().report.findings.map(({ node }) => node)).size,
    );
    await page.getByLabel('Only nodes with findings').uncheck();
    expect(await page.locator('#grid tbody tr:not([hidden])').count()).toBe(1_000);
    await page.getByLabel('Node', { exact: true }).fill('compute-77');
    expect(await page.locator('#grid tbody tr:not([hidden])').count()).toBe(11);
  });
});

/** Lines of a PDF break anywhere, and its letters may be joined. */
const squeezed = (text: string): string => text.normalize('NFKC').replace(/\s+/g, '');
