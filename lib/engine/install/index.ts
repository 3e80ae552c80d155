export { type Addon, BuildError, type CompileOptions, compileAddon } from './compile';
export { installedEngines, removeEngine } from './installed';
export { installNative, type NativeInstalled, type NativeOptions } from './native';
export { canInstallNative, diagnoseRungs, type Rung } from './rungs';
export { checkWebgpu } from './webgpu';
