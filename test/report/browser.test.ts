import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { presetConfig } from '../../lib/presets/presets';
import { reportPage } from '../../lib/report';
import { paperRecord, recordOf } from '../paper/paper-record';
import { findChromium, startChromium } from './in-browser';

/** MNN and MSF quick, and three seeds of MNN on CIFAR-10 at the paper's scale. */
function records() {
  const quick = (method: string, linearTop1: number) =>
    recordOf(presetConfig({ preset: 'quick', method, dataset: 'patterns10' }), { linearTop1 });
  const paper = [1339, 1340, 1341].map((seed, i) =>
    paperRecord('mnn', 'cifar10', seed, { linearTop1: 91 + i / 10 }),
  );
  return [quick('mnn', 40), quick('msf', 45), ...paper];
}

describe('The report in a browser', function () {
  this.timeout(120_000);
  let folder: string;
  let browser: Browser;
  let page: Page;
  const problems: string[] = [];

  const settled = () => page.evaluate(() => new Promise((done) => setTimeout(done, 50)));

  before(async function () {
    const chromium = findChromium();
    if (chromium === null) {
      console.log('    skipped: no Chromium is installed, or named by CHROMIUM_PATH');
      return this.skip();
    }
    folder = mkdtempSync(join(tmpdir(), 'mnn-report-'));
    writeFileSync(join(folder, 'index.html'), await reportPage(records()));
    browser = await startChromium(chromium);
    page = await browser.newPage({ viewport: { width: 1280, height: 900 }, colorScheme: 'light' });
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) problems.push(message.text());
    });
    page.on('pageerror', (error) => problems.push(String(error)));
    page.on('request', (request) => {
      if (!/^(file|data):/.test(request.url())) problems.push(`asked for ${request.url()}`);
    });
    page.on('requestfailed', (request) => problems.push(`failed: ${request.url()}`));
    await page.goto(pathToFileURL(join(folder, 'index.html')).href);
  });
  beforeEach(async () => {
    await page.evaluate(() => {
      for (const folded of Array.from(document.querySelectorAll('main details')))
        folded.setAttribute('open', '');
    });
    await page.locator('#filters button').click();
    await settled();
  });
  after(async () => {
    await browser?.close();
    if (folder) rmSync(folder, { recursive: true });
  });

  const table = '#table-linear';
  const names = () =>
    page.locator(`${table} tbody[data-line]:not([hidden])`).evaluateAll((lines) =>
      lines.map((line) =>
        Array.from((line as HTMLTableSectionElement).rows[0].cells)
          .slice(1)
          .map((cell) => cell.innerText),
      ),
    );

  it('draws every chart', async () => {
    const figures = await page.locator('figure').count();
    assert.ok(figures >= 4, `${figures} figures`);
    await page.waitForFunction((count) => document.querySelectorAll('.chart svg').length === count, figures);
    const marks = await page
      .locator('.chart svg')
      .evaluateAll((all) => all.map((svg) => svg.querySelectorAll('path').length));
    assert.ok(
      marks.every((count) => count > 5),
      `${marks}`,
    );
  });

  it('sorts by a column, the other way, and back, with what has no number last', async () => {
    const paper = await names();
    const head = page.locator(`${table} table.lines th`, { hasText: 'ours' });
    await head.locator('button').click();
    assert.equal(await head.getAttribute('aria-sort'), 'descending');
    assert.deepEqual(
      (await names()).slice(0, 3).map(([name, dataset]) => [name, dataset]),
      [
        ['MNN', 'CIFAR-10'],
        ['MSF', 'patterns10'],
        ['MNN', 'patterns10'],
      ],
    );
    await head.locator('button').click();
    assert.equal(await head.getAttribute('aria-sort'), 'ascending');
    assert.deepEqual(
      (await names()).slice(0, 2).map(([name]) => name),
      ['MNN', 'MSF'],
    );
    await head.locator('button').click();
    assert.equal(await head.getAttribute('aria-sort'), 'none');
    assert.deepEqual(await names(), paper);
  });

  it('filters tables and figures by dataset and method, says how many lines are left, and shows all again', async () => {
    const all = await names();
    await page.getByLabel('MSF', { exact: true }).check();
    await page.getByLabel('CIFAR-10', { exact: true }).check();
    assert.deepEqual(
      (await names()).map(([name, dataset]) => [name, dataset]),
      [['MSF', 'CIFAR-10']],
    );
    assert.match(await page.locator('#count').innerText(), /^\d+ of \d+ lines/);
    // MSF did not run on CIFAR-10.
    assert.equal(await page.locator('figure:not([hidden])').count(), 0);
    await page.getByLabel('CIFAR-10', { exact: true }).uncheck();
    await settled();
    const texts = await page
      .locator('figure:not([hidden]) .chart svg')
      .evaluateAll((svgs) =>
        svgs.map((svg) => Array.from(svg.querySelectorAll('text')).map((text) => text.textContent)),
      );
    assert.ok(texts.length > 0);
    assert.ok(
      // A panel of the small multiples of losses keeps its title.
      texts.every((words) => words.includes('MSF') && words.filter((word) => word === 'MNN').length < 2),
      JSON.stringify(texts),
    );
    await page.locator('#filters button').click();
    await settled();
    assert.deepEqual(await names(), all);
    await page.getByLabel('only what ran').check();
    assert.ok((await names()).every((cells) => cells.at(-1) !== 'not run'));
  });

  it('unfolds a line, and follows its link to the run, also where a filter hides it', async () => {
    const line = page.locator(`${table} tbody[data-preset="quick"][data-method="mnn"]`);
    const button = line.locator('.unfold');
    assert.equal(await line.locator('.more').isVisible(), false);
    await button.press('Enter');
    assert.equal(await button.getAttribute('aria-expanded'), 'true');
    await line.getByRole('link', { name: 'seed 1339' }).click();
    const run = page.locator('tbody[id^="run-mnn-patterns10"]');
    await run.locator('dl').waitFor({ state: 'visible', timeout: 2000 });
  });

  it('changes the theme of page and charts', async () => {
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const chart = () =>
      page
        .locator('.chart svg')
        .first()
        .evaluate((svg) => getComputedStyle(svg).backgroundColor);
    assert.deepEqual([await ground(), await chart()], ['rgb(255, 255, 255)', 'rgb(255, 255, 255)']);
    const button = page.getByRole('button', { name: 'Dark' });
    await button.click();
    await settled();
    assert.deepEqual([await ground(), await chart()], ['rgb(22, 26, 31)', 'rgb(22, 26, 31)']);
    assert.equal(await button.getAttribute('aria-pressed'), 'true');
    await button.click();
  });

  it('shows the values of a point under the pointer', async () => {
    const point = page.locator('.chart svg .mark-symbol path').first();
    await point.scrollIntoViewIfNeeded();
    await point.hover({ force: true });
    assert.match(await page.locator('#tip').innerText(), /series M\w+\s+kind ours\s+value [\d.]+/);
  });

  it('lets the keyboard reach every control, in the order of the page', async () => {
    await page.getByLabel('only what ran').check();
    const unreached = await page.evaluate(() => {
      const controls = Array.from(
        document.querySelectorAll<HTMLElement>('button, input, a[href], summary, [tabindex="0"]'),
      );
      return controls
        .filter((control) => control.checkVisibility() && control.tabIndex < 0)
        .map((one) => one.outerHTML);
    });
    assert.deepEqual(unreached, []);
    await page.locator('.skip').focus();
    const order: string[] = [];
    for (let i = 0; i < 30; i++) {
      order.push(
        await page.evaluate(
          () =>
            document.activeElement!.textContent ||
            (document.activeElement as HTMLInputElement).value ||
            document.activeElement!.getAttribute('name')!,
        ),
      );
      await page.keyboard.press('Tab');
    }
    assert.deepEqual(order.slice(0, 4), ['To the findings', 'Dark', 'Filters', 'mnn']);
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement!).outlineWidth);
    assert.equal(outline, '3px');
  });

  it('has no finding of axe-core that is serious, in either theme', async () => {
    await page.evaluate(readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8'));
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.getByLabel('only what ran').check();
      await page.locator('.unfold:visible').first().click();
      const findings = await page.evaluate(async () => {
        // biome-ignore lint/suspicious/noExplicitAny: axe-core puts itself there
        const { violations } = await (window as any).axe.run(document, { resultTypes: ['violations'] });
        return (
          violations
            // biome-ignore lint/suspicious/noExplicitAny: of axe-core
            .filter(({ impact }: any) => impact === 'serious' || impact === 'critical')
            // biome-ignore lint/suspicious/noExplicitAny: of axe-core
            .map(({ id, nodes }: any) => `${id}: ${nodes[0].html}`)
        );
      });
      assert.deepEqual(findings, []);
    }
    await page.emulateMedia({ colorScheme: 'light' });
  });

  it('is no wider than a phone, also unfolded', async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    await page.locator('.unfold:visible').first().click();
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
  });

  it('has no error and asks the network for nothing', () => {
    assert.deepEqual(problems, []);
  });
});
