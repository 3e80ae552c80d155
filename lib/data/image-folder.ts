import type { Tree } from './sources';

const names = { classes: 'wnids.txt', words: 'words.txt', annotations: 'val/val_annotations.txt' };
const trainImage = /^train\/([^/]+)\/images\/\1_\d+\.JPEG$/;
const testImage = /^val\/images\/val_\d+\.JPEG$/;

/** As torchvision's ImageFolder wants them: people move images to `<class>/` or `<class>/images/`. */
const sortedTestImage = /^val\/(?!images\/[^/]+$)([^/]+)\/(?:images\/)?([^/]+)$/;
const sortedTrainImage = /^train\/([^/]+)\/(\1_\d+\.JPEG)$/;

/**
 * Tiny ImageNet's folders: a folder of images for each class of wnids.txt, and images whose classes stand in
 * val_annotations.txt. The unlabeled test images and the boxes are left out: nothing here reads them.
 */
export function imageFolder(size: {
  classes: number;
  perClass: number;
  test: number;
  maxBytes: number;
  diskBytes: number;
}): Tree {
  return {
    landmarks: [names.classes, names.annotations],
    maxBytes: size.maxBytes,
    diskBytes: size.diskBytes,
    needs: (name) => Object.values(names).includes(name) || trainImage.test(name) || testImage.test(name),
    moved: (files) => movedFiles(files),
    problems: (lines, present) => {
      const absent = Object.values(names).filter((name) => !present.has(name));
      if (absent.length > 0) return absent.map((name) => `${name} is missing`);
      const classes = lines(names.classes);
      return [
        ...(new Set(classes).size === size.classes
          ? []
          : [`${names.classes} names ${new Set(classes).size} classes, expected ${size.classes}`]),
        ...annotationProblems(lines(names.annotations), new Set(classes), size.test),
        ...nameProblems(expectedNames(classes, size), present),
      ];
    },
  };
}

function movedFiles(files: readonly string[]): ReturnType<Tree['moved']> {
  const there = new Set(files);
  const moved: ReturnType<Tree['moved']> = new Map();
  const classes: [string, string][] = [];
  for (const path of files) {
    const [, wnid, name] = sortedTestImage.exec(path) ?? [];
    const test = `val/images/${name}`;
    if (wnid !== undefined && testImage.test(test)) {
      classes.push([name, wnid]);
      if (!there.has(test)) moved.set(test, { path });
    }
    const [, ofClass, image] = sortedTrainImage.exec(path) ?? [];
    const train = `train/${ofClass}/images/${image}`;
    if (ofClass !== undefined && !there.has(train)) moved.set(train, { path });
  }
  if (!there.has(names.annotations) && classes.length > 0) {
    const text = classes.map(([name, wnid]) => `${name}\t${wnid}\n`).join('');
    moved.set(names.annotations, { text });
  }
  return moved;
}

function annotationProblems(rows: string[], classes: Set<string>, count: number): string[] {
  const entries = rows.map((row) => row.split('\t'));
  const annotated = new Set(entries.map(([file]) => file));
  const missing = Array.from({ length: count }, (_, i) => `val_${i}.JPEG`).find(
    (file) => !annotated.has(file),
  );
  const stray = entries.find(([, wnid]) => !classes.has(wnid));
  return [
    ...(missing ? [`${names.annotations} has no line for ${missing}`] : []),
    ...(stray
      ? [`${names.annotations} gives ${stray[0]} the class ${stray[1]}, which ${names.classes} lacks`]
      : []),
  ];
}

function expectedNames(
  classes: string[],
  { perClass, test }: { perClass: number; test: number },
): Set<string> {
  const expected = new Set(Object.values(names));
  for (const wnid of classes) {
    for (let i = 0; i < perClass; i++) expected.add(`train/${wnid}/images/${wnid}_${i}.JPEG`);
  }
  for (let i = 0; i < test; i++) expected.add(`val/images/val_${i}.JPEG`);
  return expected;
}

/** One sentence for all that is missing, one for all that is too much: there may be thousands. */
function nameProblems(expected: Set<string>, present: ReadonlySet<string>): string[] {
  const others = (count: number) => (count > 1 ? ` and ${count - 1} other files` : '');
  const missing = [...expected].filter((name) => !present.has(name));
  const strange = [...present].filter((name) => !expected.has(name));
  return [
    ...(missing.length > 0 ? [`${missing[0]}${others(missing.length)} missing`] : []),
    ...(strange.length > 0 ? [`${strange[0]}${others(strange.length)} not of the dataset`] : []),
  ];
}
