import type { Table } from '../core/table';
import { datasetName } from '../data';
import { methodName } from '../methods';
import {
  hasBank,
  type PaperDataset,
  type PaperSettings,
  paperDatasets,
  paperSettingsTable,
} from '../presets';

/** The paper's settings of each method on a dataset, with what is assumed marked by an asterisk and explained. */
export function methodsTable(dataset: PaperDataset): Table {
  const settings = paperSettingsTable().filter((row) => row.dataset === dataset);
  const reasons = settings.flatMap(({ method, assumed }) =>
    Object.entries(assumed).map(([option, why]) => ({ method, option, why })),
  );
  const texts = [...new Set(reasons.map(({ why }) => why))];
  return {
    columns: [
      { key: 'method', label: 'method', align: 'left' },
      { key: 'views', label: 'views', align: 'left' },
      { key: 'symmetric', label: 'symmetric', align: 'left' },
      { key: 'teacherMomentum', label: 'teacher', align: 'right' },
      { key: 'temperature', label: 'temperature', align: 'right' },
      { key: 'memoryBank', label: 'bank', align: 'right' },
      { key: 'topK', label: 'K', align: 'right' },
      { key: 'dim', label: 'dim', align: 'right' },
      { key: 'others', label: 'others', align: 'left' },
      { key: 'heads', label: 'heads', align: 'left' },
    ],
    rows: settings.map(methodRow),
    notes: [
      `The settings of the comparison on ${datasetName(dataset)}; see also mnn methods for ${paperDatasets
        .filter((other) => other !== dataset)
        .join(', ')}.`,
      ...texts.map((why) => {
        const which = reasons.filter((reason) => reason.why === why);
        const options = [...new Set(which.map(({ option }) => option))].join(', ');
        const methods = [...new Set(which.map(({ method }) => methodName(method)))].join(', ');
        return `* assumed: ${options} of ${methods}: ${why}.`;
      }),
    ],
  };
}

function methodRow(settings: PaperSettings): Table['rows'][number] {
  const { method, views, symmetric, heads, dim, options, assumed } = settings;
  const { teacherMomentum, memoryBank, topK, temperature, ...more } = options;
  const { teacherTemperature, studentTemperature, views: _views, ...rest } = more;
  const marked = (name: string, value: unknown) =>
    value === undefined ? null : `${value}${name in assumed ? '*' : ''}`;
  const temperatures = [teacherTemperature, studentTemperature].filter((value) => value !== undefined);
  const bank = hasBank(options);
  return {
    method: methodName(method),
    views: views.join('/'),
    symmetric: symmetric ? 'yes' : 'no',
    teacherMomentum: marked('teacherMomentum', teacherMomentum),
    temperature: temperature === undefined ? temperatures.join(' / ') || null : String(temperature),
    memoryBank: bank ? marked('memoryBank', memoryBank) : null,
    topK: topK ? String(topK) : null,
    dim: String(dim),
    others:
      bank || topK !== 0
        ? Object.entries(rest)
            .map(([name, value]) => `${name} ${marked(name, value)}`)
            .join(', ')
        : null,
    heads,
  };
}
