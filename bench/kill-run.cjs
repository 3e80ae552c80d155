// One small run for kill.ts, from the compiled library, which starts fastest: node kill-run.cjs <engine> <seed> <folder>
const { join } = require('node:path');
const { presetConfig, loadDatasetFor, runExperiment, startEngine } = require('../lib');

const [engine, seed, folder] = process.argv.slice(2);

async function main() {
  await startEngine({ engine });
  const config = presetConfig({
    preset: 'quick',
    method: 'mnn',
    dataset: 'patterns10',
    seed: Number(seed),
    options: { memoryBank: 32, topK: 2 },
    override: {
      images: { train: 64, test: 20 },
      model: { width: 4, bnSplits: 2, hidden: 16, dim: 8 },
      training: { epochs: 12, batchSize: 16, baseLr: 0.06, warmupEpochs: 1 },
      evaluation: { knnK: 5, knnEvery: 3, linear: { epochs: 2, batchSize: 16, milestones: [1] } },
    },
  });
  await runExperiment(config, await loadDatasetFor(config), {
    runsFolder: join(folder, 'runs'),
    recordsFolder: join(folder, 'records'),
    keepEvery: 5,
    workers: 1,
    onStep: ({ step }) => process.send?.({ step }),
    warn: (warning) => process.send?.({ warning }),
  });
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
