import { join } from 'node:path';
import { datasetChecksum } from './checksum';
import { type CifarLayout, cifarRecordBytes, decodeCifar } from './cifar-records';
import { findDataset, missingDataset } from './data-folder';
import type { Dataset } from './dataset';
import { checkClassNames, checkInstalled, checkRecords } from './records';
import { sourceOf } from './sources';

const layout: CifarLayout = { source: sourceOf('cifar100'), labelBytes: 2, label: 1 };
const { source } = layout;
const classes = (
  'apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle ' +
  'bowl boy bridge bus butterfly camel can castle caterpillar cattle ' +
  'chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur ' +
  'dolphin elephant flatfish forest fox girl hamster house kangaroo keyboard ' +
  'lamp lawn_mower leopard lion lizard lobster man maple_tree motorcycle mountain ' +
  'mouse mushroom oak_tree orange orchid otter palm_tree pear pickup_truck pine_tree ' +
  'plain plate poppy porcupine possum rabbit raccoon ray road rocket ' +
  'rose sea seal shark shrew skunk skyscraper snail snake spider ' +
  'squirrel streetcar sunflower sweet_pepper table tank telephone television tiger tractor ' +
  'train trout tulip turtle wardrobe whale willow_tree wolf woman worm'
).split(' ');

/**
 * Reads CIFAR-100 from a folder that is or has in it `cifar-100-binary`, the binary version, or `cifar-100-python`, the
 * Python version: the 100 fine classes.
 *
 * Layout (https://www.cs.toronto.edu/~kriz/cifar.html): records of 3,074 bytes, the coarse label, the fine label
 * 0-99, and then 1,024 red, green and blue values, row by row. A subset in the same layout is read too.
 * @throws UserError where files are missing, have a wrong size or hold a wrong label.
 */
export function readCifar100(folder: string): Dataset {
  const found = findDataset(source, folder);
  if (!found) throw missingDataset(source, folder);
  checkInstalled(source, found);
  checkClassNames(source, join(found, 'fine_label_names.txt'), classes);
  const read = (name: string) =>
    decodeCifar(layout, [checkRecords(source, found, name, cifarRecordBytes(layout))]);
  const splits = { train: read('train.bin'), test: read('test.bin') };
  return {
    name: 'cifar100',
    classes: [...classes],
    imageSize: splits.train.size,
    ...splits,
    normalization: { mean: [0.5071, 0.4867, 0.4408], std: [0.2675, 0.2565, 0.2761] },
    checksum: datasetChecksum(splits),
  };
}
