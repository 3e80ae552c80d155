import { runInstall } from './install';

runInstall('cifar10');
