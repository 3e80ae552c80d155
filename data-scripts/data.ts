import { runFetch } from './fetch';

// npm run data -- <dataset> [options]
const [name = '--help', ...options] = process.argv.slice(2);
runFetch(name, options);
