import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ChartSpec, renderPdf, renderPng, renderSvg, saveFigure } from '../../lib/figures';
import { fontsFor, missingLetters } from '../../lib/figures/fonts';

/** A font of one letter, 猫, which is a square in it; made for this test. */
const squares =
  'AAEAAAAKAIAAAwAgT1MvMkT/wSAAAAEoAAAAYGNtYXDmSI1xAAABlAAAADxnbHlmVT97EgAAAdgAAAAaaGVhZDFgY6QAAACsAAAANmhoZWEHWg' +
  'PYAAAA5AAAACRobXR4CcQAZAAAAYgAAAAMbG9jYQANAA0AAAHQAAAACG1heHAABQAGAAABCAAAACBuYW1lm0NJYAAAAfQAAADwcG9zdARqYXcA' +
  'AALkAAAALAABAAAAAQAA4AzilV8PPPUAAwPoAAAAAOcxD9IAAAAA5zEP0gBkAAADhAMgAAAAAwACAAAAAAAAAAEAAANw/4gAAAPoAGQAZAOEAA' +
  'EAAAAAAAAAAAAAAAAAAAADAAEAAAADAAQAAQAAAAAAAgAAAAAAAAAAAAAAAAAAAAAAAwNBAZAABQAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' +
  'AAAAAAAAAAAAAAABCAAAAAAAAAAAAAAAPz8/PwAAACBzKwNwAAAAAANwAHgAAAAAAAAAAAAAAAAAAAAgAAAD6AAAA+gAZAH0AAAAAAACAAAAAw' +
  'AAABQAAwABAAAAFAAEACgAAAAGAAQAAQACACBzK///AAAAIHMr////4ozWAAEAAAAAAAAAAAAAAA0ADQABAGQAAAOEAyAAAwAAMyERIWQDIPzg' +
  'AyAAAAAAAAAMAJYAAQAAAAAAAQAHAAAAAQAAAAAAAgAHAAcAAQAAAAAAAwAHAAAAAQAAAAAABAAHAAAAAQAAAAAABQABAA4AAQAAAAAABgAPAA' +
  '8AAwABBAkAAQAOAB4AAwABBAkAAgAOACwAAwABBAkAAwAOAB4AAwABBAkABAAOAB4AAwABBAkABQACADoAAwABBAkABgAeADxTcXVhcmVzUmVn' +
  'dWxhcjFTcXVhcmVzLVJlZ3VsYXIAUwBxAHUAYQByAGUAcwBSAGUAZwB1AGwAYQByADEAUwBxAHUAYQByAGUAcwAtAFIAZQBnAHUAbABhAHIAAg' +
  'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAADAAABAgADA2NhdA==';

/** A letter that no font has, and none will: the end of the last plane. */
const nowhere = '\u{16fff}';

const labeled = (text: string): ChartSpec => ({
  $schema: 'https://vega.github.io/schema/vega-lite/v5.json',
  title: { text },
  width: 100,
  height: 100,
  data: { values: [{ x: 1, class: text }] },
  mark: { type: 'point' },
  encoding: { x: { field: 'x', type: 'quantitative' }, y: { field: 'class', type: 'nominal' } },
});

describe("Letters that the figures' own font does not have", () => {
  const saved = { ...process.env };
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'mnn-fonts-'));
    mkdirSync(join(folder, 'fonts'));
    writeFileSync(join(folder, 'fonts', 'squares.ttf'), Buffer.from(squares, 'base64'));
    process.env.XDG_DATA_HOME = folder;
  });

  after(() => {
    if (saved.XDG_DATA_HOME === undefined) delete process.env.XDG_DATA_HOME;
    else process.env.XDG_DATA_HOME = saved.XDG_DATA_HOME;
    rmSync(folder, { recursive: true });
  });

  it('are those of Chinese and Japanese, and none of Greek, Cyrillic and Arabic', async () => {
    assert.deepEqual(await missingLetters('cat 猫猫 ねこ'), ['猫', 'ね', 'こ']);
    assert.deepEqual(await missingLetters('λ кошка قطة –'), []);
  });

  it('are looked for in the fonts of the system', async () => {
    const { fonts, missing } = await fontsFor(['猫', nowhere]);
    assert.equal(fonts.length, 1);
    assert.ok(fonts[0].has('猫'));
    assert.deepEqual(missing, [nowhere]);
  });

  it('are drawn, in PNG and PDF', async () => {
    const dark = async (text: string) => (await renderPng(labeled(text))).length;
    // Boxes would look alike for both letters, and a letter that is nowhere is one.
    assert.notEqual(await dark('猫'), await dark(nowhere));
    const pdf = Buffer.from(await renderPdf(labeled('猫'))).toString('latin1');
    const [{ name }] = (await fontsFor(['猫'])).fonts;
    assert.ok(pdf.includes(name), `${name} is in the PDF`);
  });

  it('have the room that they need', async () => {
    const widthOf = async (text: string) =>
      Number((await renderSvg(labeled(text))).match(/width="(\d+)"/)![1]);
    const ten = (await widthOf('猫'.repeat(11))) - (await widthOf('猫'));
    assert.ok(ten >= 100, `${ten} pixels for ten letters, which are 11 wide`);
  });

  it('are warned of if no font has them', async () => {
    const warnings: string[] = [];
    const save = (text: string) =>
      saveFigure(labeled(text), join(folder, 'figure'), {
        formats: ['png'],
        warn: (line) => warnings.push(line),
      });
    await save('猫');
    assert.deepEqual(warnings, []);
    await save(`猫${nowhere}`);
    assert.match(
      warnings.join(),
      /^No font on this machine has the letters .*: they are drawn as boxes\. Install one/,
    );
  });
});
