import { runFetch } from './fetch';

runFetch('cifar10');
