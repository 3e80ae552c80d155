/**
 * Trials for the quick preset: one line of JSON for each run. Seeds that tables use are left alone.
 *
 *   npx tsx bench/preset-search.ts '{"methods":["untrained","mnn"],"options":{"teacherMomentum":0.97}}'
 *   npx tsx bench/preset-search.ts '{"methods":["un-mix"],"seeds":[1337,1338],"override":{"training":{"baseLr":4}}}'
 */
import { startEngine } from '../lib/engine';
import { type PresetOptions, paperSeeds, presetConfig } from '../lib/presets';
import { loadDatasetFor, runExperiment } from '../lib/runs';

interface Trial extends Pick<PresetOptions, 'options' | 'override'> {
  methods: string[];
  seeds: number[];
}

async function main(): Promise<void> {
  const trial: Trial = {
    methods: ['untrained', 'mnn'],
    seeds: [1338],
    ...JSON.parse(process.argv[2] ?? '{}'),
  };
  const { methods, seeds, options, override } = trial;
  const taken = seeds.filter((seed) => paperSeeds.some((paperSeed) => paperSeed === seed));
  if (taken.length > 0)
    throw new Error(`Tables use seed ${taken.join(' and ')}: search on another, such as 1338.`);
  await startEngine();
  for (const method of methods) {
    for (const seed of seeds) {
      const config = presetConfig({
        preset: 'quick',
        method,
        dataset: 'patterns10',
        seed,
        options,
        override,
      });
      const { metrics, curves } = await runExperiment(config, await loadDatasetFor(config), {
        runsFolder: null,
        recordsFolder: null,
      });
      const knn = curves.flatMap(({ knnTop1 }) => (knnTop1 === null ? [] : [Math.round(knnTop1)]));
      console.log(JSON.stringify({ method, seed, options, override, ...metrics, knn }));
    }
  }
}

void main();
