import type { Kernels } from '../kernels/kernels';
import { plainKernels } from '../kernels/plain';

export const webgpuKernels: Kernels = plainKernels;
