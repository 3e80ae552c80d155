// The order of the rooms: each may use those before it. `npm run structure` checks it.
const { existsSync, readdirSync } = require('node:fs');

/** From the ground floor up; the folders of one line do not know of each other unless they are in this order. */
const rooms = [
  'core',
  'config',
  'results',
  'data',
  'data/install',
  'augment',
  'engine',
  'models',
  'methods',
  'presets',
  'training',
  'evaluation',
  'interchange',
  'runs',
  'paper',
  'sweep',
  'figures',
  'report',
  'notebook',
  'cli',
];

const folder = (room) => `^lib/${room}/`;
/** A room without the rooms in it. */
const own = (room) => ({
  path: folder(room),
  pathNot: rooms.filter((other) => other.startsWith(`${room}/`)).map(folder),
});

module.exports = {
  forbidden: [
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'not-to-tests',
      severity: 'error',
      from: { path: '^lib/' },
      to: { path: '^(test|bench|notebooks)/' },
    },
    ...rooms.map((room, floor) => ({
      name: `${room}-uses-no-later-room`,
      severity: 'error',
      from: own(room),
      to: { path: [...rooms.slice(floor + 1).map(folder), '^lib/index\\.ts$'] },
    })),
    ...rooms
      .filter((room) => existsSync(`lib/${room}/index.ts`))
      .map((room) => ({
        name: `${room}-through-its-index`,
        severity: 'error',
        from: { path: '^lib/', pathNot: [folder(room), '^lib/index\\.ts$'] },
        to: {
          path: folder(room),
          // The kernel is installed and started without what a notebook displays.
          pathNot: [`^lib/${room}/(install/|proof/)?index\\.ts$`, '^lib/notebook/kernel-(spec|server)\\.ts$'],
        },
      })),
    {
      name: 'in-the-order',
      comment: 'a folder of lib that has no place in the order',
      severity: 'error',
      from: {},
      to: {
        path: readdirSync('lib', { withFileTypes: true })
          .filter(
            (e) =>
              e.isDirectory() && e.name !== 'dist' && e.name !== 'node_modules' && !rooms.includes(e.name),
          )
          .map(({ name }) => folder(name))
          .concat('^lib/no-such-folder/'),
      },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['^lib/dist/', '/assembly/'] },
  },
};
