import { runFetch } from './fetch';

runFetch('stl10');
