import { runFetch } from './fetch';

runFetch('cifar100');
